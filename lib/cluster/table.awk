# Makes engine_table.h of config/engine.conf: one row of section, name and value a line.
BEGIN { print "static const struct { const char *section, *name; double value; } engine_table[] = {" }
/^[ \t]*(#|$)/ { next }
/^\[/ { gsub(/[][ \t]/, ""); section = $0; next }
{ split($0, part, /[ \t]*=[ \t]*/); printf "{\"%s\", \"%s\", %s},\n", section, part[1], part[2] }
END { print "};" }
