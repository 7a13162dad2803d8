/* Recognises live pages, explainers and roundups by phrases in the title; see roundup.h. The
 * phrases are in the tables here. Used by lib/cluster and lib/digest. */
#include "text/roundup.h"

#include "text/dates.h"
#include "text/words.h"

#include <stddef.h>
#include <string.h>

/* Folded words, with one blank between them and after the last, indexed by the first byte. */
#define FRAMES(...)                                                                                \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
typedef const char *const *const frames[256];

/* Frames of titles about one event or about several. */
static const frames running = {
    ['a'] = FRAMES("as it happened ", "at a glance "),
    ['b'] = FRAMES("by the numbers "),
    ['c'] = FRAMES("ce que l'on sait ", "ce qu'il faut savoir "),
    ['e'] = FRAMES("en direct ", "en directo ", "en vivo "),
    ['h'] = FRAMES("here what ", "here how ", "here why "),
    ['i'] = FRAMES("in pictures ", "im überblick ", "im liveticker ", "in charts "),
    ['l'] = FRAMES("live updates ", "live update ", "live blog ", "liveblog ", "livestream ",
                   "live stream ", "live coverage ", "live news ", "latest update ", "liveticker ",
                   "lo que se sabe ", "lo que sabemos "),
    ['m'] = FRAMES("minuto a minuto ", "minute par minute "),
    ['n'] = FRAMES("newsticker ", "newsblog "),
    ['q'] = FRAMES("qué se sabe ", "que sait on "),
    ['t'] = FRAMES("things to know "),
    ['u'] = FRAMES("updates live ", "updates from "),
    ['w'] = FRAMES("watch live ", "what to know ", "what we know ", "what you need to know ",
                   "was wir wissen ", "was bekannt ist ", "was wir über "),
    ['y'] = FRAMES("you need to know "),
};

static const frames roundups = {
    ['b'] = FRAMES("best of ", "bulletin "),
    ['c'] = FRAMES("cartoons ", "crossword "),
    ['d'] = FRAMES("daily update ", "der tag "),
    ['e'] = FRAMES("evening briefing ", "evening update "),
    ['f'] = FRAMES("friday briefing "),
    ['h'] = FRAMES("horoscope ", "horoscopes ", "horoskop ", "horóscopo "),
    ['i'] = FRAMES("interactive "),
    ['l'] = FRAMES("l'essentiel "),
    ['m'] =
        FRAMES("morning briefing ", "monday briefing ", "morning update ", "more top headlines "),
    ['n'] = FRAMES("newsletter "),
    ['p'] = FRAMES("photos of the day ", "podcast "),
    ['q'] = FRAMES("quiz "),
    ['r'] = FRAMES("recap ", "revue de presse "),
    ['t'] = FRAMES("tracker ", "tuesday briefing ", "thursday briefing ", "top stories ",
                   "top reads ", "today headlines ", "the papers ", "today on "),
    ['w'] = FRAMES("wednesday briefing ", "weekend briefing ", "what happened today ", "week in "),
    [0xc3] = FRAMES("última hora "),
};
#undef FRAMES

/* "28, 2020": a title with its date belongs to a series. */
static bool is_dated(const struct word *before, const struct word *word)
{
    return before->number && before->len <= 2 && word->number && word->len == 4 &&
           (!strncmp(word->text, "19", 2) || !strncmp(word->text, "20", 2));
}

/* Titles that start with a date or an update time have it because of a fault in the feed. */
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

static bool begins_frame(const frames of, const char *p)
{
    const char *const *frame = of[(unsigned char)*p];
    for (; frame && *frame; frame++)
        if (!strncmp(p, *frame, strlen(*frame)))
            return true;
    return false;
}

enum title_frame title_frame(const char *title, unsigned terms)
{
    enum { NAMES_ONE = 3 }; /* minimum number of terms that identify a subject */
    char folded[1024] = " ";
    size_t n = 1;
    bool dated = false, runs = false;
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
    for (const char *blank = folded; blank; blank = strchr(blank + 1, ' ')) {
        if (begins_frame(roundups, blank + 1))
            return FRAME_ROUNDUP;
        runs |= begins_frame(running, blank + 1);
    }
    if (dated && !begins_as_date(title))
        return FRAME_ROUNDUP;
    return !runs ? FRAME_NONE : terms < NAMES_ONE ? FRAME_ROUNDUP : FRAME_RUNNING;
}
