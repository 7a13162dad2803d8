/* The connection to NATS; see bus.h. */
#include "roles/bus.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "config.h"
#include "log.h"
#include "roles/channel.h"

#include <errno.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    TIMEOUT_MS = 2000,
    PING_MS = 2000, /* two without an answer end a connection that has become silent */
    RECONNECT_MS = 250,
    FETCH_MS = 500,
    FETCHES_UNTIL_LOOK = 4, /* without a message, until the stream's end is looked up */
    FETCH_MOST = 64,
    RETRY_MS = 200,
    KEEP_CONSUMER_S = 60,
    TELL_MS = 60000,
    MAX_SUBJECTS = 4, /* of a stream */
    MAX_LISTENERS = 16,
    MAX_URLS = 16,
    MAX_CREDENTIALS = 1024,
};

static const int64_t second_ns = 1000000000;

static const struct {
    const char *name, *subjects[MAX_SUBJECTS];
    int64_t per_subject;
    bool ages, of_fetchers;
} streams[BUS_STREAMS] = {
    [BUS_LOG] = {"LOG", {"log"}, -1, true},
    [BUS_IN] = {"IN", {"in.*"}, -1, true, true},
    [BUS_STATE] = {"STATE", {"lease", "feed.*", "asked.*", "alive.*"}, 1, false},
};

struct bus_listener {
    natsSubscription *subscription; /* NULL: the slot is free */
    pthread_mutex_t lock;           /* of `to` */
    struct channel *to;
    int kind;
};

struct bus {
    natsConnection *connection;
    natsOptions *options;
    jsCtx *stream;
    char *cluster, *member;
    int64_t copies, log_age_ms, log_size;
    struct bus_listener listeners[MAX_LISTENERS];
    bool fetchers; /* the cluster has some */
    int64_t told;  /* when it was last logged that a stream cannot be made; monotonic, 0: never */
    atomic_bool stopped;
};

struct bus_reader {
    struct bus *bus;
    enum bus_stream stream;
    char subject[BUS_SUBJECT];
    uint64_t next; /* 0: the last message of each subject */
    struct channel *to;
    int kind;
    atomic_bool stop;
    pthread_t thread;
    natsSubscription *subscription;
};

/* ---- the connection ------------------------------------------------------------------------- */

static void on_disconnected(natsConnection *c, void *arg)
{
    const struct bus *b = arg;
    (void)c;
    if (!atomic_load(&b->stopped))
        log_line(LOG_WARNING, "broker_lost",
                 "the connection to the broker is lost; it is tried again. Check the servers of "
                 "nats in [cluster]",
                 LOG_T("cluster", b->cluster));
}

static void on_connected(natsConnection *c, void *arg)
{
    const struct bus *b = arg;
    char url[BUS_SUBJECT] = "";
    natsConnection_GetConnectedUrl(c, url, sizeof url);
    const char *host = strchr(url, '@'), *server = host ? host + 1 : url;
    log_line(LOG_INFO, "broker_connected", "connected to the broker", LOG_T("server", server),
             LOG_T("cluster", b->cluster));
}

static void on_problem(natsConnection *c, natsSubscription *s, natsStatus status, void *arg)
{
    const struct bus *b = arg;
    (void)c, (void)s;
    if (!atomic_load(&b->stopped))
        log_line(LOG_WARNING, "broker_error", "error of the broker's connection",
                 LOG_T("error", natsStatus_GetText(status)));
}

/* Splits a list at commas and blanks; returns how many. */
static int split_urls(char *list, const char *out[MAX_URLS])
{
    int n = 0;
    for (char *at = list; n < MAX_URLS && *(at += strspn(at, ", ")); n++) {
        out[n] = at;
        at += strcspn(at, ", ");
        if (*at)
            *at++ = 0;
    }
    return n;
}

/* A file with a NATS user's JWT and seed, or a line "user:password", or a token. */
static natsStatus use_credentials(natsOptions *o, const char *path, struct buf *error)
{
    char text[MAX_CREDENTIALS + 1];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(text, 1, MAX_CREDENTIALS, file) : 0;
    if (!file) {
        buf_addf(error, "%s: %s; credentials in [cluster] must name a file", path, strerror(errno));
        return NATS_ERR;
    }
    fclose(file);
    text[n] = 0;
    if (strstr(text, "-----BEGIN NATS USER JWT"))
        return natsOptions_SetUserCredentialsFromFiles(o, path, NULL);
    text[strcspn(text, "\r\n")] = 0;
    char *colon = strchr(text, ':');
    if (!colon)
        return natsOptions_SetToken(o, text);
    *colon = 0;
    return natsOptions_SetUserInfo(o, text, colon + 1);
}

static natsStatus use_tls(natsOptions *o, const struct config *c)
{
    natsStatus s = NATS_OK;
    if (*c->cluster_ca_file.text || *c->cluster_certificate.text)
        s = natsOptions_SetSecure(o, true);
    if (s == NATS_OK && *c->cluster_ca_file.text)
        s = natsOptions_LoadCATrustedCertificates(o, c->cluster_ca_file.text);
    if (s == NATS_OK && *c->cluster_certificate.text)
        s = natsOptions_LoadCertificatesChain(o, c->cluster_certificate.text, c->cluster_key.text);
    return s;
}

static natsStatus set_options(struct bus *b, const struct config *c, struct buf *error)
{
    const char *urls[MAX_URLS];
    char *list = mem_str(c->cluster_nats.text);
    natsOptions *o = b->options;
    natsStatus s = natsOptions_SetServers(o, urls, split_urls(list, urls));
    free(list);
    const struct config_value *credentials = &c->cluster_credentials;
    if (s == NATS_OK && *credentials->text && strcmp(credentials->text, "none") != 0)
        s = use_credentials(o, credentials->text, error);
    if (s == NATS_OK)
        s = use_tls(o, c);
    if (s == NATS_OK)
        s = natsOptions_SetName(o, b->member);
    if (s == NATS_OK)
        s = natsOptions_SetTimeout(o, TIMEOUT_MS);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(o, PING_MS);
    if (s == NATS_OK)
        s = natsOptions_SetMaxPingsOut(o, 2);
    if (s == NATS_OK)
        s = natsOptions_SetMaxReconnect(o, -1);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectWait(o, RECONNECT_MS);
    if (s == NATS_OK) /* what is sent while there is no connection would arrive too late */
        s = natsOptions_SetReconnectBufSize(o, 1);
    if (s == NATS_OK)
        s = natsOptions_SetFailRequestsOnDisconnect(o, true);
    if (s == NATS_OK)
        s = natsOptions_SetRetryOnFailedConnect(o, true, on_connected, b);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectedCB(o, on_connected, b);
    if (s == NATS_OK)
        s = natsOptions_SetDisconnectedCB(o, on_disconnected, b);
    return s == NATS_OK ? natsOptions_SetErrorHandler(o, on_problem, b) : s;
}

struct bus *bus_new(const struct config *c, struct buf *error)
{
    struct bus *b = mem_zero(sizeof *b);
    b->cluster = mem_str(c->cluster_name.text);
    b->member = config_member(c);
    b->copies = c->cluster_copies.number;
    b->log_age_ms = c->cluster_log_age.number;
    b->log_size = c->cluster_log_size.number;
    b->fetchers = c->cluster_fetchers.number || c->cluster_role.number == ROLE_FETCH;
    for (size_t i = 0; i < MAX_LISTENERS; i++)
        pthread_mutex_init(&b->listeners[i].lock, NULL);
    natsStatus s = nats_Open(-1);
    if (s == NATS_OK)
        s = natsOptions_Create(&b->options);
    if (s == NATS_OK)
        s = set_options(b, c, error);
    if (s == NATS_OK)
        s = natsConnection_Connect(&b->connection, b->options);
    if (s == NATS_OK)
        on_connected(b->connection, b);
    else if (s == NATS_NOT_YET_CONNECTED)
        log_line(LOG_WARNING, "broker_unreachable",
                 "the broker does not accept a connection; it is tried again. Check nats, "
                 "credentials and ca_file in [cluster]",
                 LOG_T("cluster", b->cluster));
    if (s == NATS_OK || s == NATS_NOT_YET_CONNECTED)
        s = natsConnection_JetStream(&b->stream, b->connection, NULL);
    if (s == NATS_OK)
        return b;
    if (!error->len)
        buf_addf(error, "cannot use [cluster]: %s", nats_GetLastError(NULL));
    bus_free(b);
    return NULL;
}

void bus_stop(struct bus *b)
{
    if (!atomic_exchange(&b->stopped, true) && b->connection)
        natsConnection_Close(b->connection);
}

void bus_free(struct bus *b)
{
    if (!b)
        return;
    bus_stop(b);
    for (size_t i = 0; i < MAX_LISTENERS; i++)
        natsSubscription_Destroy(b->listeners[i].subscription);
    jsCtx_Destroy(b->stream);
    natsConnection_Destroy(b->connection);
    natsOptions_Destroy(b->options);
    nats_CloseAndWait(TIMEOUT_MS);
    free(b->cluster);
    free(b->member);
    free(b);
}

bool bus_is_connected(const struct bus *b)
{
    return natsConnection_Status(b->connection) == NATS_CONN_STATUS_CONNECTED;
}

const char *bus_name(const struct bus *b)
{
    return b->member;
}

const char *bus_cluster(const struct bus *b)
{
    return b->cluster;
}

const char *bus_subject(const struct bus *b, const char *what, const char *whose,
                        char out[BUS_SUBJECT])
{
    snprintf(out, BUS_SUBJECT, "storyd.%s.%s%s%s", b->cluster, what, whose ? "." : "",
             whose ? whose : "");
    return out;
}

/* ---- streams -------------------------------------------------------------------------------- */

static const char *stream_name(const struct bus *b, enum bus_stream stream, char out[BUS_SUBJECT])
{
    snprintf(out, BUS_SUBJECT, "STORYD_%s_%s", b->cluster, streams[stream].name);
    return out;
}

static enum bus_result add_stream(struct bus *b, enum bus_stream stream)
{
    char name[BUS_SUBJECT], subjects[MAX_SUBJECTS][BUS_SUBJECT];
    const char *list[MAX_SUBJECTS];
    jsStreamConfig c;
    jsErrCode code = 0;
    jsStreamConfig_Init(&c);
    for (int i = 0; i < MAX_SUBJECTS && streams[stream].subjects[i]; i++)
        list[c.SubjectsLen++] = bus_subject(b, streams[stream].subjects[i], NULL, subjects[i]);
    c.Name = stream_name(b, stream, name);
    c.Subjects = list;
    c.Storage = js_FileStorage;
    c.Replicas = b->copies;
    c.MaxMsgsPerSubject = streams[stream].per_subject;
    if (streams[stream].ages) {
        c.MaxAge = b->log_age_ms * 1000000;
        c.MaxBytes = b->log_size;
    }
    if (stream == BUS_IN)
        c.Discard = js_DiscardNew; /* the senders keep what is refused */
    natsStatus s = js_AddStream(NULL, b->stream, &c, NULL, &code);
    if (s == NATS_OK || code == JSStreamNameExistErr)
        return BUS_OK;
    int64_t now = monotonic_ms();
    if (code && !atomic_load(&b->stopped) && (!b->told || now - b->told > TELL_MS)) {
        b->told = now;
        log_line(LOG_WARNING, "stream_not_made",
                 "the broker refuses to create a stream; look at its limits, and at log_size and "
                 "copies in [cluster]",
                 LOG_T("stream", streams[stream].name), LOG_T("error", nats_GetLastError(NULL)));
    }
    return BUS_UNKNOWN;
}

enum bus_result bus_prepare(struct bus *b)
{
    for (int i = 0; i < BUS_STREAMS; i++) {
        uint64_t first, last;
        if (streams[i].of_fetchers && !b->fetchers)
            continue;
        enum bus_result r = bus_range(b, (enum bus_stream)i, &first, &last);
        if (r == BUS_NONE)
            r = add_stream(b, (enum bus_stream)i);
        if (r != BUS_OK)
            return r;
    }
    return BUS_OK;
}

enum bus_result bus_publish(struct bus *b, const char *subject, const void *data, size_t n,
                            const uint64_t *last, bool of_subject, uint64_t *seq)
{
    jsPubOptions o;
    jsPubAck *ack = NULL;
    jsErrCode code = 0;
    jsPubOptions_Init(&o);
    o.MaxWait = TIMEOUT_MS;
    if (last && !*last)
        o.ExpectNoMessage = true;
    else if (last && of_subject)
        o.ExpectLastSubjectSeq = *last;
    else if (last)
        o.ExpectLastSeq = *last;
    natsStatus s = js_Publish(&ack, b->stream, subject, data, (int)n, &o, &code);
    if (s == NATS_OK)
        *seq = ack->Sequence;
    jsPubAck_Destroy(ack);
    return s == NATS_OK ? BUS_OK : code == JSStreamWrongLastSequenceErr ? BUS_REFUSED : BUS_UNKNOWN;
}

enum bus_result bus_range(struct bus *b, enum bus_stream stream, uint64_t *first, uint64_t *last)
{
    char name[BUS_SUBJECT];
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    *first = *last = 0;
    natsStatus s = js_GetStreamInfo(&info, b->stream, stream_name(b, stream, name), NULL, &code);
    if (s == NATS_OK) {
        *first = info->State.FirstSeq;
        *last = info->State.LastSeq;
    }
    jsStreamInfo_Destroy(info);
    return s == NATS_OK                                         ? BUS_OK
           : code == JSStreamNotFoundErr || s == NATS_NOT_FOUND ? BUS_NONE
                                                                : BUS_UNKNOWN;
}

enum bus_result bus_get(struct bus *b, enum bus_stream stream, const char *subject, uint64_t *seq,
                        struct buf *data)
{
    char name[BUS_SUBJECT];
    natsMsg *m = NULL;
    jsErrCode code = 0;
    stream_name(b, stream, name);
    natsStatus s = subject ? js_GetLastMsg(&m, b->stream, name, subject, NULL, &code)
                           : js_GetMsg(&m, b->stream, name, *seq, NULL, &code);
    if (s != NATS_OK)
        return code == JSNoMessageFoundErr || s == NATS_NOT_FOUND ? BUS_NONE : BUS_UNKNOWN;
    *seq = natsMsg_GetSequence(m);
    buf_init(data, SIZE_MAX / 2);
    buf_add(data, natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m));
    natsMsg_Destroy(m);
    return BUS_OK;
}

void bus_purge(struct bus *b, enum bus_stream stream, uint64_t before)
{
    char name[BUS_SUBJECT];
    jsOptions o;
    jsErrCode code;
    jsOptions_Init(&o);
    o.Stream.Purge.Sequence = before;
    js_PurgeStream(b->stream, stream_name(b, stream, name), &o, &code);
}

/* ---- messages that are not stored ----------------------------------------------------------- */

void bus_send(struct bus *b, const char *subject, const void *data, size_t n)
{
    natsConnection_Publish(b->connection, subject, data, (int)n);
}

enum bus_result bus_request(struct bus *b, const char *subject, const void *data, size_t n,
                            int64_t timeout_ms, struct buf *reply)
{
    natsMsg *m = NULL;
    natsStatus s = natsConnection_Request(&m, b->connection, subject, data, (int)n, timeout_ms);
    if (s != NATS_OK)
        return s == NATS_NO_RESPONDERS ? BUS_NONE : BUS_UNKNOWN;
    buf_init(reply, SIZE_MAX / 2);
    buf_add(reply, natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m));
    natsMsg_Destroy(m);
    return BUS_OK;
}

static struct message *copy_message(natsMsg *m, int kind)
{
    const char *reply = natsMsg_GetReply(m);
    struct message *out = message_new(kind, natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m));
    out->subject = mem_str(natsMsg_GetSubject(m));
    out->reply = reply ? mem_str(reply) : NULL;
    return out;
}

static void on_heard(natsConnection *c, natsSubscription *s, natsMsg *m, void *arg)
{
    struct bus_listener *l = arg;
    (void)c, (void)s;
    pthread_mutex_lock(&l->lock);
    if (l->to)
        channel_put(l->to, copy_message(m, l->kind), false);
    pthread_mutex_unlock(&l->lock);
    natsMsg_Destroy(m);
}

void bus_listen(struct bus *b, const char *subject, struct channel *to, int kind)
{
    struct bus_listener *l = b->listeners;
    while (l < b->listeners + MAX_LISTENERS && l->subscription)
        l++;
    if (l == b->listeners + MAX_LISTENERS)
        abort(); /* raise it */
    pthread_mutex_lock(&l->lock);
    l->to = to;
    l->kind = kind;
    pthread_mutex_unlock(&l->lock);
    natsConnection_Subscribe(&l->subscription, b->connection, subject, on_heard, l);
}

/* libnats may still be calling back, so the listener's memory stays. */
void bus_unlisten(struct bus *b, const struct channel *to)
{
    for (struct bus_listener *l = b->listeners; l < b->listeners + MAX_LISTENERS; l++) {
        pthread_mutex_lock(&l->lock);
        bool found = l->subscription && l->to == to;
        if (found)
            l->to = NULL;
        pthread_mutex_unlock(&l->lock);
        if (found) {
            natsSubscription_Destroy(l->subscription);
            l->subscription = NULL;
        }
    }
}

/* ---- readers -------------------------------------------------------------------------------- */

static void end_consumer(struct bus_reader *r)
{
    if (r->subscription)
        natsSubscription_Destroy(r->subscription);
    r->subscription = NULL;
}

static bool begin_consumer(struct bus_reader *r)
{
    char name[BUS_SUBJECT];
    jsSubOptions o;
    jsErrCode code;
    jsSubOptions_Init(&o);
    o.Stream = stream_name(r->bus, r->stream, name);
    o.Config.AckPolicy = js_AckNone;
    o.Config.MemoryStorage = true;
    o.Config.Replicas = 1;
    o.Config.InactiveThreshold = KEEP_CONSUMER_S * second_ns;
    o.Config.DeliverPolicy = r->next ? js_DeliverByStartSequence : js_DeliverLastPerSubject;
    o.Config.OptStartSeq = r->next;
    natsStatus s =
        js_PullSubscribe(&r->subscription, r->bus->stream, r->subject, NULL, NULL, &o, &code);
    return s == NATS_OK;
}

/* Whether the stream has a message that did not come. When it ends before the next message, says so
 * and goes to its end. */
static bool look_at_end(struct bus_reader *r)
{
    uint64_t first, last;
    if (!r->next || bus_range(r->bus, r->stream, &first, &last) != BUS_OK)
        return true;
    if (last + 1 < r->next) {
        r->next = last + 1;
        channel_put(r->to, message_new(r->kind, NULL, 0), true);
        return true;
    }
    return last >= r->next;
}

static void pass_on(struct bus_reader *r, natsMsgList *list)
{
    for (int i = 0; i < list->Count; i++) {
        jsMsgMetaData *meta = NULL;
        natsMsg *m = list->Msgs[i];
        if (natsMsg_GetMetaData(&meta, m) == NATS_OK) {
            struct message *copy = copy_message(m, r->kind);
            copy->place = meta->Sequence.Stream;
            r->next = meta->Sequence.Stream + 1;
            jsMsgMetaData_Destroy(meta);
            channel_put(r->to, copy, true);
        }
    }
}

static void *read_messages(void *arg)
{
    struct bus_reader *r = arg;
    int idle = 0;
    while (!atomic_load(&r->stop) && !atomic_load(&r->bus->stopped)) {
        natsMsgList list = {0};
        jsErrCode code;
        if (!r->subscription && !begin_consumer(r)) {
            nats_Sleep(RETRY_MS);
            continue;
        }
        natsStatus s = natsSubscription_Fetch(&list, r->subscription, FETCH_MOST, FETCH_MS, &code);
        if (s == NATS_OK) {
            pass_on(r, &list);
            idle = 0;
        } else if (s != NATS_TIMEOUT || (++idle % FETCHES_UNTIL_LOOK == 0 && look_at_end(r))) {
            end_consumer(r);
            if (s != NATS_TIMEOUT)
                nats_Sleep(RETRY_MS);
        }
        natsMsgList_Destroy(&list);
    }
    end_consumer(r);
    nats_ReleaseThreadMemory();
    return NULL;
}

struct bus_reader *bus_read(struct bus *b, enum bus_stream stream, const char *subject,
                            uint64_t next, struct channel *to, int kind)
{
    struct bus_reader *r = mem_zero(sizeof *r);
    r->bus = b;
    r->stream = stream;
    snprintf(r->subject, sizeof r->subject, "%s", subject);
    r->next = next;
    r->to = to;
    r->kind = kind;
    if (thread_start(&r->thread, read_messages, r))
        abort(); /* no threads at the start */
    return r;
}

void bus_reader_free(struct bus_reader *r)
{
    if (!r)
        return;
    atomic_store(&r->stop, true);
    pthread_join(r->thread, NULL);
    free(r);
}
