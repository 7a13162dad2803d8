/* Allocator for strings that are freed together; see texts.h. Used by lib/feed and lib/page. */
#include "base/texts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32 << 10 };

struct texts_block {
    struct texts_block *before;
    size_t used, room;
    char bytes[];
};

/* A long text gets a block of its own, and the current block continues to be filled. */
static struct texts_block *new_block(struct texts *t, size_t n)
{
    size_t room = n > BLOCK / 4 ? n : BLOCK - sizeof(struct texts_block);
    struct texts_block *b = mem_alloc(sizeof *b + room);
    b->used = 0;
    b->room = room;
    if (t->last && n > BLOCK / 4) {
        b->before = t->last->before;
        t->last->before = b;
    } else {
        b->before = t->last;
        t->last = b;
    }
    return b;
}

char *texts_addn(struct texts *t, const char *s, size_t n)
{
    struct texts_block *b = t->last;
    if (!b || n >= b->room - b->used)
        b = new_block(t, n + 1);
    char *text = b->bytes + b->used;
    memcpy(text, s, n);
    text[n] = 0;
    b->used += n + 1;
    return text;
}

char *texts_add(struct texts *t, const char *s)
{
    return texts_addn(t, s, strlen(s));
}

void texts_free(struct texts *t)
{
    for (struct texts_block *b = t->last, *before; b; b = before) {
        before = b->before;
        free(b);
    }
    t->last = NULL;
}
