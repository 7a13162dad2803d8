/* The JSON fields of a post, in the order in which they are written; see post_record.h. Used by
 * posts.c and storyctl. */
#include "store/post_record.h"

#define AT(member) offsetof(struct post_record, member), NULL, false

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(number)},
    {"event", CODEC_NUMBER, AT(event)},
    {"feed", CODEC_NUMBER, AT(feed)},
    {"author", CODEC_TEXT, AT(author)},
    {"handle", CODEC_TEXT, AT(handle)},
    {"bio", CODEC_TEXT, AT(bio)},
    {"text", CODEC_STRING, AT(text)},
    {"url", CODEC_STRING, AT(url)},
    {"lang", CODEC_TEXT, AT(lang)},
    {"time", CODEC_NUMBER, AT(time)},
    {"seen", CODEC_NUMBER, AT(seen)},
    {"why", CODEC_STRING, AT(why)},
    {"article", CODEC_TIME, AT(article)},
    {"", CODEC_REST, AT(rest)},
    {0},
};
const struct codec_table post_table = {sizeof(struct post_record), fields};
