"""What a reader has seen, starred and follows is kept under the reader's name, until the events go."""
import base64
import json
import struct

import jsonschema
import lmdb
import pytest
from newsroom import ROOT, Newsroom, articles, broken, item, rss
from web import Site

DOCUMENT = json.loads((ROOT / "config" / "openapi.json").read_text(encoding="utf-8"))
READ, WRITE = "read-token-0123456789", "write+token/0123456789=="
EVENTS = 6


def basic(name, token=READ):
    return "Basic " + base64.b64encode(("%s:%s" % (name, token)).encode()).decode()


class Reader:
    """A client that gives a name with the token."""

    def __init__(self, site, name, token=READ):
        self.site, self.headers = site, {"Authorization": basic(name, token)}

    def get(self, path=""):
        return self.site.get("/api/v1/me" + path, **self.headers)

    def change(self, **body):
        answer = self.site.ask("POST", "/api/v1/me/state", json.dumps(body), **self.headers)
        assert answer.status == 204, answer.body
        return self

    def state(self, query=""):
        """{event: its flags that are set}"""
        answer = self.get("/state" + query)
        assert answer.status == 200, answer.body
        return {e["event"]: {f for f in ("seen", "starred", "followed") if e[f]} for e in answer.json()["events"]}

    def seen(self):
        asked = ",".join(str(e) for e in range(1, EVENTS + 1))
        return {e for e, flags in self.state("?events=" + asked).items() if "seen" in flags}


def start_again(room):
    since = len(room.daemon.lines)
    room.start()
    return Site(room, since)


def tokens(directory):
    (directory / "read").write_text(READ + "\n")
    (directory / "write").write_text(WRITE + "\n")
    return "read_token = %s/read\nwrite_token = %s/write\n" % (directory, directory)


@pytest.fixture
def room(build, tmp_path):
    with Newsroom(build, http=tokens(tmp_path)) as room:
        room.feed("/a.xml", rss(articles(EVENTS)))
        room.start()
        room.wait_articles(EVENTS)
        yield room


@pytest.fixture
def site(room):
    return Site(room)


# ---- who it is -----------------------------------------------------------------------------------

def test_me_says_who_reads_and_what_is_kept(site):
    me = lambda **headers: site.get("/api/v1/me", **headers)
    assert me().status == 401
    assert me(Authorization="Bearer " + READ).json() == {"name": None, "role": "read", "state": False}
    assert me(Authorization=basic("anna")).json() == {"name": "anna", "role": "read", "state": True}
    assert me(Authorization=basic("Žofie", WRITE)).json() == {"name": "Žofie", "role": "administer", "state": True}
    for name in "", "a" * 201, "an,na", "an\x1bna":  # as for users of a proxy
        assert me(Authorization=basic(name)).json()["name"] is None


def test_the_user_of_a_proxy_is_the_reader(build):
    options = "user_header = X-User\ntrusted_proxies = 127.0.0.1\nroles = anna: decide, *: read\n"
    with Newsroom(build, http=options) as room:
        room.feed("/a.xml", rss(articles(2)))
        room.start()
        room.wait_articles(2)
        site = Site(room)
        me = lambda user: site.get("/api/v1/me", X_User=user).json()
        assert me("anna") == {"name": "anna", "role": "decide", "state": True}
        assert me("bob") == {"name": "bob", "role": "read", "state": True}
        post = lambda **headers: site.ask("POST", "/api/v1/me/state", '{"events": [1], "seen": true}', X_User="anna", **headers)
        assert post(Origin="http://evil.example").status == 403
        assert post(Sec_Fetch_Site="cross-site").status == 403
        assert post().status == 204
        seen = lambda user: site.get("/api/v1/me/state?events=1,2", X_User=user).json()["events"]
        assert [e["seen"] for e in seen("anna")] == [True, False]
        assert [e["seen"] for e in seen("bob")] == [False, False]


def test_without_a_name_nothing_is_kept(build, site):
    for method, body in ("GET", None), ("POST", '{"events": [1], "seen": true}'):
        answer = site.ask(method, "/api/v1/me/state", body, Authorization="Bearer " + READ)
        assert answer.status == 403 and "name" in answer.json()["detail"]


def test_without_tokens_a_name_says_nothing(build):
    with Newsroom(build) as room:
        room.start()
        site = Site(room)
        assert site.get("/api/v1/me", Authorization=basic("anna")).json() == {"name": None, "role": "administer", "state": False}


# ---- what is kept --------------------------------------------------------------------------------

def test_flags_are_set_and_cleared_for_each_reader(site):
    anna, bob = Reader(site, "anna"), Reader(site, "bob")
    anna.change(events=[1, 2], seen=True).change(events=[2, 3], starred=True, followed=True)
    assert anna.state() == {1: {"seen"}, 2: {"seen", "starred", "followed"}, 3: {"starred", "followed"}}
    assert bob.state() == {}
    anna.change(events=[2], seen=False, starred=False)
    assert anna.state() == {1: {"seen"}, 2: {"followed"}, 3: {"starred", "followed"}}
    assert anna.state("?starred=yes") == {3: {"starred", "followed"}}
    assert anna.state("?followed=yes") == {2: {"followed"}, 3: {"starred", "followed"}}
    assert anna.state("?events=5,3") == {5: set(), 3: {"starred", "followed"}}


def test_the_sources_at_that_time_are_kept(room, site):
    anna = Reader(site, "anna").change(events=[1], seen=True)
    was = anna.get("/state?events=1").json()["events"][0]
    event = room.events()[1]
    assert (was["seq"], was["sources"]) == (event["seq"], 1) and was["time"] > 0
    title = event["title"]
    room.feed("/b.xml", rss([item("https://other.example/1", title)]))
    room.reload()
    room.wait(lambda: room.events()[1]["source_count"] == 2, "a second source")
    anna.change(events=[1], starred=True)
    assert anna.get("/state?events=1").json()["events"][0]["sources"] == 1
    anna.change(events=[1], seen=True)
    assert anna.get("/state?events=1").json()["events"][0]["sources"] == 2


def test_pages(site):
    anna = Reader(site, "anna").change(events=[1, 2, 3, 4, 5], seen=True)
    found, cursor = [], ""
    while cursor is not None:
        page = anna.get("/state?limit=2" + (cursor and "&cursor=" + cursor)).json()
        found += [e["event"] for e in page["events"]]
        cursor = page["next"]
    assert found == [5, 4, 3, 2, 1]


def test_all_up_to_a_change_are_seen(room, site):
    """Also those that have no entry; but not an event that was updated since, nor a new one."""
    anna, bob = Reader(site, "anna"), Reader(site, "bob")
    anna.change(events=[3], seen=False)
    seq = site.get("/api/v1/health", **anna.headers).json()["seq"]
    title = room.events()[2]["title"]
    room.feed("/b.xml", rss([item("https://other.example/1", title), item("https://other.example/2", "Lighthouse keepers vote on pension fund merger")]))
    room.reload()
    room.wait_articles(EVENTS + 2)
    room.wait(lambda: room.events()[2]["source_count"] == 2, "a second source")
    new = max(room.events())
    assert new == EVENTS + 1
    anna.change(seen_up_to=seq)
    assert anna.seen() == {1, 3, 4, 5, 6} and anna.state("?events=%d" % new) == {new: set()}
    anna.change(seen_up_to=0)
    assert anna.seen() == {1, 3, 4, 5, 6}
    anna.change(seen_up_to=seq + 1000).change(events=[4], seen=False)
    assert anna.seen() == {1, 2, 3, 5, 6} and anna.state("?events=%d" % new) == {new: {"seen"}}
    assert bob.seen() == set()


def test_a_merged_event_means_the_one_that_took_it_in(site):
    merge = json.dumps({"kind": "merge", "event": 2, "into": 1, "who": "desk", "why": ""})
    assert site.ask("POST", "/api/v1/decisions", merge, Authorization=basic("desk", WRITE)).status == 201
    anna = Reader(site, "anna").change(events=[2], seen=True)
    assert anna.state() == {1: {"seen"}}


def test_it_outlives_a_kill_and_is_no_change(room, site):
    anna = Reader(site, "anna").change(events=[2], starred=True).change(events=[3], seen=True)
    assert anna.state() == {2: {"starred"}, 3: {"seen"}}
    changes = room.records("changes")
    room.daemon.kill()
    assert Reader(start_again(room), "anna").state() == {2: {"starred"}, 3: {"seen"}}
    assert room.records("changes") == changes
    room.sound()


@pytest.mark.parametrize("body", [
    "", "[]", "{}", '{"events": [1]}', '{"events": 1, "seen": true}', '{"events": ["1"], "seen": true}',
    '{"events": [0], "seen": true}', '{"events": [-1], "seen": true}', '{"events": [1], "seen": 1}',
    '{"events": [1], "seen": true, "read": true}', '{"events": [%s], "seen": true}' % ",".join("1" * 1001),
    '{"seen_up_to": -1}', '{"seen_up_to": "1"}', '{"seen_up_to": 1, "seen": true}', '{"events": [1], "seen": null}'])
def test_what_is_no_change_is_refused(site, body):
    answer = site.ask("POST", "/api/v1/me/state", body, Authorization=basic("anna"))
    assert answer.status == 400 and "expected" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["events=", "events=1,2,", "events=x", "events=" + ",".join("1" * 201), "starred=no",
                                   "limit=0", "limit=501", "cursor=0", "before=3", "other=1", "seen=yes&seen=yes"])
def test_a_query_is_checked(site, query):
    status = Reader(site, "anna").get("/state?" + query).status
    assert status == (200 if query in ("events=", "events=1,2,") else 400)


def test_events_that_do_not_exist_are_left_out(room, site):
    anna = Reader(site, "anna").change(events=[99, 1, 2**62], seen=True)
    assert anna.state() == {1: {"seen"}}
    anna.change(events=[99], seen=True)
    room.daemon.stop()
    room.sound()


def test_the_state_is_as_the_api_describes_it(site):
    anna = Reader(site, "anna").change(events=[1], seen=True)
    content = DOCUMENT["paths"]["/api/v1/me/state"]["get"]["responses"]["200"]["content"]
    for query in "", "?events=1,2", "?starred=yes":
        schema = dict(content["application/json"]["schema"], components=DOCUMENT["components"])
        jsonschema.Draft202012Validator(schema).validate(anna.get("/state" + query).json())


# ---- bounds --------------------------------------------------------------------------------------

def hash_of(room, name="anna"):
    """Under which the store keeps what this reader, and nobody else so far, has seen."""
    env = lmdb.open(str(room.store), readonly=True, max_dbs=40)
    with env.begin() as txn:
        keys = [bytes(k) for k, _ in txn.cursor(env.open_db(b"_reading", txn, create=False))]
    env.close()
    assert len({k[:8] for k in keys}) == 1
    return keys[0][:8]


def value(seq=1, time=1, sources=1, flags=1):
    return struct.pack(">QQQ", seq, time, sources << 8 | flags)


def test_a_reader_has_at_most_20000_events_and_the_oldest_go(build, room, site):
    """Those that are starred stay; what goes counts as seen."""
    Reader(site, "anna").change(events=[3], starred=True).change(events=[4], seen=False)
    room.daemon.stop()
    anna = hash_of(room)
    with broken(room.store) as (db, txn):
        for event in range(1000, 1000 + 20000 - 2):
            txn.put(anna + struct.pack(">Q", event), value(), db=db("_reading"))
    reader = Reader(start_again(room), "anna").change(events=[1, 2, 5], seen=True)
    assert reader.state("?starred=yes") == {3: {"starred"}}
    assert reader.state("?events=1,2,4,5,6") == {1: {"seen"}, 2: {"seen"}, 4: {"seen"}, 5: {"seen"}, 6: set()}
    env = lmdb.open(str(room.store), readonly=True, max_dbs=40)
    with env.begin() as txn:
        n = txn.stat(env.open_db(b"_reading", txn, create=False))["entries"]
    env.close()
    assert n == 20001


def test_there_are_at_most_1000_readers(room, site):
    Reader(site, "anna").change(events=[3], starred=True)
    room.daemon.stop()
    with broken(room.store) as (db, txn):
        for i in range(999):
            txn.put(struct.pack(">QQ", i, 0), value(), db=db("_reading"))
            txn.put(struct.pack(">QQ", i, 1), value(), db=db("_reading"))
    site = start_again(room)
    answer = site.ask("POST", "/api/v1/me/state", '{"events": [1], "seen": true}', Authorization=basic("bob"))
    assert answer.status == 409 and "1000 readers" in answer.json()["detail"]
    assert Reader(site, "anna").change(events=[1], seen=True).state() == {1: {"seen"}, 3: {"starred"}}
