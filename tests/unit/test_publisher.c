/* Who answers for an address. */
#include "unit.h"

#include "article/publisher.h"

#include <stdlib.h>
#include <string.h>

/* An address and what it is counted by; NULL for a transport or a platform. */
static void publishers_of_addresses(void **state)
{
    static const char *const table[][2] = {
        {"https://news.bbc.co.uk/1/hi/world", "bbc.co.uk"},
        {"https://www.bbc.com/news/1", "bbc.co.uk"},
        {"http://WWW.Example.COM:8080/x", "example.com"},
        {"https://edition.cnn.com/2020", "cnn.com"},
        {"https://news.google.com/articles/CBMi", NULL},
        {"https://www.youtube.com/watch?v=1", NULL},
        {"https://notgoogle.com/a", "notgoogle.com"},
        {"https://someone.github.io/post", "someone.github.io"},
        /* one publisher, its name written in two ways */
        {"https://www.b\xc3\xbc"
         "cher.de/a",
         "xn--bcher-kva.de"},
        {"https://www.xn--bcher-kva.de/a", "xn--bcher-kva.de"},
        {"http://127.0.0.1:80/feed", "127.0.0.1"},
        {"mailto:a@example.com", NULL},
        {"", NULL},
        /* platforms whose accounts are hosts */
        {"https://ann.substack.com/p/copper", "ann.substack.com"},
        {"https://WWW.Ann.Substack.com/feed", "ann.substack.com"},
        {"https://open.substack.com/pub/ann/p/copper?r=1", "ann.substack.com"},
        {"https://substack.com/@ann/note/c-1", "substack.com/@ann"},
        {"https://substack.com/home", NULL},
        {"https://www.substack.com/", NULL},
        {"https://notsubstack.com/p/1", "notsubstack.com"},
        {"https://bob.beehiiv.com/p/1", "bob.beehiiv.com"},
        {"https://bob.wordpress.com/2026/01/a/", "bob.wordpress.com"},
        {"https://bob.tumblr.com/post/12345678", "bob.tumblr.com"},
        {"https://www.tumblr.com/bob/123456789012/slug", "bob.tumblr.com"},
        {"https://bob.libsyn.com/e1", "bob.libsyn.com"},
        {"https://traffic.libsyn.com/secure/bob/e1.mp3", "bob.libsyn.com"},
        {"https://feed.podbean.com/bob/feed.xml", "bob.podbean.com"},
        {"https://bob.files.wordpress.com/2026/01/a.jpg", "bob.wordpress.com"},
        {"https://share.transistor.fm/s/0123abcd", NULL},
        {"https://bob.hashnode.dev/a", "bob.hashnode.dev"},
        {"https://bob.livejournal.com/1.html", "bob.livejournal.com"},
        {"https://users.livejournal.com/bob/1.html", "bob.livejournal.com"},
        {"https://bob.bearblog.dev/a/", "bob.bearblog.dev"},
        {"https://bob.ghost.io/a/", "bob.ghost.io"},
        {"https://bob.blogspot.com/2026/a.html", "bob.blogspot.com"},
        /* and paths */
        {"https://buttondown.email/bob/archive/1/", "buttondown.com/bob"},
        {"https://medium.com/@Bob/a-1", "medium.com/@bob"},
        {"https://bob.medium.com/a-1", "medium.com/@bob"},
        {"https://medium.com/feed/@bob", "medium.com/@bob"},
        {"https://medium.com/feed/the-bay", "medium.com/the-bay"},
        {"https://medium.com/the-bay/a-1", "medium.com/the-bay"},
        {"https://medium.com/p/0123456789ab", NULL},
        {"https://www.youtube.com/@Bob/videos", "youtube.com/@bob"},
        {"https://www.youtube.com/%40Bob", "youtube.com/@bob"},
        {"https://youtube.com/channel/UCabc_-1", "youtube.com/channel/ucabc_-1"},
        {"https://www.youtube.com/feeds/videos.xml?channel_id=UCabc_-1",
         "youtube.com/channel/ucabc_-1"},
        {"https://www.youtube.com/feeds/videos.xml?playlist_id=PLabc", NULL},
        {"https://www.youtube.com/c/bob", "youtube.com/c/bob"},
        {"https://www.youtube.com/user/bob", "youtube.com/user/bob"},
        {"https://www.youtube.com/@BBCNews", "bbc.co.uk"},
        {"https://youtu.be/abc", NULL},
        {"https://old.reddit.com/r/WorldNews/comments/1/a/", "reddit.com/r/worldnews"},
        {"https://www.reddit.com/user/bob/.rss", "reddit.com/user/bob"},
        {"https://twitter.com/Bob/status/1", "x.com/bob"},
        {"https://x.com/i/web/status/1", NULL},
        {"https://x.com/Reuters/status/1", "reuters.com"},
        {"https://bsky.app/profile/bob.example/post/1", "bsky.app/profile/bob.example"},
        {"https://t.me/s/bob", "t.me/bob"},
        {"https://t.me/bob/7", "t.me/bob"},
        {"https://vimeo.com/123456789", NULL},
        {"https://vimeo.com/bob", "vimeo.com/bob"},
        {"https://www.facebook.com/profile.php?id=100&x=1", "facebook.com/100"},
        {"https://www.facebook.com/permalink.php?id=1", NULL},
        {"https://campaign-archive.com/?u=abc&id=1", "campaign-archive.com/abc"},
        {"https://campaign-archive.com/other?u=abc", NULL},
        /* Mastodon, by the shape of its addresses */
        {"https://social.example/@Bob/112233445566778899", "social.example/@bob"},
        {"https://social.example/@bob.rss", "social.example/@bob"},
        {"https://social.example/@bob/", "social.example/@bob"},
        {"https://social.example/users/bob/statuses/112233445566778899", "social.example/@bob"},
        {"https://paper.example/@jane/a-title-2026", "paper.example"},
        {"https://paper.example/users/12", "paper.example"},
        /* no account is called so */
        {"https://www.youtube.com/@", NULL},
        {"https://www.youtube.com/@a%2fb", "youtube.com/@a"},
        {"https://www.youtube.com/@a%22b", NULL},
        {"https://www.youtube.com/@a%00b", "youtube.com/@a"},
    };
    (void)state;
    struct publishers *p = publishers_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *got = publisher_of_url(p, table[i][0]);
        if (table[i][1])
            assert_string_equal(got, table[i][1]);
        else
            assert_null(got);
        free(got);
    }
    publishers_free(p);
}

static void canonical_addresses(void **state)
{
    static const char *const table[][2] = {
        {"HTTPS://Example.COM:443/a?utm_source=x&id=7&utm_medium=y", "https://example.com/a?id=7"},
        {"http://example.com?ref=rss", "http://example.com/?ref=rss"},
        /* what tracks at most sites, here the page itself */
        {"https://forum.example/forum.php?mod=viewthread&tid=7&utm_source=rss",
         "https://forum.example/forum.php?mod=viewthread&tid=7"},
        {"https://news.example/view.php?cid=100&amp;source=hall&src=a&feed=3#ref=top",
         "https://news.example/view.php?cid=100&source=hall&src=a&feed=3#ref=top"},
        {"https://paper.example/a?Fbclid=x&ref_src=twsrc%5Etfw&ref_src=hall",
         "https://paper.example/a?ref_src=hall"},
        /* one publisher's own, and the same name at another's */
        {"https://www.dailymail.co.uk/a?ito=1490", "https://www.dailymail.co.uk/a"},
        {"https://museum.example/a?ito=1490", "https://museum.example/a?ito=1490"},
        /* the path and the query are the publisher's */
        {"https://Paper.Example./a/../%7eb/j\xc3\xb6%c3%b6?q=%2F+a|b",
         "https://paper.example/a/../%7eb/j\xc3\xb6%c3%b6?q=%2F+a|b"},
        {"https://B\xc3\xbc"
         "cher.example/",
         "https://b\xc3\xbc"
         "cher.example/"},
        {"https://user:secret@paper.example/a", "https://paper.example/a"},
        {"https://example.com/a?fbclid=1#section", "https://example.com/a#section"},
        {"https://example.com/a#utm_source=x", "https://example.com/a"},
        {"https://www.google.com/url?q=https%3A%2F%2Fexample.com%2Fa&sa=D",
         "https://example.com/a"},
        {"https://www.google.com/amp/s/example.com/a", "https://example.com/a"},
        {"https://example-com.cdn.ampproject.org/c/s/example.com/a", "https://example.com/a"},
        {"https://www.google.com/amp/example.com/a", "https://example.com/a"},
        {"https://example-com.cdn.ampproject.org/v/s/example.com/a?amp=1&usqp=mq",
         "https://example.com/a?amp=1"},
        {"https://www-example-com.bing-amp.com/c/s/www.example.com/a", "https://www.example.com/a"},
        {"http://www.bing.com/news/"
         "apiclick.aspx?ref=FexRss&aid=&tid=1&url=https%3a%2f%2fexample.com"
         "%2fa&c=1",
         "https://example.com/a"},
        {"https://lm.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa%3Ffbclid%3D1&h=2",
         "https://example.com/a"},
        {"https://out.reddit.com/t3_1?url=https%3A%2F%2Fexample.com%2Fa&token=2",
         "https://example.com/a"},
        {"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.com%2Fa&data=1",
         "https://example.com/a"},
        /* one in another */
        {"https://www.google.com/url?sa=t&url=https%3A%2F%2Fwww.google.com%2Famp%2Fs%2Fexample.com"
         "%2Fa%3Futm_source%3Dx",
         "https://example.com/a"},
        /* "CBMi" and the address's length before it */
        {"https://news.google.com/rss/articles/CBMiFWh0dHBzOi8vZXhhbXBsZS5jb20vYdIBAA?oc=5",
         "https://example.com/a"},
        {"https://news.google.com/rss/articles/CBMiSEFVX3lxTE1fb3BhcXVl?oc=5",
         "https://news.google.com/rss/articles/CBMiSEFVX3lxTE1fb3BhcXVl?oc=5"},
        /* no http address */
        {"tag:example.com,2026:1", ""},
        {"javascript:alert(1)", ""},
        {"data:text/html,hello", ""},
        {"java\tscript:alert(1)//https://example.com/", ""},
        {"https:///a", ""},
        {"https:example.com", ""},
        {"https://example.com%00.paper.example/a", ""},
        {"https://example.com%2f@paper.example/a", "https://paper.example/a"},
        {"https://exam ple.com/a", ""},
        {"https://example.com:80a/", ""},
        {"https://[::1]x/", ""},
        {"https://[2001:DB8::1]:8080/a", "https://[2001:db8::1]:8080/a"},
        {"a/b", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *got = publisher_canonical_url(table[i][0]);
        assert_string_equal(got, table[i][1]);
        free(got);
    }
}

/* An address too long to be kept whole would lead elsewhere. */
static void no_half_addresses(void **state)
{
    enum { LONG = 9000 };
    char *url = malloc(LONG + 1);
    (void)state;
    memset(url, 'a', LONG);
    memcpy(url, "https://example.com/", 20);
    url[LONG] = 0;
    char *got = publisher_canonical_url(url);
    assert_string_equal(got, "");
    free(got);
    free(url);
}

/* Addresses and their keys: those of one article have one. */
static void keys(void **state)
{
    static const char *const table[][2] = {
        {"https://www.example.com/a/", "example.com/a"},
        {"http://example.com/a", "example.com/a"},
        {"https://m.example.com/a", "example.com/a"},
        {"https://amp.example.com/a", "example.com/a"},
        {"https://example.com/a/amp/", "example.com/a"},
        {"https://example.com", "example.com"},
        {"https://example.com/?p=7", "example.com?p=7"},
        {"https://example.com/a/?", "example.com/a"},
        {"https://example.com//a//b", "example.com//a//b"},
        {"https://example.com/a?u=/amp/", "example.com/a?u=/amp/"},
        /* one spelling: RFC 3986 6.2.2 and what browsers encode by themselves */
        {"HTTPS://EXAMPLE.com.:443/%7Ea/%c3%b6?q=%c3%b6", "example.com/~a/%C3%B6?q=%C3%B6"},
        {"http://example.com:80/~a/\xc3\xb6?q=\xc3\xb6", "example.com/~a/%C3%B6?q=%C3%B6"},
        {"https://example.com:8080/a", "example.com:8080/a"},
        {"https://example.com/a/./b/%2E%2e/c", "example.com/a/c"},
        {"https://example.com/../a", "example.com/a"},
        {"https://example.com/it%27s_(b)?c[]=a b|d", "example.com/it's_(b)?c%5B%5D=a%20b%7Cd"},
        {"https://example.com/it's_%28b%29?c%5b%5D=a%20b%7cd",
         "example.com/it's_(b)?c%5B%5D=a%20b%7Cd"},
        {"https://example.com/a%2fb", "example.com/a%2Fb"},
        {"https://example.com/100%", "example.com/100%25"},
        {"https://example.com/a#p%6fst-1", "example.com/a#post-1"},
        {"https://b\xc3\xbc"
         "cher.example/a",
         "xn--bcher-kva.example/a"},
        {"https://www.B\xc3\x9c"
         "cher.example/a",
         "xn--bcher-kva.example/a"},
        {"https://bu\xcc\x88"
         "cher.example/a",
         "xn--bcher-kva.example/a"},
        {"https://b%C3%BCcher.example/a", "xn--bcher-kva.example/a"},
        {"https://XN--Bcher-KVA.example/a", "xn--bcher-kva.example/a"},
        {"https://b\xc3\xbc"
         "cher\xe3\x80\x82"
         "example/a",
         "xn--bcher-kva.example/a"},
        /* where a reader comes from, by the values of known trackers */
        {"https://example.com/a?ref=rss", "example.com/a"},
        {"https://example.com/a?b=1&src=RSS&utm%5Fsource=x", "example.com/a?b=1"},
        {"https://example.com/a?mod=rss_world&source=twitter", "example.com/a"},
        {"https://example.com/a?cid=public-rss_20260101&CMP=rss", "example.com/a"},
        {"https://example.com/a?cid=ref_t&rss=1&amp=1", "example.com/a"},
        {"https://example.com/a?rss&amp", "example.com/a"},
        {"https://example.com/a#ref=rss", "example.com/a"},
        {"https://example.com/a#:~:text=words", "example.com/a"},
        {"https://www.wsj.com/a?mod=hp_lead_pos1", "wsj.com/a"},
        {"https://www.theguardian.com/a?CMP=fb_gu", "theguardian.com/a"},
        /* the same names for something else */
        {"https://example.com/a?mod=hp_lead_pos1", "example.com/a?mod=hp_lead_pos1"},
        {"https://notwsj.com/a?mod=hp_lead_pos1", "notwsj.com/a?mod=hp_lead_pos1"},
        {"https://forum.example/forum.php?mod=viewthread&tid=7",
         "forum.example/forum.php?mod=viewthread&tid=7"},
        {"https://news.example/view.php?cid=100", "news.example/view.php?cid=100"},
        {"https://news.example/view.php?cid=101", "news.example/view.php?cid=101"},
        {"https://news.example/a?ref=A17&src=4&source=hall&feed=2&page=3&rss=12&partner=4",
         "news.example/a?ref=A17&src=4&source=hall&feed=2&page=3&rss=12&partner=4"},
        {"https://news.example/a?spm=2&cmp=5&ico=1&at_id=7&ns_id=8",
         "news.example/a?spm=2&cmp=5&ico=1&at_id=7&ns_id=8"},
        {"https://example.com/a#amp", "example.com/a#amp"},
        {"mailto:a@example.com", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *canonical = publisher_canonical_url(table[i][0]);
        char *key = publisher_url_key(canonical), *direct = publisher_url_key(table[i][0]);
        assert_string_equal(key, table[i][1]);
        assert_string_equal(direct, table[i][1]);
        free(direct);
        free(canonical);
        free(key);
    }
}

static void addresses_of_aggregators(void **state)
{
    static const struct {
        const char *url;
        bool is;
    } table[] = {
        {"https://news.google.com/rss/search?q=x", true},
        {"https://www.bing.com/news/search?q=x&format=rss", true},
        {"https://www.bing.com/search?q=x&format=rss", false},
        {"https://news.yahoo.com/rss/", true},
        {"https://feeds.feedburner.com/b", false},
        {"https://b.example/news.google.com", false},
        {"https://news.google.com.b.example/rss", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(publisher_is_aggregator(table[i].url), table[i].is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishers_of_addresses),  cmocka_unit_test(canonical_addresses),
        cmocka_unit_test(no_half_addresses),        cmocka_unit_test(keys),
        cmocka_unit_test(addresses_of_aggregators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
