/* Reads, validates and prints the configuration from the option tables in config.h. Used by
 * storyd.c at the start and at a reload. */
#define _GNU_SOURCE /* memrchr */
#include "config.h"

#include "net/address.h"
#include "base/edits.h"
#include "base/mem.h"
#include "base/quantity.h"
#include "base/utf8.h"
#include "digest/prompt.h"
#include "log.h"
#include "ingest/wanted.h"
#include "net/login.h"
#include "net/proxy.h"
#include "poll/hub_list.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

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
static const struct option alert_options[] = {
#define O(section, name, kind, standard, least, most, when, help)                                  \
    {#section, #name, CONFIG_##kind,                                                               \
     standard, least, most,                                                                        \
     when,     help,  offsetof(struct config_alert, name)},
    CONFIG_ALERT_OPTIONS(O)
#undef O
};
static const struct option digest_options[] = {
#define O(section, name, kind, standard, least, most, when, help)                                  \
    {#section, #name, CONFIG_##kind,                                                               \
     standard, least, most,                                                                        \
     when,     help,  offsetof(struct config_digest, name)},
    CONFIG_DIGEST_OPTIONS(O)
#undef O
};
static const struct option publisher_options[] = {
#define O(section, name, kind, standard, least, most, when, help)                                  \
    {#section, #name, CONFIG_##kind,                                                               \
     standard, least, most,                                                                        \
     when,     help,  offsetof(struct config_publisher, name)},
    CONFIG_PUBLISHER_OPTIONS(O)
#undef O
};
enum {
    N_OPTIONS = sizeof options / sizeof *options,
    N_ALERT_OPTIONS = sizeof alert_options / sizeof *alert_options,
    N_DIGEST_OPTIONS = sizeof digest_options / sizeof *digest_options,
    N_PUBLISHER_OPTIONS = sizeof publisher_options / sizeof *publisher_options,
    MAX_NAME = 40, /* inih truncates section names to 49 bytes */
    MAX_SECRET = 1024,
    MAX_LINE = 198, /* inih's limit, without the line end */
    MAX_MEMBER = 60,
};
static const char variable_prefix[] = "STORYD_", file_suffix[] = "_FILE";

/* The sections [KIND NAME]. Their structs begin with the name. */
enum { ALERTS, DIGESTS, PUBLISHERS, NAMED };
static const struct named_section {
    const char *prefix, *title;
    const struct option *options;
    size_t n, size;     /* of options; of the struct */
    size_t list, count; /* where struct config has their array and its length */
    const char *help;
} named[NAMED] = {
    [ALERTS] = {"alert ", "[alert NAME]", alert_options, N_ALERT_OPTIONS,
                sizeof(struct config_alert), offsetof(struct config, alerts),
                offsetof(struct config, n_alerts),
                "An event that meets all\n# conditions of a section triggers its actions, once."},
    [DIGESTS] = {"digest ", "[digest NAME]", digest_options, N_DIGEST_OPTIONS,
                 sizeof(struct config_digest), offsetof(struct config, digests),
                 offsetof(struct config, n_digests),
                 "The top events since\n# the last one that meet all conditions are mailed."},
    [PUBLISHERS] = {"publisher ", "[publisher NAME]", publisher_options, N_PUBLISHER_OPTIONS,
                    sizeof(struct config_publisher), offsetof(struct config, publishers),
                    offsetof(struct config, n_publishers),
                    "A publisher of that\n# name may submit articles."},
};

/* Other variables with that prefix; those that end with * are beginnings. */
static const char *const other_variables[] = {
    "STORYD_DB",    /* storyctl */
    "STORYD_URL",   /* storyctl */
    "STORYD_BUILD", /* the tests */
    "STORYD_PORT*", /* Kubernetes sets these two for a service of the name storyd */
    "STORYD_SERVICE_*",
};

/* For error messages: "expected ...". */
static const char *const expected[] = {
    [CONFIG_PATH] = "a path",
    [CONFIG_SOURCE] = "a path, or an address that begins with http:// or https://",
    [CONFIG_TEXT] = "a text",
    [CONFIG_SECONDS] = "a duration such as 250ms, 30s, 30m, 24h or 7d",
    [CONFIG_AGE] = "a duration such as 30d or 365d, or forever",
    [CONFIG_BYTES] = "a size such as 64KiB, 16MiB or 64GiB",
    [CONFIG_COUNT] = "a number",
    [CONFIG_SHARE] = "a number of percent such as 20%",
    [CONFIG_LEVEL] = "error, warning, info or debug",
    [CONFIG_PAGES] = "off, events or all",
    [CONFIG_FORMAT] = "storyd, slack, teams, discord, matrix, ntfy or mattermost",
    [CONFIG_PERIOD] = "day or week",
    [CONFIG_ROLE] = "all, fetch, engine or replica",
    [CONFIG_TIME] = "a time such as 07:00",
    [CONFIG_SWITCH] = "yes or no, on or off",
    [CONFIG_ENDPOINT] = "an address and a port such as 127.0.0.1:8787 or [::1]:8787, or none",
    [CONFIG_MODE] = "permissions in octal such as 0660",
    [CONFIG_WEB] = "an address that begins with http:// or https://",
    [CONFIG_HOOK] = "an address that begins with http:// or https://",
};

static bool is_text_kind(enum config_kind kind)
{
    return kind == CONFIG_PATH || kind == CONFIG_SOURCE || kind == CONFIG_TEXT ||
           kind == CONFIG_NETWORKS || kind == CONFIG_ENDPOINT || kind == CONFIG_PLACE ||
           kind == CONFIG_SECRET || kind == CONFIG_WEB || kind == CONFIG_HOOK ||
           kind == CONFIG_PROXY || kind == CONFIG_LIST || kind == CONFIG_WORDS;
}

/* The separator for options that accumulate over several lines; NULL: the last line wins. */
static const char *between(enum config_kind kind)
{
    return kind == CONFIG_NETWORKS || kind == CONFIG_LIST ? ", "
           : kind == CONFIG_WORDS                         ? " "
                                                          : NULL;
}

static bool is_web_address(const char *text)
{
    return !strncasecmp(text, "http://", 7) || !strncasecmp(text, "https://", 8);
}

/* `of` is the struct config or config_alert that holds the option. */
static struct config_value *value_of_option(const void *of, const struct option *o)
{
    return (struct config_value *)((uintptr_t)of + o->at);
}

static const struct quantity_unit shares[] = {{"%", 1}, {0}};

static const struct quantity_unit *units_of(enum config_kind kind)
{
    return kind == CONFIG_SECONDS || kind == CONFIG_AGE ? quantity_durations
           : kind == CONFIG_BYTES                       ? quantity_sizes
           : kind == CONFIG_SHARE                       ? shares
                                                        : quantity_counts;
}

static bool is_quantity(enum config_kind kind)
{
    return kind == CONFIG_SECONDS || kind == CONFIG_AGE || kind == CONFIG_BYTES ||
           kind == CONFIG_COUNT || kind == CONFIG_SHARE;
}

enum { SECRET_NOTHING, SECRET_KEY, SECRET_TOKEN, SECRET_NEEDED_TOKEN };

static const struct {
    const char *name;
    int secret;
} format_rows[FORMAT_COUNT] = {
#define F(symbol, name, secret) {name, SECRET_##secret},
    CONFIG_FORMATS(F)
#undef F
};

static bool parse_format(const char *text, int64_t *out)
{
    for (*out = 0; *out < FORMAT_COUNT; ++*out)
        if (!strcmp(format_rows[*out].name, text))
            return true;
    return false;
}

static const char *const role_names[ROLE_COUNT] = {[ROLE_ALL] = "all",
                                                   [ROLE_FETCH] = "fetch",
                                                   [ROLE_ENGINE] = "engine",
                                                   [ROLE_REPLICA] = "replica"};

static bool parse_role(const char *text, int64_t *out)
{
    for (*out = 0; *out < ROLE_COUNT; ++*out)
        if (!strcmp(role_names[*out], text))
            return true;
    return false;
}

/* "7:00" to "23:59" in minutes. */
static bool parse_time(const char *text, int64_t *out)
{
    int hours, minutes, n = 0;
    if (!isdigit((unsigned char)*text) || sscanf(text, "%2d:%n%2d", &hours, &n, &minutes) != 2 ||
        !isdigit((unsigned char)text[n]) || !isdigit((unsigned char)text[n + 1]) || text[n + 2] ||
        hours > 23 || minutes > 59)
        return false;
    *out = hours * 60 + minutes;
    return true;
}

static bool is_forever(const struct option *o, const char *text)
{
    return o->kind == CONFIG_AGE && !strcasecmp(text, "forever");
}

static bool parse(const struct option *o, const char *text, int64_t *out)
{
    if (is_forever(o, text)) {
        *out = 0;
        return true;
    }
    if (o->kind == CONFIG_LEVEL)
        return log_level_by_name(text, out);
    if (o->kind == CONFIG_PAGES) {
        *out = wanted_mode(text);
        return *out < WANTED_MODE_COUNT;
    }
    if (o->kind == CONFIG_FORMAT)
        return parse_format(text, out);
    if (o->kind == CONFIG_ROLE)
        return parse_role(text, out);
    if (o->kind == CONFIG_TIME)
        return parse_time(text, out);
    if (o->kind == CONFIG_PERIOD) {
        *out = !strcmp(text, "week") ? PERIOD_WEEK : PERIOD_DAY;
        return *out == PERIOD_WEEK || !strcmp(text, "day");
    }
    if (o->kind == CONFIG_MODE) {
        *out = strtol(text, NULL, 8);
        return *text && !text[strspn(text, "01234567")] && *out <= 0777;
    }
    if (o->kind != CONFIG_SWITCH)
        return quantity_read(units_of(o->kind), text, out);
    *out = !strcasecmp(text, "yes") || !strcasecmp(text, "on");
    return *out || !strcasecmp(text, "no") || !strcasecmp(text, "off");
}

/* On failure returns false with the reason in `error`. */
static bool set_number_value(const struct option *o, const char *text, struct config_value *v,
                             struct buf *error)
{
    if (!parse(o, text, &v->number)) {
        buf_addf(error, "invalid value \"%s\" for %s; expected %s", text, o->name,
                 expected[o->kind]);
        return false;
    }
    bool ranged = is_quantity(o->kind) && !is_forever(o, text);
    if (ranged && (v->number < o->least || v->number > o->most)) {
        buf_addf(error, "%s = %s is out of range; expected ", o->name, text);
        quantity_write(units_of(o->kind), o->least, error);
        buf_adds(error, " to ");
        quantity_write(units_of(o->kind), o->most, error);
        return false;
    }
    return true;
}

/* On failure returns false with the reason in `error`. */
static bool set_value(const struct option *o, const char *text, struct config_value *v,
                      struct buf *error)
{
    if (is_text_kind(o->kind)) {
        struct address_list list;
        struct sockaddr_storage endpoint;
        if ((o->kind == CONFIG_PATH || o->kind == CONFIG_SOURCE) && !*text) {
            buf_addf(error, "%s is empty; expected %s", o->name, expected[o->kind]);
            return false;
        }
        if (o->kind == CONFIG_NETWORKS && !address_list_read(text, &list, error))
            return false;
        if (o->kind == CONFIG_ENDPOINT && strcmp(text, "none") != 0 &&
            !address_endpoint(text, &endpoint)) {
            buf_addf(error, "invalid value \"%s\" for %s; expected %s", text, o->name,
                     expected[o->kind]);
            return false;
        }
        if ((o->kind == CONFIG_WEB || o->kind == CONFIG_HOOK) && *text && !is_web_address(text)) {
            buf_addf(error, "invalid value \"%s\" for %s; expected %s", text, o->name,
                     expected[o->kind]);
            return false;
        }
    } else if (!set_number_value(o, text, v, error)) {
        return false;
    }
    free(v->text);
    v->text = mem_str(text);
    return true;
}

static void set_defaults(void *of, const struct option *all, size_t n)
{
    struct buf error;
    buf_init(&error, 4096);
    for (size_t i = 0; i < n; i++)
        if (!set_value(&all[i], all[i].standard, value_of_option(of, &all[i]), &error))
            abort(); /* an invalid default in the table */
}

struct config_reading {
    struct config *config;
    enum config_layer layer;
    const char *path;
    FILE *file;
    int line;
    const char *where; /* the variable or the option that is being read */
    struct buf why;    /* the first error */
};

static bool is_section(const struct option *o, const char *section)
{
    return !strcmp(o->section, section);
}

/* The kind of [KIND NAME], or NULL. */
static const struct named_section *named_of(const char *section)
{
    for (size_t i = 0; i < NAMED; i++)
        if (!strncmp(section, named[i].prefix, strlen(named[i].prefix)) &&
            section[strlen(named[i].prefix)])
            return &named[i];
    return NULL;
}

/* Lists the options of the section, or all sections if it is unknown. */
static void list_names(const char *section, struct buf *out)
{
    const struct named_section *s = named_of(section);
    const struct option *all = s ? s->options : options;
    size_t n = s ? s->n : N_OPTIONS;
    bool known = s;
    for (size_t i = 0; i < n; i++)
        known |= is_section(&all[i], section);
    const char *before = "; expected ", *last = "";
    for (size_t i = 0; i < n; i++) {
        const char *name = known ? all[i].name : all[i].section;
        if ((known && !s && !is_section(&all[i], section)) || !strcmp(last, name))
            continue;
        buf_addf(out, known ? "%s%s" : "%s[%s]", before, name);
        before = ", ";
        last = name;
    }
    for (size_t i = 0; !known && i < NAMED; i++)
        buf_addf(out, ", %s", named[i].title);
}

/* Finds or creates the struct of that name. NULL if there are too many, or the name is invalid. */
static void *find_named(struct config *c, const struct named_section *s, const char *name)
{
    size_t *n = (size_t *)((char *)c + s->count);
    char *at = (char *)c + s->list, *list, *own;
    memcpy(&list, at, sizeof list);
    for (size_t i = 0; i < *n; i++) {
        memcpy(&own, list + i * s->size, sizeof own);
        if (!strcmp(own, name))
            return list + i * s->size;
    }
    if (*n == CONFIG_MAX_NAMED || strlen(name) > MAX_NAME || !utf8_valid(name, strlen(name)))
        return NULL;
    list = mem_resize(list, (*n + 1) * s->size);
    memcpy(at, &list, sizeof list);
    list += (*n)++ * s->size;
    memset(list, 0, s->size);
    own = mem_str(name);
    memcpy(list, &own, sizeof own);
    set_defaults(list, s->options, s->n);
    return list;
}

/* "FILE:LINE", or the variable or the option. */
static char *where_now(const struct config_reading *r)
{
    struct buf b;
    buf_init(&b, CONFIG_MAX_PATH + 256);
    if (r->layer == CONFIG_FILE)
        buf_addf(&b, "%s:%d", r->path, r->line);
    else
        buf_adds(&b, r->where);
    return buf_take(&b);
}

/* Lines of one list accumulate; a later layer replaces the list of an earlier one. */
static int take_value(struct config_reading *r, const struct option *o, struct config_value *v,
                      const char *text)
{
    enum { MOST = 64 << 10 }; /* bytes, all lines together */
    const char *sep =
        v->layer == r->layer && *text ? between(o->kind) : NULL; /* an empty line clears it */
    struct buf all;
    buf_init(&all, MOST);
    bool fits = !sep || buf_addf(&all, "%s%s%s", v->text, *v->text ? sep : "", text);
    if (!fits)
        buf_addf(&r->why, "%s is too long with this line; expected at most 64 KiB in total",
                 o->name);
    bool ok = fits && set_value(o, sep ? buf_text(&all) : text, v, &r->why);
    v->layer = r->layer;
    free(v->where);
    v->where = where_now(r);
    buf_free(&all);
    return ok;
}

static int take_config_line(void *arg, const char *section, const char *name, const char *value)
{
    struct config_reading *r = arg;
    if (r->why.len)
        return 0; /* only the first error is reported */
    const struct named_section *s = named_of(section);
    const struct option *all = s ? s->options : options;
    size_t n = s ? s->n : N_OPTIONS;
    void *of = s ? find_named(r->config, s, section + strlen(s->prefix)) : r->config;
    if (!of) {
        buf_addf(&r->why,
                 "[%s]: too many sections of this kind, or an invalid name; expected at most %d "
                 "%ss, with UTF-8 names of at most %d bytes",
                 section, CONFIG_MAX_NAMED, s->options->section, MAX_NAME);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        if ((s || is_section(&all[i], section)) && !strcmp(all[i].name, name))
            return take_value(r, &all[i], value_of_option(of, &all[i]), value);
    buf_addf(&r->why, "unknown option \"%s\" in [%s]", name, section);
    list_names(section, &r->why);
    return 0;
}

static bool is_path_kind(enum config_kind kind)
{
    return kind == CONFIG_PATH || kind == CONFIG_SOURCE || kind == CONFIG_PLACE ||
           kind == CONFIG_SECRET;
}

static bool is_relative_path(const struct option *o, const char *text)
{
    if (!is_path_kind(o->kind) || !*text || *text == '/')
        return false;
    return o->kind == CONFIG_SOURCE ? !is_web_address(text)
                                    : o->kind == CONFIG_PATH || strcmp(text, "none") != 0;
}

/* Relative paths are relative to the folder of the configuration file. */
static void resolve_paths(const char *file, void *of, const struct option *all, size_t n)
{
    const char *slash = strrchr(file, '/');
    for (size_t i = 0; slash && i < n; i++) {
        struct config_value *v = value_of_option(of, &all[i]);
        if (!is_relative_path(&all[i], v->text))
            continue;
        struct buf b;
        buf_init(&b, 1 << 16);
        buf_add(&b, file, (size_t)(slash - file) + 1);
        buf_adds(&b, v->text);
        free(v->text);
        v->text = buf_take(&b);
    }
}

/* Reads the file without trailing white space. On failure returns false with errno set, 0 if the
 * file is empty. */
static bool read_secret(const char *path, char **out)
{
    char text[MAX_SECRET + 2];
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, MAX_SECRET + 1, f);
    int error = ferror(f) ? errno : n > MAX_SECRET ? EFBIG : 0;
    fclose(f);
    errno = error;
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    text[n] = 0;
    if (error || !n)
        return false;
    *out = mem_str(text);
    return true;
}

/* Whether it is one word without control characters, as in a header. */
static bool is_one_word(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return false;
    return true;
}

/* What the format expects of the webhook and its secret. */
static void check_format(const char *file, const struct config_alert *a, struct buf *error)
{
    static const char room[] = "/send/m.room.message";
    const char *url = a->webhook.text, *format = format_rows[a->format.number].name;
    int secret = format_rows[a->format.number].secret;
    size_t n = strlen(url);
    if (a->secret && secret == SECRET_NOTHING)
        buf_addf(error,
                 "%s: [alert %s] has a webhook_secret, which format %s does not use; remove it",
                 file, a->name, format);
    else if (a->secret && secret != SECRET_KEY && !is_one_word(a->secret))
        buf_addf(
            error,
            "%s: [alert %s] invalid token in webhook_secret; expected one word without control "
            "characters",
            file, a->name);
    else if (!a->secret && secret == SECRET_NEEDED_TOKEN)
        buf_addf(error,
                 "%s: [alert %s] has no webhook_secret; format %s requires a file with an access "
                 "token",
                 file, a->name, format);
    else if (a->format.number == FORMAT_MATRIX &&
             (n < strlen(room) || strcmp(url + n - strlen(room), room) != 0))
        buf_addf(error,
                 "%s: [alert %s] invalid webhook for format matrix; expected "
                 "https://SERVER/_matrix/client/v3/rooms/ROOM%s",
                 file, a->name, room);
}

/* Checks that involve several lines. */
static bool check_alert_section(const char *file, struct config_alert *a, struct buf *error)
{
    resolve_paths(file, a, alert_options, N_ALERT_OPTIONS);
    if (!*a->webhook.text && !*a->command.text && !*a->mail.text)
        buf_addf(error, "%s: [alert %s] has no action; expected webhook, command or mail", file,
                 a->name);
    const char *secret = a->webhook_secret.text;
    if (*secret && !read_secret(secret, &a->secret))
        buf_addf(error, "%s: [alert %s] cannot read webhook_secret %s: %s", file, a->name, secret,
                 errno ? strerror(errno) : "it is empty; expected a key");
    if (!error->len)
        check_format(file, a, error);
    return !error->len;
}

static bool check_digest_section(const char *file, const struct config_digest *d, struct buf *error)
{
    if (!*d->mail.text)
        buf_addf(error, "%s: [digest %s] has no mail; expected mail addresses", file, d->name);
    return !error->len;
}

/* A token tells publishers apart, so no two may have the same. */
static bool check_publisher_section(const char *file, const struct config *c, size_t at,
                                    struct buf *error)
{
    enum { MIN_TOKEN = 16, MAX_TOKEN = 256 };
    struct config_publisher *p = &c->publishers[at];
    resolve_paths(file, p, publisher_options, N_PUBLISHER_OPTIONS);
    const char *path = p->token.text;
    if (!*p->home.text || !*path)
        buf_addf(error, "%s: [publisher %s] has no %s; expected %s", file, p->name,
                 *path ? "home" : "token",
                 *path ? "the address of the publisher's site" : "a file with a token");
    else if (!read_secret(path, &p->secret))
        buf_addf(error, "%s: [publisher %s] cannot read token %s: %s", file, p->name, path,
                 errno ? strerror(errno) : "it is empty; expected a token");
    else if (!is_one_word(p->secret) || strlen(p->secret) < MIN_TOKEN ||
             strlen(p->secret) > MAX_TOKEN)
        buf_addf(error,
                 "%s: [publisher %s] invalid token in %s; expected one line of %d to %d printable "
                 "characters without blanks, such as the output of `openssl rand -hex 32`",
                 file, p->name, path, MIN_TOKEN, MAX_TOKEN);
    for (size_t i = 0; !error->len && i < at; i++)
        if (!strcmp(c->publishers[i].secret, p->secret))
            buf_addf(error, "%s: [publisher %s] has the token of [publisher %s]; expected another",
                     file, p->name, c->publishers[i].name);
    return !error->len;
}

static char *next_config_line(char *text, int size, void *arg)
{
    struct config_reading *r = arg;
    r->line++;
    return fgets(text, size, r->file);
}

static bool read_file(struct config_reading *r, struct buf *error)
{
    r->layer = CONFIG_FILE;
    r->file = fopen(r->path, "re");
    if (!r->file) {
        buf_addf(error, "%s: %s", r->path, strerror(errno));
        return false;
    }
    int line = ini_parse_stream(next_config_line, r, take_config_line, r);
    fclose(r->file);
    if (line < 0)
        buf_addf(error, "%s: out of memory", r->path);
    else if (line > 0)
        buf_addf(error, "%s:%d: %s", r->path, line,
                 r->why.len
                     ? buf_text(&r->why)
                     : "syntax error; expected [section] or name = value, in at most 199 bytes");
    return line == 0;
}

/* ---- the environment ------------------------------------------------------------------------ */

static void add_variable(const struct option *o, struct buf *out)
{
    buf_adds(out, variable_prefix);
    for (const char *p = o->section; *p; p++)
        buf_addc(out, (char)toupper((unsigned char)*p));
    buf_addc(out, '_');
    for (const char *p = o->name; *p; p++)
        buf_addc(out, (char)toupper((unsigned char)*p));
}

static bool is_variable_of(const struct option *o, const char *name, size_t n)
{
    struct buf own;
    buf_init(&own, 256);
    add_variable(o, &own);
    bool same = own.len == n && !memcmp(own.p, name, n);
    buf_free(&own);
    return same;
}

static const struct option *option_of_variable(const char *name, size_t n)
{
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (is_variable_of(&options[i], name, n))
            return &options[i];
    return NULL;
}

static bool is_other_variable(const char *name)
{
    for (size_t i = 0; i < sizeof other_variables / sizeof *other_variables; i++) {
        const char *other = other_variables[i];
        size_t n = strcspn(other, "*");
        if (!strncmp(name, other, n) && (other[n] || !name[n]))
            return true;
    }
    return false;
}

static void refuse_variable(const char *name, struct buf *why)
{
    size_t best = SIZE_MAX;
    struct buf nearest, candidate;
    buf_init(&nearest, 256);
    buf_init(&candidate, 256);
    for (size_t i = 0; i < N_OPTIONS; i++) {
        buf_clear(&candidate);
        add_variable(&options[i], &candidate);
        size_t n = edits_between(name, buf_text(&candidate));
        if (n >= best)
            continue;
        best = n;
        buf_clear(&nearest);
        buf_adds(&nearest, buf_text(&candidate));
    }
    buf_addf(why,
             "no option has this variable; the nearest is %s. Correct or unset it; storyd.conf(5) "
             "lists the options",
             buf_text(&nearest));
    buf_free(&nearest);
    buf_free(&candidate);
}

/* The text is one that a line of the file, or several of a list, can state. */
static bool is_config_text(const struct option *o, const char *text)
{
    size_t most = MAX_LINE - strlen(o->name) - strlen(" = "), n = 0;
    for (const char *p = text; *p; p++) {
        n = between(o->kind) && *p == *between(o->kind) ? 0 : n + 1;
        if (n > most || (unsigned char)*p < ' ' || *p == 0x7f ||
            (*p == ';' && (p == text || isblank((unsigned char)p[-1]))))
            return false;
    }
    return true;
}

/* Whether the value of this option is a path that must not be confused with the secret itself. */
static bool is_secret_place(const struct option *o, const char *text)
{
    return o->kind != CONFIG_SECRET || !*text || *text == '/' || !strcmp(text, "none");
}

/* The value of a variable, without surrounding blanks; NULL with the reason in `why`. With
 * `from_file`, the variable names a file with the value. */
static char *variable_value(const struct option *o, const char *given, bool from_file,
                            struct buf *why)
{
    char *text = NULL;
    given += strspn(given, " \t");
    if (!from_file || o->kind == CONFIG_SECRET) /* the option itself names a file */
        text = mem_str(given);
    else if (!read_secret(given, &text))
        buf_addf(why, "cannot read %s: %s", given,
                 errno ? strerror(errno) : "it is empty; expected the value of the option");
    for (size_t n = text ? strlen(text) : 0; n && isblank((unsigned char)text[n - 1]);)
        text[--n] = 0;
    if (text && !is_secret_place(o, text))
        buf_adds(why, "expected the absolute path of a file with the secret, not the secret");
    else if (text && !is_config_text(o, text))
        buf_addf(why,
                 "expected a value that fits on one line of the file: at most %zu bytes, without "
                 "control characters, and no \";\" after a blank",
                 MAX_LINE - strlen(o->name) - strlen(" = "));
    if (!why->len)
        return text;
    free(text);
    return NULL;
}

/* NAME=VALUE; a variable NAME_FILE names a file with the value. */
static void take_variable(struct config_reading *r, const char *variable)
{
    size_t n = strcspn(variable, "="), suffix = strlen(file_suffix);
    const struct option *o = option_of_variable(variable, n);
    bool from_file = !o && n > suffix && !memcmp(variable + n - suffix, file_suffix, suffix);
    char *name = mem_strn(variable, n), *plain = mem_strn(variable, from_file ? n - suffix : n);
    if (from_file)
        o = option_of_variable(plain, n - suffix);
    if (!o && !is_other_variable(name))
        refuse_variable(name, &r->why);
    if (o && from_file && getenv(plain))
        buf_addf(&r->why, "%s is set too; unset one of them", plain);
    r->where = name;
    char *value = o && !r->why.len
                      ? variable_value(o, variable + n + (variable[n] == '='), from_file, &r->why)
                      : NULL;
    if (value)
        take_value(r, o, value_of_option(r->config, o), value);
    free(value);
    free(plain);
    free(name);
}

static bool take_environment(struct config_reading *r, struct buf *error)
{
    r->layer = CONFIG_ENVIRONMENT;
    for (char **e = environ; e && *e; e++) {
        if (strncmp(*e, variable_prefix, strlen(variable_prefix)) != 0)
            continue;
        take_variable(r, *e);
        if (r->why.len) {
            buf_addf(error, "%.*s: %s", (int)strcspn(*e, "="), *e, buf_text(&r->why));
            return false;
        }
    }
    return true;
}

/* ---- the command line ----------------------------------------------------------------------- */

static bool take_given(struct config_reading *r, const char *given, struct buf *error)
{
    struct buf where;
    buf_init(&where, CONFIG_MAX_PATH);
    size_t n = strcspn(given, "=");
    const char *dot = memrchr(given, '.', n);
    if (!dot || !given[n]) {
        buf_addf(error, "-o %s: expected SECTION.NAME=VALUE, as in -o http.listen=none", given);
        return false;
    }
    buf_addf(&where, "-o %.*s", (int)n, given);
    r->where = buf_text(&where);
    char *section = mem_strn(given, (size_t)(dot - given)),
         *name = mem_strn(dot + 1, (size_t)(given + n - dot - 1));
    take_config_line(r, section, name, given + n + 1);
    if (r->why.len)
        buf_addf(error, "%s: %s", r->where, buf_text(&r->why));
    free(section);
    free(name);
    buf_free(&where);
    return !r->why.len;
}

bool config_read(const char *path, char *const *given, struct config *out, struct buf *error)
{
    *out = (struct config){0};
    set_defaults(out, options, N_OPTIONS);
    if (!path)
        return true;
    struct config_reading r = {.config = out, .path = path};
    buf_init(&r.why, 4096);
    bool ok = read_file(&r, error) && take_environment(&r, error);
    r.layer = CONFIG_OPTION;
    for (; ok && given && *given; given++)
        ok = take_given(&r, *given, error);
    buf_free(&r.why);
    for (size_t i = 0; ok && i < out->n_alerts; i++)
        ok = check_alert_section(path, &out->alerts[i], error);
    for (size_t i = 0; ok && i < out->n_digests; i++)
        ok = check_digest_section(path, &out->digests[i], error);
    for (size_t i = 0; ok && i < out->n_publishers; i++)
        ok = check_publisher_section(path, out, i, error);
    if (ok)
        resolve_paths(path, out, options, N_OPTIONS);
    else
        config_free(out);
    return ok;
}

bool config_list_is_remote(const struct config *c)
{
    return is_web_address(c->feeds_list.text);
}

bool config_list_path(const struct config *c, char out[CONFIG_MAX_PATH])
{
    int n = config_list_is_remote(c)
                ? snprintf(out, CONFIG_MAX_PATH, "%s/list/feeds.opml", c->store_path.text)
                : snprintf(out, CONFIG_MAX_PATH, "%s", c->feeds_list.text);
    return n < CONFIG_MAX_PATH;
}

bool config_credential(const char *name, char path[CONFIG_MAX_PATH])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    return folder && snprintf(path, CONFIG_MAX_PATH, "%s/%s", folder, name) < CONFIG_MAX_PATH &&
           !access(path, F_OK);
}

static const char *where_of(const char *path, const struct config_value *v)
{
    return v->where ? v->where : path;
}

static bool check_logins(const char *path, const struct config *c, struct buf *error)
{
    struct buf why;
    buf_init(&why, 8192);
    struct logins *l = logins_read(c->feeds_login_file.text, &why);
    if (!l)
        buf_addf(error, "%s: invalid login_file: %s", where_of(path, &c->feeds_login_file),
                 buf_text(&why));
    logins_free(l);
    buf_free(&why);
    return l != NULL;
}

static bool check_listen(const char *path, const struct config *c, struct buf *error)
{
    struct sockaddr_storage endpoint;
    char credential[CONFIG_MAX_PATH];
    const char *listen = c->http_listen.text;
    if (!strcmp(listen, "none") || *c->http_read_token.text || *c->http_write_token.text ||
        *c->http_user_header.text || config_credential("http_read_token", credential) ||
        config_credential("http_write_token", credential) || !address_endpoint(listen, &endpoint) ||
        address_is_loopback((const struct sockaddr *)&endpoint))
        return true;
    buf_addf(error,
             "%s: listen = %s accepts connections from other machines; set read_token and "
             "write_token in [http] (or provide the credentials http_read_token and "
             "http_write_token), or listen on a loopback address",
             where_of(path, &c->http_listen), listen);
    return false;
}

/* Finds the file with the key; false if none is configured. */
static bool key_file(const struct config *c, char path[CONFIG_MAX_PATH])
{
    const char *own = c->enrich_key.text;
    if (!*own)
        return config_credential("enrich_key", path);
    return strcmp(own, "none") != 0 && snprintf(path, CONFIG_MAX_PATH, "%s", own) < CONFIG_MAX_PATH;
}

char *config_enrich_key(const struct config *c)
{
    char path[CONFIG_MAX_PATH], *key = NULL;
    return key_file(c, path) && read_secret(path, &key) ? key : NULL;
}

static bool check_key(const char *path, const struct config *c, struct buf *error)
{
    char file[CONFIG_MAX_PATH], *key = NULL;
    if (!*c->enrich_url.text || !key_file(c, file))
        return true;
    if (!read_secret(file, &key))
        buf_addf(error, "%s: cannot read key %s: %s", where_of(path, &c->enrich_key), file,
                 errno ? strerror(errno) : "it is empty; expected a key");
    else if (!is_one_word(key))
        buf_addf(error, "%s: invalid key in %s; expected one word without control characters",
                 where_of(path, &c->enrich_key), file);
    free(key);
    return !error->len;
}

static bool check_enrich(const char *path, const struct config *c, struct buf *error)
{
    unsigned parts;
    const char *model = c->enrich_model.text;
    if (!prompt_parts(c->enrich_parts.text, &parts))
        buf_addf(error,
                 "%s: invalid value \"%s\" for parts; expected a list of summary, details and "
                 "meaning",
                 where_of(path, &c->enrich_parts), c->enrich_parts.text);
    else if (*c->enrich_url.text && !*model)
        buf_addf(error, "%s: url requires model in [enrich]", where_of(path, &c->enrich_url));
    else if (!utf8_valid(model, strlen(model)))
        buf_addf(error, "%s: model is not valid UTF-8; expected the name of a model",
                 where_of(path, &c->enrich_model));
    return !error->len && check_key(path, c, error);
}

/* The addresses of pages are appended to it. */
static bool check_base_url(const char *path, const struct config *c, struct buf *error)
{
    const char *url = c->http_base_url.text;
    if (!url[strcspn(url, "?# \t\"'<>()[]{}|\\^`")])
        return true;
    buf_addf(error,
             "%s: invalid value \"%s\" for base_url; expected an address without query, fragment, "
             "blanks, quotation marks and brackets, as in https://news.example",
             where_of(path, &c->http_base_url), url);
    return false;
}

static bool check_hubs(const char *path, const struct config *c, struct buf *error)
{
    struct buf why;
    buf_init(&why, 4096);
    bool ok = hub_list_check(c->websub_hubs.text, c->http_base_url.text, &why);
    if (!ok)
        buf_addf(error, "%s: %s", where_of(path, &c->websub_hubs), buf_text(&why));
    buf_free(&why);
    return ok;
}

/* Each must be kept at least as long as what needs it. */
static bool check_retention(const char *path, const struct config *c, struct buf *error)
{
    const struct {
        const char *name, *other;
        const struct config_value *age, *least;
    } rules[] = {
        {"keep_articles", "window in [engine]", &c->store_keep_articles, &c->engine_window},
        {"keep_events", "keep_articles", &c->store_keep_events, &c->store_keep_articles},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        int64_t age = rules[i].age->number, least = rules[i].least->number;
        if (!age || (least && age >= least))
            continue;
        const struct config_value *set = rules[i].age->where ? rules[i].age : rules[i].least;
        buf_addf(error, "%s: %s in [store] is ", where_of(path, set), rules[i].name);
        quantity_write(quantity_durations, age, error);
        buf_addf(error, "; expected at least %s, ", rules[i].other);
        if (least)
            quantity_write(quantity_durations, least, error);
        buf_adds(error, least ? ", or forever" : "forever");
        return false;
    }
    return true;
}

static bool check_sign_in(const char *path, const struct config *c, struct buf *error)
{
    const struct config_value *const values[PROXY_OPTIONS] = {
        [PROXY_USER_HEADER] = &c->http_user_header,
        [PROXY_GROUPS_HEADER] = &c->http_groups_header,
        [PROXY_TRUSTED_PROXIES] = &c->http_trusted_proxies,
        [PROXY_ROLES] = &c->http_roles};
    const char *options_of_proxy[PROXY_OPTIONS];
    enum proxy_option at;
    struct buf why;
    buf_init(&why, 4096);
    for (int i = 0; i < PROXY_OPTIONS; i++)
        options_of_proxy[i] = values[i]->text;
    proxy_free(proxy_new(options_of_proxy, &at, &why));
    if (why.len)
        buf_addf(error, "%s: %s", where_of(path, values[at]), buf_text(&why));
    buf_free(&why);
    return !error->len;
}

/* A host name, without its domain, is a valid one. */
char *config_member(const struct config *c)
{
    char host[MAX_MEMBER + 1] = "";
    if (*c->cluster_member.text)
        return mem_str(c->cluster_member.text);
    gethostname(host, MAX_MEMBER);
    host[strcspn(host, ".")] = 0;
    return mem_str(*host ? host : "storyd");
}

static bool is_cluster_name(const char *name, const char *characters)
{
    size_t n = strlen(name);
    return n && n <= MAX_MEMBER && strspn(name, characters) == n;
}

/* What the broker's subjects and streams are named after, and what a role needs. */
static bool check_cluster(const char *path, const struct config *c, struct buf *error)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-",
                      any[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    char *member = config_member(c);
    if (c->cluster_role.number == ROLE_ALL)
        ; /* the other options do not matter */
    else if (!*c->cluster_nats.text)
        buf_addf(error,
                 "%s: role = %s in [cluster] needs a broker; set nats, as in "
                 "nats://broker.example:4222",
                 where_of(path, &c->cluster_role), c->cluster_role.text);
    else if (strchr(c->cluster_nats.text, '@'))
        buf_addf(error,
                 "%s: an address of nats contains a login; put it into the file of "
                 "credentials",
                 where_of(path, &c->cluster_nats));
    else if (!is_cluster_name(c->cluster_name.text, lower))
        buf_addf(error,
                 "%s: invalid value \"%s\" for name in [cluster]; expected at most %d "
                 "lower-case letters, digits and hyphens",
                 where_of(path, &c->cluster_name), c->cluster_name.text, MAX_MEMBER);
    else if (!is_cluster_name(member, any))
        buf_addf(error,
                 "%s: invalid value \"%s\" for member in [cluster]; expected at most %d "
                 "letters, digits, hyphens and underscores",
                 where_of(path, &c->cluster_member), member, MAX_MEMBER);
    else if (!*c->cluster_certificate.text != !*c->cluster_key.text)
        buf_addf(error, "%s: certificate and key in [cluster] belong together; set both, or none",
                 where_of(path, *c->cluster_key.text ? &c->cluster_key : &c->cluster_certificate));
    free(member);
    return !error->len;
}

bool config_check(const char *path, const struct config *c, struct buf *error)
{
    return check_sign_in(path, c, error) && check_listen(path, c, error) &&
           check_base_url(path, c, error) && check_hubs(path, c, error) &&
           check_logins(path, c, error) && check_enrich(path, c, error) &&
           check_retention(path, c, error) && check_cluster(path, c, error);
}

static void free_values(const void *of, const struct option *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(value_of_option(of, &all[i])->text);
        free(value_of_option(of, &all[i])->where);
    }
}

void config_free(struct config *c)
{
    free_values(c, options, N_OPTIONS);
    for (size_t i = 0; i < c->n_alerts; i++) {
        free_values(&c->alerts[i], alert_options, N_ALERT_OPTIONS);
        free(c->alerts[i].name);
        free(c->alerts[i].secret);
    }
    for (size_t i = 0; i < c->n_digests; i++) {
        free_values(&c->digests[i], digest_options, N_DIGEST_OPTIONS);
        free(c->digests[i].name);
    }
    for (size_t i = 0; i < c->n_publishers; i++) {
        free_values(&c->publishers[i], publisher_options, N_PUBLISHER_OPTIONS);
        free(c->publishers[i].name);
        free(c->publishers[i].secret);
    }
    free(c->alerts);
    free(c->digests);
    free(c->publishers);
    *c = (struct config){0};
}

static void print_option_sample(const struct option *o, struct buf *out)
{
    buf_addf(out, "# %s", o->help);
    if (is_quantity(o->kind)) {
        buf_adds(out, " From ");
        quantity_write(units_of(o->kind), o->least, out);
        buf_adds(out, " to ");
        quantity_write(units_of(o->kind), o->most, out);
        buf_addc(out, '.');
    }
    buf_adds(out, o->when == RESTART ? " Needs a restart.\n" : "\n");
    buf_addf(out, "#%s = %s\n", o->name, o->standard);
}

void config_user_agent(const struct config *c, struct buf *out)
{
    const char *contact = c->poll_contact.text;
    buf_addf(out, "storyd/" STORYD_VERSION " (%s%s%s%" PRId64 " subscribers)", *contact ? "+" : "",
             contact, *contact ? "; " : "", c->poll_subscribers.number);
}

void config_sample(struct buf *out)
{
    buf_adds(out,
             "# Configuration of storyd: every option with its default. See storyd.conf(5).\n"
             "# After a change: systemctl reload storyd. Options that need a restart say so.\n");
    const char *section = "";
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (strcmp(section, options[i].section) != 0)
            buf_addf(out, "\n[%s]\n", section = options[i].section);
        print_option_sample(&options[i], out);
    }
    for (size_t i = 0; i < NAMED; i++) {
        buf_addf(out, "\n# Any number of these sections, each with a unique name. %s\n#%s\n",
                 named[i].help, named[i].title);
        for (size_t k = 0; k < named[i].n; k++)
            print_option_sample(&named[i].options[k], out);
    }
}

/* ---- printing ------------------------------------------------------------------------------- */

/* An address without what may be secret in it: the login and the query, and with `path` hidden the
 * path too. */
static void add_masked(const char *url, bool hide_path, struct buf *out)
{
    const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
    size_t n = strcspn(host, "/?#");
    const char *login = memrchr(host, '@', n), *rest = host + n;
    buf_add(out, url, (size_t)(host - url));
    buf_adds(out, login ? "***" : "");
    buf_add(out, login ? login : host, (size_t)(rest - (login ? login : host)));
    if (hide_path && rest[strspn(rest, "/")]) {
        buf_adds(out, "/***");
        return;
    }
    n = strcspn(rest, "?#");
    buf_add(out, rest, n);
    buf_adds(out, rest[n] ? "?***" : "");
}

static void add_shown(const struct option *o, const char *text, struct buf *out)
{
    char folder[CONFIG_MAX_PATH];
    if (is_relative_path(o, text) && getcwd(folder, sizeof folder))
        buf_addf(out, "%s/", folder);
    if (o->kind == CONFIG_WEB || o->kind == CONFIG_HOOK || o->kind == CONFIG_PROXY ||
        (o->kind == CONFIG_SOURCE && is_web_address(text)))
        add_masked(text, o->kind == CONFIG_HOOK, out);
    else
        buf_adds(out, text);
}

/* A long list becomes several lines. */
static void add_value_lines(const struct option *o, const char *text, struct buf *out)
{
    const char *sep = between(o->kind);
    size_t most = MAX_LINE - strlen(o->name) - strlen(" = ");
    while (sep && strlen(text) > most) {
        size_t n = most;
        while (n && text[n] != *sep)
            n--;
        if (!n)
            break;
        buf_addf(out, "%s = %.*s\n", o->name, (int)n, text);
        text += n + strspn(text + n, ", ");
    }
    buf_addf(out, "%s = %s\n", o->name, text);
}

static void print_values(const void *of, const struct option *all, size_t n, struct buf *out)
{
    static const char *const layers[] = {[CONFIG_DEFAULT] = "default",
                                         [CONFIG_FILE] = "",
                                         [CONFIG_ENVIRONMENT] = "environment: ",
                                         [CONFIG_OPTION] = "option: "};
    const char *section = "";
    for (size_t i = 0; i < n; i++) {
        const struct config_value *v = value_of_option(of, &all[i]);
        struct buf shown;
        buf_init(&shown, 1 << 17);
        add_shown(&all[i], v->text, &shown);
        if (all == options && strcmp(section, all[i].section) != 0)
            buf_addf(out, "\n[%s]\n", section = all[i].section);
        buf_addf(out, "# %s%s%s\n", layers[v->layer], v->where ? v->where : "",
                 strstr(buf_text(&shown), "***") ? " (masked)" : "");
        add_value_lines(&all[i], buf_text(&shown), out);
        buf_free(&shown);
    }
}

void config_print(const struct config *c, struct buf *out)
{
    buf_adds(out,
             "# The effective configuration of storyd; before each value, where it comes from.\n");
    print_values(c, options, N_OPTIONS, out);
    for (size_t i = 0; i < c->n_alerts; i++) {
        buf_addf(out, "\n[alert %s]\n", c->alerts[i].name);
        print_values(&c->alerts[i], alert_options, N_ALERT_OPTIONS, out);
    }
    for (size_t i = 0; i < c->n_digests; i++) {
        buf_addf(out, "\n[digest %s]\n", c->digests[i].name);
        print_values(&c->digests[i], digest_options, N_DIGEST_OPTIONS, out);
    }
    for (size_t i = 0; i < c->n_publishers; i++) {
        buf_addf(out, "\n[publisher %s]\n", c->publishers[i].name);
        print_values(&c->publishers[i], publisher_options, N_PUBLISHER_OPTIONS, out);
    }
}

const char *config_needs_restart(const struct config *from, const struct config *to)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct config_value *a = value_of_option(from, &options[i]),
                                  *b = value_of_option(to, &options[i]);
        bool same =
            is_text_kind(options[i].kind) ? !strcmp(a->text, b->text) : a->number == b->number;
        if (!same && options[i].when == RESTART)
            return options[i].name;
    }
    return NULL;
}
