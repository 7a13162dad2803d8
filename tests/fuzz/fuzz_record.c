/* Records as a damaged store may hold them, a line each: an event, another one, an article. What is
 * wrong in them is passed over. */
#include "store/event_record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *records[N] = {NULL};
    const char *p = (const char *)data, *end = p + size;
    for (size_t i = 0; i < N; i++) {
        const char *stop = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
        size_t n = (size_t)((stop ? stop : end) - p);
        records[i] = json_loadb(p, n, 0, NULL);
        p = stop ? stop + 1 : end;
    }
    if (json_is_object(records[0]) && json_is_object(records[1]) && json_is_object(records[2])) {
        static char guid[] = "g", title[] = "A title", url[] = "http://a.example/1", none[] = "";
        struct feed_article a = {.guid = guid,
                                 .title = title,
                                 .url = url,
                                 .source = none,
                                 .domain = none,
                                 .published = 5};
        struct article_record article;
        struct event_record event, other;
        codec_read(&event_table, records[0], &event);
        codec_read(&event_table, records[1], &other);
        codec_read(&article_table, records[2], &article);
        article_record_seen_in(&article, 7, "g");
        article_record_update(&article, &a, 100);
        event_record_join(&event, &article, 100);
        event_record_copied(&event, &article, 3);
        event_record_lead(&event, &article);
        article_record_take_over(&article, &a, 7);
        free(codec_dump(&article_table, &article));
        event_record_merge(&event, &other, 101);
        event_record_rewritten(&event);
        event_record_finish(&event);
        free(codec_dump(event_table_of(&event), &event));
        event_record_end(&other, 1, 101, 5);
        free(codec_dump(event_table_of(&other), &other));
        codec_free(&article_table, &article);
        codec_free(&event_table, &event);
        codec_free(&event_table, &other);
    }
    for (size_t i = 0; i < N; i++)
        json_decref(records[i]);
    return 0;
}
