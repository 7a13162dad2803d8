/* Where the sentences of a text end. */
#ifndef DIGEST_ENDS_H
#define DIGEST_ENDS_H

#include "digest/cue.h"

#include <stdbool.h>
#include <stddef.h>

/* A sentence, or a line without an end, blanks about it cut. */
struct span {
    const char *p;
    size_t n;
    unsigned paragraph;
    bool opens;  /* its paragraph */
    bool ended;  /* it has an end mark */
    bool cut;    /* it has an ellipsis there */
    bool quoted; /* a quotation reaches into it, or out of it */
};

struct ends {
    const struct cues *cues;
    const char *p, *line_end, *end;
    unsigned paragraph;
    bool in_line;
    const char *quote; /* what opened the quotation that is open, NULL: none is */
};

void ends_init(struct ends *e, const struct cues *cues, const char *text, size_t n);
bool ends_next(struct ends *e, struct span *out);

#endif
