# Makes topics_table.h of config/topics.conf (names of sections) and config/topics/LANG.txt (words).
# The sections come out in order of name.
function quoted(s) { gsub(/["\\?]/, "\\\\&", s); return "\"" s "\"" }
function end_lang() { if (lang != "") langs = langs sprintf("{\"%s\", words_%s, %d, %d},\n", lang, lang, first, rows - first) }
/^#/ || NF == 0 { next }
FILENAME ~ /\.conf$/ && /^\[/ {
    name = $0; sub(/^\[/, "", name); sub(/\].*/, "", name)
    number[$NF] = topics; codes = codes quoted($(NF - 1)) ", "
    print "#define TOPIC_NAME_" topics++ " " quoted(name)
    next
}
FILENAME ~ /\.conf$/ {
    for (at = n++; at > 0 && sections[at - 1] > $1 ""; at--) {
        sections[at] = sections[at - 1]; of[at] = of[at - 1]
    }
    sections[at] = $1 ""; of[at] = topics - 1
    next
}
FNR == 1 || FILENAME != file {
    end_lang()
    file = FILENAME
    lang = FILENAME; sub(/.*\//, "", lang); sub(/\..*/, "", lang)
    first = rows
}
{
    if ($1 == "*") {
        for (i = 2; i <= NF; i++) { split($i, part, "="); bias[number[part[1]]] = part[2] }
        next
    }
    if (!(lang in text)) order[many_langs++] = lang
    text[lang] = text[lang] "\"" $1 "\\n\"\n"
    for (i = 2; i <= NF; i++) {
        split($i, part, "=")
        if (!(part[1] in number)) { print FILENAME ": no topic " part[1] > "/dev/stderr"; exit 1 }
        cells = cells sprintf("{%d, %d},", part[2], number[part[1]])
        if (++many % 8 == 0) cells = cells "\n"
    }
    counts = counts (NF - 1) ","
    if (++rows % 30 == 0) counts = counts "\n"
}
END {
    end_lang()
    printf "static const char *const topic_names[] = {"
    for (i = 0; i < topics; i++) printf "TOPIC_NAME_%d, ", i
    printf "NULL};\nstatic const char *const topic_codes[] = {%s};\nenum { TOPICS_KNOWN = %d };\n", codes, topics
    print "static const struct { const char *name; uint8_t topic; } topic_sections[] = {"
    for (i = 0; i < n; i++) printf "{%s, %d},\n", quoted(sections[i]), of[i]
    printf "};\nstatic const int16_t topic_bias[] = {"
    for (i = 0; i < topics; i++) printf "%d, ", bias[i]
    print "};\n/* Of each word, in the order in which they come, how many weights it has; and these. */"
    print "static const uint8_t topic_counts[] = {\n" counts "};"
    print "static const struct topic_weight { int16_t weight; uint8_t topic; } topic_weights[] = {\n" cells "};"
    for (i = 0; i < many_langs; i++)
        print "static const char words_" order[i] "[] =\n" text[order[i]] ";"
    print "static const struct { const char *lang, *words; uint32_t first, n; } topic_langs[] = {\n" langs "};"
}
