/* Finds the feed behind an address, for `storyctl feeds add` (feeds.c) and `storyctl feeds find`.
 */
#include "storyctl/find.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "config.h"
#include "feed/feed_address.h"
#include "file.h"
#include "net/fetch.h"
#include "poll/probe.h"
#include "storyctl/term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_PAGE = 64 << 20 };

static const char find_help[] =
    "usage: storyctl feeds find [--config FILE] URL\n"
    "       storyctl feeds find --url BASE FILE\n"
    "\n"
    "Lists the feeds of a web page, one per line: the address and the title that the page gives "
    "it.\n"
    "FILE is a local copy of the page, or - for standard input. Exit status 1 if there is no "
    "feed.\n"
    "\n"
    "  --url BASE    address that the page in FILE came from, to resolve relative addresses\n"
    "  --config FILE the configuration, with the limits of requests (default:\n"
    "                /etc/storyd/storyd.conf)\n"
    "  --help        print this text and exit\n";

char *find_address(const struct command_options *o, const char *given)
{
    char *url = feed_address(given);
    const char *why = fetch_refuses(url);
    if (!why)
        return url;
    char *shown = url_without_login(url, NULL);
    fprintf(stderr, "storyctl %s: ", o->command);
    term_print(stderr, shown);
    fprintf(stderr, " can never be requested: %s; expected http://... or https://...\n", why);
    free(shown);
    free(url);
    return NULL;
}

static bool read_config(const struct command_options *o, struct config *config)
{
    struct buf error;
    buf_init(&error, 8192);
    bool ok = config_read(o->config, NULL, config, &error);
    if (!ok)
        fprintf(stderr, "storyctl %s: %s; use --config FILE to name the configuration\n",
                o->command, buf_text(&error));
    buf_free(&error);
    return ok;
}

/* ---- feeds add ------------------------------------------------------------------------------ */

static void tell_others(const struct probe *p)
{
    for (size_t i = 0; i < p->others.n; i++) {
        if (!p->others.v[i].declared || !strcmp(p->others.v[i].url, p->url))
            continue;
        fputs("the page declares another feed: ", stderr);
        term_print(stderr, p->others.v[i].url);
        fputc('\n', stderr);
    }
}

char *find_feed(const struct command_options *o, const char *url, struct buf *answer)
{
    struct config config;
    struct probe p;
    if (!read_config(o, &config))
        return NULL;
    char *found = NULL, *shown = url_without_login(url, NULL);
    switch (probe_find(&config, url, &p)) {
    case PROBE_FEED:
        found = mem_str(p.url);
        if (p.comments)
            fputs("only a feed of comments was found\n", stderr);
        tell_others(&p);
        break;
    case PROBE_NO_FEED:
        fprintf(stderr,
                "storyctl %s: %s is not a feed and names none; look on the page for a link to its "
                "RSS or Atom feed\n",
                o->command, shown);
        break;
    case PROBE_NO_ANSWER:
        found = mem_str(shown);
        fprintf(stderr, "storyctl %s: %s: ", o->command, shown);
        term_print(stderr, buf_text(&p.error));
        fputs("; adding the address unchanged\n", stderr);
        break;
    }
    free(shown);
    *answer = p.answer;
    buf_init(&p.answer, 0);
    probe_free(&p);
    config_free(&config);
    return found;
}

/* ---- feeds find ----------------------------------------------------------------------------- */

static bool links_at(const struct command_options *o, struct discovered *links)
{
    struct config config;
    struct buf error;
    char *url = find_address(o, o->arguments[0]);
    if (!url || !read_config(o, &config)) {
        free(url);
        return false;
    }
    buf_init(&error, 1024);
    enum probe_result result = probe_links(&config, url, links, &error);
    if (result == PROBE_NO_ANSWER) {
        char *shown = url_without_login(url, NULL);
        fprintf(stderr, "storyctl %s: %s: ", o->command, shown);
        free(shown);
        term_print(stderr, buf_text(&error));
        fputc('\n', stderr);
    } else if (result == PROBE_FEED) {
        links->v[links->n++].url = url_without_login(url, NULL);
    }
    free(url);
    buf_free(&error);
    config_free(&config);
    return result != PROBE_NO_ANSWER;
}

static bool links_in(const struct command_options *o, struct discovered *links)
{
    const char *path = o->arguments[0];
    struct buf page;
    buf_init(&page, MAX_PAGE);
    bool ok = file_append(path, &page);
    if (ok)
        discover_feeds(buf_text(&page), page.len, o->url, links);
    else
        fprintf(stderr, "storyctl %s: %s: %s\n", o->command, path, strerror(errno));
    buf_free(&page);
    return ok;
}

int find_feeds(int argc, char **argv)
{
    struct command_options o;
    struct discovered links = {.n = 0};
    int status;
    if (!command_options(argc, argv, "cu", 1, find_help, &o, &status))
        return status;
    bool at = strstr(o.arguments[0], "://") || !strncasecmp(o.arguments[0], "feed:", 5);
    if (!(at ? links_at(&o, &links) : links_in(&o, &links)))
        return EXIT_FAILURE;
    for (size_t i = 0; i < links.n; i++) {
        term_print(stdout, links.v[i].url);
        if (links.v[i].title) {
            putchar('\t');
            term_print(stdout, links.v[i].title);
        }
        putchar('\n');
    }
    status = links.n ? EXIT_SUCCESS : EXIT_FAILURE;
    discovered_free(&links);
    return status;
}
