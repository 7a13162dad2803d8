/* Formats and writes log lines; the message and the pairs are the caller's. */
#include "log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/hex.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* it would be the place in this file */
#include <systemd/sd-journal.h>

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

static void add_pairs(struct buf *b, const struct log_pair *pairs)
{
    buf_adds(b, pairs->text);
    while ((++pairs)->key) {
        buf_addf(b, " %s=", pairs->key);
        if (pairs->text)
            add_log_text(b, pairs->text);
        else
            buf_addf(b, "%" PRId64, pairs->number);
    }
}

/* ---- systemd's journal ---------------------------------------------------------------------- */

/* See JOURNAL_STREAM in systemd.exec(5). Without the journal's socket, entries sent to it would be
 * lost silently. */
enum journal { NO_JOURNAL, JOURNAL_LINES, JOURNAL_ENTRIES };
static enum journal journal_of_stderr(void)
{
    const char *given = getenv("JOURNAL_STREAM");
    char here[64];
    struct stat st;
    if (!given || fstat(STDERR_FILENO, &st))
        return NO_JOURNAL;
    snprintf(here, sizeof here, "%" PRIu64 ":%" PRIu64, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
    if (strcmp(given, here) != 0)
        return NO_JOURNAL;
    return access("/run/systemd/journal/socket", W_OK) ? JOURNAL_LINES : JOURNAL_ENTRIES;
}

static void add_message_id(struct buf *b, const char *id)
{
    unsigned char hash[HASH128];
    char name[128], hex[2 * HASH128 + 1];
    int n = snprintf(name, sizeof name, "storyd:%s", id);
    hash128(name, (size_t)n, hash);
    hex_write(hex, hash, HASH128);
    buf_addf(b, "MESSAGE_ID=%s", hex);
}

/* STORYD_FEED=https://... */
static void add_pair_field(struct buf *b, const struct log_pair *pair)
{
    buf_adds(b, "STORYD_");
    for (const char *p = pair->key; *p; p++)
        buf_addc(b, (char)toupper((unsigned char)*p));
    if (pair->text)
        buf_addf(b, "=%s", pair->text);
    else
        buf_addf(b, "=%" PRId64, pair->number);
}

static bool send_to_journal(int level, const struct log_pair *pairs)
{
    enum { MAX_ENTRY = 64 << 10, MAX_FIELDS = 20 };
    size_t n = 0, ends[MAX_FIELDS];
    struct iovec fields[MAX_FIELDS];
    struct buf b;
    buf_init(&b, MAX_ENTRY);
    buf_addf(&b, "PRIORITY=%d", level);
    ends[n++] = b.len;
    add_message_id(&b, pairs->key);
    ends[n++] = b.len;
    buf_addf(&b, "STORYD_ID=%s", pairs->key);
    ends[n++] = b.len;
    buf_adds(&b, "MESSAGE=");
    add_pairs(&b, pairs);
    ends[n++] = b.len;
    while ((++pairs)->key && n < MAX_FIELDS) {
        add_pair_field(&b, pairs);
        ends[n++] = b.len;
    }
    for (size_t i = 0; i < n; i++) {
        size_t begin = i ? ends[i - 1] : 0;
        fields[i] = (struct iovec){b.p + begin, ends[i] - begin};
    }
    int error = sd_journal_sendv(fields, (int)n);
    buf_free(&b);
    return !error;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void add_line_head(struct buf *b, int level, enum journal journal)
{
    if (journal == JOURNAL_LINES) {
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
    const enum journal journal = journal_of_stderr();
    if (journal == JOURNAL_ENTRIES && send_to_journal(level, pairs))
        return;
    struct buf b;
    buf_init(&b, MAX_LINE);
    add_line_head(&b, level, journal);
    add_pairs(&b, pairs);
    fprintf(stderr, "%s id=%s\n", buf_text(&b), pairs->key);
    buf_free(&b);
}
