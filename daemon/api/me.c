/* Reads and changes what a reader has seen, starred and follows; see me.h. Changes go into the
 * daemon's batch, and a request that reads commits those that precede it. While the store is full,
 * what was committed is read. */
#include "api/me.h"

#include "api/api.h"
#include "api/ask.h"
#include "api/lists.h"
#include "api/live.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ingest/ingest.h"
#include "store/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_ASKED = 200,    /* events of one request */
    MOST_CHANGED = 1000, /* the same when they are changed */
    USUAL_PAGE = 100,
    LONGEST_PAGE = 500,
};

static const struct {
    const char *name;
    unsigned flag;
} flags[] = {{"seen", READING_SEEN}, {"starred", READING_STARRED}, {"followed", READING_FOLLOWED}};
enum { FLAGS = sizeof flags / sizeof *flags };

static bool has_name(const struct request *r, struct reply *out)
{
    if (!*r->reader)
        reply_problem(out, 403,
                      "nothing is kept for a reader without a name; have a proxy sign users in, or "
                      "send a name with the token, as the user of HTTP Basic");
    return *r->reader;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool failed_to_read(int error, story_view *view, struct reading_state *state,
                           struct reply *out)
{
    if (!error)
        return false;
    me_end(view, state);
    api_failed(out, error);
    return true;
}

bool me_begin(struct routes_context *c, const struct request *r, story_view **view,
              struct reading_state *state, struct reply *out)
{
    *state = (struct reading_state){0};
    *view = NULL;
    int error = story_view_begin(c->db, view);
    if (!error && reading_stamp(*view) < c->reading && !store_error(ingest_store(c->ingest))) {
        story_view_end(*view);
        *view = NULL;
        if (!ingest_commit(c->ingest))
            live_committed(c->live);
        error = story_view_begin(c->db, view);
        c->reading = error ? 0 : reading_stamp(*view);
    }
    if (!error)
        error = reading_load(*view, reading_hash(r->reader), state);
    return !failed_to_read(error, *view, state, out);
}

void me_end(story_view *view, struct reading_state *state)
{
    reading_free(state);
    story_view_end(view);
}

/* ---- changing -------------------------------------------------------------------------------- */

static bool write_reading(struct routes_context *c, const struct request *r,
                          const struct reading_change *v, size_t n, uint64_t up_to,
                          struct reply *out)
{
    int error = reading_write(ingest_store(c->ingest), reading_hash(r->reader), v, n, up_to,
                              wall_clock(), &c->reading);
    if (error == EUSERS)
        reply_problem(out, 409,
                      "there is room for %d readers; use a name that exists, or wait until "
                      "keep_events in [store] has passed since another was used",
                      READING_READERS);
    else if (error)
        reply_problem(out, 503, "the store failed: %s", store_strerror(error));
    else
        c->wrote(c->wrote_arg, 0);
    return !error;
}

/* An event that is not listed: merged into another, archived, or deleted. */
static bool find_unlisted(const struct routes_context *c, story_view *view, uint64_t number,
                          struct reading_change *out)
{
    struct story_entry e;
    struct listing_event listed;
    int64_t seq = 0, sources = 0;
    if (story_event(view, number, &e))
        return false;
    if (listing_get(lists_table(c->lists), e.number, &listed)) {
        *out = (struct reading_change){
            .event = listed.number, .seq = (uint64_t)listed.seq, .sources = listed.sources};
        return true;
    }
    bool whole = !story_integer(&e, "seq", &seq) && !story_integer(&e, "source_count", &sources);
    *out = (struct reading_change){
        .event = e.number, .seq = (uint64_t)seq, .sources = (uint32_t)sources};
    return whole;
}

bool me_flag(struct routes_context *c, const struct request *r, const uint64_t *events, size_t n,
             unsigned set, unsigned clear, size_t *done, struct reply *out)
{
    struct reading_change *v = mem_alloc((n + 1) * sizeof *v);
    story_view *view;
    struct listing_event listed;
    int error = story_view_begin(c->db, &view);
    *done = 0;
    for (size_t i = 0; !error && i < n; i++) {
        struct reading_change *to = &v[*done];
        if (listing_get(lists_table(c->lists), events[i], &listed))
            *to = (struct reading_change){
                .event = listed.number, .seq = (uint64_t)listed.seq, .sources = listed.sources};
        else if (!find_unlisted(c, view, events[i], to))
            continue;
        to->set = set;
        to->clear = clear;
        ++*done;
    }
    story_view_end(view);
    if (error)
        api_failed(out, error);
    bool ok = !error && (!*done || write_reading(c, r, v, *done, 0, out));
    free(v);
    return ok;
}

/* Everything up to `up_to` is seen by that number alone; what is not to be, has an entry. */
struct marking {
    const struct reading_state *state;
    bool (*is)(void *, const struct listing_event *);
    void *arg;
    uint64_t up_to;
    struct reading_change *v;
    size_t n, cap;
};

static void find_up_to(void *arg, const struct listing_event *e)
{
    struct marking *m = arg;
    if (e->number > m->up_to && m->is(m->arg, e))
        m->up_to = e->number;
}

static void mark_listed(void *arg, const struct listing_event *e)
{
    struct marking *m = arg;
    const bool wanted = m->is(m->arg, e), covered = e->number <= m->up_to;
    const bool has_entry = covered && reading_find(m->state, e->number);
    if ((reading_flags(m->state, e->number) & READING_SEEN) ||
        (covered && !has_entry ? wanted : !wanted))
        return;
    MEM_GROW(m->v, m->n, m->cap);
    m->v[m->n++] = (struct reading_change){.event = e->number,
                                           .seq = (uint64_t)e->seq,
                                           .sources = e->sources,
                                           .set = wanted ? READING_SEEN : 0};
}

bool me_mark(struct routes_context *c, const struct request *r,
             bool (*is)(void *, const struct listing_event *), void *arg, bool all,
             struct reply *out)
{
    const struct listing *table = lists_table(c->lists);
    struct reading_state state;
    struct marking m = {.state = &state, .is = is, .arg = arg};
    story_view *view;
    if (!me_begin(c, r, &view, &state, out))
        return false;
    if (all)
        listing_each(table, find_up_to, &m);
    listing_each(table, mark_listed, &m);
    me_end(view, &state);
    bool ok = write_reading(c, r, m.v, m.n, m.up_to, out);
    free(m.v);
    return ok;
}

/* ---- answers --------------------------------------------------------------------------------- */

void me_who(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c;
    if (!ask_nothing(r, out))
        return;
    const bool named = *r->reader;
    json_t *me = json_pack("{s:s?,s:s,s:b}", "name", named ? r->reader : NULL, "role", r->role,
                           "state", named);
    char *text = json_dumps(me, JSON_COMPACT);
    out->type = "application/json";
    buf_addf(&out->body, "%s\n", text);
    free(text);
    json_decref(me);
}

static void add_reading(const struct reading_state *state, uint64_t event, struct reply *out)
{
    const struct reading_entry *e = reading_find(state, event);
    const unsigned set = reading_flags(state, event);
    buf_addf(&out->body, "{\"event\":%" PRIu64, event);
    for (size_t i = 0; i < FLAGS; i++)
        buf_addf(&out->body, ",\"%s\":%s", flags[i].name, set & flags[i].flag ? "true" : "false");
    if (e)
        buf_addf(&out->body, ",\"seq\":%" PRIu64 ",\"sources\":%" PRIu32 ",\"time\":%" PRId64,
                 e->seq, e->sources, e->time);
    buf_addc(&out->body, '}');
}

/* "1,2,3" */
static bool read_asked_events(const char *text, uint64_t v[MOST_ASKED], size_t *n,
                              struct reply *out)
{
    for (*n = 0; *text && *n < MOST_ASKED; ++*n) {
        char *end;
        errno = 0;
        v[*n] = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || errno || (*end && *end != ','))
            break;
        text = *end ? end + 1 : end;
    }
    if (*text)
        reply_problem(out, 400, "events: expected at most %d numbers with commas between them",
                      MOST_ASKED);
    return !*text;
}

/* The newest events first. */
static void add_reading_page(const struct reading_state *state, unsigned which, uint64_t before,
                             size_t limit, struct reply *out)
{
    size_t shown = 0;
    uint64_t next = 0;
    for (size_t i = state->n; i-- && !next;) {
        const struct reading_entry *e = &state->v[i];
        if ((e->flags & which) != which || (before && e->event >= before))
            continue;
        if (shown == limit) {
            next = state->v[i].event + 1;
            break;
        }
        buf_adds(&out->body, shown++ ? "," : "");
        add_reading(state, e->event, out);
    }
    api_end_list(out, next);
}

static bool read_yes_flag(const struct request *r, size_t i, unsigned *which, struct reply *out)
{
    const char *text = request_parameter(r, flags[i].name);
    if (text && !strcmp(text, "yes"))
        *which |= flags[i].flag;
    else if (text)
        reply_problem(out, 400, "%s=%.40s; expected yes", flags[i].name, text);
    return !text || *which & flags[i].flag;
}

void me_state(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const char *const known[] = {"events", "seen",  "starred", "followed",
                                        "cursor", "limit", NULL};
    const char *events = request_parameter(r, "events"), *text;
    uint64_t asked[MOST_ASKED];
    int64_t before = 0, limit = USUAL_PAGE;
    size_t n = 0;
    unsigned which = 0;
    story_view *view;
    struct reading_state state;
    if (!ask_only(r, known, out) || (events && !read_asked_events(events, asked, &n, out)) ||
        ((text = request_parameter(r, "cursor")) &&
         !ask_number("cursor", text, 1, INT64_MAX, &before, out)) ||
        ((text = request_parameter(r, "limit")) &&
         !ask_number("limit", text, 1, LONGEST_PAGE, &limit, out)))
        return;
    for (size_t i = 0; i < FLAGS; i++)
        if (!read_yes_flag(r, i, &which, out))
            return;
    if (!has_name(r, out) || !me_begin(c, r, &view, &state, out))
        return;
    out->type = "application/json";
    buf_addf(&out->body, "{\"seen_events_to\":%" PRIu64 ",\"events\":[", state.up_to);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&out->body, i ? "," : "");
        add_reading(&state, asked[i], out);
    }
    if (events)
        api_end_list(out, 0);
    else
        add_reading_page(&state, which, (uint64_t)before, (size_t)limit, out);
    me_end(view, &state);
}

static bool is_not_after(void *arg, const struct listing_event *e)
{
    const int64_t *seq = arg;
    return e->seq <= *seq;
}

/* Reads {"events": [...], "seen": true, ...}. */
static bool read_reading_change(const json_t *ask, uint64_t *events, size_t *n, unsigned *set,
                                unsigned *clear)
{
    const json_t *list = json_object_get(ask, "events"), *value;
    size_t i, members = 1;
    *n = json_array_size(list);
    *set = *clear = 0;
    for (i = 0; i < FLAGS; i++) {
        value = json_object_get(ask, flags[i].name);
        if (value && !json_is_boolean(value))
            return false;
        members += value != NULL;
        *set |= json_is_true(value) ? flags[i].flag : 0;
        *clear |= json_is_false(value) ? flags[i].flag : 0;
    }
    if (!json_is_array(list) || *n > MOST_CHANGED || json_object_size(ask) != members ||
        !(*set | *clear))
        return false;
    json_array_foreach(list, i, value)
    {
        if (json_integer_value(value) < 1)
            return false;
        events[i] = (uint64_t)json_integer_value(value);
    }
    return true;
}

void me_change(struct routes_context *c, const struct request *r, struct reply *out)
{
    uint64_t events[MOST_CHANGED];
    size_t n, done;
    unsigned set, clear;
    json_t *ask = json_loadb(r->body, r->body_length, 0, NULL);
    const json_t *seen_up_to = json_object_get(ask, "seen_up_to");
    int64_t seq = json_integer_value(seen_up_to);
    bool ok = false;
    if (!has_name(r, out))
        goto out;
    if (json_is_integer(seen_up_to) && seq >= 0 && json_object_size(ask) == 1)
        ok = me_mark(c, r, is_not_after, &seq, true, out);
    else if (read_reading_change(ask, events, &n, &set, &clear))
        ok = me_flag(c, r, events, n, set, clear, &done, out);
    else
        reply_problem(out, 400,
                      "body: expected {\"events\": [NUMBERS], \"seen\": true}, with at most %d "
                      "events and one or more of seen, starred, followed; or {\"seen_up_to\": SEQ}",
                      MOST_CHANGED);
    if (ok)
        out->status = 204;
out:
    json_decref(ask);
}
