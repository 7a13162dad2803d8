/* A part of a text that may be a sentence. */
#ifndef DIGEST_SPAN_H
#define DIGEST_SPAN_H

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

#endif
