"""Feed readers read events by the Google Reader API, as FreshRSS documents it, and share what was read
with the page."""
import json
import re
import shutil
import subprocess
import urllib.parse
import xml.etree.ElementTree as ET

import pytest
from newsroom import SUBJECTS, Newsroom, item, rss
from test_me import READ, WRITE, Reader, tokens
from web import Site

ITEM = "tag:google.com,2005:reader/item/"
STATE, LABEL = "user/-/state/com.google/", "user/-/label/"
LIST, SEEN, STARRED = STATE + "reading-list", STATE + "read", STATE + "starred"
TOPICS = ["Sport"] * 3 + ["Health"] * 2 + [None]


class Client:
    """As a feed reader asks."""

    def __init__(self, site, name="anna", password=READ):
        self.site = site
        answer = self.post("/accounts/ClientLogin", login=False, Email=name, Passwd=password, service="reader")
        assert answer.status == 200, answer.body
        self.auth = re.search(r"^Auth=(.+)$", answer.body.decode(), re.M)[1]
        self.token = self.get("token").body.decode()

    def headers(self, login):
        return {"Authorization": "GoogleLogin auth=" + self.auth} if login else {}

    def get(self, path, login=True, **query):
        path += "?" + urllib.parse.urlencode(query, doseq=True) if query else ""
        return self.site.get(path if path.startswith("/") else "/reader/api/0/" + path, **self.headers(login))

    def post(self, path, login=True, **form):
        path = path if path.startswith("/") else "/reader/api/0/" + path
        return self.site.ask("POST", path, urllib.parse.urlencode(form, doseq=True),
                             Content_Type="application/x-www-form-urlencoded", **self.headers(login))

    def ids(self, stream=LIST, **query):
        answer = self.get("stream/items/ids", s=stream, output="json", **query)
        assert answer.status == 200, answer.body
        return [int(i["id"]) for i in answer.json()["itemRefs"]]

    def edit(self, *items, **form):
        answer = self.post("edit-tag", i=items, T=self.token, **form)
        assert (answer.status, answer.body) == (200, b"OK"), answer.body

    def mark(self, **form):
        answer = self.post("mark-all-as-read", T=self.token, **form)
        assert (answer.status, answer.body) == (200, b"OK"), answer.body

    def unread(self):
        """{stream: count} of those that have some"""
        answer = self.get("unread-count", output="json").json()
        return {c["id"]: c["count"] for c in answer["unreadcounts"] if c["count"]}


@pytest.fixture
def room(build, tmp_path):
    with Newsroom(build, http=tokens(tmp_path)) as room:
        room.feed("/a.xml", rss([item("https://paper.example/%d" % i, SUBJECTS[i], text=SUBJECTS[i],
                                      more="<category>%s</category>" % topic if topic else "")
                                 for i, topic in enumerate(TOPICS)], "A <feed>"))
        room.start()
        room.wait_articles(len(TOPICS))
        yield room


@pytest.fixture
def site(room):
    return Site(room)


@pytest.fixture
def client(site):
    return Client(site)


def of_topic(room, name):
    return {n for n, e in room.events().items() if e["categories"][:1] == ([name] if name else [])}


# ---- signing in ----------------------------------------------------------------------------------

def test_the_password_is_a_token_and_the_email_a_name(site):
    login = lambda **form: site.ask("POST", "/accounts/ClientLogin", urllib.parse.urlencode(form))
    for password in READ, WRITE:
        answer = login(Email="anna", Passwd=password)
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain")
        lines = dict(line.split("=", 1) for line in answer.body.decode().splitlines())
        assert set(lines) == {"SID", "LSID", "Auth"} and lines["SID"] == lines["Auth"]
    assert set(login(Email="anna", Passwd=READ, output="json").json()) == {"SID", "LSID", "Auth"}
    for wrong in ({"Passwd": READ + "x"}, {"Passwd": ""}, {}, {"Passwd": READ, "Email": ""}, {"Passwd": READ, "Email": "a,b"},
                  {"Passwd": READ, "Email": "a" * 201}):
        answer = login(**{"Email": "anna", **wrong})
        assert answer.status == 401 and answer.body.startswith(b"Error=BadAuthentication"), wrong
    assert site.ask("POST", "/accounts/ClientLogin", "Email=a&Passwd=%FF").status == 401


def test_any_name_signs_in(site):
    for name in "Žofie Nová", "anna@paper.example", "a/b=c&d":
        client = Client(site, name)
        assert client.get("user-info").json()["userName"] == name
        assert "\n" not in client.auth and " " not in client.auth


def test_a_wrong_password_is_logged(room, site):
    site.ask("POST", "/accounts/ClientLogin", "Email=anna&Passwd=guess")
    line = room.daemon.wait_log("access_denied")
    assert "/accounts/ClientLogin" in line and "guess" not in line


def test_each_request_needs_the_login(client, site):
    for path in "token", "user-info", "tag/list", "subscription/list", "unread-count", "stream/items/ids", "stream/contents/" + LIST, "/reader/atom/feed/1":
        assert client.get(path).status == 200, path
        assert client.get(path, login=False).status == 401, path
    for path in "edit-tag", "mark-all-as-read", "stream/items/contents":
        assert client.post(path, login=False, s=LIST, a=SEEN, i="1").status == 401, path
    # a token that came otherwise is none of a feed reader; nor is a wrong one
    assert site.get("/reader/api/0/user-info", Authorization="Bearer " + READ).status == 401
    for auth in "anna/" + READ + "x", "anna", "/" + READ, "an,na/" + READ:
        assert site.get("/reader/api/0/user-info", Authorization="GoogleLogin auth=" + auth).status == 401, auth


def test_without_tokens_nobody_signs_in(build):
    with Newsroom(build) as room:
        room.start()
        site = Site(room)
        assert site.ask("POST", "/accounts/ClientLogin", "Email=anna&Passwd=").status == 401
        assert site.get("/reader/api/0/unread-count", Authorization="GoogleLogin auth=anna/").status == 401


def test_a_form_carries_its_token(client):
    form = dict(i="1", a=SEEN)
    assert len(client.token) == 57
    assert client.post("edit-tag", T="nonsense", **form).status == 401
    assert client.post("mark-all-as-read", s=LIST, T=client.token[:-1] + "g").status == 401
    assert client.ids(xt=SEEN) == client.ids()
    for token in "", "x", client.token:  # FeedMe, Reeder, others
        assert client.post("edit-tag", T=token, **form).body == b"OK"
    assert client.post("edit-tag", **form).body == b"OK"
    assert Client(client.site, "bob").token != client.token


# ---- feeds, labels, items ------------------------------------------------------------------------

def test_categories_are_feeds_and_labels(room, client):
    feeds = client.get("subscription/list", output="json").json()["subscriptions"]
    assert len(feeds) == 18 and len({f["id"] for f in feeds}) == 18
    sport = next(f for f in feeds if f["title"] == "sport")
    assert sport["categories"] == [{"id": LABEL + "sport", "label": "sport"}]
    assert client.get(urllib.parse.urlparse(sport["url"]).path + "?category=sport").status == 200
    tags = [t["id"] for t in client.get("tag/list", output="json").json()["tags"]]
    assert tags == [STARRED] + [LABEL + f["title"] for f in feeds]
    for f in feeds:
        name = f["title"] if f["title"] != "other" else None
        assert set(client.ids(f["id"])) == of_topic(room, name)
        assert set(client.ids(LABEL + f["title"])) == {
            n for n, e in room.events().items() if name in e["categories"] or (not name and not e["categories"])}
    assert any(len(e["categories"]) > 1 for e in room.events().values())
    assert set(client.ids()) == set(room.events()) and of_topic(room, "sport") and of_topic(room, "health")


def test_an_item_is_an_event(room, client):
    answer = client.get("stream/contents/" + LIST, n=50, output="json").json()
    assert [i["id"] for i in answer["items"]] == [ITEM + "%016x" % n for n in sorted(room.events(), reverse=True)]
    assert "continuation" not in answer
    for found, (number, event) in zip(answer["items"], sorted(room.events().items(), reverse=True)):
        assert (found["title"], found["published"], found["author"]) == (event["title"], event["first_seen"], "1 source")
        assert int(found["timestampUsec"]) == event["updated"] * 10**6 == int(found["crawlTimeMsec"]) * 1000
        assert found["canonical"][0]["href"] == found["alternate"][0]["href"] == "http://127.0.0.1:%d/event/%d" % (client.site.port, number)
        assert "1 source, 1 article, 1 independent report: A &lt;feed&gt;" in found["summary"]["content"]
        topic = (event["categories"] or ["other"])[0]
        assert found["categories"] == [LIST] + [LABEL + c for c in event["categories"] or ["other"]]
        assert found["origin"]["title"] == topic and number in client.ids(found["origin"]["streamId"])


def test_items_are_asked_for_by_number(room, client):
    asked = ["1", ITEM + "%016x" % 2, "%016x" % 3, "999"]
    answer = client.post("stream/items/contents", i=asked, T=client.token).json()
    assert [i["id"] for i in answer["items"]] == [ITEM + "%016x" % n for n in (1, 2, 3)]
    for wrong in "", "x", "-1", ITEM, ITEM + "xyz", "0", " 1":
        assert client.post("stream/items/contents", i=wrong).status == 400, wrong
    assert len(client.post("stream/items/contents", i=["1"] * 500).json()["items"]) == 500
    assert client.post("stream/items/contents", i=["1"] * 501).status == 400
    assert client.post("stream/items/contents", i=["1"] * 2000).status == 400


def test_a_merged_event_is_no_item(room, client, site):
    merge = json.dumps({"kind": "merge", "event": 2, "into": 1, "who": "desk", "why": ""})
    assert site.ask("POST", "/api/v1/decisions", merge, Authorization="Bearer " + WRITE).status == 201
    assert 2 not in client.ids() and 1 in client.ids()
    assert [i["id"][-1] for i in client.post("stream/items/contents", i=["2", "1"]).json()["items"]] == ["1"]


# ---- streams -------------------------------------------------------------------------------------

@pytest.mark.parametrize("order, newest_first", [("d", True), ("n", True), ("o", False)])
@pytest.mark.parametrize("path", ["stream/items/ids", "stream/contents/" + LIST])
def test_pages(room, client, path, order, newest_first):
    found, more = [], {}
    for _ in range(10):
        page = client.get(path, s=LIST, n=4, r=order, **more).json()
        found += [int(i["id"][-4:], 16 if "items" in page else 10) for i in page.get("itemRefs") or page["items"]]
        if "continuation" not in page:
            break
        more = {"c": page["continuation"]}
    assert found == sorted(room.events(), reverse=newest_first)


def test_what_was_read_or_starred_is_excluded_or_asked_for(room, client):
    everything = sorted(room.events(), reverse=True)
    client.edit(1, 2, 3, a=SEEN)
    client.edit(ITEM + "%016x" % 3, ITEM + "%016x" % 4, a=STARRED)
    assert client.ids(xt=SEEN) == [n for n in everything if n > 3]
    assert client.ids(SEEN) == client.ids(it=SEEN) == [3, 2, 1]
    assert client.ids(STARRED) == client.ids(it=STARRED) == [4, 3]
    assert client.ids(STARRED, xt=SEEN) == [4]
    assert client.ids(xt=[SEEN, STARRED]) == [n for n in everything if n > 4]
    assert client.ids("user/anna/state/com.google/reading-list") == client.ids("user/anna/state/com.google/reading-list", xt=STATE + "kept") == everything
    assert client.ids(STATE + "broadcast") == client.ids("feed/99") == client.ids("feed/http://a.example/") == client.ids(LABEL + "none") == []
    items = {int(i["id"][-16:], 16): i["categories"] for i in client.get("stream/contents/" + LIST, n=50).json()["items"]}
    assert {n for n, c in items.items() if SEEN in c} == {1, 2, 3} and {n for n, c in items.items() if STARRED in c} == {3, 4}
    client.edit(2, 3, r=SEEN)
    client.edit(3, 4, r=STARRED)
    assert client.ids(SEEN) == [1] and client.ids(STARRED) == []
    client.edit(1, r=SEEN, a=[STATE + "kept-unread", STATE + "tracking-kept-unread"])  # newsboat
    assert client.ids(SEEN) == []
    client.edit(1, a=SEEN, r=STATE + "kept-unread")
    client.edit(1, a=STATE + "broadcast")
    assert client.ids(SEEN) == [1]


def test_items_of_a_time(room, client):
    updated = {n: e["updated"] for n, e in room.events().items()}
    latest = max(updated.values())
    assert client.ids(ot=latest + 1) == [] and set(client.ids(ot=min(updated.values()))) == set(updated)
    assert client.ids(nt=min(updated.values()) - 1) == [] and set(client.ids(nt=latest)) == set(updated)


def test_unread_counts(room, client):
    ids = {f["title"]: f["id"] for f in client.get("subscription/list").json()["subscriptions"]}
    counts = {}
    for event in room.events().values():
        topics = event["categories"] or ["other"]
        for stream in [LIST, ids[topics[0]]] + [LABEL + t for t in topics]:
            counts[stream] = counts.get(stream, 0) + 1
    assert client.unread() == counts
    client.edit(*of_topic(room, "sport"), a=SEEN)
    assert LABEL + "sport" not in client.unread() and client.unread()[LIST] == counts[LIST] - len(of_topic(room, "sport"))


def test_all_are_marked_as_read(room, client):
    everything, sport = set(room.events()), of_topic(room, "sport")
    client.mark(s=LABEL + "sport")
    assert set(client.ids(SEEN)) == sport
    client.edit(1, r=SEEN)
    client.mark(s=LIST, ts=(min(e["updated"] for e in room.events().values()) - 1) * 10**6)
    assert set(client.ids(SEEN)) == sport - {1}
    client.mark(s=LIST, ts=max(e["updated"] for e in room.events().values()) * 10**6)
    assert set(client.ids(SEEN)) == everything and client.unread() == {}
    client.edit(2, r=SEEN)
    client.mark(s=LIST)
    assert set(client.ids(SEEN)) == everything
    for stream in "", "feed/99", STARRED, STATE + "broadcast":
        assert client.post("mark-all-as-read", **({"s": stream} if stream else {})).status == 400
    room.daemon.stop()
    room.sound()


def test_it_is_the_state_of_the_page(site, client):
    """Under the same name, and no other."""
    page = Reader(site, "anna").change(events=[1], seen=True).change(events=[2], starred=True)
    assert client.ids(SEEN) == [1] and client.ids(STARRED) == [2]
    client.edit(3, a=SEEN)
    assert page.state() == {1: {"seen"}, 2: {"starred"}, 3: {"seen"}}
    assert Client(site, "bob").ids(SEEN) == []


@pytest.mark.parametrize("query", ["n=0", "n=-1", "n=99999999999999999999", "n=x", "c=x", "c=99999999999999999999", "ot=x", "r=x", "xt=x", "s="])
def test_nonsense_is_ignored(room, client, query):
    answer = client.get("stream/items/ids?" + query)
    assert answer.status == 200 and answer.json()["itemRefs"]


# ---- newsboat ------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_stream_as_atom(room, client):
    client.edit(1, a=[SEEN, STARRED])
    feed = ET.fromstring(client.get("/reader/atom/" + urllib.parse.quote(LIST, safe=""), n=50).body)
    labels = {int(e.find(ATOM + "id").text[-16:], 16): {c.get("label") for c in e.iter(ATOM + "category")} for e in feed.iter(ATOM + "entry")}
    assert labels == {n: {"read", "starred"} if n == 1 else {"fresh"} for n in room.events()}
    assert {e.find(ATOM + "title").text for e in feed.iter(ATOM + "entry")} == {e["title"] for e in room.events().values()}


@pytest.fixture
def newsboat(site, tmp_path):
    if not shutil.which("newsboat"):
        pytest.skip("newsboat is not installed")
    (tmp_path / "urls").write_text("")
    (tmp_path / "config").write_text(
        'urls-source "feedhq"\nfeedhq-url "http://127.0.0.1:%d"\nfeedhq-login "anna"\nfeedhq-password "%s"\n'
        'feedhq-show-special-feeds no\nfeedhq-min-items 100\n' % (site.port, READ))

    def run(*commands):
        args = ["newsboat", "-q", "-u", tmp_path / "urls", "-C", tmp_path / "config", "-c", tmp_path / "cache.db", "-x", *commands]
        return subprocess.run(args, capture_output=True, text=True, timeout=120, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"})
    return run


def test_newsboat_reads_what_is_unread(room, client, newsboat):
    """Debian's; also what was read elsewhere, before and after it has the item."""
    client.edit(1, a=SEEN)
    r = newsboat("reload", "print-unread")
    assert "%d unread articles" % (len(TOPICS) - 1) in r.stdout, r
    client.edit(2, 3, a=SEEN)
    r = newsboat("reload", "print-unread")
    assert "%d unread articles" % (len(TOPICS) - 3) in r.stdout, r
    client.edit(2, r=SEEN)
    r = newsboat("reload", "print-unread")
    assert "%d unread articles" % (len(TOPICS) - 2) in r.stdout, r
