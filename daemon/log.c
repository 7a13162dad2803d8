/* Formats and writes log lines; the message and the pairs are the caller's. */
#include "log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 4096 };

static const struct {
    const char *name;
    int level;
} levels[] = {
    {"error", LOG_ERR}, {"warning", LOG_WARNING}, {"info", LOG_INFO}, {"debug", LOG_DEBUG}};

/* Process-wide: every line is checked against it. */
static int64_t most = LOG_INFO;

bool log_level_by_name(const char *name, int64_t *level)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (!strcmp(levels[i].name, name)) {
            *level = levels[i].level;
            return true;
        }
    return false;
}

void log_set_level(int64_t level)
{
    most = level;
}

static bool is_plain_text(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text == '"' || *text == '=' || *text == '\\' || *text == 0x7f)
            return false;
    return true;
}

static void add_log_text(struct buf *b, const char *text)
{
    if (is_plain_text(text)) {
        buf_adds(b, text);
        return;
    }
    buf_addc(b, '"');
    escape_text(b, ESCAPE_LOG, text);
    buf_addc(b, '"');
}

static void add_line_head(struct buf *b, int level)
{
    if (getenv("JOURNAL_STREAM")) {
        buf_addf(b, "<%d>", level);
        return;
    }
    size_t i = 0;
    while (levels[i].level != level)
        i++;
    char when[32];
    time_t now = wall_clock();
    struct tm tm;
    localtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    buf_addf(b, "%s %-7s ", when, levels[i].name);
}

void log_pairs(int level, const struct log_pair *pairs)
{
    if (level > most)
        return;
    struct buf b;
    buf_init(&b, MAX_LINE);
    add_line_head(&b, level);
    buf_adds(&b, pairs->text);
    while ((++pairs)->key) {
        buf_addf(&b, " %s=", pairs->key);
        if (pairs->text)
            add_log_text(&b, pairs->text);
        else
            buf_addf(&b, "%" PRId64, pairs->number);
    }
    fprintf(stderr, "%s\n", buf_text(&b));
    buf_free(&b);
}
