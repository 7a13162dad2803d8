"""The feed list: OPML in and out, and `storyctl feeds` that shows and changes it under a running daemon."""
import concurrent.futures
import html
import re
import time
import xml.etree.ElementTree as xml

import pytest
from newsroom import LONG, SHARED, Newsroom, articles, rss, storyctl

ONE = rss(articles(1))


@pytest.fixture
def room(build):
    with Newsroom(build, interval="1h") as r:
        yield r


def change(room, *args):
    return storyctl(room.build, "feeds", args[0], "--config", room.daemon.config_path, *args[1:])


def exported(room):
    """{address: (group, attributes)} of `storyctl feeds export`, read by a strict parser."""
    result = storyctl(room.build, "feeds", "export", "--db", room.store)
    assert result.returncode == 0, result.stderr
    return outlines(result.stdout.encode())


def outlines(text):
    found = {}

    def walk(element, group):
        for outline in element.findall("outline"):
            a = dict(outline.attrib)
            if "xmlUrl" in a:
                assert a["xmlUrl"] not in found
                found[a.pop("xmlUrl")] = (group, a)
            walk(outline, group + (() if "xmlUrl" in outline.attrib else (outline.get("text"),)))
    walk(xml.fromstring(text).find("body"), ())
    return found


# ---- adding and removing while it runs -----------------------------------------------------------

def test_a_feed_is_added_and_removed_while_it_runs(room):
    room.feed("/a", ONE)
    room.start()
    room.wait_articles(1)
    room.web.set("/b", rss(articles(1, prefix="b"), title="It calls itself so"))
    added = change(room, "add", "--group", "News/World", "--title", 'The "B" & café', room.url("/b"))
    assert added.returncode == 0 and room.url("/b") in added.stdout, added.stderr
    room.wait_articles(2)
    record = room.wait_feed("/b", lambda f: f["polls"] == 1)
    assert (record["title"], record["group"]) == ('The "B" & café', "News/World")
    assert [r.headers["User-Agent"].split("/")[0] for r in room.web.requests("/b")] == ["storyd"]
    again = change(room, "add", room.url("/b"))
    assert again.returncode == 1 and "already" in again.stderr
    removed = change(room, "remove", room.url("/b"))
    assert removed.returncode == 0, removed.stderr
    room.wait_feed("/b", lambda f: f["state"] == "removed")
    assert len(room.records("articles")) == 2, "what it brought stays"
    assert room.feed_record("/a")["state"] == "ok" and len(room.web.requests("/a")) == 1
    assert "does not list" in change(room, "remove", room.url("/b")).stderr


def test_a_feed_is_asked_once_when_it_is_added(room):
    """Who adds it has asked; storyd takes that answer, also when it starts later, and what it says of
    the next time holds. The next request has the validators of the first."""
    room.web.set("/b", ONE, headers={"ETag": '"\u00e9\\1"', "Cache-Control": "max-age=7200"})
    room.write_list()
    assert not room.store.exists()
    room.start()
    room.wait(room.store.exists, "the store")
    assert room.daemon.stop() == 0
    assert change(room, "add", room.url("/b")).returncode == 0
    asked = time.time()
    room.daemon.start()
    room.wait_articles(1)
    record = room.wait_feed("/b", lambda f: f["polls"] == 1)
    assert record["state"] == "ok" and record["because"] == "max_age"
    assert abs(record["last_poll"] - asked) < 60 and record["next_poll"] >= record["last_poll"] + 7200
    assert room.daemon.stop() == 0
    room.daemon.start()
    room.wait(lambda: "started" in room.daemon.log(), "the start")
    assert len(room.web.requests("/b")) == 1 and not list((room.store / "handed").iterdir())
    assert change(room, "remove", room.url("/b")).returncode == 0
    room.wait_feed("/b", lambda f: f["state"] == "removed")
    room.list("/b")  # by hand, so storyd asks itself
    request = room.asked("/b", 2)[1]
    assert request.headers["If-None-Match"] == '"\u00e9\\1"'


def test_what_a_server_said_when_its_feed_was_added_holds(room):
    """It asked for rest, or it moved for good, or is no feed: storyd does not ask to hear it again."""
    room.web.set("/busy", b"", 429, {"Retry-After": "5000"})
    room.web.set("/old", b"", 301, {"Location": "/new"})
    room.web.set("/new", ONE)
    room.write_list()
    room.start()
    for path in ("/busy", "/old"):
        assert change(room, "add", room.url(path)).returncode == 0
    busy = room.wait_feed("/busy", lambda f: f["polls"] == 1)
    assert busy["status"] == 429 and busy["next_poll"] >= busy["last_poll"] + 5000
    moved = room.wait_feed("/old", lambda f: f["polls"] == 1 and f["articles"] == 1)
    assert moved["moved_to"] == room.url("/new") and moved["moved_polls"] == 1
    assert {p: len(room.web.requests(p)) for p in ("/busy", "/old", "/new")} == {"/busy": 1, "/old": 1, "/new": 1}


def test_an_answer_that_is_none_of_storyctl_is_not_taken(room):
    """Of another day, or broken: the feed is asked as others are."""
    room.web.set("/b", ONE)
    room.write_list()
    room.start()
    assert room.daemon.stop() == 0
    for change_of in (lambda text: text.replace(b"15:storyd answer 1", b"15:storyd answer 0"),
                      lambda text: text[:len(text) // 2], lambda text: text + b"x", lambda text: b""):
        assert change(room, "add", room.url("/b")).returncode == 0
        (handed,) = (room.store / "handed").iterdir()
        before = len(room.web.requests("/b"))
        handed.write_bytes(change_of(handed.read_bytes()))
        room.daemon.start()
        room.asked("/b", before + 1)
        room.wait_feed("/b", lambda f: f["state"] == "ok")
        assert change(room, "remove", room.url("/b")).returncode == 0
        room.wait_feed("/b", lambda f: f["state"] == "removed")
        assert room.daemon.stop() == 0


def test_a_list_that_an_editor_saves_is_taken_up(room):
    room.feed("/a", ONE)
    room.start()
    room.web.set("/b", rss(articles(1, prefix="b")))
    room.list("/b")  # replaces the file
    room.wait_feed("/b", lambda f: f["polls"] == 1)
    room.daemon.wait_log("feed list updated feeds=2", LONG)
    path = room.daemon.dir / "feeds.opml"
    path.write_text(path.read_text().replace("/b", "/c"))  # writes into it
    room.wait_feed("/c", lambda f: f["polls"] == 1)
    path.write_text("<opml>")
    room.daemon.wait_log("feed list rejected; keeping the previous one .*feeds.opml:1: ", LONG)
    assert {f["state"] for f in room.records("feeds").values()} >= {"removed"} and room.daemon.running


def test_what_a_person_wrote_into_the_list_stays(room):
    text = ('<?xml version="1.0"?>\n<opml version="2.0">\n<!-- mine -->\n<body>\n'
            '\t<outline text="one" xmlUrl="%s" note="x"/>\n</body>\n</opml>\n' % room.url("/a"))
    path = room.daemon.dir / "feeds.opml"
    path.write_text(text)
    assert change(room, "add", room.url("/b")).returncode == 0
    assert text.split("</body>")[0] in path.read_text() and "/b" in path.read_text()
    assert change(room, "remove", room.url("/b")).returncode == 0
    assert path.read_text() == text


def test_feeds_of_one_list_are_added_at_once_by_several(room):
    """Each changes the list as the other left it."""
    room.write_list()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: change(room, "add", "http://f%d.example/" % n), range(16)))
    assert [r.returncode for r in done] == [0] * 16
    assert (room.daemon.dir / "feeds.opml").read_text().count("xmlUrl") == 16


@pytest.mark.parametrize("args, words", [
    (["add", "ftp://a.example/"], "expected http://"),
    (["add", "/etc/passwd"], "expected http://"),
    (["add", "http:///feed"], "expected http://"),
    (["add", "http://a.example:99999/"], "its port is not a number from 1 to 65535"),
    (["add", "http://a..example/"], "can never be requested"),
    (["find", "feed:gopher://a.example/"], "can never be requested"),
    (["add"], "usage: storyctl feeds"),
    (["remove", "http://nowhere.example/"], "does not list"),
    (["show", "x"], "`storyctl feeds` lists the numbers of feeds"),
    (["show", "7"], "feed 7 does not exist"),
], ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_what_cannot_be_done_is_told(room, args, words):
    room.write_list()
    room.start()
    more = ["--db", room.store] if args[0] == "show" else ["--config", room.daemon.config_path]
    result = storyctl(room.build, "feeds", args[0], *more, *args[1:])
    assert result.returncode in (1, 2) and words in result.stderr and not result.stdout


def test_a_list_that_cannot_be_changed_is_left_alone(room):
    path = room.daemon.dir / "feeds.opml"
    path.write_text('<opml><body><outline xmlUrl="http://a.example/"/>')
    result = change(room, "add", "http://b.example/")
    assert result.returncode == 1 and "</opml>" in result.stderr and "b.example" not in path.read_text()
    path.unlink()
    assert "No such file" in change(room, "add", "http://b.example/").stderr
    missing = storyctl(room.build, "feeds", "add", "--config", "/nowhere.conf", "http://b.example/")
    assert missing.returncode == 1 and "--config" in missing.stderr


# ---- export --------------------------------------------------------------------------------------

LIST = """<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="News"><outline text="AC/DC \\o/">
 <outline type="rss" text="short" title="A &amp; B" xmlUrl="http://127.0.0.1:9/a?x=1&amp;y" htmlUrl="http://a.example/"
   category="/x,/y" interval="2h" language="de"/></outline>
 <outline type="atom" text="日本語" xmlUrl="http://127.0.0.1:9/b"/></outline>
<outline xmlUrl="http://127.0.0.1:9/c"/>
</body></opml>
"""


def take_list(room, text, feeds):
    """Starts it on the list and waits until all are in the store."""
    room.listed = None
    room.write_list(text)
    since = len(room.daemon.lines)
    room.daemon.start()
    room.daemon.wait_log(" started .*feeds=%d " % feeds, LONG, since=since)
    room.wait(lambda: len(room.records("feeds")) == feeds, "%d feeds" % feeds)


def test_export_gives_back_what_was_imported(room):
    take_list(room, LIST, 3)
    out = exported(room)
    assert out == {
        "http://127.0.0.1:9/a?x=1&y": (("News", "AC/DC \\o/"), {
            "type": "rss", "text": "short", "title": "A & B", "htmlUrl": "http://a.example/",
            "category": "/x,/y", "interval": "2h", "language": "de"}),
        "http://127.0.0.1:9/b": (("News",), {"type": "atom", "text": "日本語", "title": "日本語"}),
        "http://127.0.0.1:9/c": ((), {"type": "rss", "text": "http://127.0.0.1:9/c"}),
    }
    text = storyctl(room.build, "feeds", "export", "--db", room.store).stdout
    room.daemon.stop()
    take_list(room, text, 3)
    assert exported(room) == out, "so it is when what was exported is the list"


def test_addresses_as_readers_export_them_are_asked(room):
    """"feed:" in place of http, ampersands escaped twice, blanks around, no scheme at all."""
    for path in ("/a", "/b", "/c", "/d", "/e"):
        room.web.set(path, ONE)
    host = room.web.base.removeprefix("http://")
    given = ["http://%s/a?x=1&amp;amp;y=2" % host, "feed://%s/b" % host, "feed:http://%s/c" % host,
             "  http://%s/d&#10; " % host, "%s/e" % host]
    room.listed = None
    room.write_list('<opml version="2.0"><body>%s</body></opml>'
                    % "".join('<outline xmlUrl="%s"/>\n' % url for url in given))
    room.daemon.start()
    for path in ("/a", "/b", "/c", "/d", "/e"):
        room.asked(path)
    assert {r.path for r in room.web.requests("/a")} == {"/a?x=1&y=2"}
    wanted = {room.web.base + path for path in ("/a?x=1&y=2", "/b", "/c", "/d", "/e")}
    room.wait(lambda: {r["url"] for r in room.records("feeds").values()} == wanted, "the feeds' addresses")


def test_what_a_reader_wrote_is_found_by_what_it_means(room):
    room.listed = None
    room.write_list('<opml version="2.0"><body>\n<outline xmlUrl="feed://a.example/?x&amp;amp;y"/>\n'
                    '<outline xmlUrl="gopher://b.example/"/>\n</body></opml>\n')
    assert "already lists http://a.example/?x&y" in change(room, "add", "feed:a.example/?x&y").stderr
    for url in ("http://a.example/?x&y", "gopher://b.example/"):
        assert change(room, "remove", url).returncode == 0
    assert "outline" not in (room.daemon.dir / "feeds.opml").read_text()


def on_loopback(text, room):
    """A list of real feeds with its addresses on the test's server: nobody else is asked."""
    return re.sub(r"(xmlUrl=[\"'])\s*(https?|feed)://", r"\1%s/\2/" % room.web.base, text)


def unescaped(url):
    """Real lists have ampersands that were escaped twice."""
    return url.replace("&amp;", "&")


def needs(path):
    if not path.exists():
        pytest.skip("%s is missing" % path)
    return path


def test_thousands_of_real_feeds_survive_import_and_export(room):
    text = on_loopback(needs(SHARED / "feedlists" / "all.opml").read_text(), room)
    room.configure(poll="connections = 1")
    wanted = {unescaped(url): feed for url, feed in outlines(text.encode()).items()}
    take_list(room, text, len(wanted))
    found = exported(room)
    assert found.keys() == wanted.keys()
    for url, (group, a) in wanted.items():
        assert found[url][0] == group and found[url][1]["text"] == a["text"], url


def test_lists_that_are_not_well_formed_are_exported_well_formed(room):
    """Each address that a person sees in them is there, once."""
    folder = needs(SHARED / "feedlists" / "malformed")
    room.configure(poll="connections = 1")
    for path in sorted(folder.glob("*.opml"))[:6]:
        text = on_loopback(path.read_text(encoding="utf-8", errors="replace"), room)
        seen = {unescaped(html.unescape(u)) for u in re.findall(r"xmlUrl=[\"']\s*(http[^\"'\s]*)", text)}
        assert seen, path.name
        since = len(room.daemon.lines)
        room.write_list(text)
        if not room.daemon.running:
            room.daemon.start()
        room.daemon.wait_log(" started | feed list updated ", LONG, since=since)
        room.wait(lambda: exported(room).keys() == seen, "the feeds of " + path.name)
