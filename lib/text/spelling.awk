# Generates spelling_table.h from config/stopwords, config/background and config/spelling: the cost
# of each three-byte sequence of a word for each language, which is higher the rarer the sequence is
# in its words. Run with LC_ALL=C, so that a character is a byte.
function lang_of(path) { sub(/.*\//, "", path); sub(/[-.].*/, "", path); return path }
function learn(l, word,    i) {
    if (seen[l, word]++) return
    gsub(/'/, " ", word)
    word = " " word " "
    for (i = 1; i < length(word); i++) {
        ones[l, substr(word, i, 1)]++; letters[l]++
        pair[substr(word, i, 2)]; twos[l, substr(word, i, 2)]++
        if (i + 2 <= length(word)) { three[substr(word, i, 3)]; threes[l, substr(word, i, 3)]++ }
    }
}
# The probability of the last byte, smoothed with that of the shorter sequence.
function share2(l, s) {
    return (twos[l, s] + 3 * (ones[l, substr(s, 2)] + 0.1) / (letters[l] + 10)) / (ones[l, substr(s, 1, 1)] + 3)
}
function share3(l, s) { return (threes[l, s] + 4 * share2(l, substr(s, 2))) / (twos[l, substr(s, 1, 2)] + 4) }
function place(s, row,    i, key) {
    for (i = 1; i <= length(s); i++) key = key * 256 + ord[substr(s, i, 1)]
    for (i = key * SPREAD % SLOTS; i in keys; i = (i + 1) % SLOTS);
    keys[i] = key; rows[i] = row
}
function costs(s,    i, c, row) {
    for (i = 1; i <= n; i++) {
        c = int(0.5 - UNITS * log(length(s) == 2 ? share2(langs[i], s) : share3(langs[i], s)))
        row = row (c > 255 ? 255 : c) ","
    }
    return row
}
BEGIN {
    SLOTS = 32749; SPREAD = 40503; UNITS = 8
    for (i = 1; i < 256; i++) ord[sprintf("%c", i)] = i
    for (i = 1; i < ARGC; i++) if (ARGV[i] ~ /spelling/) langs[++n] = lang_of(ARGV[i])
    for (i = 1; i <= n; i++) spelt[langs[i]] = 1
}
FNR == 1 { lang = lang_of(FILENAME); one = FILENAME !~ /spelling/ }
/^#/ || !(lang in spelt) { next }
{ for (i = 1; i <= (one ? NF > 0 : NF); i++) learn(lang, $i) }
END {
    printf "enum { SPELT = %d, SLOTS = %d, SPREAD = %d };\nstatic const char spelt[SPELT][3] = {", n, SLOTS, SPREAD
    for (i = 1; i <= n; i++) printf "\"%s\", ", langs[i]
    for (s in pair) place(s, costs(s))
    for (s in three) place(s, costs(s))
    printf "};\nstatic const struct {\n    uint32_t key;\n    uint8_t cost[SPELT];\n} spellings[SLOTS] = {\n"
    for (i = 0; i < SLOTS; i++) if (i in keys) printf "[%d] = {%d, {%s}},\n", i, keys[i], rows[i]
    print "};"
}
