/* What is made of an item: its address, title and speaker. */
#include "unit.h"

#include "article/article.h"
#include "article/source_name.h"
#include "article/title.h"

#include <stdlib.h>

struct example {
    struct feed feed;
    struct feed_item item;
    struct feed_origin origin;
    const char *domain, *source, *title, *claimed;
};

/* The texts are constants; nothing writes through them. */
#define S(text) ((char *)(uintptr_t)(text))

static void articles_of_items(void **state)
{
    const struct example table[] = {
        /* the article's own domain, the feed's name */
        {.feed = {.title = S("Harbour Post"), .link = S("https://harbourpost.example/")},
         .item = {.title = S("Ferry aground - Harbour Post"),
                  .link = S("https://www.harbourpost.example/1")},
         .origin = {.url = "https://harbourpost.example/rss"},
         .domain = "harbourpost.example",
         .source = "Harbour Post",
         .title = "Ferry aground"},
        /* a transport: <source> says who it is */
        {.feed = {.title = S("Google News"), .link = S("https://news.google.com/")},
         .item = {.title = S("Ferry aground - Harbour Post"),
                  .link = S("https://news.google.com/articles/1"),
                  .source_title = S("Harbour Post"),
                  .source_url = S("https://www.harbourpost.example")},
         .origin = {.url = "https://news.google.com/rss", .aggregator = true},
         .domain = "harbourpost.example",
         .source = "Harbour Post",
         .title = "Ferry aground"},
        /* a transport's link, and a guid that is the article's own address */
        {.feed = {.title = S("Harbour Post"), .link = S("https://feeds.feedburner.com/x")},
         .item = {.title = S("Ferry aground"),
                  .link = S("https://feedproxy.google.com/~r/x/1"),
                  .id = S("https://www.harbourpost.example/1"),
                  .id_is_link = true},
         .origin = {.url = "https://feeds.feedburner.com/x"},
         .domain = "harbourpost.example",
         .source = "Harbour Post",
         .title = "Ferry aground"},
        /* a transport that hides the publisher: the site that the feed belongs to */
        {.feed = {.title = S("Harbour Post"), .link = S("https://harbourpost.example/")},
         .item = {.title = S("Ferry aground"), .link = S("https://feedproxy.google.com/~r/x/1")},
         .origin = {.url = "https://feeds.feedburner.com/x"},
         .domain = "harbourpost.example",
         .source = "Harbour Post",
         .title = "Ferry aground"},
        /* a transport that has no <source>: the name is behind the title alone */
        {.feed = {.title = S("Google News"), .link = S("https://news.google.com/")},
         .item = {.title = S("Ferry aground - what we know - Harbour Post"),
                  .link = S("https://news.google.com/articles/1")},
         .origin = {.url = "https://news.google.com/rss", .aggregator = true},
         .domain = "Harbour Post",
         .source = "Harbour Post",
         .title = "Ferry aground - what we know"},
        /* the same, where what is behind the title is no name */
        {.feed = {.title = S("Google News"), .link = S("https://news.google.com/")},
         .item = {.title = S("Ferry aground - what we know"),
                  .link = S("https://news.google.com/articles/1")},
         .origin = {.url = "https://news.google.com/rss", .aggregator = true},
         .domain = "Google News",
         .source = "Google News",
         .title = "Ferry aground - what we know"},
        /* the feed's name is that of a part of the site */
        {.feed = {.title = S("World | The Harbour Post"), .link = S("https://hp.example/world")},
         .item = {.title = S("Ferry aground | The Harbour Post"),
                  .link = S("https://hp.example/1")},
         .origin = {.url = "https://hp.example/rss"},
         .domain = "hp.example",
         .source = "World | The Harbour Post",
         .title = "Ferry aground"},
        /* a platform: the account */
        {.feed = {.title = S("Harbour Post TV")},
         .item = {.title = S("Ferry - the pictures"),
                  .link = S("https://www.youtube.com/watch?v=1")},
         .origin = {.url = "https://www.youtube.com/feeds/videos.xml?channel_id=1"},
         .domain = "youtube.com/channel/1",
         .source = "Harbour Post TV",
         .title = "Ferry - the pictures"},
        /* the one that its site names, before its own address */
        {.feed = {.title = S("Harbour Post TV"), .link = S("https://www.youtube.com/channel/UC1")},
         .item = {.title = S("Ferry"), .link = S("https://www.youtube.com/watch?v=1")},
         .origin = {.url = "https://www.youtube.com/feeds/videos.xml?user=harbour"},
         .domain = "youtube.com/channel/uc1",
         .source = "Harbour Post TV",
         .title = "Ferry"},
        /* no address tells it: its name does, but makes nobody of it who has that name elsewhere */
        {.feed = {.title = S("Reuters"), .link = S("https://hp.example/")},
         .item = {.title = S("Ferry"), .link = S("https://www.youtube.com/watch?v=1")},
         .origin = {.url = "https://hp.example/rss", .aggregator = true},
         .domain = "youtube.com/reuters",
         .source = "Reuters",
         .title = "Ferry"},
        {.feed = {.title = S("Letter of Ann"), .link = S("https://ann.substack.com/")},
         .item = {.title = S("Ferry"), .link = S("https://youtu.be/1")},
         .origin = {.url = "https://ann.substack.com/feed"},
         .domain = "ann.substack.com",
         .source = "Letter of Ann",
         .title = "Ferry"},
        /* another's account */
        {.feed = {.title = S("Links of Ann"), .link = S("https://ann.substack.com/")},
         .item = {.title = S("Ferry"), .link = S("https://bob.substack.com/p/1")},
         .origin = {.url = "https://ann.substack.com/feed"},
         .domain = "ann.substack.com",
         .source = "Links of Ann",
         .title = "Ferry",
         .claimed = "bob.substack.com"},
        {.feed = {.title = S("r/harbours"), .link = S("https://www.reddit.com/r/harbours/")},
         .item = {.title = S("Ferry"),
                  .link = S("https://www.reddit.com/r/harbours/comments/1/ferry/")},
         .origin = {.url = "https://www.reddit.com/r/harbours/.rss"},
         .domain = "reddit.com/r/harbours",
         .source = "r/harbours",
         .title = "Ferry"},
        /* a feed that links to another's article, and one that names another by <source> */
        {.feed = {.title = S("A reader's links"), .link = S("https://reader.example/")},
         .item = {.title = S("Ferry aground"), .link = S("https://www.harbourpost.example/1")},
         .origin = {.url = "https://reader.example/rss"},
         .domain = "reader.example",
         .source = "A reader's links",
         .title = "Ferry aground",
         .claimed = "harbourpost.example"},
        {.feed = {.title = S("A reader's links"), .link = S("https://reader.example/")},
         .item = {.title = S("Ferry aground - Harbour Post"),
                  .link = S("https://reader.example/1"),
                  .source_title = S("Harbour Post"),
                  .source_url = S("https://harbourpost.example")},
         .origin = {.url = "https://reader.example/rss"},
         .domain = "reader.example",
         .source = "A reader's links",
         .title = "Ferry aground",
         .claimed = "harbourpost.example"},
    };
    (void)state;
    struct publishers *p = publishers_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct feed_article a;
        struct feed feed = table[i].feed;
        struct feed_item item = table[i].item;
        struct feed_origin origin = table[i].origin;
        enum speaker_by by;
        feed.items = &item;
        feed.n_items = 1;
        struct feed_speaker speaker = {.domain = speaker_named(p, &feed, &origin, &by)};
        origin.speaker = &speaker;
        feed_article_make(p, &feed, &item, &origin, &a);
        assert_string_equal(a.domain, table[i].domain);
        assert_string_equal(a.source, table[i].source);
        assert_string_equal(a.title, table[i].title);
        assert_string_equal(a.claimed_domain ? a.claimed_domain : "",
                            table[i].claimed ? table[i].claimed : "");
        speaker_free(&speaker);
        feed_article_free(&a);
    }
    publishers_free(p);
}

/* Whom a feed speaks for: the list, its own link, its items, its address. */
static void speakers_of_feeds(void **state)
{
    static const struct {
        const char *home, *link, *items[3], *url, *title, *domain;
        enum speaker_by by;
    } table[] = {
        /* the list's word goes first, unless it names a transport */
        {"https://a.example/",
         "https://b.example/",
         {"https://b.example/1"},
         "https://b.example/rss",
         "B",
         "a.example",
         SPEAKER_LIST},
        {"https://feeds.feedburner.com/b",
         "https://b.example/",
         {"https://b.example/1"},
         "https://feeds.feedburner.com/b",
         "B",
         "b.example",
         SPEAKER_SITE},
        /* two of three */
        {NULL,
         "https://old.example/",
         {"https://b.example/1"},
         "https://feeds.b.example/rss",
         "B",
         "b.example",
         SPEAKER_SITE},
        {NULL,
         "https://b.example/",
         {"https://b.example/1", "https://c.example/1"},
         "https://cdn.example/rss",
         "B",
         "b.example",
         SPEAKER_SITE},
        {NULL,
         "https://b.example/",
         {"https://c.example/1", "https://d.example/1"},
         "https://b.example/rss",
         "B",
         "b.example",
         SPEAKER_SITE},
        /* no two agree: the feed's own link */
        {NULL,
         "https://b.example/",
         {"https://c.example/1"},
         "https://d.example/rss",
         "B",
         "b.example",
         SPEAKER_SITE},
        /* no link, or a transport's: most items */
        {NULL,
         NULL,
         {"https://b.example/1", "https://b.example/2", "https://c.example/1"},
         "https://rss.app/feeds/1.xml",
         "B",
         "b.example",
         SPEAKER_SITE},
        {NULL,
         "https://rss.app/x",
         {"https://b.example/1"},
         "https://rss.app/feeds/1.xml",
         "B",
         "b.example",
         SPEAKER_SITE},
        /* half of the items are not most of them */
        {NULL,
         NULL,
         {"https://b.example/1", "https://c.example/1"},
         "https://d.example/rss",
         "B",
         "d.example",
         SPEAKER_ADDRESS},
        {NULL,
         NULL,
         {"https://b.example/1", "https://c.example/1"},
         "https://rss.app/1.xml",
         "B",
         "rss.app/1.xml",
         SPEAKER_ADDRESS},
        /* families are one */
        {NULL,
         "https://www.bbc.com/news",
         {"https://www.bbc.co.uk/news/1"},
         "https://feeds.bbci.co.uk/news/rss.xml",
         "BBC",
         "bbc.co.uk",
         SPEAKER_SITE},
    };
    (void)state;
    struct publishers *p = publishers_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct feed_item items[3] = {{0}};
        struct feed feed = {.title = S(table[i].title), .link = S(table[i].link), .items = items};
        while (feed.n_items < 3 && table[i].items[feed.n_items]) {
            items[feed.n_items].link = S(table[i].items[feed.n_items]);
            feed.n_items++;
        }
        const struct feed_origin origin = {.url = table[i].url, .home = table[i].home};
        enum speaker_by by;
        char *domain = speaker_named(p, &feed, &origin, &by);
        assert_string_equal(domain, table[i].domain);
        assert_int_equal(by, table[i].by);
        free(domain);
    }
    publishers_free(p);
}

static void titles_alone(void **state)
{
    static const struct {
        const char *title, *source, *url, *alone;
    } table[] = {
        /* the domain's label, or the words that it is made of */
        {"Ferry aground - Harbour Post", "harbourpost.example", "https://harbourpost.example/1",
         "Ferry aground"},
        {"Ferry aground | The Harbour Post", "x", "https://www.harbourpost.example/1",
         "Ferry aground"},
        {"Ferry aground - The New Harbour Times", "x", "https://nharbourtimes.example/1",
         "Ferry aground"},
        {"Ferry aground \xe2\x80\x93 Harbour Post", "x", "https://hp.example/1", "Ferry aground"},
        {"Ferry aground - BBC News", "x", "https://www.bbc.co.uk/news/1", "Ferry aground"},
        {"Ferry aground - Tom's Ferries", "x", "https://tomsferries.example/1", "Ferry aground"},
        /* the publisher as the input names it */
        {"Ferry aground - Harbour Post", "Harbour Post", "", "Ferry aground"},
        /* what else stands there is the title's */
        {"Ferry aground - Harbour Post", "bay.example", "https://bay.example/1",
         "Ferry aground - Harbour Post"},
        {"Ferry aground - Harbour Pilots", "x", "https://harbourpost.example/1",
         "Ferry aground - Harbour Pilots"},
        {"Ferry aground - News", "x", "https://harbourpost.example/1", "Ferry aground - News"},
        {"Ferry-Post", "x", "https://post.example/1", "Ferry-Post"},
        {" - Harbour Post", "Harbour Post", "", " - Harbour Post"},
        {"Ferry aground - ", "Harbour Post", "", "Ferry aground - "},
        /* a transport carries any name */
        {"Ferry aground - Harbour Post", "google.com", "https://google.com/1", "Ferry aground"},
        {"Ferry aground - hp.example", "news.google.com", "", "Ferry aground"},
        {"Ferry aground - a surprise", "google.com", "", "Ferry aground - a surprise"},
        {"Ferry aground - Who Is To Blame?", "google.com", "", "Ferry aground - Who Is To Blame?"},
        {"Ferry aground - The Owners Say That The Pilot Slept", "google.com", "",
         "Ferry aground - The Owners Say That The Pilot Slept"},
        {"Ferry aground - Harbour Post", "oogle.com", "", "Ferry aground - Harbour Post"},
    };
    (void)state;
    struct publishers *p = publishers_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *alone = title_alone(p, table[i].title, table[i].source, table[i].url);
        assert_string_equal(alone, table[i].alone);
        free(alone);
    }
    publishers_free(p);
}

/* The publisher's name in a feed's title: the part that names the domain, else the first of its
 * own. */
static void names_in_titles(void **state)
{
    static const struct {
        const char *title, *domain, *name;
        bool by_domain;
    } table[] = {
        {"Harbour Post", "harbourpost.example", "Harbour Post", true},
        {"Harbour Post - World", "harbourpost.example", "Harbour Post", true},
        {"Latest news | The Harbour Post", "harbourpost.example", "The Harbour Post", true},
        {"World > Asia > HP", "hp.example", "HP", true},
        {"From the quay: Harbour Post", "harbourpost.example", "Harbour Post", true},
        {"HP.example: Front page", "hp.example", "HP.example", true},
        {"Bay Courier - Harbour", "bc-harbour.example", "Bay Courier", false},
        {"TOP STORIES - Bay Courier", "harbourpost.example", "Bay Courier", false},
        {"The Kestrel\xe2\x80\x99s Nest \xc2\xbb Politics", "nest.example",
         "The Kestrel\xe2\x80\x99s Nest", false},
        /* an account is not called like its platform */
        {"Kestrel Films - Youtube", "youtube.com/channel/kf", "Kestrel Films", false},
        /* no name */
        {"Latest news - RSS", "harbourpost.example", NULL, false},
        {"A <feed>", "harbourpost.example", "A <feed>", false},
        {"harbourpost.example", "harbourpost.example", NULL, false},
        {"https://bay.example/rss.xml", "harbourpost.example", NULL, false},
        {" - | ", "harbourpost.example", NULL, false},
        {"", "harbourpost.example", NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool by_domain;
        char *name = source_name(table[i].title, table[i].domain, &by_domain);
        assert_string_equal(name ? name : "", table[i].name ? table[i].name : "");
        assert_int_equal(by_domain, table[i].by_domain);
        free(name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles_of_items),
        cmocka_unit_test(speakers_of_feeds),
        cmocka_unit_test(titles_alone),
        cmocka_unit_test(names_in_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
