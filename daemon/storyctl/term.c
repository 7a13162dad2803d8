/* Prints texts of feeds safely to a terminal, and tables; see term.h. All commands use it. */
#include "storyctl/term.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <utf8proc.h>

/* ---- texts ---------------------------------------------------------------------------------- */

/* What is printed for the next character, at most four bytes; returns its columns. */
static size_t next_printed(const char **p, const char *end, const char **text, size_t *n)
{
    uint32_t c;
    const char *at = *p;
    size_t length = utf8_decode(at, end, &c);
    *p += length ? length : 1;
    *text = length ? at : "?";
    *n = length ? length : 1;
    if (length && utf8_unsafe(c)) {
        *text = " ";
        *n = c == '\n' || c == '\t';
        return *n;
    }
    return length ? (size_t)utf8proc_charwidth((utf8proc_int32_t)c) : 1;
}

static size_t columns_of_text(const char *text)
{
    const char *end = text + strlen(text), *printed;
    size_t columns = 0, n;
    while (text < end)
        columns += next_printed(&text, end, &printed, &n);
    return columns;
}

void term_print(FILE *to, const char *text)
{
    const char *end = text + strlen(text), *printed;
    size_t n;
    while (text < end) {
        next_printed(&text, end, &printed, &n);
        fwrite(printed, 1, n, to);
    }
}

void term_text(const char *text)
{
    term_print(stdout, text);
}

/* In at most `width` columns, with an ellipsis if cut; returns the columns. */
static size_t print_cut(const char *text, size_t width)
{
    const char *end = text + strlen(text), *printed;
    size_t columns = 0, n, all = columns_of_text(text);
    if (all <= width) {
        term_text(text);
        return all;
    }
    while (width > 0) {
        size_t next = next_printed(&text, end, &printed, &n);
        if (columns + next > width - 1) {
            fputs("\xe2\x80\xa6", stdout);
            return columns + 1;
        }
        fwrite(printed, 1, n, stdout);
        columns += next;
    }
    return 0;
}

/* In a column, the time gives way to another year. */
static const char *local_time(int64_t seconds, bool column, char out[32])
{
    time_t t = (time_t)seconds, now = wall_clock();
    struct tm tm, today;
    if (!seconds || !localtime_r(&t, &tm) || !localtime_r(&now, &today))
        snprintf(out, 32, "-");
    else
        strftime(out, 32,
                 tm.tm_year == today.tm_year ? "%e %b %H:%M"
                 : column                    ? "%e %b  %Y"
                                             : "%e %b %Y %H:%M",
                 &tm);
    return out;
}

const char *term_time(int64_t seconds, char out[32])
{
    return local_time(seconds, false, out);
}

/* ---- colours -------------------------------------------------------------------------------- */

bool term_has_color(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static void set_style(enum term_style style, bool color)
{
    static const char *const codes[] = {"0", "1", "31", "2"}; /* ECMA-48, SGR */
    if (color)
        printf("\033[%sm", codes[style]);
}

void term_styled(const char *text, enum term_style style, bool color)
{
    color &= style != TERM_PLAIN;
    set_style(style, color);
    term_text(text);
    set_style(TERM_PLAIN, color);
}

/* ---- tables --------------------------------------------------------------------------------- */

static size_t terminal_width(void)
{
    enum { LEAST = 40, USUAL = 80, MOST = 300 };
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width <= 0)
        width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? USUAL : size.ws_col;
    return width < LEAST ? LEAST : width > MOST ? MOST : (size_t)width;
}

struct term_table term_table(const struct term_column *columns, bool color)
{
    struct term_table t = {.columns = columns, .terminal = terminal_width(), .color = color};
    while (columns[t.n].title)
        t.n++;
    return t;
}

static bool is_narrow(const struct term_table *t, size_t i)
{
    return t->terminal && t->terminal < t->columns[i].wide;
}

static bool is_column_shown(const struct term_table *t, size_t i)
{
    return !is_narrow(t, i) || t->columns[i].narrow;
}

static bool is_last(const struct term_table *t, size_t i)
{
    for (size_t k = i + 1; k < t->n; k++)
        if (is_column_shown(t, k))
            return false;
    return true;
}

static void fill(struct term_table *t, size_t blanks)
{
    printf("%*s", (int)blanks, "");
    t->used += blanks;
}

/* Begins a cell; false if its column is left out. *room: SIZE_MAX if it is not cut. */
static bool begin_cell(struct term_table *t, size_t *width, size_t *room)
{
    const struct term_column *c = &t->columns[t->at];
    if (!is_column_shown(t, t->at))
        return false;
    if (t->used)
        fill(t, 2);
    *width = is_narrow(t, t->at) ? c->narrow : c->width;
    *room = *width;
    if (is_last(t, t->at)) {
        *width = 0;
        *room = t->terminal > t->used ? t->terminal - t->used : 1;
    }
    if (!t->terminal || c->right || c->whole)
        *room = SIZE_MAX;
    return true;
}

static void end_cell(struct term_table *t, bool shown)
{
    if (shown && is_last(t, t->at)) {
        putchar('\n');
        t->used = 0;
    }
    t->at = (t->at + 1) % t->n;
}

void term_cell(struct term_table *t, const char *text, enum term_style style)
{
    size_t width, room;
    bool shown = begin_cell(t, &width, &room), right = t->columns[t->at].right;
    if (shown) {
        size_t columns = columns_of_text(text);
        size_t printed = columns < room ? columns : room;
        size_t blanks = width > printed ? width - printed : 0;
        if (right)
            fill(t, blanks);
        set_style(style, t->color && style);
        size_t n = print_cut(text, room);
        set_style(TERM_PLAIN, t->color && style);
        t->used += n;
        if (!right && width > n)
            fill(t, width - n);
    }
    end_cell(t, shown);
}

void term_titles(struct term_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        term_cell(t, t->columns[i].title, TERM_HEAD);
}

void term_number(struct term_table *t, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, number);
    term_cell(t, number < 0 ? "-" : text, TERM_PLAIN);
}

void term_date(struct term_table *t, int64_t time)
{
    char text[32];
    term_cell(t, local_time(time, true, text), TERM_PLAIN);
}

void term_marked(struct term_table *t, const char *text, const char *marks)
{
    size_t width, room, wanted = columns_of_text(marks);
    bool shown = begin_cell(t, &width, &room);
    if (shown) {
        size_t least = room / 2, most = room > wanted ? room - wanted : 0;
        size_t n = print_cut(text, most > least ? most : least);
        set_style(TERM_FAINT, t->color && *marks);
        print_cut(marks, room - n);
        set_style(TERM_PLAIN, t->color && *marks);
    }
    end_cell(t, shown);
}
