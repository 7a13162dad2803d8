#include "event/found.h"

#include <string.h>

void found_begin(struct found *f)
{
    f->n = 0;
    memset(f->places, 0, sizeof f->places);
}

void found_note(struct found *f, uint32_t age)
{
    _Static_assert((int)INDEX_FOUND < (int)FOUND_PLACES / 2, "a place is soon found");
    size_t place = age * 2654435769u % FOUND_PLACES;
    for (; f->places[place]; place = (place + 1) % FOUND_PLACES) {
        uint64_t *rank = &f->rank[f->places[place] - 1];
        if (found_age(*rank) == age) {
            *rank += FOUND_HIT;
            return;
        }
    }
    f->rank[f->n++] = FOUND_HIT - age;
    f->places[place] = (uint16_t)f->n;
}

/* There is no branch on what is compared, for that cannot be foretold. */
void found_choose(uint64_t *v, size_t n, size_t most)
{
    while (most > 0 && n > most) {
        uint64_t pivot = v[n / 2];
        size_t greater = 0; /* v[0..greater) are */
        v[n / 2] = v[n - 1];
        for (size_t i = 0; i + 1 < n; i++) {
            uint64_t other = v[i];
            v[i] = v[greater];
            v[greater] = other;
            greater += other > pivot;
        }
        v[n - 1] = v[greater];
        v[greater++] = pivot;
        if (greater <= most) {
            v += greater;
            n -= greater;
            most -= greater;
        } else {
            n = greater - 1;
        }
    }
}
