/* Reads a store of storyd: the latest events with their sources, an event by its number, and what
 * has changed since a cursor.
 *
 *     cc -o reader reader.c $(pkg-config --cflags --libs libstory)
 *     ./reader /var/lib/storyd [EVENT [SEQ]]
 *
 * It is C99 and C++. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <story.h>

static void print_event(story_view *view, const struct story_entry *event)
{
    char title[200];
    int64_t sources = 0;
    if (story_text(event, "title", title, sizeof title))
        title[0] = 0;
    story_integer(event, "source_count", &sources);
    printf("%" PRIu64 ": %s [%" PRId64 " sources]\n", event->number, title, sources);

    /* the field sources is an array: that takes a JSON parser. Without one, ask the articles. */
    story_list *articles;
    struct story_entry article;
    int error = story_articles_of(view, event->number, &articles);
    while (!error && !(error = story_next(articles, &article))) {
        char url[500];
        if (story_text(&article, "url", url, sizeof url) == 0)
            printf("    %s\n", url);
    }
    story_list_free(articles);
}

static int print_latest(story_view *view, int most)
{
    story_list *events;
    struct story_entry event;
    int error = story_events(view, &events);
    for (int i = 0; !error && i < most && !(error = story_next(events, &event)); i++)
        print_event(view, &event);
    story_list_free(events);
    return error == STORY_END ? 0 : error;
}

/* A number once given leads to its story for ever. */
static int print_one(story_view *view, uint64_t number)
{
    struct story_entry event;
    int error = story_event(view, number, &event);
    if (error)
        return error;
    if (event.number != number)
        printf("event %" PRIu64 " was merged into %" PRIu64 "\n", number, event.number);
    print_event(view, &event);
    return 0;
}

/* What came after change *seq, which is moved on: keep it, and ask again later. A page at a time,
 * so that a view is short. */
static int print_changes(story_view *view, uint64_t *seq, int most)
{
    story_list *changes;
    struct story_entry change;
    int error = story_changes_since(view, *seq, &changes);
    for (int i = 0; !error && i < most && !(error = story_next(changes, &change)); i++) {
        char kind[32];
        if (story_text(&change, "kind", kind, sizeof kind) == 0)
            printf("change %" PRIu64 ": event %" PRIu64 " %s\n", change.seq, change.number, kind);
        *seq = change.seq;
    }
    story_list_free(changes);
    return error == STORY_END ? 0 : error;
}

int main(int argc, char **argv)
{
    story_db *db;
    story_view *view;
    if (argc < 2) {
        fprintf(stderr, "usage: reader STORE [EVENT [SEQ]]\n");
        return 2;
    }
    int error = story_open(argv[1], &db);
    if (error) {
        fprintf(stderr, "%s: %s\n", argv[1], story_strerror(error));
        return 1;
    }
    error = story_view_begin(db, &view);
    if (!error) {
        uint64_t last = story_last_seq(view), seq = last > 10 ? last - 10 : 0;
        if (argc > 3)
            seq = strtoull(argv[3], NULL, 10);
        error = print_latest(view, 10);
        if (!error && argc > 2)
            error = print_one(view, strtoull(argv[2], NULL, 10));
        if (!error)
            error = print_changes(view, &seq, 1000);
        if (!error)
            printf("the cursor is now %" PRIu64 "\n", seq);
        story_view_end(view);
    }
    story_close(db);
    if (error)
        fprintf(stderr, "%s: %s\n", argv[1], story_strerror(error));
    return error ? 1 : 0;
}
