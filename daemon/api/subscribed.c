/* Answers /api/v1/list: the state of the feed list, and the confirmation of one that removes too
 * many feeds (poll/remote_list.h). */
#include "api/subscribed.h"

#include "api/ask.h"
#include "api/context.h"
#include "poll/remote_list.h"

#include <jansson.h>
#include <stdlib.h>

static void add_list_state(struct routes_context *c, struct reply *out)
{
    json_t *all = remote_list_describe(c->remote);
    char *text = json_dumps(all, JSON_COMPACT);
    if (!text)
        abort(); /* a text that is not UTF-8 got this far */
    out->type = "application/json";
    out->cache = "no-store";
    buf_addf(&out->body, "%s\n", text);
    free(text);
    json_decref(all);
}

void subscribed_list(struct routes_context *c, const struct request *r, struct reply *out)
{
    if (ask_nothing(r, out))
        add_list_state(c, out);
}

/* {"confirm": ID} */
void subscribed_confirm(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct buf why;
    json_t *ask = json_loadb(r->body, r->body_length, 0, NULL);
    const char *id;
    buf_init(&why, 2000);
    int refused = 400;
    if (json_unpack(ask, "{s:s!}", "confirm", &id))
        buf_adds(&why, "body: expected {\"confirm\": ID}, with the id of the list that is held");
    else
        refused = remote_list_confirm(c->remote, id, &why);
    if (refused)
        reply_problem(out, refused, "%s", buf_text(&why));
    else
        add_list_state(c, out);
    json_decref(ask);
    buf_free(&why);
}
