/* Repetitive text: one publisher's programme name at the end of each title or a line below each
 * text that asks readers to subscribe; among many publishers a label before the title, or a notice
 * in place of the text for a browser without scripts.
 *
 * Articles that begin or end with the same words share a template (MOULD_ in the code). Terms that
 * most of a publisher's articles of one template contain do not tell them apart, and weigh little
 * in the next. A publisher's long texts form one more template, whatever their ending; there only
 * what all of them contain is a habit. All its articles form another, which shows the language the
 * publisher writes in. What begins or ends articles of any publisher is a habit only when they
 * share nothing else: cluster/labels.h. */
#ifndef CLUSTER_HABITS_H
#define CLUSTER_HABITS_H

#include "base/map.h"
#include "text/terms.h"

#include <stddef.h>
#include <stdint.h>

enum { HABITS_RECENT = 8 }; /* newest articles of a template that are compared */
enum {
    MOULD_ENDING,
    MOULD_ALL, /* all articles of a publisher */
    MOULD_LONG,
    MOULDS_OWN, /* the templates before this belong to one publisher, the others to all */
    MOULD_OPENING = MOULDS_OWN, /* the first terms of a title */
    MOULD_CLOSING,              /* the last terms of a title */
    MOULD_HEAD,                 /* the first words of a text */
    MOULD_TEXT,                 /* the last words of a text */
    MOULDS
};

/* Hashes that assign an article to its templates; 0: the text has no such words. */
struct marks {
    uint32_t ending; /* of the last words of the text, or of the title when there is no text */
    uint32_t opening, closing, head;
};

struct habits {
    struct map newest;      /* a publisher's template -> number of its newest article */
    struct newest *anyones; /* the same for templates of all publishers: one slot per hash, which
                               holds the newest */
};

void habits_init(struct habits *h);
void habits_free(struct habits *h);

void habits_marks(const struct terms *t, struct marks *out);
uint64_t habits_all(uint64_t publisher); /* the key of its MOULD_ALL */
void habits_keys(uint64_t publisher, const struct marks *m, uint64_t out[MOULDS]); /* 0: none */

/* The number of the template's newest article, 0: none; it may have left the window. `now`: at
 * least as great as any number noted. */
uint64_t habits_newest(const struct habits *h, size_t mould, uint64_t key, uint64_t now);
void habits_ahead(const struct habits *h, const uint64_t keys[MOULDS]);
/* An article is added, or leaves the window. `before`: for each template, how many numbers back its
 * previous article is, 0: none. */
void habits_note(struct habits *h, const uint64_t keys[MOULDS], uint64_t article,
                 uint32_t before[MOULDS]);
void habits_forget(struct habits *h, const uint64_t keys[MOULDS], uint64_t article);

/* The share of its weight, 0 to 1, that a term keeps when `times` of `recent` articles of the
 * template contain it. */
double habits_left(size_t mould, unsigned times, unsigned recent);

#endif
