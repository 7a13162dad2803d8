"""A world that means no good: addresses that must not be asked, servers that never end, documents
made to break what reads them. Each is an error that a person can read, and no other feed suffers."""
import json
import re
import socket
import threading

import pytest
from hostile import KINDS, Hostile, authority
from newsroom import (SANITIZED, SUBJECTS, Newsroom, articles, broken, item, key, opml, rss, scratch,
                      storyctl)
from web import Site

ALLOW_NOTHING = "allow_addresses ="


def failed(room, path, words):
    """The feed's record once it has an error; the error must have these words."""
    record = room.wait_feed(path, lambda r: r["errors"])
    assert words in record["last_error"], record["last_error"]
    assert record["state"] == "error" and record["next_poll"]
    return record


# ---- addresses that run --------------------------------------------------------------------------

RUNS = ["javascript:alert(1)", "JavaScript:alert(1)//https://paper.example/", " java\nscript:alert(1)",
        "data:text/html,hello", "vbscript:x", "file:///etc/passwd"]


def what_gets_out(room, since=0):
    """All that storyd gives of its store over HTTP, as one text; without guids, which are no addresses."""
    site = Site(room, since)
    paths = ["/", "/feeds", "/feed.atom", "/feed.json", "/api/v1/events", "/api/v1/feeds"]
    for n in room.events():
        paths += [p % n for p in ("/event/%d", "/api/v1/events/%d", "/api/v1/events/%d/articles",
                                  "/api/v1/events/%d/ninjs", "/event/%d/feed.atom", "/event/%d/feed.json")]
    paths += ["/api/v1/articles/%d" % n for n in room.records("articles")]
    answers = [(path, site.get(path)) for path in paths]
    assert {a.status for _, a in answers} == {200}
    text = re.sub(r"\s", "", "".join(a.body.decode() for _, a in answers)).lower()
    return re.sub(r'"guid":"[^"]*"', "", text)


def test_what_is_no_http_address_is_none(build):
    """In a link, a guid, an enclosure, an image, the feed's own site and the list: left out."""
    def hostile(i, url):
        more = "".join("<%s url=%r type='image/png' length='1'/>" % (tag, url.replace("\n", "&#10;"))
                       for tag in ("enclosure", "media:thumbnail", "media:content", "source"))
        return item(url, SUBJECTS[i], more=more + "<guid>%s</guid>" % url)

    document = rss([hostile(i, url) for i, url in enumerate(RUNS)], link=RUNS[0]).replace(
        b"<rss ", b"<rss xmlns:media='http://search.yahoo.com/mrss/' ")
    with Newsroom(build) as room:
        path = room.daemon.dir / "hostile.xml"
        path.write_bytes(document)
        said = json.loads(storyctl(build, "parse", path).stdout)
        assert said["feed"]["link"] is None
        for entry in said["entries"]:
            assert [entry[k] for k in ("link", "image", "enclosures")] == [None, None, []]
        room.feed("/a.xml", document)
        room.start()
        room.write_list(opml([room.url("/a.xml")]).replace("xmlUrl", "htmlUrl=\"%s\" xmlUrl" % RUNS[0]))
        room.reload()
        for article in room.wait_articles(len(RUNS)):
            assert (article["url"], article["link"], article["image"]) == ("", None, None)
        assert {e["url"] for e in room.events().values()} == {""}
        assert room.wait_feed("/a.xml", lambda r: r["polls"])["home"] is None
        assert not re.search("(java|vb)script:|data:text|file:", what_gets_out(room))


def test_addresses_that_an_older_version_kept_do_not_get_out(build):
    with Newsroom(build, interval="1h") as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        room.daemon.stop()
        fields = {"articles": ("url", "link", "image"), "events": ("url",), "feeds": ("home",)}
        kept = {name: room.records(name) for name in fields}
        with broken(room.store) as (open_db, txn):
            for name in fields:
                db = open_db(name)
                for n, record in kept[name].items():
                    record.update(dict.fromkeys(fields[name], RUNS[0]))
                    txn.put(key(n), json.dumps(record, separators=(",", ":")).encode(), db=db)
        since = len(room.daemon.lines)
        room.start()
        assert "javascript:" in str(room.records("articles"))
        assert "javascript:" not in what_gets_out(room, since)


# ---- addresses -----------------------------------------------------------------------------------

@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433",
                                  "0x7f.1", "[::ffff:127.0.0.1]", "169.254.169.254", "10.1.2.3",
                                  "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1"])
def test_addresses_that_are_not_public_are_not_asked(build, host):
    """Written any way, and by name: what counts is the address that the socket would go to."""
    with Newsroom(build, poll=ALLOW_NOTHING) as room:
        room.web.set("/a.xml", rss(articles(1)))
        url = "http://%s:%d/a.xml" % (host, room.web.port)
        room.list(url)
        room.start()
        failed(room, url, "add it to allow_addresses in [poll]")
        assert not room.web.requests()


def test_a_reload_that_allows_less_holds_for_the_next_request(build):
    """Also where a connection is kept that the old list allowed, and for a redirect of a request under way."""
    with Newsroom(build) as room:
        room.feed("/kept", rss(articles(1)))
        room.web.set("/slow", b"", 302, {"Location": "/after"}, delay=3)
        room.start()
        assert len({r.peer for r in room.asked("/kept", 3)[:3]}) == 1, "the connection is kept"
        room.list("/slow")
        room.asked("/slow")
        room.configure(poll="allow_addresses =\nallow_addresses = 10.0.0.0/8")
        room.reload()
        asked = len(room.web.requests("/kept"))
        for path in ("/kept", "/slow"):
            assert "loopback" in room.wait_feed(path, lambda f: f["state"] == "error")["last_error"]
        assert len(room.web.requests("/kept")) == asked and not room.web.requests("/after")


def test_each_hop_of_a_redirect_is_checked(build):
    """A public server that sends us to the machine's inside is not followed."""
    with Newsroom(build, poll="allow_addresses =\nallow_addresses = 127.0.0.1") as room:
        inside = "http://127.0.0.2:%d/secret" % room.web.port
        room.feed("/a.xml", b"", 302, {"Location": inside})
        room.feed("/good.xml", rss(articles(1)))
        room.start()
        record = failed(room, "/a.xml", "127.0.0.2 is a loopback address")
        assert "allow_addresses" in record["last_error"]
        room.wait_articles(1)
        assert {r.path for r in room.web.requests()} == {"/a.xml", "/good.xml"}


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/",
                                     "dict://127.0.0.1/", "javascript:alert(1)"])
@pytest.mark.parametrize("how", ["listed", "redirect"])
def test_only_http_and_https_are_asked(build, address, how):
    with Newsroom(build) as room:
        if how == "listed":
            room.list(address)
        else:
            room.feed("/a.xml", b"", 301, {"Location": address})
        room.start()
        path = address if how == "listed" else "/a.xml"
        record = room.wait_feed(path, lambda r: r["errors"])
        assert record["last_error"] and not record["articles"]


class Proxy(threading.Thread):
    """Accepts one connection at a time and notes what was asked of it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.asked = self.listener.getsockname()[1], []
        self.start()

    def run(self):
        body = rss(articles(1))
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(65536).split(b"\r\n", 1)[0].decode())
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"
                                   b"Connection: close\r\n\r\n%s" % (len(body), body))


def test_a_proxy_of_the_environment_is_not_asked_and_one_of_the_configuration_is(build):
    proxy = Proxy()
    address = "http://127.0.0.1:%d" % proxy.port
    env = {"http_proxy": address, "all_proxy": address, "no_proxy": "", "HTTP_PROXY": address}
    with Newsroom(build, env=env) as room:
        room.feed("/a.xml", rss(articles(2)))
        room.start()
        room.wait_articles(2)
        assert not proxy.asked
        # the name is the proxy's to resolve: nothing here knows it
        room.list("http://feeds.nowhere.example/b.xml")
        room.configure(poll="proxy = %s\nallow_addresses =" % address)
        room.reload()
        room.wait(lambda: any("feeds.nowhere.example/b.xml" in a for a in proxy.asked), "the proxy")
    proxy.listener.close()


# ---- one hostile server at a time ------------------------------------------------------------------

# Where this machine is too busy to be as fast as the server would, time is up first.
TOO_LONG = "longer than max_document|timed out"

# What each ends in. An error is what the record must say; None: nothing to complain about (what is
# too much was left out).
OUTCOMES = {
    "drip": "timed out|too slow", "drip_headers": "timed out|too slow",
    "endless": TOO_LONG, "endless_words": TOO_LONG,
    "zeros": TOO_LONG, "spaces": TOO_LONG,
    "letters": TOO_LONG,
    "many_headers": "too many headers", "long_header": "a response header is too long",
    "attributes": None, "attribute": None, "authors": None, "deep": None, "nested_100": None,
    "million": None, "not_utf8": None, "nuls": None, "only_nuls": "not a feed|empty",
    "loop": "redirect|timed out", "too_short": "transfer closed|bytes remaining", "too_long": "not a feed",
    "no_length": None, "bad_chunk": "chunk",
    "bad_gzip": "content encoding", "half_closed": "Empty reply", "silent": "timed out",
    "closed": "Empty reply", "reset": "reset|Empty reply|failure", "no_http": "HTTP/0.9",
    "page": "web page", "laughs": None, "quadratic": None, "parameter": None,
    "json_zeros": None, "json_deep": "not a feed", "quotes": None, "item_10_mib": None,
}

LIMITS = "timeout = 10s\nconnect_timeout = 10s\nconnections_per_host = 100"


def memory(pid):
    """The most that was resident, in MiB."""
    for line in open("/proc/%d/status" % pid, encoding="ascii"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("no VmHWM")


def judge(name, record):
    want = OUTCOMES[name]
    error = record["last_error"]
    if want is None:
        assert record["state"] == "ok" and error is None, (name, error)
    else:
        assert record["state"] == "error" and re.search(want, error), (name, error)
        assert record["next_poll"] > record["last_poll"]


def test_every_hostile_server_has_an_expected_end():
    assert set(OUTCOMES) == set(KINDS)


def lateness(lines):
    """By how many milliseconds each request of a good feed was late, as the daemon noted it."""
    found = [re.search(r" polling feed=\S*/good\S* late_ms=(\d+)", line) for line in lines]
    return [int(match[1]) for match in found if match]


def polled(room, least, others=()):
    """The records of the feeds once each good one was polled so often, and the others at all."""
    found = {f["url"]: f for f in room.records("feeds").values()}
    enough = len(found) == len(room.listed) and all(
        f["polls"] >= (1 if u in others else least) for u, f in found.items())
    return found if enough else None


def test_hostile_servers_end_in_readable_errors_and_nobody_else_waits(build):
    """50 of them beside 50 good feeds. Each ends as it must within its limits of time and memory, and
    no request of a good feed is late by a second more than the latest is in another storyd, which runs
    meanwhile on the same machine and has good feeds in their place."""
    names, size = (list(KINDS) * 2)[:50], 50
    options = dict(interval="2s", max_backoff="1h", poll=LIMITS)
    with Hostile() as bad, Newsroom(build, **options) as room, Newsroom(build, **options) as calm:
        urls = {bad.url("/%s-%d" % (name, i)): name for i, name in enumerate(names)}
        good = ["/good%d.xml" % i for i in range(size)]
        more = ["/good%d.xml" % i for i in range(size, size + len(names))]
        for each in (room, calm):
            for i, path in enumerate(good + more):
                each.web.set(path, rss(articles(3, prefix="g%d" % i)))
            each.list(*good)
            each.start()
        for each in (room, calm):
            each.daemon.wait_for(lambda e=each: polled(e, 2), 120, "two polls of the good feeds")
        since = [len(each.daemon.lines) for each in (room, calm)]
        calm.list(*more)
        room.list(*urls)
        calm.reload()
        room.reload()
        found = room.daemon.wait_for(lambda: polled(room, 8, urls), 120, "an end of each hostile server")
        calm.daemon.wait_for(lambda: polled(calm, 5), 120, "polls of the other's feeds")
        for url, name in urls.items():
            judge(name, found[url])
            if found[url]["state"] == "error":
                line = room.daemon.wait_log("feed failed.*" + re.escape(url))
                assert "error=" in line
        for path in good:
            assert found[room.url(path)]["state"] == "ok" and found[room.url(path)]["articles"] == 3
        beside, alone = (lateness(each.daemon.lines[n:]) for each, n in zip((room, calm), since))
        assert len(beside) >= 5 * size and len(alone) >= 5 * size
        if not SANITIZED:
            assert max(beside) <= max(alone) + 1000, (sorted(beside)[-20:], sorted(alone)[-20:])
            assert memory(room.daemon.pid) < 600
        for each in (room, calm):
            assert each.daemon.stop() == 0
        room.sound()


# ---- TLS -------------------------------------------------------------------------------------------

def test_certificates_are_checked(build):
    """One that has expired, one of another name, one of nobody known, and a good one."""
    with scratch() as d:
        other = d / "other"
        other.mkdir()
        make, foreign = authority(d), authority(other)
        long_ago, lately, later = "20200101000000Z", "20200201000000Z", "20490101000000Z"
        servers = {name: Hostile(tls) for name, tls in (
            ("good", make("good", long_ago, later)), ("expired", make("expired", long_ago, lately)),
            ("unknown", foreign("unknown", long_ago, later)))}
        body = rss(articles(1))
        try:
            with Newsroom(build, poll="ca_file = %s" % (d / "ca.pem")) as room:
                for server in servers.values():
                    server.set("/a.xml", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close"
                               b"\r\n\r\n%s" % (len(body), body))
                    room.list(server.url("/a.xml"))
                name = servers["good"].url("/a.xml").replace("127.0.0.1", "localhost")
                room.list(name)
                room.start()
                assert room.wait_feed(servers["good"].url("/a.xml"), lambda r: r["polls"])["state"] == "ok"
                failed(room, servers["expired"].url("/a.xml"), "expired")
                failed(room, servers["unknown"].url("/a.xml"), "certificate")
                failed(room, name, "localhost")
        finally:
            for server in servers.values():
                server.close()


def test_a_reload_takes_back_certificates(build):
    """The file has another authority: neither a kept connection nor what curl keeps of the old one serves on."""
    with scratch() as d:
        other = d / "other"
        other.mkdir()
        make, ca = authority(d), d / "trusted.pem"
        authority(other)
        ca.write_bytes((d / "ca.pem").read_bytes())
        body = rss(articles(1))
        with Newsroom(build, poll="ca_file = %s" % ca) as room, \
                Hostile(make("good", "20200101000000Z", "20490101000000Z")) as server:
            server.set("/a.xml", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            room.list(server.url("/a.xml"))
            room.start()
            room.wait_feed(server.url("/a.xml"), lambda r: r["polls"] > 1 and r["state"] == "ok")
            ca.write_bytes((other / "ca.pem").read_bytes())
            room.reload()
            failed(room, server.url("/a.xml"), "certificate")


# ---- XML that reaches out ----------------------------------------------------------------------------

@pytest.mark.parametrize("declaration", [
    '<!ENTITY e SYSTEM "%s/outside">', '<!ENTITY e SYSTEM "file:///etc/passwd">',
    '<!ENTITY %% p SYSTEM "%s/outside"> %%p; <!ENTITY e "x">', '<!ENTITY e PUBLIC "x" "%s/outside">'])
@pytest.mark.parametrize("broken", ["", "<b>&"])
def test_nothing_outside_of_a_document_is_read(build, declaration, broken):
    """Neither by the strict reader nor by the loose one, which has what is not well-formed."""
    with Newsroom(build) as room:
        declared = declaration % room.web.base if "%s" in declaration else declaration
        room.feed("/a.xml", '<!DOCTYPE rss SYSTEM "%s/outside" [%s]><rss><channel><item><title>Heron '
                  "colony abandons &e; marsh%s</title></item></channel></rss>"
                  % (room.web.base, declared, broken))
        room.start()
        (article,) = room.wait_articles(1)
        assert "root:" not in json.dumps(article)
        assert {r.path for r in room.web.requests()} == {"/a.xml"}
