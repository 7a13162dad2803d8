#include "cluster/engine.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The engine's own records, as a damaged store gives them back: refused, or taken without harm.
 * The first byte says which: a rarity, or an article that is then packed again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct engine *e = engine_new(1, 1);
    if (data[0] % 2) {
        engine_restore_rarity(e, data + 1, size - 1);
    } else if (engine_restore(e, 1, 1, data + 1, size - 1) && engine_articles(e)) {
        struct buf b;
        buf_init(&b, 1 << 20);
        if (engine_event(e, 1)) {
            engine_pack(e, 1, &b);
            if (b.len != size - 1)
                abort(); /* it came back as another */
        }
        buf_free(&b);
    }
    engine_free(e);
    return 0;
}
