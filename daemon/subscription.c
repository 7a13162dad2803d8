#include "subscription.h"

#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "poll/clock.h"
#include "store/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The record's fields; one row serves reading and writing. */
enum kind { TEXT, NUMBER, TIME /* 0 is null in the record */, OBJECT, BITS };
static const struct field {
    const char *name;
    enum kind kind;
    size_t at;
} fields[] = {
    {"id", NUMBER, offsetof(struct subscription, number)},
    {"url", TEXT, offsetof(struct subscription, url)},
    {"listed", TEXT, offsetof(struct subscription, listed)},
    {"title", TEXT, offsetof(struct subscription, title)},
    {"group", TEXT, offsetof(struct subscription, group)},
    {"home", TEXT, offsetof(struct subscription, home)},
    {"site", TEXT, offsetof(struct subscription, site)},
    {"publisher", TEXT, offsetof(struct subscription, speaker.domain)},
    {"publisher_by", TEXT, offsetof(struct subscription, speaker.by)},
    {"publisher_formerly", TEXT, offsetof(struct subscription, speaker.formerly)},
    {"publisher_own", TIME, offsetof(struct subscription, speaker.own)},
    {"lang", TEXT, offsetof(struct subscription, lang)},
    {"attributes", OBJECT, offsetof(struct subscription, attributes)},
    {"added", TIME, offsetof(struct subscription, added)},
    {"last_poll", TIME, offsetof(struct subscription, last_poll)},
    {"last_new", TIME, offsetof(struct subscription, last_new)},
    {"next_poll", TIME, offsetof(struct subscription, next_poll)},
    {"because", TEXT, offsetof(struct subscription, because)},
    {"waits", OBJECT, offsetof(struct subscription, waits)},
    {"moved_to", TEXT, offsetof(struct subscription, moved_to)},
    {"moved_since", TIME, offsetof(struct subscription, moved_since)},
    {"moved_polls", NUMBER, offsetof(struct subscription, moved_polls)},
    {"merged_into", TIME, offsetof(struct subscription, merged_into)},
    {"archive", TEXT, offsetof(struct subscription, archive)},
    {"archives", NUMBER, offsetof(struct subscription, archives)},
    {"hub", TEXT, offsetof(struct subscription, hub)},
    {"topic", TEXT, offsetof(struct subscription, topic)},
    {"hub_state", TEXT, offsetof(struct subscription, hub_state)},
    {"hub_asked", TIME, offsetof(struct subscription, hub_asked)},
    {"hub_until", TIME, offsetof(struct subscription, hub_until)},
    {"pushes", NUMBER, offsetof(struct subscription, pushes)},
    {"ttl", TIME, offsetof(struct subscription, ttl)},
    {"updates", TIME, offsetof(struct subscription, updates)},
    {"skip_hours", BITS, offsetof(struct subscription, skip_hours)},
    {"skip_days", BITS, offsetof(struct subscription, skip_days)},
    {"status", TIME, offsetof(struct subscription, status)},
    {"etag", TEXT, offsetof(struct subscription, etag)},
    {"last_modified", TEXT, offsetof(struct subscription, last_modified)},
    {"document_url", TEXT, offsetof(struct subscription, document_url)},
    {"coding", TEXT, offsetof(struct subscription, coding)},
    {"document_time", TIME, offsetof(struct subscription, document_time)},
    {"body_hash", NUMBER, offsetof(struct subscription, body_hash)},
    {"head_hash", NUMBER, offsetof(struct subscription, head_hash)},
    {"errors", NUMBER, offsetof(struct subscription, errors)},
    {"last_error", TEXT, offsetof(struct subscription, last_error)},
    {"polls", NUMBER, offsetof(struct subscription, polls)},
    {"unchanged", NUMBER, offsetof(struct subscription, unchanged)},
    {"articles", NUMBER, offsetof(struct subscription, articles)},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static const char *const states[] = {"new", "ok", "error", "gone", "merged", "removed"};

static const char *state_of(const char *text)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (!strcmp(states[i], text))
            return states[i];
    return states[0];
}

static char **text_at(const struct subscription *sub, const struct field *f)
{
    return (char **)((uintptr_t)sub + f->at);
}

/* All numbers of the record are 64 bits wide. */
static uint64_t *number_at(const struct subscription *sub, const struct field *f)
{
    return (uint64_t *)((uintptr_t)sub + f->at);
}

static json_t **object_at(const struct subscription *sub, const struct field *f)
{
    return (json_t **)((uintptr_t)sub + f->at);
}

const char *subscription_attribute(const struct subscription *sub, const char *name)
{
    const char *key;
    json_t *value;
    json_object_foreach(sub->attributes, key,
                        value) if (!strcasecmp(key, name)) return json_string_value(value);
    return "";
}

void subscription_drop_attributes(struct subscription *sub)
{
    json_decref(sub->attributes);
    sub->attributes = NULL;
}

void subscription_add_attribute(struct subscription *sub, const char *name, const char *value)
{
    char *cut = NULL;
    subscription_set(&cut, value);
    if (!sub->attributes)
        sub->attributes = json_object();
    if (cut)
        json_object_set_new(sub->attributes, name, json_string(cut));
    free(cut);
}

struct feed_origin subscription_origin(const struct subscription *sub)
{
    const char *declared = subscription_attribute(sub, "aggregator");
    return (struct feed_origin){
        .url = sub->url,
        .from = sub->document_url,
        .name = sub->title,
        .lang = sub->lang,
        .home = sub->home,
        .aggregator = *declared ? !strcasecmp(declared, "yes")
                                : publisher_is_aggregator(sub->listed ? sub->listed : sub->url),
        .speaker = &sub->speaker,
    };
}

void subscription_set(char **field, const char *value)
{
    char *old = *field;
    *field = NULL;
    if (value && *value) {
        struct buf b;
        buf_init(&b, SUBSCRIPTION_MAX_TEXT * 4);
        size_t n = strlen(value);
        utf8_clean(&b, value,
                   n > SUBSCRIPTION_MAX_TEXT ? utf8_cut(value, SUBSCRIPTION_MAX_TEXT) : n);
        *field = buf_take(&b);
    }
    free(old);
}

void subscription_set_bytes(char **field, const char *bytes)
{
    free(*field);
    *field = NULL;
    if (!bytes || !*bytes || strlen(bytes) > SUBSCRIPTION_MAX_TEXT)
        return;
    struct buf b;
    buf_init(&b, SUBSCRIPTION_MAX_TEXT * 2 + 1);
    for (; *bytes; bytes++) {
        char c[4];
        buf_add(&b, c, utf8_encode((unsigned char)*bytes, c));
    }
    *field = buf_take(&b);
}

char *subscription_bytes(const char *field)
{
    if (!field)
        return NULL;
    const char *end = field + strlen(field);
    char *bytes = mem_zero((size_t)(end - field) + 1);
    uint32_t c;
    for (size_t n, i = 0; field < end; field += n) {
        n = utf8_decode(field, end, &c);
        if (n == 0 || c > 0xff) { /* not of our writing */
            free(bytes);
            return NULL;
        }
        bytes[i++] = (char)c;
    }
    return bytes;
}

static void read_text(char **field, const char *text)
{
    *field = *text ? mem_str(text) : NULL;
}

static uint64_t read_bits(const json_t *numbers)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < json_array_size(numbers); i++)
        bits |= UINT64_C(1) << (json_integer_value(json_array_get(numbers, i)) & 63);
    return bits;
}

static json_t *write_bits(uint64_t bits)
{
    json_t *numbers = json_array();
    for (int i = 0; i < 64; i++)
        if (bits >> i & 1)
            json_array_append_new(numbers, json_integer(i));
    return numbers;
}

static void read_record(struct subscription *sub, const json_t *record)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        if (fields[i].kind == TEXT)
            read_text(text_at(sub, &fields[i]), record_text(record, fields[i].name));
        else if (fields[i].kind == OBJECT)
            *object_at(sub, &fields[i]) = json_incref(json_object_get(record, fields[i].name));
        else if (fields[i].kind == BITS)
            *number_at(sub, &fields[i]) = read_bits(json_object_get(record, fields[i].name));
        else
            *number_at(sub, &fields[i]) = record_number(record, fields[i].name);
    }
    sub->state = state_of(record_text(record, "state"));
}

static int read_number(struct store *s, const unsigned char key[STORE_ADDRESS_KEY],
                       uint64_t *number)
{
    struct store_value v;
    int error = store_get(s, STORE_ADDRESSES, key, STORE_ADDRESS_KEY, &v);
    if (!error && v.n != 8)
        return STORE_CORRUPT;
    if (!error)
        *number = store_from_u64(v.p);
    return error;
}

int subscription_load(struct store *s, uint64_t number, struct subscription **out)
{
    struct store_value v;
    int error = store_get_u64(s, STORE_FEEDS, number, &v);
    if (error)
        return error;
    json_t *record = json_loadb(v.p, v.n, 0, NULL);
    if (!record)
        return STORE_CORRUPT;
    *out = mem_zero(sizeof **out);
    read_record(*out, record);
    json_decref(record);
    if ((*out)->url)
        return 0;
    subscription_free(*out);
    return STORE_CORRUPT;
}

int subscription_number(struct store *s, const char *url, uint64_t *number)
{
    unsigned char key[STORE_ADDRESS_KEY];
    *number = 0;
    store_address_key(url, key);
    int error = read_number(s, key, number);
    return error == STORE_NOT_FOUND ? 0 : error;
}

static int lead(struct store *s, const char *url, uint64_t number)
{
    unsigned char key[STORE_ADDRESS_KEY], bytes[8];
    store_address_key(url, key);
    store_u64(number, bytes);
    return store_put(s, STORE_ADDRESSES, key, sizeof key, bytes, sizeof bytes);
}

/* What it was merged into may itself have been merged since. */
static int load_whole(struct store *s, uint64_t number, struct subscription **out)
{
    for (int times = 0; times < 32; times++) {
        int error = subscription_load(s, number, out);
        if (error || !(*out)->merged_into)
            return error;
        number = (*out)->merged_into;
        subscription_free(*out);
    }
    return STORE_CORRUPT;
}

int subscription_find(struct store *s, const char *url, struct subscription **out)
{
    uint64_t number;
    int error = subscription_number(s, url, &number);
    if (error || number)
        return error ? error : load_whole(s, number, out);
    number = store_number(s, "feeds") + 1;
    error = store_set_number(s, "feeds", number);
    if (!error)
        error = lead(s, url, number);
    if (error)
        return error;
    *out = mem_zero(sizeof **out);
    (*out)->state = state_of("new");
    (*out)->number = number;
    (*out)->url = mem_str(url);
    error = subscription_save(s, *out);
    if (error)
        subscription_free(*out);
    return error;
}

int subscription_merge(struct store *s, struct subscription *sub, uint64_t into)
{
    sub->state = state_of("merged");
    sub->merged_into = into;
    sub->next_poll = 0;
    int error = lead(s, sub->url, into);
    if (!error && sub->listed)
        error = lead(s, sub->listed, into);
    return error ? error : subscription_save(s, sub);
}

/* A feed that is not subscribed any more gives way. */
int subscription_move(struct store *s, struct subscription *sub, const char *url)
{
    uint64_t before;
    struct subscription *other;
    int error = subscription_number(s, url, &before);
    if (!error && before && before != sub->number) {
        error = subscription_load(s, before, &other);
        if (!error) {
            error = subscription_merge(s, other, sub->number);
            subscription_free(other);
        }
    }
    if (!error)
        error = lead(s, url, sub->number);
    free(sub->url);
    sub->url = mem_str(url);
    return error;
}

/* A topic with a login is one that its hub knows no more: it is asked anew. */
static bool drop_logins(struct subscription *sub)
{
    const char *name;
    json_t *value;
    bool any = false;
    for (size_t i = 0; i < N_FIELDS; i++) {
        char **text = text_at(sub, &fields[i]), *login;
        if (fields[i].kind != TEXT || !*text)
            continue;
        char *without = url_without_login(*text, &login);
        if (login && text == &sub->topic)
            sub->hub_asked = sub->hub_until = 0;
        any |= login != NULL;
        free(login);
        free(*text);
        *text = without;
    }
    json_object_foreach(sub->attributes, name, value)
    {
        char *login, *without = url_without_login(json_string_value(value), &login);
        if (login)
            json_string_set(value, without);
        any |= login != NULL;
        free(login);
        free(without);
    }
    return any;
}

/* Of two feeds that differed in their logins alone, the address leads to the first. */
static int lead_if_new(struct store *s, const char *url, uint64_t number)
{
    uint64_t before = 0;
    int error = url ? subscription_number(s, url, &before) : 0;
    return error || before || !url ? error : lead(s, url, number);
}

int subscription_drop_logins(struct store *s)
{
    uint64_t feeds = store_number(s, "feeds");
    int error = 0;
    for (uint64_t number = 1; !error && number <= feeds; number++) {
        struct store_value v;
        struct subscription *sub;
        error = store_get_u64(s, STORE_FEEDS, number, &v);
        if (error || !memchr(v.p, '@', v.n) || (error = subscription_load(s, number, &sub)))
            continue;
        if (drop_logins(sub)) {
            error = lead_if_new(s, sub->url, number);
            if (!error)
                error = lead_if_new(s, sub->listed, number);
            if (!error)
                error = subscription_save(s, sub);
        }
        subscription_free(sub);
    }
    return error;
}

int subscription_save(struct store *s, const struct subscription *sub)
{
    json_t *record = json_object();
    for (size_t i = 0; i < N_FIELDS; i++) {
        json_t *value;
        if (fields[i].kind == NUMBER || (fields[i].kind == TIME && *number_at(sub, &fields[i])))
            value = json_integer((json_int_t)*number_at(sub, &fields[i]));
        else if (fields[i].kind == TEXT && *text_at(sub, &fields[i]))
            value = json_string(*text_at(sub, &fields[i]));
        else if (fields[i].kind == OBJECT)
            value = *object_at(sub, &fields[i]) ? json_incref(*object_at(sub, &fields[i]))
                                                : json_object();
        else if (fields[i].kind == BITS)
            value = write_bits(*number_at(sub, &fields[i]));
        else
            value = json_null();
        json_object_set_new(record, fields[i].name, value);
    }
    json_object_set_new(record, "state", json_string(sub->state));
    char *text = json_dumps(record, JSON_COMPACT);
    json_decref(record);
    int error = store_put_u64(s, STORE_FEEDS, sub->number, text, strlen(text));
    free(text);
    return error;
}

void subscription_free(struct subscription *sub)
{
    if (!sub)
        return;
    for (size_t i = 0; i < N_FIELDS; i++)
        if (fields[i].kind == TEXT)
            free(*text_at(sub, &fields[i]));
        else if (fields[i].kind == OBJECT)
            json_decref(*object_at(sub, &fields[i]));
    free(sub);
}

bool subscription_set_back(struct subscription *sub, int64_t now)
{
    int64_t *const happened[] = {&sub->last_poll, &sub->hub_asked,     &sub->added,
                                 &sub->last_new,  &sub->document_time, &sub->moved_since};
    bool polled = clock_was_set_back(sub->last_poll, now),
         hub = clock_was_set_back(sub->hub_asked, now), any = false;
    for (size_t i = 0; i < sizeof happened / sizeof *happened; i++)
        if (clock_was_set_back(*happened[i], now)) {
            *happened[i] = now;
            any = true;
        }
    if (polled && sub->next_poll)
        sub->next_poll = now;
    if (hub)
        sub->hub_asked = sub->hub_until = 0;
    return any;
}

void subscription_failed(struct subscription *sub, const char *error)
{
    sub->errors++;
    sub->state = state_of("error");
    subscription_set(&sub->last_error, error);
}

void subscription_succeeded(struct subscription *sub, uint64_t new_articles, int64_t now)
{
    sub->errors = 0;
    sub->state = state_of("ok");
    sub->articles += new_articles;
    if (new_articles)
        sub->last_new = now;
    subscription_set(&sub->last_error, NULL);
}
