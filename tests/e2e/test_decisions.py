"""What editors decide, from the command line and over HTTP, is done at once and lasts."""
import concurrent.futures
import json
import pathlib

import pytest
from newsroom import SUBJECTS, Newsroom, item, lines_of, rss, storyctl
from web import Site

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is missing")
SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "config/schema/decision.schema.json").read_text())


@pytest.fixture(scope="module")
def room(build):
    with Newsroom(build) as room:
        for i, subject in enumerate(SUBJECTS[:6]):
            room.feed("/%d" % i, rss([item("https://paper%d.example/1" % i, subject, "1")]))
        room.start()
        room.wait_articles(6)
        yield room


@pytest.fixture(scope="module")
def site(room):
    return Site(room)


@pytest.fixture
def ctl(build, room):
    def run(command, *args):
        return storyctl(build, command, "--db", room.store, *args)
    return run


def event_of(room, n):
    """The event of article n's address, whatever number it came under."""
    return next(a["event"] for a in room.records("articles").values() if "paper%d." % n in a["url"])


def article_of(room, n):
    return next(a["id"] for a in room.records("articles").values() if "paper%d." % n in a["url"])


def post(site, **ask):
    return site.ask("POST", "/api/v1/decisions", json.dumps(ask), unix=True, Content_Type="application/json")


def test_merge_and_undo_from_the_command_line(room, ctl):
    a, b = event_of(room, 0), event_of(room, 1)
    r = ctl("merge", "--who", "Ada", "--reason", "same ship", a, b)
    assert r.returncode == 0, r.stderr
    assert "Ada" in r.stdout and "merge" in r.stdout and "(same ship)" in r.stdout
    assert event_of(room, 0) == event_of(room, 1)
    [event] = [e for n, e in room.events().items() if n == event_of(room, 0)]
    assert event["source_count"] == 2
    [decision] = lines_of(ctl("history", "--json", "--limit", 1))
    assert decision["who"] == "Ada" and decision["kind"] == "merge"
    again = ctl("merge", a, b)
    assert again.returncode == 1 and "was merged into" in again.stderr
    r = ctl("undo", "--json", decision["id"])
    assert json.loads(r.stdout)["undoes"] == decision["id"]
    assert event_of(room, 0) != event_of(room, 1)
    assert "[undone by" in ctl("history").stdout
    room.sound()


def test_the_fields_of_an_event(room, ctl):
    n = event_of(room, 2)
    for args in (["rename", n, "A title of ours"], ["tag", n, "sea"], ["pin", n], ["note", n, "ask the harbour"],
                 ["signal", n, "more"], ["mute", n], ["mute", "--off", n]):
        r = ctl(*map(str, args))
        assert r.returncode == 0, (args, r.stderr)
    event = room.events()[n]
    assert event["title"] == event["headline"] == "A title of ours"
    assert (event["tags"], event["pinned"], event["muted"], event["signal"]) == (["sea"], True, False, 1)
    assert event["notes"][0]["text"] == "ask the harbour"
    kinds = [c["kind"] for c in room.records("changes").values() if c["event"] == n]
    assert kinds.count("decided") == 7


def test_what_an_editor_writes_stands_until_it_is_undone(room, ctl, site):
    """Also when the event takes in another; what was extracted by then comes back."""
    n, other = event_of(room, 4), event_of(room, 5)
    extracted = room.events()[n]["summary"]
    r = ctl("write", "--who", "Ada", str(n), "summary", "The harbour is shut.")
    assert r.returncode == 0, r.stderr
    [said] = room.events()[n]["summary"]
    assert (said["text"], said["kind"], said["by"], said["article"]) == ("The harbour is shut.", "written", "Ada", None)
    merged = post(site, kind="merge", event=other, into=n, who="Ada").json()["id"]
    event = room.events()[event_of(room, 4)]
    assert [s["text"] for s in event["summary"]] == ["The harbour is shut."]
    assert "written by <bdi>Ada" in site.get("/event/%d" % event["id"]).body.decode()
    assert post(site, kind="undo", decision=merged, who="Ada").status == 201
    written = lines_of(ctl("history", "--json"))
    assert post(site, kind="undo", decision=next(d["id"] for d in written if d["kind"] == "write"), who="Ada").status == 201
    assert room.events()[n]["summary"] == extracted and room.events()[n]["written"] is None
    many = [{"text": "One.", "type": "cause"}, {"text": "Two.", "heading": "Second"}]
    assert post(site, kind="write", event=n, field="details", items=many, who="Bo").status == 201
    assert [d.get("type") for d in room.events()[n]["details"]] == ["cause", None]
    for wrong in ({"field": "title", "text": "x"}, {"field": "summary", "items": []},
                  {"field": "summary", "items": [{"text": "x" * 601}]}, {"field": "details", "text": "x", "place": 99}):
        assert post(site, kind="write", event=n, who="Bo", **wrong).status == 422, wrong
    room.sound()


def test_lists_heed_decisions(room, site):
    """Pinned stands on top, muted is out of sight and can be asked for, a tag is a category."""
    one, other = event_of(room, 4), event_of(room, 5)

    def listed(query=""):
        return [e["id"] for e in site.get("/api/v1/events?order=top" + query).json()["events"]]

    last = listed()[-1]
    pin = post(site, kind="pin", event=last, who="Ada").json()["id"]
    assert last in listed()[:2]  # beside the one that is pinned already
    assert post(site, kind="undo", decision=pin, who="Ada").status == 201
    mute = post(site, kind="mute", event=one, who="Ada").json()["id"]
    assert one not in listed() and listed("&muted=yes") == [one]
    assert post(site, kind="undo", decision=mute, who="Ada").status == 201
    assert post(site, kind="tag", event=other, tag="Night desk", who="Ada").status == 201
    assert listed("&category=night+desk") == [other]


def test_a_decision_on_a_state_that_has_changed_is_refused_with_that_state(room, site):
    n = event_of(room, 3)
    seq = room.events()[n]["seq"]
    assert post(site, kind="tag", event=n, seq=seq, tag="first", who="Ada").status == 201
    second = post(site, kind="tag", event=n, seq=seq, tag="second", who="Bo")
    assert second.status == 409 and second.headers["Content-Type"].startswith("application/problem+json")
    problem = second.json()
    assert problem["event"]["tags"] == ["first"] and "has changed" in problem["detail"]
    assert post(site, kind="tag", event=n, seq=problem["event"]["seq"], tag="second", who="Bo").status == 201


@pytest.mark.parametrize("ask, status", [
    ({}, 422), ({"kind": "dance", "who": "x", "event": 1}, 422), ({"kind": "pin", "event": 1}, 422),
    ({"kind": "pin", "who": "x"}, 422), ({"kind": "pin", "who": "x", "event": 10**6}, 404),
    ({"kind": "pin", "who": "x", "event": -1}, 422), ({"kind": "pin", "who": "x", "event": "1"}, 422),
    ({"kind": "rename", "who": "x", "event": 1, "title": "t" * 1001}, 422),
    ({"kind": "split", "who": "x", "event": 1, "articles": [10**6]}, 409),
    ({"kind": "undo", "who": "x", "decision": 10**6}, 404), ({"kind": "merge", "who": "x", "event": 1, "into": 1}, 422),
])
def test_what_is_no_decision_is_refused_and_changes_nothing(room, site, ask, status):
    before = room.records("decisions"), room.events()
    assert post(site, **ask).status == status
    assert (room.records("decisions"), room.events()) == before


def test_a_body_that_is_no_object_is_refused(site):
    for body in (b"", b"[", b"[]", b"\xff\xfe"):
        assert site.ask("POST", "/api/v1/decisions", body, unix=True).status == 400


def test_history_over_http(room, site):
    first = site.get("/api/v1/decisions?limit=2").json()
    assert len(first["decisions"]) == 2 and first["next"]
    rest = site.get("/api/v1/decisions?limit=500&cursor=" + first["next"]).json()
    numbers = [d["id"] for d in first["decisions"] + rest["decisions"]]
    assert numbers == sorted(room.records("decisions"), reverse=True) and rest["next"] is None
    one = site.get("/api/v1/decisions/%d" % numbers[0])
    assert one.json() == room.records("decisions")[numbers[0]]
    assert site.get("/api/v1/decisions/999999").status == 404
    for wrong in "cursor=x", "limit=501", "before=2", "limit=1&limit=1":
        assert site.get("/api/v1/decisions?" + wrong).status == 400
    n = event_of(room, 3)
    of_event = site.get("/api/v1/decisions?event=%d" % n).json()["decisions"]
    assert of_event and all(n in (d["event"], d["into"]) for d in of_event)


def test_every_decision_is_as_its_schema_says(room):
    for decision in room.records("decisions").values():
        jsonschema.Draft7Validator(SCHEMA).validate(decision)


def test_wrong_usage_says_what_is_right(ctl):
    for args, said in ((["merge", "1"], "usage: storyctl merge"), (["merge", "x", "1"], 'invalid value "x" for event'),
                       (["split", "1", "2", "x"], 'invalid value "x" for article'),
                       (["signal", "1", "lots"], 'invalid value "lots" for value')):
        r = ctl(*args)
        assert r.returncode == 2 and said in r.stderr, r.stderr


def test_who_waits_for_changes_is_told_of_a_decision(room, site):
    """A long poll that began before it ends with it, long before its time."""
    n, seq = event_of(room, 4), max(room.records("changes"))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(site.get, "/api/v1/changes?cursor=%d&wait=25" % seq)
        assert post(site, kind="pin", event=n, who="Ada").status == 201
        changes = waiting.result(timeout=20).json()["changes"]
    assert [(c["kind"], c["event"]) for c in changes] == [("decided", n)]


def test_decisions_outlive_a_restart_and_what_comes_later(build, room, ctl):
    """A split stays: the same story told again joins one side, and the two never merge."""
    telling = "Cruise ship aground off Porto, 300 passengers taken ashore"
    for n in (7, 8):
        room.feed("/%d" % n, rss([item("https://paper%d.example/1" % n, telling, "1")]))
    room.write_list()
    room.reload()
    room.wait_articles(8)
    assert event_of(room, 7) == event_of(room, 8)
    assert ctl("split", event_of(room, 7), article_of(room, 8)).returncode == 0
    assert event_of(room, 7) != event_of(room, 8)
    assert room.daemon.stop() == 0
    room.start()
    for n in (9, 10, 11):
        room.feed("/%d" % n, rss([item("https://paper%d.example/1" % n, telling, "1")]))
    room.write_list()
    room.reload()
    room.wait_articles(11)
    assert event_of(room, 7) != event_of(room, 8)
    room.sound()


def test_without_the_daemon_it_says_so(build, tmp_path):
    r = storyctl(build, "pin", "--db", tmp_path, 1)
    assert r.returncode == 1 and "check that storyd is running" in r.stderr
