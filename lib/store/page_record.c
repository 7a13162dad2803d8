/* The JSON fields of a page, in the order in which they are written; see page_record.h. Used by
 * daemon/pages, article_page.c and storyctl. */
#include "store/page_record.h"

#define AT(member) offsetof(struct page_record, member), NULL, false

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(article)},
    {"url", CODEC_STRING, AT(url)},
    {"host", CODEC_STRING, AT(host)},
    {"feed", CODEC_NUMBER, AT(feed)},
    {"state", CODEC_STRING, AT(state)},
    {"why", CODEC_TEXT, AT(why)},
    {"rank", CODEC_NUMBER, AT(rank)},
    {"queued", CODEC_NUMBER, AT(queued)},
    {"asked", CODEC_TIME, AT(asked)},
    {"done", CODEC_TIME, AT(done)},
    {"status", CODEC_TIME, AT(status)},
    {"bytes", CODEC_COUNT, AT(bytes)},
    {"words", CODEC_COUNT, AT(words)},
    {"tries", CODEC_NUMBER, AT(tries)},
    {"redirects", CODEC_NUMBER, AT(redirects)},
    {"etag", CODEC_TEXT, AT(etag)},
    {"last_modified", CODEC_TEXT, AT(last_modified)},
    {"", CODEC_REST, AT(rest)},
    {0},
};
const struct codec_table page_record_table = {sizeof(struct page_record), fields};

struct page_record page_record_init(uint64_t article)
{
    struct page_record page;
    codec_read(&page_record_table, NULL, &page);
    page.article = article;
    return page;
}
