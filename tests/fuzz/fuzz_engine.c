#include "base/utf8.h"
#include "cluster/engine.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any text through words, terms, sketch and scoring: lines are titles, by turns of two languages.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const langs[] = {"en", NULL, "ja", "ru"};
    struct engine *e = engine_new(1, 1);
    struct buf text;
    buf_init(&text, 1 << 20);
    utf8_clean(&text, (const char *)data, size);
    buf_addc(&text, 0);
    int64_t now = 1700000000;
    for (char *line = text.p, *end = text.p + text.len; line < end && now < 1700000300; now++) {
        char *stop = line;
        while (stop < end && *stop && *stop != '\n')
            stop++;
        *stop = 0;
        struct engine_article in = {.title = line,
                                    .body = line + (stop - line) / 2,
                                    .lang = langs[now % 4],
                                    .publisher = "a.example",
                                    .published = INT64_MIN,
                                    .seen = now};
        while (((unsigned char)*in.body & 0xC0) == 0x80)
            in.body++;
        struct engine_result out;
        if (now % 3)
            engine_expect(e, &in);
        if (now % 7 == 0) { /* what is expected may not come */
            line = stop + 1;
            continue;
        }
        engine_add(e, &in, &out);
        line = stop + 1;
    }
    buf_free(&text);
    engine_free(e);
    return 0;
}
