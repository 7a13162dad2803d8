/* The tables of namespaces and elements of all feed formats, and their lookup; see rules.h. Used by
 * build.c. */
#include "feed/rules.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { MAX_NAME = 32 };

/* ---- namespaces ------------------------------------------------------------------------------ */

/* By URI, compared without case, scheme and trailing characters; `whole` means that nothing else
 * may follow. */
static const struct {
    const char *start;
    bool whole;
    enum rules_ns ns;
} namespaces[] = {
    {"www.w3.org/2005/atom", true, NS_CORE},
    {"purl.org/atom/ns", false, NS_CORE},
    {"purl.org/rss/1.0/modules/content", true, NS_CONTENT},
    {"purl.org/rss/1.0/modules/syndication", true, NS_SYNDICATION},
    {"purl.org/rss/1.0", true, NS_CORE},
    {"purl.org/rss/2.0", true, NS_CORE},
    {"purl.org/net/rss", false, NS_CORE},
    {"my.netscape.com/", false, NS_CORE},
    {"channel.netscape.com/", false, NS_CORE},
    {"backend.userland.com/rss", false, NS_CORE},
    {"blogs.law.harvard.edu/tech/rss", true, NS_CORE},
    {"cyber.law.harvard.edu/rss", false, NS_CORE},
    {"www.w3.org/1999/02/22-rdf-syntax-ns", true, NS_RDF},
    {"purl.org/dc/elements/1.", false, NS_DC},
    {"purl.org/dc/terms", true, NS_DC},
    {"search.yahoo.com/mrss", true, NS_MEDIA},
    {"www.rssboard.org/media-rss", true, NS_MEDIA},
    {"www.itunes.com/dtds/podcast-1.0.dtd", true, NS_ITUNES},
    {"example.com/dtds/podcast-1.0.dtd", true, NS_ITUNES},
    {"www.google.com/schemas/play-podcasts", false, NS_ITUNES},
    {"rssnamespace.org/feedburner/ext/1.0", true, NS_BURNER},
    {"www.pheedo.com/namespace/pheedo", true, NS_BURNER},
    {"www.w3.org/1999/xhtml", true, NS_XHTML},
    {"www.w3.org/xml/1998/namespace", true, NS_XML},
};

/* By the customary prefix, if the URI is unknown. */
static const struct {
    const char *prefix;
    enum rules_ns ns;
} prefixes[] = {
    {"atom", NS_CORE},         {"rss", NS_CORE},
    {"rdf", NS_RDF},           {"dc", NS_DC},
    {"dcterms", NS_DC},        {"dct", NS_DC},
    {"content", NS_CONTENT},   {"media", NS_MEDIA},
    {"itunes", NS_ITUNES},     {"googleplay", NS_ITUNES},
    {"feedburner", NS_BURNER}, {"pheedo", NS_BURNER},
    {"xhtml", NS_XHTML},       {"xml", NS_XML},
    {"sy", NS_SYNDICATION},
};

static bool namespace_by_address(const char *uri, enum rules_ns *ns)
{
    const char *p = strstr(uri, "://");
    p = p ? p + 3 : uri;
    size_t n = strlen(p);
    while (n && (p[n - 1] == '/' || p[n - 1] == '#'))
        n--;
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        size_t len = strlen(namespaces[i].start);
        if (n >= len && (n == len || !namespaces[i].whole) &&
            !strncasecmp(p, namespaces[i].start, len)) {
            *ns = namespaces[i].ns;
            return true;
        }
    }
    return false;
}

enum rules_ns rules_namespace(const struct xml_name *name)
{
    enum rules_ns ns;
    if (name->uri && namespace_by_address(name->uri, &ns))
        return ns;
    if (!name->prefix || !*name->prefix)
        return NS_CORE; /* regardless of the name of a feed's default namespace */
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (!strcasecmp(prefixes[i].prefix, name->prefix))
            return prefixes[i].ns;
    return NS_OTHER;
}

/* ---- elements -------------------------------------------------------------------------------- */

/* Sorted by name. */
static const struct rules_rule rules[] = {
    {"abstract", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_SUMMARY, 20},
    {"abstract", NS_DC, IN_ITEM, TEXT, F_SUMMARY, 8},
    {"author", NS_CORE, IN_FEED | IN_ITEM, ENTER_PERSON, 0, 20},
    {"author", NS_CORE, IN_SOURCE, ENTER_PERSON, 0, 5},
    {"author", NS_DC, IN_FEED | IN_ITEM, ENTER_PERSON, 0, 20},
    {"author", NS_ITUNES, IN_FEED | IN_ITEM, TEXT, F_AUTHOR, 10},
    {"body", NS_CORE, IN_ITEM, TEXT, F_CONTENT, 15},
    {"body", NS_XHTML, IN_ITEM, TEXT, F_CONTENT, 15},
    {"category", NS_CORE, IN_ITEM, DO_CATEGORY, F_CATEGORY, 0},
    {"category", NS_ITUNES, IN_ITEM, DO_CATEGORY, F_CATEGORY, 0},
    {"channel", NS_CORE, IN_START | IN_FEED, ENTER, IN_FEED, 0},
    {"content", NS_CORE, IN_ITEM, TEXT, F_CONTENT, 20},
    {"content", NS_MEDIA, IN_ITEM, DO_MEDIA, F_IMAGE, 20},
    {"created", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 10},
    {"created", NS_DC, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 8},
    {"creator", NS_DC, IN_FEED | IN_ITEM, ENTER_PERSON, 0, 20},
    {"date", NS_DC, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 12},
    {"day", NS_CORE, IN_SKIPS, TEXT, F_SKIP_DAY, 0},
    {"description", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_SUMMARY, 20},
    {"description", NS_DC, IN_FEED | IN_ITEM, TEXT, F_SUMMARY, 15},
    {"description", NS_MEDIA, IN_ITEM, TEXT, F_SUMMARY, 3},
    {"div", NS_XHTML, IN_ITEM, TEXT, F_CONTENT, 14},
    {"email", NS_CORE, IN_PERSON, TEXT, F_PERSON_MAIL, 10},
    {"enclosure", NS_CORE, IN_ITEM, DO_ENCLOSURE, F_IMAGE, 10},
    {"encoded", NS_CONTENT, IN_ITEM, TEXT, F_CONTENT, 25},
    {"entry", NS_CORE, IN_START | IN_FEED, ENTER_ITEM, 0, 0},
    {"feed", NS_CORE, IN_START, ENTER, IN_FEED, 0},
    {"fullitem", NS_CORE, IN_ITEM, TEXT, F_CONTENT, 16},
    {"group", NS_MEDIA, IN_ITEM, STAY, 0, 0},
    {"guid", NS_CORE, IN_ITEM, DO_GUID, F_ID, 20},
    {"homepage", NS_CORE, IN_PERSON, ENTER, IN_NOTHING, 0},
    {"hour", NS_CORE, IN_SKIPS, TEXT, F_SKIP_HOUR, 0},
    {"id", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_ID, 20},
    {"identifier", NS_DC, IN_ITEM, TEXT, F_ID, 5},
    {"image", NS_CORE, IN_ITEM, ENTER, IN_IMAGE, 0},
    {"image", NS_ITUNES, IN_ITEM, DO_IMAGE, F_IMAGE, 5},
    {"issued", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 20},
    {"issued", NS_DC, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 15},
    {"item", NS_CORE, IN_START | IN_FEED, ENTER_ITEM, 0, 0},
    {"items", NS_CORE, IN_FEED, STAY, 0, 0}, /* of RSS 1.1; those of 1.0 contain no items */
    {"keywords", NS_ITUNES, IN_ITEM, TEXT, F_KEYWORDS, 0},
    {"language", NS_CORE, IN_FEED, TEXT, F_LANGUAGE, 20},
    {"language", NS_DC, IN_FEED | IN_ITEM, TEXT, F_LANGUAGE, 15},
    {"lastbuilddate", NS_CORE, IN_FEED, TEXT, F_UPDATED, 20},
    {"link", NS_CORE, IN_FEED | IN_ITEM | IN_SOURCE, DO_LINK, F_LINK, 20},
    {"managingeditor", NS_CORE, IN_FEED, TEXT, F_AUTHOR, 15},
    {"modified", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_UPDATED, 20},
    {"modified", NS_DC, IN_FEED | IN_ITEM, TEXT, F_UPDATED, 15},
    {"name", NS_CORE, IN_PERSON, TEXT, F_PERSON_NAME, 10},
    {"origlink", NS_BURNER, IN_ITEM, TEXT, F_ORIG_LINK, 20},
    {"player", NS_MEDIA, IN_ITEM, DO_PLAYER, F_LINK, 3},
    {"pubdate", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 20},
    {"published", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_PUBLISHED, 25},
    {"rdf", NS_RDF, IN_START, ENTER, IN_FEED, 0},
    {"rss", NS_CORE, IN_START, ENTER, IN_FEED, 0},
    {"skipdays", NS_CORE, IN_FEED, ENTER, IN_SKIPS, 0},
    {"skiphours", NS_CORE, IN_FEED, ENTER, IN_SKIPS, 0},
    {"source", NS_CORE, IN_ITEM, DO_SOURCE, 0, 0},
    {"subject", NS_DC, IN_ITEM, TEXT, F_CATEGORY, 0},
    {"subtitle", NS_CORE, IN_FEED, TEXT, F_SUMMARY, 20},
    {"subtitle", NS_ITUNES, IN_FEED | IN_ITEM, TEXT, F_SUMMARY, 5},
    {"summary", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_SUMMARY, 20},
    {"summary", NS_ITUNES, IN_FEED | IN_ITEM, TEXT, F_SUMMARY, 10},
    {"tagline", NS_CORE, IN_FEED, TEXT, F_SUMMARY, 20},
    {"thumbnail", NS_MEDIA, IN_ITEM, DO_MEDIA, F_IMAGE, 25},
    {"title", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_TITLE, 20},
    {"title", NS_CORE, IN_SOURCE, TEXT, F_SOURCE_TITLE, 20},
    {"title", NS_DC, IN_FEED | IN_ITEM, TEXT, F_TITLE, 10},
    {"title", NS_ITUNES, IN_ITEM, TEXT, F_TITLE, 3},
    {"title", NS_MEDIA, IN_ITEM, TEXT, F_TITLE, 5},
    {"ttl", NS_CORE, IN_FEED, TEXT, F_TTL, 0},
    {"updated", NS_CORE, IN_FEED | IN_ITEM, TEXT, F_UPDATED, 25},
    {"updatefrequency", NS_SYNDICATION, IN_FEED, TEXT, F_UPDATE_FREQUENCY, 0},
    {"updateperiod", NS_SYNDICATION, IN_FEED, TEXT, F_UPDATE_PERIOD, 0},
    {"uri", NS_CORE, IN_PERSON, ENTER, IN_NOTHING, 0},
    {"url", NS_CORE, IN_PERSON, ENTER, IN_NOTHING, 0},
    {"url", NS_CORE, IN_IMAGE, TEXT, F_IMAGE, 10},
    {"webmaster", NS_CORE, IN_FEED, TEXT, F_AUTHOR, 4},
};

enum { N_RULES = sizeof rules / sizeof *rules };

/* The first rule whose name is not less. Two characters decide most comparisons. */
static size_t find_name(const char *name)
{
    size_t low = 0, high = N_RULES;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = rules[mid].name[0] - name[0];
        if (!order)
            order = rules[mid].name[1] - name[1];
        if (!order)
            order = strcmp(rules[mid].name, name);
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct rules_rule *rules_find(enum rules_ns ns, const char *local, enum rules_scope scope)
{
    char name[MAX_NAME];
    size_t n = 0;
    for (; n < MAX_NAME - 1 && local[n]; n++)
        name[n] = local[n] >= 'A' && local[n] <= 'Z' ? (char)(local[n] + 32) : local[n];
    name[n] = 0;
    for (size_t i = find_name(name); i < N_RULES && !strcmp(rules[i].name, name); i++)
        if (rules[i].ns == ns && rules[i].scopes & (int)scope)
            return &rules[i];
    return NULL;
}
