/* Finds where the sentences of a text end. */
#ifndef DIGEST_ENDS_H
#define DIGEST_ENDS_H

#include "digest/cue.h"
#include "digest/span.h"

#include <stdbool.h>
#include <stddef.h>

struct ends {
    const struct cues *cues;
    const char *p, *line_end, *end;
    unsigned paragraph;
    const char *quote; /* the mark that opened the current quotation, NULL: none is open */
};

void ends_init(struct ends *e, const struct cues *cues, const char *text, size_t n);
bool ends_next(struct ends *e, struct span *out);

#endif
