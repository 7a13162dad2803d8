"""A store that has no room left, on the disk or below max_size; and one that is taken away."""
import contextlib
import os
import shutil
import signal
import time

import pytest
from newsroom import CONFIG, LONG, Newsroom, articles, item, lines_of, mounted, rss, storyctl
from test_readers import hold, kill
from web import Site

FULL = "the store is full.*"
ROOM = "the store has room again"
WORDS = ("amber basalt cedar dune ember fjord garnet heath iris juniper kelp lichen marsh nectar opal pine quartz reed "
         "slate thorn umber violet willow yarrow zephyr").split()


def long_articles(n, prefix):
    """So much text that a batch of them needs room."""
    return [item("https://long.example/%s/%d" % (prefix, i), "Unrelated %s%dx %s%dy" % (prefix, i, prefix, i),
                 guid="%s-%d" % (prefix, i), text=" ".join("%s%s%d" % (w, prefix, i) for w in WORDS) * 12)
            for i in range(n)]


@contextlib.contextmanager
def small_disk(room, size="64m"):
    """The store lies on a file system of that size."""
    room.store.mkdir()
    with mounted(room.store, size):
        try:
            yield
        finally:
            room.daemon.stop()


def fill(room, left=0):
    """So many bytes are left."""
    with open(room.store / "filler", "wb", buffering=0) as f:
        with contextlib.suppress(OSError):
            while True:
                f.write(b"x" * 65536)
        with contextlib.suppress(OSError):
            while True:
                f.write(b"x")
        f.truncate(f.tell() - left)


def assert_once(room, n):
    """Every article of the feeds is there, once."""
    urls = [a["url"] for a in room.wait_articles(n)]
    assert len(set(urls)) == n
    room.sound()


def decision(room):
    number = next(iter(room.events()))
    return Site(room).ask("POST", "/api/v1/decisions", '{"kind":"note","event":%d,"text":"x","who":"test"}' % number, unix=True,
                          Content_Type="application/json")


def assert_serves_but_polls_nothing(room, path):
    site = Site(room)
    assert site.get("/api/v1/health").json()["status"] == "full"
    assert site.get("/").status == 200
    assert b"Polling has stopped" in site.get("/machine").body
    assert "storyd_store_full 1\n" in site.get("/metrics").body.decode()
    assert site.get("/api/v1/events").status == 200
    assert storyctl(room.build, "list", "--db", room.store).returncode == 0
    assert decision(room).status == 503
    assert (site.get("/healthz").status, site.get("/readyz").status) == (200, 503)
    assert b"the store is full" in site.get("/readyz").body
    health = storyctl(room.build, "health", "--db", room.store)
    assert health.returncode == 1 and health.stdout.startswith("full: ")
    asked = len(room.web.requests(path))
    time.sleep(2.5)  # it was asked every second
    assert len(room.web.requests(path)) == asked


@pytest.mark.parametrize("left", [0, 5 * 4096])  # bytes: LMDB calls a write in part an I/O error
def test_a_full_disk_stops_polling_alone_and_it_goes_on_when_there_is_room(build, left):
    with Newsroom(build) as room, small_disk(room):
        room.feed("/a.xml", rss(articles(5)))
        room.start()
        room.wait_articles(5)
        fill(room, left)
        room.feed("/b.xml", rss(long_articles(300, "b")))
        room.reload()
        line = room.daemon.wait_log(FULL, LONG)
        assert "no space left on the disk" in line and str(room.store) in line
        assert len(room.records("articles")) == 5
        assert_serves_but_polls_nothing(room, "/a.xml")
        room.unlist("/a.xml")  # which is not looked at now
        room.reload()
        assert_serves_but_polls_nothing(room, "/b.xml")
        (room.store / "filler").unlink()
        room.daemon.wait_log(ROOM, LONG)
        assert_once(room, 305)
        assert decision(room).status == 201
        assert Site(room).get("/api/v1/health").json()["status"] == "ok"
        assert room.daemon.stop() == 0


def test_it_starts_on_a_full_disk_and_serves_what_there_is(build):
    with Newsroom(build) as room, small_disk(room):
        room.feed("/a.xml", rss(articles(5)))
        room.start()
        room.wait_articles(5)
        assert room.daemon.stop() == 0
        room.feed("/b.xml", rss(long_articles(300, "b")))
        fill(room)
        since = len(room.daemon.lines)
        room.start()
        room.daemon.wait_log(FULL, LONG, since=since)
        site = Site(room, since)
        assert site.get("/api/v1/health").json()["status"] == "full"
        assert len(site.get("/api/v1/events").json()["events"]) > 0
        (room.store / "filler").unlink()
        room.daemon.wait_log(ROOM, LONG, since=since)
        assert_once(room, 305)


@pytest.mark.parametrize("mend", ["reader ends", "max_size"])
def test_a_store_at_its_greatest_size_goes_on_when_the_reader_ends_or_it_may_grow(build, mend):
    with Newsroom(build) as room:
        room.daemon.write_config((CONFIG % room.options).replace("1GiB", "16MiB"))
        room.feed("/a.xml", rss(long_articles(20, "a")))
        room.start()
        room.wait_articles(20)
        reader, _ = hold(room.store)
        n, pages = 20, 0
        try:
            while not room.daemon.lines or not any("the store is full" in line for line in room.daemon.lines):
                pages += 1
                assert pages < 60, "it never was full"
                room.feed("/more%d.xml" % pages, rss(long_articles(60, "p%d" % pages)))
                room.reload()
                room.wait(lambda: len(room.records("articles")) >= n + 60
                          or any("the store is full" in line for line in room.daemon.lines), "more, or the end of room")
                n += 60
            line = room.daemon.wait_log(FULL, LONG)
            assert "maximum size; raise max_size" in line
            assert_serves_but_polls_nothing(room, "/a.xml")
            if mend == "max_size":
                room.daemon.write_config((CONFIG % room.options).replace("1GiB", "256MiB"))
                room.reload()
            else:
                kill(reader)
            room.daemon.wait_log(ROOM, LONG)
            assert_once(room, n)
        finally:
            kill(reader)


def test_a_store_that_fills_up_is_warned_of_and_a_reload_lets_it_grow(build):
    """Before it is full, on all that operators look at; and no reader needs to end for the greater size."""
    with Newsroom(build) as room:
        room.daemon.write_config((CONFIG % room.options).replace("1GiB", "16MiB"))
        room.feed("/a.xml", rss(long_articles(20, "a")))
        room.start()
        site = Site(room)
        room.wait_articles(20)
        n, line = 20, None
        while not line:
            assert n < 8000, "it never filled up"
            room.feed("/more%d.xml" % n, rss(long_articles(50, "p%d" % n)))
            room.reload()
            n += 50
            room.wait_articles(n)
            if (room.store / "data.mdb").stat().st_size > 0.88 * 2 ** 24:  # storyd looks every ten seconds
                with contextlib.suppress(TimeoutError):
                    line = room.daemon.wait_log("the store is filling up", 11)
        assert "raise max_size" in line and "max_size=%d" % 2 ** 24 in line
        health = site.get("/api/v1/health").json()
        assert health["status"] == "ok" and health["store_max"] == 2 ** 24 and health["disk_free"] > 0
        assert b"% full" in site.get("/machine").body.replace(b" %", b"%")
        assert "storyd_store_used_bytes %d\n" % health["store_used"] in site.get("/metrics").body.decode()
        reader, _ = hold(room.store)
        try:
            room.daemon.write_config((CONFIG % room.options).replace("1GiB", "256MiB"))
            room.reload()
            room.wait(lambda: site.get("/api/v1/health").json()["store_max"] == 2 ** 28, "the greater size")
            assert b"% full" not in site.get("/machine").body.replace(b" %", b"%")
            room.feed("/last.xml", rss(long_articles(300, "z")))
            room.reload()
            assert_once(room, n + 300)
        finally:
            kill(reader)
        assert sum("the store is filling up" in line for line in room.daemon.lines) <= 2
        assert not any("the store is full" in line for line in room.daemon.lines)


# ---- taken away ---------------------------------------------------------------------------------

def remove_folder(room):
    shutil.rmtree(room.store)


def replace_folder(room):
    copy = room.store.with_name("copy")
    shutil.copytree(room.store, copy, ignore=shutil.ignore_patterns("*.sock"))
    room.store.rename(room.store.with_name("old"))
    copy.rename(room.store)


def replace_data(room):
    shutil.copy(room.store / "data.mdb", room.store / "new")
    (room.store / "new").rename(room.store / "data.mdb")


def remove_table(room):
    (room.store / "lock.mdb").unlink()


def remove_writers_lock(room):
    (room.store / "writer.lock").unlink()


@pytest.mark.parametrize("harm", [remove_folder, replace_folder, replace_data, remove_table, remove_writers_lock])
def test_a_store_that_is_taken_away_is_noticed_and_it_stops(build, harm):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        harm(room)
        line = room.daemon.wait_log("the store was removed or replaced", 60)
        assert str(room.store) in line and "Stop storyd before you restore" in line
        assert room.daemon.wait(LONG) == 72
        room.daemon.process = None
