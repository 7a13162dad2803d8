/* The keywords of an event: names as people write them ("Kim Jong Un", "Covid-19"), then the rarest
 * words that its reports share. */
#ifndef DIGEST_KEYWORD_H
#define DIGEST_KEYWORD_H

#include "digest/view.h"

enum { KEYWORDS = 8, KEYWORDS_NAMES = 6, KEYWORD_MAX = 63 /* bytes */ };

/* Fills out->keywords. */
void keywords_say(const struct digest_view *v, struct digest *out);

#endif
