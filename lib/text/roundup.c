#include "text/roundup.h"

#include "text/dates.h"
#include "text/words.h"

#include <stddef.h>
#include <string.h>

/* Folded words with one blank between them and around the whole. */
static const char *const frames[] = {
    " live updates ",
    " live update ",
    " updates live ",
    " live blog ",
    " liveblog ",
    " livestream ",
    " live stream ",
    " watch live ",
    " live coverage ",
    " live news ",
    " tracker ",
    " morning briefing ",
    " evening briefing ",
    " monday briefing ",
    " tuesday briefing ",
    " wednesday briefing ",
    " thursday briefing ",
    " friday briefing ",
    " weekend briefing ",
    " evening update ",
    " morning update ",
    " you need to know ",
    " things to know ",
    " top stories ",
    " top reads ",
    " today headlines ",
    " latest update ",
    " daily update ",
    " updates from ",
    " interactive ",
    " what happened today ",
    " as it happened ",
    " the papers ",
    " in pictures ",
    " week in ",
    " photos of the day ",
    " best of ",
    " cartoons ",
    " horoscope ",
    " horoscopes ",
    " quiz ",
    " crossword ",
    " podcast ",
    " newsletter ",
    " today on ",
    " bulletin ",
    " recap ",
    " at a glance ",
    " by the numbers ",
    " liveticker ",
    " newsticker ",
    " newsblog ",
    " im überblick ",
    " der tag ",
    " horoskop ",
    " en direct ",
    " l'essentiel ",
    " revue de presse ",
    " en directo ",
    " en vivo ",
    " última hora ",
    " minuto a minuto ",
    " horóscopo ",
};

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
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        if (p[1] == frames[i][1] && !strncmp(p, frames[i], strlen(frames[i])))
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
        if (begins_frame(blank))
            return true;
    return dated && !begins_as_date(title);
}
