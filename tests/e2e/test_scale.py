"""Many feeds at once: nothing is lost, and memory follows what is under way, not what is listed."""
import pathlib
import random
import re
import time

import pytest
from loopback import Response
from newsroom import LONG, SANITIZED, SUBJECTS, Newsroom, item, rss

FEEDS, ITEMS = 200, 10
MEGABYTE = 1024  # in kB, as /proc tells them


def peak(daemon):
    """kB of memory that the process has held at most so far."""
    status = pathlib.Path("/proc/%d/status" % daemon.pid).read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.M).group(1))


def words(rng, n):
    """Some of twenty thousand words that no language has."""
    return " ".join("%s%s" % (rng.choice(SYLLABLES), "".join(rng.choices(SYLLABLES, k=2))) for _ in range(n))


SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"][:28]


def document(feed):
    rng = random.Random(feed)
    return rss([item("https://outlet%d.example/%d" % (feed, i), words(rng, 8), "%d-%d" % (feed, i), words(rng, 50))
                for i in range(ITEMS)], title="Outlet %d" % feed)


def test_200_feeds_at_once(build):
    """Two names of one machine, a hundred requests to each under way at once."""
    with Newsroom(build, interval="1h", commit_articles=100,
                  poll="connections = 200\nconnections_per_host = 100") as room:
        room.feed("/first", rss([]))
        room.start()
        room.wait_feed("/first", lambda f: f["polls"] == 1)
        start = peak(room.daemon)
        for n in range(FEEDS):
            room.web.set("/feed%d" % n, lambda request, n=n: Response(document(n)))
        names = ["127.0.0.1", "localhost"]
        room.list(*["http://%s:%d/feed%d" % (names[n % 2], room.web.port, n) for n in range(FEEDS)])
        assert "feeds=%d" % (FEEDS + 1) in room.reload()
        room.wait_articles(FEEDS * ITEMS)
        assert len(room.web.requests()) == FEEDS + 1
        grown = (peak(room.daemon) - start) / MEGABYTE
        assert room.daemon.stop(LONG) == 0
        assert {f["state"] for f in room.records("feeds").values()} == {"ok"}
        room.sound()
    if SANITIZED:
        pytest.skip("all articles arrived; memory says nothing in a build with AddressSanitizer")
    assert grown <= 42, "%.1f MB" % grown


def test_a_long_list_is_taken_over_at_once(build):
    """2000 feeds, of which one answers: the rest is known, planned, and in nobody's way."""
    with Newsroom(build, interval="1h", poll="connections_per_host = 1") as room:
        room.feed("/slow", rss([]), delay=LONG)
        room.feed("/a", rss([item("https://a.example/1", SUBJECTS[0])]))
        room.start()
        room.asked("/slow")
        room.list(*["/n%d" % n for n in range(2000)])
        room.list("http://localhost:%d/b" % room.web.port)
        room.web.set("/b", rss([item("https://b.example/1", SUBJECTS[1])]))
        assert "feeds=2003" in room.reload()
        room.wait_articles(1)
        assert len(room.records("feeds")) == 2003
        assert room.daemon.stop(LONG) == 0


def test_an_idle_daemon_sleeps(build):
    """With no client and nothing due it wakes at most once a second; ten a second once did, to look for slow clients."""
    def wakes(daemon):
        status = pathlib.Path("/proc/%d/status" % daemon.pid).read_text()
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", status, re.M).group(1))
    with Newsroom(build, interval="1h") as room:
        room.feed("/rss", rss([]))
        room.start()
        room.wait_feed("/rss", lambda f: f["polls"] == 1)
        time.sleep(2)
        before = wakes(room.daemon)
        time.sleep(5)
        assert wakes(room.daemon) - before <= 5
