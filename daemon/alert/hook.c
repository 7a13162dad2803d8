/* Writes the requests of webhooks, for alert.c. What an event says comes from strangers: it is
 * shortened, escaped for its target, and can mention nobody there. */
#include "alert/hook.h"

#include "alert/message.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "store/record.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_TITLE = 300, /* bytes */
    MOST_SAID = 600,
    MOST_NAME = 60,
    MOST_NAMES = 5,
    MOST_ADDRESS = 1000, /* a longer one is left out */
    MOST_TEXT = 1 << 16,
};

/* What every format says. Texts are clean; what is not there is "". */
struct notice {
    char *title, *counts, *said;
    char *page, *mute;    /* addresses: of the event's page, the same with the question */
    char *article, *link; /* of the lead article; of what the title leads to */
};

/* ---- parts of a notice ---------------------------------------------------------------------- */

/* On one line, without what utf8_unsafe() names, and with a space of no width after each @, so that
 * no service takes it for a mention. */
static char *clean_text(const char *text, size_t most)
{
    static const char nothing[] = "\u200b", more[] = "…";
    const char *end = text + strlen(text);
    struct buf out;
    buf_init(&out, most + sizeof more);
    for (size_t n; text < end; text += n) {
        uint32_t c = 0;
        n = utf8_decode(text, end, &c);
        if (!n) {
            n = 1;
            continue;
        }
        if (out.len + n + strlen(nothing) > most) {
            buf_adds(&out, more);
            break;
        }
        if (c == '\n' || c == '\t')
            buf_addc(&out, ' ');
        else if (!utf8_unsafe(c))
            buf_add(&out, text, n);
        if (c == '@')
            buf_adds(&out, nothing);
    }
    return buf_take(&out);
}

/* Without characters that end an address in one of the formats. */
static char *safe_address(const char *url)
{
    struct buf out;
    buf_init(&out, MOST_ADDRESS);
    for (url = record_address(url); *url; url++)
        if ((unsigned char)*url <= ' ' || *url == 0x7f || strchr("\"'<>()[]{}|\\^`", *url))
            buf_addf(&out, "%%%02X", (unsigned char)*url);
        else
            buf_addc(&out, *url);
    if (out.full)
        buf_cut(&out, 0);
    return buf_take(&out);
}

/* "[ships] 7 sources: Kestrel, Tribune, Post, Gazette, Harbour and 2 more" */
static char *source_counts(const char *alert, const json_t *event)
{
    const json_t *sources = json_object_get(event, "sources"), *source;
    size_t i, n = json_array_size(sources);
    uint64_t count = record_number(event, "source_count");
    struct buf out;
    char *name = clean_text(alert, MOST_NAME);
    buf_init(&out, MOST_TEXT);
    buf_addf(&out, "[%s] %" PRIu64 " source%s", name, count, count == 1 ? "" : "s");
    free(name);
    json_array_foreach(sources, i, source)
    {
        if (i == MOST_NAMES)
            break;
        name = clean_text(record_text(source, "name"), MOST_NAME);
        buf_addf(&out, "%s%s", i == 0 ? ": " : i + 1 == n ? " and " : ", ", name);
        free(name);
    }
    if (n > MOST_NAMES)
        buf_addf(&out, " and %zu more", n - MOST_NAMES);
    return buf_take(&out);
}

/* "The ferry hit a crane. (Kestrel)"; "" if there is none. */
static char *first_sentence(const json_t *statement)
{
    struct buf out;
    buf_init(&out, MOST_TEXT);
    if (statement)
        message_whose(statement, &out);
    char *text = clean_text(record_text(statement, "text"), MOST_SAID),
         *whose = clean_text(buf_text(&out), MOST_NAME);
    buf_clear(&out);
    if (*text)
        buf_addf(&out, "%s (%s)", text, whose);
    free(text);
    free(whose);
    return buf_take(&out);
}

static char *page_address(const char *base, uint64_t event, const char *fragment)
{
    struct buf out;
    buf_init(&out, MOST_ADDRESS);
    message_page(base, event, &out);
    if (out.len)
        buf_adds(&out, fragment);
    return buf_take(&out);
}

static void notice_of_event(const struct hook_order *o, const json_t *message, struct notice *n)
{
    const json_t *event = json_object_get(message, "event"),
                 *first = json_array_get(json_object_get(event, "summary"), 0);
    uint64_t number = record_number(event, "id");
    n->title = clean_text(record_text(event, "title"), MOST_TITLE);
    n->counts = source_counts(record_text(message, "alert"), event);
    n->said = first_sentence(first);
    n->page = page_address(o->base, number, "");
    n->mute = page_address(o->base, number, "#mute");
    n->article = safe_address(record_text(event, "url"));
    n->link = mem_str(*n->page ? n->page : n->article);
}

/* The closing message of an alert that reached its limit. */
static void notice_of_more(const struct hook_order *o, const json_t *message, struct notice *n)
{
    uint64_t more = record_number(message, "more");
    char *name = clean_text(record_text(message, "alert"), MOST_NAME);
    struct buf out;
    buf_init(&out, MOST_TEXT);
    buf_addf(&out, "%" PRIu64 " more event%s", more, more == 1 ? "" : "s");
    n->title = buf_take(&out);
    buf_addf(&out, "[%s] the limit of messages per hour was reached", name);
    n->counts = buf_take(&out);
    n->said = mem_str("");
    n->page = mem_str(o->base);
    n->mute = mem_str("");
    n->article = mem_str("");
    n->link = mem_str(o->base);
    free(name);
}

static void notice_free(struct notice *n)
{
    free(n->title);
    free(n->counts);
    free(n->said);
    free(n->page);
    free(n->mute);
    free(n->article);
    free(n->link);
}

/* ---- markup --------------------------------------------------------------------------------- */

static void slack_text(struct buf *out, const char *text)
{
    escape_text(out, ESCAPE_TEXT, text);
}

static void slack_link(struct buf *out, const char *url, const char *label)
{
    buf_addc(out, '<');
    escape_text(out, ESCAPE_TEXT, url);
    buf_addc(out, '|');
    escape_text(out, ESCAPE_TEXT, label);
    buf_addc(out, '>');
}

static void markdown_text(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_{}[]()#+-!>~|", *text))
            buf_addc(out, '\\');
        buf_addc(out, *text);
    }
}

static void markdown_link(struct buf *out, const char *url, const char *label)
{
    buf_addc(out, '[');
    markdown_text(out, label);
    buf_addf(out, "](%s)", url);
}

static void html_text(struct buf *out, const char *text)
{
    escape_text(out, ESCAPE_PAGE, text);
}

static void html_link(struct buf *out, const char *url, const char *label)
{
    buf_adds(out, "<a href=\"");
    html_text(out, url);
    buf_adds(out, "\">");
    html_text(out, label);
    buf_adds(out, "</a>");
}

static void unmarked_text(struct buf *out, const char *text)
{
    buf_adds(out, text);
}

static void unmarked_link(struct buf *out, const char *url, const char *label)
{
    buf_addf(out, "%s: %s", label, url);
}

static const struct hook_markup {
    void (*text)(struct buf *out, const char *text);
    void (*link)(struct buf *out, const char *url, const char *label);
    const char *line, *bold, *bold_end, *quote;
} slack_markup = {slack_text, slack_link, "\n", "*", "*", "> "},
  markdown_markup = {markdown_text, markdown_link, "\n", "**", "**", "> "},
  html_markup = {html_text, html_link, "<br>", "<b>", "</b>", ""},
  plain_markup = {unmarked_text, unmarked_link, "\n", "", "", ""};

enum { TITLE = 1, SAID = 2, ARTICLE = 4, MUTE = 8, ALL = TITLE | SAID | ARTICLE | MUTE };

static void add_notice_links(struct buf *out, const struct hook_markup *m, const struct notice *n,
                             unsigned parts)
{
    bool article = (parts & ARTICLE) && *n->page && *n->article, mute = (parts & MUTE) && *n->mute;
    if (article || mute)
        buf_adds(out, m->line);
    if (article)
        m->link(out, n->article, "Lead article");
    if (article && mute)
        buf_adds(out, m->link == unmarked_link ? m->line : " · ");
    if (mute)
        m->link(out, n->mute, "Mute this event");
}

static char *notice_text(const struct hook_markup *m, const struct notice *n, unsigned parts)
{
    struct buf out;
    buf_init(&out, MOST_TEXT);
    if (parts & TITLE) {
        buf_adds(&out, m->bold);
        if (*n->link)
            m->link(&out, n->link, n->title);
        else
            m->text(&out, n->title);
        buf_adds(&out, m->bold_end);
        buf_adds(&out, m->line);
    }
    m->text(&out, n->counts);
    if ((parts & SAID) && *n->said) {
        buf_adds(&out, m->line);
        buf_adds(&out, m->quote);
        m->text(&out, n->said);
    }
    add_notice_links(&out, m, n, parts);
    return buf_take(&out);
}

/* ---- bodies --------------------------------------------------------------------------------- */

static json_t *slack_body(const struct notice *n, const char *text)
{
    (void)n;
    return json_pack("{s:s,s:b,s:b}", "text", text, "unfurl_links", 0, "unfurl_media", 0);
}

static json_t *mattermost_body(const struct notice *n, const char *text)
{
    (void)n;
    return json_pack("{s:s}", "text", text);
}

static json_t *discord_body(const struct notice *n, const char *text)
{
    enum { SUPPRESS_EMBEDS = 4 }; /* no previews of links */
    (void)n;
    return json_pack("{s:s,s:{s:[]},s:i}", "content", text, "allowed_mentions", "parse", "flags",
                     SUPPRESS_EMBEDS);
}

/* An empty m.mentions states that nobody is meant. */
static json_t *matrix_body(const struct notice *n, const char *text)
{
    char *plain = notice_text(&plain_markup, n, ALL);
    json_t *body = json_pack("{s:s,s:s,s:s,s:s,s:{}}", "msgtype", "m.text", "body", plain, "format",
                             "org.matrix.custom.html", "formatted_body", text, "m.mentions");
    free(plain);
    return body;
}

/* Its TextBlocks know Markdown that clients read in different ways; a TextRun shows what it has. */
static json_t *teams_block(const char *text, const char *weight)
{
    return json_pack("{s:s,s:[{s:s,s:s,s:s}]}", "type", "RichTextBlock", "inlines", "type",
                     "TextRun", "text", text, "weight", weight);
}

static void add_teams_action(json_t *actions, const char *title, const char *url)
{
    if (*url)
        json_array_append_new(actions, json_pack("{s:s,s:s,s:s}", "type", "Action.OpenUrl", "title",
                                                 title, "url", url));
}

static json_t *teams_body(const struct notice *n, const char *text)
{
    (void)text;
    json_t *blocks =
        json_pack("[o,o]", teams_block(n->title, "Bolder"), teams_block(n->counts, "Default"));
    json_t *actions = json_array();
    if (*n->said)
        json_array_append_new(blocks, teams_block(n->said, "Default"));
    add_teams_action(actions, "Open", n->page);
    add_teams_action(actions, "Lead article", n->article);
    add_teams_action(actions, "Mute this event", n->mute);
    return json_pack("{s:s,s:[{s:s,s:n,s:{s:s,s:s,s:s,s:o,s:o}}]}", "type", "message",
                     "attachments", "contentType", "application/vnd.microsoft.card.adaptive",
                     "contentUrl", "content", "$schema",
                     "http://adaptivecards.io/schemas/adaptive-card.json", "type", "AdaptiveCard",
                     "version", "1.4", "body", blocks, "actions", actions);
}

/* ---- headers -------------------------------------------------------------------------------- */

static void add_hook_header(struct hook *h, const char *name, const char *value)
{
    struct buf line;
    size_t i = 0;
    buf_init(&line, MOST_TEXT);
    buf_addf(&line, "%s: %s", name, value);
    while (h->headers[i])
        i++;
    h->headers[i] = buf_take(&line);
}

/* Those of Standard Webhooks. */
static void storyd_headers(struct hook *h, const struct hook_order *o, const json_t *message,
                           const struct notice *n)
{
    (void)n;
    const char *id = record_text(message, "id");
    char now[24];
    struct buf signature;
    buf_init(&signature, 128);
    snprintf(now, sizeof now, "%" PRId64, o->now);
    add_hook_header(h, "webhook-id", id);
    add_hook_header(h, "webhook-timestamp", now);
    if (o->secret) {
        message_signature(o->secret, id, now, o->body, &signature);
        add_hook_header(h, "webhook-signature", buf_text(&signature));
    }
    buf_free(&signature);
}

static void ntfy_headers(struct hook *h, const struct hook_order *o, const json_t *message,
                         const struct notice *n)
{
    (void)o, (void)message;
    struct buf value;
    buf_init(&value, MOST_TEXT);
    message_encode(n->title, " ", &value);
    add_hook_header(h, "Title", buf_text(&value));
    add_hook_header(h, "Tags", "newspaper");
    add_hook_header(h, "Priority", "default");
    if (*n->link)
        add_hook_header(h, "Click", n->link);
    if (*n->mute) {
        buf_clear(&value);
        buf_addf(&value, "view, Mute this event, \"%s\"", n->mute);
        add_hook_header(h, "Actions", buf_text(&value));
    }
    buf_free(&value);
}

/* ---- formats -------------------------------------------------------------------------------- */

static const struct hook_format {
    const struct hook_markup *markup; /* NULL: the alert's JSON */
    unsigned parts;
    size_t most; /* bytes of text: below the service's own limit */
    json_t *(*body)(const struct notice *n, const char *text); /* NULL: the text itself */
    void (*headers)(struct hook *h, const struct hook_order *o, const json_t *message,
                    const struct notice *n);
    const char *type;
    bool put; /* to an address that ends with an id, so that a repeated request does not count */
} hook_formats[FORMAT_COUNT] = {
    [FORMAT_STORYD] = {.headers = storyd_headers, .type = "application/json"},
    [FORMAT_SLACK] = {&slack_markup, ALL, 4000, slack_body, NULL, "application/json", false},
    [FORMAT_TEAMS] = {&plain_markup, ALL, 8000, teams_body, NULL, "application/json", false},
    [FORMAT_DISCORD] = {&markdown_markup, ALL, 2000, discord_body, NULL, "application/json", false},
    [FORMAT_MATRIX] = {&html_markup, ALL, 8000, matrix_body, NULL, "application/json", true},
    [FORMAT_NTFY] = {&plain_markup, SAID | ARTICLE, 4000, NULL, ntfy_headers,
                     "text/plain; charset=utf-8", false},
    [FORMAT_MATTERMOST] = {&markdown_markup, ALL, 4000, mattermost_body, NULL, "application/json",
                           false},
};

/* The sentence, then the article is left out where there is no room. */
static char *fitting_text(const struct hook_format *f, const struct notice *n)
{
    static const unsigned without[] = {0, SAID, SAID | ARTICLE};
    char *text = NULL;
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        free(text);
        text = notice_text(f->markup, n, f->parts & ~without[i]);
        if (strlen(text) <= f->most)
            break;
    }
    return text;
}

static char *hook_body(const struct hook_format *f, const struct notice *n)
{
    char *text = fitting_text(f, n);
    if (!f->body)
        return text;
    json_t *body = f->body(n, text);
    char *dumped = json_dumps(body, JSON_COMPACT);
    if (!dumped)
        abort(); /* out of memory; the texts are valid UTF-8 */
    json_decref(body);
    free(text);
    return dumped;
}

static char *hook_address(const struct hook_format *f, const struct hook_order *o,
                          const json_t *message)
{
    struct buf url;
    buf_init(&url, MOST_TEXT);
    buf_adds(&url, o->url);
    if (f->put)
        buf_addf(&url, "/%s-%" PRIu64, record_text(message, "id"), record_number(message, "time"));
    return buf_take(&url);
}

static void add_common_headers(struct hook *h, const struct hook_format *f,
                               const struct hook_order *o)
{
    add_hook_header(h, "Content-Type", f->type);
    if (o->secret && o->format != FORMAT_STORYD) {
        struct buf token;
        buf_init(&token, MOST_TEXT);
        buf_addf(&token, "Bearer %s", o->secret);
        add_hook_header(h, "Authorization", buf_text(&token));
        buf_free(&token);
    }
}

void hook_make(const struct hook_order *order, struct hook *out)
{
    const struct hook_format *f = &hook_formats[order->format];
    json_t *message = json_loads(order->body, 0, NULL);
    struct notice n = {0};
    *out = (struct hook){.url = hook_address(f, order, message), .put = f->put};
    if (f->markup && json_object_get(message, "event"))
        notice_of_event(order, message, &n);
    else if (f->markup)
        notice_of_more(order, message, &n);
    out->body = f->markup ? hook_body(f, &n) : mem_str(order->body);
    add_common_headers(out, f, order);
    if (f->headers)
        f->headers(out, order, message, &n);
    notice_free(&n);
    json_decref(message);
}

void hook_free(struct hook *h)
{
    for (size_t i = 0; h->headers[i]; i++)
        free(h->headers[i]);
    free(h->url);
    free(h->body);
}
