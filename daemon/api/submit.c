/* Checks an article that a publisher submits, and passes it to ingest/ingest.h as a feed of one
 * item.
 */
#include "api/submit.h"

#include "api/api.h"
#include "api/ask.h"
#include "api/feeds_out.h"
#include "api/live.h"
#include "article/limits.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/moment.h"
#include "base/url.h"
#include "feed/parser.h"
#include "ingest/identity.h"
#include "ingest/ingest.h"
#include "ingest/subscription.h"
#include "net/access.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scheme[] = "publisher:"; /* and the name: the address of the record */

enum { MAX_TOKEN = 512, MAX_ID = 1000, MAX_NAMES = 64, MINUTE = 60000 };
/* One of that length takes about 20 ms, in one step. */
enum { MAX_BODY = 256 << 10 };
static const int64_t end_of_9999 = 253402300799;

/* ---- publishers ------------------------------------------------------------------------------ */

/* Compares with all, so that the time tells nothing. */
static const struct config_publisher *publisher_of_token(const struct config *c,
                                                         const struct request *r)
{
    const char *authorization = request_header(r, "Authorization");
    const struct config_publisher *found = NULL;
    char token[MAX_TOKEN];
    if (!authorization || !access_token(authorization, token, sizeof token))
        return NULL;
    for (size_t i = 0; i < c->n_publishers; i++)
        if (access_same_secret(c->publishers[i].secret, token))
            found = &c->publishers[i];
    return found;
}

/* The record of the publisher, as configured. */
static int submitter_find(struct store *s, const struct config_publisher *p, int64_t now,
                          struct feed_record **out)
{
    char url[sizeof scheme + 4 * CONFIG_MAX_NAMED];
    snprintf(url, sizeof url, "%s%s", scheme, p->name);
    int error = subscription_find(s, url, out);
    if (error)
        return error;
    if (subscription_state(*out) != SUBSCRIPTION_SUBMITTED)
        (*out)->added = now;
    subscription_become(*out, SUBSCRIPTION_SUBMITTED);
    subscription_set(&(*out)->title, p->name);
    subscription_set(&(*out)->home, p->home.text);
    subscription_set(&(*out)->lang, p->lang.text);
    return 0;
}

static bool is_configured_publisher(const struct config *c, const char *url)
{
    for (size_t i = 0; i < c->n_publishers; i++)
        if (!strcmp(url + sizeof scheme - 1, c->publishers[i].name))
            return true;
    return false;
}

static int drop_submitters(struct store *s, const struct config *c)
{
    uint64_t feeds = store_number(s, "feeds");
    int error = 0;
    for (uint64_t number = 1; !error && number <= feeds; number++) {
        struct feed_record *sub;
        error = subscription_load(s, number, &sub);
        if (error)
            break;
        if (subscription_state(sub) == SUBSCRIPTION_SUBMITTED &&
            !is_configured_publisher(c, sub->url)) {
            subscription_become(sub, SUBSCRIPTION_REMOVED);
            error = subscription_save(s, sub);
        }
        subscription_free(sub);
    }
    return error;
}

int submit_configure(struct ingest *in, const struct config *config)
{
    struct store *s = ingest_store(in);
    int error = ingest_commit_end(in);
    if (!error)
        error = drop_submitters(s, config);
    for (size_t i = 0; !error && i < config->n_publishers; i++) {
        struct feed_record *sub;
        error = submitter_find(s, &config->publishers[i], wall_clock(), &sub);
        if (error)
            break;
        error = subscription_save(s, sub);
        subscription_free(sub);
    }
    return error;
}

/* Whether the publisher may submit one more now: a minute's articles at once, and then one each
 * time that its part of a minute has passed. */
static bool is_within_rate(struct routes_context *c, const struct config_publisher *p,
                           struct reply *out)
{
    int64_t *used = &c->submitted[p - c->config->publishers], now = monotonic_ms(),
            one = MINUTE / p->per_minute.number;
    char wait[24];
    if (*used < now)
        *used = now;
    if (*used + one <= now + MINUTE) {
        *used += one;
        return true;
    }
    snprintf(wait, sizeof wait, "%" PRId64, (*used + one - now - MINUTE + 999) / 1000);
    reply_header(out, "Retry-After", wait);
    reply_problem(out, 429, "more than %" PRId64 " articles in a minute (per_minute)",
                  p->per_minute.number);
    return false;
}

/* ---- the article ----------------------------------------------------------------------------- */

enum submitted_kind { A_TEXT, AN_ADDRESS, A_TIME, NAMES, PEOPLE };

static const struct submitted_field {
    const char *name;
    enum submitted_kind kind;
    size_t most; /* bytes of a text, elements of a list */
} submitted_fields[] = {
    {"id", A_TEXT, MAX_ID},
    {"url", AN_ADDRESS, ARTICLE_MAX_LINK},
    {"title", A_TEXT, ARTICLE_MAX_TITLE},
    {"summary", A_TEXT, MAX_BODY},
    {"content_text", A_TEXT, MAX_BODY},
    {"content_html", A_TEXT, MAX_BODY},
    {"language", A_TEXT, 16},
    {"image", AN_ADDRESS, ARTICLE_MAX_IMAGE},
    {"date_published", A_TIME, 0},
    {"date_modified", A_TIME, 0},
    {"tags", NAMES, MAX_NAMES},
    {"authors", PEOPLE, MAX_NAMES},
};

static bool is_list_of_names(const json_t *list, bool people, size_t most)
{
    if (!json_is_array(list) || json_array_size(list) > most)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const json_t *name = people ? json_object_get(one, "name") : one;
        if (!json_is_string(name) || json_string_length(name) > ARTICLE_MAX_NAME)
            return false;
    }
    return true;
}

/* RFC 3339 or seconds; *time becomes RFC 3339, as in a JSON Feed. */
static bool read_submitted_time(json_t *item, const char *name)
{
    const json_t *time = json_object_get(item, name);
    const char *text = json_string_value(time);
    char stamp[FEEDS_OUT_TIME];
    int64_t seconds = json_integer_value(time);
    if (text ? !moment_read(text, wall_clock(), false, &seconds) : !json_is_integer(time))
        return false;
    if (seconds < 0 || seconds > end_of_9999)
        return false;
    return !json_object_set_new(item, name, json_string(feeds_out_time(seconds, stamp)));
}

/* Says what is expected of the field; NULL if it is that. */
static const char *wrong_with(json_t *item, const struct submitted_field *f)
{
    const json_t *value = json_object_get(item, f->name);
    const char *text = json_string_value(value);
    switch (f->kind) {
    case A_TEXT:
        return text && *text && json_string_length(value) <= f->most ? NULL : "a text";
    case AN_ADDRESS:
        return text && url_is_http(text) && json_string_length(value) <= f->most
                   ? NULL
                   : "an address that begins with http:// or https://";
    case A_TIME:
        return read_submitted_time(item, f->name) ? NULL : MOMENT_FORMS;
    case NAMES:
        return is_list_of_names(value, false, f->most) ? NULL : "a list of texts";
    case PEOPLE:
        return is_list_of_names(value, true, f->most) ? NULL : "a list of objects with a name";
    }
    return NULL;
}

static bool check_submitted(json_t *item, struct reply *out)
{
    enum { FIELDS = sizeof submitted_fields / sizeof *submitted_fields };
    size_t known = 0;
    for (const struct submitted_field *f = submitted_fields; f < submitted_fields + FIELDS; f++) {
        if (!json_object_get(item, f->name))
            continue;
        known++;
        const char *wrong = wrong_with(item, f);
        if (wrong && f->most)
            reply_problem(out, 422, "%s: expected %s, of at most %zu%s", f->name, wrong, f->most,
                          f->kind == A_TEXT || f->kind == AN_ADDRESS ? " bytes" : "");
        else if (wrong)
            reply_problem(out, 422, "%s: expected %s", f->name, wrong);
        if (wrong)
            return false;
    }
    if (known < json_object_size(item))
        reply_problem(
            out, 422,
            "unknown field; expected id, url, title, summary, content_text, "
            "content_html, language, image, date_published, date_modified, tags, authors");
    else if (!json_object_get(item, "id") || !json_object_get(item, "title"))
        reply_problem(out, 422, "expected at least id and title");
    else
        return true;
    return false;
}

/* The article as a feed of one item; NULL after writing the response. */
static struct feed *read_submitted(const struct request *r, struct reply *out)
{
    json_error_t error;
    json_t *item =
        json_loadb(r->body ? r->body : "", r->body_length, JSON_REJECT_DUPLICATES, &error);
    struct feed *feed = NULL;
    if (!json_is_object(item)) {
        reply_problem(out, 400, "body: expected a JSON object; %s",
                      item ? "it is not one" : error.text);
    } else if (check_submitted(item, out)) {
        json_t *document =
            json_pack("{s:s,s:[O]}", "version", "https://jsonfeed.org/version/1.1", "items", item);
        char *text = json_dumps(document, JSON_COMPACT);
        feed_parse(text, strlen(text), NULL, "application/feed+json", &feed);
        free(text);
        json_decref(document);
        if (feed && (feed->n_items != 1 || !feed->items[0].id)) {
            feed_free(feed);
            feed = NULL;
        }
        if (!feed)
            reply_problem(out, 422, "the article cannot be read; expected texts in UTF-8");
    }
    json_decref(item);
    return feed;
}

/* ---- the store ------------------------------------------------------------------------------- */

/* Ingests and commits it. `*number` is the article; 0: it is empty. */
static int take_submitted(struct ingest *in, const struct config_publisher *p, struct feed *feed,
                          bool *new, uint64_t *number)
{
    struct store *s = ingest_store(in);
    struct feed_record *sub;
    int64_t now = wall_clock();
    char *id = mem_str(feed->items[0].id);
    bool more = true;
    int error = submitter_find(s, p, now, &sub);
    if (error) {
        feed_free(feed);
        free(id);
        return error;
    }
    const struct feed_origin origin = subscription_origin(sub);
    struct ingest_document *d = ingest_begin(in, sub->number, &origin, &sub->speaker, feed, now);
    while (!error && more)
        error = ingest_next(d, &more);
    const struct ingest_counts counts = ingest_end(d);
    *new = counts.articles > 0;
    sub->pushes++;
    sub->articles += counts.articles;
    if (*new)
        sub->last_new = now;
    if (!error)
        error = subscription_save(s, sub);
    if (!error)
        error = identity_of_guid(s, sub->number, id, number);
    subscription_free(sub);
    free(id);
    return error ? error : ingest_commit(in);
}

void submit_article(struct routes_context *c, const struct request *r, struct reply *out)
{
    const struct config_publisher *p = publisher_of_token(c->config, r);
    char location[64];
    bool new = false;
    uint64_t number = 0;
    if (!p) {
        reply_problem(out, 401,
                      "the token of a [publisher NAME] is required: send Authorization: "
                      "Bearer TOKEN");
        return;
    }
    if (!ask_nothing(r, out) || !is_within_rate(c, p, out))
        return;
    if (r->body_length > MAX_BODY) {
        reply_problem(out, 413, "an article of more than %d KiB", MAX_BODY >> 10);
        return;
    }
    struct feed *feed = read_submitted(r, out);
    if (!feed)
        return;
    int error = ingest_commit_end(c->ingest);
    if (!error)
        error = store_error(ingest_store(c->ingest));
    if (error)
        feed_free(feed);
    else
        error = take_submitted(c->ingest, p, feed, &new, &number);
    if (error) {
        reply_header(out, "Retry-After", "60");
        reply_problem(out, 503, "the store failed: %s", store_strerror(error));
        c->wrote(c->wrote_arg, error);
        return;
    }
    live_committed(c->live);
    if (!number) {
        reply_problem(out, 422, "title: expected words");
        return;
    }
    api_record(c, &(struct request){.number = number}, out, "article", story_article);
    if (!new || out->status != 200)
        return;
    out->status = 201;
    snprintf(location, sizeof location, "/api/v1/articles/%" PRIu64, number);
    reply_header(out, "Location", location);
}
