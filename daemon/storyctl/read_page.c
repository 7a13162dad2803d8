/* storyctl page: extracts the article from a web page's HTML and prints it as one JSON object or as
 * text. For measurements and scripts; fetches nothing. */
#include "storyctl/read_page.h"

#include "base/buf.h"
#include "file.h"
#include "page/page.h"
#include "page/page_read.h"
#include "storyctl/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: storyctl page [--url URL] [--text] [FILE|-]\n"
    "\n"
    "Reads the HTML of a web page, from FILE or standard input, and prints the article on it\n"
    "as one JSON object: text, title, author, published, modified, site, section, keywords,\n"
    "lang, image, canonical, amp, print, kind (article, live, video, gallery, index, wall,\n"
    "other), paywalled, words, entries (of a live blog: time, title, text). Nothing is fetched.\n"
    "Exit status 1 if there is no text.\n"
    "\n"
    "      --url URL       address of the page\n"
    "      --text          print only the text\n"
    "      --help          print this text and exit\n";

static void set_read_time(json_t *to, const char *name, int64_t time)
{
    json_object_set_new(to, name, time == PAGE_NO_TIME ? json_null() : json_integer(time));
}

static json_t *image_of(const struct page *p)
{
    if (!p->image)
        return json_null();
    return json_pack("{s:s,s:o,s:o}", "url", p->image, "width",
                     p->image_width ? json_integer(p->image_width) : json_null(), "height",
                     p->image_height ? json_integer(p->image_height) : json_null());
}

static json_t *entries_of(const struct page *p)
{
    json_t *all = json_array();
    for (size_t i = 0; i < p->n_entries; i++) {
        const struct page_entry *e = &p->entries[i];
        json_t *o = json_object();
        set_read_time(o, "time", e->time);
        json_object_update_new(o, json_pack("{s:s?,s:s?}", "title", e->title, "text", e->text));
        json_array_append_new(all, o);
    }
    return all;
}

static void print_page_read(const struct page *p)
{
    json_t *keywords = json_array();
    for (size_t i = 0; i < p->n_keywords; i++)
        json_array_append_new(keywords, json_string(p->keywords[i]));
    json_t *o =
        json_pack("{s:s,s:s?,s:s?}", "text", p->text, "title", p->title, "author", p->author);
    set_read_time(o, "published", p->published);
    set_read_time(o, "modified", p->modified);
    json_object_update_new(o, json_pack("{s:s?,s:s?,s:o,s:s?,s:o,s:s?,s:s?,s:s?,s:s,s:b,s:i,s:o}",
                                        "site", p->site, "section", p->section, "keywords",
                                        keywords, "lang", p->lang, "image", image_of(p),
                                        "canonical", p->canonical, "amp", p->amp, "print", p->print,
                                        "kind", page_kind_name(p->kind), "paywalled", p->paywalled,
                                        "words", (int)p->words, "entries", entries_of(p)));
    json_dumpf(o, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(o);
}

int page_main(int argc, char **argv)
{
    static const struct option options[] = {{"url", required_argument, NULL, 'u'},
                                            {"text", no_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *url = NULL;
    bool text = false;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'u')
            url = optarg;
        else if (c == 't')
            text = true;
        else {
            fputs(help, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
    }
    if (!arguments_fit("page", help, ARGUMENTS_OPTIONAL, argc - optind, argv + optind))
        return 2;
    struct buf bytes;
    buf_init(&bytes, PAGE_MAX_BYTES);
    const char *path = argc > optind ? argv[optind] : "-";
    if (!file_append(path, &bytes)) {
        fprintf(stderr, "storyctl page: %s: %s\n", path, strerror(errno));
        buf_free(&bytes);
        return 1;
    }
    struct page page;
    page_read(buf_text(&bytes), bytes.len, url, NULL, &page);
    bool any = *page.text;
    if (text && any)
        puts(page.text);
    else if (!text)
        print_page_read(&page);
    if (!any)
        fputs("storyctl page: no article text found\n", stderr);
    page_free(&page);
    buf_free(&bytes);
    return any ? 0 : 1;
}
