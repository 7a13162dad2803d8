/* Applies the plans of when.c to feeds: collects the facts, stores the next poll, and spares
 * overloaded hosts. */
#include "poll/plan.h"

#include "base/mem.h"
#include "poll/document.h"
#include "poll/feed_state.h"
#include "poll/hub.h"
#include "base/quantity.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

double plan_chance(void)
{
    uint32_t r = 0;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
        r = 0;
    return (double)r / UINT32_MAX;
}

static int64_t or_none(uint64_t seconds)
{
    return seconds ? (int64_t)seconds : -1;
}

int64_t plan_own_interval(const struct feed_record *sub)
{
    const char *text = subscription_attribute(sub, "interval");
    int64_t ms;
    return quantity_read(quantity_durations, text, &ms) ? (ms + 999) / 1000 : -1;
}

/* Collects what the response headers state about the next poll. */
struct when_facts plan_facts(const struct fetch_answer *a, int64_t now)
{
    return (struct when_facts){
        .retry_after = when_retry_after(a->header[FETCH_RETRY_AFTER], now),
        .max_age = when_max_age(a->header[FETCH_CACHE_CONTROL], a->header[FETCH_AGE]),
        .expires = when_expires(a->header[FETCH_EXPIRES], a->header[FETCH_DATE], now)};
}

void plan_next(struct feed_state *f, enum when_outcome outcome)
{
    struct feed_record *sub = f->sub;
    struct when_facts *facts = &f->facts;
    struct when_plan plan;
    facts->outcome = outcome;
    facts->errors = sub->errors;
    facts->own = plan_own_interval(sub);
    facts->ttl = or_none(sub->ttl);
    facts->updates = or_none(sub->updates);
    facts->quiet = sub->last_poll - (sub->last_new ? sub->last_new : sub->added);
    facts->pushed = hub_is_active(sub) ? sub->hub_until - sub->last_poll : 0;
    facts->skip_hours = (unsigned)sub->skip_hours;
    facts->skip_days = (unsigned)sub->skip_days;
    when_plan(f->poll->config, facts, sub->last_poll, plan_chance(), &plan);
    sub->next_poll = plan.next;
    subscription_set(&sub->because, when_rule_name(plan.because));
    json_decref(sub->waits);
    sub->waits = json_object();
    for (size_t i = 0; i < WHEN_RULE_COUNT; i++)
        if (plan.wait[i] >= 0)
            json_object_set_new(sub->waits, when_rule_name((enum when_rule)i),
                                json_integer(plan.wait[i]));
}

bool plan_is_told_to_wait(const struct feed_state *f, int64_t now)
{
    return (f->sub->status == 429 || f->sub->status == 503) && f->sub->next_poll > now;
}

static int later_first(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The time until which at least SEVERAL feeds of a host must wait; 0: fewer must. */
static int64_t host_rests_until(const struct poll *p, const struct host *host, int64_t now)
{
    enum { SEVERAL = 3 };
    int64_t *ends = mem_alloc((p->n + 1) * sizeof *ends), until = 0;
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->feeds[i]->turn.host == host && plan_is_told_to_wait(p->feeds[i], now))
            ends[n++] = p->feeds[i]->sub->next_poll;
    qsort(ends, n, sizeof *ends, later_first);
    if (n >= SEVERAL)
        until = ends[SEVERAL - 1];
    free(ends);
    return until;
}

/* A single feed that must wait says nothing about the host; when several must, all feeds of the
 * host wait. */
void plan_spare_host(struct poll *p, const struct host *host, int64_t now)
{
    int64_t until = host_rests_until(p, host, now);
    for (size_t i = 0; until && i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        struct feed_record *sub = f->sub;
        if (f->turn.host != host || f->turn.state == HOSTS_ASKED || document_is_under_way(f) ||
            !subscription_is_polled(sub) || sub->next_poll >= until)
            continue;
        sub->next_poll = until + (int64_t)((double)(until - now) * plan_chance() / 10);
        subscription_set(&sub->because, when_rule_name(WHEN_HOST));
        if (!sub->waits)
            sub->waits = json_object();
        json_object_set_new(sub->waits, when_rule_name(WHEN_HOST), json_integer(until - now));
        hosts_end(p->hosts, &f->turn);
        sched_put(&p->queue, &f->entry, sub->next_poll);
        f->unsaved = true;
    }
}

/* Archive documents of a new feed are due at once, before its next poll. */
void plan_queue(struct feed_state *f)
{
    const struct feed_record *sub = f->sub;
    if (subscription_is_polled(sub))
        sched_put(&f->poll->queue, &f->entry, sub->archive ? sub->last_poll : sub->next_poll);
}
