/* Computes the next poll of a feed from intervals, headers, errors and the feed's own hints, and
 * parses the headers. plan.c applies the results. */
#include "poll/when.h"

#include "base/date.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOUR = 3600, DAY = 24 * HOUR };

static const struct {
    const char *name, *text;
} rules[WHEN_RULE_COUNT] = {
#define R(symbol, name, text) {name, text},
    WHEN_RULES(R)
#undef R
};

const char *when_outcome_name(enum when_outcome outcome)
{
    static const char *const names[WHEN_OUTCOMES] = {
        [WHEN_NEW] = "new",
        [WHEN_UNCHANGED] = "unchanged",
        [WHEN_FAILED] = "failed",
        [WHEN_BUSY] = "busy",
    };
    return names[outcome];
}

const char *when_rule_name(enum when_rule rule)
{
    return rules[rule].name;
}

const char *when_rule_text(const char *name)
{
    for (size_t i = 0; i < WHEN_RULE_COUNT; i++)
        if (!strcmp(rules[i].name, name))
            return rules[i].text;
    return NULL;
}

/* ---- waits ---------------------------------------------------------------------------------- */

static int64_t seconds_of(struct config_value v)
{
    return (v.number + 999) / 1000;
}

static int64_t doubled(int64_t wait, uint64_t times, int64_t most)
{
    for (; times > 0 && wait < most; times--)
        wait *= 2;
    return wait < most ? wait : most;
}

static int64_t capped(int64_t wait)
{
    return wait < DAY ? wait : DAY;
}

/* Ignores lifetimes over a week: servers apply rules for static files to feeds ("max-age=31536000,
 * immutable"). */
static int64_t if_meant(int64_t wait)
{
    return wait <= 7 * DAY ? wait : -1;
}

/* <ttl> is in minutes, but often given in seconds. A value over a day in minutes that is a multiple
 * of 900 (1800, 3600, 86400) is treated as seconds. */
static int64_t ttl_meant(int64_t seconds)
{
    int64_t minutes = seconds / 60;
    return seconds > DAY && minutes % 900 == 0 ? minutes : seconds;
}

/* Intervals of the operator are not capped. Hints of the feed are capped at a day, and ignored if
 * the operator set an interval for the feed. */
static void weigh_success(const struct config *c, const struct when_facts *f, int64_t *wait)
{
    wait[WHEN_INTERVAL] = seconds_of(c->poll_interval);
    if (f->outcome == WHEN_UNCHANGED)
        wait[WHEN_IDLE] = seconds_of(c->poll_interval_unchanged);
    wait[WHEN_OWN] = f->own;
    if (f->own < 0) {
        wait[WHEN_MAX_AGE] = capped(if_meant(f->max_age));
        wait[WHEN_EXPIRES] = capped(if_meant(f->expires));
        wait[WHEN_TTL] = capped(ttl_meant(f->ttl));
        wait[WHEN_UPDATES] = capped(f->updates);
        if (f->outcome == WHEN_UNCHANGED)
            wait[WHEN_QUIET] = capped(f->quiet / 20);
    }
    if (f->pushed > 0) /* early enough to renew the lease */
        wait[WHEN_PUSHED] = f->pushed * 3 / 4 < 6 * HOUR ? f->pushed * 3 / 4 : 6 * HOUR;
}

/* An overloaded server that sends no Retry-After gets a pause of hours. */
static void weigh_failure(const struct config *c, const struct when_facts *f, int64_t *wait)
{
    uint64_t before = f->errors ? f->errors - 1 : 0;
    wait[WHEN_OWN] = f->own;
    wait[WHEN_ERRORS] =
        doubled(seconds_of(c->poll_interval), before, seconds_of(c->poll_max_backoff));
    if (f->retry_after >= 0) /* with any status, such as 403 or 500 */
        wait[WHEN_RETRY_AFTER] = capped(f->retry_after);
    else if (f->outcome == WHEN_BUSY)
        wait[WHEN_OVERLOADED] = doubled(4 * HOUR, before, DAY);
}

/* ---- skipHours and skipDays
 * --------------------------------------------------------------- */

static bool rests(const struct when_facts *f, int64_t time)
{
    unsigned hour = (unsigned)(time / HOUR % 24), day = (unsigned)((time / DAY + 4) % 7);
    return f->skip_hours >> hour & 1 || f->skip_days >> day & 1;
}

/* The first time from `time` on that is not in skipHours or skipDays; a feed that excludes all
 * hours is ignored. */
static int64_t wake(const struct when_facts *f, int64_t time)
{
    int64_t end = time + 8 * DAY;
    for (int64_t t = time; t < end; t += HOUR - t % HOUR)
        if (!rests(f, t))
            return t;
    return time;
}

void when_plan(const struct config *c, const struct when_facts *f, int64_t now, double chance,
               struct when_plan *out)
{
    enum { SPREAD = 600 }; /* seconds; avoids a burst at the full hour */
    *out = (struct when_plan){.because = WHEN_INTERVAL};
    for (size_t i = 0; i < WHEN_RULE_COUNT; i++)
        out->wait[i] = -1;
    if (f->outcome == WHEN_NEW || f->outcome == WHEN_UNCHANGED)
        weigh_success(c, f, out->wait);
    else
        weigh_failure(c, f, out->wait);
    for (size_t i = 0; i < WHEN_RULE_COUNT; i++)
        if (out->wait[i] > out->wait[out->because])
            out->because = (enum when_rule)i;
    int64_t wait = out->wait[out->because], planned = now + wait;
    planned += (int64_t)((double)wait * chance / 10);
    out->next = wake(f, planned);
    out->skips = out->next != planned;
    if (out->skips)
        out->next += (int64_t)(SPREAD * chance);
}

bool when_asks_anew(int64_t document_time, int64_t now)
{
    return now - document_time >= 30 * DAY;
}

bool when_moves(int64_t since, uint64_t times, int64_t now)
{
    return times >= 4 && now - since >= 3 * DAY;
}

bool when_asks_hub(int64_t lease_end, int64_t asked, int64_t now)
{
    return lease_end > now ? lease_end - now < DAY : now - asked >= DAY;
}

/* ---- headers -------------------------------------------------------------------------------- */

/* Parses a whole number that ends with the text or with one of `ends`; -1 if invalid. */
static int64_t number(const char *text, const char *ends)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    return end != text && strchr(ends, *end) && n >= 0 ? n : -1;
}

int64_t when_retry_after(const char *header, int64_t now)
{
    if (!header)
        return -1;
    int64_t n = number(header, ""), date;
    if (n >= 0)
        return n;
    date = date_parse(header);
    return date == DATE_NONE || date < now ? -1 : date - now;
}

int64_t when_max_age(const char *cache_control, const char *age)
{
    static const char name[] = "max-age=";
    if (!cache_control)
        return -1;
    int64_t old = age ? number(age, "") : 0, most = -1;
    for (const char *p = cache_control; *p;) {
        p += strspn(p, " \t,");
        if (!strncasecmp(p, name, sizeof name - 1)) {
            p += sizeof name - 1;
            p += *p == '"';
            most = number(p, "\", \t;");
        }
        p += strcspn(p, ",");
    }
    old = old > 0 ? old : 0;
    return most < 0 ? -1 : most > old ? most - old : 0;
}

int64_t when_expires(const char *expires, const char *date, int64_t now)
{
    int64_t until = expires ? date_parse(expires) : DATE_NONE;
    int64_t from = date ? date_parse(date) : DATE_NONE;
    if (until == DATE_NONE)
        return -1;
    from = from == DATE_NONE ? now : from;
    return until > from ? until - from : -1;
}
