"""A clock that was wrong and is set back: what was planned by it does not wait until it is there again. What
the store says of later is written into it while the daemon is down, or the daemon gets a clock of its own."""
import json
import subprocess
import time

import pytest
from loopback import Response
from newsroom import LONG, ROOT, SANITIZED, Newsroom, articles, broken, item, rss

DAYS = 5 * 86400
ONE = rss(articles(1))


@pytest.fixture
def room(build):
    with Newsroom(build, interval="1h", max_backoff="24h") as r:
        yield r


def set_forward(room, database, seconds, fields):
    """As if the clock had been ahead when the records were written."""
    with broken(room.store) as (db, txn):
        for k, v in list(txn.cursor(db(database))):
            record = json.loads(v)
            for name in fields:
                if record.get(name):
                    record[name] += seconds
            txn.put(k, json.dumps(record).encode(), db=db(database))


TIMES = ("added", "last_poll", "last_new", "next_poll", "document_time", "moved_since", "hub_asked", "hub_until")


def test_feeds_that_were_asked_later_than_now_are_asked(room):
    """Good ones, failing ones, ones that were told to wait, that move, or are waited for at a hub."""
    room.configure(interval="1h", max_backoff="24h",
                   poll="connections_per_host = 10\n[websub]\ncallback = https://public.example/websub")
    hub = '<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="%s"/>' % room.url("/hub")
    room.web.set("/hub", b"", 202)
    room.feed("/good", ONE, headers={"ETag": '"1"'})
    room.feed("/fails", b"", 500)
    room.feed("/busy", b"", 429, {"Retry-After": "7200"})
    room.feed("/moves", b"", 301, {"Location": "/good2"})
    room.web.set("/good2", rss(articles(1, prefix="good2")))
    room.feed("/hubbed", rss(articles(1, prefix="hubbed")).replace(b"<language>", hub.encode() + b"<language>"))
    paths = list(room.listed)
    room.start()
    for path in paths:
        room.wait_feed(path, lambda f: f["polls"] == 1)
    room.asked("/hub")
    room.daemon.stop()
    set_forward(room, "feeds", DAYS, TIMES)
    room.web.clear()
    room.start()
    now = time.time()
    for path in paths:
        record = room.wait_feed(path, lambda f: f["polls"] == 2)
        for name in set(TIMES) - {"next_poll", "hub_until"}:
            assert (record[name] or 0) <= now + 60, (path, name)
        assert record["next_poll"] < now + 86400 * 1.2
    assert room.wait_feed("/moves", lambda f: f["moved_polls"] == 2)["moved_since"] <= now + 60
    room.asked("/hub")
    for path in paths:
        assert len(room.web.requests(path)) == 1


def test_a_small_correction_of_the_clock_asks_nobody(room):
    room.feed("/a", ONE)
    room.start()
    room.wait_feed("/a", lambda f: f["polls"] == 1)
    room.daemon.stop()
    set_forward(room, "feeds", 30, TIMES)
    room.list("/b")
    room.web.set("/b", ONE)
    room.start()
    room.wait_feed("/b", lambda f: f["polls"] == 1)
    assert len(room.web.requests("/a")) == 1


def test_archives_of_a_feed_go_on(room):
    archive = '<link xmlns="http://www.w3.org/2005/Atom" rel="prev-archive" href="%s"/>'
    room.web.set("/older", Response(delay=30).body, delay=30)
    room.feed("/a", ONE.replace(b"<language>", (archive % room.url("/older")).encode() + b"<language>"))
    room.start()
    room.asked("/older")
    room.daemon.kill()
    room.web.set("/older", rss(articles(1, prefix="older")))
    set_forward(room, "feeds", DAYS, TIMES)
    room.start()
    room.wait_articles(2)


def test_alerts_that_were_tried_later_than_now_are_tried(room):
    room.web.set("/hook", b"", 500)
    room.configure(rest="[alert all]\nwebhook = %s\n" % room.url("/hook"), interval="1h")
    room.feed("/a", ONE)
    room.start()
    room.asked("/hook")
    room.wait(lambda: any(d["tries"] for d in room.records("_deliveries").values()), "a try that is written")
    room.daemon.stop()
    set_forward(room, "_deliveries", DAYS, ("due", "made"))
    room.web.set("/hook")
    room.web.clear()
    room.start()
    room.asked("/hook")
    room.daemon.wait_log("alert delivered", LONG)


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's library must come first")
def test_the_clock_is_set_back_while_it_runs(build, tmp_path):
    library, clock = tmp_path / "clock.so", tmp_path / "clock"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, ROOT / "tests/data/clock.c"], check=True)
    clock.write_text("0")
    with Newsroom(build, interval="1h", env={"LD_PRELOAD": str(library), "CLOCK_FILE": str(clock)}) as room:
        room.feed("/a", ONE)
        room.start()
        room.wait_feed("/a", lambda f: f["polls"] == 1)
        clock.write_text(str(-DAYS))
        room.reload()
        record = room.wait_feed("/a", lambda f: f["polls"] == 2)
        assert record["last_poll"] < time.time() - DAYS + 3600
        assert "the clock was set back" in room.daemon.log()
        room.reload()
        assert len(room.web.requests("/a")) == 2
