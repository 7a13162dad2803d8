"""The store through its years: written by an older version, cut short, damaged, shut to others."""
import fcntl
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys

import lmdb
import pytest
from newsroom import (LONG, Newsroom, Replay, SANITIZED, SUBJECTS, articles, assert_sound, broken, item, key, records,
                      rss, scratch, storyctl)

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
PAGE = 4096


@pytest.fixture(scope="module")
def made(build):
    """A store that a daemon wrote, with all that it keeps: events, decisions, an alert that waits."""
    alert = "[alert all]\nfeeds = 2\nwebhook = http://127.0.0.1:9/none\n"
    with Newsroom(build, rest=alert) as room:
        room.feed("/a", rss(articles(12)))
        room.feed("/b", rss([item("https://other.example/1", SUBJECTS[0] + " story0", "1")]))
        room.start()
        room.wait_articles(13)
        for args in (["tag", 2, "sea"], ["note", 2, "ask"], ["merge", 3, 4], ["signal", 5, "more"]):
            decided(room, *args)
        assert room.daemon.stop() == 0
        yield room.store


@pytest.fixture
def copy(made):
    """One to break."""
    with scratch() as directory:
        shutil.copytree(made, directory / "store", ignore=shutil.ignore_patterns("*.sock"))
        yield directory / "store"


def start_of(build, store):
    """(exit status, log) of a storyd that refuses to start with the store; it is stopped when it does not."""
    with Newsroom(build) as room:
        shutil.copytree(store, room.store)
        room.write_list()
        room.daemon.start()
        room.daemon.wait_for(lambda: " started " in room.daemon.log() or not room.daemon.running, LONG, "its start")
        if room.daemon.running:
            return room.daemon.stop(), room.daemon.log()
        for reader in room.daemon._readers:
            reader.join(5)
        return room.daemon.process.wait(), room.daemon.log()


# ---- a store of an older version ----------------------------------------------------------------

def write_store_of(name, path):
    """As a version left it whose store tests/data has: each entry as [database, key, value]."""
    def to_bytes(text):
        return bytes.fromhex(text[4:]) if text.startswith("hex:") else text.encode()

    path.mkdir()
    env = lmdb.open(str(path), max_dbs=32, map_size=1 << 26)
    with env.begin(write=True) as txn:
        for line in (DATA / name).read_text().splitlines():
            name, key, value = json.loads(line)
            dups = name in ("event_articles", "event_posts", "_history", "_earlier")
            db = env.open_db(name.encode(), txn, dupsort=dups, dupfixed=dups)
            txn.put(to_bytes(key), to_bytes(value), db=db)
    env.close()


def write_store_of_first_version(path):
    """The first version that stored anything: six articles, four events, four of whose fields and six
    of whose databases today's has were not thought of."""
    write_store_of("store_of_first_version.jsonl", path)


@pytest.fixture
def old(build):
    with Newsroom(build) as room:
        write_store_of_first_version(room.store)
        room.feed("/a", rss([item("https://paper9.example/1", SUBJECTS[9], "1")]))
        yield room


def decided(room, *args):
    r = storyctl(room.build, args[0], "--db", room.store, "--json", *args[1:])
    assert r.returncode == 0, (args, r.stderr)
    return json.loads(r.stdout)


def restart(room):
    assert room.daemon.stop() == 0
    room.start()


def test_decisions_on_what_an_older_version_wrote_are_there_after_a_restart(old):
    """201, and nothing was written: its events had no array for a note or a tag to go into."""
    assert "notes" not in old.records("events")[2]
    assert_sound(old.build, old.store)
    old.start()
    old.wait_articles(7)
    for args in (["note", 2, "ask the mine"], ["tag", 2, "copper"], ["rename", 2, "Ours"], ["pin", 2], ["mute", 3],
                 ["signal", 2, "more"]):
        decided(old, *args)
    restart(old)
    event, other = old.records("events")[2], old.records("events")[3]
    assert [n["text"] for n in event["notes"]] == ["ask the mine"] and event["tags"] == ["copper"]
    assert (event["title"], event["headline"], event["pinned"], event["signal"]) == ("Ours", "Ours", True, 1)
    assert other["muted"] is True and other["notes"] == []
    old.sound()


def test_what_was_decided_on_them_can_be_undone(old):
    old.start()
    old.wait_articles(7)
    before = old.records("events")[2]
    made = [decided(old, *args)["id"] for args in (["note", 2, "x"], ["tag", 2, "y"], ["rename", 2, "Ours"],
                                                   ["pin", 2], ["mute", 2], ["signal", 2, "less"])]
    restart(old)
    for number in made:
        decided(old, "undo", number)
    restart(old)
    event = old.records("events")[2]
    assert (event["notes"], event["tags"], event["headline"], event["pinned"], event["muted"], event["signal"]) \
        == ([], [], None, False, False, 0)
    assert event["title"] == before["title"]
    old.sound()


def test_they_are_merged_split_and_moved_and_parted_again(old):
    old.start()
    old.wait_articles(7)
    assert old.records("events")[1]["article_count"] == 3
    decided(old, "tag", 2, "copper")
    decided(old, "note", 3, "first")
    merge = decided(old, "merge", 2, 3)["id"]
    split = decided(old, "split", 1, 6)["id"]
    restart(old)
    articles, events = old.records("articles"), old.records("events")
    assert articles[2]["event"] == articles[3]["event"] and articles[6]["event"] not in (1, 2, 3)
    kept = events[articles[2]["event"]]
    assert kept["tags"] == ["copper"] and [n["text"] for n in kept["notes"]] == ["first"]
    old.sound()
    decided(old, "undo", merge)
    decided(old, "undo", split)
    restart(old)
    articles = old.records("articles")
    assert articles[2]["event"] != articles[3]["event"] and articles[6]["event"] == articles[1]["event"]
    old.sound()


def test_it_can_be_read_before_a_newer_storyd_has_started_with_it(old):
    """It has six databases less; those are empty."""
    for args, said in ((["list"], "Heron colony"), (["show", 1], "Heron colony"), (["show", "--why", 1], "joined"),
                       (["export"], '"id":4'), (["history"], ""), (["stats"], "articles"),
                       (["why", 5, 1], "counted"), (["backup", old.daemon.dir / "to"], "")):
        r = storyctl(old.build, args[0], "--db", old.store, *args[1:])
        assert (r.returncode, r.stderr) == (0, "") and said in r.stdout, (args, r)
    assert_sound(old.build, old.daemon.dir / "to")


def test_an_edit_of_an_article_that_an_older_version_wrote_is_kept(build, tmp_path):
    replay = Replay(build, tmp_path)
    write_store_of_first_version(replay.store)
    replay.add(("paper1", rss([item("https://paper1.example/1", SUBJECTS[1] + " in parliament", "1", text="Reuters - More.")],
                              title="Paper 1")))
    article = records(replay.store, "articles")[2]
    assert article["title"].endswith("in parliament") and len(article["versions"]) == 1
    assert "agency" in article and records(replay.store, "events")[2]["title"] == article["title"]
    assert len(records(replay.store, "articles")) == 6


def test_a_decision_that_an_older_version_took_and_did_not_keep_can_be_undone(old):
    """It answered 201 to a tag that no array took: its record says neither before nor after."""
    env = lmdb.open(str(old.store), max_dbs=32, map_size=1 << 26)
    decision = {"id": 1, "time": 1700001000, "kind": "tag", "who": "Ada", "why": "", "event": 2, "into": None,
                "articles": [], "links": [], "undoes": None, "undone_by": None, "tag": "copper", "field": "tags"}
    change = {"seq": 7, "time": 1700001000, "kind": "decided", "event": 2, "decision": 1}
    with env.begin(write=True) as txn:
        for name, n, record in (("decisions", 1, decision), ("changes", 7, change)):
            txn.put(n.to_bytes(8, "big"), json.dumps(record).encode(), db=env.open_db(name.encode(), txn))
        for name, n in (("decisions", b"1"), ("seq", b"7")):
            txn.put(name.encode(), n, db=env.open_db(b"meta", txn))
    env.close()
    old.start()
    old.wait_articles(7)
    decided(old, "tag", 2, "harbour")
    decided(old, "undo", 1)
    assert old.records("events")[2]["tags"] == ["harbour"]


def test_a_store_of_schema_1_goes_on(build):
    """Five articles, one of two sources; an editor merged, tagged, noted, rated and renamed; a post; an
    alert that waits. What was decided stays, can be undone, and numbers go on."""
    with Newsroom(build, rest="[alert all]\nfeeds = 2\nwebhook = http://127.0.0.1:9/none\n") as room:
        write_store_of("store_of_schema_1.jsonl", room.store)
        before = {name: room.records(name) for name in ("events", "articles", "decisions", "changes", "posts")}
        shown = storyctl(build, "show", "--db", room.store, 1)
        assert shown.returncode == 0 and before["events"][1]["title"] in shown.stdout
        room.feed("/new", rss([item("https://new.example/1", SUBJECTS[9], "1")]))
        room.start()
        room.wait_articles(6)
        for name, all_ in before.items():
            now = room.records(name)
            assert {n: now[n] for n in all_ if name != "events"} == {n: r for n, r in all_.items() if name != "events"}
        assert max(room.records("events")) == max(before["events"]) + 1
        event = room.records("events")[2]
        assert (event["title"], event["tags"], event["notes"][0]["text"]) == ("Ours", ["sea"], "ask")
        decided(room, "undo", 3)
        assert room.records("events")[3]["status"] == "merged"
        assert max(room.records("events")) == max(before["events"]) + 2
        restart(room)
        room.sound()
        with broken(room.store) as (db, txn):
            assert txn.get(b"schema", db=db("meta")) == b"2"


def wires(day):
    """Documents of one day: two subjects, each told by three papers, one of them word for word."""
    for n, paper in enumerate(("kestrel", "meridian", "harbour")):
        yield ("%s" % paper, rss([
            item("https://www.%s.example/%d-%d" % (paper, day, k), "%s, say %s officials" % (
                SUBJECTS[k], ("town", "county", "town")[n]), "%d-%d" % (day, k),
                 text="%s. The %s told reporters on day %d that more was to come." % (
                     SUBJECTS[k], ("mayor", "council", "mayor")[n], day)) for k in (0, 5)], title=paper))


def test_a_window_that_an_older_version_packed_goes_on(build):
    """What later articles join is the same as without the change of version."""
    with scratch() as first, scratch() as second:
        same, upgraded = Replay(build, first), Replay(build, second)
        for replay in same, upgraded:
            replay.add(*wires(1))
        with broken(upgraded.store) as (db, txn):
            for number, value in list(txn.cursor(db("_packed"))):
                assert int.from_bytes(value[8:12], "little") > 8
                txn.put(number, value[:8] + (8).to_bytes(4, "little") + value[12:200], db=db("_packed"))
        assert_sound(build, upgraded.store)
        for replay in same, upgraded:
            replay.add(*wires(2))
        assert [(a["event"], a["copy_of"]) for a in same.articles()] == [
            (a["event"], a["copy_of"]) for a in upgraded.articles()]
        assert [e["status"] for e in upgraded.events()] == ["open", "open"]
        assert len(upgraded.articles()) == 12 and any(a["copy_of"] for a in upgraded.articles())
        with broken(upgraded.store) as (db, txn):
            assert {v[8] for _, v in txn.cursor(db("_packed"))} != {8}


# ---- a store that was cut short -----------------------------------------------------------------

def cut(path, size):
    with open(path / "data.mdb", "r+b") as f:
        f.truncate(size)


@pytest.fixture
def compact(build, copy):
    """One without free pages: nothing of it can be missed."""
    assert storyctl(build, "backup", "--db", copy, copy.parent / "compact").returncode == 0
    (copy.parent / "compact" / "data.mdb").rename(copy / "data.mdb")
    return copy


@pytest.mark.parametrize("left", [1, 100, PAGE, 2 * PAGE - 1, 2 * PAGE, 2 * PAGE + 1, 0.3, 0.6, 0.9, -PAGE, -1])
def test_a_store_that_was_cut_short_is_refused_by_all_who_open_it(build, compact, left):
    """Whatever the size that is left, in bytes, as a share, or less so many: a message, never SIGBUS."""
    whole = (compact / "data.mdb").stat().st_size
    cut(compact, left if left >= 1 else whole + left if left < 0 else int(whole * left))
    to = compact.parent / "to"
    for args in (["list"], ["check"], ["stats"], ["export"], ["show", 1], ["why", 1, 1], ["backup", to],
                 ["replay", "/dev/null"]):
        r = storyctl(build, args[0], "--db", compact, *args[1:])
        assert (r.returncode, r.stdout) == (1, "") and "data.mdb is truncated" in r.stderr, (args, r)
    assert not (to / "data.mdb").exists()
    status, log = start_of(build, compact)
    assert status == 1 and "data.mdb is truncated" in log


def test_libstory_and_python_refuse_it(build, compact):
    library = build / "libstory.so.1"
    if SANITIZED:
        pytest.skip("a library with sanitizers cannot be loaded into Python")
    cut(compact, (compact / "data.mdb").stat().st_size - PAGE)
    r = subprocess.run([sys.executable, "-c", "import storyd, sys; storyd.open(sys.argv[1])", compact], text=True,
                       env=dict(os.environ, LIBSTORY=str(library), PYTHONPATH=str(ROOT / "lib/python")),
                       capture_output=True)
    assert r.returncode == 1 and "data.mdb is truncated" in r.stderr, r


def test_a_store_that_was_emptied_is_not_begun_anew(build, copy):
    cut(copy, 0)
    status, log = start_of(build, copy)
    assert status == 1 and "data.mdb is truncated" in log
    (copy / "data.mdb").unlink()  # whoever wants a new one takes the file away
    assert start_of(build, copy)[0] == 0


def test_a_sound_file_may_be_shorter_than_its_last_page(build, copy):
    """Pages at its end that one transaction took and gave back were never written."""
    for kept in (5, 5, 5, 0):
        with broken(copy) as (db, txn):
            for n in range(500 if kept else 0):
                txn.put(key(10**6 + n), bytes(1500), db=db("_documents"))
            for n in reversed(range(kept, 500) if kept else range(5)):
                assert txn.delete(key(10**6 + n), db=db("_documents"))
    with lmdb.open(str(copy), readonly=True) as env:
        assert (env.info()["last_pgno"] + 1) * PAGE > (copy / "data.mdb").stat().st_size
    assert_sound(build, copy)
    assert storyctl(build, "list", "--db", copy).returncode == 0
    assert start_of(build, copy)[0] == 0
    cut(copy, 3 * PAGE)
    assert "data.mdb is truncated" in storyctl(build, "list", "--db", copy).stderr


# ---- backups ------------------------------------------------------------------------------------

def test_a_backup_that_was_killed_is_no_backup(build, made):
    """Ended by the system in the middle of the copy, wherever that is."""
    with scratch() as d:
        for limit in (0, PAGE, 10 * PAGE):
            r = storyctl(build, "backup", "--db", made, d / "to",
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            assert r.returncode != 0
            assert not (d / "to" / "data.mdb").exists()
        (d / "to" / "data.mdb.part").write_bytes(bytes(1 << 22))  # longer than the next
        r = storyctl(build, "backup", "--db", made, d / "to")
        assert (r.returncode, r.stderr) == (0, "")
        assert [p.name for p in (d / "to").iterdir()] == ["data.mdb"]
        assert_sound(build, d / "to")
        assert storyctl(build, "export", "--db", d / "to").stdout == storyctl(build, "export", "--db", made).stdout


def test_two_backups_do_not_write_into_one_folder(build, made):
    with scratch() as d:
        (d / "to").mkdir()
        with open(d / "to" / "data.mdb.part", "wb") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            f.write(b"of the other")
            f.flush()
            r = storyctl(build, "backup", "--db", made, d / "to")
            assert r.returncode == 1 and "another backup is writing to this folder" in r.stderr
            assert (d / "to" / "data.mdb.part").read_bytes() == b"of the other"


def test_a_backup_writes_through_no_link(build, made):
    with scratch() as d:
        (d / "to").mkdir()
        (d / "precious").write_text("of somebody")
        (d / "to" / "data.mdb.part").symlink_to(d / "precious")
        r = storyctl(build, "backup", "--db", made, d / "to")
        assert r.returncode == 1 and "data.mdb.part in it is not a regular file" in r.stderr and str(d / "to") in r.stderr
        assert (d / "precious").read_text() == "of somebody"


# ---- what check finds ---------------------------------------------------------------------------

def put(name, k, value):
    """Breaks one record: `value` in its place, None to take it away; bytes, or JSON."""
    def do(db, txn):
        raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
        place = k if isinstance(k, bytes) else key(k)
        assert txn.delete(place, db=db(name)) if raw is None else txn.put(place, raw, db=db(name))
    return do


def change(name, k, **fields):
    def do(db, txn):
        record = json.loads(txn.get(key(k), db=db(name)))
        record.update(fields)
        txn.put(key(k), json.dumps(record).encode(), db=db(name))
    return do


def first_of(name, to_value):
    """The first record of a database becomes what `to_value` makes of it."""
    def do(db, txn):
        cursor = txn.cursor(db(name))
        assert cursor.first(), name + " is empty"
        k, v = bytes(cursor.key()), bytes(cursor.value())
        new = to_value(v)
        assert txn.delete(k, db=db(name)) if new is None else txn.put(k, new, db=db(name))
    return do


def history(n, seq, lost=False):
    def do(db, txn):
        entries = db("_history", dupsort=True, dupfixed=True)
        assert txn.delete(key(n), key(seq), db=entries) if lost else txn.put(key(n), key(seq), db=entries)
    return do


# What each of the databases can have wrong, and what is said of it.
DAMAGE = {
    "decision is no JSON": (put("decisions", 1, b"{no"), "decisions 1: not a JSON object"),
    "decision is a list": (put("decisions", 2, []), "decisions 2: not a JSON object"),
    "decision is lost": (put("decisions", 2, None), "decisions: found 3; expected 2"),
    "last decision is lost": (put("decisions", 4, None), "meta: decisions is 4; expected 3"),
    "decision of another number": (change("decisions", 1, id=2), "decision 1: its record has the number 2"),
    "decision on no event": (change("decisions", 1, event=999), "decision 1: it concerns event 999"),
    "decision on no article": (change("decisions", 3, links=[{"a": 1, "b": 999, "kind": "must"}]), "articles 1 and 999"),
    "link of no kind": (change("decisions", 3, links=[{"a": 1, "b": 2, "kind": "may"}]), "as \"may\""),
    "undone by no decision": (change("decisions", 1, undone_by=2), "decision 2 did not undo it"),
    "undoes what it did not": (change("decisions", 2, undoes=1), "it undid 1, whose record disagrees"),
    "decision without change": (first_of("changes", lambda v: None), "changes: found 2; expected 1"),
    "change is no JSON": (put("changes", 3, b"\xff"), "changes 3: not a JSON object"),
    "history is lost": (history(1, 1, lost=True), "_history: event 1 lacks change 1"),
    "history of another": (history(1, 2), "_history: event 1 has change 2 of another event"),
    "history of no change": (history(1, 99999), "_history: event 1 has change 99999"),
    "packed is lost": (put("_packed", 5, None), "article 5: no packed form"),
    "packed of a merged event is lost": (put("_packed", 4, None), "article 4: no packed form"),
    "packed is nonsense": (put("_packed", 5, b"\0" * 600), "_packed 5: not a packed article"),
    "packed is short": (first_of("_packed", lambda v: v[:-1]), "_packed 1: not a packed article"),
    "packed is empty": (put("_packed", 5, b""), "_packed 5: not a packed article"),
    "packed of another event": (first_of("_packed", lambda v: (9).to_bytes(8, "little") + v[8:]), "belongs to event 9"),
    "packed of no event": (first_of("_packed", lambda v: bytes(8) + v[8:]), "belongs to event 0"),
    "packed of no article": (lambda db, txn: txn.put(key(10**9), bytes(txn.get(key(1), db=db("_packed"))),
                                                     db=db("_packed")), "_packed 1000000000: the article does not exist"),
    "feed without an address": (change("feeds", 1, url=None), "feed 1: its address leads to another feed, or to none"),
    "rarity is nonsense": (put("_rarity", b"day", b"x" * 50), "_rarity: invalid word counts"),
    "rarity is short": (put("_rarity", b"day", b""), "_rarity: invalid word counts"),
    "alert of no event": (put("_alerts", bytes(8) + key(999), b""), "_alerts: one was raised for event 999"),
    "alert of another key": (put("_alerts", b"abc", b""), "_alerts: a key of 3 bytes"),
    "reading of no event": (put("_reading", bytes(8) + key(999), bytes(24)), "_reading: a reader has seen event 999"),
    "reading is short": (put("_reading", bytes(8) + key(1), b"1"), "_reading: a value of 1 bytes"),
    "delivery is no JSON": (put("_deliveries", 1, b"{"), "_deliveries 1: not a JSON object"),
    "delivery without a body": (change("_deliveries", 1, body="{"), "_deliveries 1: its body is not a JSON object"),
    "delivery with a text for a time": (change("_deliveries", 1, due="now"), "_deliveries 1: its due has the wrong type"),
    "delivery without a time": (change("_deliveries", 1, made=None), "_deliveries 1: it lacks its alert"),
    "address of no feed": (first_of("_addresses", lambda v: key(999)), "_addresses: an address leads to feed 999"),
    "address is short": (first_of("_addresses", lambda v: b"1"), "_addresses: a value of 1 bytes"),
    "feeds moved in a circle": (change("feeds", 1, merged_into=1), "_addresses: feed 1"),
    "text for a count of a feed": (change("feeds", 1, errors="many"), "feed 1: its errors has the wrong type"),
    "feed is no JSON": (put("feeds", 1, b""), "feeds 1: not a JSON object"),
    "document is short": (first_of("_documents", lambda v: v + b"1"), "_documents 1:"),
    "item is short": (first_of("_items", lambda v: v[:8]), "_items: a value of 8 bytes"),
    "secret is short": (put("_secrets", b"hubs", b"1"), "_secrets: 1 bytes"),
    "event is no JSON": (put("events", 2, b"{"), "events 2: not a JSON object"),
    "event is lost": (put("events", 2, None), "events_by_update"),
    "tags are no list": (change("events", 2, tags="sea"), "event 2: its tags has the wrong type"),
    "text for a number": (change("articles", 2, seen="now"), "article 2: its seen has the wrong type"),
    "update of another": (first_of("events_by_update", lambda v: b"123"), "events_by_update: a value of 3 bytes"),
    "meta is no number": (put("meta", b"articles", b"many"), "meta: articles is many; expected a number"),
    "meta is empty": (put("meta", b"seq", b""), "meta: seq is ; expected a number"),
    "key is short": (put("events_by_update", b"x", key(1)), "events_by_update: a key of 1 bytes"),
    "list of events is lost": (lambda db, txn: txn.drop(db("events_by_update"), delete=False), "events_by_update has another"),
    "all decisions are lost": (lambda db, txn: txn.drop(db("decisions"), delete=False), "meta: decisions is 4; expected 0"),
    "all packed are lost": (lambda db, txn: txn.drop(db("_packed"), delete=False), ": no packed form"),
    "all history is wrong": (lambda db, txn: (txn.drop(db("_history"), delete=False), history(1, 1)(db, txn)),
                             "lacks change 2"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_check_names_what_is_damaged_and_finds_what_storyd_refuses(build, copy, name):
    assert "0 faults" in assert_sound(build, copy)
    damage, said = DAMAGE[name]
    with broken(copy) as (db, txn):
        damage(db, txn)
    r = storyctl(build, "check", "--db", copy)
    assert r.returncode == 1 and said in r.stdout and r.stderr == "", r
    status, log = start_of(build, copy)
    assert status >= 0, log
    if status != 0:  # it was found above, as the message says
        assert "run `storyctl check`" in log


# ---- what repair makes anew ----------------------------------------------------------------------

def dups(name, under, number, lost=False):
    """Adds an entry to a list of numbers, or takes it away."""
    def do(db, txn):
        entries = db(name, dupsort=True, dupfixed=True)
        assert (txn.delete if lost else txn.put)(key(under), key(number), db=entries)
    return do


def emptied(name):
    return lambda db, txn: txn.drop(db(name), delete=False)


def several(*damages):
    def do(db, txn):
        for damage in damages:
            damage(db, txn)
    return do


def without_items_of(number):
    def do(db, txn):
        gone = [k for k, v in txn.cursor(db("_items")) if v[:8] == number.to_bytes(8, "little")]
        assert gone and all(txn.delete(k, db=db("_items")) for k in gone)
    return do


POST = {"id": 1, "event": 1, "text": "x", "seen": 1700000000}
OTHER = {"name": "No Paper", "domain": "none.example", "articles": 1, "reports": 1, "first": 1700000000}

# What can be wrong, and the line about its repair; a name alone is a row of DAMAGE.
REPAIRED = {
    "history is lost": "_history: 1 added",
    "history of another": "_history: 1 removed",
    "history of no change": "_history: 1 removed",
    "all history is wrong": "_history: 1[0-9] added",
    "packed is lost": "_packed: 1 added",
    "packed is nonsense": "_packed: 1 corrected",
    "packed is short": "_packed: 1 corrected",
    "packed is empty": "_packed: 1 corrected",
    "packed of another event": "_packed: 1 corrected",
    "packed of no event": "_packed: 1 corrected",
    "packed of no article": "_packed: 1 removed",
    "all packed are lost": "_packed: 13 added",
    "packed of a merged event is lost": "_packed: 1 added",
    "alert of no event": "_alerts: 1 removed",
    "alert of another key": "_alerts: 1 removed",
    "reading of no event": "_reading: 1 removed",
    "reading is short": "_reading: 1 removed",
    "address of no feed": "_addresses: 1 removed, 1 added",
    "address is short": "_addresses: 1 removed, 1 added",
    "addresses are lost": (emptied("_addresses"), "_addresses: 2 added"),
    "document is short": "_documents: 1 removed",
    "item is short": "_items: 1 removed, 1 added",
    "item of no article": (put("_items", b"i" * 16, (999).to_bytes(8, "little") + bytes(8)), "_items: 1 removed"),
    "article without item": (without_items_of(5), "_items: 1 added"),
    "items are lost": (emptied("_items"), "_items: 13 added"),
    "post item of no post": (put("_post_items", b"i" * 16, (99).to_bytes(8, "little") + bytes(8)),
                             "_post_items: 1 removed"),
    "update of another": "events_by_update: 1 removed, 1 added",
    "key is short": "events_by_update: 1 removed",
    "list of events is lost": "events_by_update: 11 added",
    "update of no event": (put("events_by_update", 9999, key(999)), "events_by_update: 1 removed"),
    "event is listed twice": (put("events_by_update", 9999, key(2)), "events_by_update: 1 removed"),
    "article is not listed": (dups("event_articles", 5, 5, lost=True), "event_articles: 1 added"),
    "article is listed twice": (dups("event_articles", 2, 5), "event_articles: 1 removed"),
    "no article is listed": (dups("event_articles", 2, 999), "event_articles: 1 removed"),
    "lists of articles are lost": (emptied("event_articles"), "event_articles: 13 added"),
    "post is not listed": (several(put("posts", 1, POST), put("meta", b"posts", b"1")), "event_posts: 1 added"),
    "post is listed twice": (several(put("posts", 1, POST), put("meta", b"posts", b"1"), dups("event_posts", 1, 1),
                                     dups("event_posts", 2, 1)), "event_posts: 1 removed"),
    "no post is listed": (dups("event_posts", 1, 99), "event_posts: 1 removed"),
    "signature of no event": (put("_signatures", 999, bytes(9) + b"title"), "_signatures: 1 removed"),
    "signature is short": (put("_signatures", 1, b"1"), "_signatures: 1 removed"),
    "earlier event is none": (dups("_earlier", 7, 999), "_earlier: 1 removed"),
    "page of no article": (put("pages", 999, {"id": 999}), "pages: 1 removed"),
    "text of no article": (put("_full_texts", 999, bytes(16) + b"text"), "_full_texts: 1 removed"),
    "tombstone of an event": (put("tombstones", 2, {"id": 2, "title": "x", "deleted": 1}), "tombstones: 1 removed"),
    "meta is no number": "meta: 1 corrected",
    "meta is empty": "meta: 1 corrected",
    "counter is lost": (put("meta", b"seq", None), "meta: 1 corrected"),
    "counters are behind": (several(put("meta", b"events", b"1"), put("meta", b"decisions", b"0")), "meta: 2 corrected"),
    "articles are miscounted": (change("events", 1, article_count=7), "events: 1 corrected"),
    "sources are miscounted": (change("events", 1, source_count=7), "events: 1 corrected"),
    "reports are miscounted": (change("events", 1, report_count=7), "events: 1 corrected"),
    "source is lost": (change("events", 1, sources=[]), "events: 1 corrected"),
    "source is of nobody": (change("events", 2, sources=[OTHER]), "events: 1 corrected"),
    "lead is none": (change("events", 1, lead=0), "events: 1 corrected"),
    "lead of another event": (change("events", 2, lead=5), "events: 1 corrected"),
}


def repaired(build, store):
    return storyctl(build, "check", "--repair", "--db", store)


@pytest.mark.parametrize("name", REPAIRED)
def test_what_follows_from_other_records_is_made_anew(build, copy, name):
    """check finds it, --repair mends it, check is content, and a daemon goes on."""
    damage, told = REPAIRED[name] if isinstance(REPAIRED[name], tuple) else (DAMAGE[name][0], REPAIRED[name])
    with broken(copy) as (db, txn):
        damage(db, txn)
    assert storyctl(build, "check", "--db", copy).returncode == 1
    r = repaired(build, copy)
    assert (r.returncode, r.stderr) == (0, ""), r
    lines = r.stdout.splitlines()
    assert [line for line in lines if re.fullmatch("repaired " + told, line)], lines
    assert lines[-1].endswith(": 0 faults") and all(line.startswith("repaired ") for line in lines[:-1])
    assert_sound(build, copy)
    again = repaired(build, copy)
    assert (again.returncode, len(again.stdout.splitlines())) == (0, 1), again
    goes_on(build, copy)


def goes_on(build, store):
    """A daemon starts with the store, knows the articles that another feed lists again, and takes a new one."""
    with Newsroom(build) as room:
        shutil.copytree(store, room.store)
        before = room.records("articles")
        room.feed("/new", rss(articles(12) + [item("https://new.example/1", "Ferry collides with crane at dawn", "n")]))
        room.start()
        room.wait_articles(len(before) + 1)
        assert room.daemon.stop() == 0
        after = room.records("articles")
        assert [(after[n]["title"], after[n]["event"]) for n in before] == [
            (a["title"], a["event"]) for a in before.values()]
        assert len(after) == len(before) + 1
        room.sound()


# What follows from nothing else; of the gaps, entries that lead to the lost record are removed.
NAMED = {name: DAMAGE[name] for name in DAMAGE if name not in REPAIRED}
NAMED.update({
    "article contradicts the log": (change("articles", 5, event=2), "article 5: it is in event 2; the change log states 5"),
    "change contradicts an article": (change("changes", 5, event=2), "article 5: it is in event 5; the change log states 2"),
    "copy of a later one": (change("articles", 5, copy_of=7), "article 5: it copies 7, which is not older"),
    "article is no JSON": (put("articles", 5, b"{"), "articles 5: not a JSON object"),
    "article of another number": (change("articles", 5, id=6), "article 5: its record has the number 6"),
    "counter is ahead": (put("meta", b"articles", b"99"), "meta: articles is 99; expected 13"),
    "place of retention is no number": (put("meta", b"articles_from", b"x"), "meta: articles_from is x; expected a number"),
    "article is lost": (put("articles", 5, None), "articles: found 6; expected 5"),
})
GAPS = ("article is lost", "event is lost", "decision without change")


@pytest.mark.parametrize("name", NAMED)
def test_what_cannot_be_repaired_is_named_and_left_alone(build, copy, name):
    damage, said = NAMED[name]
    with broken(copy) as (db, txn):
        damage(db, txn)
    before = (copy / "data.mdb").read_bytes()
    said = "" if name == "event is lost" else said
    r = repaired(build, copy)
    assert r.returncode == 1 and said in r.stdout and "cannot be repaired; restore a backup" in r.stderr, r
    assert name in GAPS or "repaired" not in r.stdout
    assert name in GAPS or (copy / "data.mdb").read_bytes() == before


def test_what_can_be_repaired_is_repaired_beside_what_cannot(build, made, copy):
    """The counts of an event with a damaged article are left alone, those of another are corrected."""
    with broken(copy) as (db, txn):
        for damage in (put("articles", 5, b"{"), change("events", 5, article_count=7), change("events", 1, article_count=7),
                       dups("event_articles", 6, 6, lost=True), put("_packed", 5, None)):
            damage(db, txn)
    r = repaired(build, copy)
    assert r.returncode == 1 and "articles 5: not a JSON object" in r.stdout
    assert re.findall("^repaired (.*)", r.stdout, re.M) == ["event_articles: 1 added", "events: 1 corrected"]
    events = records(copy, "events")
    assert events[5]["article_count"] == 7 and events[1] == records(made, "events")[1]


def test_repaired_counts_are_those_that_were_there(build, made, copy):
    """Of one source or two, of an event that absorbed another, and of one with an editor's tag."""
    lost = {"article_count": 9, "source_count": 9, "report_count": 9, "sources": [OTHER], "score": 0}
    events = records(made, "events")
    whole = [n for n, event in events.items() if event["status"] == "open"]
    assert {events[n]["source_count"] for n in whole} == {1, 2} and max(events[n]["article_count"] for n in whole) == 2
    with broken(copy) as (db, txn):
        for n in whole:
            change("events", n, **lost)(db, txn)
        change("events", 2, lead=99, title="x", url="")(db, txn)
    assert "repaired events: 11 corrected" in repaired(build, copy).stdout
    assert records(copy, "events") == events


def test_a_window_whose_packed_forms_were_lost_goes_on(build):
    """What later articles join is the same as without the loss."""
    with scratch() as first, scratch() as second:
        same, lost = Replay(build, first), Replay(build, second)
        for replay in same, lost:
            replay.add(*wires(1))
        with broken(lost.store) as (db, txn):
            emptied("_packed")(db, txn)
        assert "repaired _packed: 6 added" in repaired(build, lost.store).stdout
        for replay in same, lost:
            replay.add(*wires(2))
        assert [(a["event"], a["copy_of"]) for a in same.articles()] == [
            (a["event"], a["copy_of"]) for a in lost.articles()]
        assert len(lost.articles()) == 12 and [e["status"] for e in lost.events()] == ["open", "open"]


def test_a_sound_store_is_not_changed_by_a_repair(build, copy, old):
    for store in copy, old.store:
        before = (store / "data.mdb").read_bytes()
        r = repaired(build, store)
        assert r.returncode == 0 and len(r.stdout.splitlines()) == 1 and r.stderr == ""
        assert (store / "data.mdb").read_bytes() == before


def test_in_an_older_store_only_what_is_broken_is_repaired(build, old):
    """What its version did not keep yet is no fault; a fault is repaired, and the next start upgrades it."""
    with broken(old.store) as (db, txn):
        put("events_by_update", 9999, key(999))(db, txn)
    r = repaired(build, old.store)
    assert (r.returncode, re.findall("^repaired (.*)", r.stdout, re.M)) == (0, ["events_by_update: 1 removed"])
    old.start()
    old.wait_articles(7)
    old.sound()


def test_many_repairs_are_written_in_slices(build, copy):
    with broken(copy) as (db, txn):
        for n in range(1, 2501):
            put("_alerts", bytes(8) + key(10**6 + n), b"")(db, txn)
            put("posts", n, dict(POST, id=n))(db, txn)
    r = repaired(build, copy)
    assert r.returncode == 0, r
    assert re.findall("^repaired (.*)", r.stdout, re.M) == ["meta: 1 corrected", "event_posts: 2500 added",
                                                            "_alerts: 2500 removed"]


def test_a_store_that_is_written_is_not_repaired(build):
    with Newsroom(build) as room:
        room.feed("/a", rss(articles(1)))
        room.start()
        room.wait_articles(1)
        r = repaired(build, room.store)
        assert (r.returncode, r.stdout) == (1, "") and "another process writes to this store; stop it first" in r.stderr


def test_a_newer_or_damaged_store_is_not_repaired(build, compact):
    with broken(compact) as (db, txn):
        put("meta", b"schema", b"99")(db, txn)
    before = (compact / "data.mdb").read_bytes()
    r = repaired(build, compact)
    assert (r.returncode, r.stdout) == (1, "") and "a newer storyd has written this store" in r.stderr
    at = tree_of(before, "_history")[0] * PAGE
    damaged = before[:at] + b"\xff" * PAGE + before[at + PAGE:]
    (compact / "data.mdb").write_bytes(damaged)
    r = repaired(build, compact)
    assert r.returncode == 1 and "damaged page" in r.stdout and "restore a backup" in r.stderr
    assert (compact / "data.mdb").read_bytes() == damaged


# ---- damaged pages ------------------------------------------------------------------------------

def tree_of(data, name):
    """The pages of a database, by its name: root first. From the file as LMDB writes it."""
    page = lambda n: data[n * PAGE:(n + 1) * PAGE]  # noqa: E731
    u16 = lambda b, at: int.from_bytes(b[at:at + 2], "little")  # noqa: E731
    u64 = lambda b, at: int.from_bytes(b[at:at + 8], "little")  # noqa: E731

    def nodes(p):
        return [u16(p, 16 + 2 * i) for i in range((u16(p, 12) - 16) // 2)]

    def walk(root):
        p = page(root)
        yield root
        if u16(p, 10) & 1:
            for at in nodes(p):
                yield from walk(u16(p, at) | u16(p, at + 2) << 16 | u16(p, at + 4) << 32)
    meta = max(page(0), page(1), key=lambda p: u64(p, 16 + 128))
    for leaf in walk(u64(meta, 16 + 24 + 48 + 40)):
        p = page(leaf)
        for at in nodes(p) if u16(p, 10) & 2 else []:
            size = u16(p, at + 6)
            if p[at + 8:at + 8 + size] == name.encode():
                return list(walk(u64(p, at + 8 + size + 40)))
    raise KeyError(name)


NAMES = ["events", "events_by_update", "articles", "event_articles", "changes", "decisions", "feeds", "meta", "_items",
         "_packed", "_rarity", "_addresses", "_alerts", "_deliveries", "_history", "_documents"]
FILL = {"zeros": bytes(PAGE), "ones": b"\xff" * PAGE, "header": b"\0" * 16, "text": (b"damaged " * PAGE)[:PAGE]}


@pytest.mark.parametrize("fill", FILL)
@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("name", NAMES)
def test_check_survives_a_damaged_page_and_says_of_what(build, compact, name, which, fill):
    """The first or the last page of each database: LMDB may end the process by a signal."""
    data = (compact / "data.mdb").read_bytes()
    at = tree_of(data, name)[which] * PAGE
    (compact / "data.mdb").write_bytes(data[:at] + FILL[fill] + data[at + len(FILL[fill]):])
    r = storyctl(build, "check", "--db", compact)
    assert r.returncode == 1, r
    assert any(line.startswith(name) or "list of databases" in line for line in r.stdout.splitlines()), r
    assert r.stdout.splitlines()[-1].endswith(" faults")
    backup = storyctl(build, "backup", "--db", compact, compact.parent / "to")
    assert backup.returncode >= 0 and (backup.returncode == 0) == (compact.parent / "to" / "data.mdb").exists()


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_damaged_storyd_refuses_nothing_that_check_calls_sound(build, compact, seed):
    chance = random.Random(seed)
    data = bytearray((compact / "data.mdb").read_bytes())
    for _ in range(chance.choice([1, 1, 1, 3, 20])):
        at = chance.randrange(2 * PAGE, len(data))
        n = chance.choice([1, 2, 8, 100, PAGE])
        data[at:at + n] = chance.choice([bytes(n), chance.randbytes(n)])[:len(data) - at]
    (compact / "data.mdb").write_bytes(data)
    r = storyctl(build, "check", "--db", compact)
    assert r.returncode in (0, 1) and r.stdout, r
    status, log = start_of(build, compact)
    assert r.returncode == 1 or status == 0, (r.stdout, log)


# ---- who may do what ----------------------------------------------------------------------------

MODES = {"": 0o750, "data.mdb": 0o640, "lock.mdb": 0o660, "writer.lock": 0o640}
READERS, STRANGERS = 64242, 64243  # groups that nobody has


def modes(store):
    return {name: os.stat(store / name).st_mode & 0o7777 for name in MODES}


def test_the_group_reads_and_nobody_else(build):
    """Whoever starts it, with whatever umask."""
    with Newsroom(build) as room:
        room.feed("/a", rss(articles(1)))
        before = os.umask(0)
        try:
            room.start()
        finally:
            os.umask(before)
        assert modes(room.store) == MODES


def test_modes_of_an_older_version_are_corrected(build, copy):
    for name in MODES:
        os.chmod(copy / name, 0o770 if name == "" else 0o660)
    os.chmod(copy / "lock.mdb", 0o640)
    with Newsroom(build) as room:
        shutil.copytree(copy, room.store)
        room.start()
        assert modes(room.store) == MODES


@pytest.mark.skipif(os.geteuid() != 0, reason="takes another user's part, which only root may")
def test_a_member_of_the_group_reads_all_and_can_change_nothing(build):
    """While storyd writes, and while it is down; a stranger is told why he cannot."""
    def as_user(group, *args):
        def become():
            os.setgroups([])
            os.setgid(group)
            os.setuid(group)
        return subprocess.run([str(a) for a in args], preexec_fn=become, capture_output=True, text=True, timeout=60,
                              cwd="/")

    with Newsroom(build) as room:
        home = room.daemon.dir
        home.chmod(0o755)
        ctl = home / "storyctl"
        shutil.copy(build / "storyctl", ctl)
        room.feed("/a", lambda request: rss(articles(5 * len(room.web.requests("/a")))))
        room.start()
        room.wait_articles(5)
        for path in (room.store, *room.store.iterdir()):
            os.chown(path, -1, READERS)
        for running in (True, False):
            if not running:
                assert room.daemon.stop() == 0
            for command in ("list", "export", "stats", "check"):
                r = as_user(READERS, ctl, command, "--db", room.store)
                assert r.returncode == 0, (command, r)
                r = as_user(STRANGERS, ctl, command, "--db", room.store)
                assert r.returncode == 1 and "must be in the group that owns the store" in r.stderr, (command, r)
            for name in ("data.mdb", "writer.lock", "new"):
                r = as_user(READERS, sys.executable, "-c", "import sys; open(sys.argv[1], 'ab')", room.store / name)
                assert r.returncode != 0 and "PermissionError" in r.stderr, (name, r)
            r = as_user(READERS, ctl, "replay", "--db", room.store, "/dev/null")
            assert r.returncode == 1 and "Permission denied" in r.stderr, r
        assert modes(room.store) == MODES
