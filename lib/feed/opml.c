/* Reads subscription lists in OPML with the loose XML reader; see opml.h. opml_write.c writes them.
 * Used by daemon/poll and storyctl. */
#include "feed/opml.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/charset.h"
#include "feed/feed.h"
#include "feed/feed_address.h"
#include "feed/xml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_GROUP = 4096 };

struct outline_reader {
    struct xml_loose *xml;
    const char *counted; /* position up to which lines were counted */
    size_t line;         /* at that position */
    struct opml *out;
    size_t room;
    struct buf group;             /* the path of the open outlines */
    size_t outer[FEED_MAX_DEPTH]; /* its length outside each open element */
    size_t depth;
    struct buf title;
    size_t title_depth; /* of the head's title while it is open, otherwise 0 */
    bool is_opml;
};

/* A value as trimmed text without control characters; NULL if nothing is left. */
static char *clean_attribute(const char *p, size_t n)
{
    struct buf b;
    while (n && (unsigned char)*p <= ' ')
        p++, n--;
    while (n && (unsigned char)p[n - 1] <= ' ')
        n--;
    if (!n)
        return NULL;
    buf_init(&b, FEED_MAX_TEXT);
    utf8_clean(&b, p, n);
    return buf_take(&b);
}

/* The same with logins removed from addresses: titles and other attributes often repeat the feed's
 * address. */
static char *clean_address(const char *p, size_t n, char **login)
{
    char *text = clean_attribute(p, n), *without = text ? url_without_login(text, login) : NULL;
    free(text);
    return without;
}

static bool take_plain_address(char **to, const struct xml_attribute *a, const char *name)
{
    if (strcasecmp(a->name.local, name) != 0)
        return false;
    if (!*to)
        *to = clean_address(a->value, a->n, NULL);
    return true;
}

/* Reads an address, converted by feed_address(), and its login. */
static bool take_address(char **to, const struct xml_attribute *a, const char *name, char **login)
{
    if (strcasecmp(a->name.local, name) != 0)
        return false;
    char *text = *to ? NULL : clean_attribute(a->value, a->n),
         *meant = text ? feed_address(text) : NULL;
    if (meant)
        *to = url_without_login(meant, login);
    free(text);
    free(meant);
    return true;
}

static void keep_named(struct opml_feed *f, const char *name, char *value)
{
    bool known = f->n_attributes >= OPML_MAX_ATTRIBUTES;
    for (size_t i = 0; i < f->n_attributes; i++)
        known |= !strcasecmp(f->attributes[i].name, name);
    if (known) {
        free(value);
        return;
    }
    if (!f->attributes)
        f->attributes = mem_alloc(OPML_MAX_ATTRIBUTES * sizeof *f->attributes);
    f->attributes[f->n_attributes++] = (struct opml_attribute){mem_str(name), value};
}

static void keep_attribute(struct opml_feed *f, const struct xml_attribute *a)
{
    char *value = clean_address(a->value, a->n, NULL);
    if (value)
        keep_named(f, a->name.local, value);
}

static void free_feed(struct opml_feed *f)
{
    free(f->xml_url);
    free(f->login);
    free(f->title);
    free(f->html_url);
    free(f->group);
    for (size_t i = 0; i < f->n_attributes; i++) {
        free(f->attributes[i].name);
        free(f->attributes[i].value);
    }
    free(f->attributes);
}

static void enter_group(struct outline_reader *r, const char *name)
{
    if (!name)
        return;
    if (r->group.len)
        buf_addc(&r->group, '/');
    for (; *name; name++) {
        if (*name == '/' || *name == '\\')
            buf_addc(&r->group, '\\');
        buf_addc(&r->group, *name);
    }
}

/* Lines are counted from one outline to the next. */
static size_t line_of(struct outline_reader *r, const char *at)
{
    for (; r->counted < at; r->counted++)
        r->line += *r->counted == '\n';
    return r->line;
}

static void read_outline(struct outline_reader *r, const struct xml_attribute *a, size_t n)
{
    struct opml_feed f = {0};
    char *text = NULL;
    for (size_t i = 0; i < n; i++)
        if (!take_address(&f.xml_url, &a[i], "xmlUrl", &f.login) &&
            !take_address(&f.html_url, &a[i], "htmlUrl", NULL) &&
            !take_plain_address(&f.title, &a[i], "title") &&
            !take_plain_address(&text, &a[i], "text"))
            keep_attribute(&f, &a[i]);
    bool is_title = !f.title && text && !(f.xml_url && !strcmp(text, f.xml_url));
    if (f.html_url && !url_is_http(f.html_url)) {
        free(f.html_url);
        f.html_url = NULL;
    }
    f.line = line_of(r, xml_loose_element(r->xml));
    if (is_title)
        f.title = text;
    else if (f.title && text && strcmp(f.title, text) != 0)
        keep_named(&f, "text", text);
    else
        free(text);
    if (!f.xml_url)
        enter_group(r, f.title);
    if (f.xml_url && r->out->n_feeds < OPML_MAX_FEEDS) {
        f.group = r->group.len ? mem_str(buf_text(&r->group)) : NULL;
        MEM_GROW(r->out->feeds, r->out->n_feeds, r->room);
        r->out->feeds[r->out->n_feeds++] = f;
    } else {
        r->out->dropped += f.xml_url != NULL;
        free_feed(&f);
    }
}

static void on_outline_start(void *context, const struct xml_name *name,
                             const struct xml_attribute *a, size_t n)
{
    struct outline_reader *r = context;
    r->outer[r->depth++] = r->group.len;
    if (!strcasecmp(name->local, "opml"))
        r->is_opml = true;
    else if (!strcasecmp(name->local, "outline"))
        read_outline(r, a, n);
    else if (!strcasecmp(name->local, "title") && !r->title_depth && !r->title.len)
        r->title_depth = r->depth;
}

static void on_outline_text(void *context, const char *p, size_t n)
{
    struct outline_reader *r = context;
    if (r->title_depth)
        buf_add(&r->title, p, n);
}

static void on_outline_end(void *context, const char *local)
{
    struct outline_reader *r = context;
    (void)local;
    if (r->title_depth == r->depth)
        r->title_depth = 0;
    r->group.len = r->outer[--r->depth];
    if (r->group.p)
        r->group.p[r->group.len] = 0;
    r->group.full = false;
}

/* Sets the error of a text that is not OPML: at the first element, or at the end. */
static void explain_fault(const char *p, size_t n, struct opml_error *error)
{
    const char *end = p + n, *s = p;
    error->line = 1;
    error->message = n ? "no XML element found; expected OPML" : "the file is empty";
    for (; s < end; s++) {
        if (*s == '\n' && s + 1 < end)
            error->line++;
        if (*s == '<' && s + 1 < end && s[1] != '?' && s[1] != '!' && s[1] != ' ') {
            error->message = "not OPML: the first element is not <opml> and there are no outlines";
            return;
        }
    }
}

/* The last line of a list that does not end with </opml>, otherwise 0. */
static size_t breaks_off(const char *text)
{
    static const char end[] = "</opml";
    size_t line = 1;
    for (; (text = strpbrk(text, "<\n")); text++) {
        if (!strncasecmp(text, end, sizeof end - 1))
            return 0;
        line += *text == '\n' && text[1];
    }
    return line;
}

bool opml_parse(const void *bytes, size_t n, struct opml *out, struct opml_error *error)
{
    static const struct xml_events events = {on_outline_start, on_outline_text, on_outline_end};
    char encoding[CHARSET_NAME];
    struct buf text;
    struct outline_reader *r = mem_zero(sizeof *r);
    *out = (struct opml){0};
    r->out = out;
    buf_init(&text, n * 4 + 1);
    buf_init(&r->group, MAX_GROUP);
    buf_init(&r->title, FEED_MAX_TEXT);
    charset_convert(&text, bytes, n, NULL, encoding);
    r->xml = xml_loose_new(buf_text(&text), text.len, &events, r);
    r->counted = buf_text(&text);
    r->line = 1;
    xml_loose_read(r->xml, text.len);
    xml_loose_end(r->xml);
    bool ok = r->is_opml || out->n_feeds;
    out->breaks_off = breaks_off(buf_text(&text));
    if (ok)
        out->title = clean_attribute(buf_text(&r->title), r->title.len);
    else
        explain_fault(buf_text(&text), text.len, error);
    buf_free(&text);
    buf_free(&r->group);
    buf_free(&r->title);
    free(r);
    return ok;
}

void opml_free(struct opml *o)
{
    for (size_t i = 0; i < o->n_feeds; i++)
        free_feed(&o->feeds[i]);
    free(o->feeds);
    free(o->title);
    *o = (struct opml){0};
}
