/* The configuration: INI syntax, every option in one table. storyd.conf(5) documents the options;
 * config/storyd.conf lists them with their defaults, and a test checks that it matches the
 * table. */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/buf.h"

#include <stdint.h>

/* Columns: section, name, kind, default, minimum, maximum, when a change takes effect, description.
 *
 * PATH, TEXT   a text
 * SOURCE       a path, or an http or https address
 * PLACE        a path, empty or "none"
 * SECRET       the same, of a file with a secret
 * LIST         a text, separated by commas; may appear on several lines, which accumulate
 * WORDS        the same, separated by blanks
 * NETWORKS     the same, for address_list_read()
 * SECONDS      250ms, 90s, 30m, 24h or 7d; stored in milliseconds
 * AGE          the same, or forever, which is stored as 0
 * BYTES        a number with KiB, MiB, GiB or TiB
 * COUNT        a plain number
 * SHARE        a number of percent: 20%
 * LEVEL        a log level
 * PAGES        a mode of ingest/wanted.h
 * FORMAT       a name of CONFIG_FORMATS
 * PERIOD       day or week
 * ROLE         a role of enum config_role, by name
 * TIME         a time of day, 07:00; stored in minutes
 * SWITCH       yes or no, on or off
 * ENDPOINT     a text for address_endpoint(), or "none"
 * WEB          empty, or an http or https address
 * HOOK         the same; its path may be a secret
 * PROXY        a text, the address of a proxy, perhaps with a login
 * MODE         file permissions in octal */
#define CONFIG_OPTIONS(O)                                                                          \
    O(store, path, PATH, "/var/lib/storyd", 0, 0, RESTART,                                         \
      "Folder of the LMDB environment; created if missing. A relative path is relative to this "   \
      "file's folder.")                                                                            \
    O(store, max_size, BYTES, "64GiB", 16 << 20, INT64_C(1) << 44, RELOAD,                         \
      "Maximum size of the store. Address space, not disk space: the file grows as needed.")       \
    O(store, keep_text, SECONDS, "72h", 360000, INT64_C(31536000000), RELOAD,                      \
      "Retention of the texts of pages; at least [engine] window.")                                \
    O(store, keep_articles, AGE, "365d", 360000, INT64_C(3153600000000), RELOAD,                   \
      "How long articles are kept after they were first seen: 365d, or forever; at least "         \
      "[engine] "                                                                                  \
      "window.")                                                                                   \
    O(store, keep_events, AGE, "730d", 360000, INT64_C(3153600000000), RELOAD,                     \
      "How long events are kept after their last update; at least keep_articles.")                 \
    O(store, keep_changes, AGE, "90d", 360000, INT64_C(3153600000000), RELOAD,                     \
      "How long the log of changes is kept, from which programs and pages continue.")              \
    O(store, keep_tombstones, AGE, "1825d", 360000, INT64_C(3153600000000), RELOAD,                \
      "How long the title of a deleted event is kept.")                                            \
    O(store, commit_after, SECONDS, "250ms", 1, 60000, RELOAD,                                     \
      "Maximum time before accepted articles are written.")                                        \
    O(store, commit_articles, COUNT, "500", 1, 100000, RELOAD,                                     \
      "Number of articles after which a batch is written without waiting.")                        \
    O(feeds, list, SOURCE, "feeds.opml", 0, 0, RELOAD,                                             \
      "The subscribed feeds, as OPML: a path, relative to this file's folder, or an http or "      \
      "https "                                                                                     \
      "address.")                                                                                  \
    O(feeds, max_removed, SHARE, "20%", 0, 100, RELOAD,                                            \
      "Share of the feeds that a list at an address may remove at once without confirmation.")     \
    O(feeds, login_file, PLACE, "", 0, 0, RELOAD,                                                  \
      "File with the logins of feeds that require one: an address or host, user and password per " \
      "line.")                                                                                     \
    O(poll, interval, SECONDS, "30m", 1000, 86400000, RELOAD,                                      \
      "Minimum time between two polls of a feed that had new items.")                              \
    O(poll, interval_unchanged, SECONDS, "1h", 1000, 86400000, RELOAD,                             \
      "The same for a feed that had nothing new.")                                                 \
    O(poll, max_backoff, SECONDS, "24h", 1000, 604800000, RELOAD,                                  \
      "Maximum pause after errors; each consecutive error doubles the pause.")                     \
    O(poll, connections, COUNT, "64", 1, 1000, RELOAD, "Maximum number of concurrent requests.")   \
    O(poll, connections_per_host, COUNT, "2", 1, 100, RELOAD,                                      \
      "Maximum number of concurrent requests to one host.")                                        \
    O(poll, pause_per_host, SECONDS, "1s", 1, 3600000, RELOAD,                                     \
      "Minimum time between the starts of two requests to one host.")                              \
    O(poll, connect_timeout, SECONDS, "10s", 100, 300000, RELOAD, "Timeout for connecting.")       \
    O(poll, timeout, SECONDS, "60s", 100, 3600000, RELOAD, "Timeout for a whole request.")         \
    O(poll, max_document, BYTES, "16MiB", 1 << 10, 64 << 20, RELOAD,                               \
      "Maximum size of a feed document, compressed and uncompressed; a larger one is an error.")   \
    O(poll, contact, TEXT, "", 0, 0, RELOAD,                                                       \
      "Address of a web page or mailbox at which feed owners can reach you; sent with each "       \
      "request.")                                                                                  \
    O(poll, subscribers, COUNT, "1", 1, 1000000000, RELOAD,                                        \
      "Number of readers served by one poll; sent with each request.")                             \
    O(poll, allow_addresses, NETWORKS, "", 0, 0, RELOAD,                                           \
      "Private or local networks that may be requested nevertheless: 10.1.0.0/16, ::1.")           \
    O(poll, ca_file, TEXT, "", 0, 0, RELOAD,                                                       \
      "PEM file with the certificates for verifying servers; default: those of the system.")       \
    O(poll, proxy, PROXY, "", 0, 0, RELOAD,                                                        \
      "Address of a proxy for all requests; the proxy then decides which addresses are "           \
      "permitted.")                                                                                \
    O(pages, fetch, PAGES, "events", 0, 0, RELOAD,                                                 \
      "Articles whose pages are fetched: off, events (those of events with two or more sources, "  \
      "of uncertain joins, and of events that an editor opens) or all.")                           \
    O(pages, budget, COUNT, "20000", 1, 10000000, RELOAD,                                          \
      "Maximum number of pages requested per day (UTC).")                                          \
    O(pages, host_budget, COUNT, "500", 1, 10000000, RELOAD, "The same for one host.")             \
    O(pages, feed_budget, COUNT, "500", 1, 10000000, RELOAD,                                       \
      "The same for the articles of one feed.")                                                    \
    O(websub, callback, TEXT, "", 0, 0, RELOAD,                                                    \
      "Public address at which hubs reach /websub of [http] listen; empty: hubs are not used.")    \
    O(websub, hubs, LIST, "", 0, 0, RELOAD,                                                        \
      "Hubs that are told when the outgoing feeds have changed; comma-separated addresses.")       \
    O(engine, window, SECONDS, "72h", 360000, INT64_C(31536000000), RESTART,                       \
      "How long an event waits for its next article.")                                             \
    O(engine, mix_languages, SWITCH, "no", 0, 0, RESTART,                                          \
      "Whether articles in different languages may be one event: yes or no.")                      \
    O(enrich, url, WEB, "", 0, 0, RELOAD,                                                          \
      "Address of a language model that writes the text of events, as in "                         \
      "http://127.0.0.1:11434/v1; empty: no model is used.")                                       \
    O(enrich, model, TEXT, "", 0, 0, RELOAD, "Name of the model on that server.")                  \
    O(enrich, key, SECRET, "", 0, 0, RELOAD,                                                       \
      "File with the API key of the model; default: systemd's credential enrich_key, if there is " \
      "one.")                                                                                      \
    O(enrich, budget, COUNT, "200000", 1, INT64_C(1000000000), RELOAD,                             \
      "Maximum number of tokens per day (UTC).")                                                   \
    O(enrich, parts, LIST, "summary, details, meaning", 0, 0, RELOAD,                              \
      "Parts that the model writes: summary, details, meaning; comma-separated.")                  \
    O(enrich, min_sources, COUNT, "3", 1, 1000, RELOAD,                                            \
      "Minimum number of sources of an event before the model is requested.")                      \
    O(enrich, timeout, SECONDS, "2m", 100, 3600000, RELOAD, "Timeout for a response.")             \
    O(search, index, SWITCH, "yes", 0, 0, RESTART,                                                 \
      "Whether articles are indexed for searching: yes or no.")                                    \
    O(http, listen, ENDPOINT, "127.0.0.1:8787", 0, 0, RESTART,                                     \
      "Address and port of the page and the API, or none. An address other than loopback "         \
      "requires tokens.")                                                                          \
    O(http, socket, PLACE, "", 0, 0, RESTART,                                                      \
      "Path of a Unix socket for the same, or none; default: storyd.sock in the store's folder.")  \
    O(http, socket_mode, MODE, "0660", 0, 0, RESTART, "Permissions of that socket.")               \
    O(http, socket_group, TEXT, "", 0, 0, RESTART,                                                 \
      "Group of that socket; default: that of the process.")                                       \
    O(http, base_url, WEB, "", 0, 0, RELOAD,                                                       \
      "Public address of the page, for links to it in alerts, as in https://news.example; empty: " \
      "no links.")                                                                                 \
    O(http, images, SWITCH, "no", 0, 0, RELOAD,                                                    \
      "Whether the page shows pictures of the articles, which storyd fetches: yes or no.")         \
    O(http, hosts, LIST, "", 0, 0, RESTART,                                                        \
      "Host names of this server besides localhost; comma-separated.")                             \
    O(http, cors_origins, LIST, "", 0, 0, RESTART,                                                 \
      "Origins whose pages may read the API, as in https://desk.example, or * for all.")           \
    O(http, read_token, SECRET, "", 0, 0, RESTART,                                                 \
      "File with the token required to read over TCP; default: systemd's credential "              \
      "http_read_token, if there is one.")                                                         \
    O(http, write_token, SECRET, "", 0, 0, RESTART,                                                \
      "The same for writing: http_write_token. This token also permits reading.")                  \
    O(http, user_header, TEXT, "", 0, 0, RESTART,                                                  \
      "Header in which a trusted proxy names the user, as in X-Forwarded-User; empty: none.")      \
    O(http, groups_header, TEXT, "", 0, 0, RESTART,                                                \
      "Header with the user's groups, comma-separated, as in X-Forwarded-Groups.")                 \
    O(http, trusted_proxies, LIST, "", 0, 0, RESTART,                                              \
      "Proxies whose headers are accepted: addresses, networks, unix or unix:USER.")               \
    O(http, roles, LIST, "*: decide", 0, 0, RESTART,                                               \
      "What users may do: NAME: ROLE, @GROUP: ROLE or *: ROLE; read, decide or administer.")       \
    O(http, timeout, SECONDS, "30s", 100, 3600000, RELOAD,                                         \
      "Timeout for receiving a request, and for a client to receive the response.")                \
    O(http, connections, COUNT, "2048", 1, 15000, RELOAD, "Maximum number of client connections.") \
    O(http, connections_per_peer, COUNT, "256", 1, 15000, RELOAD,                                  \
      "Maximum number of connections from one IPv4 address or one IPv6 network of 64 bits.")       \
    O(http, streams, COUNT, "1500", 1, 15000, RELOAD,                                              \
      "Maximum number of connections that wait for changes: streams and long polls.")              \
    O(cluster, role, ROLE, "all", 0, 0, RESTART,                                                   \
      "What this process does: all, or with others over a broker: fetch, engine or replica.")      \
    O(cluster, name, TEXT, "storyd", 0, 0, RESTART,                                                \
      "Name of the cluster: lower-case letters, digits and hyphens.")                              \
    O(cluster, member, TEXT, "", 0, 0, RESTART,                                                    \
      "Name of this process, which no other of the cluster has; default: the host name.")          \
    O(cluster, nats, LIST, "", 0, 0, RESTART,                                                      \
      "NATS servers with JetStream, as in nats://broker.example:4222; comma-separated.")           \
    O(cluster, credentials, PLACE, "", 0, 0, RESTART,                                              \
      "File with the login at these servers: a .creds file, or a line USER:PASSWORD or TOKEN.")    \
    O(cluster, ca_file, TEXT, "", 0, 0, RESTART,                                                   \
      "PEM file with the certificates for verifying them; with it, TLS is required.")              \
    O(cluster, certificate, TEXT, "", 0, 0, RESTART,                                               \
      "PEM file with the certificate of this process, if the servers require one.")                \
    O(cluster, key, TEXT, "", 0, 0, RESTART, "PEM file with its private key.")                     \
    O(cluster, copies, COUNT, "1", 1, 5, RESTART,                                                  \
      "Number of servers that keep each message: 1, or 3 of at least three servers.")              \
    O(cluster, log_age, SECONDS, "24h", 60000, INT64_C(2592000000), RESTART,                       \
      "How long the servers keep the log; a replica that was away longer is copied anew.")         \
    O(cluster, log_size, BYTES, "1GiB", 16 << 20, INT64_C(1) << 40, RESTART,                       \
      "Maximum size of the log, and of what fetchers have sent and no engine has stored.")         \
    O(cluster, auto_promote, SWITCH, "no", 0, 0, RESTART,                                          \
      "Whether an engine that stands by takes over when the active one is gone: yes or no.")       \
    O(cluster, fetchers, SWITCH, "no", 0, 0, RESTART,                                              \
      "Whether fetchers poll for the engine: yes or no, it polls itself.")                         \
    O(cluster, outbox, BYTES, "1GiB", 1 << 20, INT64_C(1) << 40, RESTART,                          \
      "Maximum size of what a fetcher keeps until it is stored; it stops polling there.")          \
    O(log, level, LEVEL, "info", 0, 0, RELOAD, "Log level: error, warning, info or debug.")

/* The same for each section [alert NAME]. */
#define CONFIG_ALERT_OPTIONS(O)                                                                    \
    O(alert, reports, COUNT, "1", 1, 1000, RELOAD,                                                 \
      "Minimum number of independent reports: publishers with a text of their own.")               \
    O(alert, feeds, COUNT, "1", 1, 1000, RELOAD,                                                   \
      "Minimum number of subscribed feeds that carry the event.")                                  \
    O(alert, growth, COUNT, "1", 1, 1000, RELOAD,                                                  \
      "Minimum number of publishers added within growth_within before the last update; 1: no "     \
      "condition.")                                                                                \
    O(alert, growth_within, SECONDS, "1h", 60000, 604800000, RELOAD, "Time span for growth.")      \
    O(alert, words, WORDS, "", 0, 0, RELOAD,                                                       \
      "Words that must all appear in title, tags or keywords; a word may be truncated.")           \
    O(alert, category, LIST, "", 0, 0, RELOAD,                                                     \
      "A category or tag of the event; of several, comma-separated, any one.")                     \
    O(alert, source, LIST, "", 0, 0, RELOAD,                                                       \
      "A publisher that reports the event, by name or domain; or several.")                        \
    O(alert, lang, LIST, "", 0, 0, RELOAD, "Language of the event, or several: en, de.")           \
    O(alert, webhook, HOOK, "", 0, 0, RELOAD,                                                      \
      "Address to which the event is posted as JSON; it may be in any network.")                   \
    O(alert, webhook_secret, SECRET, "", 0, 0, RELOAD,                                             \
      "File with the key for signing posts, HMAC-SHA256; for matrix and ntfy, the access token.")  \
    O(alert, format, FORMAT, "storyd", 0, 0, RELOAD,                                               \
      "What the webhook expects: storyd, slack, teams, discord, matrix, ntfy or mattermost.")      \
    O(alert, per_hour, COUNT, "20", 1, 3600, RELOAD,                                               \
      "Maximum number of messages per hour in a format other than storyd; one more counts the "    \
      "rest.")                                                                                     \
    O(alert, command, TEXT, "", 0, 0, RELOAD,                                                      \
      "Program and arguments, run without a shell, with the JSON on standard input.")              \
    O(alert, mail, WORDS, "", 0, 0, RELOAD,                                                        \
      "Mail addresses, separated by blanks; mail is sent with this machine's sendmail.")

/* The same for each section [digest NAME]. */
#define CONFIG_DIGEST_OPTIONS(O)                                                                   \
    O(digest, every, PERIOD, "day", 0, 0, RELOAD,                                                  \
      "How often a digest is sent: day, or week (on Mondays).")                                    \
    O(digest, at, TIME, "07:00", 0, 0, RELOAD, "When, in local time.")                             \
    O(digest, mail, WORDS, "", 0, 0, RELOAD,                                                       \
      "Mail addresses, separated by blanks; mail is sent with this machine's sendmail.")           \
    O(digest, most, COUNT, "20", 1, 100, RELOAD, "Maximum number of events, by score.")            \
    O(digest, min_sources, COUNT, "2", 1, 1000, RELOAD, "Minimum number of sources of an event.")  \
    O(digest, words, WORDS, "", 0, 0, RELOAD,                                                      \
      "Words that must all appear in title, tags or keywords; a word may be truncated.")           \
    O(digest, category, LIST, "", 0, 0, RELOAD,                                                    \
      "A category or tag of the event; of several, comma-separated, any one.")                     \
    O(digest, source, LIST, "", 0, 0, RELOAD,                                                      \
      "A publisher that reports the event, by name or domain; or several.")                        \
    O(digest, lang, LIST, "", 0, 0, RELOAD, "Language of the event, or several: en, de.")

/* The same for each section [publisher NAME]. */
#define CONFIG_PUBLISHER_OPTIONS(O)                                                                \
    O(publisher, home, WEB, "", 0, 0, RELOAD,                                                      \
      "Address of the publisher's site, by which its articles are counted.")                       \
    O(publisher, token, SECRET, "", 0, 0, RELOAD,                                                  \
      "File with the token for POST /api/v1/articles.")                                            \
    O(publisher, lang, TEXT, "", 0, 0, RELOAD, "Language of articles that name none, as in en.")   \
    O(publisher, per_minute, COUNT, "120", 1, 6000, RELOAD,                                        \
      "Maximum number of articles per minute.")

/* Formats of webhooks, which alert/hook.c writes: symbol, name, what webhook_secret is. */
#define CONFIG_FORMATS(F)                                                                          \
    F(STORYD, "storyd", KEY)                                                                       \
    F(SLACK, "slack", NOTHING)                                                                     \
    F(TEAMS, "teams", NOTHING)                                                                     \
    F(DISCORD, "discord", NOTHING)                                                                 \
    F(MATRIX, "matrix", NEEDED_TOKEN)                                                              \
    F(NTFY, "ntfy", TOKEN)                                                                         \
    F(MATTERMOST, "mattermost", NOTHING)

enum config_format {
#define F(symbol, name, secret) FORMAT_##symbol,
    CONFIG_FORMATS(F)
#undef F
        FORMAT_COUNT
};

enum config_period { PERIOD_DAY, PERIOD_WEEK };
enum config_role { ROLE_ALL, ROLE_FETCH, ROLE_ENGINE, ROLE_REPLICA, ROLE_COUNT };

enum config_kind {
    CONFIG_PATH,
    CONFIG_TEXT,
    CONFIG_SECONDS,
    CONFIG_AGE,
    CONFIG_BYTES,
    CONFIG_COUNT,
    CONFIG_SHARE,
    CONFIG_LEVEL,
    CONFIG_PAGES,
    CONFIG_FORMAT,
    CONFIG_PERIOD,
    CONFIG_ROLE,
    CONFIG_TIME,
    CONFIG_SWITCH,
    CONFIG_NETWORKS,
    CONFIG_LIST,
    CONFIG_WORDS,
    CONFIG_ENDPOINT,
    CONFIG_SOURCE,
    CONFIG_PLACE,
    CONFIG_SECRET,
    CONFIG_MODE,
    CONFIG_WEB,
    CONFIG_HOOK,
    CONFIG_PROXY
};

/* Where a value comes from; a later one takes precedence. */
enum config_layer { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_OPTION };

/* `number` is used for SECONDS and AGE (milliseconds), BYTES, COUNT, SHARE, LEVEL, PAGES,
 * FORMAT, PERIOD, ROLE, TIME, SWITCH (1: yes) and MODE; `text`, as it was given, for the other
 * kinds. */
struct config_value {
    char *text;
    int64_t number;
    enum config_layer layer;
    char *where; /* "FILE:LINE", a variable or an option, for messages; NULL: the default */
};

struct config_alert {
    char *name;
    char *secret; /* contents of webhook_secret; NULL: none */
#define O(section, name, kind, standard, least, most, when, help) struct config_value name;
    CONFIG_ALERT_OPTIONS(O)
#undef O
};

struct config_digest {
    char *name;
#define O(section, name, kind, standard, least, most, when, help) struct config_value name;
    CONFIG_DIGEST_OPTIONS(O)
#undef O
};

struct config_publisher {
    char *name;
    char *secret; /* contents of token */
#define O(section, name, kind, standard, least, most, when, help) struct config_value name;
    CONFIG_PUBLISHER_OPTIONS(O)
#undef O
};

enum { CONFIG_MAX_NAMED = 100 /* sections of a kind */ };

struct config {
    struct config_alert *alerts;
    struct config_digest *digests;
    struct config_publisher *publishers;
    size_t n_alerts, n_digests, n_publishers;
#define O(section, name, kind, standard, least, most, when, help)                                  \
    struct config_value section##_##name;
    CONFIG_OPTIONS(O)
#undef O
};

/* Reads the file, the variables STORYD_SECTION_NAME of the environment, and `given`, texts
 * "SECTION.NAME=VALUE" of the command line up to a NULL (or NULL), each on top of the ones before;
 * with `path` NULL, the defaults only. On failure `error` holds "FILE:LINE: what is wrong; what is
 * expected", with the variable or the option in place of file and line, and `out` is empty. */
bool config_read(const char *path, char *const *given, struct config *out, struct buf *error);
void config_free(struct config *c);

/* Checks that only the daemon needs: a non-loopback address requires tokens or sign-in, the logins
 * file is valid and not world-readable, base_url can be continued, hubs can be told, and the
 * options of sign-in and [enrich] are complete. */
bool config_check(const char *path, const struct config *c, struct buf *error);

enum { CONFIG_MAX_PATH = 4096 };

/* Whether the feed list is at an address; the file of the list, which for one at an address is the
 * last good copy below the store's folder, and may not exist yet. False if the path is too long. */
bool config_list_is_remote(const struct config *c);
bool config_list_path(const struct config *c, char out[CONFIG_MAX_PATH]);

/* The path of a systemd credential; false if there is none of that name. */
bool config_credential(const char *name, char path[CONFIG_MAX_PATH]);

/* The name of this process in the cluster. The caller frees it. */
char *config_member(const struct config *c);

/* The API key of the model, or NULL. The caller frees it. config_check() has validated it. */
char *config_enrich_key(const struct config *c);

/* Appends the User-Agent of requests. */
void config_user_agent(const struct config *c, struct buf *out);

/* Appends a configuration file with every option, commented out, at its default. */
void config_sample(struct buf *out);

/* Appends the configuration as a file that config_read() accepts, each value with a comment that
 * states where it comes from. Logins and secret addresses are masked. */
void config_print(const struct config *c, struct buf *out);

/* The name of an option that differs and requires a restart, or NULL. */
const char *config_needs_restart(const struct config *from, const struct config *to);

#endif
