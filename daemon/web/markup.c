/* Formats escaped text, times and plurals for all pages. */
#include "web/markup.h"

#include "base/escape.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Formats that are no literals here, but are where they come from: the compiler has checked
 * html_addf()'s against its values. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

/* Formats one conversion other than %s with printf. Returns the text after it. */
static const char *add_conversion(struct buf *out, const char *fmt, va_list *ap)
{
    char spec[16], number[64];
    size_t n = strspn(fmt + 1, "-+ 0123456789.lz") + 2;
    if (n >= sizeof spec)
        return fmt + n;
    memcpy(spec, fmt, n);
    spec[n] = 0;
    bool wide = memchr(spec, 'l', n) || memchr(spec, 'z', n);
    switch (spec[n - 1]) {
    case 'd':
    case 'u':
        /* a size_t, a long and a 64-bit number are one width on all that storyd runs on */
        if (wide)
            snprintf(number, sizeof number, spec, va_arg(*ap, int64_t));
        else
            snprintf(number, sizeof number, spec, va_arg(*ap, int));
        break;
    case 'f':
        snprintf(number, sizeof number, spec, va_arg(*ap, double));
        break;
    default:
        snprintf(number, sizeof number, "%%");
    }
    buf_adds(out, number);
    return fmt + n;
}

void html_addf(struct buf *out, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    while (*fmt) {
        size_t plain = strcspn(fmt, "%");
        buf_add(out, fmt, plain);
        fmt += plain;
        if (!*fmt)
            break;
        if (fmt[1] == 's') {
            escape_text(out, ESCAPE_PAGE, va_arg(ap, const char *));
            fmt += 2;
        } else {
            fmt = add_conversion(out, fmt, &ap);
        }
    }
    va_end(ap);
}

static const char *utc(int64_t seconds, const char *fmt, char *out, size_t n)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    if (!gmtime_r(&t, &tm) || !strftime(out, n, fmt, &tm))
        *out = 0;
    return out;
}

#pragma GCC diagnostic pop

static bool same_year(int64_t a, int64_t b)
{
    char x[16], y[16];
    return !strcmp(utc(a, "%Y", x, sizeof x), utc(b, "%Y", y, sizeof y));
}

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static void open_time(struct buf *out, const char *how, int64_t time)
{
    char date[40];
    html_addf(out, "<time class=\"%s\" datetime=\"%s\"", how,
              utc(time, "%Y-%m-%dT%H:%M:%SZ", date, sizeof date));
}

void html_time(struct buf *out, int64_t time, int64_t now)
{
    char text[40];
    open_time(out, "at", time);
    html_addf(out, ">%s</time>",
              utc(time, same_year(time, now) ? "%d %b %H:%M UTC" : "%d %b %Y %H:%M UTC", text,
                  sizeof text));
}

void html_age(struct buf *out, int64_t time, int64_t now)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } steps[] = {{HOUR, MINUTE, "min"}, {2 * DAY, HOUR, "h"}, {60 * DAY, DAY, "d"}};
    char text[40];
    int64_t age = now > time ? now - time : 0;
    open_time(out, "age", time);
    html_addf(out, " title=\"%s\">", utc(time, "%d %b %Y %H:%M UTC", text, sizeof text));
    size_t i = 0;
    while (i < sizeof steps / sizeof *steps && age >= steps[i].below)
        i++;
    if (age < MINUTE)
        buf_adds(out, "now");
    else if (i == sizeof steps / sizeof *steps)
        buf_adds(out, utc(time, "%b %Y", text, sizeof text));
    else
        html_addf(out, "%" PRId64 " %s", age / steps[i].unit, steps[i].name);
    buf_adds(out, "</time>");
}

void html_day(struct buf *out, int64_t time, int64_t now)
{
    char text[40];
    open_time(out, "day", time);
    html_addf(out, ">%s</time>",
              utc(time, same_year(time, now) ? "%b %d" : "%b %d, %Y", text, sizeof text));
}

void html_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
    html_addf(out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}
