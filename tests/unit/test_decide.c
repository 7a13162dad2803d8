#include "unit.h"

#include "ingest/batch.h"
#include "ingest/decide.h"
#include "feed/parser.h"
#include "ingest/ingest.h"
#include "store/check.h"
#include "store/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOON = 1700000000, HOUR = 3600 };

static char dir[64];
static struct ingest *in;
static int published;

static void open_ingest(void)
{
    struct store *store;
    assert_int_equal(store_open(dir, 64 << 20, &store), 0);
    assert_int_equal(ingest_open(store, NULL, NULL, &in), 0);
}

static int begin(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/storyd-decide-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    published = 0;
    open_ingest();
    return 0;
}

static void tell_fault(void *arg, const char *fault)
{
    (void)arg;
    fprintf(stderr, "%s\n", fault);
}

/* Every test leaves a sound store. */
static int end(void **state)
{
    (void)state;
    struct store_check found;
    char command[128];
    ingest_free(in);
    int error = store_check(dir, tell_fault, NULL, &found);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) || error || found.faults ? -1 : 0;
}

static void restart(void)
{
    ingest_free(in);
    open_ingest();
}

/* One article, its number. */
static uint64_t publish(const char *domain, const char *title)
{
    char text[1024], url[64];
    struct feed *feed;
    struct ingest_document *d;
    bool more = true;
    snprintf(text, sizeof text,
             "<rss version=\"2.0\"><channel><title>Paper</title><item><guid>%d</guid>"
             "<link>https://www.%s/%d</link><title>%s</title></item></channel></rss>",
             published, domain, published, title);
    snprintf(url, sizeof url, "https://www.%s/feed", domain);
    assert_int_equal(feed_parse(text, strlen(text), url, "application/rss+xml", &feed), FEED_OK);
    struct feed_speaker speaker = {0};
    const struct feed_origin origin = {.url = url, .lang = "en", .speaker = &speaker};
    published++;
    d = ingest_begin(in, (uint64_t)published, &origin, &speaker, feed, NOON + published * HOUR / 2);
    while (more)
        assert_int_equal(ingest_next(d, &more), 0);
    ingest_end(d);
    speaker_free(&speaker);
    assert_int_equal(ingest_commit(in), 0);
    return (uint64_t)published;
}

static json_t *record(enum store_db db, uint64_t number)
{
    struct store_value v;
    assert_int_equal(store_get_u64(ingest_store(in), db, number, &v), 0);
    return json_loadb(v.p, v.n, 0, NULL);
}

static uint64_t number_in(enum store_db db, uint64_t number, const char *field)
{
    json_t *r = record(db, number);
    uint64_t value = record_number(r, field);
    json_decref(r);
    return value;
}

static uint64_t event_of(uint64_t article)
{
    return number_in(STORE_ARTICLES, article, "event");
}

/* What is asked as JSON with ' for "; the status, and the new decision's number in *number. */
static enum decide_status ask(const char *asked, uint64_t *number)
{
    char text[1024];
    snprintf(text, sizeof text, "%s", asked);
    for (char *c = text; *c; c++)
        *c = (char)(*c == '\'' ? '"' : *c);
    json_t *request = json_loads(text, 0, NULL);
    assert_non_null(request);
    json_object_set_new(request, "who", json_string("ed"));
    struct decided done;
    decide(in, request, NOON, &done);
    if (number)
        *number = done.status == DECIDE_DONE ? done.number : 0;
    if (done.status != DECIDE_DONE)
        assert_true(strlen(done.message) > 10);
    free(done.record);
    json_decref(request);
    return done.status;
}

static const char quake[] = "Magnitude 7.1 earthquake shakes Talca in central Chile";
static const char quake_again[] = "Talca in central Chile shaken by magnitude 7.1 earthquake";
static const char strike[] = "Lisbon dockers go on strike over pay";

static void a_merge_lasts_and_is_undone(void **state)
{
    (void)state;
    uint64_t a = publish("one.example", quake), b = publish("two.example", strike), decision;
    assert_int_not_equal(event_of(a), event_of(b));
    assert_int_equal(ask("{'kind':'merge','event':2,'into':1}", &decision), DECIDE_DONE);
    assert_int_equal(event_of(a), event_of(b));
    assert_int_equal(number_in(STORE_EVENTS, 1, "source_count"), 2);
    assert_int_equal(number_in(STORE_EVENTS, 2, "merged_into"), 1);
    assert_int_equal(ask("{'kind':'pin','event':2}", NULL), DECIDE_CONFLICT); /* it is no more */
    restart();
    uint64_t c = publish("three.example", strike);
    assert_int_equal(event_of(c), 1);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_not_equal(event_of(a), event_of(b));
    assert_int_equal(number_in(STORE_DECISIONS, 1, "undone_by"), 2);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_CONFLICT);
    assert_int_equal(ask("{'kind':'undo','decision':2}", NULL), DECIDE_INVALID);
}

static void a_split_lasts_and_is_undone(void **state)
{
    (void)state;
    uint64_t a = publish("one.example", quake), b = publish("two.example", quake_again);
    assert_int_equal(event_of(b), event_of(a));
    assert_int_equal(ask("{'kind':'split','event':1,'articles':[2,1]}", NULL), DECIDE_INVALID);
    assert_int_equal(ask("{'kind':'split','event':1,'articles':[7]}", NULL), DECIDE_CONFLICT);
    assert_int_equal(ask("{'kind':'split','event':1,'articles':[2]}", NULL), DECIDE_DONE);
    assert_int_equal(event_of(a), 1);
    assert_int_equal(event_of(b), 2);
    assert_int_equal(ask("{'kind':'merge','event':2,'into':1}", NULL), DECIDE_CONFLICT);
    restart();
    for (int i = 0; i < 6; i++)
        publish(i % 2 ? "three.example" : "four.example", i % 2 ? quake : quake_again);
    assert_int_not_equal(event_of(a), event_of(b));
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_equal(event_of(a), event_of(b));
}

static void an_article_is_moved_and_moved_back(void **state)
{
    (void)state;
    uint64_t a = publish("one.example", quake), b = publish("two.example", quake_again);
    uint64_t c = publish("three.example", strike);
    assert_int_equal(event_of(c), 2);
    assert_int_equal(ask("{'kind':'move','event':1,'articles':[2],'into':2}", NULL), DECIDE_DONE);
    assert_int_equal(event_of(a), 1);
    assert_int_equal(event_of(b), 2);
    assert_int_equal(number_in(STORE_EVENTS, 2, "article_count"), 2);
    assert_int_equal(ask("{'kind':'move','event':1,'articles':[1],'into':2}", NULL),
                     DECIDE_INVALID); /* that would be a merge */
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_equal(event_of(b), 1);
    assert_int_equal(event_of(c), 2);
}

static void fields_are_set_and_set_back(void **state)
{
    (void)state;
    publish("one.example", quake);
    assert_int_equal(ask("{'kind':'rename','event':1,'title':'Chile trembles'}", NULL),
                     DECIDE_DONE);
    assert_int_equal(ask("{'kind':'tag','event':1,'tag':'quakes'}", NULL), DECIDE_DONE);
    assert_int_equal(ask("{'kind':'pin','event':1}", NULL), DECIDE_DONE);
    assert_int_equal(ask("{'kind':'note','event':1,'text':'ask Santiago'}", NULL), DECIDE_DONE);
    publish("two.example", quake_again); /* a machine's headline is no match for an editor's */
    json_t *event = record(STORE_EVENTS, 1);
    assert_string_equal(record_text(event, "title"), "Chile trembles");
    assert_int_equal(json_array_size(json_object_get(event, "tags")), 1);
    assert_int_equal(json_array_size(json_object_get(event, "notes")), 1);
    assert_true(json_is_true(json_object_get(event, "pinned")));
    json_decref(event);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_equal(ask("{'kind':'untag','event':1,'tag':'quakes'}", NULL), DECIDE_DONE);
    assert_int_equal(ask("{'kind':'undo','decision':2}", NULL),
                     DECIDE_CONFLICT); /* untagged since */
    assert_int_equal(ask("{'kind':'untag','event':1,'tag':'quakes'}", NULL), DECIDE_CONFLICT);
    event = record(STORE_EVENTS, 1);
    assert_string_not_equal(record_text(event, "title"), "Chile trembles");
    assert_int_equal(json_array_size(json_object_get(event, "tags")), 0);
    json_decref(event);
}

static void check_said(const char *field, size_t at, const char *text)
{
    json_t *event = record(STORE_EVENTS, 1);
    assert_string_equal(record_text(json_array_get(json_object_get(event, field), at), "text"),
                        text);
    json_decref(event);
}

/* As if that had been extracted from the event's articles. */
static void extract(const char *text)
{
    struct event_record *event;
    struct digest said;
    assert_true(codec_load(&digest_table, text, strlen(text), &said));
    assert_int_equal(batch_event(in, 1, &event), 0);
    event_record_says(event, &said);
    codec_free(&digest_table, &said);
    assert_int_equal(ingest_commit(in), 0);
}

static void what_is_written_stays_and_is_undone(void **state)
{
    (void)state;
    publish("one.example", quake);
    extract("{\"summary\":[{\"text\":\"Old.\"}],"
            "\"details\":[{\"text\":\"a\"},{\"text\":\"b\"}]}");
    assert_int_equal(ask("{'kind':'write','event':1,'field':'summary','text':'Ours.'}", NULL),
                     DECIDE_DONE);
    assert_int_equal(ask("{'kind':'write','event':1,'field':'details','place':1,'items':[{'text':"
                         "'B','type':'numbers','heading':'Toll'}]}",
                         NULL),
                     DECIDE_DONE);
    check_said("summary", 0, "Ours.");
    check_said("details", 0, "a");
    check_said("details", 1, "B");
    publish("two.example", quake_again);
    extract("{\"summary\":[{\"text\":\"New.\"}],"
            "\"details\":[{\"text\":\"b\"},{\"text\":\"c\"}]}");
    check_said("summary", 0, "Ours.");
    check_said("details", 0, "B"); /* b has moved */
    check_said("details", 1, "c");
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_CONFLICT);
    assert_int_equal(ask("{'kind':'undo','decision':2}", NULL), DECIDE_DONE);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    check_said("summary", 0, "New.");
    check_said("details", 0, "b");
    json_t *event = record(STORE_EVENTS, 1);
    assert_true(json_is_null(json_object_get(event, "written")));
    assert_true(json_is_null(json_object_get(event, "extracted")));
    json_decref(event);
}

static void what_is_written_outlives_a_merge(void **state)
{
    (void)state;
    publish("one.example", quake);
    publish("two.example", strike);
    assert_int_equal(ask("{'kind':'write','event':2,'field':'summary','text':'Two.'}", NULL),
                     DECIDE_DONE);
    assert_int_equal(ask("{'kind':'merge','event':2,'into':1}", NULL), DECIDE_DONE);
    check_said("summary", 0, "Two.");
    assert_int_equal(ask("{'kind':'undo','decision':2}", NULL), DECIDE_DONE);
    check_said("summary", 0, "Two."); /* the part that keeps the number keeps it */
}

static void what_cannot_be_written_is_refused(void **state)
{
    static const char *const asked[] = {
        "'text':'x'",
        "'field':'title','text':'x'",
        "'field':'summary'",
        "'field':'summary','text':' '",
        "'field':'summary','text':7",
        "'field':'summary','items':[]",
        "'field':'summary','items':['x']",
        "'field':'summary','items':[{'text':'x','type':'who'}]",
        "'field':'summary','place':0,'text':'x'",
        "'field':'meaning','items':[{'text':'1'},{'text':'2'},{'text':'3'},{'text':'4'}]",
        "'field':'details','items':[{'text':'x','type':'gossip'}]",
        "'field':'details','items':[{'text':'x','heading':7}]",
        "'field':'details','place':1,'text':'x'",
        "'field':'details','place':'0','text':'x'",
        "'field':'details','place':0,'items':[{'text':'1'},{'text':'2'}]",
    };
    (void)state;
    publish("one.example", quake);
    extract("{\"details\":[{\"text\":\"a\"}]}");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char text[256];
        snprintf(text, sizeof text, "{'kind':'write','event':1,%s}", asked[i]);
        if (ask(text, NULL) != DECIDE_INVALID)
            fail_msg("%s", asked[i]);
    }
}

/* More of this: its own rank at once, that of another of the same publisher by a little. */
static void a_signal_shifts_ranks(void **state)
{
    (void)state;
    publish("one.example", quake);
    uint64_t before = number_in(STORE_EVENTS, 1, "score");
    assert_int_equal(ask("{'kind':'signal','event':1,'value':1}", NULL), DECIDE_DONE);
    assert_true(number_in(STORE_EVENTS, 1, "score") >= before + 1000);
    assert_int_equal(ask("{'kind':'signal','event':1,'value':2}", NULL), DECIDE_INVALID);
    json_t *own = record(STORE_EVENTS, 1);
    assert_true(json_is_null(json_object_get(own, "leaning"))); /* on others alone */
    json_decref(own);
    restart();
    publish("one.example", strike);
    json_t *event = record(STORE_EVENTS, 2), *leaning = json_object_get(event, "leaning");
    assert_true(json_number_value(json_object_get(leaning, "value")) > 0);
    json_t *because = json_array_get(json_object_get(leaning, "because"), 0);
    assert_string_equal(record_text(because, "what"), "publisher");
    assert_string_equal(record_text(because, "name"), "one.example");
    json_decref(event);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_equal(number_in(STORE_EVENTS, 1, "signal"), 0);
    publish("one.example", "Quite another matter altogether in Vilnius");
    event = record(STORE_EVENTS, 3);
    assert_true(json_is_null(json_object_get(event, "leaning")));
    json_decref(event);
}

static void a_state_that_changed_is_refused_with_that_state(void **state)
{
    (void)state;
    publish("one.example", quake);
    uint64_t seq = number_in(STORE_EVENTS, 1, "seq");
    publish("two.example", quake_again);
    char text[128];
    snprintf(text, sizeof text, "{'kind':'pin','event':1,'seq':%d}", (int)seq);
    assert_int_equal(ask(text, NULL), DECIDE_CONFLICT);
    snprintf(text, sizeof text, "{'kind':'pin','event':1,'seq':%d}",
             (int)number_in(STORE_EVENTS, 1, "seq"));
    assert_int_equal(ask(text, NULL), DECIDE_DONE);
}

/* Adds a field to a stored record, as a newer version would. */
static void add_newer(enum store_db db, uint64_t number)
{
    json_t *r = record(db, number);
    json_object_set_new(r, "newer", json_pack("{s:[i]}", "a", 1));
    char *text = json_dumps(r, JSON_COMPACT);
    assert_int_equal(store_put_u64(ingest_store(in), db, number, text, strlen(text)), 0);
    free(text);
    json_decref(r);
}

static void check_newer(enum store_db db, uint64_t number)
{
    json_t *r = record(db, number);
    assert_int_equal(json_array_size(json_object_get(json_object_get(r, "newer"), "a")), 1);
    json_decref(r);
}

/* After a downgrade, records that are written again keep what this version does not know. */
static void fields_of_a_newer_version_survive(void **state)
{
    (void)state;
    publish("one.example", quake);
    publish("two.example", strike);
    assert_int_equal(ask("{'kind':'merge','event':2,'into':1}", NULL), DECIDE_DONE);
    add_newer(STORE_DECISIONS, 1);
    add_newer(STORE_EVENTS, 1);
    add_newer(STORE_ARTICLES, 2);
    assert_int_equal(store_commit(ingest_store(in)), 0);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_equal(number_in(STORE_DECISIONS, 1, "undone_by"), 2);
    assert_int_not_equal(event_of(2), 1);
    check_newer(STORE_DECISIONS, 1);
    check_newer(STORE_EVENTS, 1);
    check_newer(STORE_ARTICLES, 2);
}

/* Half of the articles have left the window: the records are parted and joined all the same. */
static void what_has_left_the_window_is_decided_on_too(void **state)
{
    (void)state;
    publish("one.example", quake);
    publish("two.example", quake_again);
    bool changed;
    assert_int_equal(ingest_tick(in, NOON + 80 * HOUR, &changed), 0);
    assert_true(changed);
    assert_int_equal(ask("{'kind':'split','event':1,'articles':[2]}", NULL), DECIDE_DONE);
    assert_int_equal(event_of(2), 2);
    assert_int_equal(number_in(STORE_EVENTS, 2, "lead"), 2);
    assert_int_equal(ask("{'kind':'undo','decision':1}", NULL), DECIDE_DONE);
    assert_int_equal(event_of(2), 1);
    assert_int_equal(ask("{'kind':'undo','decision':9}", NULL), DECIDE_NOT_FOUND);
    assert_int_equal(ask("{'kind':'pin','event':9}", NULL), DECIDE_NOT_FOUND);
    assert_int_equal(ask("{'kind':'dance','event':1}", NULL), DECIDE_INVALID);
}

/* After an update that packs articles otherwise the window goes on. */
static void what_an_older_version_packed_is_read_anew(void **state)
{
    (void)state;
    publish("one.example", quake);
    publish("two.example", quake_again);
    ingest_free(in);
    struct store *store;
    struct store_value old;
    assert_int_equal(store_open(dir, 64 << 20, &store), 0);
    for (uint64_t article = 1; article <= 2; article++) {
        assert_int_equal(store_get_u64(store, STORE_PACKED, article, &old), 0);
        char *packed = test_malloc(old.n);
        uint32_t version, before;
        memcpy(packed, old.p, old.n);
        memcpy(&version, packed + sizeof(uint64_t), sizeof version);
        before = version - 1;
        memcpy(packed + sizeof(uint64_t), &before, sizeof before);
        assert_int_equal(store_put_u64(store, STORE_PACKED, article, packed, old.n), 0);
        test_free(packed);
    }
    assert_int_equal(store_commit(store), 0);
    store_close(store);
    open_ingest();
    assert_int_equal(ingest_older(in), 2);
    assert_int_equal(ingest_commit(in), 0);
    json_t *event = record(STORE_EVENTS, 1);
    assert_string_equal(record_text(event, "status"), "open");
    json_decref(event);
    uint64_t later = publish("three.example", quake);
    assert_int_equal(later, 3);
    assert_int_equal(event_of(later), 1);
    assert_int_equal(number_in(STORE_EVENTS, 1, "source_count"), 3);
    restart(); /* what was written is of the present version */
    assert_int_equal(ingest_older(in), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_merge_lasts_and_is_undone, begin, end),
        cmocka_unit_test_setup_teardown(a_split_lasts_and_is_undone, begin, end),
        cmocka_unit_test_setup_teardown(an_article_is_moved_and_moved_back, begin, end),
        cmocka_unit_test_setup_teardown(fields_are_set_and_set_back, begin, end),
        cmocka_unit_test_setup_teardown(what_is_written_stays_and_is_undone, begin, end),
        cmocka_unit_test_setup_teardown(what_is_written_outlives_a_merge, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_signal_shifts_ranks, begin, end),
        cmocka_unit_test_setup_teardown(a_state_that_changed_is_refused_with_that_state, begin,
                                        end),
        cmocka_unit_test_setup_teardown(fields_of_a_newer_version_survive, begin, end),
        cmocka_unit_test_setup_teardown(what_has_left_the_window_is_decided_on_too, begin, end),
        cmocka_unit_test_setup_teardown(what_an_older_version_packed_is_read_anew, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
