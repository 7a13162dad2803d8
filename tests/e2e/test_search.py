"""Searching articles: over HTTP, on the page and with storyctl; the index follows the store through kills,
deletions and damage."""
import json
import re
import sqlite3
import time
import urllib.parse

import pytest
from newsroom import LONG, Newsroom, Replay, item, lines_of, rss, storyctl
from web import Site

# One event each: nothing of one is in another.
NEWS = {
    "/ferry.xml": ("Kestrel", [
        item("https://kestrel.example/1", "Ferry Halden Star runs aground off Sorrel Islands", "k1",
             "Lifeboats from Port Ashby brought 312 people ashore before dawn. The reef is not on older charts.",
             1700000000)]),
    "/walnut.xml": ("Borough Gazette", [
        item("https://gazette.example/2", "Bakery chain recalls walnut loaves nationwide", "g2",
             "Inspectors found a mislabelled crate at the Ashby dock on Monday.", 1690000000)]),
    "/de.xml": ("Grenzbote", [
        item("https://grenzbote.example/3", "Münchner Bäckerei verschenkt Brötchen an Straßenmusiker", "d3",
             "Der Müller liefert das Mehl seit Jahren umsonst.", 1695000000)]),
    "/fr.xml": ("Le Phare", [
        item("https://phare.example/4", "Le musée prolonge l'année des céramistes à Évron", "f4",
             "La façade restaurée attire déjà les élèves.", 1696000000)]),
    "/zh.xml": ("晨報", [item("https://chenbao.example/5", "东京都知事宣布新的地震预警系统", "z5",
                            "该系统将于明年春季在东京都全域启用。", 1697000000)]),
    "/ja.xml": ("朝の便り", [item("https://tayori.example/6", "札幌市の動物園でシロクマの赤ちゃん公開", "j6",
                              "動物園は週末に限定公開すると発表した。", 1697100000)]),
    "/ko.xml": ("새벽신문", [item("https://saebyeok.example/7", "부산시장이 새로운 해양박물관을 개관했다", "o7",
                              "박물관은 첫날 무료로 입장할 수 있다.", 1697200000)]),
    "/th.xml": ("ข่าวเช้า", [item("https://khao.example/8", "กรุงเทพมหานครเปิดสะพานข้ามแม่น้ำแห่งใหม่", "t8",
                                "สะพานแห่งนี้ใช้เวลาก่อสร้างสามปี", 1697300000)]),
}


def find(site, q, **more):
    answer = site.get("/api/v1/search?" + urllib.parse.urlencode(dict(q=q, **more)))
    assert answer.status == 200, answer.body
    return answer.json()


def titles(site, q, **more):
    return [r["article"]["title"] for r in find(site, q, **more)["results"]]


def words_of(site, q, **more):
    """The first word of each title: enough to tell the articles."""
    return [t.split()[0] for t in titles(site, q, **more)]


@pytest.fixture(scope="module")
def room(build):
    with Newsroom(build) as room:
        for path, (title, items) in NEWS.items():
            room.feed(path, rss(items, title=title))
        room.start()
        room.wait_articles(len(NEWS))
        room.site = Site(room)
        room.wait(lambda: find(room.site, "the OR lang:en")["indexed"] == len(NEWS), "all to be indexed")
        yield room
        room.sound()


@pytest.fixture(scope="module")
def site(room):
    return room.site


@pytest.mark.parametrize("q, found", [
    ("ferry", ["Ferry"]), ("FERRY", ["Ferry"]), ("lifeboats dawn", ["Ferry"]), ("lifeboats walnut", []),
    ("ashby", ["Bakery", "Ferry"]), ("ash", ["Bakery", "Ferry"]), ("life dawn", []), ("dawn lifeb", ["Ferry"]),
    ('"port ashby"', ["Ferry"]), ('"ashby port"', []), ('"ashby dock"', ["Bakery"]), ('"port ash"', []),
    ("ashby -walnut", ["Ferry"]), ('ashby -"port ashby"', ["Bakery"]), ("ashby -ferry -walnut", []),
    ("source:kestrel ashby", ["Ferry"]), ("source:kestrel.example", ["Ferry"]), ("ashby -source:kestrel", ["Bakery"]),
    ('source:"borough gazette"', ["Bakery"]), ("gazette walnut", ["Bakery"]), ("312", ["Ferry"]),
    ("ashby since:2023-11-01", ["Ferry"]), ("ashby until:2023-11-01", ["Bakery"]), ("ashby until:2023-07-22", ["Bakery"]),
    ("ashby until:2023-07-21", []), ("ashby since:1d", []), ("ashby since:1690000000", ["Bakery", "Ferry"]),
    ("ashby lang:en", ["Bakery", "Ferry"]), ("ashby lang:fr", []), ("ashby category:nothing", []),
    ("Mislabelled-crate", ["Bakery"]), ("note:ashby", []),
])
def test_words_phrases_and_conditions(site, q, found):
    assert sorted(words_of(site, q)) == found


@pytest.mark.parametrize("q", [
    "Münchner", "munchner", "MÜLLER", "muller", "Mu\u0308ller", "brotchen", "straßenmusiker", "strassenmus",
    "bäckerei lang:de"])
def test_umlauts(site, q):
    assert words_of(site, q) == ["Münchner"]


@pytest.mark.parametrize("q", ["musée", "MUSEE", "année", "l'année", "evron", "facade eleves", '"restaurée attire"'])
def test_accents(site, q):
    assert words_of(site, q) == ["Le"]


@pytest.mark.parametrize("q, begin", [
    ("东京", "东京"), ("东京都", "东京"), ("地震预警", "东京"), ("预警", "东京"), ("春季", "东京"), ("东京 地震", "东京"),
    ("動物園", "札幌"), ("物園", "札幌"), ("シロクマ", "札幌"), ("限定公開", "札幌"),
    ("박물관", "부산"), ("해양", "부산"), ("해양박물", "부산"), ("부산시장", "부산"),
    ("สะพาน", "กรุง"), ("มหานคร", "กรุง"), ("แม่น้ำ", "กรุง"), ("晨報 东京", "东京")])
def test_scripts_without_blanks_are_found_by_parts(site, q, begin):
    [title] = titles(site, q)
    assert title.startswith(begin)


def test_parts_in_another_order_are_not_found(site):
    assert titles(site, "都东京") == titles(site, "园动物") == titles(site, "관박물") == []


def test_a_result_has_the_event_and_a_marked_snippet(room, site):
    [result] = find(site, "dawn lifeboats")["results"]
    assert result["event"] == room.records("events")[result["event"]["id"]] and result["matches"] == 1
    assert result["article"]["url"] == "https://kestrel.example/1"
    text = "".join(p["text"] for p in result["snippet"])
    assert text in room.records("articles")[result["article"]["id"]]["summary"]
    assert [p["text"] for p in result["snippet"] if p["match"]] == ["Lifeboats", "dawn"]
    [result] = find(site, "东京都")["results"]
    assert "东京都" in [p["text"] for p in result["snippet"] if p["match"]]


HOSTILE = ['"', '""', '"""', "'", "*", "-", "--", "- -", ":", "source:", "source:\"", "^ferry", "(ferry", "ferry)", "ferry*",
           "OR NEAR(", "NEAR(ferry star, 2)", "ferry OR", "AND", "NOT ferry", "ferry NOT", "title:ferry", "{title} : ferry",
           "body : ferry + star", "rowid:1", "article MATCH 'x'", "'; DROP TABLE article; --", "ferry\\", "%s%n", "-source:",
           "published:1", '"ferry" * "', "\u202eferry", "\U0001f600", "since:", "ferry since:\"", "-\"", "a" * 400, "\u0e33" * 100]


@pytest.mark.parametrize("q", HOSTILE)
def test_a_hostile_query_is_a_text_like_any_other(room, site, q):
    answer = site.get("/api/v1/search?" + urllib.parse.urlencode({"q": q}))
    assert answer.status in (200, 400), answer.body
    if answer.status == 400:
        assert "expected" in answer.json()["detail"]
    assert site.get("/?" + urllib.parse.urlencode({"q": q})).status in (200, 400)
    assert "search_refused" not in room.daemon.log() and "a search failed" not in room.daemon.log()
    assert words_of(site, "ferry") == ["Ferry"]


@pytest.mark.parametrize("q, told", [
    ("a" * 10000, "at most 500 bytes"), ("", "expected a word"), ("-ferry", "expected a word"), ("!!!", "expected a word"),
    ("since:soon ferry", "expected a date"), (" ".join("w%d" % i for i in range(17)), "at most 16"),
    ("ferry -category:x", "cannot be excluded")])
def test_a_query_that_cannot_be_answered_is_told_why(site, q, told):
    answer = site.get("/api/v1/search?" + urllib.parse.urlencode({"q": q}))
    assert answer.status == 400 and told in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_query_may_have_500_bytes(site):
    q = " ".join("%s%d" % ("w" * 30, i) for i in range(15)) + " ferry"
    assert 400 < len(q) <= 500 and titles(site, q) == []
    assert titles(site, "东京都知事宣布新的地震预警系统") == titles(site, "预警系统")


def test_the_page_shows_what_is_found(site):
    page = site.get("/?q=dawn+lifeboats").body.decode()
    assert page.count('<li class="event"') == 1 and "<mark>Lifeboats</mark>" in page and "before <mark>dawn</mark>" in page
    assert 'href="/api/v1/search?q=dawn%20lifeboats"' in page and "/feed.atom?q" not in page.split("<main")[1]
    assert site.get("/?q=ashby&lang=en").body.decode().count('<li class="event"') == 2
    assert site.get("/?q=ashby&lang=de").body.decode().count('<li class="event"') == 0
    assert site.get("/?q=ashby&min_sources=2").body.decode().count('<li class="event"') == 0
    assert "cannot be answered" in site.get("/?q=since:soon").body.decode()
    event = re.search(r'data-key="(\d+)"', page)[1]
    row = site.get("/rows?events=%s&q=dawn+lifeboats" % event).body.decode()
    assert "<mark>dawn</mark>" in row and "<mark>" not in site.get("/rows?events=" + event).body.decode()


def test_markup_in_an_article_stays_text(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss([item("https://a.example/1", "Heron & <b>willow</b> marsh", "1",
                                      "A heron &lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; a willow.")]))
        room.start()
        room.wait_articles(1)
        site = Site(room)
        room.wait(lambda: titles(site, "heron"), "the article")
        page = site.get("/?q=heron+willow").body.decode()
        assert "<mark>heron</mark>" in page and "<script>alert" not in page


def test_pages_of_results(build):
    """Two events of three articles each, in turns: each event once, newest matching article first."""
    with Newsroom(build) as room:
        subjects = ["Heron colony abandons flooded willow marsh", "Senator proposes copper mining royalty bill"]
        for n in range(3):
            for i, subject in enumerate(subjects):
                host = "https://s%d%d.example" % (n, i)
                room.feed("/%d%d.xml" % (n, i), rss([item(host + "/1", subject, "g", "Officials spoke of it.")],
                                                    title="Site %d%d" % (n, i)))
        room.start()
        room.wait_articles(6)
        site = Site(room)
        room.wait(lambda: len(find(site, "officials")["results"]) == 2, "both events")
        room.wait(lambda: find(site, "officials")["indexed"] == 6, "all articles")
        time.sleep(1.1)  # an answer may be a second old
        both = find(site, "officials")
        assert [r["matches"] for r in both["results"]] == [3, 3] and both["next"] is None and both["complete"]
        first = find(site, "officials", limit=1)
        second = find(site, "officials", limit=1, cursor=first["next"])
        assert first["results"] + second["results"] == both["results"] and second["next"] is None
        newest = [max(n for n, a in room.records("articles").items() if a["event"] == r["event"]["id"])
                  for r in both["results"]]
        assert newest == sorted(newest, reverse=True)


RECENT = int(time.time()) - 3600
# Of the first two, the one that came first has the word in its title; the last two differ in their dates.
RANKED = [
    item("https://a.example/1", "Lighthouse keeper retires from Gannet Rock", "1",
         "After forty winters he leaves with two dogs, a brass telescope and a trunk of weather diaries; pupils of the "
         "island school sang, and the mayor thanked him at length.", RECENT),
    item("https://b.example/1", "Council sells disused cannery buildings", "1",
         "Buyers also get the lighthouse.", RECENT),
    item("https://c.example/1", "Senator proposes copper royalty", "1", "Miners opposed the tariff.", RECENT),
    item("https://d.example/1", "Violinist cancels Lisbon concerts", "1", "Managers deplored the tariff.", RECENT - 60 * 86400),
]


@pytest.fixture(scope="module")
def ranked(build):
    with Newsroom(build) as room:
        room.start()
        for i, one in enumerate(RANKED):
            room.feed("/%d.xml" % i, rss([one], title="Paper %d" % i))
            room.reload()
            room.wait_articles(i + 1)
        site = Site(room)
        room.wait(lambda: find(site, "lighthouse OR lang:en")["indexed"] == len(RANKED), "all to be indexed")
        yield site
        room.sound()


def test_the_best_match_comes_first_by_relevance(ranked):
    assert words_of(ranked, "lighthouse") == words_of(ranked, "lighthouse", order="new") == ["Council", "Lighthouse"]
    assert words_of(ranked, "lighthouse", order="relevance") == ["Lighthouse", "Council"]
    assert words_of(ranked, "tariff", order="relevance") == ["Senator", "Violinist"]
    assert words_of(ranked, "tariff lang:en", order="relevance") == ["Senator", "Violinist"]
    assert words_of(ranked, "since:30d tarif", order="relevance") == ["Senator"]


def test_pages_by_relevance(ranked):
    both = find(ranked, "lighthouse", order="relevance")
    first = find(ranked, "lighthouse", order="relevance", limit=1)
    second = find(ranked, "lighthouse", order="relevance", limit=1, cursor=first["next"])
    assert first["results"] + second["results"] == both["results"] and second["next"] is None


@pytest.mark.parametrize("order", ["top", "rising", "updated", "best"])
def test_other_orders_are_refused(ranked, order):
    answer = ranked.get("/api/v1/search?q=lighthouse&order=" + order)
    assert answer.status == 400 and "expected new or relevance" in answer.json()["detail"]


def test_relevance_needs_words(ranked):
    answer = ranked.get("/api/v1/events?order=relevance")
    assert answer.status == 400 and "expected top, new, rising or updated" in answer.json()["detail"]
    page = ranked.get("/?order=relevance").body.decode()
    assert page.count('<li class="event"') == 3 and 'href="/" aria-current="page">Top' in page


def test_the_page_offers_both_orders_of_a_search(ranked):
    def shown(address):
        page = ranked.get(address).body.decode()
        return page, re.findall(r'<h2[^>]*><a[^>]*>(\w+)', page)
    page, found = shown("/?q=lighthouse")
    assert found == ["Council", "Lighthouse"] and 'href="/?order=relevance&amp;q=lighthouse">Best match first' in page
    page, found = shown("/?order=relevance&q=lighthouse")
    assert found == ["Lighthouse", "Council"] and 'href="/?q=lighthouse">Newest first' in page
    assert 'href="/api/v1/search?q=lighthouse&amp;order=relevance"' in page
    assert 'href="/?order=rising">Rising' in page and 'aria-current="page"' not in page
    assert shown("/?order=rising&q=lighthouse")[1] == ["Council", "Lighthouse"]


def test_storyctl_searches_by_relevance(ranked, build):
    def found(*options):
        return [r["article"]["title"].split()[0] for r in lines_of(
            storyctl(build, "search", "--json", "--db", ranked.room.store, *options, "lighthouse"))]
    assert found() == found("--order", "new") == ["Council", "Lighthouse"]
    assert found("--order", "relevance") == ["Lighthouse", "Council"]
    wrong = storyctl(build, "search", "--db", ranked.room.store, "--order", "best", "lighthouse")
    assert wrong.returncode == 2 and "expected new or relevance" in wrong.stderr


@pytest.mark.parametrize("query, of, field", [
    ("", "updated", lambda e: e["updated"]), ("order=new", "first seen", lambda e: e["first_seen"]), ("order=updated", "updated", lambda e: e["updated"]),
    ("q=lighthouse", "newest match", None), ("q=lighthouse&order=relevance", "best match", None)])
def test_the_age_of_a_row_is_that_of_its_order(ranked, query, of, field):
    page = ranked.get("/?" + query).body.decode()
    rows = re.findall(r'data-key="(\d+)".*?class="unseen">([a-z ]+)</span> <time[^>]*datetime="([^"]+)"', page, re.S)
    events = ranked.room.records("events")
    assert {r[1] for r in rows} == {of}
    for event, _, at in rows if field else []:
        assert at == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(field(events[int(event)])))
    if "relevance" in query:
        assert {r[2] for r in rows} == {time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(RECENT))}


def test_storyctl(room, build):
    done = storyctl(build, "search", "--db", room.store, "dawn", "lifeboats")
    assert (done.returncode, done.stderr) == (0, "") and "Ferry Halden Star" in done.stdout and "Lifeboats from" in done.stdout
    [result] = lines_of(storyctl(build, "search", "--json", "--db", room.store, '"port ashby"'))
    assert result["article"]["title"].startswith("Ferry")
    [other] = lines_of(storyctl(build, "search", "--json", "--limit", 1, "--db", room.store, "--", "-walnut ashby"))
    assert other["article"] == result["article"]
    assert storyctl(build, "search", "--db", room.store, "nothinglikeit").stdout == "no events found\n"
    wrong = storyctl(build, "search", "--db", room.store, "since:soon", "ferry")
    assert wrong.returncode == 1 and "expected a date" in wrong.stderr
    assert storyctl(build, "search", "--db", room.store).returncode == 2


# ---- the index and the store --------------------------------------------------------------------

def start(room):
    since = len(room.daemon.lines)
    room.start()
    room.site = Site(room, since)
    return since


def wait_found(room, q, n=1):
    room.wait(lambda: len(find(room.site, q)["results"]) == n, "%d results for %s" % (n, q))


@pytest.fixture
def small(build):
    with Newsroom(build) as room:
        room.feed("/ferry.xml", rss(NEWS["/ferry.xml"][1], title="Kestrel"))
        room.feed("/walnut.xml", rss(NEWS["/walnut.xml"][1], title="Gazette"))
        start(room)
        room.wait_articles(2)
        wait_found(room, "ashby", 2)
        yield room
        room.sound()


def test_a_restart_goes_on_with_the_index(small):
    assert small.daemon.stop() == 0
    since = start(small)
    assert len(titles(small.site, "ashby")) == 2
    assert "made anew" not in "\n".join(small.daemon.lines[since:])


def test_a_kill_between_commit_and_index_loses_nothing(small, build):
    """The index as it was before the last articles were committed, and a store that is ahead of it."""
    assert small.daemon.stop() == 0
    old = {p.name: p.read_bytes() for p in small.store.glob("search.db*")}
    start(small)
    small.feed("/de.xml", rss(NEWS["/de.xml"][1], title="Grenzbote"))
    small.web.set("/ferry.xml", rss([item("https://kestrel.example/1", "Ferry Halden Star runs aground off Sorrel Islands",
                                          "k1", "A stoker named Quellwyn is questioned.")], title="Kestrel"))
    small.reload()
    wait_found(small, "brotchen")
    wait_found(small, "quellwyn")
    small.daemon.kill()
    for p in small.store.glob("search.db*"):
        p.unlink()
    for name, body in old.items():
        (small.store / name).write_bytes(body)
    since = start(small)
    wait_found(small, "brotchen")
    wait_found(small, "quellwyn")
    assert titles(small.site, "lifeboats") == []
    assert "made anew" not in "\n".join(small.daemon.lines[since:])


@pytest.mark.parametrize("harm", ["deleted", "garbage", "truncated", "zeroed", "other format", "other store", "emptied"])
def test_it_is_made_anew_when(small, harm):
    assert small.daemon.stop() == 0
    path = small.store / "search.db"
    if harm == "deleted":
        path.unlink()
    elif harm == "garbage":
        path.write_bytes(b"not a database at all" * 1000)
    elif harm == "truncated":
        path.write_bytes(path.read_bytes()[:5000])
    elif harm == "zeroed":
        body = path.read_bytes()
        path.write_bytes(body[:4096] + bytes(len(body) - 4096))
    elif harm == "emptied":
        path.write_bytes(b"")
    else:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 999" if harm == "other format" else
                       "UPDATE about SET value = value + 1 WHERE name = 1")
        db.close()
    since = start(small)
    small.daemon.wait_log("the search index is made anew", LONG, since=since)
    small.daemon.wait_log("the search index is complete articles=2", LONG, since=since)
    wait_found(small, "ashby", 2)
    assert find(small.site, "ashby")["complete"]


def test_damage_that_a_search_finds(small):
    """Pages of the index behind its first ones, which an opening does not read."""
    assert small.daemon.stop() == 0
    with sqlite3.connect(small.store / "search.db") as db:
        db.execute("UPDATE article_data SET block = x'00ff00ff00ff' WHERE id > 10")
    db.close()
    since = start(small)
    small.site.get("/api/v1/search?q=ashby")
    small.daemon.wait_log("the search index is made anew", LONG, since=since)
    wait_found(small, "ashby", 2)


def test_a_forgotten_text_is_not_found(small, build):
    [result] = find(small.site, "lifeboats")["results"]
    done = storyctl(build, "forget", "--db", small.store, result["article"]["id"])
    assert done.returncode == 0, done.stderr
    assert titles(small.site, "lifeboats") == [] and len(titles(small.site, "halden")) == 1


def test_retention_deletes_from_the_index(build):
    """Articles of 2023 that a storyd of today deletes; a kill just before the index follows."""
    with Newsroom(build) as room:
        Replay(build, room.daemon.dir).add(("kestrel", rss(NEWS["/ferry.xml"][1], title="Kestrel")))
        start(room)
        wait_found(room, "lifeboats")
        room.daemon.stop()
        before = {p.name: p.read_bytes() for p in room.store.glob("search.db*")}
        room.configure(keep="keep_changes = forever")
        start(room)
        room.daemon.wait_log("old records deleted", LONG)
        room.wait(lambda: not room.records("articles"), "no articles")
        room.wait(lambda: find(room.site, "lifeboats")["indexed"] == 0, "an empty index")
        room.daemon.stop()
        for name, body in before.items():
            (room.store / name).write_bytes(body)
        with sqlite3.connect(room.store / "search.db") as db:  # as of the last change before the deletion
            assert db.execute("SELECT count(*) FROM article").fetchone() == (1,)
        db.close()
        since = start(room)
        room.wait(lambda: find(room.site, "lifeboats")["indexed"] == 0, "an empty index again")
        assert "made anew" not in "\n".join(room.daemon.lines[since:])
        assert titles(room.site, "lifeboats") == []


def test_without_an_index(build):
    with Newsroom(build, rest="[search]\nindex = no") as room:
        room.feed("/ferry.xml", rss([item("https://kestrel.example/1", "Ferry Halden Star runs aground")], title="Kestrel"))
        room.start()
        room.wait_articles(1)
        site = Site(room)
        answer = site.get("/api/v1/search?q=ferry")
        assert answer.status == 503 and "index = yes in [search]" in answer.json()["detail"]
        assert "Halden Star" in site.get("/?q=halden").body.decode()
        assert "Halden Star" not in site.get("/?q=nothinglikeit").body.decode()
        assert not list(room.store.glob("search.db*"))


def test_the_status_page_tells_of_the_index(site):
    page = site.get("/machine").body.decode()
    assert "<dt>Index</dt><dd>complete" in page and re.search(r"Articles indexed</dt><dd>%d<" % len(NEWS), page)
    assert json.loads(site.get("/api/v1/search?q=ferry").body)["complete"]
