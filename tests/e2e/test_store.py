"""The store through its years: written by an older version, cut short, damaged, shut to others."""
import json
import pathlib

import lmdb
import pytest
from newsroom import Newsroom, Replay, SUBJECTS, item, records, rss, storyctl

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"


# ---- a store of an older version ----------------------------------------------------------------

def write_store_of_first_version(path):
    """As the first version that stored anything left it: six articles, four events, four of whose
    fields and six of whose databases today's has were not thought of."""
    def to_bytes(text):
        return bytes.fromhex(text[4:]) if text.startswith("hex:") else text.encode()

    path.mkdir()
    env = lmdb.open(str(path), max_dbs=32, map_size=1 << 26)
    with env.begin(write=True) as txn:
        for line in (DATA / "store_of_first_version.jsonl").read_text().splitlines():
            name, key, value = json.loads(line)
            dups = name == "event_articles"
            db = env.open_db(name.encode(), txn, dupsort=dups, dupfixed=dups)
            txn.put(to_bytes(key), to_bytes(value), db=db)
    env.close()


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
