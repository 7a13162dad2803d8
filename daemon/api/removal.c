/* Reads a request to remove the text of an article or of a feed's articles, has it done, and logs
 * who wanted it. */
#include "api/removal.h"

#include "api/live.h"
#include "base/clock.h"
#include "ingest/forget.h"
#include "ingest/ingest.h"
#include "log.h"
#include "pages/pictures.h"
#include "store/record.h"
#include "store/store.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct removal {
    uint64_t article, feed; /* one of them is 0 */
    const char *who, *why;
};

/* Names of fields that are not known are refused: a misspelt one would remove something else. */
static bool read_removal(const json_t *ask, struct removal *out, struct reply *reply)
{
    static const char *const known[] = {"article", "feed", "who", "why"};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)ask, name, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], name) != 0)
            i++;
        if (i == sizeof known / sizeof *known) {
            reply_problem(reply, 422, "unknown field %.60s; expected article or feed, who, why",
                          name);
            return false;
        }
    }
    *out = (struct removal){record_number(ask, "article"), record_number(ask, "feed"),
                            record_text(ask, "who"), record_text(ask, "why")};
    if (!out->article == !out->feed)
        reply_problem(reply, 422, "expected either article or feed, a number of at least 1");
    else if (!*out->who || strlen(out->who) > 200 || strlen(out->why) > 1000)
        reply_problem(reply, 422,
                      "who: expected a text of 1 to 200 bytes; why: of at most 1000 bytes");
    else
        return true;
    return false;
}

static void remove_one(struct routes_context *c, const struct removal *r, struct reply *out)
{
    uint64_t event = 0;
    int error = forget_article(c->ingest, r->article, wall_clock(), &event);
    if (!error)
        error = ingest_commit(c->ingest);
    if (error == STORE_NOT_FOUND) {
        reply_problem(out, 404, "no article %" PRIu64 ", or it was deleted because of its age",
                      r->article);
        return;
    }
    if (error) {
        reply_problem(out, 503, "the store failed: %s", store_strerror(error));
        return;
    }
    live_committed(c->live);
    if (c->pictures)
        pictures_clear(c->pictures);
    out->type = "application/json";
    buf_addf(&out->body, "{\"article\":%" PRIu64 ",\"event\":%" PRIu64 "}\n", r->article, event);
}

/* Its articles are worked off while other requests are served. */
static void remove_feeds(struct routes_context *c, const struct removal *r, struct reply *out)
{
    int error = forget_feed(c->ingest, r->feed);
    if (!error)
        error = ingest_commit(c->ingest);
    if (error == STORE_NOT_FOUND) {
        reply_problem(out, 404, "no feed %" PRIu64, r->feed);
    } else if (error == STORE_BUSY) {
        reply_problem(out, 409,
                      "another feed is still being worked off; try again when the log says that "
                      "it is finished");
    } else if (error) {
        reply_problem(out, 503, "the store failed: %s", store_strerror(error));
    } else {
        c->work_off(c->work_off_arg);
        out->status = 202;
        out->type = "application/json";
        buf_addf(&out->body, "{\"feed\":%" PRIu64 "}\n", r->feed);
    }
}

void removal_forget(struct routes_context *c, const struct request *r, struct reply *out)
{
    json_error_t error;
    struct removal removal;
    json_t *ask = json_loadb(r->body ? r->body : "", r->body_length, 0, &error);
    if (!json_is_object(ask)) {
        reply_problem(out, 400, "body: expected a JSON object; %s",
                      ask ? "it is not one" : error.text);
        json_decref(ask);
        return;
    }
    if (r->user) /* a client cannot claim to be somebody else */
        json_object_set_new(ask, "who", json_string(r->user));
    if (read_removal(ask, &removal, out)) {
        if (removal.article)
            remove_one(c, &removal, out);
        else
            remove_feeds(c, &removal, out);
        if (out->status < 400)
            log_line(LOG_INFO, "removal_asked", "text removed on request",
                     LOG_N("article", removal.article), LOG_N("feed", removal.feed),
                     LOG_T("who", removal.who), LOG_T("why", removal.why));
    }
    json_decref(ask);
}
