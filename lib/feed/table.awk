# Generates NAME_table.h from config/NAME.conf (-v name=NAME): one row of section, name and value for
# each line, sorted by section and name, and the bounds of each section: NAME_SECTION, NAME_SECTION_END.
/^[ \t]*(#|$)/ { next }
/^\[/ { gsub(/[][ \t]/, ""); section = $0; next }
{
    n = 1; part[1] = $0
    if (match($0, /[ \t]*=[ \t]*/)) { # the first: a value may have more
        n = 2; part[1] = substr($0, 1, RSTART - 1); part[2] = substr($0, RSTART + RLENGTH)
    }
    for (at = rows++; at > 0 && (from[at - 1] > section || (from[at - 1] == section && names[at - 1] > part[1] "")); at--) {
        from[at] = from[at - 1]; names[at] = names[at - 1]; values[at] = values[at - 1]
    }
    from[at] = section; names[at] = part[1] ""; values[at] = n > 1 ? part[2] : ""
}
END {
    print "static const struct { const char *section, *name, *value; } " name "_table[] = {"
    for (i = 0; i < rows; i++)
        printf "{\"%s\", \"%s\", \"%s\"},\n", from[i], names[i], values[i]
    print "};\nenum {"
    for (i = 0; i < rows; i++)
        if (i == 0 || from[i] != from[i - 1])
            printf "%s%s_%s = %d,\n", i ? toupper(name "_" from[i - 1]) "_END = " i ", " : "", toupper(name), toupper(from[i]), i
    print toupper(name "_" from[rows - 1]) "_END = " rows " };"
}
