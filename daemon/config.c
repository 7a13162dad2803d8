#include "config.h"

#include "address.h"
#include "base/mem.h"
#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { RESTART, RELOAD };

static const struct option {
    const char *section, *name;
    enum config_kind kind;
    const char *standard;
    int64_t least, most;
    int when;
    const char *help;
    size_t at;
} options[] = {
#define O(section, name, kind, standard, least, most, when, help)                                  \
    {#section, #name, CONFIG_##kind,                                                               \
     standard, least, most,                                                                        \
     when,     help,  offsetof(struct config, section##_##name)},
    CONFIG_OPTIONS(O)
#undef O
};
enum { N_OPTIONS = sizeof options / sizeof *options };

static const struct unit {
    enum config_kind kind;
    const char *name;
    double factor;
} units[] = {
    {CONFIG_SECONDS, "ms", 1},
    {CONFIG_SECONDS, "s", 1e3},
    {CONFIG_SECONDS, "m", 60e3},
    {CONFIG_SECONDS, "h", 3600e3},
    {CONFIG_SECONDS, "d", 86400e3},
    {CONFIG_BYTES, "KiB", 1 << 10},
    {CONFIG_BYTES, "MiB", 1 << 20},
    {CONFIG_BYTES, "GiB", 1 << 30},
    {CONFIG_BYTES, "TiB", INT64_C(1) << 40},
    {CONFIG_COUNT, "", 1},
};

/* What a person is told that an option expects. */
static const char *const expected[] = {
    [CONFIG_PATH] = "a path",
    [CONFIG_TEXT] = "a text",
    [CONFIG_SECONDS] = "a duration such as 250ms, 30s, 30m, 24h or 7d",
    [CONFIG_BYTES] = "a size such as 64KiB, 16MiB or 64GiB",
    [CONFIG_COUNT] = "a number",
    [CONFIG_LEVEL] = "error, warning, info or debug",
    [CONFIG_SWITCH] = "yes or no",
    [CONFIG_ENDPOINT] = "an address and a port such as 127.0.0.1:8787 or [::1]:8787, or none",
    [CONFIG_MODE] = "permissions in octal such as 0660",
};

static bool is_text(enum config_kind kind)
{
    return kind == CONFIG_PATH || kind == CONFIG_TEXT || kind == CONFIG_NETWORKS ||
           kind == CONFIG_ENDPOINT || kind == CONFIG_PLACE;
}

static struct config_value *value_of(const struct config *c, const struct option *o)
{
    return (struct config_value *)((uintptr_t)c + o->at);
}

static bool parse_number(const struct option *o, const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || !isdigit((unsigned char)*text) || strpbrk(text, "xX") || errno ||
        !isfinite(value))
        return false;
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].kind == o->kind && !strcasecmp(units[i].name, end)) {
            value *= units[i].factor;
            *out = value < 9e18 && value > -9e18 ? llround(value) : INT64_MAX;
            return true;
        }
    return false;
}

bool config_duration(const char *text, int64_t *ms)
{
    static const struct option duration = {.kind = CONFIG_SECONDS};
    return parse_number(&duration, text, ms);
}

/* The greatest unit that divides it: how a person would write it. */
static void print_number(const struct option *o, int64_t number, struct buf *out)
{
    const struct unit *best = NULL;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].kind == o->kind && (!best || number % (int64_t)units[i].factor == 0))
            best = &units[i];
    buf_addf(out, "%" PRId64 "%s", number / (int64_t)best->factor, best->name);
}

static bool parse(const struct option *o, const char *text, int64_t *out)
{
    if (o->kind == CONFIG_LEVEL)
        return log_level_by_name(text, out);
    if (o->kind == CONFIG_MODE) {
        *out = strtol(text, NULL, 8);
        return *text && !text[strspn(text, "01234567")] && *out <= 0777;
    }
    if (o->kind != CONFIG_SWITCH)
        return parse_number(o, text, out);
    *out = !strcasecmp(text, "yes");
    return *out || !strcasecmp(text, "no");
}

/* False with the reason in `error`. */
static bool set(const struct option *o, const char *text, struct config_value *v, struct buf *error)
{
    if (is_text(o->kind)) {
        struct address_list list;
        struct sockaddr_storage endpoint;
        if (o->kind == CONFIG_PATH && !*text) {
            buf_addf(error, "%s is empty; expected %s", o->name, expected[o->kind]);
            return false;
        }
        if (o->kind == CONFIG_NETWORKS && !address_list_read(text, &list, error))
            return false;
        if (o->kind == CONFIG_ENDPOINT && strcmp(text, "none") != 0 &&
            !address_endpoint(text, &endpoint)) {
            buf_addf(error, "%s = %s; expected %s", o->name, text, expected[o->kind]);
            return false;
        }
        free(v->text);
        v->text = mem_str(text);
        return true;
    }
    if (!parse(o, text, &v->number)) {
        buf_addf(error, "%s = %s; expected %s", o->name, text, expected[o->kind]);
        return false;
    }
    bool ranged = o->kind != CONFIG_LEVEL && o->kind != CONFIG_SWITCH && o->kind != CONFIG_MODE;
    if (ranged && (v->number < o->least || v->number > o->most)) {
        buf_addf(error, "%s = %s is out of range; expected ", o->name, text);
        print_number(o, o->least, error);
        buf_adds(error, " to ");
        print_number(o, o->most, error);
        return false;
    }
    return true;
}

static void set_defaults(struct config *c)
{
    *c = (struct config){0};
    struct buf error;
    buf_init(&error, 4096);
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (!set(&options[i], options[i].standard, value_of(c, &options[i]), &error))
            abort(); /* a default that its own row refuses */
}

struct reading {
    struct config *config;
    struct buf why; /* of the first line refused */
};

static void list_names(const char *section, struct buf *out)
{
    bool known = false;
    for (size_t i = 0; i < N_OPTIONS; i++)
        known |= !strcmp(options[i].section, section);
    const char *before = "; expected ", *last = "";
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const char *name = known ? options[i].name : options[i].section;
        if ((known && strcmp(options[i].section, section)) || !strcmp(last, name))
            continue;
        buf_addf(out, known ? "%s%s" : "%s[%s]", before, name);
        before = ", ";
        last = name;
    }
}

static int take_line(void *arg, const char *section, const char *name, const char *value)
{
    struct reading *r = arg;
    if (r->why.len)
        return 0; /* the first fault is told */
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (!strcmp(options[i].section, section) && !strcmp(options[i].name, name))
            return set(&options[i], value, value_of(r->config, &options[i]), &r->why);
    buf_addf(&r->why, "there is no option %s in [%s]", name, section);
    list_names(section, &r->why);
    return 0;
}

/* A relative path in a file starts at the file's folder. */
static void resolve_paths(const char *file, struct config *c)
{
    const char *slash = strrchr(file, '/');
    for (size_t i = 0; slash && i < N_OPTIONS; i++) {
        struct config_value *v = value_of(c, &options[i]);
        if (options[i].kind != CONFIG_PATH && options[i].kind != CONFIG_PLACE)
            continue;
        if (*v->text == '/' || !*v->text ||
            (options[i].kind == CONFIG_PLACE && !strcmp(v->text, "none")))
            continue;
        struct buf b;
        buf_init(&b, 1 << 16);
        buf_add(&b, file, (size_t)(slash - file) + 1);
        buf_adds(&b, v->text);
        free(v->text);
        v->text = buf_take(&b);
    }
}

bool config_read(const char *path, struct config *out, struct buf *error)
{
    set_defaults(out);
    if (!path)
        return true;
    struct reading r = {.config = out};
    buf_init(&r.why, 4096);
    int line = ini_parse(path, take_line, &r);
    if (line == -1)
        buf_addf(error, "%s: %s", path, strerror(errno));
    else if (line < 0)
        buf_addf(error, "%s: out of memory", path);
    else if (line > 0)
        buf_addf(error, "%s:%d: %s", path, line,
                 r.why.len ? buf_text(&r.why)
                           : "neither [section] nor name = value; a line has at most 199 bytes");
    buf_free(&r.why);
    if (line != 0) {
        config_free(out);
        return false;
    }
    resolve_paths(path, out);
    return true;
}

void config_free(struct config *c)
{
    for (size_t i = 0; i < N_OPTIONS; i++)
        free(value_of(c, &options[i])->text);
    *c = (struct config){0};
}

void config_sample(struct buf *out)
{
    buf_adds(out,
             "# storyd's configuration: every option at its default. storyd.conf(5) tells more.\n"
             "# After a change: systemctl reload storyd (what needs a restart says so).\n");
    const char *section = "";
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct option *o = &options[i];
        if (strcmp(section, o->section) != 0)
            buf_addf(out, "\n[%s]\n", section = o->section);
        buf_addf(out, "# %s", o->help);
        if (o->kind == CONFIG_SECONDS || o->kind == CONFIG_BYTES || o->kind == CONFIG_COUNT) {
            buf_adds(out, " From ");
            print_number(o, o->least, out);
            buf_adds(out, " to ");
            print_number(o, o->most, out);
            buf_addc(out, '.');
        }
        buf_adds(out, o->when == RESTART ? " Needs a restart.\n" : "\n");
        buf_addf(out, "#%s = %s\n", o->name, o->standard);
    }
}

const char *config_needs_restart(const struct config *from, const struct config *to)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct config_value *a = value_of(from, &options[i]), *b = value_of(to, &options[i]);
        bool same = is_text(options[i].kind) ? !strcmp(a->text, b->text) : a->number == b->number;
        if (!same && options[i].when == RESTART)
            return options[i].name;
    }
    return NULL;
}
