/* Finds the news agency that a text is credited to: by its author ("The Associated Press"), its
 * dateline ("LONDON (Reuters) -", "/TASS/", "【ワシントン共同】"), its last words ("(dpa)", "© 2026
 * AFP"), or its site. The table is config/agencies.conf. */
#ifndef ARTICLE_CREDIT_H
#define ARTICLE_CREDIT_H

/* The agency's name, owned by the table; NULL if none is credited. Texts are plain, valid UTF-8,
 * and may be NULL; `domain` is the publisher's. */
const char *credit_of_author(const char *author);
const char *credit_of_text(const char *text);
const char *credit_of_site(const char *domain);

#endif
