/* Answers /healthz and /readyz; /api/v1/health, with figures, is in api.c. */
#include "api/checks.h"

#include "api/context.h"
#include "ingest/ingest.h"
#include "store/store.h"
#include "story.h"

static void say_plainly(struct reply *out, int status, const char *text)
{
    out->status = status;
    out->type = "text/plain; charset=utf-8";
    out->cache = "no-store";
    buf_addf(&out->body, "%s\n", text);
}

void checks_live(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c, (void)r;
    say_plainly(out, 200, "ok");
}

void checks_ready(struct routes_context *c, const struct request *r, struct reply *out)
{
    story_view *view;
    (void)r;
    if (store_is_full(store_error(ingest_store(c->ingest)))) {
        say_plainly(out, 503, "the store is full; nothing is polled");
    } else if (story_view_begin(c->db, &view)) {
        say_plainly(out, 503, "the store cannot be read");
    } else {
        story_view_end(view);
        say_plainly(out, 200, "ok");
    }
}
