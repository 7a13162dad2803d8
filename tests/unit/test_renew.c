/* An article's page is read after the article came: where it belongs is decided anew, and a restart
 * changes nothing of it. */
#include "base/mem.h"
#include "cluster/engine.h"
#include "sketch/index.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOON = 1700000000, HOUR = 3600, DAY = 86400 };

/* ---- articles and their pages ---------------------------------------------------------------- */

struct told {
    const char *title, *page, *publisher;
};

static const char talca[] =
    "An earthquake of magnitude 7.1 struck central Chile before dawn and damaged hundreds of homes "
    "in Talca, where rescuers search the rubble of the old market. The governor of Maule said that "
    "four hundred families sleep in tents, and that the hospital of Talca is without water.";
static const char talca_too[] =
    "Four hundred families sleep in tents in Talca after the earthquake of magnitude 7.1 that "
    "damaged homes across Maule, Chile. Rescuers still search the rubble of the old market, and "
    "the governor asked Santiago for water for the hospital.";
static const char dockers[] =
    "A court in Lisbon ruled that the dockers' strike is legal. The port operators, who lose two "
    "million euros a day, will appeal; the union of the dockers said that cranes in Lisbon and "
    "Setubal stand still until wages are talked about.";
static const char dockers_too[] =
    "The strike of Lisbon's dockers is legal, a court ruled, and the cranes of Setubal stand still "
    "as well. The union wants talks about wages; port operators lose two million euros a day and "
    "appeal.";

static struct engine_article article_of(const struct told *t, const char *body)
{
    return (struct engine_article){.title = t->title,
                                   .body = body,
                                   .lang = "en",
                                   .publisher = t->publisher,
                                   .published = NOON,
                                   .seen = NOON};
}

static struct engine_result come(struct engine *e, const struct told *t)
{
    struct engine_article in = article_of(t, NULL);
    struct engine_result out;
    engine_add(e, &in, &out);
    return out;
}

static size_t read_page(struct engine *e, uint64_t article, const struct told *t,
                        const struct engine_change **changes)
{
    struct engine_article in = article_of(t, t->page);
    assert_true(engine_renew(e, article, &in, NULL));
    return engine_changes(e, changes);
}

static uint64_t event_of(const struct engine *e, uint64_t article)
{
    return engine_article(e, article)->event->number;
}

/* Whatever shares a word joins, until careful(). */
static const char *const guards[] = {"join_threshold", "pair_threshold", "coherence",
                                     "names",          "named",          "min_shared"};
static struct engine *gullible(void)
{
    struct engine *e = engine_new(1, 1);
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
        assert_true(engine_set(e, "engine", guards[i], 0));
    return e;
}

static void careful(struct engine *e)
{
    struct engine *fresh = engine_new(1, 1);
    const struct engine_params *p = engine_params(fresh);
    const double values[] = {p->join_threshold, p->pair_threshold, p->coherence,
                             p->names,          p->named,          p->min_shared};
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
        assert_true(engine_set(e, "engine", guards[i], values[i]));
    engine_free(fresh);
}

/* ---- where it belongs ------------------------------------------------------------------------ */

static const struct told one_story[] = {
    {"A night in the tents", talca, "one.example"},
    {"Governor: what we lack", talca_too, "two.example"},
};
enum { SHAKEN = 0, LEGAL = 3 }; /* where each story of two_stories[] begins */
static const struct told two_stories[] = {
    {"A night in the tents", talca, "one.example"},
    {"Governor: what we lack", talca_too, "two.example"},
    {"Chile earthquake damages hundreds of homes in Talca", talca, "three.example"},
    {"Judges have spoken", dockers, "four.example"},
    {"Cranes stand still", dockers_too, "five.example"},
    {"Court rules Lisbon dockers' strike legal, port operators appeal", dockers_too, "six.example"},
};
enum { TOLD = sizeof two_stories / sizeof *two_stories };

static void pages_bring_together_what_titles_do_not(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    const struct engine_change *c;
    come(e, &one_story[0]);
    come(e, &one_story[1]);
    assert_int_not_equal(event_of(e, 1), event_of(e, 2));
    assert_int_equal(read_page(e, 1, &one_story[0], &c), 0);
    struct engine_reason reason;
    struct engine_article in = article_of(&one_story[1], talca_too);
    assert_true(engine_renew(e, 2, &in, &reason));
    assert_int_equal(engine_changes(e, &c), 1);
    assert_int_equal(c->kind, ENGINE_MERGED);
    assert_int_equal(c->event, 1);
    assert_int_equal(c->from, 2);
    assert_int_equal(event_of(e, 2), 1);
    assert_int_equal(reason.event, 1);
    assert_true(reason.probability >= reason.threshold && c->probability == reason.probability);
    assert_non_null(strstr(reason.shared, "talca"));
    assert_null(reason.refused);
    assert_false(engine_renew(e, 3, &in, &reason)); /* there is none */
    engine_free(e);
}

static void an_article_alone_whose_page_tells_of_nothing_else_stays_alone(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    const struct engine_change *c;
    come(e, &one_story[0]);
    come(e, &two_stories[LEGAL]);
    assert_int_equal(read_page(e, 1, &one_story[0], &c), 0);
    assert_int_equal(read_page(e, 2, &two_stories[LEGAL], &c), 0);
    assert_int_not_equal(event_of(e, 1), event_of(e, 2));
    engine_free(e);
}

/* Two of one story, and one that a word brought to them. */
static struct engine *glued(void)
{
    static const struct told shaken[] = {
        {"Earthquake in Chile: Talca counts damaged homes", NULL, "one.example"},
        {"Chile earthquake damages homes in Talca", NULL, "two.example"},
        {"Earthquake of a verdict for Lisbon's port", NULL, "three.example"},
    };
    struct engine *e = gullible();
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(come(e, &shaken[i]).event, 1);
    careful(e);
    return e;
}
static const struct told verdict = {"Earthquake of a verdict for Lisbon's port", dockers,
                                    "three.example"};

static void an_article_leaves_by_its_page(void **state)
{
    (void)state;
    const struct engine_change *c;
    struct engine *e = glued();
    assert_int_equal(read_page(e, 3, &verdict, &c), 1);
    assert_int_equal(c->kind, ENGINE_SPLIT);
    assert_int_equal(c->event, 2);
    assert_int_equal(c->from, 1);
    assert_int_equal(c->n_articles, 1);
    assert_int_equal(c->articles[0], 3);
    assert_true(c->probability < c->threshold);
    assert_int_equal(event_of(e, 3), 2);
    assert_int_equal(come(e, &two_stories[TOLD - 1]).event,
                     2); /* it is found by its page's words */
    engine_free(e);

    e = glued();
    come(e, &two_stories[LEGAL + 1]);
    read_page(e, 4, &two_stories[LEGAL + 1], &c);
    assert_int_equal(event_of(e, 4), 2);
    assert_int_equal(read_page(e, 3, &verdict, &c), 2); /* and goes where that is told */
    assert_true(c[0].kind == ENGINE_SPLIT && c[0].event == 3 && c[0].from == 1);
    assert_true(c[1].kind == ENGINE_MERGED && c[1].event == 2 && c[1].from == 3);
    assert_int_equal(event_of(e, 3), 2);
    assert_int_equal(event_of(e, 1), event_of(e, 2));
    engine_free(e);
}

static void links_bind(void **state)
{
    (void)state;
    const struct engine_change *c;
    struct engine *e = glued();
    come(e, &two_stories[LEGAL]);
    assert_int_equal(event_of(e, 4), 2);
    assert_true(engine_link(e, 3, 4, MUST_LINK)); /* what holds it counts before what wants it */
    assert_true(engine_link(e, 3, 2, MUST_LINK));
    assert_int_equal(read_page(e, 3, &verdict, &c), 0);
    assert_int_equal(event_of(e, 3), 1);
    engine_free(e);

    e = engine_new(1, 1);
    come(e, &one_story[0]);
    come(e, &one_story[1]);
    assert_true(engine_link(e, 1, 2, CANNOT_LINK));
    read_page(e, 1, &one_story[0], &c);
    assert_int_equal(read_page(e, 2, &one_story[1], &c), 0);
    assert_int_not_equal(event_of(e, 1), event_of(e, 2));
    engine_free(e);

    e = engine_new(1, 1); /* two that must be together, and are not yet */
    come(e, &one_story[0]);
    come(e, &two_stories[LEGAL]);
    assert_true(engine_link(e, 1, 2, MUST_LINK));
    assert_int_equal(read_page(e, 2, &two_stories[LEGAL], &c), 1);
    assert_int_equal(event_of(e, 2), event_of(e, 1));
    engine_free(e);
}

static void pages_tell_of_copies(void **state)
{
    static const struct told papers[] = {{"A night in the tents", talca, "one.example"},
                                         {"Governor: what we lack", talca, "two.example"}};
    (void)state;
    struct engine *e = engine_new(1, 1);
    const struct engine_change *c;
    come(e, &papers[0]);
    come(e, &papers[1]);
    read_page(e, 1, &papers[0], &c);
    assert_int_equal(read_page(e, 2, &papers[1], &c), 2);
    assert_true(c[0].kind == ENGINE_MERGED);
    assert_true(c[1].kind == ENGINE_COPIED && c[1].article == 2 && c[1].origin == 1);
    const struct told other = {papers[1].title, dockers, papers[1].publisher};
    size_t n = read_page(e, 2, &other, &c); /* it was the wrong page */
    assert_true(n >= 2 && c[0].kind == ENGINE_COPIED && c[0].origin == 0);
    assert_int_equal(c[n - 1].kind, ENGINE_SPLIT);
    assert_int_equal(engine_article(e, 2)->copy_of, 0);
    engine_free(e);
}

/* In whatever order the pages are read. */
static void the_order_of_pages_does_not_count(void **state)
{
    static const unsigned char orders[][TOLD] = {
        {0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 4, 1, 5, 2}, {2, 4, 0, 5, 1, 3}};
    (void)state;
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        struct engine *e = engine_new(1, 1);
        const struct engine_change *c;
        for (size_t i = 0; i < TOLD; i++)
            come(e, &two_stories[i]);
        for (size_t i = 0; i < TOLD; i++)
            read_page(e, orders[k][i] + 1u, &two_stories[orders[k][i]], &c);
        for (uint64_t a = 1; a <= TOLD; a++)
            assert_int_equal(event_of(e, a), event_of(e, a <= LEGAL ? SHAKEN + 1 : LEGAL + 1));
        assert_int_not_equal(event_of(e, SHAKEN + 1), event_of(e, LEGAL + 1));
        engine_free(e);
    }
}

/* What stands on every page of a publisher tells of none of them. */
static void what_all_pages_have_glues_nothing(void **state)
{
    static const char standing[] =
        " Subscribe to the Kestrel Courier and read our gardening, chess and motoring supplements, "
        "win tickets for the Marigold theatre, download the Courier's puzzle app, follow Kestrel "
        "podcasts about whisky and orchids, and visit our bookshop in Harrowgate arcade.";
    static const char *const subjects[] = {
        "Otters return to the Tamar", "Brewery in Pilsen turns 180", "Snow closes Brenner motorway",
        "Chess title goes to Baku",   "Nurses in Leeds vote on pay", "Ferry aground off Naxos",
        "Quito tests cable cars",     "Oslo museum buys a Munch",    "Austin bans leaf blowers",
        "Turin factory builds trams"};
    enum { N = sizeof subjects / sizeof *subjects };
    (void)state;
    struct engine *e = engine_new(1, 1);
    const struct engine_change *c;
    char page[1024];
    for (size_t i = 0; i < N; i++)
        come(e, &(struct told){subjects[i], NULL, "kestrel.example"});
    for (size_t i = 0; i < N; i++) {
        snprintf(page, sizeof page, "%s.%s", subjects[i], standing);
        read_page(e, i + 1, &(struct told){subjects[i], page, "kestrel.example"}, &c);
    }
    for (uint64_t a = 5; a <= N; a++) /* it takes some to be known */
        assert_int_equal(engine_article(e, a)->event->n, 1);
    engine_free(e);
}

/* ---- restarts -------------------------------------------------------------------------------- */

enum { MOST = 4096 };

/* What a store keeps. */
struct kept {
    struct buf packed[MOST], rarity;
    uint64_t event[MOST], most_events;
    size_t n;
};

struct stream {
    uint64_t state;
    int64_t clock;
    char title[256], page[1024], publisher[32];
};

static unsigned next_number(struct stream *s, unsigned below)
{
    s->state = s->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(s->state >> 33) % below;
}

static const char *const places[] = {"Lisbon", "Oslo",  "Nairobi", "Quito",  "Hanoi",
                                     "Perth",  "Turin", "Leeds",   "Austin", "Sapporo"};
static const char *const things[] = {"bridge",  "festival", "factory", "airport", "museum",
                                     "stadium", "hospital", "harbour", "library", "railway"};
static const char *const verbs[] = {"closes",  "burns", "reopens",   "expands", "floods",
                                    "strikes", "sinks", "collapses", "wins",    "fails"};

/* A story is a place, a thing and a verb; of the title half leave two of them out. */
static void next_article(struct stream *s)
{
    unsigned story = next_number(s, 40) + 40 * (unsigned)((s->clock - NOON) / (2 * DAY));
    const char *place = places[story % 10], *thing = things[story / 10 % 10];
    const char *verb = verbs[(story * 7 + story / 3) % 10];
    if (next_number(s, 2))
        snprintf(s->title, sizeof s->title, "%s %s %s", place, thing, verb);
    else
        snprintf(s->title, sizeof s->title, "%s: what we know, part %u", place, next_number(s, 90));
    snprintf(s->page, sizeof s->page,
             "The %s in %s %s, officials of district %u said. %u people of %s looked on as the %s "
             "%s.",
             thing, place, verb, story, next_number(s, 900), place, thing, verb);
    snprintf(s->publisher, sizeof s->publisher, "paper%u.example", next_number(s, 25));
    s->clock += next_number(s, 900);
}

static struct engine_article in_hand(const struct stream *s, bool page)
{
    return (struct engine_article){.title = s->title,
                                   .body = page ? s->page : NULL,
                                   .lang = "en",
                                   .publisher = s->publisher,
                                   .published = s->clock,
                                   .seen = s->clock};
}

static void pack_again(struct kept *k, const struct engine *e, uint64_t article, bool page)
{
    if (!engine_article(e, article) || article > k->n)
        return; /* it has left the window, or comes yet */
    struct buf again, *was = &k->packed[article];
    buf_init(&again, 1 << 20);
    (page ? engine_pack_page : engine_pack_again)(e, article, was->p, was->len, &again);
    buf_free(was);
    *was = again;
}

static size_t apply(struct kept *k, const struct engine *e, const struct engine_change *c, size_t n,
                    enum engine_change_kind counted)
{
    size_t of_kind = 0;
    for (size_t i = 0; i < n; i++, c++) {
        of_kind += c->kind == counted;
        for (size_t a = 1; a <= k->n; a++)
            if (c->kind == ENGINE_MERGED && k->event[a] == c->from)
                k->event[a] = c->event;
        for (size_t a = 0; a < c->n_articles; a++)
            k->event[c->articles[a]] = c->event;
        if (c->kind == ENGINE_COPIED)
            pack_again(k, e, c->article, false);
        if (c->event > k->most_events)
            k->most_events = c->event;
    }
    return of_kind;
}

static void keep(struct kept *k, const struct engine *e, const struct engine_result *out)
{
    if (out->day_ended) {
        buf_clear(&k->rarity);
        engine_save_rarity(e, &k->rarity);
    }
    apply(k, e, out->changes, out->n_changes, ENGINE_CREATED);
    k->n = out->article;
    k->event[k->n] = out->event;
    buf_init(&k->packed[k->n], 1 << 20);
    engine_pack(e, k->n, &k->packed[k->n]);
}

/* Some article of the last ones gets the page in hand; `whose` tells which. */
static bool renew_one(struct engine *e, const struct stream *s, uint64_t whose)
{
    struct engine_article in = in_hand(s, true);
    return engine_renew(e, whose, &in, NULL);
}

static struct engine *restart(const struct kept *k, int64_t clock)
{
    struct engine *e = engine_new(k->n + 1, k->most_events + 1);
    assert_true(engine_restore_rarity(e, k->rarity.p, k->rarity.len));
    engine_set_clock(e, clock);
    for (size_t a = 1; a <= k->n; a++)
        assert_true(engine_restore(e, a, k->event[a], k->packed[a].p, k->packed[a].len));
    return e;
}

static void same_changes(const struct engine_change *x, size_t n, const struct engine_change *y,
                         size_t m)
{
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(x[i].kind, y[i].kind);
        assert_int_equal(x[i].event, y[i].event);
        assert_int_equal(x[i].from, y[i].from);
        assert_int_equal(x[i].article, y[i].article);
        assert_memory_equal(&x[i].probability, &y[i].probability, sizeof x[i].probability);
    }
}

/* Articles of the last days get pages, their own or another's, some of them several. */
static void a_restart_changes_nothing(void **state)
{
    enum { BEFORE = 1500, AFTER = 900, RECENT = 150 };
    (void)state;
    struct kept *k = mem_zero(sizeof *k);
    struct stream s = {.state = 7, .clock = NOON};
    struct engine *whole = engine_new(1, 1);
    struct engine_result out, again;
    const struct engine_change *c, *d;
    size_t merged = 0, split = 0;
    buf_init(&k->rarity, 1 << 26);
    for (size_t i = 0; i < BEFORE; i++) {
        next_article(&s);
        struct engine_article in = in_hand(&s, false);
        engine_add(whole, &in, &out);
        keep(k, whole, &out);
        for (size_t p = 0; p < 1 + i % 2; p++) {
            uint64_t whose = p ? k->n - next_number(&s, k->n < RECENT ? (unsigned)k->n : RECENT)
                               : k->n; /* its own comes at once, the wrong one later */
            if (!renew_one(whole, &s, whose))
                continue;
            size_t n = engine_changes(whole, &c);
            merged += apply(k, whole, c, n, ENGINE_MERGED);
            for (size_t x = 0; x < n; x++)
                split += c[x].kind == ENGINE_SPLIT;
            pack_again(k, whole, whose, true);
        }
    }
    assert_true(merged > 50 && split > 50);
    struct engine *second = restart(k, s.clock);
    assert_int_equal(engine_events(second), engine_events(whole));
    for (size_t i = 0; i < AFTER; i++) {
        next_article(&s);
        struct engine_article in = in_hand(&s, false);
        engine_add(whole, &in, &out);
        engine_add(second, &in, &again);
        assert_int_equal(again.event, out.event);
        assert_int_equal(again.copy_of, out.copy_of);
        assert_memory_equal(&again.reason.probability, &out.reason.probability, sizeof(double));
        same_changes(out.changes, out.n_changes, again.changes, again.n_changes);
        uint64_t whose = out.article - next_number(&s, RECENT);
        assert_int_equal(renew_one(whole, &s, whose), renew_one(second, &s, whose));
        size_t n = engine_changes(whole, &c), m = engine_changes(second, &d);
        same_changes(c, n, d, m);
    }
    assert_int_equal(engine_events(second), engine_events(whole));
    engine_free(whole);
    engine_free(second);
    for (size_t a = 1; a <= k->n; a++)
        buf_free(&k->packed[a]);
    buf_free(&k->rarity);
    free(k);
}

static bool restores(const struct buf *packed, size_t n)
{
    struct engine *e = engine_new(2, 2);
    engine_set_clock(e, NOON);
    assert_false(engine_packed_before(packed->p, n));
    bool is = engine_restore(e, 1, 1, packed->p, n);
    if (is)
        assert_int_equal(come(e, &two_stories[LEGAL - 1]).event,
                         engine_article(e, 1)->pages ? 1 : 2); /* by the page's words, or not */
    engine_free(e);
    return is;
}

/* An article has as many more bytes as its pages need, and may have none, as before there were any.
 */
static void bytes_with_a_page_or_without_are_read(void **state)
{
    enum { MORE = 10, MOST_PAGES = 4 };
    (void)state;
    struct engine *e = engine_new(1, 1);
    const struct engine_change *c;
    struct buf bytes[2], *was = &bytes[0], *now = &bytes[1];
    buf_init(was, 1 << 20);
    buf_init(now, 1 << 20);
    come(e, &one_story[0]);
    engine_pack(e, 1, was);
    assert_true(restores(was, was->len));
    for (size_t i = 0; i < MORE; i++) {
        size_t before = was->len, weights = engine_article(e, 1)->vector.n;
        read_page(e, 1, &one_story[0], &c);
        buf_clear(now);
        engine_pack_page(e, 1, was->p, was->len, now);
        assert_true(restores(now, now->len));
        assert_false(restores(now, now->len - 1));
        size_t grown = (engine_article(e, 1)->vector.n - weights) * sizeof(struct weight);
        assert_int_equal(now->len - before - grown,
                         i < MOST_PAGES ? SKETCH_BANDS * sizeof(uint32_t) : 0);
        struct buf *other = was;
        was = now;
        now = other;
    }
    buf_clear(now);
    engine_pack_again(e, 1, was->p, was->len, now);
    assert_int_equal(now->len, was->len); /* what its page had stays */
    assert_memory_equal(now->p, was->p, was->len);
    buf_free(was);
    buf_free(now);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_bring_together_what_titles_do_not),
        cmocka_unit_test(an_article_alone_whose_page_tells_of_nothing_else_stays_alone),
        cmocka_unit_test(an_article_leaves_by_its_page),
        cmocka_unit_test(links_bind),
        cmocka_unit_test(pages_tell_of_copies),
        cmocka_unit_test(the_order_of_pages_does_not_count),
        cmocka_unit_test(what_all_pages_have_glues_nothing),
        cmocka_unit_test(a_restart_changes_nothing),
        cmocka_unit_test(bytes_with_a_page_or_without_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
