# Generates wordlists.h from config/stopwords/LANG[-MORE].txt and config/background/LANG.txt.
function quoted(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
function lang_of(path) { sub(/.*\//, "", path); sub(/[-.].*/, "", path); return path }
FNR == 1 {
    if (open) print "\"\"},"
    open = 0
    background = FILENAME ~ /background/
    if (background && !turned) { print "{0, 0}};\nstatic const struct { const char *lang; double share; const char *word; } background_words[] = {"; turned = 1 }
    if (!background) { printf "{\"%s\", ", lang_of(FILENAME); open = 1 }
}
/^#/ || NF == 0 { next }
background { printf "{\"%s\", %s, %s},\n", lang_of(FILENAME), $2, quoted($1); next }
{ printf "%s \"\\0\"\n", quoted($1) }
END { if (open) print "\"\"},"; print (turned ? "{0, 0, 0}};" : "{0, 0}};") }
BEGIN { print "static const struct { const char *lang, *words; } stopword_lists[] = {" }
