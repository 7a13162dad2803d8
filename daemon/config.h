/* The configuration: INI syntax, every option in one table. storyd.conf(5) says what they mean to a
 * person; config/storyd.conf lists them all at their defaults, and a test keeps the two equal. */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/buf.h"

#include <stdint.h>

/* section, name, kind, default, least, most, when it takes effect, what it is.
 * Kinds: PATH and TEXT are texts; so are LIST, of parts with commas between them, and WORDS, of
 * parts with blanks: an option of either, and one of NETWORKS, may stand several times, and has the
 * parts of all; SECONDS takes 90s, 30m, 24h, 7d or 250ms and is kept in ms; BYTES takes KiB, MiB,
 * GiB, TiB; COUNT is a plain number; LEVEL is one of the log levels; PAGES is one of
 * ingest/wanted.h; SWITCH is yes or no; NETWORKS is a text that address_list_read() takes, ENDPOINT
 * one of address_endpoint() or "none"; WEB is empty or an address of http or https; PLACE may be
 * empty or "none"; MODE is a file's permissions in octal. */
#define CONFIG_OPTIONS(O)                                                                          \
    O(store, path, PATH, "/var/lib/storyd", 0, 0, RESTART,                                         \
      "Folder of the LMDB environment; made where there is none. A relative path starts "          \
      "at this file's folder.")                                                                    \
    O(store, max_size, BYTES, "64GiB", 16 << 20, INT64_C(1) << 44, RESTART,                        \
      "Greatest size of the store. Address space, not disk: the file grows as needed.")            \
    O(store, keep_text, SECONDS, "72h", 360000, INT64_C(31536000000), RELOAD,                      \
      "How long the texts of pages are kept; at least as long as [engine] window.")                \
    O(store, commit_after, SECONDS, "250ms", 1, 60000, RELOAD,                                     \
      "Longest time that articles wait to be written.")                                            \
    O(store, commit_articles, COUNT, "500", 1, 100000, RELOAD,                                     \
      "Articles after which a batch is written without waiting.")                                  \
    O(feeds, list, PATH, "feeds.opml", 0, 0, RELOAD,                                               \
      "The subscribed feeds, as OPML. A relative path starts at this file's folder.")              \
    O(feeds, login_file, PLACE, "", 0, 0, RELOAD,                                                  \
      "File with the logins of feeds that want one: an address or host, user and password a "      \
      "line.")                                                                                     \
    O(poll, interval, SECONDS, "30m", 1000, 86400000, RELOAD,                                      \
      "Least time between two requests for a feed that had something new.")                        \
    O(poll, interval_unchanged, SECONDS, "1h", 1000, 86400000, RELOAD,                             \
      "The same, for a feed that had nothing new.")                                                \
    O(poll, max_backoff, SECONDS, "24h", 1000, 604800000, RELOAD,                                  \
      "Longest pause after errors; each error in a row doubles the pause.")                        \
    O(poll, connections, COUNT, "64", 1, 1000, RELOAD, "Requests under way at once.")              \
    O(poll, connections_per_host, COUNT, "2", 1, 100, RELOAD,                                      \
      "Requests under way at once to one host.")                                                   \
    O(poll, pause_per_host, SECONDS, "1s", 1, 3600000, RELOAD,                                     \
      "Least time between the beginnings of two requests to one host.")                            \
    O(poll, connect_timeout, SECONDS, "10s", 100, 300000, RELOAD, "Longest time to connect.")      \
    O(poll, timeout, SECONDS, "60s", 100, 3600000, RELOAD, "Longest time for a whole request.")    \
    O(poll, max_document, BYTES, "16MiB", 1 << 10, 64 << 20, RELOAD,                               \
      "Longest feed document, packed and unpacked; a longer one is an error.")                     \
    O(poll, contact, TEXT, "", 0, 0, RELOAD,                                                       \
      "Address of a page or mailbox where feed owners reach you; sent with each request.")         \
    O(poll, subscribers, COUNT, "1", 1, 1000000000, RELOAD,                                        \
      "Readers that are served by asking once; sent with each request.")                           \
    O(poll, allow_addresses, NETWORKS, "", 0, 0, RELOAD,                                           \
      "Networks that may be asked though they are private or of this machine: 10.1.0.0/16, ::1.")  \
    O(poll, ca_file, TEXT, "", 0, 0, RELOAD,                                                       \
      "Certificates that servers are checked against, a PEM file; without it the system's.")       \
    O(poll, proxy, TEXT, "", 0, 0, RELOAD,                                                         \
      "Address of a proxy for all requests; the proxy then decides which addresses are asked.")    \
    O(pages, fetch, PAGES, "events", 0, 0, RELOAD,                                                 \
      "Articles whose pages are read: off, events (those of events of two sources or more, of "    \
      "uncertain joins, and of what an editor opens) or all.")                                     \
    O(pages, budget, COUNT, "20000", 1, 10000000, RELOAD, "Pages asked for a day, of UTC.")        \
    O(pages, host_budget, COUNT, "500", 1, 10000000, RELOAD, "The same of one host.")              \
    O(pages, feed_budget, COUNT, "500", 1, 10000000, RELOAD,                                       \
      "The same for the articles of one feed.")                                                    \
    O(websub, callback, TEXT, "", 0, 0, RELOAD,                                                    \
      "Public address at which hubs reach /websub of [http] listen; empty: hubs are not used.")    \
    O(engine, window, SECONDS, "72h", 360000, INT64_C(31536000000), RESTART,                       \
      "How long an event waits for its next article.")                                             \
    O(engine, mix_languages, SWITCH, "no", 0, 0, RESTART,                                          \
      "Whether articles in different languages may be one event: yes or no.")                      \
    O(enrich, url, WEB, "", 0, 0, RELOAD,                                                          \
      "Address of a model that says what events say, as in http://127.0.0.1:11434/v1; empty: "     \
      "none is asked.")                                                                            \
    O(enrich, model, TEXT, "", 0, 0, RELOAD, "Its name there.")                                    \
    O(enrich, key, PLACE, "", 0, 0, RELOAD,                                                        \
      "File with the key that it wants; by default systemd's credential enrich_key, if there is "  \
      "one.")                                                                                      \
    O(enrich, budget, COUNT, "200000", 1, INT64_C(1000000000), RELOAD,                             \
      "Tokens that it may cost a day, of UTC.")                                                    \
    O(enrich, parts, LIST, "summary, details, meaning", 0, 0, RELOAD,                              \
      "What it says: summary, details, meaning, with commas between them.")                        \
    O(enrich, min_sources, COUNT, "3", 1, 1000, RELOAD,                                            \
      "Sources that an event has before a model is asked.")                                        \
    O(enrich, timeout, SECONDS, "2m", 100, 3600000, RELOAD, "Longest time for an answer.")         \
    O(http, listen, ENDPOINT, "127.0.0.1:8787", 0, 0, RESTART,                                     \
      "Address and port of the page and the API, or none. Other than loopback needs tokens.")      \
    O(http, socket, PLACE, "", 0, 0, RESTART,                                                      \
      "Path of a Unix socket for the same, or none; by default storyd.sock beside the store.")     \
    O(http, socket_mode, MODE, "0660", 0, 0, RESTART, "Who may connect to that socket.")           \
    O(http, socket_group, TEXT, "", 0, 0, RESTART,                                                 \
      "Group that the socket is given to; by default that of the process.")                        \
    O(http, hosts, LIST, "", 0, 0, RESTART,                                                        \
      "Names that this server goes by besides localhost, with commas between them.")               \
    O(http, cors_origins, LIST, "", 0, 0, RESTART,                                                 \
      "Origins whose pages may read the API, as in https://desk.example, or * for all.")           \
    O(http, read_token, PLACE, "", 0, 0, RESTART,                                                  \
      "File with the token that reads over TCP need; by default systemd's credential "             \
      "http_read_token, if there is one.")                                                         \
    O(http, write_token, PLACE, "", 0, 0, RESTART,                                                 \
      "The same for writes: http_write_token. Reads are allowed with it too.")                     \
    O(http, timeout, SECONDS, "30s", 100, 3600000, RELOAD,                                         \
      "Longest time for a request to come, and for a client to take what it is sent.")             \
    O(http, connections, COUNT, "2048", 1, 15000, RELOAD, "Connections of clients at once.")       \
    O(http, connections_per_peer, COUNT, "256", 1, 15000, RELOAD,                                  \
      "Connections at once from one address, or one IPv6 network of 64 bits.")                     \
    O(http, streams, COUNT, "1500", 1, 15000, RELOAD,                                              \
      "Of these, those that wait for changes: streams and long polls.")                            \
    O(log, level, LEVEL, "info", 0, 0, RELOAD, "What is logged: error, warning, info or debug.")

/* The same for each section [alert NAME]. */
#define CONFIG_ALERT_OPTIONS(O)                                                                    \
    O(alert, reports, COUNT, "1", 1, 1000, RELOAD,                                                 \
      "Independent reports that it has, or more: publishers with a text of their own.")            \
    O(alert, feeds, COUNT, "1", 1, 1000, RELOAD, "Subscribed feeds that carry it, or more.")       \
    O(alert, growth, COUNT, "1", 1, 1000, RELOAD,                                                  \
      "Publishers that came within growth_within before it was last updated; 1 does not ask.")     \
    O(alert, growth_within, SECONDS, "1h", 60000, 604800000, RELOAD, "See growth.")                \
    O(alert, words, WORDS, "", 0, 0, RELOAD,                                                       \
      "Words that its title, tags or keywords have, all of them; a word may be cut short.")        \
    O(alert, category, LIST, "", 0, 0, RELOAD,                                                     \
      "A category it is in, or a tag; or several with commas between them: any of them.")          \
    O(alert, source, LIST, "", 0, 0, RELOAD,                                                       \
      "A publisher that reports it, by name or domain, or several.")                               \
    O(alert, lang, LIST, "", 0, 0, RELOAD, "Its language, or several: en, de.")                    \
    O(alert, webhook, WEB, "", 0, 0, RELOAD,                                                       \
      "Address that the event is posted to as JSON; it may lie in any network.")                   \
    O(alert, webhook_secret, PLACE, "", 0, 0, RELOAD,                                              \
      "File with the key that posts are signed with, HMAC-SHA256.")                                \
    O(alert, command, TEXT, "", 0, 0, RELOAD,                                                      \
      "Program and arguments that get the JSON on standard input; no shell reads them.")           \
    O(alert, mail, WORDS, "", 0, 0, RELOAD,                                                        \
      "Mail addresses with blanks between them; sendmail of this machine takes the mail.")

enum config_kind {
    CONFIG_PATH,
    CONFIG_TEXT,
    CONFIG_SECONDS,
    CONFIG_BYTES,
    CONFIG_COUNT,
    CONFIG_LEVEL,
    CONFIG_PAGES,
    CONFIG_SWITCH,
    CONFIG_NETWORKS,
    CONFIG_LIST,
    CONFIG_WORDS,
    CONFIG_ENDPOINT,
    CONFIG_PLACE,
    CONFIG_MODE,
    CONFIG_WEB
};

/* MODE and what counts are `number` (milliseconds, bytes, a count, a log level, 1 for yes); the
 * others `text`. */
struct config_value {
    char *text;
    int64_t number;
    int line; /* of the file; 0 when it is the default */
};

struct config_alert {
    char *name;
    char *secret; /* what webhook_secret has; NULL none */
#define O(section, name, kind, standard, least, most, when, help) struct config_value name;
    CONFIG_ALERT_OPTIONS(O)
#undef O
};

struct config {
    struct config_alert *alerts;
    size_t n_alerts;
#define O(section, name, kind, standard, least, most, when, help)                                  \
    struct config_value section##_##name;
    CONFIG_OPTIONS(O)
#undef O
};

/* Reads a file over the defaults (`path` NULL: the defaults alone). On failure `error` holds
 * "FILE:LINE: what was wrong and what was expected", and `out` nothing. */
bool config_read(const char *path, struct config *out, struct buf *error);
void config_free(struct config *c);

/* What the daemon asks of it besides: nobody on another machine reads without a token, the logins
 * of feeds are good and not for everybody, and a model that is asked has a name. */
bool config_check(const char *path, const struct config *c, struct buf *error);

/* The path of a credential that systemd gave; false when it gave none of that name. */
enum { CONFIG_MAX_PATH = 4096 };
bool config_credential(const char *name, char path[CONFIG_MAX_PATH]);

/* The key that the model wants, to be freed; NULL: none. It was read by config_check() before. */
char *config_enrich_key(const struct config *c);

/* What storyd calls itself to the servers that it asks. */
void config_user_agent(const struct config *c, struct buf *out);

/* The text of a configuration file with every option, commented, at its default. */
void config_sample(struct buf *out);

/* The name of an option that differs and takes effect only after a restart, or NULL. */
const char *config_needs_restart(const struct config *from, const struct config *to);

#endif
