# Generates countries_table.h from config/countries.txt: one row for each form.
BEGIN {
    FS = "[ \t]*[|][ \t]*"
    n = split("en de es fr pt it nl", lang, " ")
    capitals["en"] = capitals["nl"] = 1
    print "static const struct { const char *lang, *term, *form; bool capital; } country_forms[] = {"
}
/^(#|$)/ { next }
{
    split($1, own, " ")
    for (i = 1; i <= NF; i++)
        for (k = split($i, form, " "); k > 0; k--)
            if (form[k] != "-")
                printf "{\"%s\", \"%s\", \"%s\", %d},\n", lang[i], own[1], form[k], k == 1 || lang[i] in capitals
}
END { print "};" }
