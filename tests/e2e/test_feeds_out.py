"""Merged stories as feeds: any reader can subscribe to a list with its filters, storyd itself among them."""
import html
import json
import re
import subprocess
import time
import urllib.parse

import feedparser
import jsonschema
import pytest
from newsroom import LONG, Newsroom, Store, articles, item, rss, storyctl
from web import Site

FERRY = {
    "Ferry sinks off Marlow island, four killed":
        "A ferry with 212 people aboard sank off Marlow island on Sunday night. Four people were killed in the sinking, "
        "the coast guard said. The captain, Tamsin Orrell, turned back after water came in through the bow door. "
        "Divers will search the car deck again on Monday. The line was fined twice last year because of rusty doors. "
        "Analysts say the sinking could mean the end of night ferries in the strait.",
    "Six killed as ferry sinks near Marlow island":
        "Six people were killed in the sinking of a ferry off Marlow island on Sunday, police said. Fishing boats took "
        "206 people from the water. Captain Tamsin Orrell was among those saved. The transport minister ordered an "
        "inquiry into bow doors. Experts warn it signals that older ships may have to stay in port."}
HOSTILE = "Mayor's </title> <script>alert(1)</script> ]]> & \"quoted\" plan for harbour"


@pytest.fixture(scope="module")
def room(build):
    now = int(time.time())
    with Newsroom(build) as room:
        for i in range(3):
            room.feed("/q%d.xml" % i, rss([item(
                "https://paper%d.example/q?a=1&b=2" % i, "Velmora earthquake leaves sixty seven dead in coastal province",
                text="The quake struck at night. <b>Bold</b> words &amp; more.", date=now - 60 * i,
                more="<category>World &amp; News</category><category>Earthquakes</category>")]))
        for i, (title, text) in enumerate(FERRY.items()):
            room.feed("/f%d.xml" % i, rss([item("https://post%d.example/ferry?a=1&b=2" % i, title, text=text,
                                                date=now - 60 * i)]))
        room.feed("/rest.xml", rss(articles(8) + [item("https://paper.example/h", HOSTILE, date=now)]))
        room.start()
        room.wait_articles(14)
        yield room


@pytest.fixture(scope="module")
def site(room):
    return Site(room)


def own(build, tmp_path, body):
    """What storyd itself reads in the document."""
    path = tmp_path / "feed"
    path.write_bytes(body)
    result = storyctl(build, "parse", path)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["entries"]


def name_of(room, number):
    """The id of an event: of the store, since the server has no name."""
    with Store(room.store) as store, store.env.begin() as txn:
        installation = int(txn.get(b"installation", db=store.env.open_db(b"meta", txn, create=False)))
    return "tag:localhost,2026:%014x/event/%d" % (installation, number)


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def test_atom_is_what_readers_understand(room, site):
    answer = site.get("/feed.atom?limit=200")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.body)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10" and feed.feed.title and feed.feed.author == "storyd"
    events = room.events()
    assert {e.id for e in feed.entries} == {name_of(room, n) for n in events}
    for entry in feed.entries:
        event = events[int(entry.id.rsplit("/")[-1])]
        assert entry.link == "http://127.0.0.1:%d/event/%d" % (site.port, event["id"])
        assert entry.updated == stamp(event["updated"]) and entry.published == stamp(event["first_seen"])
        assert event["url"] in [link.href for link in entry.links if link.rel == "related"]
        assert [t.term for t in entry.get("tags", [])] == event["categories"] and len(event["categories"]) <= 2
        assert all(s["name"] in entry.content[0].value for s in event["sources"])
    assert max(e.updated for e in feed.entries) == feed.feed.updated


def test_json_feed(room, site):
    answer = site.get("/feed.json?limit=200")
    assert answer.headers["Content-Type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["feed_url"].endswith("/feed.json?limit=200")
    events = room.events()
    assert {i["id"] for i in feed["items"]} == {name_of(room, n) for n in events}
    for entry in feed["items"]:
        event = events[int(entry["id"].rsplit("/")[-1])]
        assert entry["title"] == event["title"] and entry["external_url"] == event["url"]
        assert entry["date_modified"] == stamp(event["updated"])


def texts(event):
    """What the event says."""
    said = [s["text"] for part in ("summary", "details", "meaning") for s in event[part]]
    for dispute in event["disputed"]:
        said += [dispute["what"]] + [v["value"] for v in dispute["values"]]
    return said


def test_they_tell_what_an_event_says_with_links(room, site):
    event = next(e for e in room.events().values() if "erry" in e["title"])
    assert all(event[part] for part in ("summary", "details", "meaning", "disputed")), event
    name = name_of(room, event["id"])
    atom = feedparser.parse(site.get("/feed.atom?limit=200").body).entries
    told = [next(e.content[0].value for e in atom if e.id == name),
            next(i["content_html"] for i in site.get("/feed.json?limit=200").json()["items"] if i["id"] == name),
            site.get("/api/v1/events/%d/ninjs" % event["id"]).json()["bodies"][0]["value"]]
    for content in told:
        plain = html.unescape(re.sub("<[^>]*>", "", content))
        assert [t for t in texts(event) if t not in plain] == []
        assert all(s["url"] in html.unescape(content) for s in event["details"])


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
def test_storyd_reads_what_it_writes(build, room, site, tmp_path, path):
    items = own(build, tmp_path, site.get(path + "?limit=200").body)
    assert {i["id"] for i in items} == {name_of(room, n) for n in room.events()}
    assert {i["title"] for i in items} == {e["title"] for e in room.events().values()}


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json", "/feed.ninjs"])
def test_each_filter_is_a_feed_of_its_own(site, path):
    def titles(query):
        body = site.get(path + query).body
        if path == "/feed.ninjs":
            return [a["title"].split()[0] for a in json.loads(body)["associations"]]
        if path == "/feed.json":
            return [i["title"].split()[0] for i in json.loads(body)["items"]]
        return [e.title.split()[0] for e in feedparser.parse(body).entries]
    assert titles("?min_sources=3") == ["Velmora"]
    both = titles("?category=health,disaster,+accident+and+emergency+incident&min_sources=2")
    assert sorted(both) == ["Ferry", "Velmora"]  # which was updated last depends on whose feed came last
    assert titles("?category=world+%26+news") == []
    assert titles("?source=nobody.example") == []
    assert len(titles("?since=1h&q=&lang=&limit=200")) == len(titles("?limit=200")) == 11


def test_pages_follow_each_other(room, site):
    seen, path = [], "/feed.atom?limit=4"
    while path:
        feed = feedparser.parse(site.get(path).body)
        seen += [e.id for e in feed.entries]
        path = next((link.href.split(str(site.port), 1)[1] for link in feed.feed.links if link.rel == "next"), None)
    assert sorted(seen) == sorted(name_of(room, n) for n in room.events())


def test_a_reader_that_asks_again_learns_that_nothing_changed(site):
    for path in "/feed.atom?min_sources=3", "/feed.json?min_sources=3", "/feed.ninjs?min_sources=3":
        first = site.get(path)
        assert site.get(path, If_None_Match=first.headers["ETag"]).status == 304


def test_a_wrong_filter_is_told(site):
    assert site.get("/feed.atom?min_sources=many").status == 400


def test_hostile_texts_stay_texts(site):
    body = site.get("/feed.atom?q=mayor").body
    assert b"<script" not in body
    entry = feedparser.parse(body).entries[0]
    assert entry.title == 'Mayor\'s ]]> & "quoted" plan for harbour' and "<script" not in entry.content[0].value


def closed(properties, required=()):
    return {"type": "object", "properties": {n: p if isinstance(p, dict) else NINJS[p] for n, p in properties.items()},
            "required": list(required), "additionalProperties": False}


# What ninjs 3.0 requires, for the properties that storyd writes; others may not appear.
NINJS = {"text": {"type": "string", "minLength": 1}, "uri": {"type": "string", "pattern": r"^[a-z]+:[^\s]+$"},
         "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}}
VALUES = {"type": "array", "items": closed({"role": "text", "contentType": "text", "value": "text"}, ["value"])}
NAMES = {"type": "array", "items": closed({"name": "text", "uri": "uri", "literal": "text"})}
NINJS_ITEM = closed({
    "uri": "uri", "name": "text", "standard": closed({"name": "text", "version": "text", "schema": "uri"}),
    "type": {"enum": ["text", "composite"]}, "representationType": {"enum": ["full", "partial"]}, "version": "text",
    "firstCreated": "time", "versionCreated": "time", "contentCreated": "time", "pubStatus": {"enum": ["usable"]},
    "language": "text", "title": "text", "headlines": VALUES, "descriptions": VALUES, "bodies": VALUES, "subjects": NAMES,
    "infoSources": NAMES, "associations": {"type": "array", "items": {"allOf": [{"$ref": "#"}, {"required": ["name"]}]}}}, ["uri"])


@pytest.mark.parametrize("path", ["/api/v1/events/1/ninjs", "/feed.ninjs", "/feed.ninjs?limit=2&min_sources=2"])
def test_ninjs_is_what_the_standard_says(site, path):
    item = site.get(path).json()
    jsonschema.Draft202012Validator(NINJS_ITEM).validate(item)
    assert item["associations"] and item["type"] == "composite"


def test_an_event_as_ninjs(room, site):
    event = next(e for e in room.events().values() if e["source_count"] == 3)
    item = site.get("/api/v1/events/%d/ninjs" % event["id"]).json()
    assert item["uri"] == name_of(room, event["id"])
    assert item["standard"] == {"name": "ninjs", "version": "3.0",
                                "schema": "https://www.iptc.org/std/ninjs/ninjs-schema_3.0.json"}
    assert item["headlines"][0]["value"] == event["title"]
    assert item["versionCreated"] == stamp(event["updated"])
    assert [s["name"] for s in item["infoSources"]] == [s["name"] for s in event["sources"]]
    assert item["descriptions"][0]["value"] == "\n".join(s["text"] for s in event["summary"])
    assert event["categories"][0] == "disaster, accident and emergency incident"
    assert [s["name"] for s in item["subjects"]] == event["categories"]
    assert item["subjects"][0]["uri"] == "http://cv.iptc.org/newscodes/mediatopic/03000000"
    assert len(item["associations"]) == 3 and all(a["name"] and a["uri"] for a in item["associations"])
    assert site.get("/api/v1/events/4711/ninjs").status == 404


# ---- the feed of one event -----------------------------------------------------------------------

def feed_of(site, path):
    """Both forms of a feed say the same: (title, [(id, title, link, author, updated)])."""
    feed = feedparser.parse(site.get(path + "/feed.atom").body)
    assert not feed.bozo and feed.version == "atom10", feed.get("bozo_exception")
    found = [(e.id, e.title, e.link, e.get("author") if "author" in e else None, e.updated) for e in feed.entries]
    same = site.get(path + "/feed.json").json()
    assert [(i["id"], i["title"], i["url"], i.get("authors", [{"name": None}])[0]["name"], i["date_modified"])
            for i in same["items"]] == found
    assert same["title"] == feed.feed.title and same["home_page_url"] == feed.feed.link
    return feed.feed.title, found


def decide(room, *args):
    result = storyctl(room.build, *args, "--who", "Ada", "--db", room.store)
    assert result.returncode == 0, result.stderr


def test_an_event_is_followed_by_its_feed(build):
    """Its articles and merges, the newest first; the feed of an event that was merged leads to the other's."""
    with Newsroom(build) as room:
        for i in range(3):
            room.feed("/q%d.xml" % i, rss([item("https://paper%d.example/q" % i, "Velmora earthquake leaves sixty dead",
                                                text="The quake <b>struck</b> at night &amp; noon. " + "word " * 60)]))
        site = Site(room.start())
        room.wait_articles(3)
        event = next(iter(room.events().values()))
        title, entries = feed_of(site, "/event/%d" % event["id"])
        articles_ = room.records("articles")
        assert title == event["title"] and [e[0] for e in entries] == [
            name_of(room, n).replace("event/", "article/") for n in sorted(articles_, reverse=True)]
        assert {(e[1], e[2], e[3]) for e in entries} == {
            (a["title"], a["url"], a["source"]["name"]) for a in articles_.values()}
        content = site.get("/event/%d/feed.json" % event["id"]).json()["items"][0]["content_html"]
        assert content.startswith("The quake struck at night &amp; noon.") and content.endswith("word …")
        room.feed("/other.xml", rss([item("https://other.example/1", "Violinist cancels Lisbon <concerts>")]))
        room.reload()
        room.wait_articles(4)
        other = next(n for n in room.events() if n != event["id"])
        decide(room, "merge", other, event["id"])
        room.wait(lambda: other not in room.events(), "the merge")
        newest = feed_of(site, "/event/%d" % event["id"])[1][0]
        assert newest[0].startswith(name_of(room, 0).replace("event/0", "change/")) and newest[2].endswith("/event/%d" % other)
        assert newest[1] == "Absorbed event %d: Violinist cancels Lisbon <concerts>" % other and newest[3] is None
        for form in "atom", "json":
            answer = site.get("/event/%d/feed.%s" % (other, form))
            assert answer.status == 307
            assert answer.headers["Location"] == "/event/%d/feed.%s" % (event["id"], form)
        page = site.get("/event/%d" % event["id"]).body.decode()
        for kind, form in ("atom+xml", "atom"), ("feed+json", "json"):
            address = "/event/%d/feed.%s" % (event["id"], form)
            assert '<link rel="alternate" type="application/%s" title="This event" href="%s">' % (kind, address) in page
            assert '<a href="%s">' % address in page.split("<main")[1]
        first = site.get("/event/%d/feed.atom" % event["id"])
        assert site.get("/event/%d/feed.atom" % event["id"], If_None_Match=first.headers["ETag"]).status == 304
        assert site.get("/event/4711/feed.atom").status == 404
        assert site.get("/event/%d/feed.json?x=1" % event["id"]).status == 400


def test_the_feed_of_a_large_event_ends(build, tmp_path):
    with Newsroom(build) as room:
        room.aggregator("/many.xml", rss([item("https://paper%d.example/q" % i, "Velmora earthquake leaves sixty dead",
                                               guid="q%d" % i, more='<source url="https://paper%d.example/rss">Paper %d'
                                               '</source>' % (i, i)) for i in range(60)]))
        site = Site(room.start())
        room.wait_articles(60)
        event = max(room.events().values(), key=lambda e: e["article_count"])
        assert event["article_count"] > 50
        entries = feed_of(site, "/event/%d" % event["id"])[1]
        newest = sorted((a["id"] for a in room.records("articles").values() if a["event"] == event["id"]), reverse=True)
        assert [e[0] for e in entries] == [name_of(room, n).replace("event/", "article/") for n in newest[:50]]


def test_hostile_texts_stay_texts_in_the_feed_of_an_event(room, site):
    number = next(n for n, e in room.events().items() if "Mayor" in e["title"])
    title, entries = feed_of(site, "/event/%d" % number)
    assert title == entries[0][1] == 'Mayor\'s ]]> & "quoted" plan for harbour'
    assert b"<script" not in site.get("/event/%d/feed.atom" % number).body


def links(answer):
    """The addresses of the header Link by their relations."""
    found = {}
    for header in answer.headers.get_all("Link") or []:
        address, rel = re.fullmatch(r'<([^>]*)>; rel="(\w+)"', header).groups()
        found.setdefault(rel, []).append(address)
    return found


def test_a_list_as_ninjs_is_a_package_of_events(room, site):
    """Page by page, each twice: the second answer is one that was kept."""
    found, path = [], "/feed.ninjs?limit=4"
    while path:
        answer = site.get(path)
        again = site.get(path)
        assert again.body == answer.body and links(again) == links(answer)
        package = answer.json()
        assert (package["type"], package["uri"]) == ("composite", name_of(room, 0).replace("event/0", "events?limit=4"))
        assert package["title"] and package["versionCreated"] == max(a["versionCreated"] for a in package["associations"])
        found += package["associations"]
        assert [urllib.parse.urlsplit(a)[2] for a in links(answer)["self"]] == ["/feed.ninjs"]
        following = links(answer).get("next")
        path = following and following[0].split(str(site.port), 1)[1]
    events = room.events()
    assert sorted(a["uri"] for a in found) == sorted(name_of(room, n) for n in events)
    for item in found:
        event = events[int(item["uri"].rsplit("/")[-1])]
        one = site.get("/api/v1/events/%d/ninjs" % event["id"]).json()
        assert item["name"] == event["title"]
        assert {k: v for k, v in item.items() if k not in ("name", "associations")} == \
            {k: v for k, v in one.items() if k != "associations"}
        assert [(a["uri"], a["name"]) for a in item["associations"]] == [(s["url"], s["name"]) for s in event["sources"]]


# ---- hubs ----------------------------------------------------------------------------------------

BASE = "https://desk.example/news"
TOPICS = [BASE + path for path in ("/feed.atom", "/feed.json", "/feed.ninjs")]


def forms(room, path):
    return [urllib.parse.parse_qs(r.body.decode()) for r in room.web.requests(path) if r.method == "POST"]


def test_hubs_are_told_that_feeds_have_changed(build):
    with Newsroom(build) as room:
        room.configure(http="hosts = desk.example\nbase_url = %s/" % BASE,
                       rest="[websub]\nhubs = %s, %s\n" % (room.url("/hub"), room.url("/broken")))
        room.web.set("/hub", status=204)
        room.web.set("/broken", status=500)
        room.feed("/a.xml", rss(articles(2)))
        site = Site(room.start())
        room.wait_articles(2)
        room.wait(lambda: len(forms(room, "/hub")) >= 3, "the hub to be told")
        told = forms(room, "/hub")
        assert sorted(f["hub.url"][0] for f in told) == TOPICS, "once a minute"
        assert all(f["hub.mode"] == ["publish"] for f in told)
        room.daemon.wait_log("warning .*a hub cannot be told .*topic=%s .*error=\"HTTP 500\"" % TOPICS[0], LONG)
        hubs = [room.url("/hub"), room.url("/broken")]
        atom = feedparser.parse(site.get("/feed.atom").body).feed.links
        assert [x.href for x in atom if x.rel == "hub"] == hubs and [x.href for x in atom if x.rel == "self"] == TOPICS[:1]
        plain = site.get("/feed.json").json()
        assert plain["hubs"] == [{"type": "WebSub", "url": h} for h in hubs] and plain["feed_url"] == TOPICS[1]
        assert links(site.get("/feed.ninjs")) == {"hub": hubs, "self": TOPICS[2:]}
        assert "hubs" not in site.get("/feed.json?min_sources=1").json(), "it is not announced"
        assert b'rel="hub"' not in site.get("/feed.atom?limit=5").body


def test_hubs_are_told_after_a_reload_and_only_those_that_may_be_reached(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(1)))
        site = Site(room.start())
        room.wait_articles(1)
        room.configure(poll="allow_addresses =", http="base_url = " + BASE,
                       rest="[websub]\nhubs = %s\n" % room.url("/hub"))
        room.reload()
        tag = json.dumps({"kind": "tag", "event": 1, "tag": "herons", "who": "Ilsa"})
        assert site.ask("POST", "/api/v1/decisions", tag, unix=True).status == 201
        room.daemon.wait_log("a hub cannot be told .*address", LONG)
        assert not room.web.requests("/hub")


@pytest.mark.parametrize("hubs, base, said", [
    ("ftp://hub.example/", BASE, "expected http://HOST/"), ("https://hub.example/", "", "requires base_url")])
def test_wrong_hubs_are_told_at_the_start(build, tmp_path, hubs, base, said):
    config = tmp_path / "storyd.conf"
    config.write_text("[http]\nbase_url = %s\n[websub]\nhubs = %s\n" % (base, hubs))
    r = subprocess.run([build / "storyd", "-n", "-c", config], capture_output=True, text=True, timeout=60)
    assert r.returncode == 78 and said in r.stderr and "storyd.conf:4" in r.stderr


@pytest.mark.parametrize("options, name, page", [
    ("hosts = news.example.org, other.example", "tag:news.example.org,2026:event/1", "https://news.example.org/event/1"),
    ("hosts = news.example.org\nbase_url = https://desk.example/", "tag:desk.example,2026:event/1", "https://desk.example/event/1"),
    ("hosts = news.example.org\nbase_url = http://desk.example:8080/a/b", "tag:desk.example,2026:8080/a/b/event/1",
     "http://desk.example:8080/a/b/event/1")])
def test_ids_and_addresses_are_those_of_the_server(build, options, name, page):
    with Newsroom(build, http=options) as room:
        room.feed("/a.xml", rss(articles(1)))
        site = Site(room.start())
        room.wait_articles(1)
        feed = site.get("/feed.json", Host="news.example.org", X_Forwarded_Proto="https").json()
        assert feed["items"][0]["id"] == name and feed["items"][0]["url"] == page
        atom = feedparser.parse(site.get("/feed.atom", Host="news.example.org").body)
        assert atom.entries[0].id == feed["items"][0]["id"] and atom.feed.id == atom.entries[0].id.replace("event/1", "events")


def test_two_stores_have_different_ids_and_each_keeps_its_own(build):
    ids = []
    for _ in range(2):
        with Newsroom(build) as room:
            room.feed("/a.xml", rss(articles(1)))
            site = Site(room.start())
            room.wait_articles(1)
            ids.append(site.get("/feed.json").json()["items"][0]["id"])
            room.daemon.kill()
            since = len(room.daemon.lines)
            room.start()
            assert Site(room, since).get("/feed.json").json()["items"][0]["id"] == ids[-1]
            room.daemon.stop()
            room.sound()
    assert ids[0] != ids[1]
