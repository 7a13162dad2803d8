/* Finds copies by their shingles and maintains article.copy_of. Called when articles join, events
 * merge or split (engine.c, regroup.c, editors.c) and texts change (renew.c). Never moves an
 * article between events. */
#include "cluster/copies.h"

enum {
    MAX_SEARCH = 256, /* newest articles of an event that are compared */
    MOST_LONGER = 4, /* factor; when the lengths differ more, the share they have in common says too
                        little for the lower agency threshold */
    FEW = 12, /* shingles; headlines may share a turn of phrase, so short texts must share more */
};

static bool same_agency(const struct article *a, const struct article *b)
{
    unsigned n = a->shingles.n, m = b->shingles.n;
    return a->agency && a->agency == b->agency && n <= m * MOST_LONGER && m <= n * MOST_LONGER;
}

/* Articles of one publisher share its boilerplate and mention each other, so a reprint must also
 * have a title on the same subject. When the title is most of what is compared, the text may be
 * another article's title in a list of titles. */
static bool titles_agree(const struct article *a, const struct article *b, bool few)
{
    static const double same_subject = 0.05, same_title = 0.5;
    return vector_cosine(&a->vector, &b->vector, VIEW_TITLE) >= (few ? same_title : same_subject);
}

static bool is_copy(const struct article *a, const struct article *b,
                    const struct engine_params *params)
{
    double least = same_agency(a, b) ? params->copy_agency : params->copy;
    bool few = a->shingles.n < FEW || b->shingles.n < FEW;
    if (few)
        least = (1 + least) / 2;
    if (a->publisher == b->publisher && !titles_agree(a, b, few))
        return false;
    return shingles_contained(&a->shingles, &b->shingles) >= least;
}

static uint64_t origin_number(const struct article *a)
{
    return a->copy_of ? a->copy_of : a->number;
}

uint64_t copies_origin(const struct news_event *event, const struct article *a,
                       const struct engine_params *params)
{
    for (size_t i = news_event_newest(event, MAX_SEARCH); i < event->n; i++) {
        const struct article *other = event->members[i];
        if (other->number < a->number && origin_number(other) != a->number &&
            is_copy(a, other, params))
            return origin_number(other);
    }
    return 0;
}

struct meeting {
    struct news_event *event[2];
    void (*changed)(void *, uint64_t, uint64_t);
    void *arg;
};

/* Of two origins of the same text only the earlier remains: the later one and its copies name it.
 */
static void unite_origins(const struct meeting *m, uint64_t origin, uint64_t other)
{
    uint64_t early = origin < other ? origin : other, late = origin < other ? other : origin;
    m->changed(m->arg, late, early);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < m->event[k]->n; i++) {
            struct article *a = m->event[k]->members[i];
            if (origin_number(a) != late)
                continue;
            a->copy_of = early;
            if (a->number != late)
                m->changed(m->arg, a->number, early);
        }
}

void copies_meet(struct news_event *a, struct news_event *b, const struct engine_params *params,
                 void (*changed)(void *, uint64_t, uint64_t), void *arg)
{
    const struct meeting m = {{a, b}, changed, arg};
    for (size_t i = news_event_newest(a, MAX_SEARCH); i < a->n; i++)
        for (size_t k = news_event_newest(b, MAX_SEARCH); k < b->n; k++) {
            const struct article *one = a->members[i], *other = b->members[k];
            if (origin_number(one) != origin_number(other) && is_copy(one, other, params))
                unite_origins(&m, origin_number(one), origin_number(other));
        }
}

void copies_unite(struct news_event *event, const struct article *a, const struct article *b,
                  void (*changed)(void *, uint64_t, uint64_t), void *arg)
{
    const struct meeting m = {{event, event}, changed, arg};
    if (origin_number(a) != origin_number(b))
        unite_origins(&m, origin_number(a), origin_number(b));
}

void copies_edited(struct news_event *event, struct article *a, const struct engine_params *params,
                   void (*changed)(void *, uint64_t, uint64_t), void *arg)
{
    uint64_t origin = copies_origin(event, a, params);
    if (origin == a->copy_of)
        return;
    a->copy_of = origin;
    changed(arg, a->number, origin);
    for (size_t i = 0; origin && i < event->n; i++)
        if (event->members[i]->copy_of == a->number) {
            event->members[i]->copy_of = origin;
            changed(arg, event->members[i]->number, origin);
        }
}

static void lose_origin(struct news_event *event, uint64_t lost,
                        void (*changed)(void *, uint64_t, uint64_t), void *arg)
{
    uint64_t origin = 0;
    for (size_t i = 0; i < event->n; i++) {
        struct article *a = event->members[i];
        if (a->copy_of != lost)
            continue;
        a->copy_of = origin;
        changed(arg, a->number, origin);
        if (!origin)
            origin = a->number;
    }
}

void copies_part(struct news_event *event, struct news_event *part,
                 void (*changed)(void *, uint64_t, uint64_t), void *arg)
{
    for (size_t i = 0; i < event->n; i++) {
        uint64_t origin = event->members[i]->copy_of;
        if (origin && news_event_holds(part, origin))
            lose_origin(event, origin, changed, arg);
    }
    for (size_t i = 0; i < part->n; i++) {
        uint64_t origin = part->members[i]->copy_of;
        if (origin && !news_event_holds(part, origin))
            lose_origin(part, origin, changed, arg);
    }
}
