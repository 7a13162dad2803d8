# Generates variants_table.h from config/variants.txt: one row for each spelling, with the two words of a compound.
BEGIN {
    print "static const struct { const char *lang, *term, *form, *first, *last; } variant_forms[] = {"
}
/^(#|$)/ { next }
/^\[/ { lang = substr($1, 2, 2); next }
{
    term = $1
    sub(/-/, "", term)
    for (i = 1; i <= NF; i++) {
        n = split($i, part, "-")
        if (n == 1)
            part[2] = ""
        printf "{\"%s\", \"%s\", \"%s%s\", ", lang, term, part[1], part[2]
        print (n > 1 ? "\"" part[1] "\", \"" part[2] "\"}," : "NULL, NULL},")
    }
}
END { print "};" }
