"""lib/python/storyd.py, as a program uses it: on a store beside the binding of LMDB, and on one that grows."""
import json
import os
import pathlib
import subprocess
import sys

import pytest
from newsroom import CLOCK, Replay, articles, item, records, rss, scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRELUDE = "import json, sys, storyd\nstore = storyd.open(sys.argv[1])\n"


@pytest.fixture(scope="module")
def python(build):
    """Starts a program in a process of its own, for a process opens a store only once."""
    library = build / "libstory.so.1"
    if b"__asan_init" in library.read_bytes():
        pytest.skip("a library with sanitizers cannot be loaded into Python")
    env = dict(os.environ, LIBSTORY=str(library), PYTHONPATH=str(ROOT / "lib/python"), PYTHONDONTWRITEBYTECODE="1")

    def start(store, program):
        return subprocess.Popen([sys.executable, "-c", PRELUDE + program, str(store)], env=env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return start


@pytest.fixture
def run(python):
    def run(store, expression):
        program = python(store, "print(json.dumps(%s))" % expression)
        out, err = program.communicate(timeout=60)
        assert program.returncode == 0, err
        return json.loads(out)
    return run


@pytest.fixture(scope="module")
def news(build):
    with scratch() as directory:
        replay = Replay(build, directory)
        replay.add(("one", rss(articles(6))), ("two", rss(articles(3, host="https://other.example"))))
        yield replay


def test_all_that_there_is(run, news):
    for name, call in (("events", "events_by_number()"), ("changes", "changes()"), ("feeds", "feeds()")):
        assert run(news.store, "list(store.%s)" % call) == list(records(news.store, name).values())
    assert run(news.store, "list(store.decisions())") == []
    assert run(news.store, "store.seq") == max(records(news.store, "changes"))
    event = news.events()[0]
    assert run(news.store, "list(store.articles(%d))" % event["id"]) == [
        a for a in news.articles() if a["event"] == event["id"]]
    assert run(news.store, "[store.event(1), store.article(1), store.feed(1)]") == [
        records(news.store, name)[1] for name in ("events", "articles", "feeds")]
    assert run(news.store, "[store.event(999), store.article(999), store.feed(999)]") == [None] * 3


@pytest.mark.parametrize("filter, wanted", [
    ("", lambda e: True), ("min_sources=2", lambda e: e["source_count"] >= 2),
    ("words='VIOLIN lisb'", lambda e: "Violinist" in e["title"]), ("lang='de'", lambda e: False),
    ("source='other.example, nobody'", lambda e: "other.example" in [s["domain"] for s in e["sources"]]),
    ("since=%d" % (CLOCK + 1800), lambda e: e["updated"] >= CLOCK + 1800)])
def test_filters(run, news, filter, wanted):
    found = run(news.store, "[e['id'] for e in store.events(%s)]" % filter)
    stored = sorted(news.events(), key=lambda e: -e["seq"])
    assert found == [e["id"] for e in stored if wanted(e)]
    assert run(news.store, "[e['id'] for e in store.events(limit=2)]") == [e["id"] for e in stored[:2]]


def test_it_waits_for_changes(build, python, run):
    with scratch() as directory:
        replay = Replay(build, directory)
        replay.add(("feed", rss(articles(2))))
        assert run(replay.store, "store.wait(0)") == run(replay.store, "store.seq")
        assert run(replay.store, "store.wait(store.seq, timeout=0.01)") is None
        program = python(replay.store, "seq = store.seq\nprint(seq, flush=True)\nstore.wait(seq, 60)\n"
                                       "print(json.dumps(list(store.changes(seq))))\n")
        seq = int(program.stdout.readline())
        replay.add(("feed", rss([item("https://x.example/1", "Wildfire threatens vineyards", "1")])))
        out, err = program.communicate(timeout=60)
        assert program.returncode == 0, err
        assert [c["seq"] for c in json.loads(out)] == [n for n in records(replay.store, "changes") if n > seq]


def test_what_is_wrong_is_told(python, news):
    program = python("/nowhere", "")
    assert "storyd.Error: no storyd store in that folder" in program.communicate(timeout=60)[1]
    program = python(news.store, "store.close()\nstore.close()\nstore.seq")
    assert "ValueError: the store is closed" in program.communicate(timeout=60)[1]
