# Makes NAME_table.h of config/NAME.conf (-v name=NAME): a row of section, name and value a line.
BEGIN { print "static const struct { const char *section, *name, *value; } " name "_table[] = {" }
/^[ \t]*(#|$)/ { next }
/^\[/ { gsub(/[][ \t]/, ""); section = $0; next }
{ n = split($0, part, /[ \t]*=[ \t]*/); printf "{\"%s\", \"%s\", \"%s\"},\n", section, part[1], (n > 1 ? part[2] : "") }
END { print "};" }
