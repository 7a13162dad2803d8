/* Titles of what is no report of one happening: live pages, briefings, daily programmes,
 * horoscopes, quizzes. They share their frame with each other, and words with everything of the
 * day. */
#ifndef TEXT_ROUNDUP_H
#define TEXT_ROUNDUP_H

#include <stdbool.h>

bool title_is_roundup(const char *title); /* valid UTF-8 */

#endif
