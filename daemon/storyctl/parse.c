/* storyctl parse: parses one feed document with the daemon's parser and prints it as JSON. */
#include "storyctl/parse.h"

#include "base/buf.h"
#include "feed/parser.h"
#include "storyctl/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "usage: storyctl parse [--url BASE] [--type CONTENT-TYPE] FILE\n"
    "\n"
    "Parses a feed document (FILE, or - for standard input) and prints it as one JSON object. "
    "Exit\n"
    "status 1 if the document is not a feed.\n"
    "\n"
    "  --url BASE            address of the document, to resolve relative addresses\n"
    "  --type CONTENT-TYPE   value of its Content-Type header, which may specify the charset\n"
    "  --help                print this text and exit\n";

static void set_text(json_t *object, const char *name, const char *value)
{
    json_object_set_new(object, name, value ? json_string(value) : json_null());
}

static void set_feed_time(json_t *object, const char *name, int64_t value)
{
    json_object_set_new(object, name, value == FEED_NO_TIME ? json_null() : json_integer(value));
}

static json_t *enclosures_json(const struct feed_item *i)
{
    json_t *list = json_array();
    for (size_t k = 0; k < i->n_enclosures; k++) {
        const struct feed_enclosure *e = &i->enclosures[k];
        json_t *one = json_object();
        set_text(one, "url", e->url);
        set_text(one, "type", e->type);
        json_object_set_new(one, "length", e->length < 0 ? json_null() : json_integer(e->length));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *item_json(const struct feed_item *i)
{
    json_t *o = json_object(), *categories = json_array();
    set_text(o, "id", i->id);
    set_text(o, "title", i->title_html ? i->title_html : i->title);
    set_text(o, "title_text", i->title);
    set_text(o, "link", i->link);
    set_text(o, "orig_link", i->orig_link);
    set_text(o, "summary", i->summary);
    set_text(o, "content", i->content);
    set_text(o, "body", i->content ? i->content : i->summary);
    set_text(o, "author", i->author);
    set_feed_time(o, "published", i->published);
    set_feed_time(o, "updated", i->updated);
    set_text(o, "language", i->language);
    set_text(o, "image", i->image);
    set_text(o, "source", i->source_title);
    set_text(o, "source_url", i->source_url);
    for (size_t k = 0; k < i->n_categories; k++)
        json_array_append_new(categories, json_string(i->categories[k]));
    json_object_set_new(o, "categories", categories);
    set_text(o, "enclosure", i->n_enclosures ? i->enclosures[0].url : NULL);
    json_object_set_new(o, "enclosures", enclosures_json(i));
    return o;
}

static json_t *feed_json(const struct feed *f)
{
    json_t *o = json_object();
    set_text(o, "title", f->title_html ? f->title_html : f->title);
    set_text(o, "title_text", f->title);
    set_text(o, "link", f->link);
    set_text(o, "id", f->id);
    set_text(o, "description", f->description);
    set_text(o, "language", f->language);
    set_text(o, "author", f->author);
    set_text(o, "encoding", f->encoding);
    set_text(o, "self", f->self);
    set_text(o, "hub", f->hub);
    set_text(o, "next", f->next);
    set_feed_time(o, "published", f->published);
    set_feed_time(o, "updated", f->updated);
    json_object_set_new(o, "ttl", json_integer(f->ttl));
    json_object_set_new(o, "dropped", json_integer((json_int_t)f->dropped));
    json_object_set_new(o, "malformed", json_boolean(f->malformed));
    return o;
}

static void print_feed_json(const struct feed *f)
{
    json_t *root = json_object(), *entries = json_array();
    for (size_t i = 0; i < f->n_items; i++)
        json_array_append_new(entries, item_json(&f->items[i]));
    json_object_set_new(root, "feed", feed_json(f));
    json_object_set_new(root, "entries", entries);
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
}

static int parse_file(FILE *in, const char *name, const char *url, const char *type)
{
    char piece[65536];
    size_t n;
    struct feed_parser *p = feed_parser_new(url, type);
    while ((n = fread(piece, 1, sizeof piece, in)) > 0)
        feed_parser_push(p, piece, n);
    if (ferror(in)) {
        fprintf(stderr, "storyctl parse: %s: %s\n", name, strerror(errno));
        feed_parser_abandon(p);
        return EXIT_FAILURE;
    }
    struct feed *f;
    enum feed_status status = feed_parser_end(p, &f);
    if (status != FEED_OK) {
        fprintf(stderr, "storyctl parse: %s: %s\n", name, feed_strerror(status));
        return EXIT_FAILURE;
    }
    print_feed_json(f);
    feed_free(f);
    return EXIT_SUCCESS;
}

int parse_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"url", required_argument, NULL, 'u'},
        {"type", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    const char *url = NULL, *type = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'u')
            url = optarg;
        else if (c == 't')
            type = optarg;
        else if (c == 'h')
            return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        else
            return EXIT_USAGE;
    }
    if (!arguments_fit("parse", usage, 1, argc - optind, argv + optind))
        return EXIT_USAGE;
    const char *name = argv[optind];
    if (!strcmp(name, "-"))
        return parse_file(stdin, "standard input", url, type);
    FILE *in = fopen(name, "rb");
    if (!in) {
        fprintf(stderr, "storyctl parse: %s: %s\n", name, strerror(errno));
        return EXIT_FAILURE;
    }
    int status = parse_file(in, name, url, type);
    fclose(in);
    return status;
}
