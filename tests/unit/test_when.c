/* When a feed is asked again. */
#include "unit.h"

#include "poll/sched.h"
#include "poll/when.h"
#include "ingest/subscription.h"

/* Against the least of a plain array, with entries moved and taken out. */
static void the_first_is_due_first(void **state)
{
    enum { N = 300 };
    struct sched_entry entries[N] = {0};
    struct sched s = {0};
    uint64_t random = 7;
    (void)state;
    for (int i = 0; i < N; i++)
        entries[i].order = (uint64_t)i;
    for (int round = 0; round < 20000; round++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        struct sched_entry *e = &entries[(random >> 33) % N];
        if (random >> 62 == 0)
            sched_remove(&s, e);
        else
            sched_put(&s, e, (int64_t)(random >> 40) % 50);
        if (round % 50)
            continue;
        const struct sched_entry *least = NULL;
        for (int i = 0; i < N; i++)
            if (entries[i].place &&
                (!least || entries[i].due < least->due ||
                 (entries[i].due == least->due && entries[i].order < least->order)))
                least = &entries[i];
        assert_ptr_equal(sched_first(&s), least);
    }
    sched_free(&s);
}

static struct config defaults(void)
{
    struct config c;
    struct buf error;
    buf_init(&error, 4096);
    assert_true(config_read(NULL, NULL, &c, &error));
    buf_free(&error);
    return c;
}

enum { M = 60, H = 3600, D = 24 * H };

/* A table leaves out what is not said. */
static struct when_facts said(struct when_facts f)
{
    int64_t *all[] = {&f.own, &f.retry_after, &f.max_age, &f.expires, &f.ttl, &f.updates};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!*all[i])
            *all[i] = -1;
    return f;
}

static void the_longest_wait_counts(void **state)
{
    static const struct {
        struct when_facts facts;
        enum when_rule because;
        int64_t expected;
    } table[] = {
        {{WHEN_NEW, .own = -1}, WHEN_INTERVAL, 30 * M},
        {{WHEN_UNCHANGED, .own = -1}, WHEN_IDLE, 60 * M},
        {{WHEN_NEW, .max_age = 10 * M}, WHEN_INTERVAL, 30 * M}, /* never less than that */
        {{WHEN_NEW, .max_age = 45 * M}, WHEN_MAX_AGE, 45 * M},
        {{WHEN_NEW, .max_age = 45 * M, .expires = 50 * M}, WHEN_EXPIRES, 50 * M},
        {{WHEN_NEW, .ttl = 2 * H, .expires = 50 * M}, WHEN_TTL, 2 * H},
        {{WHEN_UNCHANGED, .updates = 3 * H, .ttl = 2 * H}, WHEN_UPDATES, 3 * H},
        {{WHEN_NEW, .max_age = 7 * D}, WHEN_MAX_AGE, D},         /* a feed's wish is cut to a day */
        {{WHEN_NEW, .max_age = 365 * D}, WHEN_INTERVAL, 30 * M}, /* a rule for files: no wish */
        {{WHEN_NEW, .expires = 8 * D, .ttl = H}, WHEN_TTL, H},
        {{WHEN_NEW, .ttl = 3600 * M}, WHEN_TTL, H}, /* seconds that were meant as such */
        {{WHEN_NEW, .ttl = 1800 * M}, WHEN_INTERVAL, 30 * M},
        {{WHEN_NEW, .ttl = 86400 * M}, WHEN_TTL, D},
        {{WHEN_NEW, .ttl = 1440 * M}, WHEN_TTL, D}, /* minutes */
        {{WHEN_NEW, .ttl = 2880 * M}, WHEN_TTL, D},
        {{WHEN_NEW, .ttl = 900 * M}, WHEN_TTL, 15 * H},
        {{WHEN_NEW, .ttl = INT64_MAX}, WHEN_TTL, D},
        {{WHEN_NEW, .own = 2 * D, .ttl = 9 * D}, WHEN_OWN, 2 * D}, /* an operator's is not */
        /* and counts before it, but not before the operator's for all, or what a server asks */
        {{WHEN_NEW, .own = H, .ttl = 4 * H, .max_age = 6 * H, .expires = 6 * H, .updates = D},
         WHEN_OWN,
         H},
        {{WHEN_UNCHANGED, .own = 2 * H, .quiet = 400 * D}, WHEN_OWN, 2 * H},
        {{WHEN_BUSY, .own = H, .errors = 1, .retry_after = 2 * H}, WHEN_RETRY_AFTER, 2 * H},
        {{WHEN_FAILED, .own = H, .errors = 1, .retry_after = 2 * H}, WHEN_RETRY_AFTER, 2 * H},
        {{WHEN_NEW, .own = 5 * M}, WHEN_INTERVAL, 30 * M},
        {{WHEN_UNCHANGED, .quiet = 20 * H}, WHEN_IDLE, 60 * M},
        {{WHEN_UNCHANGED, .quiet = 10 * D}, WHEN_QUIET, 12 * H}, /* quiet ones slow down */
        {{WHEN_UNCHANGED, .quiet = 400 * D}, WHEN_QUIET, D},
        {{WHEN_NEW, .quiet = 400 * D}, WHEN_INTERVAL, 30 * M}, /* until something comes */
        {{WHEN_NEW, .pushed = 9 * D}, WHEN_PUSHED, 6 * H},
        {{WHEN_NEW, .pushed = 4 * H}, WHEN_PUSHED, 3 * H}, /* in time to renew */
        {{WHEN_FAILED, .errors = 1}, WHEN_ERRORS, 30 * M},
        {{WHEN_FAILED, .errors = 2}, WHEN_ERRORS, 60 * M},
        {{WHEN_FAILED, .errors = 4}, WHEN_ERRORS, 4 * H},
        {{WHEN_FAILED, .errors = 1000}, WHEN_ERRORS, D}, /* a ceiling */
        {{WHEN_FAILED, .errors = UINT64_MAX, .ttl = H}, WHEN_ERRORS, D},
        {{WHEN_BUSY, .errors = 1}, WHEN_OVERLOADED, 4 * H}, /* hours, if it does not say */
        {{WHEN_BUSY, .errors = 2}, WHEN_OVERLOADED, 8 * H},
        {{WHEN_BUSY, .errors = 4}, WHEN_OVERLOADED, D},
        {{WHEN_BUSY, .errors = 1, .retry_after = 2 * H}, WHEN_RETRY_AFTER, 2 * H},
        {{WHEN_BUSY, .errors = 1, .retry_after = 1}, WHEN_ERRORS, 30 * M},
        {{WHEN_BUSY, .errors = 1, .retry_after = INT64_MAX}, WHEN_RETRY_AFTER, D},
    };
    enum { NOW = 1700000000 };
    (void)state;
    struct config c = defaults();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct when_plan least, most;
        const struct when_facts f = said(table[i].facts);
        when_plan(&c, &f, NOW, 0, &least);
        when_plan(&c, &f, NOW, 1, &most);
        if (least.next != NOW + table[i].expected || least.because != table[i].because)
            fail_msg("row %zu: %ld s because of %s", i, (long)(least.next - NOW),
                     when_rule_name(least.because));
        assert_int_equal(least.wait[least.because], table[i].expected);
        int64_t added = most.next - least.next; /* chance only adds, a tenth at most */
        assert_true(added > 0 && added <= table[i].expected / 10);
    }
    config_free(&c);
}

/* A week of polls: 1970-01-01 was a Thursday. */
static void a_feed_rests_when_it_says_so(void **state)
{
    enum { SUNDAY = 3 * D };
    static const struct {
        int64_t now;
        unsigned hours, days;
        int64_t expected;
    } table[] = {
        {SUNDAY + 7 * H, 1u << 3, 0, SUNDAY + 7 * H + 30 * M},
        {SUNDAY + 7 * H + 40 * M, 1u << 8 | 1u << 9, 0, SUNDAY + 10 * H},
        {SUNDAY + 23 * H + 40 * M, 7u, 0, SUNDAY + D + 3 * H},       /* past midnight */
        {SUNDAY - D - H, 0, 1u << 6 | 1u << 0, SUNDAY - D - 30 * M}, /* Friday, 23:00 */
        {SUNDAY - D - 20 * M, 0, 1u << 6 | 1u << 0, SUNDAY + D},     /* a weekend off */
        {SUNDAY + 7 * H, 0xffffff, 0, SUNDAY + 7 * H + 30 * M},      /* always: not believed */
        {SUNDAY + 7 * H, 0, 0x7f, SUNDAY + 7 * H + 30 * M},
    };
    (void)state;
    struct config c = defaults();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct when_plan plan;
        const struct when_facts f = {WHEN_NEW, .skip_hours = table[i].hours,
                                     .skip_days = table[i].days};
        when_plan(&c, &f, table[i].now, 0, &plan);
        if (plan.next != table[i].expected)
            fail_msg("row %zu: %ld, not %ld", i, (long)plan.next, (long)table[i].expected);
        assert_int_equal(plan.skips, table[i].expected != table[i].now + 30 * M);
        when_plan(&c, &f, table[i].now, 1, &plan); /* chance does not lead back into the rest */
        if (table[i].days != 0x7f && table[i].hours != 0xffffff) {
            assert_false(table[i].hours >> plan.next / H % 24 & 1);
            assert_false(table[i].days >> (plan.next / D + 4) % 7 & 1);
        }
    }
    config_free(&c);
}

/* Sixty days of a feed: whenever it is asked, what the last document said is the latest news. */
static void a_feed_that_falls_silent_is_asked_less_and_less(void **state)
{
    (void)state;
    struct config c = defaults();
    int64_t now = 1700000000, last_new = now, end = now + 60 * D, before = 0;
    int polls = 0, first_day = 0;
    while (now < end) {
        struct when_plan plan;
        const struct when_facts f =
            said((struct when_facts){WHEN_UNCHANGED, .quiet = now - last_new});
        when_plan(&c, &f, now, 0.5, &plan);
        assert_true(plan.next - now >= before); /* it only ever slows down */
        before = plan.next - now;
        now = plan.next;
        polls++;
        first_day += now < last_new + D;
    }
    assert_in_range(first_day, 20, 24);
    assert_in_range(polls, 60, 130); /* not 1440, as at an hour each */
    assert_true(before >= D);
    config_free(&c);
}

static void thirty_days_of_nothing_new_end_with_a_whole_request(void **state)
{
    (void)state;
    assert_false(when_asks_anew(1000, 1000 + 29 * D));
    assert_true(when_asks_anew(1000, 1000 + 30 * D));
}

/* What the record says of later than now is not waited for; a minute is no more than a correction.
 */
static void a_clock_that_was_set_back(void **state)
{
    enum { NOW = 1700000000 };
    static const struct {
        int64_t last_poll, next_poll, hub_asked, hub_until, document_time, moved_since;
        int64_t next, lease, document, moved; /* afterwards */
    } table[] = {
        {NOW - H, NOW + H, NOW - H, NOW + D, NOW - D, NOW - D, NOW + H, NOW + D, NOW - D, NOW - D},
        {NOW + 5 * D, NOW + 6 * D, 0, 0, NOW + 5 * D, NOW + 5 * D, NOW, 0, NOW, NOW},
        {NOW + 60, NOW + H, NOW + 60, NOW + D, 0, 0, NOW + H, NOW + D, 0, 0},
        {NOW + 61, NOW + H, 0, 0, 0, 0, NOW, 0, 0, 0},
        {NOW + 5 * D, 0, 0, 0, 0, 0, 0, 0, 0, 0}, /* gone, merged: not asked again */
        {NOW - H, NOW + 7 * D, 0, 0, 0, 0, NOW + 7 * D, 0, 0,
         0}, /* it may be told to wait so long */
        {NOW - H, NOW + H, NOW + 5 * D, NOW + 9 * D, 0, 0, NOW + H, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct feed_record s = {.last_poll = table[i].last_poll,
                                .next_poll = table[i].next_poll,
                                .hub_asked = table[i].hub_asked,
                                .hub_until = table[i].hub_until,
                                .document_time = table[i].document_time,
                                .moved_since = table[i].moved_since};
        subscription_set_back(&s, NOW);
        if (s.next_poll != table[i].next || s.hub_until != table[i].lease ||
            s.document_time != table[i].document || s.moved_since != table[i].moved)
            fail_msg("row %zu", i);
        assert_true(s.last_poll <= NOW + 60);
        assert_false(subscription_set_back(&s, NOW));
    }
}

static void a_hub_is_asked_before_its_lease_ends(void **state)
{
    (void)state;
    assert_true(when_asks_hub(0, 0, 100 * D));
    assert_false(when_asks_hub(0, 100 * D - H, 100 * D)); /* it has not answered yet */
    assert_true(when_asks_hub(0, 99 * D, 100 * D));
    assert_false(when_asks_hub(110 * D, 100 * D, 100 * D));
    assert_true(when_asks_hub(101 * D - H, 92 * D, 100 * D));
    assert_true(when_asks_hub(99 * D, 89 * D, 100 * D)); /* it has ended */
}

static void moves_are_believed_after_days(void **state)
{
    (void)state;
    assert_false(when_moves(1000, 100, 1000 + 3 * D - 1));
    assert_false(when_moves(1000, 3, 1000 + 30 * D));
    assert_true(when_moves(1000, 4, 1000 + 3 * D));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_due_first),
        cmocka_unit_test(the_longest_wait_counts),
        cmocka_unit_test(a_feed_rests_when_it_says_so),
        cmocka_unit_test(a_feed_that_falls_silent_is_asked_less_and_less),
        cmocka_unit_test(thirty_days_of_nothing_new_end_with_a_whole_request),
        cmocka_unit_test(a_hub_is_asked_before_its_lease_ends),
        cmocka_unit_test(moves_are_believed_after_days),
        cmocka_unit_test(a_clock_that_was_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
