"""Articles that publishers submit: POST /api/v1/articles."""
import json
import subprocess
import time

import pytest
from newsroom import LONG, Newsroom, articles, item, rss, storyctl
from test_full import FULL, ROOM, fill, small_disk
from web import Site

WIRE, DESK = "wire-token-of-the-tests", "desk-token-of-the-tests"
TITLE = "Velmora earthquake leaves sixty seven dead in coastal province"
TEXT = "The quake struck the province at night. Rescuers searched the ruins of Velmora for people who are missing."
QUAKE = {"id": "wire:2024:17", "url": "https://wire.example/quake", "title": TITLE, "content_text": TEXT}


def sections(room, per_minute=6000, **tokens):
    text = ""
    for name, token in tokens.items():
        path = room.daemon.dir / (name + ".token")
        path.write_text(token + "\n")
        text += "[publisher %s]\nhome = https://%s.example/\ntoken = %s\nper_minute = %d\n" % (name, name, path, per_minute)
    return text


def submit(site, body=QUAKE, token=WIRE, **more):
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    headers = {"Authorization": "Bearer " + token} if token else {}
    return site.ask("POST", "/api/v1/articles", data, **headers, **more)


@pytest.fixture
def room(build):
    with Newsroom(build) as room:
        room.configure(rest=sections(room, wire=WIRE, desk=DESK))
        room.feed("/a.xml", rss([item("https://paper.example/q", TITLE + " and hundreds missing", text=TEXT,
                                      date=int(time.time()))]))
        room.start()
        room.wait_articles(1)
        yield room
        room.sound()


@pytest.fixture
def site(room):
    return Site(room)


def test_a_submitted_article_joins_the_event_of_a_polled_one(room, site):
    now = int(time.time())
    answer = submit(site, dict(QUAKE, date_published=now - 60, language="en", tags=["World"], authors=[{"name": "Ilsa Varga"}],
                               image="https://wire.example/quake.jpg"))
    article = answer.json()
    assert answer.status == 201 and answer.headers["Location"] == "/api/v1/articles/%d" % article["id"]
    assert site.get(answer.headers["Location"]).json() == article, "it is in the store when it is answered"
    assert (article["guid"], article["url"], article["published"]) == (QUAKE["id"], QUAKE["url"], now - 60)
    assert (article["author"], article["categories"], article["image"]) == ("Ilsa Varga", ["World"], "https://wire.example/quake.jpg")
    assert article["source"] == {"name": "wire", "domain": "wire.example"}
    event = site.get("/api/v1/events/%d" % article["event"]).json()
    assert event["article_count"] == 2
    assert {s["domain"] for s in event["sources"]} == {"paper.example", "wire.example"}
    record = room.records("feeds")[article["feed"]]
    assert (record["url"], record["state"], record["articles"], record["next_poll"]) == ("publisher:wire", "submitted", 1, None)


def test_an_id_is_one_article(room, site):
    first = submit(site).json()
    again = submit(site)
    assert again.status == 200 and again.json() == first
    correction = dict(QUAKE, title="Minister resigns over unsafe school buildings", date_published=1700000000, content_text="A wholly different account of what happened on the coast.",
                      url="https://wire.example/elsewhere/2")
    corrected = submit(site, correction)
    assert corrected.status == 200 and corrected.json()["id"] == first["id"]
    assert corrected.json()["title"] == correction["title"] and corrected.json()["versions"][0]["title"] == TITLE
    other = submit(site, dict(correction, id="wire:2024:18", url="https://wire.example/third"))
    assert other.status == 201, "another id is another article, whatever it says"
    theirs = submit(site, dict(QUAKE, url="https://desk.example/quake"), token=DESK)
    assert theirs.status == 201 and theirs.json()["source"]["domain"] == "desk.example", "ids are those of a publisher"
    assert submit(site, dict(QUAKE, id="wire:1", url="https://paper.example/q", title=TITLE + " and hundreds missing")).status == 200, \
        "a polled article at the same address is the same article"
    assert len(room.records("articles")) == 4


def test_what_was_submitted_survives_a_kill_and_a_restart(room, site):
    first = submit(site).json()
    room.daemon.kill()
    since = len(room.daemon.lines)
    site = Site(room.start(), since)
    assert submit(site).status == 200 and len(room.records("articles")) == 2
    assert site.get("/api/v1/articles/%d" % first["id"]).json() == first


def test_a_publisher_that_is_no_longer_configured(room, site):
    number = submit(site).json()["feed"]
    assert b"submitted by the publisher" in site.get("/feeds").body
    room.configure(rest=sections(room, desk=DESK))
    room.reload()
    assert submit(site).status == 401
    room.wait(lambda: room.records("feeds")[number]["state"] == "removed", "its record to be removed")
    room.configure(rest=sections(room, wire=WIRE))
    room.reload()
    assert submit(site).status == 200
    assert "its publisher submits articles" in storyctl(room.build, "feeds", "show", "--db", room.store, str(number)).stdout


@pytest.mark.parametrize("body, status, said", [
    ("{", 400, "body"), ("[]", 400, "expected a JSON object"), (dict(QUAKE, headline="x"), 422, "unknown field"),
    ({"title": TITLE}, 422, "id and title"), ({"id": "1"}, 422, "id and title"), (dict(QUAKE, id=7), 422, "id: expected a text"),
    (dict(QUAKE, id="x" * 1001), 422, "at most 1000 bytes"), (dict(QUAKE, title=""), 422, "title"),
    (dict(QUAKE, id="empty", title=" ", content_text=" "), 422, "title: expected words"),
    (dict(QUAKE, url="ftp://wire.example/"), 422, "url: expected an address"),
    (dict(QUAKE, date_published="yesterday"), 422, "seconds since 1970"), (dict(QUAKE, date_published=-1), 422, "seconds since 1970"),
    (dict(QUAKE, tags=["a"] * 65), 422, "at most 64"), (dict(QUAKE, authors=["Ilsa"]), 422, "objects with a name"),
    (dict(QUAKE, content_text="x" * (256 << 10)), 413, "256 KiB"), (dict(QUAKE, content_text="x" * (1 << 20)), 413, "")])
def test_wrong_articles_are_refused(room, site, body, status, said):
    answer = submit(site, body)
    assert answer.status == status and said in answer.body.decode()
    assert len(room.records("articles")) == 1


@pytest.mark.parametrize("date, seconds", [(1700000000, 1700000000), ("2023-11-14T23:13:20+01:00", 1700000000), ("1700000000", 1700000000)])
def test_times(site, date, seconds):
    assert submit(site, dict(QUAKE, date_published=date)).json()["published"] == seconds


def test_a_token_is_required_everywhere(room, site):
    for unix in False, True:
        for token in None, "another-token-of-the-tests":
            assert submit(site, token=token, unix=unix).status == 401
    assert submit(site, unix=True).status == 201
    assert site.ask("POST", "/api/v1/articles?x=1", json.dumps(QUAKE), Authorization="Bearer " + WIRE).status == 400
    assert site.ask("GET", "/api/v1/articles").status == 405


def test_the_rate_is_limited(build):
    with Newsroom(build) as room:
        room.configure(rest=sections(room, 1, wire=WIRE) + sections(room, desk=DESK))
        site = Site(room.start())
        assert submit(site).status == 201
        refused = submit(site)
        assert refused.status == 429 and 0 < int(refused.headers["Retry-After"]) <= 60
        assert submit(site, dict(QUAKE, url="https://desk.example/1"), token=DESK).status == 201, "each publisher has a rate of its own"


def test_a_full_store_takes_no_article_until_there_is_room(build):
    with Newsroom(build) as room, small_disk(room):
        room.configure(rest=sections(room, wire=WIRE))
        room.feed("/a.xml", rss(articles(5)))
        site = Site(room.start())
        room.wait_articles(5)
        fill(room, 0)

        def one(n):
            return dict(QUAKE, id=str(n), url="https://wire.example/%d" % n, content_text="%d " % n + "words of the coast " * 900)
        stored = next(n for n in range(1000) if submit(site, one(n)).status != 201)
        room.daemon.wait_log(FULL, LONG)
        refused = submit(site, one(stored))
        assert refused.status == 503 and refused.headers["Retry-After"]
        (room.store / "filler").unlink()
        room.daemon.wait_log(ROOM, LONG)
        assert submit(site, one(stored)).status == 201
        assert len(room.records("articles")) == 5 + stored + 1
        room.sound()


@pytest.mark.parametrize("section, said", [
    ("home = https://wire.example/", "has no token"), ("token = {ok}", "has no home"), ("home = wire\ntoken = {ok}", "expected an address"),
    ("home = https://wire.example/\ntoken = {short}", "16 to 256"), ("home = https://wire.example/\ntoken = {none}", "cannot read token"),
    ("home = https://wire.example/\ntoken = {ok}\n[publisher desk]\nhome = https://desk.example/\ntoken = {ok}", "has the token of"),
    ("home = https://wire.example/\ntoken = {ok}\nper_minute = 0", "per_minute")])
def test_wrong_sections_are_told_at_the_start(build, tmp_path, section, said):
    (tmp_path / "ok").write_text(WIRE)
    (tmp_path / "short").write_text("x")
    config = tmp_path / "storyd.conf"
    config.write_text("[publisher wire]\n" + section.format(ok=tmp_path / "ok", short=tmp_path / "short", none=tmp_path / "none"))
    r = subprocess.run([build / "storyd", "-n", "-c", config], capture_output=True, text=True, timeout=60)
    assert r.returncode == 78 and said in r.stderr and "storyd.conf" in r.stderr
