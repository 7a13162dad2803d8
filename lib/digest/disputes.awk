# Makes disputes_table.h of config/disputes.conf: its rows ordered by language and word, for searching.
function quoted(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
/^#/ || NF == 0 { next }
/^\[/ {
    gsub(/[][]/, "")
    kind = toupper($1); group = "0"; side = "0"; grows = "0"
    if (kind == "COUNT" || kind == "OPPOSE") {
        if (!(($1, $2) in groups)) groups[$1, $2] = ++n_groups
        group = groups[$1, $2]
    }
    if (kind == "COUNT") grows = $3 == "grows" ? "1" : "0"
    else if (kind == "OPPOSE") side = $3
    else if (NF > 1) side = $2
    next
}
{
    lang = substr($0, 1, index($0, ":") - 1)
    n = split(substr($0, index($0, ":") + 1), words, /, */)
    for (i = 1; i <= n; i++) {
        w = words[i]; sub(/^ +/, "", w); sub(/ +$/, "", w)
        key[++rows] = lang "\t" w
        row[rows] = "{" quoted(lang) ", " quoted(w) ", CUE_" kind ", " group ", " side ", " grows "},"
    }
}
END {
    for (i = 2; i <= rows; i++)
        for (k = i; k > 1 && key[k] < key[k - 1]; k--) {
            t = key[k]; key[k] = key[k - 1]; key[k - 1] = t
            t = row[k]; row[k] = row[k - 1]; row[k - 1] = t
        }
    print "static const struct cue cues[] = {"
    for (i = 1; i <= rows; i++) print row[i]
    print "};"
}
