#include "base/date_name.h"

#include <stddef.h>
#include <string.h>

/* Words are compared in lower case and without accents. The longest stem that starts a word wins.
 * The tables of stems are sorted by bytes. */
struct stem {
    char stem[15];
    signed char value;
};

static const struct stem months[] = {
    {"abr", 4},    {"ago", 8},  {"aou", 8},    {"apr", 4},      {"ara", 12},     {"aug", 8},
    {"avr", 4},    {"brez", 3}, {"cerven", 6}, {"cervence", 7}, {"cervenec", 7}, {"cze", 6},
    {"dec", 12},   {"des", 12}, {"dez", 12},   {"dic", 12},     {"dub", 4},      {"eki", 10},
    {"elo", 8},    {"ene", 1},  {"eyl", 9},    {"fab", 2},      {"feb", 2},      {"fev", 2},
    {"gen", 1},    {"giu", 6},  {"gru", 12},   {"haz", 6},      {"heina", 7},    {"helmi", 2},
    {"huh", 4},    {"ian", 1},  {"iul", 7},    {"iun", 6},      {"jan", 1},      {"joulu", 12},
    {"juil", 7},   {"juin", 6}, {"jul", 7},    {"jun", 6},      {"kas", 11},     {"kesa", 6},
    {"kol", 8},    {"kve", 5},  {"kwi", 4},    {"led", 1},      {"lip", 7},      {"lis", 11},
    {"loka", 10},  {"lug", 7},  {"lut", 2},    {"maa", 3},      {"mac", 3},      {"mag", 5},
    {"maggio", 5}, {"mai", 5},  {"maj", 5},    {"mar", 3},      {"marras", 11},  {"mau", 5},
    {"may", 5},    {"mei", 5},  {"mrt", 3},    {"mrz", 3},      {"nis", 4},      {"noi", 11},
    {"nov", 11},   {"oca", 1},  {"oct", 10},   {"okt", 10},     {"ott", 10},     {"out", 10},
    {"ozu", 3},    {"paz", 10}, {"pros", 12},  {"rij", 10},     {"ruj", 9},      {"sep", 9},
    {"set", 9},    {"sie", 8},  {"sij", 1},    {"srp", 8},      {"sty", 1},      {"sub", 2},
    {"svi", 5},    {"syys", 9}, {"szep", 9},   {"tammi", 1},    {"tem", 7},      {"tou", 5},
    {"tra", 4},    {"uno", 2},  {"velj", 2},   {"wrz", 9},      {"zar", 9},      {"απρ", 4},
    {"αυγ", 8},    {"δεκ", 12}, {"ιαν", 1},    {"ιολ", 7},      {"ιον", 6},      {"ιουλ", 7},
    {"ιουν", 6},   {"μαι", 5},  {"μαρ", 3},    {"μαω", 3},      {"νοε", 11},     {"οκτ", 10},
    {"σεπ", 9},    {"φεβ", 2},  {"авг", 8},    {"апр", 4},      {"бер", 3},      {"вер", 9},
    {"гру", 12},   {"дек", 12}, {"жов", 10},   {"июл", 7},      {"июн", 6},      {"кві", 4},
    {"лип", 7},    {"лют", 2},  {"маи", 5},    {"мар", 3},      {"мая", 5},      {"ноя", 11},
    {"окт", 10},   {"сен", 9},  {"сер", 8},    {"січ", 1},      {"тра", 5},      {"фев", 2},
    {"чер", 6},    {"янв", 1},
};

static const struct stem noons[] = {
    {"a.m", 0},  {"am", 0},    {"p.m", 12}, {"pm", 12},   {"μμ", 12},  {"πμ", 0},
    {"上午", 0}, {"下午", 12}, {"午前", 0}, {"午後", 12}, {"오전", 0}, {"오후", 12},
};

/* Sorted by use, not by name. What several countries call the same means what RFC 822 or most feeds
 * mean by it. */
static const struct date_zone zones[] = {
    {"gmt", 0, NULL},
    {"utc", 0, NULL},
    {"ut", 0, NULL},
    {"z", 0, NULL},
    {"est", -300, NULL},
    {"edt", -240, NULL},
    {"cst", -360, NULL},
    {"cdt", -300, NULL},
    {"mst", -420, NULL},
    {"mdt", -360, NULL},
    {"pst", -480, NULL},
    {"pdt", -420, NULL},
    {"et", -300, "us"},
    {"ct", -360, "us"},
    {"mt", -420, "us"},
    {"pt", -480, "us"},
    {"at", -240, "us"},
    {"ast", -240, NULL},
    {"adt", -180, NULL},
    {"nst", -210, NULL},
    {"ndt", -150, NULL},
    {"akst", -540, NULL},
    {"akdt", -480, NULL},
    {"hst", -600, NULL},
    {"bst", 60, NULL},
    {"ist", 330, NULL},
    {"wet", 0, NULL},
    {"west", 60, NULL},
    {"cet", 60, NULL},
    {"cest", 120, NULL},
    {"met", 60, NULL},
    {"mez", 60, NULL},
    {"mest", 120, NULL},
    {"mesz", 120, NULL},
    {"eet", 120, NULL},
    {"eest", 180, NULL},
    {"msk", 180, NULL},
    {"msd", 240, NULL},
    {"sast", 120, NULL},
    {"eat", 180, NULL},
    {"wat", 60, NULL},
    {"cat", 120, NULL},
    {"gst", 240, NULL},
    {"pkt", 300, NULL},
    {"npt", 345, NULL},
    {"ict", 420, NULL},
    {"wib", 420, NULL},
    {"wita", 480, NULL},
    {"wit", 540, NULL},
    {"hkt", 480, NULL},
    {"sgt", 480, NULL},
    {"pht", 480, NULL},
    {"myt", 480, NULL},
    {"jst", 540, NULL},
    {"kst", 540, NULL},
    {"awst", 480, NULL},
    {"acst", 570, NULL},
    {"acdt", 630, NULL},
    {"aest", 600, NULL},
    {"aedt", 660, NULL},
    {"nzst", 720, NULL},
    {"nzdt", 780, NULL},
    {"brt", -180, NULL},
    {"art", -180, NULL},
    {"clt", -240, NULL},
    {"trt", 180, NULL},
    {"etc/gmt", 0, NULL},
    {"etc/utc", 0, NULL},
    {"us/eastern", -300, "us"},
    {"us/central", -360, "us"},
    {"us/mountain", -420, "us"},
    {"us/pacific", -480, "us"},
    {"america/new_york", -300, "us"},
    {"america/detroit", -300, "us"},
    {"america/toronto", -300, "us"},
    {"america/montreal", -300, "us"},
    {"america/chicago", -360, "us"},
    {"america/winnipeg", -360, "us"},
    {"america/denver", -420, "us"},
    {"america/edmonton", -420, "us"},
    {"america/phoenix", -420, NULL},
    {"america/los_angeles", -480, "us"},
    {"america/vancouver", -480, "us"},
    {"america/anchorage", -540, "us"},
    {"america/halifax", -240, "us"},
    {"america/st_johns", -210, "us"},
    {"america/sao_paulo", -180, NULL},
    {"america/argentina/buenos_aires", -180, NULL},
    {"america/bogota", -300, NULL},
    {"america/lima", -300, NULL},
    {"america/mexico_city", -360, NULL},
    {"america/caracas", -240, NULL},
    {"pacific/honolulu", -600, NULL},
    {"europe/london", 0, "eu"},
    {"europe/dublin", 0, "eu"},
    {"europe/lisbon", 0, "eu"},
    {"europe/paris", 60, "eu"},
    {"europe/berlin", 60, "eu"},
    {"europe/madrid", 60, "eu"},
    {"europe/rome", 60, "eu"},
    {"europe/vienna", 60, "eu"},
    {"europe/zurich", 60, "eu"},
    {"europe/brussels", 60, "eu"},
    {"europe/amsterdam", 60, "eu"},
    {"europe/copenhagen", 60, "eu"},
    {"europe/stockholm", 60, "eu"},
    {"europe/oslo", 60, "eu"},
    {"europe/prague", 60, "eu"},
    {"europe/warsaw", 60, "eu"},
    {"europe/budapest", 60, "eu"},
    {"europe/belgrade", 60, "eu"},
    {"europe/zagreb", 60, "eu"},
    {"europe/athens", 120, "eu"},
    {"europe/helsinki", 120, "eu"},
    {"europe/bucharest", 120, "eu"},
    {"europe/sofia", 120, "eu"},
    {"europe/kiev", 120, "eu"},
    {"europe/kyiv", 120, "eu"},
    {"europe/istanbul", 180, NULL},
    {"europe/moscow", 180, NULL},
    {"europe/minsk", 180, NULL},
    {"africa/cairo", 120, NULL},
    {"africa/johannesburg", 120, NULL},
    {"africa/lagos", 60, NULL},
    {"africa/nairobi", 180, NULL},
    {"asia/dubai", 240, NULL},
    {"asia/tehran", 210, NULL},
    {"asia/karachi", 300, NULL},
    {"asia/kolkata", 330, NULL},
    {"asia/calcutta", 330, NULL},
    {"asia/kathmandu", 345, NULL},
    {"asia/dhaka", 360, NULL},
    {"asia/bangkok", 420, NULL},
    {"asia/jakarta", 420, NULL},
    {"asia/ho_chi_minh", 420, NULL},
    {"asia/shanghai", 480, NULL},
    {"asia/hong_kong", 480, NULL},
    {"asia/taipei", 480, NULL},
    {"asia/singapore", 480, NULL},
    {"asia/manila", 480, NULL},
    {"asia/kuala_lumpur", 480, NULL},
    {"asia/seoul", 540, NULL},
    {"asia/tokyo", 540, NULL},
    {"australia/perth", 480, NULL},
    {"australia/brisbane", 600, NULL},
};

static const struct stem *find_stem(const struct stem *table, size_t n, const char *word)
{
    const struct stem *best = NULL;
    size_t low = 0, high = n, longest = 0;
    while (low < high) { /* the first stem with that first byte */
        size_t mid = (low + high) / 2;
        if ((unsigned char)table[mid].stem[0] < (unsigned char)word[0])
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < n && table[low].stem[0] == word[0]; low++) {
        size_t length = strlen(table[low].stem);
        if (length > longest && !strncmp(word, table[low].stem, length)) {
            best = &table[low];
            longest = length;
        }
    }
    return best;
}
#define FIND_STEM(table, word) find_stem(table, sizeof(table) / sizeof *(table), word)

int date_month_by_name(const char *word)
{
    const struct stem *stem = FIND_STEM(months, word);
    return stem ? stem->value : 0;
}

int date_noon_by_name(const char *word)
{
    const struct stem *stem = FIND_STEM(noons, word);
    return stem && !strcmp(stem->stem, word) ? stem->value : -1;
}

const struct date_zone *date_zone_by_name(const char *word)
{
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (*zones[i].name == *word && !strcmp(zones[i].name, word))
            return &zones[i];
    return NULL;
}
