/* Stores and reads the texts of pages; see full_text.h. Called by ingest. */
#include "store/full_text.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Precedes the text. */
struct text_head {
    int64_t seen;
    int32_t show;
    uint32_t unused;
};
_Static_assert(sizeof(struct text_head) == STORE_FULL_TEXT_HEAD, "the size that the check expects");

int full_text_put(struct store *s, uint64_t article, const struct full_text *text)
{
    const struct text_head head = {.seen = text->seen, .show = text->show};
    struct buf b;
    buf_init(&b, sizeof head + FULL_TEXT_MOST);
    buf_add(&b, &head, sizeof head);
    size_t n = strlen(text->text);
    buf_add(&b, text->text, n > FULL_TEXT_MOST ? utf8_cut(text->text, FULL_TEXT_MOST) : n);
    int error = store_put_u64(s, STORE_FULL_TEXTS, article, b.p, b.len);
    buf_free(&b);
    return error;
}

int full_text_get(struct store *s, uint64_t article, struct full_text *out)
{
    struct store_value v;
    struct text_head head;
    int error = store_get_u64(s, STORE_FULL_TEXTS, article, &v);
    if (error)
        return error;
    if (v.n < sizeof head)
        return STORE_CORRUPT;
    memcpy(&head, v.p, sizeof head);
    *out = (struct full_text){.seen = head.seen,
                              .show = head.show,
                              .text = mem_strn((const char *)v.p + sizeof head, v.n - sizeof head)};
    return 0;
}

int full_text_drop(struct store *s, uint64_t article)
{
    int error = store_delete_u64(s, STORE_FULL_TEXTS, article);
    return error == STORE_NOT_FOUND ? 0 : error;
}

int full_text_best(struct store *s, const struct article_record *article, char **text,
                   int32_t *show)
{
    struct full_text full = {0};
    int error = full_text_get(s, article->number, &full);
    if (!error && full.show != 0) {
        *text = full.text;
        *show = full.show;
        return 0;
    }
    free(full.text);
    if (error && error != STORE_NOT_FOUND)
        return error;
    const char *body = article_body(article);
    size_t n = strlen(body), standing = article->standing;
    *text = mem_strn(body, standing <= n ? n - standing : n);
    *show = -1;
    return 0;
}
