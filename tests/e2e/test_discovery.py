"""From the address of a web page to that of its feed: `storyctl feeds find` and `storyctl feeds add`."""
import json

import pytest
from newsroom import SHARED, Newsroom, articles, rss, storyctl

CASES = SHARED / "conformance" / "autodiscovery.jsonl"
HTML = {"Content-Type": "text/html; charset=utf-8"}
FEED = rss(articles(1), title="It calls itself so")


@pytest.fixture
def room(build):
    with Newsroom(build, interval="1h") as r:
        yield r


def feeds(room, command, *args):
    return storyctl(room.build, "feeds", command, "--config", room.daemon.config_path, *args)


def page(*links):
    return "<!DOCTYPE html><title>A page</title>%s<p>Nothing else." % "".join(
        '<link rel="alternate" type="application/rss+xml" href="%s" title="%s">' % (href, title)
        for href, title in links)


def listed(room):
    return (room.daemon.dir / "feeds.opml").read_text(encoding="utf-8")


def test_adding_a_page_adds_its_feed(room):
    room.web.set("/", page(("/gone.xml", "Gone"), ("/b.xml", "News"), ("/c.xml", "Comments")),
                 headers=HTML)
    room.web.set("/b.xml", FEED)
    room.start()
    added = feeds(room, "add", room.url("/"))
    assert added.returncode == 0, added.stderr
    assert room.url("/b.xml") + " added to" in added.stdout
    assert "the page declares another feed: " + room.url("/c.xml") in added.stderr
    room.wait_articles(1)
    assert room.wait_feed("/b.xml", lambda f: f["polls"])["title"] == "It calls itself so"
    assert not room.feed_record("/")
    assert [len(room.web.requests(path)) for path in ("/", "/b.xml", "/c.xml")] == [1, 1, 0]


def test_a_feed_that_a_page_does_not_name_is_looked_for_where_feeds_lie(room):
    room.web.set("/blog/", "<!DOCTYPE html><p>A page without links.", headers=HTML)
    room.web.set("/atom.xml", FEED)
    room.write_list()
    added = feeds(room, "add", room.url("/blog/"))
    assert added.returncode == 0, added.stderr
    assert 'xmlUrl="%s"' % room.url("/atom.xml") in listed(room)


def added_from(room, url="/"):
    """The path of the feed that is added for a page, and what was said."""
    room.write_list()
    result = feeds(room, "add", room.url(url))
    assert result.returncode == 0, result.stderr
    return result.stdout.split(" added to")[0].removeprefix(room.web.base), result.stderr


def test_a_feed_of_comments_is_not_taken_where_another_is_named(room):
    room.web.set("/", page(("/comments/feed/", "A &raquo; Comments"), ("/c2", "A &raquo; Kommentar-Feed"),
                           ("/a/feed/", ""), ("/feed/", "A &raquo; Feed")), headers=HTML)
    room.web.set("/comments/feed/", rss(articles(1), title="Comments for A"))
    room.web.set("/c2", FEED)
    room.web.set("/a/feed/", rss(articles(1), title="Comments on: Ferry aground"))
    room.web.set("/feed/", FEED)
    path, said = added_from(room)
    assert path == "/feed/" and room.url("/comments/feed/") in said
    assert not room.web.requests("/comments/feed/") and not room.web.requests("/c2")


def test_a_feed_of_comments_is_not_taken_because_another_is_gone(room):
    room.web.set("/", page(("/comments/feed/", "Comments"), ("/gone", "News")), headers=HTML)
    room.web.set("/comments/feed/", FEED)
    room.write_list()
    assert feeds(room, "add", room.url("/")).returncode == 1
    assert not room.web.requests("/comments/feed/")


def test_a_feed_of_comments_is_better_than_none(room):
    room.web.set("/", page(("/comments/feed/", "")), headers=HTML)
    room.web.set("/comments/feed/", FEED)
    path, said = added_from(room)
    assert path == "/comments/feed/" and "only a feed of comments was found" in said
    assert feeds(room, "remove", room.url(path)).returncode == 0
    room.web.set("/rss.xml", FEED)
    assert added_from(room)[0] == "/rss.xml"


def test_links_of_a_page_that_declares_nothing_are_tried_the_best_first(room):
    room.web.set("/", "<!DOCTYPE html><a href=/about>Feed us</a> <a href=/sitemap.xml>Map</a>"
                 "<a href=/all>All our RSS feeds</a> <a href=/real><img alt='RSS'></a> <a href=/dead.rss>x</a>",
                 headers=HTML)
    room.web.set("/all", "<!DOCTYPE html><p>How to read feeds", headers=HTML)
    room.web.set("/about", "<!DOCTYPE html><p>About", headers=HTML)
    room.web.set("/real", FEED)
    path, said = added_from(room)
    assert path == "/real" and "names another" not in said
    assert [len(room.web.requests(p)) for p in ("/dead.rss", "/about", "/all", "/sitemap.xml")] == [1, 1, 1, 0]


def test_a_page_without_a_feed_is_refused(room):
    room.web.set("/", page(("/gone.xml", "Gone")), headers=HTML)
    room.write_list()
    result = feeds(room, "add", room.url("/"))
    assert result.returncode == 1
    assert "is not a feed and names none" in result.stderr
    assert room.web.base not in listed(room)


def test_what_does_not_answer_is_added_as_it_is(room):
    room.write_list()
    url = room.url("/missing.xml")
    result = feeds(room, "add", url)
    assert result.returncode == 0 and "HTTP 404" in result.stderr, result.stderr
    assert url in listed(room)


def test_addresses_that_may_not_be_asked_are_not_asked(build):
    with Newsroom(build, poll="allow_addresses =") as room:
        room.write_list()
        result = feeds(room, "find", room.url("/"))
        assert result.returncode == 1 and "loopback address" in result.stderr
        assert not room.web.requests()


def test_find_prints_what_the_page_names(room):
    room.web.set("/", page(("/b.xml", "A \x1b[31m title"), ("c.xml", "")), headers=HTML)
    room.web.set("/b.xml", FEED)
    result = feeds(room, "find", room.url("/"))
    assert result.stdout == "%s\tA [31m title\n%s\n" % (room.url("/b.xml"), room.url("/c.xml"))
    assert feeds(room, "find", room.url("/b.xml")).stdout == room.url("/b.xml") + "\n"


@pytest.mark.skipif(not CASES.exists(), reason="no cases at %s" % CASES)
def test_the_cases_of_other_readers(build):
    """mode all: the same addresses; first: the first one is right."""
    failed, cases = [], [json.loads(line) for line in CASES.open(encoding="utf-8")]
    for case in cases:
        with open(CASES.parent / case["path"], "rb") as html:
            result = storyctl(build, "feeds", "find", "--url", case["base_url"], "-", stdin=html)
        found = [line.split("\t")[0] for line in result.stdout.splitlines()]
        want = case["expect"]["feeds"]
        right = found[:1] == want[:1] if case["expect"]["mode"] == "first" else set(found) == set(want)
        if not right:
            failed.append((case["path"], found, want))
    assert len(cases) > 40 and not failed, failed
