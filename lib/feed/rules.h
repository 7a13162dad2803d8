/* The meaning of elements in feeds: one table for all formats. */
#ifndef FEED_RULES_H
#define FEED_RULES_H

#include "feed/xml.h"

enum rules_ns {
    NS_CORE,
    NS_RDF,
    NS_DC,
    NS_CONTENT,
    NS_MEDIA,
    NS_ITUNES,
    NS_BURNER,
    NS_SYNDICATION,
    NS_XHTML,
    NS_XML,
    NS_OTHER
};

/* The position of an element in the document. */
enum rules_scope {
    IN_START = 1,
    IN_FEED = 2,
    IN_ITEM = 4,
    IN_PERSON = 8,
    IN_SOURCE = 16,
    IN_IMAGE = 32,
    IN_SKIPS = 64,    /* hours or days in which the feed does not change */
    IN_NOTHING = 128, /* everything in here is skipped */
};

enum rules_field {
    F_NONE,
    F_TITLE,
    F_LINK,
    F_ID,
    F_SUMMARY,
    F_CONTENT,
    F_AUTHOR,
    F_PUBLISHED,
    F_UPDATED,
    F_LANGUAGE,
    F_SOURCE_TITLE,
    F_SOURCE_URL,
    F_ORIG_LINK,
    F_IMAGE,
    F_SELF,
    F_HUB,
    F_NEXT,
    F_PREV_ARCHIVE,
    F_CATEGORY,
    F_KEYWORDS,
    F_TTL,
    F_UPDATE_PERIOD,
    F_UPDATE_FREQUENCY,
    F_SKIP_HOUR,
    F_SKIP_DAY,
    F_PERSON_NAME,
    F_PERSON_MAIL,
    F_COUNT
};

enum rules_action {
    ENTER, /* enters the scope in `arg` */
    ENTER_ITEM,
    ENTER_PERSON,
    STAY, /* its children count as its parent's */
    TEXT, /* its text is the field in `arg` */
    DO_LINK,
    DO_GUID,
    DO_SOURCE,
    DO_CATEGORY,
    DO_ENCLOSURE,
    DO_MEDIA,
    DO_PLAYER,
    DO_IMAGE,
};

/* A field keeps the value of the highest priority; of equal ones, the first. */
struct rules_rule {
    const char *name; /* in lower case */
    enum rules_ns ns;
    int scopes;
    enum rules_action action;
    int arg, priority;
};

enum rules_ns rules_namespace(const struct xml_name *name);

/* NULL if the element has no meaning in that scope. */
const struct rules_rule *rules_find(enum rules_ns ns, const char *local, enum rules_scope scope);

#endif
