/* Prints texts of feeds safely to a terminal; see term.h. All commands use it. */
#include "storyctl/term.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <utf8proc.h>

size_t term_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
        return 0;
    return size.ws_col;
}

static void print_clean(FILE *to, const char *p, const char *end)
{
    uint32_t c;
    for (size_t n; p < end; p += n ? n : 1) {
        n = utf8_decode(p, end, &c);
        if (n && !utf8_unsafe(c))
            fwrite(p, 1, n, to);
        else if (!n)
            putc('?', to);
        else if (c == '\n' || c == '\t')
            putc(' ', to);
    }
}

void term_print(FILE *to, const char *text)
{
    print_clean(to, text, text + strlen(text));
}

void term_text(const char *text, size_t width, size_t pad)
{
    const char *end = text + strlen(text), *cut = NULL;
    size_t columns = 0, cut_columns = 0;
    for (const char *p = text; p < end;) {
        uint32_t c;
        size_t n = utf8_decode(p, end, &c);
        size_t wide = n && !utf8_unsafe(c) ? (size_t)utf8proc_charwidth((utf8proc_int32_t)c)
                      : n                  ? 0
                                           : 1;
        if (width && !cut && columns + wide > width - 1) {
            cut = p;
            cut_columns = columns;
        }
        columns += wide;
        p += n ? n : 1;
    }
    bool is_cut = width && columns > width;
    if (!is_cut)
        cut = end;
    print_clean(stdout, text, cut);
    if (is_cut) {
        fputs("\xe2\x80\xa6", stdout);
        columns = cut_columns + 1;
    }
    for (; columns < pad; columns++)
        putchar(' ');
}

const char *term_time(int64_t seconds, char out[32])
{
    time_t t = (time_t)seconds, now = wall_clock();
    struct tm tm, today;
    if (!seconds || !localtime_r(&t, &tm) || !localtime_r(&now, &today))
        snprintf(out, 32, "-");
    else
        strftime(out, 32, tm.tm_year == today.tm_year ? "%e %b %H:%M" : "%e %b %Y %H:%M", &tm);
    return out;
}
