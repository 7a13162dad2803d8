/* The reports of an event in order of time: articles that neither copy another nor update their
 * publisher's last one, each with the terms that distinguish reports. */
#ifndef DIGEST_REPORTS_H
#define DIGEST_REPORTS_H

#include "base/map.h"
#include "digest/chapters.h"
#include "digest/view.h"

/* Sorts by time, then by arrival. */
struct reports_dated {
    int64_t time;
    uint32_t article;
};
int reports_by_time(const void *a, const void *b);

struct reports {
    const struct digest_view *v;
    size_t *origin;     /* for each article: itself, or the one that it copies or updates */
    uint32_t *articles; /* which articles are reports */
    size_t n;
    struct chapter_report *r; /* of each report; NULL: too few reports, or only one publisher */
    uint32_t *terms;          /* of all reports */
    struct map places;        /* id + 1 -> the term's number + 1 */
    size_t n_terms;
    double *weights;  /* of the terms, 1 on average */
    const char *lang; /* of more than half of them; NULL: there is no such language */
};

void reports_find(const struct digest_view *v, struct reports *out);
void reports_free(struct reports *r);

const struct digest_article *reports_article(const struct reports *r, size_t report);
const struct sentences *reports_texts(const struct reports *r, size_t report);
const struct sentence *reports_title(const struct reports *r, size_t report); /* NULL: none */
/* True when it is in another language than most. */
bool reports_is_foreign(const struct reports *r, size_t report);

/* The number of a term + 1; 0 when it does not distinguish reports: only one has it, or most have.
 */
size_t reports_term(const struct reports *r, uint32_t id);
bool reports_term_of_most(const struct reports *r, uint32_t id);

/* The number of terms that two sentences share, with or without numbers. */
size_t reports_shared(const struct sentence *a, const struct sentence *b, bool numbers);

/* The chapter that the event had before; NULL: none. */
const struct digest_development *reports_before(const struct reports *r, size_t chapter);

/* A count of people killed, injured or the like that replaces an earlier one of its publisher. */
struct grown {
    const struct sentence *s; /* NULL: none */
    size_t report;
    double value;
    char *was; /* the earlier number, as it was written */
};

/* The largest new number in each of the reports' chapters; the caller frees `was`. */
void grown_find(const struct reports *r, struct grown out[CHAPTERS_MOST]);

#endif
