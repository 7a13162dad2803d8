#include "text/roundup.h"

#include "text/dates.h"
#include "text/words.h"

#include <stddef.h>
#include <string.h>

/* Folded words with one blank between them and after the last, by their first byte. */
#define FRAMES(...)                                                                                \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
static const char *const *const frames[256] = {
    ['a'] = FRAMES("as it happened ", "at a glance "),
    ['b'] = FRAMES("best of ", "bulletin ", "by the numbers "),
    ['c'] = FRAMES("cartoons ", "crossword "),
    ['d'] = FRAMES("daily update ", "der tag "),
    ['e'] = FRAMES("evening briefing ", "evening update ", "en direct ", "en directo ", "en vivo "),
    ['f'] = FRAMES("friday briefing "),
    ['h'] = FRAMES("horoscope ", "horoscopes ", "horoskop ", "horóscopo "),
    ['i'] = FRAMES("interactive ", "in pictures ", "im überblick "),
    ['l'] = FRAMES("live updates ", "live update ", "live blog ", "liveblog ", "livestream ",
                   "live stream ", "live coverage ", "live news ", "latest update ", "liveticker ",
                   "l'essentiel "),
    ['m'] = FRAMES("morning briefing ", "monday briefing ", "morning update ", "minuto a minuto "),
    ['n'] = FRAMES("newsletter ", "newsticker ", "newsblog "),
    ['p'] = FRAMES("photos of the day ", "podcast "),
    ['q'] = FRAMES("quiz "),
    ['r'] = FRAMES("recap ", "revue de presse "),
    ['t'] = FRAMES("tracker ", "tuesday briefing ", "thursday briefing ", "things to know ",
                   "top stories ", "top reads ", "today headlines ", "the papers ", "today on "),
    ['u'] = FRAMES("updates live ", "updates from "),
    ['w'] = FRAMES("watch live ", "wednesday briefing ", "weekend briefing ",
                   "what happened today ", "week in "),
    ['y'] = FRAMES("you need to know "),
    [0xc3] = FRAMES("última hora "),
};
#undef FRAMES

/* "28, 2020": a title that bears its date is one of a series. */
static bool is_dated(const struct word *before, const struct word *word)
{
    return before->number && before->len <= 2 && word->number && word->len == 4 &&
           (!strncmp(word->text, "19", 2) || !strncmp(word->text, "20", 2));
}

/* A title that begins with a date, or with when it was changed, is one by a fault of the feed. */
static bool begins_as_date(const char *title)
{
    struct words w;
    struct word first, second;
    words_init(&w, title, strlen(title));
    if (!words_next(&w, &first) || !words_next(&w, &second))
        return false;
    return word_is_date(NULL, &first, &second) || !strcmp(first.text, "updated") ||
           !strcmp(first.text, "posted") || !strcmp(first.text, "published");
}

static bool begins_frame(const char *p)
{
    const char *const *frame = frames[(unsigned char)*p];
    for (; frame && *frame; frame++)
        if (!strncmp(p, *frame, strlen(*frame)))
            return true;
    return false;
}

bool title_is_roundup(const char *title)
{
    char folded[1024] = " ";
    size_t n = 1;
    bool dated = false;
    struct words w;
    struct word word, before = {0};
    words_init(&w, title, strlen(title));
    while (words_next(&w, &word) && n + word.len + 2 < sizeof folded) {
        dated |= is_dated(&before, &word);
        before = word;
        memcpy(folded + n, word.text, word.len);
        n += word.len;
        folded[n++] = ' ';
        folded[n] = 0;
    }
    for (const char *blank = folded; blank; blank = strchr(blank + 1, ' '))
        if (begins_frame(blank + 1))
            return true;
    return dated && !begins_as_date(title);
}
