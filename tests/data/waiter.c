/* Waits for new events on given words and prints them, until there are enough.
 *
 *     cc -o waiter waiter.c $(pkg-config --cflags --libs libstory)
 *     ./waiter /var/lib/storyd WORDS HOW_MANY
 *
 * It is C99 and C++. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <story.h>
#include <unistd.h>

static void must(int error)
{
    if (error) {
        fprintf(stderr, "%s\n", story_strerror(error));
        exit(1);
    }
}

/* How many of the events that the filter wants were updated after `seq`, which is moved on. */
static int print_new(story_db *db, const struct story_filter *filter, uint64_t *seq)
{
    story_view *view;
    story_list *list;
    struct story_entry event;
    char title[200];
    int n = 0, error;
    must(story_view_begin(db, &view));
    must(story_events_where(view, filter, &list));
    for (; !(error = story_next(list, &event)) && event.seq > *seq; n++)
        if (story_text(&event, "title", title, sizeof title) == 0)
            printf("%" PRIu64 " %s\n", event.number, title);
    if (error && error != STORY_END)
        must(error);
    *seq = story_last_seq(view);
    story_list_free(list);
    story_view_end(view);
    fflush(stdout);
    return n;
}

int main(int argc, char **argv)
{
    story_db *db;
    uint64_t seq = 0;
    struct pollfd loop = {-1, POLLIN, 0};
    struct story_filter filter = {0, 0, NULL, NULL, NULL, NULL, NULL};
    if (argc != 4) {
        fprintf(stderr, "usage: %s STORE WORDS HOW_MANY\n", argv[0]);
        return 2;
    }
    filter.words = argv[2];
    must(story_open(argv[1], &db));
    must(story_watch(db, &loop.fd));
    for (int left = atoi(argv[3]) - print_new(db, &filter, &seq); left > 0;) {
        if (poll(&loop, 1, 30000) != 1)
            return 1; /* nothing came */
        story_watched(loop.fd);
        left -= print_new(db, &filter, &seq);
    }
    close(loop.fd);
    story_close(db);
    return 0;
}
