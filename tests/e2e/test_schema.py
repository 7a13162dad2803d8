"""The store is what storyd-db(5) says: every record of every public database, read with python3-lmdb
and held against the JSON Schemas. The store is made by `storyctl replay` from feeds written here."""
import json
import pathlib
import subprocess
from email.utils import formatdate
from xml.sax.saxutils import escape

import pytest

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is missing")
lmdb = pytest.importorskip("lmdb", reason="python3-lmdb is missing")

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "config" / "schema"
START = 1700000000
RECORDS = {"events": "event", "articles": "article", "changes": "change", "feeds": "feed"}

FERRY = ("The ferry Halden Star ran aground off the Sorrel Islands early on Sunday with 312 people "
         "aboard. Coastguard helicopters lifted passengers from the deck in heavy seas, and the harbour "
         "master of Sorrel said that nobody was hurt. Investigators will look at the ferry's radar.")
BANK = ("Varnvik Savings must pay back 90 million to its customers after a court in Lothmar found that "
        "the bank had hidden fees for eleven years. Chairman Renholt resigned within the hour.")

# feed, seconds after the start, its items: guid, address, title, summary, more elements
DOCUMENTS = [
    ("harbourpost", 0, [
        ("hp-1", "https://www.harbourpost.example/ferry", "Ferry Halden Star aground off Sorrel Islands",
         FERRY, "<category>Sea</category><author>A. Reporter</author>"),
        ("hp-2", "https://www.harbourpost.example/bank", "Bank Varnvik Savings must pay back hidden fees",
         BANK, "")]),
    # a text of its own on the same story: joins
    ("kestrel", 600, [
        ("k-1", "https://kestrel.example/1", "Halden Star: ferry runs aground off the Sorrel Islands",
         "All 312 people on the ferry Halden Star are safe after it ran aground off the Sorrel Islands "
         "in heavy seas on Sunday. Helicopters of the coastguard lifted passengers from its deck.", "")]),
    # the first outlet's text, word by word: a copy
    ("meridian", 900, [
        ("m-1", "https://meridian.example/ferry", "Ferry Halden Star aground off Sorrel Islands",
         FERRY, ""),
        (None, None, "An item without address or guid", "", "")]),
    # the first outlet again: one title edited under its guid
    ("harbourpost", 3600, [
        ("hp-1", "https://www.harbourpost.example/ferry", "Ferry Halden Star aground, all 312 saved",
         FERRY, "")]),
    # the first outlet's article in another feed of its: the same article
    ("harbourpost-sea", 4000, [
        ("sea-1", "http://harbourpost.example/ferry?utm_source=rss", "Ferry Halden Star aground",
         FERRY, "")]),
    ("broken", 4100, None),
    # days later: what was open has expired
    ("kestrel", 5 * 86400, [
        ("k-2", "https://kestrel.example/2", "Redmoor Rovers win the Crown Cup after 58 years",
         "A late goal by Ilse Tamm gave Redmoor Rovers the cup.", "")]),
]


def rss(items, at):
    out = ["<rss version='2.0'><channel><title>News</title><language>en</language>"]
    for guid, link, title, summary, more in items:
        out.append("<item><title>%s</title><description>%s</description>" % (escape(title), escape(summary)))
        out.append("<guid isPermaLink='false'>%s</guid>" % guid if guid else "")
        out.append("<link>%s</link>" % escape(link) if link else "")
        out.append("<pubDate>%s</pubDate>%s</item>" % (formatdate(at - 60, usegmt=True), more))
    return "".join(out) + "</channel></rss>"


@pytest.fixture(scope="module")
def store(build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("replay")
    with open(folder / "manifest.jsonl", "w") as manifest:
        for i, (feed, after, items) in enumerate(DOCUMENTS):
            name = "%d.xml" % i
            text = rss(items, START) if items is not None else "<html><body>Not a feed</body></html>"
            (folder / name).write_text(text, encoding="utf-8")
            manifest.write(json.dumps({"feed": feed, "fetched": START + after, "file": name}) + "\n")
    subprocess.run([build / "storyctl", "replay", "--db", folder / "db", folder / "manifest.jsonl"],
                   check=True, stdout=subprocess.PIPE)
    return folder / "db"


class Reader:
    """A store in one read transaction, opened as storyd-db(5) tells readers to."""

    def __init__(self, path):
        self.env = lmdb.open(str(path), readonly=True, create=False, max_dbs=16, map_size=0)
        self.txn = self.env.begin()

    def pairs(self, name):
        """Key and value of every entry; those of several values under one key too."""
        db = self.env.open_db(name.encode(), txn=self.txn, create=False)
        return list(self.txn.cursor(db))

    def records(self, name):
        return {int.from_bytes(k, "big"): json.loads(v) for k, v in self.pairs(name)}

    def numbers(self, name):
        pairs = self.pairs(name)
        assert all(len(k) == len(v) == 8 for k, v in pairs)
        return [(int.from_bytes(k, "big"), int.from_bytes(v, "big")) for k, v in pairs]

    def meta(self):
        return {k.decode(): json.loads(v) for k, v in self.pairs("meta")}

    def close(self):
        self.txn.abort()
        self.env.close()


@pytest.fixture(scope="module")
def reader(store):
    r = Reader(store)
    yield r
    r.close()


def validator(name):
    schema = json.loads((SCHEMAS / (name + ".schema.json")).read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def complaints(name, record):
    return ["%s: %s" % ("/".join(map(str, e.absolute_path)) or "record", e.message)
            for top in validator(name).iter_errors(record) for e in [top] + list(top.context or [])]


def subschemas(schema):
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from subschemas(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from subschemas(value)


@pytest.mark.parametrize("name", sorted(RECORDS.values()) + ["decision", "meta"])
def test_schemas_are_strict_and_described(name):
    schema = validator(name).schema
    for sub in subschemas(schema):
        if "properties" in sub and isinstance(sub["properties"], dict):
            assert sub.get("additionalProperties") is False, sub
            for field, what in sub["properties"].items():
                assert len(what.get("description", "")) > 5, field


@pytest.mark.parametrize("database", RECORDS)
def test_every_record_is_as_its_schema_says(reader, database):
    records = reader.records(database)
    assert records
    for key, record in records.items():
        assert complaints(RECORDS[database], record) == [], "%s %d: %s" % (database, key, record)
        number = record["seq" if database == "changes" else "id"]
        assert number == key, "the key is the number"


def test_meta(reader):
    meta = reader.meta()
    assert complaints("meta", meta) == []
    assert meta["seq"] == max(reader.records("changes"))
    assert meta["articles"] == max(reader.records("articles"))
    assert meta["events"] == max(reader.records("events"))
    assert meta["feeds"] == max(reader.records("feeds"))


def test_indexes_name_what_is_there(reader):
    events, articles = reader.records("events"), reader.records("articles")
    by_update = reader.numbers("events_by_update")
    assert by_update == sorted(by_update)
    assert sorted(event for _, event in by_update) == sorted(
        n for n, e in events.items() if e["status"] not in ("merged", "archived")), "each event stands there once"
    assert all(events[event]["seq"] == seq for seq, event in by_update)
    links = reader.numbers("event_articles")
    assert links == sorted(links)
    assert {a: e for e, a in links} == {n: a["event"] for n, a in articles.items()}


def test_the_store_holds_what_the_feeds_told(reader):
    """A join, a copy, an edit, a second feed, a failure and an expiry have passed the schemas above."""
    articles = {a["guid"]: a for a in reader.records("articles").values()}
    first, own, copy = articles["hp-1"], articles["k-1"], articles["m-1"]
    event = reader.records("events")[first["event"]]
    assert own["event"] == copy["event"] == event["id"]
    assert own["copy_of"] is None and copy["copy_of"] == first["id"]
    assert (event["source_count"], event["article_count"], event["report_count"]) == (3, 3, 2)
    assert event["status"] == "closed"
    assert first["title"] == "Ferry Halden Star aground, all 312 saved"
    assert first["versions"][0]["title"] == "Ferry Halden Star aground off Sorrel Islands"
    assert first["updated"] == START + 3600
    assert [s["guid"] for s in first["also_in"]] == ["sea-1"]
    kinds = {c["kind"] for c in reader.records("changes").values()}
    assert {"created", "joined", "updated", "expired"} <= kinds
    feeds = {f["title"]: f for f in reader.records("feeds").values()}
    assert feeds["broken"]["state"] == "error" and feeds["broken"]["last_error"]


def test_the_changes_of_a_split_pass():
    """One of the part, one of the event that goes on; as a replay leaves them."""
    part = {"seq": 9, "time": START, "kind": "split", "event": 702, "from": 701, "articles": [4, 7],
            "probability": 0.1, "threshold": 0.3}
    rest = {"seq": 10, "time": START, "kind": "split", "event": 701, "into": 702}
    assert complaints("change", part) == [] and complaints("change", rest) == []
    assert complaints("change", dict(part, articles=[]))
    assert complaints("change", dict(rest, articles=[4]))


def test_a_merged_event_and_its_change_pass():
    """A merge cannot be forced by feeds; these are the records that one leaves."""
    rest = {"id": 701, "title": "T", "status": "merged", "merged_into": 340, "updated": START, "seq": 9}
    change = {"seq": 9, "time": START, "kind": "merged", "event": 340, "from": 701,
              "probability": 0.6, "threshold": 0.5}
    assert complaints("event", rest) == [] and complaints("change", change) == []
    assert complaints("event", dict(rest, status="open"))
    assert complaints("event", dict(rest, lead=1))
    assert complaints("change", dict(change, article=1))
