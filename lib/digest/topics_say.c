/* Sums the topics of an event's articles. One of the parts that digest.c calls. */
#include "digest/view.h"

#include <string.h>

/* Copies add no evidence of their own; the first article may be a copy of one that has left the
 * window. */
void topics_say(const struct digest_view *v, struct digest *out)
{
    struct topic_shares sum = {{0}};
    size_t of[TOPICS_OF_EVENT];
    for (size_t i = 0; i < v->n; i++)
        for (size_t k = 0; k < TOPICS && (i == 0 || !v->articles[i].copy_of); k++)
            sum.of[k] += v->topics[i].of[k];
    size_t n = topics_choose(&sum, of);
    for (size_t i = 0; i < n; i++)
        codec_add_text(&out->categories, topic_name(of[i]), strlen(topic_name(of[i])));
}
