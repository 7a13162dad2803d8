/* Intrusive binary heap, ordered by time. */
#include "poll/sched.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

static bool before(const struct sched_entry *a, const struct sched_entry *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void set_entry(struct sched *s, size_t place, struct sched_entry *e)
{
    s->v[place] = e;
    e->place = place + 1;
}

static void up(struct sched *s, size_t place, struct sched_entry *e)
{
    while (place > 0 && before(e, s->v[(place - 1) / 2])) {
        set_entry(s, place, s->v[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    set_entry(s, place, e);
}

static void down(struct sched *s, size_t place, struct sched_entry *e)
{
    for (;;) {
        size_t child = place * 2 + 1;
        if (child + 1 < s->n && before(s->v[child + 1], s->v[child]))
            child++;
        if (child >= s->n || !before(s->v[child], e))
            break;
        set_entry(s, place, s->v[child]);
        place = child;
    }
    set_entry(s, place, e);
}

void sched_put(struct sched *s, struct sched_entry *e, int64_t due)
{
    sched_remove(s, e);
    e->due = due;
    MEM_GROW(s->v, s->n, s->cap);
    up(s, s->n++, e);
}

void sched_remove(struct sched *s, struct sched_entry *e)
{
    if (!e->place)
        return;
    size_t place = e->place - 1;
    struct sched_entry *last = s->v[--s->n];
    e->place = 0;
    if (last == e)
        return;
    up(s, place, last);
    down(s, last->place - 1, last);
}

struct sched_entry *sched_first(const struct sched *s)
{
    return s->n ? s->v[0] : NULL;
}

void sched_free(struct sched *s)
{
    free(s->v);
    *s = (struct sched){0};
}
