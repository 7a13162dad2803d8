/* Reports in order of time -> chapters, by their words and times. The time line is cut where the
 * subject changes (after Utiyama & Isahara, "A Statistical Model for Domain-Independent Text
 * Segmentation", 2001: the cuts that make the words of each piece most probable under the piece's
 * own counts). Then each report moves to the chapter that it fits, as a late summary does, and
 * chapters with the same content merge. */
#ifndef DIGEST_CHAPTERS_H
#define DIGEST_CHAPTERS_H

#include <stddef.h>
#include <stdint.h>

enum {
    CHAPTERS_LEAST = 3,
    CHAPTERS_MOST = 8,
    CHAPTERS_REPORTS = 8, /* an event with fewer reports has no chapters */
    CHAPTER_NONE = 255,
};

struct chapter_report {
    int64_t time;
    const uint32_t *terms; /* each once; ids below the number of terms */
    size_t n;
    uint8_t before;  /* its previous chapter, less than CHAPTERS_MOST, or CHAPTER_NONE */
    uint8_t chapter; /* out: 0 is the chapter that began first */
};

/* The count of each term in each chapter's reports is at [chapter * n_terms + term]. */
struct chapters {
    size_t n; /* 0: the reports are not divided */
    uint32_t *times;
    uint32_t reports[CHAPTERS_MOST];
    uint8_t before[CHAPTERS_MOST]; /* the previous chapter that each continues, or CHAPTER_NONE */
};

/* `weights`: of the terms, 1 on average. A previous chapter stays unless another division is
 * clearly better. */
void chapters_find(struct chapter_report *reports, size_t n, const double *weights, size_t n_terms,
                   struct chapters *out);
void chapters_free(struct chapters *c);

#endif
