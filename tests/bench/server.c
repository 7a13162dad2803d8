/* A web server of feeds for the benchmarks: server PORT-FILE ITEMS. Every third feed is another
 * document each time it is asked for, the others are what they were; ETags are understood. Under
 * /one/ each other document has a new item on top; feeds under /news/ have nothing but news each
 * time. GET /count gives the feeds asked for so far and the documents sent, and /seconds the feeds
 * asked for in each second. Ends with its parent's pipe. */
#include "stories.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FEEDS = 20000, MAX_SECONDS = 3600, SLOTS = 1 << 16, STORIES_WINDOW = 1 << 18 };

static struct {
    unsigned long count, sent; /* feeds asked for, and documents sent for that */
    unsigned times[SLOTS];     /* by a hash of the address */
    unsigned seconds[MAX_SECONDS];
    time_t start;
    int items;
    struct stories *stories;
    unsigned long told;
} server;

static unsigned hash_of(const char *host, const char *path)
{
    unsigned h = 2166136261u;
    for (const char *parts[] = {host, path}, **p = parts; p < parts + 2; p++)
        for (const char *c = *p; *c; c++)
            h = (h ^ (unsigned char)*c) * 16777619u;
    return h;
}

static void write_story(struct evbuffer *out)
{
    struct story_article a;
    if (!server.stories)
        server.stories = stories_new(STORIES_WINDOW);
    stories_next(server.stories, &a);
    evbuffer_add_printf(out,
                        "<item><title>%s</title><link>http://%s/%lu</link>"
                        "<description>%s</description></item>\n",
                        a.title, a.publisher, ++server.told, a.body);
}

static void write_feed(struct evbuffer *out, unsigned feed, unsigned version, int with_news)
{
    static const char filler[] = "harbour council ferry bridge orchard museum library station ";
    evbuffer_add_printf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>"
        "<title>Feed %u</title><link>http://f%u.example/</link><description>Version "
        "%u</description><language>en</language>\n",
        feed, feed, version);
    if (with_news && version > 0)
        write_story(out);
    for (int i = 0; i < server.items; i++) {
        evbuffer_add_printf(out,
                            "<item><title>Story %u of feed %u: w%u x%u y%u</title><link>http://f%u."
                            "example/%d</link><guid>%u-%d</guid><description>",
                            (unsigned)i, feed, feed * 7 + (unsigned)i, feed ^ 4711u * (unsigned)i,
                            feed + 31u * (unsigned)i, feed, i, feed, i);
        for (int k = 0; k < 14; k++)
            evbuffer_add(out, filler, sizeof filler - 1);
        evbuffer_add_printf(out, "</description></item>\n");
    }
    evbuffer_add_printf(out, "</channel></rss>\n");
}

static void write_news(struct evbuffer *out)
{
    evbuffer_add_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">"
                             "<channel><title>News</title><language>en</language>\n");
    for (int i = 0; i < server.items; i++)
        write_story(out);
    evbuffer_add_printf(out, "</channel></rss>\n");
}

static void answer_counts(struct evhttp_request *r, struct evbuffer *out, int all)
{
    for (int i = 0; all && i < MAX_SECONDS && i <= time(NULL) - server.start; i++)
        evbuffer_add_printf(out, "%u\n", server.seconds[i]);
    if (!all)
        evbuffer_add_printf(out, "%lu %lu\n", server.count, server.sent);
    evhttp_send_reply(r, 200, NULL, out);
}

static void on_request(struct evhttp_request *r, void *arg)
{
    const char *path = evhttp_request_get_uri(r), *host = evhttp_request_get_host(r);
    struct evbuffer *out = evbuffer_new();
    (void)arg;
    if (!strcmp(path, "/count") || !strcmp(path, "/seconds")) {
        answer_counts(r, out, path[1] == 's');
    } else if (!strncmp(path, "/news/", 6)) {
        evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type",
                          "application/rss+xml");
        write_news(out);
        evhttp_send_reply(r, 200, NULL, out);
    } else {
        unsigned feed = hash_of(host ? host : "", path), *times = &server.times[feed % SLOTS];
        unsigned version = feed % 3 == 0 ? ++*times : 0;
        char etag[32];
        const char *known =
            evhttp_find_header(evhttp_request_get_input_headers(r), "If-None-Match");
        time_t second = time(NULL) - server.start;
        server.count++;
        if (second < MAX_SECONDS)
            server.seconds[second]++;
        snprintf(etag, sizeof etag, "\"%u-%u\"", feed, version);
        evhttp_add_header(evhttp_request_get_output_headers(r), "ETag", etag);
        evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type",
                          "application/rss+xml");
        int same = known && !strcmp(known, etag);
        server.sent += !same;
        if (!same)
            write_feed(out, feed, version, !strncmp(path, "/one/", 5));
        evhttp_send_reply(r, same ? 304 : 200, NULL, out);
    }
    evbuffer_free(out);
}

static void on_parent_gone(evutil_socket_t fd, short what, void *base)
{
    char c;
    (void)what;
    if (read(fd, &c, 1) <= 0)
        event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    if (argc != 3 || !http)
        return 2;
    server.items = (int)strtol(argv[2], NULL, 10);
    server.start = time(NULL);
    evhttp_set_gencb(http, on_request, NULL);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "0.0.0.0", 0);
    struct sockaddr_in address;
    socklen_t n = sizeof address;
    FILE *f = fopen(argv[1], "w");
    if (!bound || !f || getsockname(evhttp_bound_socket_get_fd(bound), (void *)&address, &n))
        return 1;
    fprintf(f, "%d\n", ntohs(address.sin_port));
    fclose(f);
    event_add(event_new(base, 0, EV_READ | EV_PERSIST, on_parent_gone, base), NULL);
    event_base_dispatch(base);
    evhttp_free(http);
    if (server.stories)
        stories_free(server.stories);
    event_base_free(base);
    return 0;
}
