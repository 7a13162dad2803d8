/* Recognises comment feeds by their titles and addresses; see comments.h. The phrases are in the
 * tables here. Used by discover.c and daemon/poll. */
#include "feed/comments.h"

#include "base/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

/* Phrases in titles, case folded and composed; each is the start of a word in languages that
 * separate words by blanks. One row each for English; German and Scandinavian; French, Spanish and
 * related, Italian; Dutch; Slavic, Indonesian, Lithuanian; Finnish with its cases, Estonian;
 * Hungarian, Turkish; languages in Cyrillic; Greek; East Asian; right-to-left scripts, Vietnamese,
 * Thai. */
/* clang-format off */
static const char *const titles[] = {
    "comments", "comment feed", "comment-feed", "comment rss",
    "kommentar",
    "commentaire", "comentari", "comentári", "commenti",
    "reacties",
    "komentar", "komentarz", "komentář", "komentár",
    "kommentti", "kommentit", "kommenttien", "kommentaar",
    "hozzászólás", "yorum",
    "комментар", "коментар",
    "σχόλι", "σχολί",
    "コメント", "评论", "評論", "迴響", "댓글",
    "تعليق", "دیدگاه", "תגובות", "bình luận", "ความเห็น",
};
/* clang-format on */

/* Words of path and query (runs of letters) in addresses. */
static const char *const words[] = {
    "comments",       "commentsrss", "rsscomments", "commentsfeed", "commentrss",
    "commentfeed",    "kommentare",  "kommentarer", "kommentar",    "commentaires",
    "comentarios",    "comentaris",  "commenti",    "reacties",     "komentarze",
    "komentare",      "komentari",   "yorumlar",    "withcomments", "latestcomments",
    "recentcomments",
};

/* Substrings of addresses. */
static const char *const parts[] = {"comment-page", "comment-feed", "comment_feed", "comment-rss"};

static bool is_ascii_letter(char c)
{
    return isalpha((unsigned char)c);
}

/* Whether one of the phrases starts a word of the title; `start`: the first word. */
static bool names_comments(const char *title, bool start)
{
    utf8proc_uint8_t *folded = NULL;
    bool found = false;
    if (utf8proc_map((const utf8proc_uint8_t *)title, 0, &folded,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) <
        0)
        return false; /* not UTF-8 */
    const char *text = (const char *)folded;
    for (size_t i = 0; !found && i < sizeof titles / sizeof *titles; i++)
        for (const char *p = text; !found && (p = strstr(p, titles[i])); p++)
            found =
                start ? p == text : p == text || !is_ascii_letter(*p) || !is_ascii_letter(p[-1]);
    free(folded);
    return found;
}

bool comments_title(const char *title)
{
    return names_comments(title, false);
}

bool comments_channel(const char *title)
{
    return names_comments(title, true);
}

static bool has_phrase(const char *p, const char *part)
{
    size_t n = strlen(part);
    while (*p && strncasecmp(p, part, n) != 0)
        p++;
    return *p;
}

/* WordPress without readable addresses: the comment feed of the article with that number. */
static bool is_of_article(const char *query)
{
    return has_phrase(query, "feed=") && (!strncmp(query, "?p=", 3) || has_phrase(query, "&p="));
}

bool comments_address(const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    if (url_same_site(url, "https://disqus.com/"))
        return true;
    const char *p = u.path.p, *query = strchr(p, '?');
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (has_phrase(p, parts[i]))
            return true;
    for (; *p && *p != '#'; p++) {
        size_t n = 0;
        while (is_ascii_letter(p[n]))
            n++;
        for (size_t i = 0; n && i < sizeof words / sizeof *words; i++)
            if (strlen(words[i]) == n && !strncasecmp(p, words[i], n))
                return true;
        p += n ? n - 1 : 0;
    }
    return query && is_of_article(query);
}
