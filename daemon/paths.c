/* The route table of the HTTP server. A new route is a row here and a handler in api/ or web/. */
#include "paths.h"

#include "api/about.h"
#include "api/api.h"
#include "api/callback.h"
#include "api/decisions.h"
#include "api/event_feed.h"
#include "api/feeds_out.h"
#include "api/greader.h"
#include "api/in_cluster.h"
#include "api/checks.h"
#include "api/lists.h"
#include "api/live.h"
#include "api/me.h"
#include "api/metrics.h"
#include "api/removal.h"
#include "api/searches.h"
#include "api/submit.h"
#include "api/subscribed.h"
#include "web/manifest.h"
#include "web/web.h"

/* Grouped by the file that defines the handlers; that file's header declares them. */
static const struct route all[] = {
    /* web.c: the editors' pages */
    {REQUEST_GET, "/", web_list, ROUTES_READ},
    {REQUEST_GET, "/rows", web_rows, ROUTES_READ},
    {REQUEST_GET, "/event/{number}", web_event, ROUTES_READ},
    {REQUEST_GET, "/feeds", web_feeds, ROUTES_READ},
    {REQUEST_GET, "/machine", web_machine, ROUTES_READ},
    {REQUEST_GET, "/static/{rest}", web_asset, ROUTES_READ},
    {REQUEST_GET, "/picture/{rest}", web_picture, ROUTES_READ},
    /* manifest.c: the page as an application */
    {REQUEST_GET, "/manifest.webmanifest", manifest_page, ROUTES_READ},
    /* lists.c: events by order and filters */
    {REQUEST_GET, "/api/v1/events", lists_events, ROUTES_READ},
    {REQUEST_GET, "/api/v1/filters", lists_filters, ROUTES_READ},
    /* searches.c: events by the texts of their articles */
    {REQUEST_GET, "/api/v1/search", searches_find, ROUTES_READ},
    /* api.c: records of the store, as JSON */
    {REQUEST_GET, "/api/v1/events/{number}", api_event, ROUTES_READ},
    {REQUEST_GET, "/api/v1/events/{number}/articles", api_event_articles, ROUTES_READ},
    {REQUEST_GET, "/api/v1/events/{number}/posts", api_event_posts, ROUTES_READ},
    {REQUEST_GET, "/api/v1/events/{number}/reasons", api_event_reasons, ROUTES_READ},
    {REQUEST_GET, "/api/v1/events/{number}/history", api_event_history, ROUTES_READ},
    {REQUEST_GET, "/api/v1/articles/{number}", api_article, ROUTES_READ},
    {REQUEST_GET, "/api/v1/feeds", api_feeds, ROUTES_READ},
    {REQUEST_GET, "/api/v1/health", api_health, ROUTES_READ},
    /* me.c: what a reader has seen */
    {REQUEST_GET, "/api/v1/me", me_who, ROUTES_READ},
    {REQUEST_GET, "/api/v1/me/state", me_state, ROUTES_READ},
    {REQUEST_POST, "/api/v1/me/state", me_change, ROUTES_READ},
    /* greader.c: the Google Reader API, for feed readers */
    {REQUEST_POST, "/accounts/ClientLogin", greader_login, ROUTES_OPEN},
    {REQUEST_GET, "/reader/api/0/token", greader_token, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/user-info", greader_user, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/tag/list", greader_tags, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/subscription/list", greader_subscriptions, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/unread-count", greader_unread, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/stream/items/ids", greader_ids, ROUTES_READ},
    {REQUEST_POST, "/reader/api/0/stream/items/contents", greader_items, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/stream/contents", greader_contents, ROUTES_READ},
    {REQUEST_GET, "/reader/api/0/stream/contents/{rest}", greader_contents, ROUTES_READ},
    {REQUEST_GET, "/reader/atom/{rest}", greader_atom, ROUTES_READ},
    {REQUEST_POST, "/reader/api/0/edit-tag", greader_edit, ROUTES_READ},
    {REQUEST_POST, "/reader/api/0/mark-all-as-read", greader_mark, ROUTES_READ},
    /* subscribed.c: the feed list */
    {REQUEST_GET, "/api/v1/list", subscribed_list, ROUTES_READ},
    {REQUEST_POST, "/api/v1/list", subscribed_confirm, ROUTES_ADMINISTER},
    /* feeds_out.c: feeds for feed readers, ninjs for newsroom systems */
    {REQUEST_GET, "/feed.atom", feeds_out_atom, ROUTES_READ},
    {REQUEST_GET, "/feed.json", feeds_out_json, ROUTES_READ},
    {REQUEST_GET, "/feed.ninjs", feeds_out_ninjs_list, ROUTES_READ},
    {REQUEST_GET, "/api/v1/events/{number}/ninjs", feeds_out_ninjs, ROUTES_READ},
    /* event_feed.c: feeds of single events */
    {REQUEST_GET, "/event/{number}/feed.atom", event_feed_atom, ROUTES_READ},
    {REQUEST_GET, "/event/{number}/feed.json", event_feed_json, ROUTES_READ},
    /* live.c: live changes */
    {REQUEST_GET, "/api/v1/changes", live_changes, ROUTES_READ},
    {REQUEST_GET, "/api/v1/stream", live_stream, ROUTES_READ},
    /* about.c: description of the API */
    {REQUEST_GET, "/api/v1/openapi.json", describe_openapi, ROUTES_READ},
    {REQUEST_GET, "/api/v1/schema/{rest}", describe_schema, ROUTES_READ},
    /* metrics.c: for Prometheus */
    {REQUEST_GET, "/metrics", metrics_page, ROUTES_READ},
    /* checks.c: probes of orchestrators */
    {REQUEST_GET, "/healthz", checks_live, ROUTES_OPEN},
    {REQUEST_GET, "/readyz", checks_ready, ROUTES_OPEN},
    /* callback.c: WebSub hubs, authenticated by a secret in the path */
    {REQUEST_GET, "/websub/{number}/{rest}", callback_verify, ROUTES_OPEN},
    {REQUEST_POST, "/websub/{number}/{rest}", callback_deliver, ROUTES_OPEN},
    /* decisions.c: editors' decisions */
    {REQUEST_GET, "/api/v1/decisions", decisions_list, ROUTES_READ},
    {REQUEST_GET, "/api/v1/decisions/{number}", decisions_one, ROUTES_READ},
    {REQUEST_POST, "/api/v1/decisions", decisions_make, ROUTES_WRITE},
    /* submit.c: articles of publishers, each authenticated by its own token */
    {REQUEST_POST, "/api/v1/articles", submit_article, ROUTES_OPEN},
    /* removal.c: removal of texts on request */
    {REQUEST_POST, "/api/v1/forget", removal_forget, ROUTES_ADMINISTER},
    /* in_cluster.c */
    {REQUEST_POST, "/api/v1/promote", cluster_promote, ROUTES_ADMINISTER},
};

const struct routes paths = {all, sizeof all / sizeof *all};
