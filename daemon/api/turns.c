/* Picks the merges and splits from the changes of an event, for its page and its feed. */
#define _GNU_SOURCE /* memmem */
#include "api/turns.h"

#include "store/event_record.h"
#include "store/reader.h"

#include <stdlib.h>
#include <string.h>

static bool may_be(const struct story_entry *e, const char *kind)
{
    return memmem(e->json, e->length, kind, strlen(kind)) != NULL;
}

/* Reads the change; false when the event neither absorbed nor lost articles in it. */
static bool read_turn(story_view *view, uint64_t event, const struct story_entry *e,
                      struct event_turn *out)
{
    struct event_turn t = {.number = 0};
    struct story_entry other;
    codec_load(&change_table, e->json, e->length, &t.change);
    t.number = t.change.from ? t.change.from : t.change.into;
    if (!t.number || t.change.event != event) {
        codec_free(&change_table, &t.change);
        return false;
    }
    struct event_record head = {.number = 0};
    if (!story_event_as_is(view, t.number, &other))
        codec_load(&event_head_table, other.json, other.length, &head);
    codec_set_string(&t.title, head.title);
    codec_free(&event_head_table, &head);
    *out = t;
    return true;
}

/* A large event has many other changes, which are not parsed. */
size_t turns_read(story_view *view, uint64_t event, struct event_turn turns[TURNS_MOST])
{
    story_list *list = NULL;
    struct story_entry e;
    struct event_turn t;
    size_t n = 0;
    int error = reader_history(view, event, &list);
    while (!error && !(error = story_next(list, &e))) {
        if ((!may_be(&e, "\"merged\"") && !may_be(&e, "\"split\"")) ||
            !read_turn(view, event, &e, &t))
            continue;
        if (n == TURNS_MOST) {
            turns_free(turns, 1);
            memmove(turns, turns + 1, --n * sizeof *turns);
        }
        turns[n++] = t;
    }
    story_list_free(list);
    return n;
}

void turns_free(struct event_turn *turns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        codec_free(&change_table, &turns[i].change);
        free(turns[i].title);
    }
}
