"""What is older than [store] keeps it is deleted, and everybody who asks for it is told so. The store
is replayed three years in the past, then opened by a daemon of today."""
import json
import subprocess

import pytest
from newsroom import Newsroom, Replay, Store, broken, item, key, lines_of, number, rss, storyctl
from web import Site

FIRST = "Heron colony abandons flooded willow marsh"
SECOND = "Senator proposes copper mining royalty bill"
PINNED = "Violinist cancels Lisbon concerts after surgery"


def document(publisher, *titles):
    return (publisher, rss([item("https://www.%s.example/%d" % (publisher, n), title, "%s-%d" % (publisher, n),
                                 title + ", officials said.") for n, title in enumerate(titles)], title=publisher,
                           link="https://www.%s.example/" % publisher))


@pytest.fixture(scope="module")
def room(build):
    """Three events of 2023: 1 of two articles, 2 of one, 3 of one and pinned by an editor."""
    with Newsroom(build) as room:
        Replay(build, room.daemon.dir).add(document("kestrel", PINNED, SECOND, FIRST),
                                           document("meridian", FIRST))
        room.before = room.records("events")
        assert [e["title"] for e in room.before.values()] == [FIRST, SECOND, PINNED]
        room.start()
        room.site = Site(room)
        pin = {"kind": "pin", "who": "ed", "why": "", "event": 3}
        assert room.site.ask("POST", "/api/v1/decisions", json.dumps(pin).encode(),
                             Content_Type="application/json").status == 201
        assert len(room.records("events")) == 3
        room.daemon.stop()
        with broken(room.store) as (db, txn):
            for reader, event, time in [(7, 0, 2**32), (7, 1, 1), (7, 2, 1), (7, 3, 1), (8, 0, 1)]:
                txn.put(key(reader) + key(event), key(0) + key(time) + key(0x101), db=db("_reading"))
        room.configure(keep="")
        since = len(room.daemon.lines)
        room.start()
        room.daemon.wait_log("old records deleted", 30)
        room.wait(lambda: len(room.records("events")) == 1, "two events deleted")
        room.site = Site(room, since)
        yield room


def test_what_an_editor_decided_on_stays(room):
    [event] = room.records("events").values()
    assert (event["title"], event["pinned"]) == (PINNED, True)
    [article] = room.records("articles").values()
    assert article["event"] == event["id"] and "articles_deleted" not in event
    room.sound()


def test_a_deleted_event_answers_410_with_its_title(room):
    answer = room.site.get("/api/v1/events/1")
    assert answer.status == 410 and answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["event"]["title"] == FIRST
    assert answer.json()["event"]["updated"] == room.before[1]["updated"]
    for path in "articles", "reasons", "history", "ninjs":
        assert room.site.get("/api/v1/events/1/" + path).status == 410
    for form in "atom", "json":
        assert room.site.get("/event/1/feed." + form).status == 410
    assert room.site.get("/api/v1/articles/1").status in (200, 410)
    assert room.site.get("/api/v1/events/4").status == 404
    assert room.site.get("/api/v1/articles/99").status == 404


def test_what_a_reader_has_seen_goes_with_the_event(room):
    """And readers who have done nothing for as long as events are kept."""
    def kept():
        with Store(room.store) as store, store.env.begin() as txn:
            db = store.env.open_db(b"_reading", txn, create=False)
            return [(number(k[:8]), number(k[8:])) for k, _ in txn.cursor(db)]
    room.wait(lambda: kept() == [(7, 0), (7, 3)], "that what was seen is deleted")


def test_the_page_of_a_deleted_event_names_it(room):
    answer = room.site.get("/event/2")
    assert answer.status == 410 and SECOND in answer.body.decode() and "older than" in answer.body.decode()
    assert room.site.get("/event/99").status == 404


def test_a_cursor_before_the_log_is_told_where_to_continue(room):
    for path, headers in (("/api/v1/changes?cursor=1", {}), ("/api/v1/stream?cursor=1", {}),
                          ("/api/v1/stream", {"Last-Event-ID": "1"})):
        answer = room.site.ask("GET", path, **headers)
        assert answer.status == 410, path
        told = answer.json()
        assert told["first"] > 2 and told["seq"] >= told["first"]
    rest = room.site.get("/api/v1/changes?cursor=0").json()
    assert rest["changes"][0]["seq"] == told["first"]
    assert room.site.get("/api/v1/changes?cursor=%d" % (told["first"] - 1)).json()["changes"] == rest["changes"]


def test_storyctl_says_that_it_was_deleted(room, build):
    shown = storyctl(build, "show", "--db", room.store, 1)
    assert shown.returncode == 1 and "event 1 was deleted because of its age" in shown.stderr
    followed = storyctl(build, "tail", "--db", room.store, "--since", 1)
    assert followed.returncode == 1 and "keep_changes" in followed.stderr
    assert [e["id"] for e in lines_of(storyctl(build, "export", "--db", room.store))] == [3]


def test_numbers_are_not_used_again(room):
    room.feed("/new.xml", rss([item("https://new.example/1", "Ferry collides with harbour crane at dawn", "n")]))
    room.reload()
    room.wait(lambda: len(room.records("articles")) == 2, "a new article")
    assert max(room.records("articles")) == 5 and max(room.records("events")) == 4
    room.sound()


def test_an_item_that_is_still_listed_does_not_return(build):
    """Two feeds that list articles of 2023, which were deleted; one has edited its text."""
    with Newsroom(build, keep="") as room:
        listed = {name: document(name, title)[1] for name, title in (("kestrel", FIRST), ("meridian", SECOND))}
        for name, body in listed.items():
            edited = body.replace(b"officials said", b"the mayor said") if name == "meridian" else body
            room.feed("/%s.xml" % name, edited)
        Replay(build, room.daemon.dir).add(*((room.url("/%s.xml" % n), b, {"url": room.url("/%s.xml" % n)})
                                             for n, b in listed.items()))
        room.start()
        room.daemon.wait_log("old records deleted articles=2", 30)
        for name in listed:
            room.daemon.wait_log("read +feed=.*%s.xml new=0 known=1" % name, 30)
        assert room.daemon.stop() == 0
        assert room.records("articles") == {}
        room.sound()


@pytest.mark.parametrize("option, wrong, told", [
    ("keep_articles", "soon", "expected a duration such as 30d or 365d, or forever"),
    ("keep_articles", "1h", "expected at least window in [engine], 3d, or forever"),
    ("keep_events", "30d", "expected at least keep_articles, 365d, or forever"),
])
def test_a_wrong_age_is_refused_at_start(build, tmp_path, option, wrong, told):
    config = tmp_path / "storyd.conf"
    (tmp_path / "feeds.opml").write_text('<opml version="2.0"><body/></opml>')
    config.write_text("[store]\npath = store\n%s = %s\n" % (option, wrong))
    done = subprocess.run([build / "storyd", "-c", config, "-n"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "storyd.conf:3:" in done.stderr and told in done.stderr
