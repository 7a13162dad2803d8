/* The reports of an event in order of time: articles that neither copy another nor tell their
 * publisher's last one anew, each with the terms that set reports apart. */
#ifndef DIGEST_REPORTS_H
#define DIGEST_REPORTS_H

#include "base/map.h"
#include "digest/chapters.h"
#include "digest/view.h"

/* Articles in order of time, and of coming. */
struct reports_dated {
    int64_t time;
    uint32_t article;
};
int reports_by_time(const void *a, const void *b);

struct reports {
    const struct digest_view *v;
    size_t *origin;     /* of each article: itself, or what it copies or tells anew */
    uint32_t *articles; /* which ones are reports */
    size_t n;
    struct chapter_report *r; /* of each report; NULL: they are too few, or of one publisher */
    uint32_t *terms;          /* of all */
    struct map places;        /* id + 1 -> the term's number + 1 */
    size_t n_terms;
    double *weights;  /* of the terms, 1 on the average */
    const char *lang; /* of more than half of them; NULL: of none */
};

void reports_find(const struct digest_view *v, struct reports *out);
void reports_free(struct reports *r);

const struct digest_article *reports_article(const struct reports *r, size_t report);
const struct sentences *reports_texts(const struct reports *r, size_t report);
const struct sentence *reports_title(const struct reports *r, size_t report); /* NULL: none */
/* In another language than most are in. */
bool reports_is_foreign(const struct reports *r, size_t report);

/* The number of a term + 1; 0 where it sets none apart: one report has it, or most. */
size_t reports_term(const struct reports *r, uint32_t id);
bool reports_term_of_most(const struct reports *r, uint32_t id);

/* How many terms two sentences share, numbers too or not. */
size_t reports_shared(const struct sentence *a, const struct sentence *b, bool numbers);

/* The chapter that the event had before; NULL: none. */
const struct digest_development *reports_before(const struct reports *r, size_t chapter);

/* A number of those killed, hurt or the like that replaces an earlier one of its publisher. */
struct grown {
    const struct sentence *s; /* NULL: none */
    size_t report;
    double value;
    char *was; /* the earlier one, as it was told */
};

/* The largest one that is new in each of the reports' chapters; `was` is the caller's. */
void grown_find(const struct reports *r, struct grown out[CHAPTERS_MOST]);

#endif
