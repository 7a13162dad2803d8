/* The texts of articles' pages. They are private, for grouping and for quoting single sentences; no
 * client receives one whole. Each is kept while its article is in the window, and for keep_text in
 * [store]. Errors are those of store_strerror(). */
#ifndef STORE_FULL_TEXT_H
#define STORE_FULL_TEXT_H

#include "store/article_record.h"
#include "store/store.h"

#include <stdint.h>

enum { FULL_TEXT_MOST = 48 << 10 /* bytes; a longer text is cut at a character boundary */ };

struct full_text {
    int64_t seen; /* when the article was seen, seconds since 1970 */
    int32_t show; /* most consecutive characters that may be shown: 0: none; -1: no limit */
    char *text;   /* plain valid UTF-8 */
};

int full_text_put(struct store *s, uint64_t article, const struct full_text *text);
/* STORE_NOT_FOUND: there is none. The caller frees the text. */
int full_text_get(struct store *s, uint64_t article, struct full_text *out);
int full_text_drop(struct store *s, uint64_t article); /* 0 also when there is none */

/* The best text of an article, freed by the caller: its page's, if that may be shown, else its
 * feed's without the publisher's standing text. `show` as above. */
int full_text_best(struct store *s, const struct article_record *article, char **text,
                   int32_t *show);

#endif
