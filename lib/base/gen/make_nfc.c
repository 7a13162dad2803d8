/* Writes the tables that nfc.c includes, from ICU's data: the characters that NFC may change or
 * combine, as ranges of code points; and for code points below the CJK blocks, a bit for each that
 * is neither one of these nor a mark. It runs at build time. */
#include <stdio.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

enum { PLAIN_END = 0x3100 };

static int needs_check(UChar32 c)
{
    return u_getIntPropertyValue(c, UCHAR_NFC_QUICK_CHECK) != UNORM_YES;
}

int main(void)
{
    printf("static const struct range unsure[] = {\n");
    for (UChar32 c = 0, last; c <= UCHAR_MAX_VALUE; c = last + 1) {
        for (last = c; last < UCHAR_MAX_VALUE && needs_check(last + 1) == needs_check(c); last++)
            ;
        if (needs_check(c))
            printf("    {0x%04X, 0x%04X},\n", (unsigned)c, (unsigned)last);
    }
    printf(
        "};\n\nenum { PLAIN_END = 0x%X };\nstatic const unsigned char plain[PLAIN_END / 8] = {\n",
        PLAIN_END);
    for (UChar32 c = 0; c < PLAIN_END; c += 8) {
        unsigned bits = 0;
        for (UChar32 i = 0; i < 8; i++)
            bits |= (unsigned)(!needs_check(c + i) && !u_getCombiningClass(c + i)) << i;
        printf("    0x%02x,\n", bits);
    }
    printf("};\n");
    return 0;
}
