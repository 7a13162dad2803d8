/* Builds a feed from the events of an XML reader: keeps a stack of open elements, applies the rules
 * of rules.c, and stores values by fields.c; see build.h. Used by parser.c. */
#include "feed/build.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/url.h"
#include "feed/base64.h"
#include "feed/html.h"
#include "feed/rules.h"
#include "feed/fields.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The effect of an open element on the elements inside it. */
struct frame {
    enum rules_scope scope;
    const struct rules_rule *rule; /* NULL inside a text */
    char *base;                    /* its own xml:base, or NULL to inherit the parent's */
};

/* A text being collected, from the start tag of its element to the end tag. */
struct text {
    const struct rules_rule *rule; /* NULL if no text is being collected */
    size_t depth;                  /* of its element */
    struct buf bytes;
    enum fields_type type;
    bool escape; /* XHTML: character data is escaped, elements become markup */
    bool base64;
    bool typed; /* it declares its type */
};

enum { MAX_KNOWN = 16, MAX_KNOWN_URI = 64, MAX_ELEMENTS = 64 /* a power of two */ };

/* Cache of the namespaces in this document: there are few, and lookup is slow. */
struct known_namespace {
    char uri[MAX_KNOWN_URI];
    enum rules_ns ns;
};

/* Cache of the elements in this document, keyed by the pointers to their names: the same few
 * recur. */
struct known_element {
    const char *prefix, *local, *uri;
    enum rules_scope scope;
    const struct rules_rule *rule;
};

struct build {
    struct feed_fields store;
    struct known_element elements[MAX_ELEMENTS];
    struct known_namespace known[MAX_KNOWN];
    size_t n_known;
    struct frame frames[FEED_MAX_DEPTH];
    size_t depth;
    size_t n_bases;  /* frames with a base of their own */
    size_t too_deep; /* open elements beyond the last frame */
    struct text text;
    struct buf person_name, person_mail, person_text;
    char *base_url;
    const char *compared[2]; /* the document's address and the feed's link for which `same_site` was
                                computed */
    bool same_site;          /* cached, because every text needs it: these two are of one site */
    bool atom, rooted, is_html;
    bool found; /* the root contained a known element */
};

/* The priority of a podcast channel's author, who is also the author of its items. */
enum { AUTHOR_OF_ALL = 10 };

/* ---- attributes ------------------------------------------------------------------------------ */
/* Attributes of NS_CORE have no prefix, all others have one. */
static const struct xml_attribute *find_attribute(const struct xml_attribute *a, size_t n,
                                                  enum rules_ns ns, const char *local)
{
    for (size_t i = 0; i < n; i++)
        if ((a[i].name.local[0] | 32) == (local[0] | 32) && /* decides most cases */
            !a[i].name.prefix == (ns == NS_CORE) && !strcasecmp(a[i].name.local, local) &&
            rules_namespace(&a[i].name) == ns)
            return &a[i];
    return NULL;
}

enum { MAX_TOKEN = 64 };

/* A short value as a string in `out`, or NULL. */
static const char *token_value(const struct xml_attribute *a, size_t n, const char *local,
                               char out[MAX_TOKEN])
{
    const struct xml_attribute *found = find_attribute(a, n, NS_CORE, local);
    if (!found)
        return NULL;
    size_t length = found->n < MAX_TOKEN ? found->n : MAX_TOKEN - 1;
    memcpy(out, found->value, length);
    out[length] = 0;
    return out;
}

/* The base for relative addresses: xml:base, if present. Otherwise Atom addresses are relative to
 * the document (RFC 4287, section 2): to the address it came from or that it declares. If that is
 * on another site than the feed's, the document was only republished there, and the feed's link is
 * used. RSS does not specify a base; the channel's site is meant. */
static const char *base_for(struct build *b, bool atom)
{
    for (size_t i = b->n_bases ? b->depth : 0; i > 0; i--)
        if (b->frames[i - 1].base)
            return b->frames[i - 1].base;
    const struct feed *f = b->store.feed;
    const char *document = b->base_url ? b->base_url : f->self;
    if (!f->link || !url_is_absolute(f->link))
        return document;
    if (!atom || !document)
        return f->link;
    if (b->compared[0] != document || b->compared[1] != f->link) {
        b->compared[0] = document;
        b->compared[1] = f->link;
        b->same_site = url_same_site(document, f->link);
    }
    return b->same_site ? document : f->link;
}

static const char *base_of(struct build *b)
{
    return base_for(b, b->atom);
}

static enum rules_scope scope_of(const struct build *b)
{
    return b->depth ? b->frames[b->depth - 1].scope : IN_START;
}

/* ---- markup inside a text -------------------------------------------------------------------- */
static void add_start_tag(struct build *b, const struct xml_name *name,
                          const struct xml_attribute *a, size_t n)
{
    struct buf *out = &b->text.bytes;
    const char *base = base_of(b);
    buf_addc(out, '<');
    buf_adds(out, name->local);
    for (size_t i = 0; i < n; i++) {
        const char *local = a[i].name.local;
        buf_addc(out, ' ');
        if (a[i].name.prefix && *a[i].name.prefix) {
            buf_adds(out, a[i].name.prefix);
            buf_addc(out, ':');
        }
        buf_adds(out, local);
        buf_adds(out, "=\"");
        if (base && html_is_url_attribute(local, strlen(local))) {
            char *value = mem_strn(a[i].value, a[i].n), *url = url_resolve(base, value);
            escape_text(out, ESCAPE_ATTRIBUTE, url);
            free(url);
            free(value);
        } else {
            escape(out, ESCAPE_ATTRIBUTE, a[i].value, a[i].n);
        }
        buf_addc(out, '"');
    }
    buf_adds(out, html_is_void(name->local, strlen(name->local)) ? " />" : ">");
}

static void add_end_tag(struct build *b, const char *name)
{
    buf_adds(&b->text.bytes, "</");
    buf_adds(&b->text.bytes, name);
    buf_addc(&b->text.bytes, '>');
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* Reads Atom's "type", a token or a media type. */
static void read_type(struct text *t, const char *type)
{
    t->typed = true;
    if (!strcasecmp(type, "text") || !strcasecmp(type, "text/plain")) {
        t->type = FIELDS_PLAIN;
    } else if (!strcasecmp(type, "xhtml") || !strcasecmp(type, "application/xhtml+xml")) {
        t->type = FIELDS_HTML;
        t->escape = true;
    } else if (!strcasecmp(type, "html") || !strncasecmp(type, "text/", 5)) {
        t->type = FIELDS_HTML;
    } else if (strchr(type, '/') && !strstr(type, "xml")) {
        t->type = FIELDS_HTML;
        t->base64 = true;
    }
}

static void start_text(struct build *b, const struct rules_rule *rule,
                       const struct xml_attribute *a, size_t n)
{
    struct text *t = &b->text;
    buf_clear(&t->bytes);
    *t = (struct text){.rule = rule, .depth = b->depth, .bytes = t->bytes};
    if (rule->ns == NS_XHTML) {
        t->type = FIELDS_HTML;
        t->escape = true;
        return;
    }
    char type_text[MAX_TOKEN], mode_text[MAX_TOKEN];
    const char *type = token_value(a, n, "type", type_text),
               *mode = token_value(a, n, "mode", mode_text);
    if (type && rule->ns == NS_CORE)
        read_type(t, type);
    if (mode && !strcasecmp(mode, "base64"))
        t->base64 = true;
    else if (mode)
        t->base64 = false;
}

static void store_keywords(struct feed_fields *s, char *list)
{
    char *rest = NULL;
    for (char *word = strtok_r(list, ",;", &rest); word; word = strtok_r(NULL, ",;", &rest))
        fields_category(s, word, strlen(word));
}

/* An id that looks like an address relative to an xml:base is resolved. */
static void store_id(struct build *b, const struct rules_rule *rule, const char *p)
{
    char *id = b->atom && b->n_bases && strchr(p, '/') && !url_is_absolute(p)
                   ? url_resolve(base_of(b), p)
                   : NULL;
    const char *text = id ? id : p;
    fields_text(&b->store, F_ID, text, strlen(text), FIELDS_PLAIN, NULL, rule->priority);
    free(id);
}

static void end_text(struct build *b)
{
    struct text *t = &b->text;
    const struct rules_rule *rule = t->rule;
    t->rule = NULL;
    if (t->bytes.full)
        b->store.feed->dropped++;
    if (t->base64)
        base64_decode_in_place(&t->bytes);
    const char *p = buf_text(&t->bytes);
    size_t n = t->bytes.len;
    if (t->type == FIELDS_UNSAID && b->atom && rule->ns == NS_CORE && !html_looks_like(p, n))
        t->type = FIELDS_PLAIN;
    if (rule->arg == F_CATEGORY)
        fields_category(&b->store, p, n);
    else if (rule->arg == F_KEYWORDS && n)
        store_keywords(&b->store, t->bytes.p);
    else if (rule->arg == F_ID)
        store_id(b, rule, p);
    else if (rule->arg == F_PERSON_NAME)
        buf_add(&b->person_name, p, n);
    else if (rule->arg == F_PERSON_MAIL)
        buf_add(&b->person_mail, p, n);
    else
        fields_text(&b->store, (enum rules_field)rule->arg, p, n, t->type, base_of(b),
                    rule->priority);
}

/* ---- elements with their values in attributes ------------------------------------------------ */
static void store_attribute(struct build *b, enum rules_field field, const struct xml_attribute *a,
                            size_t n, enum rules_ns ns, const char *local, int priority)
{
    const struct xml_attribute *found = find_attribute(a, n, ns, local);
    if (found)
        fields_text(&b->store, field, found->value, found->n, FIELDS_PLAIN, base_of(b), priority);
}

/* By the last part of the relation's name, which may be a URL. */
static const struct {
    const char *rel;
    enum rules_field field;
} relations[] = {
    {"alternate", F_LINK},
    {"self", F_SELF},
    {"hub", F_HUB},
    {"next", F_NEXT},
    {"prev-archive", F_PREV_ARCHIVE},
};

static void do_relation(struct build *b, const char *rel, const char *type,
                        const struct xml_attribute *href, int priority)
{
    const char *slash = rel ? strrchr(rel, '/') : NULL;
    rel = slash ? slash + 1 : rel && *rel ? rel : "alternate";
    bool html = !type || strstr(type, "html");
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        if (strcasecmp(relations[i].rel, rel) != 0)
            continue;
        enum rules_field field = relations[i].field;
        /* links about the document itself follow Atom's rules, in RSS too */
        const char *base = base_for(b, b->atom || field != F_LINK), *url = href->value;
        size_t n = href->n;
        if (!n && base) { /* the document itself */
            url = base;
            n = strlen(base);
        }
        if (field == F_LINK && scope_of(b) == IN_SOURCE)
            field = F_SOURCE_URL;
        fields_text(&b->store, field, url, n, FIELDS_PLAIN, base, html ? priority : priority - 10);
    }
}

/* RSS has the address as text, Atom in an attribute. */
static void do_link(struct build *b, const struct rules_rule *rule, const struct xml_attribute *a,
                    size_t n)
{
    static const struct rules_rule source_link = {"link", NS_CORE,      IN_SOURCE,
                                                  TEXT,   F_SOURCE_URL, 20};
    char rel_text[MAX_TOKEN], type_text[MAX_TOKEN], length[MAX_TOKEN];
    const struct xml_attribute *href = find_attribute(a, n, NS_CORE, "href");
    const char *rel = token_value(a, n, "rel", rel_text),
               *type = token_value(a, n, "type", type_text);
    if (href && rel && !strcasecmp(rel, "enclosure"))
        fields_enclosure(&b->store, href->value, href->n, type, token_value(a, n, "length", length),
                         base_of(b));
    else if (href)
        do_relation(b, rel, type, href, rule->priority + 1);
    else if (!rel || !strcasecmp(rel, "alternate"))
        start_text(b, scope_of(b) == IN_SOURCE ? &source_link : rule, NULL, 0);
}

static bool is_image(const char *medium, const char *type, const struct xml_attribute *url)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};
    if (medium || type)
        return (medium && !strcasecmp(medium, "image")) ||
               (type && !strncasecmp(type, "image/", 6));
    const char *query = memchr(url->value, '?', url->n);
    size_t n = query ? (size_t)(query - url->value) : url->n;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i]);
        if (n > length && !strncasecmp(url->value + n - length, endings[i], length))
            return true;
    }
    return false;
}

/* RSS <enclosure>, and <content> and <thumbnail> of Media RSS. */
static void do_media(struct build *b, const struct rules_rule *rule, const struct xml_attribute *a,
                     size_t n)
{
    char type_text[MAX_TOKEN], length[MAX_TOKEN], medium_text[MAX_TOKEN];
    const struct xml_attribute *url = find_attribute(a, n, NS_CORE, "url");
    const char *type = token_value(a, n, "type", type_text),
               *medium = token_value(a, n, "medium", medium_text);
    bool thumbnail = !strcmp(rule->name, "thumbnail");
    if (!url)
        return;
    if (!thumbnail)
        fields_enclosure(&b->store, url->value, url->n, type,
                         token_value(a, n, rule->ns == NS_MEDIA ? "fileSize" : "length", length),
                         base_of(b));
    if (thumbnail || is_image(medium, type, url))
        fields_text(&b->store, F_IMAGE, url->value, url->n, FIELDS_PLAIN, base_of(b),
                    rule->priority);
}

static void do_guid(struct build *b, const struct rules_rule *rule, const struct xml_attribute *a,
                    size_t n)
{
    char text[MAX_TOKEN];
    const char *permalink = token_value(a, n, "isPermaLink", text);
    b->store.item->id_is_link = !permalink || !strcasecmp(permalink, "true");
    start_text(b, rule, NULL, 0);
}

/* RSS describes the source in an element with an address, Atom in one with child elements. */
static enum rules_scope do_source(struct build *b, const struct xml_attribute *a, size_t n)
{
    static const struct rules_rule title = {"source", NS_CORE, IN_ITEM, TEXT, F_SOURCE_TITLE, 20};
    if (b->atom)
        return IN_SOURCE;
    store_attribute(b, F_SOURCE_URL, a, n, NS_CORE, "url", 20);
    start_text(b, &title, NULL, 0);
    return IN_NOTHING;
}

static void do_category(struct build *b, const struct rules_rule *rule,
                        const struct xml_attribute *a, size_t n)
{
    static const char *const names[] = {"label", "term", "text"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct xml_attribute *found = find_attribute(a, n, NS_CORE, names[i]);
        if (found) {
            fields_category(&b->store, found->value, found->n);
            return;
        }
    }
    start_text(b, rule, NULL, 0);
}

/* Attributes of roots, channels and items: RDF, CDF, and the language. */
static void container_attributes(struct build *b, const struct xml_attribute *a, size_t n)
{
    store_attribute(b, F_ID, a, n, NS_RDF, "about", 6);
    store_attribute(b, F_LINK, a, n, NS_RDF, "about", 1);
    store_attribute(b, F_LINK, a, n, NS_CORE, "href", 5);
    store_attribute(b, F_UPDATED, a, n, NS_CORE, "lastmod", 5);
    store_attribute(b, F_LANGUAGE, a, n, NS_XML, "lang", 10);
}

static enum rules_scope start_person(struct build *b)
{
    buf_clear(&b->person_name);
    buf_clear(&b->person_mail);
    buf_clear(&b->person_text);
    return IN_PERSON;
}

static void end_person(struct build *b, const struct rules_rule *rule)
{
    const struct buf *parts[] = {&b->person_name, &b->person_text, &b->person_mail};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *text = buf_text(parts[i]);
        if (text[strspn(text, " \t\r\n")]) {
            fields_author(&b->store, text, rule->priority);
            return;
        }
    }
}

/* ---- events ---------------------------------------------------------------------------------- */
static enum rules_scope apply_rule(struct build *b, const struct rules_rule *rule,
                                   const struct xml_attribute *a, size_t n)
{
    switch (rule->action) {
    case ENTER:
        b->rooted |= scope_of(b) == IN_START || rule->arg == IN_FEED;
        if (rule->arg == IN_FEED)
            container_attributes(b, a, n);
        return (enum rules_scope)rule->arg;
    case ENTER_ITEM:
        b->rooted = true;
        if (!fields_item_begin(&b->store))
            return IN_NOTHING;
        container_attributes(b, a, n);
        return IN_ITEM;
    case ENTER_PERSON:
        return start_person(b);
    case STAY:
        return scope_of(b);
    case TEXT:
        start_text(b, rule, a, n);
        return IN_NOTHING;
    case DO_LINK:
        do_link(b, rule, a, n);
        return IN_NOTHING;
    case DO_GUID:
        do_guid(b, rule, a, n);
        return IN_NOTHING;
    case DO_SOURCE:
        return do_source(b, a, n);
    case DO_CATEGORY:
        do_category(b, rule, a, n);
        return IN_NOTHING;
    case DO_ENCLOSURE:
        do_media(b, rule, a, n);
        return IN_NOTHING;
    case DO_MEDIA:
        do_media(b, rule, a, n);
        return scope_of(b);
    case DO_PLAYER:
        store_attribute(b, F_LINK, a, n, NS_CORE, "url", rule->priority);
        return IN_NOTHING;
    case DO_IMAGE:
        store_attribute(b, F_IMAGE, a, n, NS_CORE, "href", rule->priority);
        return IN_NOTHING;
    }
    return IN_NOTHING;
}

/* Handles an unknown element: outside the feed's root it is transparent, elsewhere it is
 * skipped. */
static enum rules_scope unknown(struct build *b, const struct xml_name *name)
{
    if (scope_of(b) == IN_PERSON && !b->atom) /* markup around or within the name */
        return IN_PERSON;
    if (scope_of(b) != IN_START)
        return IN_NOTHING;
    b->is_html |= !strcasecmp(name->local, "html");
    return IN_START;
}

static enum rules_ns namespace_of(struct build *b, const struct xml_name *name)
{
    if (!name->uri)
        return rules_namespace(name);
    for (size_t i = 0; i < b->n_known; i++)
        if (!strcmp(b->known[i].uri, name->uri))
            return b->known[i].ns;
    enum rules_ns ns = rules_namespace(name);
    if (b->n_known < MAX_KNOWN && strlen(name->uri) < MAX_KNOWN_URI) {
        memcpy(b->known[b->n_known].uri, name->uri, strlen(name->uri) + 1);
        b->known[b->n_known++].ns = ns;
    }
    return ns;
}

static const struct rules_rule *find_rule(struct build *b, const struct xml_name *name,
                                          enum rules_scope scope)
{
    if (!name->lasting)
        return rules_find(namespace_of(b, name), name->local, scope);
    size_t hash = (uintptr_t)name->local / 8 ^ (uintptr_t)name->local / 512 ^ (size_t)scope;
    struct known_element *e = &b->elements[hash % MAX_ELEMENTS];
    if (e->local != name->local || e->uri != name->uri || e->prefix != name->prefix ||
        e->scope != scope)
        *e = (struct known_element){name->prefix, name->local, name->uri, scope,
                                    rules_find(namespace_of(b, name), name->local, scope)};
    return e->rule;
}

static void take_xml_base(struct build *b, struct frame *f, const struct xml_attribute *a, size_t n)
{
    const struct xml_attribute *found = find_attribute(a, n, NS_XML, "base");
    if (!found)
        return;
    char *said = mem_strn(found->value, found->n), *base = url_resolve(base_of(b), said);
    free(said);
    if (url_is_absolute(base)) {
        f->base = base;
        b->n_bases++;
    } else {
        free(base);
    }
}

static void on_feed_start(void *context, const struct xml_name *name, const struct xml_attribute *a,
                          size_t n)
{
    struct build *b = context;
    if (b->depth >= FEED_MAX_DEPTH) {
        b->too_deep++;
        return;
    }
    enum rules_scope scope = scope_of(b);
    struct frame *f = &b->frames[b->depth++];
    *f = (struct frame){.scope = scope};
    if (n)
        take_xml_base(b, f, a, n);
    if (b->text.rule) {
        add_start_tag(b, name, a, n);
        return;
    }
    if (scope == IN_NOTHING)
        return;
    f->rule = find_rule(b, name, scope);
    if (f->rule && scope == IN_START) {
        b->found |= name->uri != NULL;
        b->atom = !strcasecmp(name->local, "feed") || !strcasecmp(name->local, "entry");
        if (b->is_html && !b->found) /* in a page, only with a namespace */
            f->rule = NULL;
    }
    if (!f->rule) {
        f->scope = unknown(b, name);
        return;
    }
    b->found |= scope != IN_START;
    f->scope = apply_rule(b, f->rule, a, n);
}

static void on_feed_end(void *context, const char *local)
{
    struct build *b = context;
    if (b->too_deep) {
        b->too_deep--;
        return;
    }
    struct frame *f = &b->frames[b->depth - 1];
    if (b->text.rule && b->text.depth == b->depth)
        end_text(b);
    else if (b->text.rule && !html_is_void(local, strlen(local)))
        add_end_tag(b, local);
    b->depth--;
    if (f->rule && f->rule->action == ENTER_PERSON)
        end_person(b, f->rule);
    else if (f->rule && f->rule->action == ENTER_ITEM)
        fields_item_end(&b->store);
    b->n_bases -= f->base != NULL;
    free(f->base);
}

static void on_feed_text(void *context, const char *p, size_t n)
{
    struct build *b = context;
    if (!b->text.rule) {
        if (scope_of(b) == IN_PERSON)
            buf_add(&b->person_text, p, n);
    } else if (b->text.escape) {
        escape(&b->text.bytes, ESCAPE_TEXT, p, n);
    } else {
        buf_add(&b->text.bytes, p, n);
    }
}

const struct xml_events build_events = {on_feed_start, on_feed_text, on_feed_end};

/* ---- the builder ----------------------------------------------------------------------------- */
struct build *build_new(const char *base_url)
{
    struct build *b = mem_zero(sizeof *b);
    fields_init(&b->store);
    b->base_url = base_url ? mem_str(base_url) : NULL;
    buf_init(&b->text.bytes, FEED_MAX_TEXT);
    buf_init(&b->person_name, FEED_MAX_TEXT);
    buf_init(&b->person_mail, FEED_MAX_TEXT);
    buf_init(&b->person_text, FEED_MAX_TEXT);
    return b;
}

enum feed_status build_finish(struct build *b, struct feed **out, bool well_formed)
{
    enum feed_status status = b->rooted && (well_formed || b->found) ? FEED_OK
                              : b->is_html                           ? FEED_IS_HTML
                                                                     : FEED_NOT_A_FEED;
    if (b->atom || b->store.feed_has[F_AUTHOR] == AUTHOR_OF_ALL)
        fields_inherit_author(&b->store);
    *out = status == FEED_OK ? fields_take(&b->store) : NULL;
    build_free(b);
    return status;
}

void build_free(struct build *b)
{
    for (size_t i = 0; i < b->depth; i++)
        free(b->frames[i].base);
    fields_free(&b->store);
    buf_free(&b->text.bytes);
    buf_free(&b->person_name);
    buf_free(&b->person_mail);
    buf_free(&b->person_text);
    free(b->base_url);
    free(b);
}
