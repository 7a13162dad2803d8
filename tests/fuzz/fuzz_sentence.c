/* A language's code, a title and a text, a line each: sentences keep to their ceilings, lie in the
 * text, and their terms in them. */
#include "digest/sentence.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct langs *langs;

/* All languages, kept where the leak checker sees them: the table of `langs` is no heap to it. */
static void keep_languages(void)
{
    static const struct lang *kept[26][26];
    langs = langs_new();
    for (int a = 0; a < 26; a++)
        for (int b = 0; b < 26; b++)
            kept[a][b] = langs_get(langs, (char[]){(char)('a' + a), (char)('a' + b), 0});
    (void)kept;
}

static void check(const struct sentences *s)
{
    if (s->n > SENTENCE_MOST)
        abort();
    for (size_t i = 0; i < s->n; i++) {
        const struct sentence *one = &s->v[i];
        if (!one->n || one->n > SENTENCE_MAX_TEXT || one->n_terms > SENTENCE_TERMS ||
            !utf8_valid(one->text, one->n) || (i && one->at <= s->v[i - 1].at))
            abort();
        for (size_t k = 0; k < one->n_terms; k++)
            if (one->terms[k].at + one->terms[k].n > one->n)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    if (!langs)
        keep_languages();
    if (size < 2 || memchr(bytes, 0, size) || !utf8_valid(bytes, size))
        return 0;
    char *text = mem_strn(bytes, size), *title = strchr(text, '\n'), *body = NULL;
    if (title) {
        *title++ = 0;
        body = strchr(title, '\n');
    }
    if (body)
        *body++ = 0;
    struct sentences s;
    sentences_of(langs_get(langs, text), title, body, &s);
    check(&s);
    sentences_free(&s);
    free(text);
    return 0;
}
