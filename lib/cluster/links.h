/* Editors' decisions on pairs of articles: must-link (both in one event) and cannot-link (never in
 * one), after Wagstaff and Cardie, Clustering with Instance-level Constraints, 2000. Must-links are
 * transitive: with a-b and b-c, a and c belong together too. */
#ifndef CLUSTER_LINKS_H
#define CLUSTER_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum link_kind { MUST_LINK, CANNOT_LINK };

struct link {
    uint64_t a, b; /* articles */
    enum link_kind kind;
};

struct links {
    struct link *v;
    size_t n, cap;
};

/* False when it contradicts existing links. The same link may be set several times. */
bool links_set(struct links *l, uint64_t a, uint64_t b, enum link_kind kind);
/* Removes one link of the two articles; false when there is none. */
bool links_remove(struct links *l, uint64_t a, uint64_t b);
/* True when a cannot-link connects an article of one set with one of the other. `has` tests
 * membership. */
typedef bool links_has_fn(const void *set, uint64_t article);
bool links_part(const struct links *l, links_has_fn *has, const void *one, const void *other);
void links_free(struct links *l);

#endif
