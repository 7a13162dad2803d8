"""Every list is paged by bytes as well as by count, and an answer that is too long for all that is an error
with a message: whatever the store holds, the daemon goes on."""
import html
import json
import re
import urllib.parse
import xml.etree.ElementTree as ET

import pytest
from newsroom import Newsroom, articles, broken, key, rss
from web import Site

PAGE = 1 << 20  # REPLY_PAGE of net/reply.h
FEEDS, EVENTS, ARTICLES, LONG = 20_000, 120, 60, 50_000
TOO_LONG = EVENTS + 1


def event(n, text):
    return {"id": n, "title": "Event %d" % n, "url": "https://a.example/%d" % n, "lang": "en", "lead": n, "first_seen": 1,
            "updated": n, "published": 1, "source_count": 1, "article_count": 1, "report_count": 1,
            "sources": [{"name": "A", "domain": "a.example", "articles": 1, "first": 1}], "categories": [],
            "keywords": [], "summary": [{"text": text, "article": n, "source": "A"}], "details": [], "meaning": None,
            "sentiment": None, "similar": [], "score": n, "velocity": 1, "signal": 0, "status": "closed",
            "merged_into": None, "seq": n}


def article(n):
    return {"id": n, "event": 1, "title": "Article %d" % n, "url": "https://a.example/%d" % n, "text": "x" * LONG,
            "source": {"name": "A", "domain": "a.example"}, "published": n, "why": {"shared": "y" * LONG}}


def feed(n):
    """As the longest of real lists: what the record says may be as long as this."""
    return {"id": n, "url": "https://feeds.example/%d/%s" % (n, "a" * 300), "title": "Feed %d" % n, "attributes":
            {"state": "gone"}, "last_error": "it & they said <no>; " * 10, "errors": 3, "polls": 1, "articles": 0,
            "next_poll": 4_000_000_000, "state": "ok"}


@pytest.fixture(scope="module")
def site(build):
    with Newsroom(build) as room:
        room.start()
        room.daemon.stop()
        with broken(room.store) as (db, txn):
            def put(name, records, **more):
                database = db(name, **more)
                for k, v in records:
                    txn.put(k, v if isinstance(v, bytes) else json.dumps(v, separators=(",", ":")).encode(), db=database)
            n = range(1, EVENTS + 1)
            put("events", [(key(i), event(i, "word " * (LONG // 5))) for i in n])
            put("events", [(key(TOO_LONG), event(TOO_LONG, "w" * (17 << 20)))])
            put("events_by_update", [(key(i), key(i)) for i in n])
            put("articles", [(key(i), article(i)) for i in range(1, ARTICLES + 1)])
            put("event_articles", [(key(1), key(i)) for i in range(1, ARTICLES + 1)], dupsort=True, dupfixed=True)
            put("_history", [(key(1), key(i)) for i in n], dupsort=True, dupfixed=True)
            put("changes", [(key(i), {"seq": i, "time": 1, "kind": "updated", "event": 1, "article": 1, "was": "z" * LONG})
                            for i in n])
            put("feeds", [(key(i), feed(i)) for i in range(1, FEEDS + 1)])
            put("meta", [(name.encode(), str(v).encode()) for name, v in
                         (("seq", EVENTS), ("events", TOO_LONG), ("articles", ARTICLES), ("feeds", FEEDS))])
        since = len(room.daemon.lines)
        room.start()
        yield Site(room, since)
        assert room.daemon.running


def pages(site, path, entries, number, following):
    """All entries of all pages, each of which is bounded."""
    seen, address, n = [], path, 0
    while address:
        answer = site.get(address)
        assert answer.status == 200, answer.body[:300]
        assert len(answer.body) < 2.2 * PAGE  # and one entry, and what JSON escapes
        found = [number(e) for e in entries(answer)]
        assert found
        seen, n, address = seen + found, n + 1, following(answer)
        assert n < 1000
    assert n > 1
    return seen


def by_cursor(path):
    def following(answer):
        cursor = answer.json()["next"]
        return cursor and "%s%scursor=%s" % (path, "&" if "?" in path else "?", cursor)
    return following


@pytest.mark.parametrize("path, name, number, expected", [
    ("/api/v1/events?limit=200", "events", "id", range(EVENTS, 0, -1)),
    ("/api/v1/events/1/articles?limit=500", "articles", "id", range(1, ARTICLES + 1)),
    ("/api/v1/events/1/reasons?limit=500", "reasons", "article", range(1, ARTICLES + 1)),
    ("/api/v1/events/1/history?limit=500", "changes", "seq", range(1, EVENTS + 1)),
    ("/api/v1/feeds?limit=500", "feeds", "id", range(1, FEEDS + 1))])
def test_lists_end_before_their_limit_and_go_on(site, path, name, number, expected):
    got = pages(site, path, lambda a: a.json()[name], lambda e: e[number], by_cursor(path))
    assert got == list(expected)


def test_changes_end_before_their_limit_and_go_on(site):
    path = "/api/v1/changes?limit=1000"
    got = pages(site, path, lambda a: a.json()["changes"], lambda c: c["seq"], by_cursor(path))
    assert got == list(range(1, EVENTS + 1))


ATOM = "{http://www.w3.org/2005/Atom}"


def test_feeds_for_readers_end_before_their_limit_and_go_on(site):
    def path_of(address):
        parts = urllib.parse.urlsplit(address)
        return parts.path + "?" + parts.query

    def following(answer):
        link = ET.fromstring(answer.body).find(ATOM + "link[@rel='next']")
        return link is not None and path_of(link.get("href"))
    number = lambda text: int(text.rsplit("/", 1)[1])
    got = pages(site, "/feed.atom?limit=200", lambda a: ET.fromstring(a.body).findall(ATOM + "entry"),
                lambda e: number(e.find(ATOM + "id").text), following)
    assert got == list(range(EVENTS, 0, -1))
    got = pages(site, "/feed.json?limit=200", lambda a: a.json()["items"], lambda e: number(e["id"]),
                lambda a: "next_url" in a.json() and path_of(a.json()["next_url"]))
    assert got == list(range(EVENTS, 0, -1))


def test_the_page_of_feeds_goes_on(site):
    following = lambda a: (m := re.search(rb'<a href="(/feeds\?[^"]*)" rel="next">', a.body)) and html.unescape(m[1].decode())
    rows = lambda a: re.findall(rb'<tr data-key="(\d+)">', a.body)
    # no list has them, as the daemon notes after its start
    site.room.wait(lambda: b"%d removed" % FEEDS in site.get("/feeds").body, "the feeds to be removed")
    got = pages(site, "/feeds?state=removed", rows, int, following)
    assert got == list(range(1, FEEDS + 1))
    answer = site.get("/feeds?state=removed&cursor=removed.%d" % (FEEDS // 2))
    assert rows(answer)[0] == b"%d" % (FEEDS // 2 + 1)
    assert b"cursor=removed." in re.search(rb'data-live="([^"]*)"', answer.body)[1]
    for wrong in "x", "error.", "error.1x", "error.-", "nothing.1":
        assert site.get("/feeds?cursor=" + wrong).status == 400
    assert site.get("/machine").status == 200


def test_an_answer_that_is_too_long_is_an_error(site):
    for path, kind in ("/api/v1/events/%d" % TOO_LONG, "application/problem+json"), ("/event/%d" % TOO_LONG, None):
        answer = site.get(path)
        assert answer.status == 500 and b"exceeds 16 MiB" in answer.body
        assert not kind or answer.headers["Content-Type"] == kind
        assert site.ask("HEAD", path).status == 500
    assert site.get("/api/v1/health").status == 200
    log = site.room.daemon.log()
    assert log.count("exceeded the maximum size") == 1 and "path=/api/v1/events/%d" % TOO_LONG in log


def test_decisions_that_keep_long_notes(build):
    """Each note's decision keeps the notes before it: together they are far more than an answer may have."""
    notes = 92
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(1)))
        room.start()
        room.wait_articles(1)
        site = Site(room)
        for n in range(notes):
            body = json.dumps({"kind": "note", "event": 1, "who": "Ilsa", "text": "%04d" % n + "x" * 3990})
            assert site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json").status in (201, 409, 422)
        stored = sorted(room.records("decisions"), reverse=True)
        for path in "/api/v1/decisions?limit=500", "/api/v1/decisions?limit=500&event=1":
            got = pages(site, path, lambda a: a.json()["decisions"], lambda d: d["id"], by_cursor(path))
            assert got == stored
        assert site.get("/api/v1/decisions?event=4711").json() == {"decisions": [], "next": None}
        assert site.get("/event/1").status == 200
