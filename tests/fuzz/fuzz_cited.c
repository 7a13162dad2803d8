/* What a server of a model answers: whatever it is, no more comes of it than there is room for, and
 * each statement cites sentences that there are. */
#include "digest/cited.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct langs *langs;
static struct rarity *rarity;
static struct prompt prompt;

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

static void set_up(void)
{
    static const struct digest_article article = {
        .number = 7,
        .title = "Ferry Alda runs aground off Port Lumen",
        .text = "The ferry Alda ran aground off Port Lumen on Monday with 212 passengers aboard. "
                "Tugboats from Brisa pulled the ship free in the evening.",
        .lang = "en",
        .domain = "gazette.example",
        .source = "Gazette",
        .url = "https://gazette.example/1"};
    struct sentences s;
    const struct sentences *all[] = {&s};
    keep_languages();
    rarity = rarity_new(langs, 3, 400);
    sentences_of(langs_get(langs, "en"), article.title, article.text, &s);
    const struct digest_view v = {
        .rarity = rarity, .title = article.title, .articles = &article, .texts = all, .n = 1};
    prompt_of(&v, "en", &prompt);
    sentences_free(&s);
}

static void check(const struct codec_list *list, size_t most)
{
    const struct digest_statement *v = list->v;
    if (list->n > most)
        abort();
    for (size_t i = 0; i < list->n; i++)
        if (!v[i].cites.n || v[i].cites.n > CITED_SENTENCES || v[i].article != 7 ||
            !utf8_valid(v[i].text, strlen(v[i].text)) || strlen(v[i].text) > CITED_TEXT ||
            strchr(v[i].text, '\n'))
            abort();
}

static void read_text(const char *text)
{
    struct digest d;
    size_t dropped[CITED_REASON_COUNT];
    const struct cited_rules rules = {
        .lang = langs_get(langs, "en"), .rarity = rarity, .by = "m", .parts = 7};
    if (!cited_read(text, &prompt, &rules, &d, dropped))
        return;
    check(&d.summary, DIGEST_BULLETS);
    check(&d.details, DIGEST_DETAILS);
    check(&d.meaning, DIGEST_MEANING);
    codec_free(&digest_table, &d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cited_answer a;
    if (!langs)
        set_up();
    if (cited_answer((const char *)data, size, &a))
        read_text(a.text);
    free(a.text);
    char *text = mem_strn((const char *)data, size);
    if (!memchr(text, 0, size))
        read_text(text);
    free(text);
    return 0;
}
