#include "web_cases.h"

#include <stdio.h>
#include <string.h>

const char hostile[] = "</h2><script>alert(1)</script>\"' onmouseover='alert(2)' x=\"";

void says(struct buf *b, const char *text)
{
    if (!strstr(buf_text(b), text))
        fail_msg("there is no \"%s\" in:\n%s", text, buf_text(b));
}

void never_says(struct buf *b, const char *text)
{
    if (strstr(buf_text(b), text))
        fail_msg("there is \"%s\" in:\n%s", text, buf_text(b));
}

json_t *sources(size_t n, int64_t step)
{
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "Paper %zu", i + 1);
        json_array_append_new(all, json_pack("{s:s,s:s,s:i,s:I}", "name", name, "domain", name,
                                             "articles", 1, "first",
                                             (json_int_t)(NOW - 40000 + (int64_t)i * step)));
    }
    return all;
}

json_t *event_of(const char *text, size_t n)
{
    return json_pack("{s:i,s:s,s:s,s:i,s:I,s:I,s:I,s:i,s:i,s:i,s:o,s:[s],s:[s],s:[{s:s,s:i,s:s}],"
                     "s:i,s:s,s:i}",
                     "id", 7, "title", text, "lang", "en", "lead", 1, "first_seen",
                     (json_int_t)(NOW - 40000), "updated", (json_int_t)(NOW - 300), "published",
                     (json_int_t)(NOW - 40000), "source_count", (int)n, "article_count", (int)n,
                     "report_count", (int)n, "sources", sources(n, 60), "categories", text,
                     "keywords", text, "summary", "text", text, "article", 1, "source", text,
                     "signal", 0, "status", "open", "seq", 9);
}

void assert_harmless(struct buf *b)
{
    never_says(b, "<script>");
    never_says(b, "\" onmouseover");
    never_says(b, "' onmouseover");
    never_says(b, "\"' ");
    never_says(b, "<b>cosine");
    never_says(b, "Before <it>");
    never_says(b, "href=\"javascript");
    never_says(b, " style=");
}
