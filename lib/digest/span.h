/* A part of a text that may be a sentence. */
#ifndef DIGEST_SPAN_H
#define DIGEST_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* A sentence, or a line without final punctuation, without surrounding spaces. */
struct span {
    const char *p;
    size_t n;
    unsigned paragraph;
    bool opens;  /* first of its paragraph */
    bool ended;  /* has final punctuation */
    bool cut;    /* ends in an ellipsis */
    bool quoted; /* a quotation extends into it, or out of it */
};

#endif
