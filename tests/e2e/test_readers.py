"""Readers of the store that die, stand still or are too many, and what storyctl leaves behind."""
import fcntl
import json
import os
import pathlib
import platform
import re
import signal
import struct
import subprocess
import sys
import time

import pytest
from loopback import wait_until
from newsroom import (LONG, ROOT, SANITIZED, Newsroom, Replay, articles, item, lines_of, rss, scratch, storyctl)
from web import Site

SLOTS = 510  # of the table of readers in lock.mdb
F_SETPIPE_SZ = 1031  # fcntl.F_SETPIPE_SZ, which Python knows from 3.10 on
WRITE = {"x86_64": "1"}.get(platform.machine(), "64")  # the system call's number

# A reader that opens so many views, says so, and stands still.
HOLDER = """
import lmdb, sys, time
env = lmdb.open(sys.argv[1], readonly=True, max_readers=%d, max_spare_txns=0)
views = []
try:
    while len(views) < int(sys.argv[2]):
        views.append(env.begin())
except lmdb.ReadersFullError:
    pass
print(len(views), flush=True)
sys.stdin.read()
""" % SLOTS


def hold(store, views=1):
    """The process, and how many views it has open."""
    p = subprocess.Popen([sys.executable, "-c", HOLDER, str(store), str(views)], text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return p, int(p.stdout.readline())


def kill(p):
    p.kill()
    p.wait()


def fill_with_dead(store):
    """Every slot is a killed reader's."""
    p, n = hold(store, SLOTS + 1)
    assert 0 < n <= SLOTS and len(slots(store)) == SLOTS
    kill(p)


def slots(store):
    """The pids of the table's slots, read from the file: opening the store would take one. From byte 128
    on, 64 bytes each (LMDB 0.9 on Linux): the transaction's number, the process's."""
    table = (pathlib.Path(store) / "lock.mdb").read_bytes()
    pids = [struct.unpack_from("<QI", table, at)[1] for at in range(128, len(table), 64)]
    return [pid for pid in pids if pid]


def views_of(store, pid):
    return slots(store).count(pid)


@pytest.fixture(scope="module")
def archive(build):
    """A store of some hundred events whose export is longer than any pipe."""
    with scratch() as path:
        replay = Replay(build, path)
        replay.add(*[("feed%d" % i, rss([item("https://p%d.example/%d" % (i, j), "Unrelated w%dx%d y%dz%d" % (i, j, j, i),
                                              guid="g%d" % j, text=("text%dx%d " % (i, j)) * 300)
                                         for j in range(100)])) for i in range(6)], step=60)
        keeper, _ = hold(replay.store, 0)  # the last one to close a store empties the table
        yield replay.store
        kill(keeper)


# ---- readers that were killed -------------------------------------------------------------------

@pytest.mark.parametrize("args", [("list",), ("export",), ("stats",), ("feeds",), ("history",), ("check",), ("show", "1"),
                                  ("why", "1", "1")])
def test_dead_readers_slots_are_given_back_when_the_table_is_full(build, archive, args):
    fill_with_dead(archive)
    result = storyctl(build, *args, "--db", archive)
    assert result.returncode == 0, result.stderr


def test_a_backup_is_made_though_dead_readers_fill_the_table(build, archive):
    fill_with_dead(archive)
    with scratch() as path:
        result = storyctl(build, "backup", "--db", archive, path / "copy")
        assert result.returncode == 0, result.stderr


def test_the_library_gives_back_dead_readers_slots(build, archive):
    if SANITIZED:
        pytest.skip("a library with sanitizers cannot be loaded into Python")
    fill_with_dead(archive)
    program = "import storyd; print(len(list(storyd.open(%r).events(limit=3))))" % str(archive)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                            env=dict(os.environ, PYTHONPATH=str(ROOT / "lib/python"), LIBSTORY=str(build / "libstory.so.1")))
    assert result.stdout == "3\n", result.stderr


def test_killed_readers_take_neither_page_nor_api_down(build):
    """130 readers that are killed for real, then a whole table of them; no commit comes to help."""
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        room.unlist("/a.xml")
        room.reload()
        for _ in range(13):
            readers = [hold(room.store) for _ in range(10)]
            for p, n in readers:
                assert n == 1
                kill(p)
        for path in ("/", "/api/v1/events", "/api/v1/feeds", "/metrics", "/event/1", "/feeds", "/machine"):
            fill_with_dead(room.store)
            assert Site(room).get(path).status == 200, path
        fill_with_dead(room.store)
        # with nobody who asks, too
        room.wait(lambda: len(slots(room.store)) < 10, "the dead readers' slots to be given back")


def test_too_many_live_readers_are_told_of_once_and_harm_nothing_for_good(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        p, n = hold(room.store, SLOTS + 1)
        room.daemon.wait_log("the store cannot be read.*too many readers at once", LONG)
        result = storyctl(build, "list", "--db", room.store)
        assert result.returncode == 1 and "too many readers at once" in result.stderr
        assert Site(room).get("/api/v1/health").status == 500
        page = Site(room).get("/?min_sources=1")
        assert page.status == 500 and b"The events cannot be read" in page.body
        kill(p)
        room.daemon.wait_log("the store is readable again", LONG)
        assert Site(room).get("/").status == 200
        assert len([line for line in room.daemon.lines if "the store cannot be read" in line]) == 1


# ---- storyctl's own views -----------------------------------------------------------------------

def start(build, *args):
    """storyctl, and the end of a short pipe from it."""
    out, into = os.pipe()
    fcntl.fcntl(out, F_SETPIPE_SZ, 4096)
    p = subprocess.Popen([str(build / "storyctl")] + [str(a) for a in args], stdin=subprocess.DEVNULL,
                         stdout=into, stderr=subprocess.PIPE)
    os.close(into)
    return p, open(out, "rb", buffering=0)


@pytest.mark.parametrize("args", [("export",), ("list", "--limit", "0", "--json"), ("list", "--limit", "0"),
                                  ("tail", "--since", "0", "--json")])
def test_a_reader_that_stands_still_keeps_no_view_of_ours_open(build, archive, args):
    """And each signal, and the pipe's end, leave no slot behind."""
    for end in (signal.SIGTERM, signal.SIGINT, None):
        p, out = start(build, *args, "--db", archive)
        with p, out:
            assert out.read(1)
            wait_until(lambda: waits_to_write(p), LONG, "a full pipe")
            assert views_of(archive, p.pid) == 0
            if end:
                p.send_signal(end)
            else:
                out.close()
            assert p.wait(LONG) == -(end or signal.SIGPIPE)
            assert p.stderr.read() == b""
        assert views_of(archive, p.pid) == 0


def waits_to_write(p):
    fields = pathlib.Path("/proc/%d/stat" % p.pid).read_text().rpartition(")")[2].split()
    assert fields[0] != "Z", "it has ended"
    return fields[0] == "S" and pathlib.Path("/proc/%d/syscall" % p.pid).read_text().split()[0] == WRITE


def test_a_signal_ends_a_long_reading_and_its_view(build, archive):
    """Whenever it comes: no slot is left."""
    for i in range(30):
        p, out = start(build, "stats", "--db", archive)
        time.sleep(0.0005 * i)
        p.send_signal(signal.SIGINT if i % 2 else signal.SIGTERM)
        p.communicate(timeout=LONG)
        out.close()
        assert p.returncode in (0, -signal.SIGINT, -signal.SIGTERM)
        assert views_of(archive, p.pid) == 0


def test_where_sigpipe_is_ignored_the_status_is_the_same(build, archive):
    p = subprocess.Popen([str(build / "storyctl"), "export", "--db", str(archive)], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, restore_signals=False)  # Python ignores SIGPIPE
    p.stdout.read(1)
    p.stdout.close()
    assert p.wait(LONG) == 128 + signal.SIGPIPE
    assert p.stderr.read() == b""
    p.stderr.close()


@pytest.mark.parametrize("args", [("export",), ("list",), ("stats",), ("check",)])
def test_what_cannot_be_written_is_no_success(build, archive, args):
    with open("/dev/full", "w") as full:
        p = subprocess.run([str(build / "storyctl"), *args, "--db", str(archive)], stdout=full,
                           stderr=subprocess.PIPE, text=True)
    assert p.returncode == 1
    assert "No space left on device" in p.stderr


def test_an_export_has_every_event_once_while_storyd_writes(build):
    """It reads in several views: what was there when it began stands in it once, each line a whole event."""
    with Newsroom(build) as room:
        text = "lorem%d " * 400
        many = [item("https://q.example/%d" % i, "Unrelated a%db c%dd" % (i, i), guid="q%d" % i, text=text.replace("%d", str(i)))
                for i in range(400)]
        room.feed("/a.xml", rss(many))
        room.start()
        room.wait_articles(400)
        before = set(room.records("events"))
        p, out = start(build, "export", "--db", room.store)
        with p, out:
            first = out.read(1)
            room.feed("/b.xml", rss(articles(16)))
            room.reload()
            room.wait_articles(416)
            rest = out.read()
            assert p.wait(LONG) == 0
        lines = [json.loads(line) for line in (first + rest).splitlines()]
        numbers = [e["id"] for e in lines]
        assert numbers == sorted(set(numbers))
        assert before <= set(numbers)
        for e in lines:
            assert len(e["articles"]) == e["article_count"] and all(a["event"] == e["id"] for a in e["articles"])


# ---- a reader that stands still -----------------------------------------------------------------

def test_a_reader_that_stands_still_is_told_of(build):
    """In the log with its process and age, in the metrics and in stats; and when it is over."""
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        p, _ = hold(room.store)
        os.kill(p.pid, signal.SIGSTOP)
        try:
            room.feed("/b.xml", rss(articles(2, prefix="later")))
            room.reload()
            room.wait_articles(5)
            stats = lines_of(storyctl(build, "stats", "--json", "--db", room.store))[0]
            assert stats["views"] >= 1 and stats["oldest_view_pid"] == p.pid and stats["oldest_view_behind"] > 0
            room.wait(lambda: metric(room, "storyd_store_oldest_view_pid") == p.pid, "the metrics to name it")
            assert metric(room, "storyd_store_oldest_view_commits") > 0
            line = room.daemon.wait_log("a reader holds an old view", 100)
            assert "pid=%d" % p.pid in line and int(re.search(r"seconds=(\d+)", line)[1]) >= 60, line
            assert metric(room, "storyd_store_oldest_view_seconds") >= 60
            assert Site(room).get("/machine").body.decode().count("process %d holds an old view" % p.pid) == 1
        finally:
            kill(p)
        room.daemon.wait_log("the old view was closed", LONG)
        assert metric(room, "storyd_store_oldest_view_pid") == 0


def metric(room, name):
    return float(re.search(r"^%s (\S+)$" % name, Site(room).get("/metrics").body.decode(), re.M)[1])
