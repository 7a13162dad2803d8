#include "unit.h"

#include "base/escape.h"
#include "base/mem.h"
#include "net/access.h"
#include "api/listing.h"
#include "net/reply.h"
#include "net/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_head(struct request *r, char *room, size_t cap, const char *text)
{
    size_t n = strlen(text);
    assert_true(n < cap);
    memcpy(room, text, n + 1);
    int length = request_head_length(room, n);
    return length > 0 ? request_head(r, room, (size_t)length) : length ? length : 1;
}

static void heads(void **state)
{
    static const struct {
        const char *text;
        int result; /* 1: more must come */
        const char *path;
    } table[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, "/"},
        {"\r\n\r\nGET /a%20b?x=1 HTTP/1.1\r\n\r\n", 0, "/a b"},
        {"GET http://host:1/p HTTP/1.1\r\nHost: other\r\n\r\n", 0, "/p"},
        {"OPTIONS * HTTP/1.1\r\n\r\n", 0, "*"},
        {"GET / HTTP/1.1\r\nHost: a\r\n", 1, NULL},
        {"GET * HTTP/1.1\r\n\r\n", -400, NULL},
        {"GET  / HTTP/1.1\r\n\r\n", -400, NULL},
        {"GET / HTTP/1.1 \r\n\r\n", -505, NULL},
        {"GET /%2 HTTP/1.1\r\n\r\n", -400, NULL},
        {"GET /%c3%28 HTTP/1.1\r\n\r\n", -400, NULL},
        {"GET http:///p HTTP/1.1\r\n\r\n", -400, NULL},
        {"GET / HTTP/1.1\r\n: x\r\n\r\n", -400, NULL},
        {"GET / HTTP/1.1\r\nA\r\n\r\n", -400, NULL},
        {"GET / HTTP/1.1\r\nA: x\ry\r\n\r\n", -400, NULL},
        {"POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", -400, NULL},
        {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", -400, NULL},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", -501, NULL},
    };
    char room[4096];
    struct request r;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int result = read_head(&r, room, sizeof room, table[i].text);
        if (result != table[i].result)
            print_error("%s: %d\n", table[i].text, result);
        assert_int_equal(result, table[i].result);
        if (table[i].path)
            assert_string_equal(r.path, table[i].path);
    }
    read_head(&r, room, sizeof room, "GET http://host:1/p HTTP/1.1\r\nHost: other\r\n\r\n");
    assert_string_equal(r.host, "host:1");
    read_head(&r, room, sizeof room, "GET /?a=1&b=x%26y+z&c&&a=2 HTTP/1.0\r\n\r\n");
    assert_true(r.close);
    assert_int_equal(r.n_parameters, 4);
    assert_string_equal(request_parameter(&r, "b"), "x&y z");
    assert_string_equal(request_parameter(&r, "c"), "");
    assert_null(request_parameter(&r, "d"));
}

/* However long, and whatever stands behind the bytes that came: line ends alone are no request. */
static void line_ends_are_no_request(void **state)
{
    enum { ROOM = 4 * REQUEST_MAX_HEAD };
    char *room = mem_alloc(ROOM);
    (void)state;
    for (size_t n = 0; n <= ROOM / 2; n++) {
        memset(room, '\n', ROOM);
        for (size_t i = 0; i < n; i += 2)
            room[i] = '\r';
        assert_int_equal(request_head_length(room, n), n < REQUEST_MAX_HEAD ? 0 : -414);
    }
    memset(room, '\r', ROOM);
    memcpy(room + REQUEST_MAX_HEAD - 2, "\r\n\r\n", 4);
    assert_int_equal(request_head_length(room, REQUEST_MAX_HEAD + 2), -431);
    free(room);
}

/* However the bytes come, the same body. */
static void chunks_in_any_pieces(void **state)
{
    static const char text[] = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET /";
    (void)state;
    for (size_t step = 1; step < sizeof text; step++) {
        char room[sizeof text];
        struct request_chunks c = {0};
        memcpy(room, text, sizeof text);
        int64_t end = 0;
        for (size_t n = step; !end; n += step)
            end = request_chunks(&c, room, n < sizeof text - 1 ? n : sizeof text - 1);
        assert_int_equal(end, sizeof text - 1 - strlen("GET /"));
        assert_int_equal(c.length, 13);
        assert_memory_equal(room, "abc0123456789", 13);
    }
    static const struct {
        const char *text;
        int64_t result;
    } wrong[] = {{"x\r\n", -400}, {"1\r\nab\r\n", -400}, {"fffffffff\r\n", -413}, {"\r\n", -400}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char room[32];
        struct request_chunks c = {0};
        snprintf(room, sizeof room, "%s", wrong[i].text);
        assert_int_equal(request_chunks(&c, room, strlen(room)), wrong[i].result);
    }
}

static void lists_of_words_and_etags(void **state)
{
    (void)state;
    assert_true(request_list_has("br, GZIP ; q=0.5", "gzip"));
    assert_false(request_list_has("br, gzip;q=0", "gzip"));
    assert_false(request_list_has("xgzip, gzipx", "gzip"));
    assert_true(request_etag_matches("W/\"a\", \"b\"", "\"a\""));
    assert_true(request_etag_matches("*", "\"a\""));
    assert_false(request_etag_matches("\"ab\"", "\"a\""));
    assert_false(request_etag_matches("", "\"a\""));
}

static void hosts_and_secrets(void **state)
{
    char token[64], name[REQUEST_MAX_NAME + 1];
    (void)state;
    assert_true(access_host_known("localhost:8787", ""));
    assert_true(access_host_known("[::1]", ""));
    assert_true(access_host_known("News.Example", "a.example, news.example"));
    assert_false(access_host_known("news.example.evil", "news.example"));
    assert_false(access_host_known("", ""));
    assert_false(access_host_known("[::1", ""));
    assert_false(access_host_known("localhost:80@evil", ""));
    assert_true(access_same_secret("secret", "secret"));
    assert_false(access_same_secret("secret", "secretx"));
    assert_false(access_same_secret("secret", "secre"));
    assert_false(access_same_secret("secret", ""));
    assert_true(access_token("bearer  abc", token, sizeof token));
    assert_string_equal(token, "abc");
    assert_true(access_token("Basic YW5uYTphOmI=", token, sizeof token)); /* anna:a:b */
    assert_string_equal(token, "a:b");
    assert_false(access_token("Basic YW5uYQ==", token, sizeof token)); /* no password */
    assert_true(access_token("GoogleLogin auth=anna/a%2Fb%3D", token, sizeof token));
    assert_string_equal(token, "a/b=");
    assert_false(access_token("GoogleLogin auth=anna", token, sizeof token));
    access_name("GoogleLogin auth=a%20b/c", name);
    assert_string_equal(name, "a b");
    access_name("Basic YW5uYTphOmI=", name);
    assert_string_equal(name, "anna");
    access_name("Bearer abc", name);
    assert_string_equal(name, "");
    access_name("GoogleLogin auth=a%0Ab/c", name);
    assert_string_equal(name, "");
    assert_false(access_token("Digest x", token, sizeof token));
}

static void texts_are_escaped(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    escape_text(&b, ESCAPE_JSON, "a\"b\\c\n\x01\xff");
    assert_string_equal(buf_text(&b), "a\\\"b\\\\c\\u000a\\u0001\xef\xbf\xbd");
    buf_clear(&b);
    escape_text(&b, ESCAPE_XML, "<a href='x'>&\"\x01\xff");
    assert_string_equal(buf_text(&b), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\xef\xbf\xbd");
    buf_free(&b);
}

/* An answer that was written past its ceiling is none: it says so, whatever there was of it. */
static void an_answer_that_is_too_long_is_an_error(void **state)
{
    struct reply r;
    struct reply_out out;
    struct buf head;
    const struct request q = {.method = REQUEST_GET};
    char *text = mem_zero(1 << 20);
    (void)state;
    reply_init(&r);
    buf_init(&head, 64 << 10);
    r.type = "application/json";
    while (buf_add(&r.body, text, 1 << 20))
        ;
    assert_int_equal(r.body.len, REPLY_MAX_BODY);
    reply_finish(&r, &q, "", false, NULL, &head, &out);
    assert_int_equal(r.status, 500);
    assert_non_null(strstr(buf_text(&head), "HTTP/1.1 500 "));
    assert_non_null(strstr(buf_text(&head), "application/problem+json"));
    assert_non_null(strstr(out.body, "exceeds 16 MiB"));
    assert_int_equal(out.length, strlen(out.body));
    reply_free(&r);
    buf_free(&head);
    free(text);
}

static json_t *event(uint64_t number, int64_t score, int64_t sources, const char *title)
{
    json_t *all = json_array();
    for (int64_t i = 0; i < sources; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "s%d.example", (int)i);
        json_array_append_new(all,
                              json_pack("{s:s,s:s,s:I,s:I}", "name", domain, "domain", domain,
                                        "articles", (json_int_t)1, "first", (json_int_t)score));
    }
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:s,s:[s],s:[],s:o,s:s}", "id",
                     (json_int_t)number, "seq", (json_int_t)number, "score", (json_int_t)score,
                     "updated", (json_int_t)score, "source_count", (json_int_t)sources, "velocity",
                     (json_int_t)sources, "lang", "en", "title", title, "categories",
                     "conflict, war and peace", "keywords", "sources", all, "status", "open");
}

static size_t find(const struct listing *l, const struct listing_query *q, uint64_t *out)
{
    struct listing_place places[LISTING_MAX_PAGE];
    bool more;
    size_t n = listing_find(l, q, 1000, places, &more);
    for (size_t i = 0; i < n; i++)
        out[i] = places[i].number;
    return n;
}

static void take(struct listing *l, json_t *event)
{
    struct event_record head;
    codec_read(&event_head_table, event, &head);
    listing_take(l, &head);
    codec_free(&event_head_table, &head);
    json_decref(event);
}

/* Pages of any length hold the same events in the same order; each event once. */
static void pages_are_whole(void **state)
{
    enum { N = 500 };
    struct listing *l = listing_new();
    (void)state;
    for (uint64_t i = 1; i <= N; i++) {
        json_t *e = event(i, (int64_t)(i * 7919 % 100), (int64_t)(i % 5), "A title");
        take(l, e);
    }
    for (size_t limit = 1; limit <= LISTING_MAX_PAGE; limit = limit * 3 + 1) {
        struct listing_query q = {.order = LISTING_TOP, .limit = limit, .until = INT64_MAX};
        char next[LISTING_CURSOR] = "";
        struct listing_place page[LISTING_MAX_PAGE];
        uint64_t last = 0, n = 0;
        int64_t last_score = INT64_MAX;
        bool more;
        do {
            size_t found = listing_find(l, &q, 0, page, &more);
            for (size_t i = 0; i < found; i++, n++) {
                uint64_t number = page[i].number;
                int64_t score = (int64_t)(number * 7919 % 100);
                assert_true(score < last_score || (score == last_score && number < last));
                last_score = score;
                last = number;
            }
            q.has_cursor = true;
            listing_cursor(page[found - 1], next);
            assert_int_equal(sscanf(next, "%ld.%lu", &q.cursor_key, &q.cursor_number), 2);
        } while (more);
        assert_int_equal(n, N);
    }
    listing_free(l);
}

static void assert_values(const struct listing *l, size_t most, const char *expected)
{
    struct buf b;
    buf_init(&b, 4096);
    filter_values_write(listing_values(l), most, &b);
    assert_string_equal(buf_text(&b), expected);
    buf_free(&b);
}

/* As events come, change, are muted and go. */
static void filters_are_offered_what_there_is(void **state)
{
    static const char none[] = "{\"category\":[],\n\"lang\":[],\n\"source\":[]}\n";
    struct listing *l = listing_new();
    (void)state;
    assert_values(l, 10, none);
    take(l, event(1, 10, 2, "A title"));
    take(l, event(2, 10, 1, "A title"));
    take(l, event(2, 11, 1, "Another title"));
    json_t *renamed = event(3, 12, 1, "A title"), *muted = event(4, 12, 5, "A title");
    json_object_set_new(renamed, "tags", json_pack("[s]", "Harbour"));
    json_object_set_new(renamed, "lang", json_string("de"));
    json_object_set_new(json_array_get(json_object_get(renamed, "sources"), 0), "name",
                        json_string("Paper \"0\""));
    json_object_set_new(muted, "muted", json_true());
    take(l, renamed);
    take(l, muted);
    assert_values(
        l, 10,
        "{\"category\":[{\"value\":\"conflict, war and peace\",\"events\":3},\n"
        "{\"value\":\"Harbour\",\"events\":1}],\n"
        "\"lang\":[{\"value\":\"en\",\"events\":2},\n{\"value\":\"de\",\"events\":1}],\n"
        "\"source\":[{\"value\":\"s0.example\",\"name\":\"Paper \\\"0\\\"\",\"events\":3},\n"
        "{\"value\":\"s1.example\",\"name\":\"s1.example\",\"events\":1}]}\n");
    listing_drop(l, 1);
    listing_drop(l, 3);
    listing_drop(l, 4);
    assert_values(
        l, 10,
        "{\"category\":[{\"value\":\"conflict, war and peace\",\"events\":1}],\n"
        "\"lang\":[{\"value\":\"en\",\"events\":1}],\n"
        "\"source\":[{\"value\":\"s0.example\",\"name\":\"Paper \\\"0\\\"\",\"events\":1}]}\n");
    json_t *gone = event(2, 12, 1, "A title");
    json_object_set_new(gone, "status", json_string("merged"));
    take(l, gone);
    assert_values(l, 10, none);
    for (uint64_t i = 1; i <= 3; i++) {
        json_t *one = event(i, 10, (int64_t)i, "A title");
        take(l, one);
    }
    assert_values(
        l, 1,
        "{\"category\":[{\"value\":\"conflict, war and peace\",\"events\":3}],\n"
        "\"lang\":[{\"value\":\"en\",\"events\":3}],\n"
        "\"source\":[{\"value\":\"s0.example\",\"name\":\"s0.example\",\"events\":3}]}\n");
    listing_free(l);
}

static void what_is_merged_away_is_not_listed(void **state)
{
    uint64_t out[LISTING_MAX_PAGE];
    struct listing *l = listing_new();
    struct listing_query q = {.limit = 10, .until = INT64_MAX};
    (void)state;
    for (uint64_t i = 1; i <= 3; i++) {
        json_t *e = event(i, (int64_t)i, 1, "Title");
        take(l, e);
    }
    json_t *merged = json_pack("{s:i,s:s}", "id", 1, "status", "merged");
    take(l, merged);
    assert_int_equal(find(l, &q, out), 2);
    assert_int_equal(out[0], 3);
    assert_int_equal(out[1], 2);
    json_t *again = event(2, 50, 4, "Ferry aground");
    take(l, again);
    assert_int_equal(find(l, &q, out), 2);
    assert_int_equal(out[0], 2);
    q.min_sources = 4;
    snprintf(q.search, sizeof q.search, " ferr");
    assert_int_equal(find(l, &q, out), 1);
    snprintf(q.search, sizeof q.search, " erry");
    assert_int_equal(find(l, &q, out), 0);
    listing_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads),
        cmocka_unit_test(line_ends_are_no_request),
        cmocka_unit_test(chunks_in_any_pieces),
        cmocka_unit_test(lists_of_words_and_etags),
        cmocka_unit_test(hosts_and_secrets),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(an_answer_that_is_too_long_is_an_error),
        cmocka_unit_test(pages_are_whole),
        cmocka_unit_test(filters_are_offered_what_there_is),
        cmocka_unit_test(what_is_merged_away_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
