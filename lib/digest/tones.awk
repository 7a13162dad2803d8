# Makes tones_table.h of config/tone/LANG[-MORE].txt; config/tone/any.txt says how they are written.
function lang_of(path) { sub(/.*\//, "", path); sub(/[-.].*/, "", path); return path }
function row(text, value) {
    gsub(/["\\?]/, "\\\\&", text)
    printf "{\"%s\", TONE_%s, %s, \"%s\"},\n", lang_of(FILENAME), section, value, text
}
BEGIN {
    print "static const struct { const char *lang; uint16_t role; double value; const char *text; }"
    print "tone_rows[] = {"
}
{ sub(/\r$/, "") }
/^#($| )/ || NF == 0 { next }
/^\[[a-z ]+\]$/ {
    section = toupper(substr($0, 2, length($0) - 2))
    gsub(/ /, "_", section)
    next
}
/\t/ { split($0, part, "\t"); row(part[1], part[2]); next }
{
    value = 0
    if (match($0, /^-?[0-9.]+: /)) {
        value = substr($0, 1, RLENGTH - 2)
        $0 = substr($0, RLENGTH + 1)
    }
    n = split($0, part, /, */)
    for (i = 1; i <= n; i++)
        if (part[i] != "") row(part[i], value)
}
END { print "};" }
