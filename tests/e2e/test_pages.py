"""Articles' pages: which are asked for, how politely, and what comes of them."""
import json
import time

import pytest
from loopback import FeedServer, Response
from newsroom import LONG, SUBJECTS, Newsroom, Replay, broken, item, records, rss, storyctl
from web import Site

HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"Content-Type": "text/plain"}
LEAD = "The old tunnel under the Sefton hills opened again on Monday after two years of repairs."
BODY = [
    "Engineers of Orlan Rail had found cracks in forty metres of its northern wall in the spring of the year before last.",
    "Mira Dahl, who leads the railway, said that the repairs had cost ninety million crowns, a third more than planned.",
    "The first train carried the mayor of Sefton, two school classes and a brass band through the hills in nine minutes.",
    "Freight trains will use the tunnel again from Thursday; they had taken the coastal line by way of Port Lumen.",
    "Residents of Upper Sefton complained of noise during the works and want the railway to pay for new windows.",
]


def page(title, paragraphs, head=""):
    return ("<html lang='en'><head><title>%s | The Site</title>%s</head><body><nav><a href='/'>Home</a></nav><article><h1>"
            "%s</h1>%s</article><footer>All rights reserved</footer></body></html>" % (
                title, head, title, "".join("<p>%s</p>" % p for p in paragraphs))).encode()


class Press:
    """Sites on addresses of their own, each with a feed of its own, and a storyd that polls them."""

    def __init__(self, build, sites, **options):
        self.room = Newsroom(build, **dict(dict(fetch="events"), **options))
        self.sites = [FeedServer(host="127.0.0.%d" % (2 + i)) for i in range(sites)]
        self.items = [[] for _ in self.sites]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.room.__exit__(*exc)
        for site in self.sites:
            site.close()

    def article(self, site, path, title, text, html=None, headers=None, **more):
        """The feed of a site has it, and its page is there."""
        url = self.sites[site].url(path)
        self.items[site].insert(0, item(url, title, guid=url, text=text))
        self.sites[site].set("/rss", rss(self.items[site], title="Site %d" % site))
        self.room.list(self.sites[site].url("/rss"))
        if html is not None:
            self.sites[site].set(path, html, headers=dict(HTML, **(headers or {})), **more)
        return url

    def asked(self, site, path=None):
        return self.sites[site].requests(path)

    def pages(self):
        return self.room.records("pages")

    def wait_pages(self, n):
        """So many pages are settled."""
        return self.room.wait(lambda: (p := [p for p in self.pages().values() if p["done"]]) and len(p) >= n and p,
                              "%d pages to be settled" % n)

    def article_of(self, url):
        return next(a for a in self.room.records("articles").values() if a["url"] == url)


def two_sites(press):
    one = press.article(0, "/tunnel", "Sefton tunnel opens again after repairs", LEAD,
                        page("Sefton tunnel opens again after repairs", [LEAD] + BODY,
                             "<meta name='author' content='Ada Lind'>"))
    other = press.article(1, "/a/17", "Sefton tunnel open again: first train after repairs of two years", LEAD,
                          page("Sefton tunnel open again", [LEAD] + BODY[::-1]))
    return one, other


def test_pages_of_an_event_of_two_sources_are_read_once_and_politely(build):
    with Press(build, 3) as press:
        one, other = two_sites(press)
        alone = press.article(2, "/heron", "Heron colony abandons flooded willow marsh", "No nests.", page("Herons", BODY))
        press.room.start()
        press.wait_pages(2)
        article = press.article_of(one)
        assert article["page"]["state"] == "read" and article["author"] == "Ada Lind" and article["kind"] == "article"
        assert article["words"] > 90 and article["paywalled"] is False
        assert len(article["text"] or "") < 200  # the feed's: nobody is given the page's
        for site, path in (0, "/tunnel"), (1, "/a/17"):
            order = [r.path for r in press.asked(site) if r.path != "/rss"]
            assert order == ["/robots.txt", "/.well-known/tdmrep.json", path]
            request = press.asked(site, path)[0]
            assert request.headers["User-Agent"].startswith("storyd/") and "text/html" in request.headers["Accept"]
        assert not press.asked(2, "/heron") and not press.asked(2, "/robots.txt")
        event = press.room.records("events")[article["event"]]
        said = " ".join(s["text"] for s in event["summary"] + event["details"])
        assert "ninety million crowns" in said and event["source_count"] == 2
        press.room.daemon.restart()
        time.sleep(2.5)  # two polls
        assert len(press.asked(0, "/tunnel")) == 1 and len(press.asked(0, "/robots.txt")) == 1
        press.room.sound()
        assert alone


def test_a_refusal_is_heeded_and_told(build):
    """robots.txt, TDM reservation of a site, a header and a page, a login: each is told, and no text is used."""
    with Press(build, 5, fetch="all") as press:
        where = {}
        for site, (why, page_more, headers, status) in enumerate([
                ("robots", "", None, 200), ("tdm", "", None, 200), ("tdm", "", {"tdm-reservation": "1"}, 200),
                ("tdm", "<meta name='tdm-reservation' content='1'>", None, 200), ("login", "", None, 403)]):
            title = "Story of site %d: ferry collides with crane" % site
            where[press.article(site, "/news/a", title, "A ferry hit a crane.", page(title, BODY, page_more), headers,
                                status=status)] = why
        press.sites[0].set("/robots.txt", b"User-agent: storyd\nDisallow: /news/\n", headers=TEXT)
        press.sites[1].set("/.well-known/tdmrep.json", json.dumps([{"location": "/news/*", "tdm-reservation": 1}]).encode(),
                           headers={"Content-Type": "application/json"})
        press.room.start()
        press.wait_pages(5)
        for url, why in where.items():
            article = press.article_of(url)
            assert (article["page"]["state"], article["page"]["why"]) == ("refused", why), url
            assert article["words"] is None and article["author"] is None
        assert [len(press.asked(site, "/news/a")) for site in range(5)] == [0, 0, 1, 1, 1]
        told = json.dumps([press.room.records(name) for name in ("events", "articles")])
        assert "brass band" not in told
        press.room.sound()


@pytest.mark.parametrize("meta, headers, shown", [
    ("", {}, True), ("nosnippet", {}, False), ("max-snippet:20", {}, False), ("max-snippet:130", {}, True),
    ("", {"X-Robots-Tag": "otherbot: nosnippet"}, True), ("", {"X-Robots-Tag": "noindex"}, False),
    ("noarchive", {}, False)])
def test_what_may_be_shown_is_bounded(build, meta, headers, shown):
    """A page that may not be quoted counts for grouping alone."""
    with Press(build, 2) as press:
        for site in range(2):
            title = "Sefton tunnel opens again after %s" % ("repairs", "two years of repairs")[site]
            press.article(site, "/a", title, LEAD if site else "Sefton tunnel is open again.",
                          page(title, BODY, "<meta name='robots' content='%s'>" % meta), headers)
        press.room.start()
        press.wait_pages(2)
        event = press.room.wait(lambda: next((e for e in press.room.records("events").values()
                                              if e["source_count"] == 2), None), "an event of two sources")
        said = " ".join(s["text"] for s in event["summary"] + event["details"])
        assert ("ninety million crowns" in said) == shown, said
        press.room.sound()


def test_pages_bring_articles_together_that_titles_do_not(build):
    with Press(build, 2, fetch="all") as press:
        one = press.article(0, "/a", "Back on track", "Our picture of the day.", page("Back on track", [LEAD] + BODY))
        press.room.start()
        press.wait_pages(1)
        other = press.article(1, "/b", "Ninety million later", "Read more.", page("Ninety million later", BODY + [LEAD]))
        press.room.reload()
        press.wait_pages(2)
        assert press.article_of(one)["event"] == press.article_of(other)["event"]
        assert press.article_of(other)["copy_of"] == press.article_of(one)["id"] or \
            press.article_of(other)["copy_of"] is None
        assert any(c["kind"] == "merged" for c in press.room.records("changes").values())
        press.room.daemon.restart()
        press.room.sound()


def test_the_text_is_given_to_nobody_whole(build):
    with Press(build, 2) as press:
        one, _ = two_sites(press)
        press.room.start()
        press.wait_pages(2)
        number = press.article_of(one)["id"]
        event = press.article_of(one)["event"]
        site = Site(press.room)
        whole = " ".join(BODY[:3]), "\n\n".join(BODY[:3])
        for path in ("/api/v1/articles/%d" % number, "/api/v1/events/%d" % event, "/api/v1/events/%d/articles" % event,
                     "/event/%d" % event, "/feed.atom", "/feed.json", "/api/v1/events/%d/ninjs" % event):
            body = site.get(path).body.decode()
            assert not any(w in body for w in whole), path
        assert not any(w in storyctl(build, "export", "--db", press.room.store).stdout for w in whole)


def test_a_page_is_not_asked_for_where_the_feed_has_it_all(build):
    with Press(build, 1, fetch="all") as press:
        url = press.article(0, "/a", "A long read of the tunnel", "\n".join((BODY + [LEAD]) * 5), page("A long read", BODY))
        press.room.start()
        press.wait_pages(1)
        assert press.article_of(url)["page"]["why"] == "whole" and not press.asked(0, "/a") and not press.asked(0, "/robots.txt")


def test_a_feed_says_for_itself(build):
    """storyd:pages in the list counts before [pages] fetch."""
    with Press(build, 2, fetch="all") as press:
        for site in range(2):
            press.article(site, "/a", ("Ferry collides with harbour crane", "Bakery recalls walnut loaves")[site], "Short.",
                          page("A", BODY))
        press.room.write_list(
            '<opml version="2.0"><body><outline type="rss" text="a" xmlUrl="%s" storyd:pages="off"/>'
            '<outline type="rss" text="b" xmlUrl="%s"/></body></opml>' % tuple(s.url("/rss") for s in press.sites))
        press.room.daemon.start()
        press.room.daemon.wait_log(" started ", LONG)
        press.wait_pages(1)
        assert not press.asked(0, "/a") and len(press.asked(1, "/a")) == 1


def test_whoever_opens_an_event_has_its_pages_read(build):
    with Press(build, 1) as press:
        url = press.article(0, "/a", "Heron colony abandons flooded willow marsh", "No nests.", page("Herons", BODY))
        press.room.start()
        press.room.wait_articles(1)
        assert not press.pages()
        Site(press.room).get("/event/%d" % press.article_of(url)["event"])
        press.wait_pages(1)
        assert press.article_of(url)["page"]["state"] == "read"


def test_nobody_is_asked_twice_after_a_kill(build):
    with Press(build, 2, fetch="all") as press:
        slow = press.article(0, "/slow", "Ferry collides with harbour crane", "Short.", page("Ferry", BODY), delay=30)
        press.article(1, "/quick", "Bakery recalls walnut loaves", "Short.", page("Bakery", BODY))
        press.room.start()
        press.sites[0].wait_requests("/slow", timeout=LONG)
        press.wait_pages(1)
        press.room.daemon.kill()
        press.room.start()
        press.wait_pages(2)
        time.sleep(1.5)
        assert len(press.asked(0, "/slow")) == 1 and len(press.asked(1, "/quick")) == 1
        assert press.article_of(slow)["page"] == {"state": "failed", "why": "stopped", "claims": None,
                                                  "time": press.article_of(slow)["page"]["time"]}
        press.room.sound()


def test_a_server_that_has_too_much_to_do_is_asked_later(build):
    with Press(build, 1, fetch="all") as press:
        url = press.article(0, "/a", "Ferry collides with harbour crane", "Short.")
        answers = [Response(b"", 503, {"Retry-After": "1"}), Response(page("Ferry", BODY), headers=HTML)]
        times = []

        def answer(_):
            times.append(time.monotonic())
            return answers[min(len(times), 2) - 1]
        press.sites[0].set("/a", answer)
        press.room.start()
        press.wait_pages(1)
        assert press.article_of(url)["page"]["state"] == "read" and len(times) == 2 and times[1] - times[0] > 0.9


def test_a_redirect_is_followed_where_robots_txt_lets_it(build):
    with Press(build, 3, fetch="all") as press:
        good = press.article(0, "/good", "Ferry collides with harbour crane", "Short.")
        bad = press.article(0, "/bad", "Bakery recalls walnut loaves", "Short.")
        for path, site in ("/good", 1), ("/bad", 2):
            press.sites[0].set(path, b"", 302, {"Location": press.sites[site].url("/there")})
            press.sites[site].set("/there", page("There", BODY), headers=HTML)
        press.sites[2].set("/robots.txt", b"User-agent: *\nDisallow: /\n", headers=TEXT)
        press.room.start()
        press.wait_pages(2)
        assert press.article_of(good)["page"]["state"] == "read" and press.article_of(bad)["page"]["why"] == "robots"
        assert len(press.asked(1, "/there")) == 1 and not press.asked(2, "/there")
        assert len(press.asked(0, "/good")) == 1


def test_a_page_is_read_once_more_when_its_feed_changed(build):
    with Press(build, 1, fetch="all") as press:
        url = press.article(0, "/a", "Ferry collides with harbour crane", "Short.", page("Ferry", BODY), {"ETag": '"one"'})
        press.room.start()
        press.wait_pages(1)
        for text in "Two people were hurt.", "Three people were hurt.":
            press.items[0] = [item(url, "Ferry collides with harbour crane", guid=url, text=text)]
            press.sites[0].set("/rss", rss(press.items[0], title="Site 0"))
            press.room.wait(lambda: press.article_of(url)["summary"] == text, "the edit")
            time.sleep(1)
        requests = press.asked(0, "/a")
        assert len(requests) == 2 and requests[1].headers["If-None-Match"] == '"one"'
        event = press.room.records("events")[press.article_of(url)["event"]]
        assert "cracks in forty metres" in " ".join(s["text"] for s in event["summary"])  # the page's text counts, not the edit's
        press.room.sound()


def test_budgets_bound_what_a_feed_and_a_host_get(build):
    with Press(build, 1, fetch="all", pages="host_budget = 3\n") as press:
        for i in range(6):
            press.article(0, "/a%d" % i, SUBJECTS[i], "Short.", page("A", BODY))
        press.room.start()
        press.wait_pages(3)
        time.sleep(2)
        assert sum(r.path.startswith("/a") for r in press.asked(0)) == 3
        press.room.daemon.restart()
        time.sleep(2)
        assert sum(r.path.startswith("/a") for r in press.asked(0)) == 3
        assert sum(p["state"] == "waiting" for p in press.pages().values()) == 3


def test_what_stands_on_several_pages_of_a_site_is_no_text_of_an_article(build):
    common = "Sign up for the morning letter of this site and have all that matters in Sefton by seven each day."
    with Press(build, 1, fetch="all") as press:
        for i in range(4):
            press.article(0, "/a%d" % i, SUBJECTS[i], "Short.",
                          page("A", ["%s %s" % (SUBJECTS[i], s) for s in BODY] + [common]))
        press.room.start()
        press.wait_pages(4)
        words = [p["words"] for p in press.pages().values()]
        assert all(p["state"] == "read" for p in press.pages().values()) and words
        told = [" ".join(s["text"] for s in e.get("summary", []) + e.get("details", []))
                for e in press.room.records("events").values()]
        assert sum("morning letter" in t for t in told) <= 2



def test_an_address_that_a_page_names_counts_on_its_own_site_alone(build):
    """rel=canonical: another item of that address is the same article; a foreign site's, or a front page, is nobody's."""
    title = "Ferry collides with harbour crane"
    with Press(build, 2, fetch="all") as press:
        def head(site, path):
            return "<link rel='canonical' href='%s'>" % press.sites[site].url(path)
        own = press.article(0, "/a?from=feed", title, "Short.")
        press.sites[0].set("/a", page(title, BODY, head(0, "/story")), headers=HTML)
        thief = press.article(1, "/b", "Bakery recalls walnut loaves", "Short.", page("Bakery", BODY[:3], head(0, "/other")))
        front = press.article(1, "/c", "Goalkeeper signs contract extension", "Short.", page("C", BODY[3:], head(1, "/")))
        press.room.start()
        press.wait_pages(3)
        assert press.article_of(own)["canonical"] == press.sites[0].url("/story")
        stolen = press.article_of(thief)
        assert stolen["canonical"] is None and stolen["page"]["claims"] == press.sites[0].url("/other")
        assert press.article_of(front)["canonical"] is None and press.article_of(front)["page"]["claims"] is None
        story, other = press.sites[0].url("/story"), press.sites[0].url("/other")
        press.sites[0].set("/more", rss([item(story, title, guid="g1", text="Short."),
                                         item(other, "Bakery recalls walnut loaves", guid="g2", text="Short.")],
                                        title="More"))
        press.room.list(press.sites[0].url("/more"))
        press.room.wait_articles(4)
        articles = press.room.records("articles").values()
        assert len(articles) == 4 and other in [a["url"] for a in articles] and story not in [a["url"] for a in articles]
        press.room.sound()


def test_two_articles_that_turn_out_to_be_one_are_one_report(build):
    title = "Ferry collides with harbour crane at dawn"
    with Press(build, 1, fetch="all") as press:
        first = press.article(0, "/story", title, "Short.", page(title, BODY))
        press.room.start()
        press.wait_pages(1)
        second = press.article(0, "/amp-story", title + ", two hurt", "A ferry hit a crane at dawn.",
                               page(title, BODY[:4], "<link rel='canonical' href='/story'>"))
        press.wait_pages(2)
        copy = press.room.wait(lambda: (a := press.article_of(second)) and a["copy_of"] and a, "a copy")
        assert copy["copy_of"] == press.article_of(first)["id"] and copy["event"] == press.article_of(first)["event"]
        press.room.sound()


def kept_texts(store):
    with broken(store) as (db, txn):
        return [int.from_bytes(key, "big") for key, _ in txn.cursor(db("_full_texts"))]


FERRY, BAKERY = "https://paper.example/ferry", "https://paper.example/bakery"


def replayed(replay, *order):
    """Two articles of a feed, then their pages in that order."""
    replay.add(("paper", rss([item(FERRY, "Ferry collides with harbour crane", guid="1", text="Short."),
                              item(BAKERY, "Bakery chain recalls walnut loaves", guid="2", text="Short.")])))
    pages = {FERRY: page("Ferry", BODY), BAKERY: page("Bakery", BODY[::-1])}
    return replay.add(*[("", pages[url], {"page": url}) for url in order], step=60)


def test_replay_takes_pages(build, tmp_path):
    """The same pages in any order give the same events; their texts go when their articles leave the window."""
    told = []
    for i, order in enumerate([(FERRY, BAKERY), (BAKERY, FERRY)]):
        (tmp_path / str(i)).mkdir()
        replay = Replay(build, tmp_path / str(i))
        assert "2 pages read" in replayed(replay, *order).stdout
        told.append([(a["id"], a["event"], a["words"], a["page"]["state"]) for a in replay.articles()])
        assert len(replay.events()) == 1 and replay.events()[0]["article_count"] == 2
        assert kept_texts(replay.store) == [1, 2]
    assert told[0] == told[1]
    replay.now += 80 * 3600
    replay.add(("paper", rss([item("https://paper.example/late", "Astronomers photograph distant icy moonlet", guid="3")])))
    assert kept_texts(replay.store) == []


def test_replay_says_which_pages_it_cannot_take(build, tmp_path):
    replay = Replay(build, tmp_path)
    replayed(replay)
    result = replay.add(("", page("A", BODY), {"page": "https://paper.example/unknown"}))
    assert "https://paper.example/unknown: no article has this address; skipped" in result.stderr
    assert not records(replay.store, "pages")


def test_what_a_page_is_credited_to_counts(build, tmp_path):
    replay = Replay(build, tmp_path)
    replayed(replay)
    assert [a["agency"] for a in replay.articles()] == [None, None]
    replay.add(("", page("Ferry", BODY + ["The harbour master said that the crane had been empty. (Reuters)"]), {"page": FERRY}))
    assert [a["agency"] for a in replay.articles() if a["url"] == FERRY] == ["Reuters"]
