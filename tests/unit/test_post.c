/* A post of an item of a social feed: who wrote it, what it says, what it links to. */
#include "unit.h"

#include "article/post.h"

#include <stdio.h>
#include <string.h>

/* Feeds have texts of their own, which are not changed here. */
#define T(text) ((char *)(uintptr_t)(text))

struct row {
    const char *what;
    struct feed feed;
    struct feed_item item;
    const char *text, *author, *handle, *bio, *links; /* NULL: none; links: apart by a blank */
};

static void check_text(const char *what, const char *is, const char *expected)
{
    if (!is != !expected || (is && strcmp(is, expected) != 0))
        fail_msg("%s: \"%s\", expected \"%s\"", what, is ? is : "-", expected ? expected : "-");
}

static void check(struct row *r)
{
    const struct feed_origin origin = {.url = "https://talk.example/feed", .lang = "en"};
    struct feed_post p;
    char links[1024] = "";
    r->item.published = r->item.updated = FEED_NO_TIME;
    feed_post_make(&r->feed, &r->item, &origin, &p);
    for (size_t i = 0; i < p.n_links; i++)
        snprintf(links + strlen(links), sizeof links - strlen(links), "%s%s", i ? " " : "",
                 p.links[i]);
    check_text(r->what, p.text, r->text);
    check_text(r->what, p.author, r->author);
    check_text(r->what, p.handle, r->handle);
    check_text(r->what, p.bio, r->bio);
    if (r->links)
        check_text(r->what, links, r->links);
    feed_post_free(&p);
}

static void posts_of_the_kinds_of_feeds(void **state)
{
    struct row table[] = {
        {.what = "Mastodon, an account",
         .feed = {.title = T("Ada Orlan"),
                  .link = T("https://talk.example/@ada"),
                  .description = T("Rail engineer in Varn.")},
         .item = {.link = T("https://talk.example/@ada/1"),
                  .content =
                      T("<p>The tunnel is <b>great</b>: <a href=\"https://gazette.example/a\">"
                        "gazette</a></p>")},
         .text = "The tunnel is great: gazette",
         .author = "Ada Orlan",
         .handle = "@ada@talk.example",
         .bio = "Rail engineer in Varn.",
         .links = "https://talk.example/@ada/1 https://gazette.example/a"},
        {.what = "Mastodon, a tag",
         .feed = {.title = T("#rail"),
                  .link = T("https://talk.example/tags/rail"),
                  .description = T("Public posts from #rail")},
         .item = {.link = T("https://talk.example/@ben/2"), .summary = T("No more trains.")},
         .text = "No more trains.",
         .handle = "@ben@talk.example"},
        {.what = "Bluesky",
         .feed = {.title = T("@cem.sky.example - Cem"),
                  .link = T("https://sky.example/profile/cem.sky.example")},
         .item = {.link = T("https://sky.example/profile/cem.sky.example/post/3"),
                  .summary = T("See https://post.example/b.")},
         .text = "See https://post.example/b.",
         .author = "Cem",
         .handle = "@cem.sky.example",
         .links = "https://sky.example/profile/cem.sky.example/post/3 https://post.example/b"},
        {.what = "Reddit",
         .feed = {.title = T("Trains"), .link = T("https://forum.example/r/trains/")},
         .item = {.link = T("https://forum.example/r/trains/comments/4/"),
                  .title = T("Acme wins the tunnel"),
                  .author = T("/u/dee"),
                  .content =
                      T("<p>Good.</p> submitted by <a href=\"https://forum.example/user/dee\">"
                        "/u/dee</a> <a href=\"https://gazette.example/a\">[link]</a>")},
         .text = "Acme wins the tunnel\nGood.",
         .author = "dee",
         .handle = "/u/dee",
         .links = "https://forum.example/r/trains/comments/4/ https://forum.example/user/dee "
                  "https://gazette.example/a"},
        {.what = "Hacker News",
         .feed = {.title = T("Hackers"), .link = T("https://hackers.example/")},
         .item = {.link = T("https://gazette.example/a"),
                  .title = T("Acme wins the tunnel"),
                  .author = T("eli"),
                  .summary = T("<p>Article URL: <a href=\"https://gazette.example/a\">https://"
                               "gazette.example/a</a></p><p>Points: 9</p>")},
         .text = "Acme wins the tunnel",
         .author = "eli",
         .handle = "eli",
         .links = "https://gazette.example/a"},
        {.what = "Lemmy",
         .feed = {.title = T("Rail"), .link = T("https://lem.example/c/rail")},
         .item = {.link = T("https://lem.example/post/6"),
                  .title = T("A tunnel at last"),
                  .author = T("https://lem.example/u/fay"),
                  .summary = T("I like it.")},
         .text = "A tunnel at last\nI like it.",
         .author = "fay",
         .handle = "@fay@lem.example"},
        {.what = "a video's comments",
         .feed = {.title = T("Comments"), .link = T("https://tube.example/watch?v=7")},
         .item = {.link = T("https://tube.example/watch?v=7&lc=1"),
                  .title = T("First!"),
                  .author = T("Gus Hale"),
                  .summary = T("First! And so on.")},
         .text = "First! And so on.",
         .author = "Gus Hale"},
        {.what = "the title is the begin of the text",
         .item = {.title = T("A tunnel for ..."), .summary = T("A tunnel for Varn at last")},
         .text = "A tunnel for Varn at last"},
        {.what = "nothing at all", .text = "", .links = ""},
        {.what = "an address that is none",
         .item = {.link = T("javascript:alert(1)"),
                  .summary = T("Click httpx://a and http:// here")},
         .text = "Click httpx://a and http:// here",
         .links = ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(&table[i]);
}

static void long_posts_are_cut_at_a_character(void **state)
{
    const struct feed_origin origin = {.url = "https://talk.example/feed"};
    struct feed feed = {.link = T("https://talk.example/")};
    static char text[POST_MAX_TEXT * 4];
    struct feed_post p;
    (void)state;
    for (size_t i = 0; i + 3 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    struct feed_item item = {.summary = text, .author = text, .published = 1, .updated = 1};
    feed_post_make(&feed, &item, &origin, &p);
    assert_true(strlen(p.text) <= POST_MAX_TEXT && strlen(p.text) % 2 == 0);
    assert_true(strlen(p.author) <= POST_MAX_NAME && strlen(p.author) % 2 == 0);
    assert_true(p.time == FEED_NO_TIME); /* before there were such feeds */
    feed_post_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_of_the_kinds_of_feeds),
        cmocka_unit_test(long_posts_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
