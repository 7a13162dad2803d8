# Makes kinds_table.h of config/kinds.conf: a row of weights for each feature, which kinds.c names.
/^[ \t]*(#|\[|$)/ { next }
{
    split($0, part, / *= */)
    gsub(/ +/, ", ", part[2])
    printf "[FEATURE_%s] = {%s},\n", toupper(part[1]), part[2]
}
