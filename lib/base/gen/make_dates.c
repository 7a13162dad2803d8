/* Writes a C table of the names of months and days of the week in all languages that ICU knows, for
 * inclusion by date_name.c. It runs at build time; storyd itself does not need ICU.
 *
 * A row has a name folded by date_fold(), its value (a month from 1 to 12, a day of the week from
 * 0, Monday), and the languages that use it. A name with two meanings in two languages has two
 * rows; one that is ambiguous within a language is omitted for that language. */
#include "base/date_fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { MAX_ROWS = 60000, MAX_NAME = 120, MAX_LANG = 12 };

struct row {
    char name[MAX_NAME];
    int value;
    char lang[MAX_LANG];
};

struct table {
    const char *name;
    struct row *rows;
    size_t n;
};

/* Names that ICU lacks: other spellings, abbreviations of other sources, case endings. A case
 * ending is needed only if the stem changes before it; otherwise the name is found as a prefix. */
static const struct row more_months[] = {
    {"jänner", 1, "de"},     {"jaenner", 1, "de"},     {"mrz", 3, "de"},
    {"maerz", 3, "de"},      {"pebruari", 2, "id"},    {"peb", 2, "id"},
    {"agt", 8, "id"},        {"ags", 8, "id"},         {"agust", 8, "id"},
    {"nop", 11, "id"},       {"nopember", 11, "id"},   {"μαω", 3, "el"},
    {"ιον", 6, "el"},        {"ιολ", 7, "el"},         {"máujus", 5, "hu"},
    {"fabruar", 2, "gsw"},   {"januarja", 1, "sl"},    {"februarja", 2, "sl"},
    {"marca", 3, "sl"},      {"aprila", 4, "sl"},      {"maja", 5, "sl"},
    {"junija", 6, "sl"},     {"julija", 7, "sl"},      {"avgusta", 8, "sl"},
    {"septembra", 9, "sl"},  {"oktobra", 10, "sl"},    {"novembra", 11, "sl"},
    {"decembra", 12, "sl"},  {"januara", 1, "sr"},     {"februara", 2, "sr"},
    {"marta", 3, "sr"},      {"aprila", 4, "sr"},      {"maja", 5, "sr"},
    {"juna", 6, "sr"},       {"jula", 7, "sr"},        {"avgusta", 8, "sr"},
    {"septembra", 9, "sr"},  {"oktobra", 10, "sr"},    {"novembra", 11, "sr"},
    {"decembra", 12, "sr"},  {"јануара", 1, "sr"},     {"фебруара", 2, "sr"},
    {"марта", 3, "sr"},      {"априла", 4, "sr"},      {"маја", 5, "sr"},
    {"јуна", 6, "sr"},       {"јула", 7, "sr"},        {"августа", 8, "sr"},
    {"септембра", 9, "sr"},  {"октобра", 10, "sr"},    {"новембра", 11, "sr"},
    {"децембра", 12, "sr"},  {"studeni", 11, "hr"},    {"urtarrilaren", 1, "eu"},
    {"otsailaren", 2, "eu"}, {"martxoaren", 3, "eu"},  {"apirilaren", 4, "eu"},
    {"maiatzaren", 5, "eu"}, {"ekainaren", 6, "eu"},   {"uztailaren", 7, "eu"},
    {"abuztuaren", 8, "eu"}, {"irailaren", 9, "eu"},   {"urriaren", 10, "eu"},
    {"azaroaren", 11, "eu"}, {"abenduaren", 12, "eu"}, {"čen", 6, "cs"},
    {"čec", 7, "cs"},        {"jui", 7, "fr"},         {"genièr", 1, "oc"},
    {"febrièr", 2, "oc"},    {"julhet", 7, "oc"},      {"janvye", 1, "ht"},
    {"fevriye", 2, "ht"},    {"jiyè", 7, "ht"},        {"septanm", 9, "ht"},
    {"oktòb", 10, "ht"},     {"novanm", 11, "ht"},     {"desanm", 12, "ht"},
};

/* Languages with hardly any feeds. Their names count if the feed declares the language; otherwise
 * only if no other language has the name or a longer one that starts with it, so that they never
 * make a name of another language ambiguous. */
static const char rare[] =
    " agq asa bas bem bez brx cgg dav dje dua dyo ebu ee ewo ff guz jgo jmc kam kde kgp khq kkj kln"
    " ksb ksf ksh lag lg lkt lrc lu luo luy mas mer mfe mgh mgo mua naq nd nmg nnh nus nyn rof rwk"
    " saq sbp seh ses sg shi teo twq tzm vai vun wae xog yav yrl zgh ";

static void fail(const char *what, const char *about)
{
    fprintf(stderr, "dates: %s: %s\n", what, about);
    exit(1);
}

static void add_table_row(struct table *t, const char *name, size_t n, int value, const char *lang)
{
    if (n >= MAX_NAME || strlen(lang) >= MAX_LANG)
        fail("name exceeds MAX_NAME or language MAX_LANG", name);
    if (t->n >= MAX_ROWS)
        fail("too many names; increase MAX_ROWS", t->name);
    struct row *r = &t->rows[t->n++];
    *r = (struct row){.value = value};
    memcpy(r->name, name, n);
    memcpy(r->lang, lang, strlen(lang) + 1);
}

/* Adds a name's words, separated by single blanks. Names with digits are skipped because they are
 * read as numbers, and so are single characters: in Chinese the words for month and day are also
 * days of the week. */
static void add_date_name(struct table *t, const char *name, int value, const char *lang)
{
    char text[DATE_TEXT], words[2 * DATE_TEXT] = "", in[2 * DATE_TEXT + 2];
    size_t count = 0, n = 0, length;
    if (!date_fold(name, strlen(name), text) || text[strcspn(text, "0123456789")])
        return;
    for (const char *p = text; *p; p += length ? length : 1)
        if ((length = date_word(p)))
            n += (size_t)snprintf(words + n, sizeof words - n, "%s%.*s", count++ ? " " : "",
                                  (int)length, p);
    if (count > DATE_WORDS)
        fail("too many words; increase DATE_WORDS", name);
    if (date_characters(words) > 1)
        add_table_row(t, words, n, value, lang);
    if (!strcmp(lang, "he")) { /* "in August" is one word in Hebrew */
        snprintf(in, sizeof in, "ב%s", words);
        add_table_row(t, in, strlen(in), value, lang);
    }
}

static void add_symbols(struct table *t, UDateFormat *format, UDateFormatSymbolType type,
                        const char *lang, int first, int count)
{
    for (int i = 0; i < count; i++) {
        UErrorCode error = U_ZERO_ERROR;
        UChar wide[MAX_NAME];
        char name[4 * MAX_NAME];
        /* ICU counts months from 0 and days from Sunday, which is 1 */
        udat_getSymbols(format, type, i + first, wide, MAX_NAME, &error);
        u_strToUTF8(name, sizeof name, NULL, wide, -1, &error);
        if (U_FAILURE(error))
            fail(u_errorName(error), lang);
        add_date_name(t, name, first ? (i + 6) % 7 : i + 1, lang);
    }
}

static void add_locale(struct table *months, struct table *days, const char *locale)
{
    static const UDateFormatSymbolType of_months[] = {
        UDAT_MONTHS, UDAT_SHORT_MONTHS, UDAT_STANDALONE_MONTHS, UDAT_STANDALONE_SHORT_MONTHS};
    static const UDateFormatSymbolType of_days[] = {
        UDAT_WEEKDAYS,
        UDAT_SHORT_WEEKDAYS,
        UDAT_SHORTER_WEEKDAYS,
        UDAT_STANDALONE_WEEKDAYS,
        UDAT_STANDALONE_SHORT_WEEKDAYS,
        UDAT_STANDALONE_SHORTER_WEEKDAYS,
    };
    static const UChar pattern[] = {'d', 0};
    char id[ULOC_FULLNAME_CAPACITY], lang[ULOC_LANG_CAPACITY];
    UErrorCode error = U_ZERO_ERROR;
    snprintf(id, sizeof id, "%s@calendar=gregorian", locale);
    uloc_getLanguage(locale, lang, sizeof lang, &error);
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, id, NULL, 0, pattern, 1, &error);
    if (U_FAILURE(error))
        fail(u_errorName(error), locale);
    for (size_t i = 0; i < sizeof of_months / sizeof *of_months; i++)
        add_symbols(months, format, of_months[i], lang, 0, 12);
    for (size_t i = 0; i < sizeof of_days / sizeof *of_days; i++)
        add_symbols(days, format, of_days[i], lang, UCAL_SUNDAY, 7);
    udat_close(format);
}

static int by_name_and_value(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (!order)
        order = x->value - y->value;
    return order ? order : strcmp(x->lang, y->lang);
}

static int is_rare(const char *lang)
{
    char word[MAX_LANG + 2];
    snprintf(word, sizeof word, " %s ", lang);
    return strstr(rare, word) != NULL;
}

/* Whether the row's language, among `n` rows of one name, also has the name for another value.
 * English, the language of RFC 822 and most feeds, overrides all others. */
static int contradicted(const struct row *rows, size_t n, const struct row *r)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].value != r->value &&
            (!strcmp(rows[i].lang, r->lang) || !strcmp(rows[i].lang, "en")))
            return 1;
    return 0;
}

static void write_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0, end; i < n; i = end) {
        char langs[4096] = " ";
        size_t used = 1;
        int common = 0;
        for (end = i; end < n && rows[end].value == rows[i].value; end++) {
            if ((end > i && !strcmp(rows[end].lang, rows[end - 1].lang)) ||
                contradicted(rows, n, &rows[end]))
                continue;
            used += (size_t)snprintf(langs + used, sizeof langs - used, "%s ", rows[end].lang);
            common |= !is_rare(rows[end].lang);
        }
        if (used > 1)
            printf("    {\"%s\", %d, %s, \"%s\"},\n", rows[i].name, rows[i].value,
                   common ? "true" : "false", langs);
    }
}

/* Whether English has the name. A month whose name is also an English day of the week would be
 * misread before the day of any date. */
static int is_english(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(t->rows[i].lang, "en") && !strcmp(t->rows[i].name, name))
            return 1;
    return 0;
}

/* Omits names that English has in the table `other`, which may be NULL. */
static void write_table(struct table *t, const struct table *other)
{
    qsort(t->rows, t->n, sizeof *t->rows, by_name_and_value);
    printf("static const struct name %s[] = {\n", t->name);
    for (size_t i = 0, end; i < t->n; i = end) {
        for (end = i; end < t->n && !strcmp(t->rows[end].name, t->rows[i].name); end++)
            ;
        if (!other || !is_english(other, t->rows[i].name))
            write_rows(t->rows + i, end - i);
    }
    printf("};\n");
}

int main(void)
{
    struct table months = {"months", calloc(MAX_ROWS, sizeof(struct row)), 0};
    struct table days = {"weekdays", calloc(MAX_ROWS, sizeof(struct row)), 0};
    if (!months.rows || !days.rows)
        fail("out of memory", "rows");
    for (int32_t i = 0; i < uloc_countAvailable(); i++)
        add_locale(&months, &days, uloc_getAvailable(i));
    for (size_t i = 0; i < sizeof more_months / sizeof *more_months; i++)
        add_date_name(&months, more_months[i].name, more_months[i].value, more_months[i].lang);
    write_table(&months, &days);
    write_table(&days, NULL);
    free(months.rows);
    free(days.rows);
    return 0;
}
