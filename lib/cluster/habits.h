/* What is written again and again: by one publisher, the name of a programme at the end of each
 * title, a line below each text that asks to subscribe; by many, a label before the title, a text
 * that stands where a browser without scripts gets none.
 *
 * Articles that begin or end in the same words are of one mould. The terms that most of one
 * publisher's have tell none of them from another, and weigh little in the next. Its long texts are
 * of one more mould, however they end, in which only what all of them have is a habit. All that it
 * writes is of one more, by which it is known what language it writes. What begins or ends articles
 * of anyone's is a habit where they share nothing else: cluster/labels.h. */
#ifndef CLUSTER_HABITS_H
#define CLUSTER_HABITS_H

#include "base/map.h"
#include "text/terms.h"

#include <stddef.h>
#include <stdint.h>

enum { HABITS_RECENT = 8 }; /* newest articles of a mould that are looked at */
enum {
    MOULD_ENDING,
    MOULD_ALL, /* whatever it writes */
    MOULD_LONG,
    MOULDS_OWN,                 /* of one publisher; all others are of anyone */
    MOULD_OPENING = MOULDS_OWN, /* the first terms of a title */
    MOULD_CLOSING,              /* the last */
    MOULD_HEAD,                 /* the first words of a text */
    MOULD_TEXT,                 /* the last */
    MOULDS
};

/* Where an article belongs. Hashes; 0 where there is no such words. */
struct marks {
    uint32_t ending; /* of the last words of the text, or where there is none of the title */
    uint32_t opening, closing, head;
};

struct habits {
    struct map newest;      /* a publisher's mould -> number of its newest article */
    struct newest *anyones; /* the same of anyone's: one place for those of one hash, the newest */
};

void habits_init(struct habits *h);
void habits_free(struct habits *h);

void habits_marks(const struct terms *t, struct marks *out);
uint64_t habits_all(uint64_t publisher); /* the key of its MOULD_ALL */
void habits_keys(uint64_t publisher, const struct marks *m, uint64_t out[MOULDS]); /* 0: none */

/* The number of the newest article of a mould, 0 none; it may have left the window. `now`: a number
 * not less than any that was noted. */
uint64_t habits_newest(const struct habits *h, size_t mould, uint64_t key, uint64_t now);
void habits_ahead(const struct habits *h, const uint64_t keys[MOULDS]);
/* An article comes, or leaves the window. `before`: how many numbers before it the one before it of
 * each mould is, 0 none. */
void habits_note(struct habits *h, const uint64_t keys[MOULDS], uint64_t article,
                 uint32_t before[MOULDS]);
void habits_forget(struct habits *h, const uint64_t keys[MOULDS], uint64_t article);

/* 0 to 1: how much of its weight is left to a term that `times` of `recent` articles of its
 * mould have. */
double habits_left(size_t mould, unsigned times, unsigned recent);

#endif
