/* Looks up the names in dates: months and days of the week in the generated tables, halves of the
 * day and time zones in the tables here. Used by date.c and lib/digest. */
#include "base/date_name.h"

#include "base/date_fold.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Sorted by the bytes of the name, then by value. */
struct name {
    const char *name;
    signed char value;
    bool common;       /* used by at least one language that is not rare in feeds */
    const char *langs; /* language codes, each between blanks */
};

#include "dates_table.h" /* months, weekdays: made by lib/base/gen/dates.c */

static const struct {
    const char *name;
    int value;
} noons[] = {
    {"a.m", 0}, {"am", 0},   {"p.m", 12},  {"pm", 12},  {"μμ", 12},   {"πμ", 0},   {"μ.μ", 12},
    {"π.μ", 0}, {"上午", 0}, {"下午", 12}, {"午前", 0}, {"午後", 12}, {"오전", 0}, {"오후", 12},
};

/* Sorted by frequency of use, not by name. An abbreviation used in several countries has the
 * meaning of RFC 822 or of most feeds. */
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

enum { MAX_CODE = 8 };

/* Writes the first part of "pt-BR" between blanks, for a search in `langs`; false if it is not a
 * code. */
static bool code_of(const char *lang, char code[MAX_CODE + 3])
{
    size_t n = lang ? strcspn(lang, "-_") : 0;
    if (n < 2 || n > MAX_CODE)
        return false;
    code[0] = ' ';
    for (size_t i = 0; i < n; i++)
        code[i + 1] = (char)tolower((unsigned char)lang[i]);
    code[n + 1] = ' ';
    code[n + 2] = 0;
    return true;
}

enum match {
    WHOLE,
    START,     /* prefix of a name */
    RARE_WHOLE /* a name in rare languages */
};

static unsigned meanings(const struct name *table, size_t n, const char *word, const char *lang,
                         enum match match)
{
    char code[MAX_CODE + 3];
    bool has_code = code_of(lang, code);
    size_t low = 0, high = n, length = strlen(word) + (match != START);
    unsigned common = 0, own = 0, rare = 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (strcmp(table[mid].name, word) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < n && !strncmp(table[low].name, word, length); low++) {
        unsigned bit = 1u << table[low].value;
        if (match == START && strchr(table[low].name, ' '))
            continue; /* its first word alone is ambiguous */
        *(table[low].common ? &common : &rare) |= bit;
        own |= has_code && strstr(table[low].langs, code) ? bit : 0;
    }
    return own ? own : match == RARE_WHOLE ? rare : common;
}
#define MEANINGS(table, word, lang, match)                                                         \
    meanings(table, sizeof(table) / sizeof *(table), word, lang, match)

unsigned date_month_find(const char *name, const char *lang)
{
    unsigned found = MEANINGS(months, name, lang, WHOLE);
    return found ? found : MEANINGS(months, name, lang, RARE_WHOLE);
}

struct date_name date_name_find(const char *word, const char *lang)
{
    size_t n = date_characters(word);
    bool may_be_month = strlen(word) >= 3;
    struct date_name found = {may_be_month ? MEANINGS(months, word, lang, WHOLE) : 0,
                              MEANINGS(weekdays, word, lang, WHOLE)};
    if (found.months || found.weekdays)
        return found;
    if (n >= 3)
        found.months = MEANINGS(months, word, lang, START);
    if (n >= 2)
        found.weekdays = MEANINGS(weekdays, word, lang, START);
    if (!found.months && !found.weekdays && may_be_month)
        found.months = MEANINGS(months, word, lang, RARE_WHOLE);
    return found;
}

int date_noon_by_name(const char *word)
{
    for (size_t i = 0; i < sizeof noons / sizeof *noons; i++)
        if (*noons[i].name == *word && !strcmp(noons[i].name, word))
            return noons[i].value;
    return -1;
}

const struct date_zone *date_zone_by_name(const char *word)
{
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (*zones[i].name == *word && !strcmp(zones[i].name, word))
            return &zones[i];
    return NULL;
}
