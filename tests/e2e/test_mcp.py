"""storyctl mcp: the Model Context Protocol, by a client of raw messages and by the protocol's own SDK."""
import json
import pathlib
import shutil
import subprocess
import threading

import pytest
from newsroom import (CLOCK, LONG, SUBJECTS, Newsroom, Replay, SampleNews, broken, item, key, lines_of, records, rss,
                      scratch, storyctl)

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is missing")
ROOT = pathlib.Path(__file__).resolve().parents[2]
SDK = ROOT / "build" / "mcp" / "node_modules" / "@modelcontextprotocol" / "sdk" / "package.json"
READING = ["search_events", "search_articles", "get_event", "changes_since"]
DECIDING = ["tag_event", "note_event", "pin_event", "mute_event", "rename_event", "merge_events"]
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602


class Client:
    """A client that sends what it is told, and reads one line for each answer."""

    def __init__(self, build, store, *args, version="2025-06-18"):
        self.process = subprocess.Popen([str(build / "storyctl"), "mcp", "--db", str(store), *args], text=True,
                                        encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.limit = threading.Timer(4 * LONG, self.process.kill)  # or a lost answer would be waited for
        self.limit.start()
        self.id, self.tools = 0, {}
        if version:
            self.started = self.ask("initialize", protocolVersion=version, capabilities={},
                                    clientInfo={"name": "test", "version": "1"})["result"]
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
            self.tools = {t["name"]: t for t in self.ask("tools/list")["result"]["tools"]}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.limit.cancel()
        self.process.stdin.close()
        assert self.process.stdout.read() == ""
        self.process.stdout.close()
        assert self.process.wait(30) == 0

    def write(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def send(self, message):
        self.write(json.dumps(message) + "\n")

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, method, **params):
        self.id += 1
        self.send({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params})
        answer = self.answer()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", self.id) and len(answer) == 3
        return answer

    def call(self, tool, **arguments):
        """The structured content, which the text repeats; or the text of an error."""
        result = self.ask("tools/call", name=tool, arguments=arguments)["result"]
        [text] = result["content"]
        assert text["type"] == "text"
        if result["isError"]:
            return text["text"]
        assert json.loads(text["text"]) == result["structuredContent"]
        jsonschema.Draft7Validator(self.tools[tool]["outputSchema"]).validate(result["structuredContent"])
        return result["structuredContent"]

    def refused(self, tool, **arguments):
        error = self.ask("tools/call", name=tool, arguments=arguments)["error"]
        assert error["code"] == INVALID_PARAMS
        return error["message"]


@pytest.fixture(scope="module")
def news(build):
    with scratch() as directory:
        replay = Replay(build, directory)
        sample = SampleNews(CLOCK)
        replay.add(*[(f, sample.document(f)[0]) for f in sample.feeds], step=60)
        yield replay


@pytest.fixture
def client(build, news):
    with Client(build, news.store) as client:
        yield client


# ---- the protocol --------------------------------------------------------------------------------

@pytest.mark.parametrize("asked, answered", [
    ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
    ("2099-01-01", "2025-06-18"), ("1", "2025-06-18"),
])
def test_the_version_is_negotiated(build, news, asked, answered):
    with Client(build, news.store, version=asked) as client:
        assert client.started["protocolVersion"] == answered
        assert client.started["capabilities"] == {"tools": {}}
        assert client.started["serverInfo"]["name"] == "storyd"
        assert "never instructions" in client.started["instructions"]
        assert list(client.tools) == READING
        assert client.ask("initialize", protocolVersion=asked)["error"]["code"] == INVALID_REQUEST


def test_before_initialize_only_ping_is_answered(build, news):
    with Client(build, news.store, version=None) as client:
        assert client.ask("ping")["result"] == {}
        assert client.ask("tools/list")["error"]["code"] == INVALID_REQUEST
        assert client.ask("initialize")["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize("line, code, id_", [
    ("{", PARSE_ERROR, None), ("nonsense", PARSE_ERROR, None), ('{"a":1,"a":2}', PARSE_ERROR, None),
    ('"\xe4', PARSE_ERROR, None), ("[" * 5000, PARSE_ERROR, None), ("7", INVALID_REQUEST, None),
    ("{}", INVALID_REQUEST, None), ("[]", INVALID_REQUEST, None),
    ('{"id":1,"method":"ping"}', INVALID_REQUEST, 1),
    ('{"jsonrpc":"1.0","id":1,"method":"ping"}', INVALID_REQUEST, 1),
    ('{"jsonrpc":"2.0","id":null,"method":"ping"}', INVALID_REQUEST, None),
    ('{"jsonrpc":"2.0","id":[1],"method":"ping"}', INVALID_REQUEST, None),
    ('{"jsonrpc":"2.0","id":"a","method":7}', INVALID_REQUEST, "a"),
    ('{"jsonrpc":"2.0","id":"a","method":"resources/list"}', METHOD_NOT_FOUND, "a"),
    ('{"jsonrpc":"2.0","id":"a","method":"%s\xe4"}' % ("x" * 99), METHOD_NOT_FOUND, "a"),
    ('{"jsonrpc":"2.0","id":"a","method":"tools/list","params":[]}', INVALID_PARAMS, "a"),
    ('{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"x"}}', INVALID_PARAMS, "a"),
    ('{"jsonrpc":"2.0","id":"a","method":"tools/call"}', INVALID_PARAMS, "a"),
    ('{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"search_events","arguments":[]}}',
     INVALID_PARAMS, "a"),
    ("x" * (1 << 20) + "x", INVALID_REQUEST, None),
], ids=lambda v: str(v)[:40])
def test_an_invalid_message_is_answered_by_its_code(client, line, code, id_):
    client.write(line + "\n")
    answer = client.answer()
    assert (answer["jsonrpc"], answer["id"], answer["error"]["code"]) == ("2.0", id_, code)
    assert answer["error"]["message"]
    assert client.ask("ping")["result"] == {}


def test_notifications_and_responses_are_not_answered(client):
    for message in ({"method": "notifications/cancelled", "params": {"requestId": 1}}, {"method": "no/such"},
                    {"id": 4, "result": {}}, {"id": 4, "error": {"code": 1, "message": "no"}}):
        client.send({"jsonrpc": "2.0", **message})
    client.write("\n \r\n")
    client.send({"jsonrpc": "2.0", "id": "n", "method": "ping", "params": None})
    assert client.answer() == {"jsonrpc": "2.0", "id": "n", "result": {}}
    assert client.ask("ping")["result"] == {}


def test_only_the_version_with_batches_takes_them(build, news, client):
    batch = [{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/x"}, 7]
    client.send(batch)
    assert client.answer()["error"]["code"] == INVALID_REQUEST
    with Client(build, news.store, version="2025-03-26") as other:
        other.send(batch)
        first, second = other.answer()
        assert first == {"jsonrpc": "2.0", "id": 1, "result": {}}
        assert (second["id"], second["error"]["code"]) == (None, INVALID_REQUEST)
        other.send(batch[1:2])  # no answer
        other.send(batch[:1] * 51)
        assert other.answer()["error"]["code"] == INVALID_REQUEST


def test_the_last_message_needs_no_line_end(build, news):
    r = storyctl(build, "mcp", "--db", news.store, input='{"jsonrpc":"2.0","id":"\xe4","method":"ping"}')
    assert (r.returncode, json.loads(r.stdout)) == (0, {"jsonrpc": "2.0", "id": "\xe4", "result": {}})


def test_a_missing_store_is_told_at_the_start(build):
    with scratch() as d:
        r = storyctl(build, "mcp", "--db", d / "none")
        assert (r.returncode, r.stdout) == (1, "") and "--db DIR" in r.stderr


# ---- reading -------------------------------------------------------------------------------------

def test_schemas_are_strict(build, news):
    with Client(build, news.store, "--write") as client:
        assert list(client.tools) == READING + DECIDING
        for name, tool in client.tools.items():
            jsonschema.Draft7Validator.check_schema(tool["inputSchema"])
            jsonschema.Draft7Validator.check_schema(tool["outputSchema"])
            assert tool["inputSchema"]["additionalProperties"] is False
            assert tool["annotations"]["readOnlyHint"] is (name in READING)
            assert 'unknown argument "colour"' in client.refused(name, colour="red")
            for argument, schema in tool["inputSchema"]["properties"].items():
                assert argument in client.refused(name, **{argument: None})
                assert argument in client.refused(name, **{argument: {"boolean": 1}.get(schema["type"], True)})
            for argument in tool["inputSchema"].get("required", []):
                assert "missing argument" in client.refused(name) or argument in client.refused(name)


@pytest.mark.parametrize("tool, arguments, words", [
    ("no_such", {}, 'unknown tool "no_such"'), ("tag_event", {"event": 1, "tag": "x"}, "unknown tool"),
    ("search_events", {"limit": 0}, "limit: expected an integer from 1 to 100"),
    ("search_events", {"limit": 101}, "limit"), ("search_events", {"limit": "1"}, "limit"),
    ("search_events", {"words": "x" * 1001}, "words: expected a string of 0 to 1000 characters"),
    ("get_event", {}, "missing argument event"), ("get_event", {"event": -1}, "event"),
    ("get_event", {"event": 1.5}, "event"), ("changes_since", {"cursor": -1}, "cursor"),
])
def test_wrong_arguments_are_refused(client, tool, arguments, words):
    assert words in client.refused(tool, **arguments)


@pytest.mark.parametrize("arguments, options", [
    ({}, []), ({"limit": 3}, ["--limit", 3]), ({"min_sources": 4, "limit": 100}, ["--min-sources", 4, "--limit", 0]),
    ({"language": "en"}, ["--lang", "en"]), ({"source": "meridian times"}, ["--source", "meridian times"]),
    ({"category": "Sport,health", "limit": 100}, ["--category", "Sport,health", "--limit", 0]),
    ({"words": "ferry"}, ["--words", "ferry"]), ({"since": "1h"}, ["--since", "1h"]),
    ({"since": "2023-11-01"}, ["--since", "2023-11-01"]),
], ids=str)
def test_search_finds_what_list_finds(build, news, client, arguments, options):
    listed = lines_of(storyctl(build, "list", "--db", news.store, "--json", *options))
    found = client.call("search_events", **arguments)
    assert [e["id"] for e in found["events"]] == [e["id"] for e in listed]
    everything = len(lines_of(storyctl(build, "list", "--db", news.store, "--json", "--limit", 0)))
    if not set(arguments) - {"limit"}:
        assert found["more"] is (len(listed) < everything)
    for event, stored in zip(found["events"], listed):
        assert event["title"] == stored["title"] and event["source_count"] == stored["source_count"]
        assert "summary" not in event


def test_a_wrong_time_is_explained_to_the_model(client):
    assert "expected a date" in client.call("search_events", since="soon")


def test_an_event_has_sentences_with_sources_and_excerpts(client, news):
    [found] = client.call("search_events", words="halden ferry")["events"]
    got = client.call("get_event", event=found["id"])
    event, stored = got["event"], records(news.store, "events")[found["id"]]
    assert event["title"] == stored["title"]
    assert [s["text"] for s in event["summary"]] == [s["text"] for s in stored["summary"]]
    assert all(s["source"] and s["url"].startswith("http") for s in event["summary"])
    assert event["updated"].startswith("2023-11-1") and event["summary"][0]["time"].endswith("Z")
    assert [s["name"] for s in event["sources"]] == [s["name"] for s in stored["sources"]]
    assert not set(event) & {"feeds", "score", "headline", "extracted"}
    articles = {a["id"]: a for a in news.articles() if a["event"] == found["id"]}
    assert [a["id"] for a in got["articles"]] == sorted(articles) and got["next"] is None
    for a in got["articles"]:
        assert a["title"] == articles[a["id"]]["title"] and not set(a) & {"text", "summary", "why"}
        assert (articles[a["id"]]["summary"] or articles[a["id"]]["text"] or "").startswith(a["excerpt"].rstrip("\u2026"))


def test_articles_come_in_pages(client):
    [found] = client.call("search_events", words="halden ferry")["events"]
    everything = [a["id"] for a in client.call("get_event", event=found["id"], articles=100)["articles"]]
    seen, after = [], 0
    while after is not None:
        got = client.call("get_event", event=found["id"], articles=2, after=after)
        seen, after = seen + [a["id"] for a in got["articles"]], got["next"]
    assert seen == everything
    assert client.call("get_event", event=found["id"], articles=0)["articles"] == []


def test_an_event_that_is_not_there(client):
    assert "event 999999 does not exist" in client.call("get_event", event=999999)


def test_long_texts_are_cut_and_bad_links_dropped(build):
    with scratch() as d:
        replay = Replay(build, d)
        replay.add(("a", rss([item("https://a.example/1", "T" + "\xe9" * 300, "1", text="\xfc" * 900)])))
        with broken(replay.store) as (db, txn):
            article = json.loads(txn.get(key(1), db=db("articles")))
            txn.put(key(1), json.dumps(dict(article, url="javascript:alert(1)"), separators=(",", ":")).encode(), db=db("articles"))
        with Client(build, replay.store) as client:
            [article] = client.call("get_event", event=1)["articles"]
            assert article["excerpt"] == "\xfc" * 200 + "\u2026" and article["url"] == ""


def test_an_answer_is_bounded(build, news):
    with scratch() as d:
        shutil.copytree(news.store, d / "store")
        with broken(d / "store") as (db, txn):
            for n, event in records(news.store, "events").items():
                txn.put(key(n), json.dumps(dict(event, title="x" * 100_000)).encode(), db=db("events"))
        with Client(build, d / "store") as client:
            assert "longer than 1 MiB" in client.call("search_events", limit=20)
            assert len(client.call("search_events", limit=5)["events"]) == 5


# ---- changes -------------------------------------------------------------------------------------

def test_changes_continue_from_their_cursor(client, news):
    stored = list(records(news.store, "changes").values())
    start = client.call("changes_since")
    assert start == {"changes": [], "cursor": stored[-1]["seq"], "more": False}
    seen, more, cursor = [], True, 0
    while more:
        got = client.call("changes_since", cursor=cursor, limit=7)
        seen, more, cursor = seen + got["changes"], got["more"], got["cursor"]
    assert [(c["seq"], c["kind"], c["event"]) for c in seen] == [(c["seq"], c["kind"], c["event"]) for c in stored]
    assert all(c["title"] and c["time"].endswith("Z") for c in seen)
    assert client.call("changes_since", cursor=cursor)["changes"] == []


def test_a_cursor_of_the_future_is_told(client):
    assert "in the future" in client.call("changes_since", cursor=10**6)


def test_a_cursor_that_is_too_old_is_told_where_to_continue(build, news):
    with scratch() as d:
        shutil.copytree(news.store, d / "store")
        newest = max(records(d / "store", "changes"))
        with broken(d / "store") as (db, txn):
            for n in range(1, 6):
                txn.delete(key(n), db=db("changes"))
            txn.put(b"changes_from", b"6", db=db("meta"))
        with Client(build, d / "store") as client:
            result = client.ask("tools/call", name="changes_since", arguments={"cursor": 3})["result"]
            assert result["isError"] and "gone" in result["content"][0]["text"]
            assert result["structuredContent"] == {"changes": [], "cursor": newest, "more": False, "gone": True}
            assert client.call("changes_since", cursor=newest)["changes"] == []
            assert client.call("changes_since", cursor=0)["changes"][0]["seq"] == 6


# ---- views ---------------------------------------------------------------------------------------

def test_no_view_is_open_while_it_waits(build, news, client):
    """Or the writer could not reuse space, for as long as an assistant runs."""
    client.call("search_events")
    [stats] = lines_of(storyctl(build, "stats", "--db", news.store, "--json"))
    assert stats["views"] == 0


def test_a_store_that_is_replaced_is_read_anew(build, news):
    with scratch() as d:
        shutil.copytree(news.store, d / "store")
        with Client(build, d / "store") as client:
            assert client.call("search_events")["events"]
            (d / "store").rename(d / "old")
            assert "no storyd store" in client.call("search_events")
            shutil.copytree(d / "old", d / "store")
            assert client.call("search_events")["events"]


# ---- searching articles --------------------------------------------------------------------------

def test_articles_are_searched_as_by_the_command(build):
    """Best match first, by the running daemon."""
    with Newsroom(build) as room:
        room.feed("/a", rss([item("https://kestrel.example/1", "Harbour closed after storm", "1", date=CLOCK,
                                  text="No ferry left on Tuesday, the coastguard of Port Ashby said."),
                             item("https://kestrel.example/2", "Ferry, ferry, ferry", "2", date=CLOCK - 60)]))
        room.start()
        room.wait_articles(2)
        with Client(build, room.store) as client:
            room.wait(lambda: len(client.call("search_articles", query="ferry")["results"]) == 2, "both to be indexed")
            for order in "relevance", "new":
                found = client.call("search_articles", query="ferry", order=order)
                listed = lines_of(storyctl(build, "search", "--db", room.store, "--json", "--order", order, "ferry"))
                assert [r["event"]["id"] for r in found["results"]] == [r["event"]["id"] for r in listed]
                assert (found["more"], found["complete"]) == (False, True)
            best, other = client.call("search_articles", query="ferry")["results"]
            assert (best["article"]["title"], best["matches"]) == ("Ferry, ferry, ferry", 1)
            assert other["excerpt"].startswith("No ferry left") and other["article"]["source"]["domain"] == "kestrel.example"
            assert other["event"]["source_count"] == 1 and other["article"]["published"].endswith("Z")
            assert client.call("search_articles", query="ferry", limit=1)["more"] is True
            assert client.call("search_articles", query='"ferry left" -storm')["results"] == []
            assert "expected a word" in client.call("search_articles", query="-ferry")
            assert "expected new or relevance" in client.call("search_articles", query="ferry", order="top")
            room.daemon.stop()
            assert "check that storyd is running" in client.call("search_articles", query="ferry")


# ---- deciding ------------------------------------------------------------------------------------

def test_decisions_are_made_in_the_users_name(build):
    with Newsroom(build) as room:
        for i, subject in enumerate(SUBJECTS[:3]):
            room.feed("/%d" % i, rss([item("https://paper%d.example/1" % i, subject, "1")]))
        room.start()
        room.wait_articles(3)
        a, b, c = sorted(room.events())
        with Client(build, room.store, "--write", "--who", "Ada's assistant") as client:
            assert client.call("tag_event", event=a, tag="sea", reason="asked")["who"] == "Ada's assistant"
            assert client.call("note_event", event=a, text="Watch this")["kind"] == "note"
            assert client.call("pin_event", event=a)["kind"] == "pin"
            assert client.call("mute_event", event=c)["kind"] == "mute"
            assert client.call("rename_event", event=a, title="Another title")["title"] == "Another title"
            event = client.call("get_event", event=a)["event"]
            assert (event["tags"], event["pinned"], event["title"]) == (["sea"], True, "Another title")
            assert event["notes"][0]["text"] == "Watch this"
            assert client.call("tag_event", event=a, tag="sea", off=True)["kind"] == "untag"
            assert client.call("pin_event", event=a, off=True)["kind"] == "unpin"
            assert client.call("mute_event", event=c, off=True)["kind"] == "unmute"
            merged = client.call("merge_events", event=a, into=b)
            assert {merged["event"], merged["into"]} == {a, b}
            assert "was merged into" in client.call("merge_events", event=a, into=b)
            assert client.call("get_event", event=a)["event"] == client.call("get_event", event=b)["event"]
            [first] = [d for d in room.records("decisions").values() if d["kind"] == "tag"]
            assert (first["who"], first["why"], first["tag"]) == ("Ada's assistant", "asked", "sea")
            room.daemon.stop()
            assert "check that storyd is running" in client.call("pin_event", event=b)
            assert client.call("search_events")["events"]


# ---- the protocol's SDK --------------------------------------------------------------------------

@pytest.mark.skipif(not SDK.exists(), reason="@modelcontextprotocol/sdk is not in build/mcp (make check installs it from npm)")
@pytest.mark.skipif(not shutil.which("node"), reason="node is missing")
def test_the_sdk_understands_all_answers(build, news):
    """It validates each message, and each structured content against its schema."""
    shutil.copy(ROOT / "tests" / "mcp" / "client.mjs", ROOT / "build" / "mcp")
    r = subprocess.run(["node", ROOT / "build" / "mcp" / "client.mjs", build / "storyctl", "mcp", "--db", news.store,
                        "--write"], capture_output=True, text=True, timeout=120)
    assert r.returncode == 0, r.stderr
    said = json.loads(r.stdout)
    assert said["server"]["name"] == "storyd" and said["tools"] == READING + DECIDING
    assert said["event"]["event"]["id"] == said["search"]["events"][0]["id"]
    assert said["gone"] and "does not exist" in said["gone"]
    assert "-32602" in said["refused"]
