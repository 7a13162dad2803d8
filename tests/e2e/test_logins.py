"""Feeds that want a login: it is sent to the server that it is for, and nobody else sees it; not readers, not
the log, not the store."""
import base64
import json
import re
import time

import pytest
from loopback import FeedServer, Response
from newsroom import LONG, Newsroom, articles, broken, item, key, opml, rss, storyctl
from web import Site

USER, PASSWORD = "editor", "s3cret wOrd"
IN_ADDRESS = "editor:s3cret%20wOrd@"
SECRET = re.compile(r"s3cret|wOrd|editor|" + base64.b64encode(b"editor:s3cret wOrd").decode())


@pytest.fixture
def room(build):
    with Newsroom(build) as r:
        yield r


@pytest.fixture
def other():
    with FeedServer() as server:
        yield server


def basic(user=USER, password=PASSWORD):
    return "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()


def guarded(answer):
    """The answer for those who log in."""
    def check(request):
        if request.headers["Authorization"] != basic():
            return Response("", 401, {"WWW-Authenticate": 'Basic realm="desk"'})
        return answer(request) if callable(answer) else answer
    return check


def with_login(url, login=IN_ADDRESS):
    return url.replace("://", "://" + login)


def start(room, text):
    """With that list."""
    since = len(room.daemon.lines)
    room.write_list(text)
    room.daemon.start()
    room.daemon.wait_log(" started ", LONG, since=since)


def change(room, *args):
    return storyctl(room.build, "feeds", args[0], "--config", room.daemon.config_path, *args[1:])


def told(room, since=0):
    """All that anybody is shown, by place; of the daemon whose log begins there."""
    site = Site(room, since)
    pages = ["/", "/feeds", "/machine", "/metrics", "/feed.atom", "/feed.json", "/api/v1/feeds", "/api/v1/events",
             "/api/v1/changes?cursor=0", "/api/v1/health"]
    for n in room.records("events"):
        pages += ["/event/%d" % n, "/api/v1/events/%d/articles" % n, "/api/v1/events/%d/ninjs" % n,
                  "/event/%d/feed.atom" % n, "/event/%d/feed.json" % n]
    found = {page: site.get(page).body.decode() for page in pages}
    for args in (["feeds"], ["feeds", "--json"], ["feeds", "export"], ["export"], ["stats"], ["feeds", "show", 1]):
        result = storyctl(room.build, *args, "--db", room.store)
        assert result.returncode == 0, result.stderr
        found[" ".join(map(str, args))] = result.stdout + result.stderr
    found["log"] = room.daemon.log()
    found["store"] = (room.store / "data.mdb").read_bytes().decode("latin-1")
    return found


def assert_untold(room):
    for place, text in told(room).items():
        at = SECRET.search(text)
        assert not at, (place, text[max(at.start() - 100, 0):at.end() + 20])


# ---- in the list ---------------------------------------------------------------------------------

FEED = rss([item("/a/1", "Budget draft leaked to the desk", guid="1",
                 text='The draft <img src="/i.png"> is out.'),
            item("//127.0.0.1/a/2", "Harbour crane falls at dawn", guid="2")],
           link=None).replace(
               b"<language>", b'<link xmlns="http://www.w3.org/2005/Atom" rel="self" href="self"/><language>')


def test_a_login_in_the_list_is_for_the_server_alone(room):
    """Its articles' links are relative, one feed fails, one moves to a new path of the same server."""
    room.web.set("/feed", guarded(Response(FEED)))
    room.web.set("/moved", guarded(Response("", 301, {"Location": room.url("/feed2")})))
    room.web.set("/feed2", guarded(Response(rss(articles(1, prefix="moved")))))
    room.web.set("/fails", guarded(Response("", 500)))
    urls = [with_login(room.url(p)) for p in ("/feed", "/moved", "/fails")]
    outlines = "".join('<outline text="%s" title="%s" htmlUrl="%s" xmlUrl="%s" also="%s"/>' % ((u,) * 5)
                       for u in urls)
    start(room, '<opml version="2.0"><body>%s</body></opml>' % outlines)
    room.wait_articles(3)
    room.wait_feed("/fails", lambda f: f["state"] == "error" and "500" in f["last_error"])
    moved = room.wait_feed("/moved", lambda f: f["moved_to"])
    assert moved["moved_to"] == room.url("/feed2")
    assert room.url("/a/1") in {a["url"] for a in room.records("articles").values()}
    assert {r.headers["Authorization"] for r in room.web.requests()} == {basic()}
    assert_untold(room)


def test_a_login_in_a_list_that_everybody_may_read_is_warned_of(room):
    room.web.set("/feed", guarded(Response(FEED)))
    room.write_list(opml([with_login(room.url("/feed"))]))
    (room.daemon.dir / "feeds.opml").chmod(0o644)
    room.daemon.start()
    room.daemon.wait_log(" started ", LONG)
    assert "chmod o=" in room.daemon.wait_log("warning the feed list contains logins", LONG)
    room.wait_articles(2)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_elsewhere_does_not_get_the_login(room, other, status):
    room.web.set("/feed", guarded(Response("", status, {"Location": other.url("/feed")})))
    other.set("/feed", "", 302, {"Location": room.url("/back")})
    room.web.set("/back", guarded(Response(FEED)))
    start(room, opml([with_login(room.url("/feed"))]))
    room.wait_articles(2)
    assert {r.headers["Authorization"] for r in other.requests()} == {None}


def test_a_login_that_a_redirect_names_goes_there_and_is_not_kept(room, other):
    room.feed("/feed", b"", 301, {"Location": with_login(other.url("/feed"))})
    other.set("/feed", guarded(Response(FEED)))
    room.start()
    room.wait_articles(2)
    assert room.feed_record("/feed")["moved_to"] is None
    assert {r.headers["Authorization"] for r in room.web.requests()} == {None}
    assert_untold(room)


def test_a_store_that_had_the_login_is_the_same_feeds_without(room):
    """As an older version left it: the address with the login in the record, and known by it alone."""
    room.web.set("/feed", guarded(Response(FEED)))
    room.web.set("/gone", guarded(Response(rss(articles(1, prefix="gone")))))
    start(room, opml([with_login(room.url(p)) for p in ("/feed", "/gone")]))
    room.wait_articles(3)
    before = {p: room.feed_record(p)["id"] for p in ("/feed", "/gone")}
    room.daemon.stop()
    with broken(room.store) as (db, txn):
        feeds = db("feeds")
        for path, number in before.items():
            url = with_login(room.url(path))
            record = json.loads(txn.get(key(number), db=feeds))
            record.update(url=url, listed=url, document_url=url, topic=url, hub="https://hub.example/", title=url,
                          attributes={"also": url}, hub_state="active", hub_asked=int(time.time()),
                          hub_until=int(time.time()) + 86400)
            txn.put(key(number), json.dumps(record).encode(), db=feeds)
        txn.drop(db("_addresses"), delete=False)
    room.web.clear()
    since = len(room.daemon.lines)
    start(room, opml([with_login(room.url("/feed"))]))
    room.asked("/feed")
    room.wait_feed("/gone", lambda f: f["state"] == "removed")
    assert {p: room.feed_record(p)["id"] for p in before} == before
    assert len(room.records("articles")) == 3
    record = room.feed_record("/feed")
    assert record["topic"] != with_login(room.url("/feed")) and not record["hub_until"]
    for place, text in told(room, since).items():
        assert place == "store" or not SECRET.search(text), place  # pages that are free again are not wiped


# ---- the file of logins --------------------------------------------------------------------------

def write_logins(room, text, mode=0o640):
    path = room.daemon.dir / "logins"
    path.write_text(text)
    path.chmod(mode)
    return path


def configure(room):
    config = room.daemon.config_path.read_text()
    room.daemon.write_config(config.replace("[poll]", "login_file = logins\n[poll]"))


def test_a_file_holds_the_logins(room, other):
    room.feed("/desk/feed", guarded(Response(FEED)))
    room.feed("/deskless", rss(articles(1, prefix="deskless")))
    other.set("/feed", rss(articles(1, prefix="other")))
    room.list(other.url("/feed"))
    write_logins(room, "# the desk's\n%s %s %s\n" % (room.url("/desk/"), USER, PASSWORD))
    configure(room)
    room.start()
    room.wait_articles(4)
    assert {r.headers["Authorization"] for r in room.web.requests("/desk/feed")} == {basic()}
    assert {r.headers["Authorization"] for r in room.web.requests("/deskless") + other.requests()} == {None}
    assert_untold(room)


def test_a_reload_takes_new_logins_and_a_bad_file_leaves_the_old(room):
    room.feed("/feed", guarded(Response(FEED)))
    where = room.url("/")
    write_logins(room, "%s %s wrong\n" % (where, USER))
    configure(room)
    room.start()
    assert "401" in room.wait_feed("/feed", lambda f: f["state"] == "error")["last_error"]
    write_logins(room, "%s %s %s\n" % (where, USER, PASSWORD))
    room.reload()
    room.wait_articles(2)
    write_logins(room, "%s\n" % where)
    assert "logins:1: expected an address or a host, a user" in room.reload("configuration rejected")
    write_logins(room, "%s %s %s\n" % (where, USER, PASSWORD), 0o644)
    assert "0644" in room.reload("configuration rejected")
    count = len(room.web.requests("/feed"))
    assert room.asked("/feed", count + 1)[-1].headers["Authorization"] == basic()


@pytest.mark.parametrize("text, mode, words", [
    ("127.0.0.1 editor s3cret\n", 0o644, "other users of this machine may read"),
    ("# one\n127.0.0.1 s3cret\n", 0o600, "logins:2: expected"),
])
def test_a_bad_file_of_logins_is_refused_at_start(room, text, mode, words):
    write_logins(room, text, mode)
    configure(room)
    room.write_list()
    room.daemon.start()
    assert room.daemon.wait() == 78
    config = room.daemon.config_path
    line = config.read_text().splitlines().index("login_file = logins") + 1
    assert "%s:%d: invalid login_file: " % (config, line) in room.daemon.log() and words in room.daemon.log()
    assert "s3cret" not in room.daemon.log()


# ---- storyctl ------------------------------------------------------------------------------------

def test_a_feed_is_added_with_its_login(room):
    room.web.set("/feed", guarded(Response(FEED)))
    room.web.set("/page", guarded(Response('<link rel="alternate" type="application/rss+xml" href="/feed2">',
                                           headers={"Content-Type": "text/html"})))
    room.web.set("/feed2", guarded(Response(rss(articles(1, prefix="two")))))
    room.start()
    path = room.daemon.dir / "feeds.opml"
    path.chmod(0o640)
    added = change(room, "add", with_login(room.url("/feed")))
    assert added.returncode == 0 and room.url("/feed") in added.stdout, added.stderr
    assert "the login was written to %s" % path in added.stderr and "chmod" not in added.stderr
    path.chmod(0o644)
    page = change(room, "add", with_login(room.url("/page")))
    assert page.returncode == 0 and room.url("/feed2") in page.stdout and "chmod o=" in page.stderr
    room.wait_articles(3)
    text = path.read_text()
    assert with_login(room.url("/feed")) in text and with_login(room.url("/feed2")) in text
    again = change(room, "add", with_login(room.url("/feed"), "other:word@"))
    assert again.returncode == 1 and "already" in again.stderr
    removed = change(room, "remove", room.url("/feed"))
    assert removed.returncode == 0 and with_login(room.url("/feed2")) in path.read_text()
    found = change(room, "find", with_login(room.url("/page")))
    assert found.stdout.strip() == room.url("/feed2")
    for result in (added, page, again, removed, found):
        assert not SECRET.search(result.stdout + result.stderr)
    room.wait_feed("/feed", lambda f: f["state"] == "removed")
    assert_untold(room)


def test_a_login_is_not_kept_for_a_feed_elsewhere(room, other):
    room.web.set("/page", guarded(Response('<link rel="alternate" type="application/rss+xml" href="%s">'
                                           % other.url("/feed"), headers={"Content-Type": "text/html"})))
    other.set("/feed", FEED)
    room.write_list()
    added = change(room, "add", with_login(room.url("/page")))
    assert added.returncode == 0 and "the login was dropped" in added.stderr
    assert not SECRET.search((room.daemon.dir / "feeds.opml").read_text())
    assert {r.headers["Authorization"] for r in other.requests()} == {None}


def test_parse_prints_links_without_the_login(room):
    """Also those that it makes of markup and of xml:base."""
    document = FEED.replace(b"<item>", b'<item xml:base="https://editor:s3cret@x.example/b/">', 1)
    result = storyctl(room.build, "parse", "--url", "https://editor:s3cret@intranet.example/feed.xml", "-",
                      input=document.decode())
    assert result.returncode == 0 and not SECRET.search(result.stdout)
    links = [e["link"] for e in json.loads(result.stdout)["entries"]]
    assert links == ["https://x.example/a/1", "https://127.0.0.1/a/2"]
