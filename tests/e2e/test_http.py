"""The HTTP server and its API: what the store has, as it lies there; who may ask; what strangers send."""
import json
import os
import stat
import urllib.parse

import pytest
from newsroom import Newsroom, articles, item, lines_of, rss, storyctl
from web import Site

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def room(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(12)))
        room.feed("/b.xml", rss([item("https://b.example/1", "Heron colony abandons flooded willow marsh story0")]))
        room.start()
        room.wait_articles(13)
        yield room


@pytest.fixture(scope="module")
def site(room):
    return Site(room)


def test_an_event_goes_out_as_it_lies_in_the_store(room, site):
    for number, event in room.records("events").items():
        answer = site.get("/api/v1/events/%d" % number)
        if event["status"] == "merged":
            assert answer.status == 307
            assert answer.headers["Location"] == "/api/v1/events/%d" % event["merged_into"]
        else:
            assert answer.status == 200
        assert answer.json() == event
        assert answer.headers["Content-Type"] == "application/json"


def test_what_is_not_there_is_a_problem(site):
    for path in "/api/v1/events/4711", "/api/v1/articles/4711", "/nothing", "/api/v1/events/0", "/api/v1/events/1/nothing":
        answer = site.get(path)
        assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
        problem = answer.json()
        assert problem["status"] == 404 and problem["title"] == "Not Found" and problem["detail"]


def test_lists_are_paged_without_gap_or_double(room, site):
    seen, cursor = [], None
    while True:
        answer = site.get("/api/v1/events?limit=5" + ("&cursor=" + cursor if cursor else "")).json()
        assert len(answer["events"]) <= 5
        seen += [e["id"] for e in answer["events"]]
        cursor = answer["next"]
        if not cursor:
            break
    assert sorted(seen) == sorted(room.events())


ORDERS = {"top": lambda e: (e["score"], e["id"]), "new": lambda e: e["id"], "updated": lambda e: e["seq"]}


@pytest.mark.parametrize("order", ORDERS)
def test_orders(room, site, order):
    got = site.get("/api/v1/events?limit=200&order=" + order).json()["events"]
    assert [e["id"] for e in got] == [e["id"] for e in sorted(room.events().values(), key=ORDERS[order], reverse=True)]
    pages, cursor = [], ""
    while cursor is not None:
        page = site.get("/api/v1/events?limit=3&order=" + order + cursor).json()
        pages += page["events"]
        cursor = page["next"] and "&cursor=" + page["next"]
    assert pages == got


def test_history_of_an_event(room, site):
    changes = room.records("changes")
    for number in room.events():
        got = site.get("/api/v1/events/%d/history" % number).json()["changes"]
        assert got and got == [c for _, c in sorted(changes.items()) if number in (c["event"], c.get("from"), c.get("into"))]


def test_articles_and_reasons_of_an_event(room, site):
    stored = room.records("articles")
    for number in room.events():
        got = site.get("/api/v1/events/%d/articles" % number).json()["articles"]
        assert got == [a for _, a in sorted(stored.items()) if a["event"] == number]
        reasons = site.get("/api/v1/events/%d/reasons" % number).json()["reasons"]
        assert [(r["article"], r["why"]) for r in reasons] == [(a["id"], a["why"]) for a in got]
        assert site.get("/api/v1/articles/%d" % got[0]["id"]).json() == got[0]


def test_feeds(room, site):
    assert {f["id"] for f in site.get("/api/v1/feeds").json()["feeds"]} == set(room.records("feeds"))


def test_health(site):
    health = site.get("/api/v1/health").json()
    assert health["status"] == "ok" and health["feeds"] == 2 and health["articles_in_window"] == 13
    assert 0 <= health["store_fill"] <= 100 and 0 < health["store_used"] < health["store_max"] == 1 << 30
    assert site.get("/healthz").body == site.get("/readyz").body == b"ok\n"


def test_storyctl_health(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        said = storyctl(build, "health", "--db", room.store)
        assert said.returncode == 0 and said.stdout.startswith("ok: 1 feeds, 3 open events, 3 articles in the window, store ")
        whole = storyctl(build, "health", "--socket", room.store / "storyd.sock", "--json")
        assert json.loads(whole.stdout).items() >= {"status": "ok", "feeds": 1}.items()
        assert room.daemon.stop() == 0
        gone = storyctl(build, "health", "--db", room.store)
        assert gone.returncode == 2 and not gone.stdout and "check that storyd is running" in gone.stderr


@pytest.mark.parametrize("query, said", [
    ("limit=0", "from 1 to"), ("limit=x", "expected a number"), ("limit=501", "from 1 to 200"), ("limit=1&limit=2", "more than once"),
    ("colour=red", "unknown parameter colour"), ("cursor=-1", "cursor=-1"), ("cursor=1.x", "value of next"),
    ("order=best", "top, new, rising or updated"), ("growing=maybe", "yes or no"), ("since=yesterday", "since"),
    ("category=" + "a," * 16 + "b", "at most 16"), ("q=" + "word%20" * 100, "too long")])
def test_a_wrong_parameter_is_told(site, query, said):
    answer = site.get("/api/v1/events?" + query)
    assert answer.status == 400 and said in answer.json()["detail"]


def test_an_answer_that_is_known_is_not_sent_again(site):
    first = site.get("/api/v1/events/1")
    again = site.get("/api/v1/events/1", If_None_Match='"x", ' + first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert site.get("/api/v1/events/1", If_None_Match='"x"').status == 200


def test_head_has_the_headers_of_get(site):
    get, head = (site.ask(m, "/api/v1/events/1") for m in ("GET", "HEAD"))
    assert head.body == b"" and head.status == 200
    for name in "Content-Length", "Content-Type", "ETag":
        assert head.headers[name] == get.headers[name]


def test_gzip_for_those_who_take_it(site):
    import gzip
    plain, packed = site.get("/api/v1/events"), site.get("/api/v1/events", Accept_Encoding="br, gzip;q=0.5")
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) and packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert not site.get("/api/v1/events", Accept_Encoding="gzip;q=0").headers["Content-Encoding"]
    again = site.get("/api/v1/events", Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert again.status == 304


def test_other_methods_are_told_which_there_are(site):
    answer = site.ask("DELETE", "/api/v1/events/1")
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    answer = site.ask("OPTIONS", "/api/v1/events/1")
    assert (answer.status, answer.headers["Allow"], answer.body) == (204, "GET, HEAD, OPTIONS", b"")


def test_a_connection_is_kept_and_requests_may_come_together(site):
    one = b"GET /api/v1/events/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert site.raw(one * 100 + last).count(b"HTTP/1.1 200 OK") == 101


def test_headers_that_protect_a_reader(site):
    headers = site.get("/api/v1/events").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert not headers["Set-Cookie"]


def test_the_unix_socket_is_the_groups_and_asks_no_host(room, site):
    mode = os.stat(site.socket_path).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660
    assert site.get("/api/v1/events/1", unix=True).json()["id"] == 1
    assert site.get("/api/v1/events/1", unix=True, Host="elsewhere.example").status == 200


@pytest.mark.parametrize("host, status", [
    ("localhost", 200), ("LOCALHOST:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("evil.example", 421),
    ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost:x", 421), ("", 421)])
def test_a_name_that_is_not_ours_is_refused(site, host, status):
    """A foreign page whose name an attacker lets point to this machine cannot read us."""
    assert site.get("/api/v1/events/1", Host=host).status == status


BAD_REQUESTS = [
    (b"GET /\r\n\r\n", 400), (b"GET / HTTP/2.0\r\n\r\n", 505), (b"\0\0\0\0\r\n\r\n", 400),
    (b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n", 400),
    (b"GET /api/v1/health HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
    (b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n", 400),
    (b"GET /api/v1/health HTTP/1.1\nHost: localhost\n\n\r\n\r\n", 400),
    (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /?a=%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n", 417),
    (b"GET /" + b"a" * 40000, 414), (b"GET / HTTP/1.1\r\nX: " + b"a" * 20000, 431),
    (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 100 + b"\r\n", 431),
    (b"\r\n" * 8193, 414), (b"\r" * 16382 + b"\r\n\r\n", 431)]


@pytest.mark.parametrize("data, status", BAD_REQUESTS, ids=range(len(BAD_REQUESTS)))
def test_what_is_no_request_is_refused_and_the_connection_ends(site, data, status):
    answer = site.raw(data + b"\r\nGET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["status"] == status
    assert answer.count(b"\r\nServer: ") == 1, "nothing that follows is taken for a request"


def test_a_request_that_comes_in_pieces(site):
    import socket
    with socket.create_connection(("127.0.0.1", site.port)) as s:
        s.settimeout(10)
        for byte in b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":
            s.send(bytes([byte]))
        assert s.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_stranger_costs_the_others_nothing(room, site):
    """Connections that say nothing, or little, keep nobody from an answer."""
    import socket
    idle = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(100)]
    for s in idle[::2]:
        s.send(b"GET / HTTP/1.1\r\nX: ")
    assert site.get("/api/v1/health").status == 200
    for s in idle:
        s.close()


SUBJECT = "Velmora earthquake leaves sixty seven dead in coastal province"


@pytest.fixture(scope="module")
def desk(build):
    """Events that differ in what filters look at."""
    import time
    now = int(time.time())
    with Newsroom(build) as room:
        for i in range(5):
            room.feed("/q%d.xml" % i, rss([item("https://paper%d.example/q" % i, SUBJECT, date=now - 60 * i,
                                                more="<category>World News/Earthquakes</category>")]))
        room.feed("/s.xml", rss([
            item("https://sport.example/1", "Goalkeeper signs three year contract extension", date=now - 7200,
                 more="<category>Sport</category>")]))
        room.feed("/f.xml", rss([
            item("https://fr.example/1", "Le ministre des finances propose une nouvelle taxe sur les carburants dans le "
                 "budget de l'ann\u00e9e", date=now - 7200, text="Le ministre a dit que la taxe sera pay\u00e9e par les "
                 "soci\u00e9t\u00e9s et non par les gens, selon un communiqu\u00e9 du gouvernement.")]))
        room.start()
        room.wait_articles(7)
        yield room


@pytest.mark.parametrize("query, titles", [
    ("min_sources=2", {"Velmora"}), ("category=sport", {"Goalkeeper"}), ("category=disaster,%20accident%20and%20emergency%20INCIDENT,sport", {"Velmora", "Goalkeeper"}),
    ("category=accident%20and%20emergency%20incident", set()), ("category=world%20news,world%20news/earthquakes", set()), ("lang=fr", {"Le"}), ("source=sport.example", {"Goalkeeper"}),
    ("source=paper3.example,sport.example", {"Velmora", "Goalkeeper"}), ("growing=yes", {"Velmora"}),
    ("q=EARTHQUAKE", {"Velmora"}), ("q=earth", {"Velmora"}), ("q=quake", set()), ("q=three+goal", {"Goalkeeper"}),
    ("q=earthquake+goalkeeper", set()), ("q=ann%C3%A9e", {"Le"}), ("until=1", set()), ("since=1", {"Velmora", "Goalkeeper", "Le"}),
    ("order=rising&limit=1", {"Velmora"}), ("order=top&limit=1", {"Velmora"}), ("min_sources=2&q=goalkeeper", set())])
def test_filters(desk, query, titles):
    got = Site(desk).get("/api/v1/events?" + query).json()["events"]
    assert {e["title"].split()[0] for e in got} == titles


@pytest.mark.parametrize("name, parameter, value, count", [
    ("words", "q", "EARTH vel", 1), ("words", "q", "ann\u00e9e", 1), ("words", "q", "quake", 0), ("words", "q", "front", 1),
    ("words", "q", "gens", 0),  # of the summary alone
    ("category", "category", "Disaster, accident and emergency incident", 1),
    ("category", "category", "religion, disaster, accident and emergency incident, weather", 1), ("category", "category", "front page, today", 1),
    ("category", "category", "sport, front page", 1), ("source", "source", "PAPER3.example, nobody", 1),
    ("lang", "lang", "fr, de", 1), ("min-sources", "min_sources", "2", 1)])
def test_a_filter_means_the_same_to_the_api_and_to_readers_of_the_store(build, desk, name, parameter, value, count):
    site = Site(desk)
    quake = next(n for n, e in desk.events().items() if "Velmora" in e["title"])
    body = json.dumps({"kind": "tag", "event": quake, "tag": "Front page, today", "who": "Ilsa"})
    assert site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json").status in (201, 409)  # once for all
    answer = site.get("/api/v1/events?" + urllib.parse.urlencode({parameter: value})).json()["events"]
    listed = lines_of(storyctl(build, "list", "--db", desk.store, "--json", "--" + name, value))
    assert len(listed) == count
    assert {e["id"] for e in answer} == {e["id"] for e in listed}


def test_a_list_shows_what_came_since_and_after_a_restart(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(3)))
        site = Site(room.start())
        room.wait_articles(3)
        ids = lambda: [e["id"] for e in site.get("/api/v1/events?order=new").json()["events"]]
        assert ids() == [3, 2, 1]
        room.web.set("/a.xml", rss(articles(5)))
        room.wait_articles(5)
        assert ids() == [5, 4, 3, 2, 1]
        since = len(room.daemon.lines)
        room.daemon.stop()
        room.start()
        site = Site(room, since)
        assert ids() == [5, 4, 3, 2, 1]


def test_tokens(build, tmp_path):
    tokens = {}
    for name in "read", "write":
        tokens[name] = name * 8
        (tmp_path / name).write_text(tokens[name] + "\n")
    options = "read_token = %s/read\nwrite_token = %s/write\n" % (tmp_path, tmp_path)
    with Newsroom(build, http=options) as room:
        site = Site(room.start())
        answer = site.get("/api/v1/health")
        assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert site.get("/api/v1/health", Authorization="Bearer " + tokens["read"][:-1] + "x").status == 401
        assert site.get("/api/v1/health", Authorization="Bearer " + tokens["read"][:-1]).status == 401
        body = json.dumps({"kind": "note", "who": "anna", "event": 1, "text": "x", "why": ""})
        for token, status in (tokens["read"], 403), (tokens["write"], 404):
            assert site.ask("POST", "/api/v1/decisions", body, Authorization="Bearer " + token).status == status
        assert site.ask("POST", "/api/v1/decisions", body).status == 401
        for token in tokens.values():
            import base64
            basic = base64.b64encode(("anna:" + token).encode()).decode()
            assert site.get("/api/v1/health", Authorization="Bearer " + token).status == 200
            assert site.get("/api/v1/health", Authorization="Basic " + basic).status == 200
        assert site.get("/api/v1/health", unix=True).status == 200


def refused(build, http):
    """What storyd says at a start that fails."""
    with Newsroom(build, http=http) as room:
        room.write_list()
        room.daemon.start()
        assert room.daemon.wait() != 0
        return room.daemon.log()


def test_other_addresses_need_a_token(build):
    assert "connections from other machines; set read_token" in refused(build, "listen = 0.0.0.0:0\n")


def test_a_short_token_is_refused(build, tmp_path):
    (tmp_path / "token").write_text("short\n")
    assert "openssl rand -hex 32" in refused(build, "read_token = %s/token\n" % tmp_path)


def test_an_address_in_use_is_told(build, site):
    assert "set a different address as listen" in refused(build, "listen = 127.0.0.1:%d\n" % site.port)


def test_no_server_at_all(build):
    with Newsroom(build, http="listen = none\nsocket = none\n") as room:
        room.start()
        assert " listening " not in room.daemon.log()
        assert not (room.store / "storyd.sock").exists()


def test_a_socket_that_a_killed_daemon_left_is_replaced(build):
    with Newsroom(build) as room:
        room.start()
        room.daemon.kill()
        since = len(room.daemon.lines)
        room.start()
        assert Site(room, since).get("/api/v1/health", unix=True).status == 200
        room.daemon.stop()
        assert not (room.store / "storyd.sock").exists()


def test_a_socket_that_systemd_hands_over(build, tmp_path):
    """As sd_listen_fds(3) tells: descriptor 3, and who it is for."""
    import http.client
    import socket
    import subprocess
    import sys
    (tmp_path / "feeds.opml").write_text("<opml version='2.0'><head/><body/></opml>")
    (tmp_path / "storyd.conf").write_text("[store]\npath = store\n[feeds]\nlist = feeds.opml\n[http]\nlisten = 127.0.0.1:1\n")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(8)
        run = ("import os, sys\nfd = int(sys.argv[1])\nos.dup2(fd, 3)\nos.set_inheritable(3, True)\n"
               "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\nos.execv(sys.argv[2], sys.argv[2:])")
        daemon = subprocess.Popen([sys.executable, "-c", run, str(s.fileno()), str(build / "storyd"), "-c",
                                   str(tmp_path / "storyd.conf")], pass_fds=[s.fileno()], stderr=subprocess.PIPE)
        try:
            c = http.client.HTTPConnection("127.0.0.1", s.getsockname()[1], timeout=30)
            c.request("GET", "/api/v1/health")  # it waits in the queue until the daemon listens
            assert c.getresponse().status == 200
            assert (tmp_path / "store" / "storyd.sock").exists()
        finally:
            daemon.terminate()
            said = daemon.communicate(timeout=30)[1].decode()
    assert "listening" in said and daemon.returncode == 0


def test_cross_site_writes_are_refused(room, site):
    """A page of another site can make a browser send, but not to us."""
    body = json.dumps({"kind": "tag", "who": "eve", "event": 1, "tag": "evil", "why": ""})
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
                    {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}):
        answer = site.ask("POST", "/api/v1/decisions", body, **headers)
        assert answer.status == 403 and "cross-site writes" in answer.json()["detail"], headers
    assert "evil" not in site.get("/api/v1/events/1").body.decode()
    own = "http://127.0.0.1:%d" % site.port
    body = body.replace("evil", "good")
    assert site.ask("POST", "/api/v1/decisions", body, Origin=own, Sec_Fetch_Site="same-origin").status == 201


def test_a_body_in_chunks_and_one_that_is_waited_for(site):
    body = json.dumps({"kind": "note", "who": "anna", "event": 1, "text": "x" * 3000, "why": ""}).encode()
    head = b"POST /api/v1/decisions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7))
    chunked = site.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\nTrailer: x\r\n\r\n")
    plain = site.raw(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert chunked.split(b" ")[1] == plain.split(b" ")[1] == site.ask("POST", "/api/v1/decisions", body).status.__str__().encode()
    import socket
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as s:
        s.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert s.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(body)
        assert s.recv(100000).split(b" ")[1] == plain.split(b" ")[1]


ORIGIN = b"Origin: https://desk.example\r\n"
EARLY = {  # what is answered by its head alone, and the status
    "preflight": (b"OPTIONS /api/v1/decisions", ORIGIN + b"Access-Control-Request-Method: GET\r\n", 204),
    "options": (b"OPTIONS /api/v1/events", b"", 204), "no such address": (b"POST /nothing", b"", 404),
    "no such method": (b"DELETE /api/v1/events", b"", 405), "not allowed": (b"POST /api/v1/decisions", ORIGIN, 403)}


@pytest.fixture(scope="module")
def cors(build):
    with Newsroom(build, http="cors_origins = https://desk.example") as room:
        yield Site(room.start())


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("name", EARLY)
def test_a_body_that_nobody_reads_is_no_request(cors, name, chunked):
    line, headers, status = EARLY[name]
    body = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    if chunked:
        headers, body = headers + b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        headers += b"Content-Length: %d\r\n" % len(body)
    answer = cors.raw(line + b" HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"\r\nServer: ") == 1
    assert b"\r\nConnection: close\r\n" in answer
