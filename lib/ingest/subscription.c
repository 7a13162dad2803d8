/* Loads, stores, merges and moves subscriptions; see subscription.h. Called by ingest, daemon/poll,
 * daemon/pages and storyctl. Deciding when to poll is daemon/poll's work. */
#include "ingest/subscription.h"

#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "base/clock.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TO(state) (1u << SUBSCRIPTION_##state)
static const struct {
    const char *name;
    unsigned to; /* the states that may follow */
    bool polled;
} states[SUBSCRIPTION_STATES] = {
    [SUBSCRIPTION_NEW] = {"new", TO(OK) | TO(ERROR) | TO(REMOVED) | TO(SUBMITTED), true},
    [SUBSCRIPTION_OK] = {"ok", TO(OK) | TO(ERROR) | TO(MERGED) | TO(REMOVED), true},
    [SUBSCRIPTION_ERROR] = {"error", TO(OK) | TO(ERROR) | TO(GONE) | TO(REMOVED), true},
    [SUBSCRIPTION_GONE] = {"gone", TO(REMOVED), false},
    [SUBSCRIPTION_MERGED] = {"merged", 0, false},
    [SUBSCRIPTION_REMOVED] = {"removed", TO(NEW) | TO(SUBMITTED), false},
    [SUBSCRIPTION_SUBMITTED] = {"submitted", TO(SUBMITTED) | TO(REMOVED), false},
};

/* An unknown one counts as new. */
enum subscription_state subscription_state(const struct feed_record *sub)
{
    for (size_t i = 0; i < SUBSCRIPTION_STATES; i++)
        if (!strcmp(states[i].name, sub->state))
            return (enum subscription_state)i;
    return SUBSCRIPTION_NEW;
}

void subscription_become(struct feed_record *sub, enum subscription_state state)
{
    if (!(states[subscription_state(sub)].to & (1u << state)))
        abort();
    codec_set_string(&sub->state, states[state].name);
    if (!states[state].polled)
        sub->next_poll = 0;
}

bool subscription_is_polled(const struct feed_record *sub)
{
    return states[subscription_state(sub)].polled;
}

bool subscription_is_listed(const struct feed_record *sub)
{
    enum subscription_state state = subscription_state(sub);
    return state != SUBSCRIPTION_REMOVED && state != SUBSCRIPTION_MERGED;
}

const char *subscription_state_name(enum subscription_state state)
{
    return states[state].name;
}

const char *subscription_attribute(const struct feed_record *sub, const char *name)
{
    const char *key;
    json_t *value;
    json_object_foreach(sub->attributes, key,
                        value) if (!strcasecmp(key, name)) return json_string_value(value);
    return "";
}

void subscription_drop_attributes(struct feed_record *sub)
{
    json_decref(sub->attributes);
    sub->attributes = NULL;
}

void subscription_add_attribute(struct feed_record *sub, const char *name, const char *value)
{
    char *cut = NULL;
    subscription_set(&cut, value);
    if (!sub->attributes)
        sub->attributes = json_object();
    if (cut)
        json_object_set_new(sub->attributes, name, json_string(cut));
    free(cut);
}

struct feed_origin subscription_origin(const struct feed_record *sub)
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
        .social = !strcasecmp(subscription_attribute(sub, "social"), "yes"),
        .submitted = subscription_state(sub) == SUBSCRIPTION_SUBMITTED,
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
        if (n == 0 || c > 0xff) { /* not written by us */
            free(bytes);
            return NULL;
        }
        bytes[i++] = (char)c;
    }
    return bytes;
}

static int read_address_number(struct store *s, const unsigned char key[STORE_ADDRESS_KEY],
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

int subscription_load(struct store *s, uint64_t number, struct feed_record **out)
{
    struct store_value v;
    int error = store_get_u64(s, STORE_FEEDS, number, &v);
    if (error)
        return error;
    *out = mem_alloc(sizeof **out);
    codec_load(&feed_table, v.p, v.n, *out);
    if (*(*out)->url)
        return 0;
    subscription_free(*out);
    return STORE_CORRUPT;
}

int subscription_number(struct store *s, const char *url, uint64_t *number)
{
    unsigned char key[STORE_ADDRESS_KEY];
    *number = 0;
    store_address_key(url, key);
    int error = read_address_number(s, key, number);
    return error == STORE_NOT_FOUND ? 0 : error;
}

int subscription_lead(struct store *s, const char *url, uint64_t number)
{
    unsigned char key[STORE_ADDRESS_KEY], bytes[8];
    store_address_key(url, key);
    store_u64(number, bytes);
    return store_put(s, STORE_ADDRESSES, key, sizeof key, bytes, sizeof bytes);
}

/* The feed that it was merged into may itself have been merged. */
static int load_whole(struct store *s, uint64_t number, struct feed_record **out)
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

int subscription_find(struct store *s, const char *url, struct feed_record **out)
{
    uint64_t number;
    int error = subscription_number(s, url, &number);
    if (error || number)
        return error ? error : load_whole(s, number, out);
    number = store_number(s, "feeds") + 1;
    error = store_set_number(s, "feeds", number);
    if (!error)
        error = subscription_lead(s, url, number);
    if (error)
        return error;
    *out = mem_alloc(sizeof **out);
    codec_read(&feed_table, NULL, *out);
    (*out)->number = number;
    codec_set_string(&(*out)->url, url);
    codec_set_string(&(*out)->state, states[SUBSCRIPTION_NEW].name);
    error = subscription_save(s, *out);
    if (error)
        subscription_free(*out);
    return error;
}

int subscription_merge(struct store *s, struct feed_record *sub, uint64_t into)
{
    subscription_become(sub, SUBSCRIPTION_MERGED);
    sub->merged_into = into;
    int error = subscription_lead(s, sub->url, into);
    if (!error && sub->listed)
        error = subscription_lead(s, sub->listed, into);
    return error ? error : subscription_save(s, sub);
}

/* A feed at the new address is merged into this one. */
int subscription_move(struct store *s, struct feed_record *sub, const char *url)
{
    uint64_t before;
    struct feed_record *other;
    int error = subscription_number(s, url, &before);
    if (!error && before && before != sub->number) {
        error = subscription_load(s, before, &other);
        if (!error) {
            error = subscription_merge(s, other, sub->number);
            subscription_free(other);
        }
    }
    if (!error)
        error = subscription_lead(s, url, sub->number);
    codec_set_string(&sub->url, url);
    return error;
}

/* A topic that contained a login is no longer valid at its hub: the subscription is requested
 * again. */
static bool drop_logins(struct feed_record *sub)
{
    const char *name;
    json_t *value;
    bool any = false;
    for (const struct codec_field *f = feed_table.fields; f->name; f++) {
        char **text = (char **)((uintptr_t)sub + f->at), *login;
        if ((f->kind != CODEC_TEXT && f->kind != CODEC_STRING) || !*text)
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

/* Of two feeds whose addresses differed only in logins, the address leads to the first. */
static int lead_if_new(struct store *s, const char *url, uint64_t number)
{
    uint64_t before = 0;
    int error = url ? subscription_number(s, url, &before) : 0;
    return error || before || !url ? error : subscription_lead(s, url, number);
}

int subscription_drop_logins(struct store *s)
{
    uint64_t feeds = store_number(s, "feeds");
    int error = 0;
    for (uint64_t number = 1; !error && number <= feeds; number++) {
        struct store_value v;
        struct feed_record *sub;
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

int subscription_save(struct store *s, const struct feed_record *sub)
{
    char *text = codec_dump(&feed_table, sub);
    int error = store_put_u64(s, STORE_FEEDS, sub->number, text, strlen(text));
    free(text);
    return error;
}

void subscription_free(struct feed_record *sub)
{
    if (!sub)
        return;
    codec_free(&feed_table, sub);
    free(sub);
}

bool subscription_set_back(struct feed_record *sub, int64_t now)
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

void subscription_failed(struct feed_record *sub, const char *error)
{
    sub->errors++;
    subscription_become(sub, SUBSCRIPTION_ERROR);
    subscription_set(&sub->last_error, error);
}

void subscription_succeeded(struct feed_record *sub, uint64_t new_articles, int64_t now)
{
    sub->errors = 0;
    subscription_become(sub, SUBSCRIPTION_OK);
    sub->articles += new_articles;
    if (new_articles)
        sub->last_new = now;
    subscription_set(&sub->last_error, NULL);
}
