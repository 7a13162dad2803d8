"""Sign-in by a reverse proxy: whose headers are believed, what they permit, and what strangers try."""
import contextlib
import grp
import http.client
import itertools
import json
import os
import pwd
import subprocess

import pytest
from newsroom import Newsroom, articles, rss, storyctl
from proxy import NGINX, nginx
from web import Site

OPTIONS = """user_header = X-Forwarded-User
groups_header = X-Forwarded-Groups
trusted_proxies = 127.0.0.1
roles = anna: administer, bob@paper.example: read, CN:carl: decide
roles = @desk: decide, @interns: read, @two words: decide
"""


titles = itertools.count()


@contextlib.contextmanager
def running(build, http=OPTIONS, **more):
    with Newsroom(build, http=http, **more) as room:
        room.feed("/a.xml", rss(articles(3)))
        room.start()
        room.wait_articles(3)
        yield room, Site(room)


@pytest.fixture(scope="module")
def both(build):
    with running(build) as found:
        yield found


@pytest.fixture(scope="module")
def site(both):
    return both[1]


def a_decision(**more):
    """Each another one: what would change nothing is refused."""
    return json.dumps({"kind": "rename", "event": 1, "title": "Title %d" % next(titles), "why": "", **more})


def decide(site, who="eve", **headers):
    """A decision that claims to be of `who`."""
    body = a_decision(**({"who": who} if who else {}))
    return site.ask("POST", "/api/v1/decisions", body, **headers)


def read(site, **headers):
    return site.get("/api/v1/events/1", **headers).status


# ---- users, groups, roles ------------------------------------------------------------------------

def test_the_proxy_says_who_decided(site):
    """Whatever the client claims, or if it says nothing."""
    for who in "eve", None:
        answer = decide(site, who, X_Forwarded_User="anna")
        assert answer.status == 201 and answer.json()["who"] == "anna"
    assert site.get("/api/v1/decisions", X_Forwarded_User="anna").json()["decisions"][0]["who"] == "anna"


@pytest.mark.parametrize("user, groups, may_read, may_decide", [
    ("anna", "", 200, 201), ("bob@paper.example", "", 200, 403), ("CN:carl", "", 200, 201), ("dora", "", 403, 403),
    ("dora", "desk", 200, 201), ("dora", "interns, desk", 200, 201), ("dora", "interns,desk", 200, 201),
    ("dora", "interns", 200, 403), ("dora", "two words", 200, 201), ("bob@paper.example", "desk", 200, 201),
    # not quite the name
    ("Anna", "", 403, 403), ("ann", "", 403, 403), ("anna2", "", 403, 403), ("@desk", "", 403, 403), ("desk", "", 403, 403),
    ("*", "", 403, 403), ("dora", "desks", 403, 403), ("dora", "@desk", 403, 403), ("dora", "des", 403, 403), ("dora", "anna", 403, 403),
    ("", "desk", 401, 401),  # a group without a user
])
def test_what_a_user_may_do(site, user, groups, may_read, may_decide):
    headers = {"X_Forwarded_User": user, "X_Forwarded_Groups": groups}
    assert (read(site, **headers), decide(site, **headers).status) == (may_read, may_decide)


def test_who_decides_does_not_remove_texts(build):
    """That cannot be undone: it is for those who administer, and logged with their name."""
    with running(build) as (room, site):
        forget = lambda **headers: site.ask("POST", "/api/v1/forget", json.dumps({"article": 1, "who": "eve", "why": "asked"}), **headers)
        answer = forget(X_Forwarded_User="CN:carl")
        assert answer.status == 403 and "requires the role administer" in answer.json()["detail"]
        assert forget(X_Forwarded_User="anna", Origin="https://evil.example").status == 403
        assert forget(X_Forwarded_User="anna").status == 200
        room.daemon.wait_log("text removed on request .*who=anna")


def test_everybody_who_is_signed_in_may_decide_by_default(build):
    with running(build, "user_header = Remote-User\ntrusted_proxies = 127.0.0.0/8\n") as (_, site):
        assert decide(site, Remote_User="dora").status == 201
        assert decide(site).status == 401 and read(site) == 401


def test_nobody_is_in_without_a_name(site):
    """From this machine too, where no token is needed otherwise."""
    for headers in {}, {"X_Forwarded_User": ""}, {"X_Forwarded_User": " \t "}, {"X_Forwarded_Groups": "desk"}:
        assert read(site, **headers) == 401 and decide(site, **headers).status == 401
    assert "names no user" in site.get("/api/v1/events").json()["detail"]
    assert site.get("/healthz").status == 200


def test_the_page_offers_what_the_user_may_do(site):
    mark = lambda user: site.get("/", X_Forwarded_User=user).body.decode().split("<body")[1].split(">")[0]
    assert 'data-decides="signed-in"' in mark("anna") and "data-decides" not in mark("bob@paper.example")
    assert 'data-decides="signed-in"' in mark("CN:carl")  # and not what was kept for others


def test_a_name_in_any_script_is_kept(build):
    with running(build, "user_header = X-Forwarded-User\ntrusted_proxies = 127.0.0.1\n") as (_, site):
        for name in "Zoë Ångström", "李雷", "x" * 200:
            answer = decide(site, X_Forwarded_User=name.encode())
            assert answer.status == 201 and answer.json()["who"] == name


def test_tokens_still_count(build, tmp_path):
    for name in "read", "write":
        (tmp_path / name).write_text(name * 8)
    tokens = "read_token = %s/read\nwrite_token = %s/write\n" % (tmp_path, tmp_path)
    with running(build, OPTIONS + tokens) as (_, site):
        assert read(site, Authorization="Bearer " + "read" * 8) == 200
        answer = decide(site, "robot", Authorization="Bearer " + "write" * 8)
        assert answer.status == 201 and answer.json()["who"] == "robot"
        answer = decide(site, "eve", X_Forwarded_User="bob@paper.example", Authorization="Bearer " + "write" * 8)
        assert answer.status == 201 and answer.json()["who"] == "bob@paper.example"
        assert decide(site, X_Forwarded_User="bob@paper.example", Authorization="Bearer " + "read" * 8).status == 403


# ---- what strangers try --------------------------------------------------------------------------

def head(site, *lines, path="/api/v1/events/1"):
    """The status of a request with these header lines, as they are."""
    return int(site.raw(b"\r\n".join([b"GET " + path.encode() + b" HTTP/1.1", b"Host: localhost", b"Connection: close",
                                      *lines, b"", b""])).split(b" ")[1])


@pytest.mark.parametrize("lines, status", [
    ([b"X-Forwarded-User: anna"], 200), ([b"x-forwarded-USER:anna"], 200), ([b"X-Forwarded-User: \t anna \t"], 200),
    # twice: that of the client, and that of the proxy
    ([b"X-Forwarded-User: anna", b"X-Forwarded-User: dora"], 400), ([b"X-Forwarded-User: anna", b"x-forwarded-user: anna"], 400),
    ([b"X-Forwarded-User:", b"X-Forwarded-User: anna"], 400), ([b"X-Forwarded-User: anna, dora"], 400),
    ([b"X-Forwarded-User: dora", b"X-Forwarded-Groups: desk", b"X-Forwarded-Groups: interns"], 400),
    # spelt otherwise
    ([b"X_Forwarded_User: anna"], 401), ([b"X-Forwarded_User: anna"], 401), ([b"X.Forwarded.User: anna"], 401),
    ([b"X-Forwarded-User : anna"], 400), ([b"X-Forwarded-User\t: anna"], 400), ([b" X-Forwarded-User: anna"], 400),
    ([b"X-Forwarded-User: dora", b"X_Forwarded_Groups: desk"], 403), ([b"X-Forwarded-Users: anna"], 401),
    ([b"Connection: X-Forwarded-User"], 401), ([b"Forwarded: for=anna", b"X-Remote-User: anna"], 401),
    # values that are none
    ([b"X-Forwarded-User: an\0na"], 400), ([b"X-Forwarded-User: anna\x7f"], 400), ([b"X-Forwarded-User: anna\x01"], 400),
    ([b"X-Forwarded-User: an\tna"], 400), ([b"X-Forwarded-User: anna\xff"], 400), ([b"X-Forwarded-User: ann\xc3"], 400),
    ([b"X-Forwarded-User: anna\xc2\x85"], 400), ("X-Forwarded-User: \u202eanna".encode(), 400),
    ("X-Forwarded-User: anna\u2028".encode(), 400), ([b"X-Forwarded-User: anna\nX-Forwarded-User: bob"], 400),
    ([b"X-Forwarded-User: anna\rX"], 400), ([b"X-Forwarded-User: " + b"a" * 201], 400), ([b"X-Forwarded-User: " + b"a" * 20000], 431),
])
def test_headers_that_are_not_what_they_seem(site, lines, status):
    assert head(site, *([lines] if isinstance(lines, bytes) else lines)) == status


def test_a_page_of_another_site_cannot_decide(site):
    """The browser of a signed-in editor sends the sign-in along."""
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "null"}):
        answer = decide(site, X_Forwarded_User="anna", **headers)
        assert answer.status == 403 and "cross-site" in answer.json()["detail"]
    c = site.connection()
    c.request("GET", "/api/v1/events", headers={"Host": "evil.example", "X-Forwarded-User": "anna"})
    assert c.getresponse().status == 421


def test_the_header_of_a_stranger_is_ignored_and_told_once(build):
    with running(build, OPTIONS.replace("127.0.0.1", "192.0.2.1, 2001:db8::/32")) as (room, site):
        for _ in range(3):
            assert read(site, X_Forwarded_User="anna") == 401 and decide(site, X_Forwarded_User="anna").status == 403
        assert room.daemon.log().count("not in trusted_proxies names a user") == 1


def test_a_stranger_with_a_token_does_not_borrow_a_name(build, tmp_path):
    (tmp_path / "write").write_text("write" * 8)
    options = OPTIONS.replace("127.0.0.1", "192.0.2.1") + "write_token = %s/write\n" % tmp_path
    with running(build, options) as (_, site):
        answer = decide(site, "eve", X_Forwarded_User="anna", Authorization="Bearer " + "write" * 8)
        assert answer.status == 201 and answer.json()["who"] == "eve"


# ---- options -------------------------------------------------------------------------------------

@pytest.mark.parametrize("options, words", [
    ("user_header = X-Forwarded-User\n", "user_header requires trusted_proxies"),
    ("trusted_proxies = ::1\n", "trusted_proxies requires user_header"),
    ("groups_header = X-Groups\n", "groups_header requires user_header"),
    ("user_header = X_User\ntrusted_proxies = ::1\n", 'invalid value "X_User" for user_header'),
    ("user_header = X User\ntrusted_proxies = ::1\n", "expected a header of letters"),
    ("user_header = cookie\ntrusted_proxies = ::1\n", 'invalid value "cookie" for user_header'),
    ("user_header = X-User\ngroups_header = Host\ntrusted_proxies = ::1\n", 'invalid value "Host" for groups_header'),
    ("user_header = X-User\ntrusted_proxies = proxy.example\n", 'invalid network "proxy.example"'),
    ("user_header = X-User\ntrusted_proxies = unix:no-such-user\n", 'no user for "unix:no-such-user"'),
    ("user_header = X-User\ntrusted_proxies = ::1\nroles = anna\n", 'roles: invalid entry "anna"; expected NAME: ROLE'),
    ("user_header = X-User\ntrusted_proxies = ::1\nroles = anna: root\n", 'invalid entry "anna: root"'),
    ("user_header = X-User\ntrusted_proxies = ::1\nroles = : read\n", 'invalid entry ": read"'),
    ("user_header = X-User\ntrusted_proxies = ::1\nroles = @desk: read\n", "a group requires groups_header"),
])
def test_options_that_cannot_be_right(build, options, words, tmp_path):
    (tmp_path / "feeds.opml").write_text("<opml version='2.0'><head/><body/></opml>")
    (tmp_path / "storyd.conf").write_text("[http]\n" + options)
    r = subprocess.run([build / "storyd", "-n", "-c", tmp_path / "storyd.conf"], capture_output=True, text=True)
    assert r.returncode == 78 and words in r.stderr and "storyd.conf:" in r.stderr, r.stderr


def test_other_addresses_may_be_listened_on(build):
    """As with tokens: nobody gets in without one of them."""
    with Newsroom(build, http="listen = 0.0.0.0:0\n" + OPTIONS) as room:
        room.start()
        room.daemon.wait_log(r" listening address=0\.0\.0\.0:\d+")


# ---- the Unix socket -----------------------------------------------------------------------------

def over_unix(path, headers, user=None):
    """Asks as another user of this machine, and returns the status."""
    request = "GET /api/v1/events/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n" % "".join(
        "%s: %s\r\n" % pair for pair in headers.items())
    import sys
    program = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
               "s.sendall(sys.argv[2].encode())\nprint(s.recv(4096).decode(errors='replace').split()[1])")
    r = subprocess.run([sys.executable, "-c", program, str(path), request], capture_output=True, text=True, user=user)
    return int(r.stdout) if r.returncode == 0 else r.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be another user")
@pytest.mark.parametrize("trusted, of_nobody", [("unix", True), ("unix:nobody", True), ("unix:daemon", False)])
def test_a_proxy_on_the_unix_socket(build, trusted, of_nobody):
    """It is told by its user: others keep their access, and cannot name one."""
    with running(build, OPTIONS.replace("127.0.0.1", trusted) + "socket_mode = 0666\n") as (room, site):
        room.daemon.dir.chmod(0o755)
        room.store.chmod(0o755)
        path = room.store / "storyd.sock"
        assert over_unix(path, {}) == 200  # root, as storyctl
        assert over_unix(path, {}, "nobody") == (401 if of_nobody else 200)
        assert over_unix(path, {"X-Forwarded-User": "anna"}, "nobody") == 200
        assert over_unix(path, {"X-Forwarded-User": "dora"}, "nobody") == (403 if of_nobody else 200)
        assert storyctl(build, "pin", "1", "--db", room.store, "--who", "eve").returncode == 0
        assert read(site, X_Forwarded_User="anna") == 401  # TCP is not trusted here


# ---- a real nginx between ------------------------------------------------------------------------

SERVER = """
location / {
    auth_basic "storyd"; auth_basic_user_file %%(dir)s/passwords;
    proxy_pass http://%(to)s;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-User $remote_user;
    proxy_set_header X-Forwarded-Groups "";
    proxy_set_header Authorization "";
}
location /careless/ {  # signs nobody in, and sets no header
    proxy_pass http://%(to)s/;
    proxy_set_header Host $http_host;
}
location /asked/ {
    auth_request /who;
    auth_request_set $user $upstream_http_x_auth_request_user;
    auth_request_set $groups $upstream_http_x_auth_request_groups;
    proxy_pass http://%(to)s/;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-User $user;
    proxy_set_header X-Forwarded-Groups $groups;
}
location = /who { internal; proxy_pass %(who)s; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
"""
NOBODY = "nobody " + grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name


def signing_in(to, who="http://127.0.0.1:1/"):
    return nginx(SERVER % {"to": to, "who": who}, NOBODY, {"passwords": "anna:{PLAIN}sesame\nbob@paper.example:{PLAIN}sesame\n"})


def through(port, method, path, body=None, login=None, **headers):
    import base64
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    if login:
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    c.request(method, path, body, headers)
    answer = c.getresponse()
    return answer.status, answer.read()




def check_basic(port):
    assert through(port, "GET", "/api/v1/events/1")[0] == 401
    assert through(port, "GET", "/api/v1/events/1", login="anna:wrong")[0] == 401
    assert through(port, "GET", "/api/v1/events/1", login="bob@paper.example:sesame")[0] == 200
    assert through(port, "POST", "/api/v1/decisions", a_decision(), "bob@paper.example:sesame")[0] == 403
    # headers of one's own are replaced
    for name in "X_Forwarded_User", "X_Forwarded_Groups":
        assert through(port, "POST", "/api/v1/decisions", a_decision(), "bob@paper.example:sesame", **{name: "anna"})[0] == 403
    status, answer = through(port, "POST", "/api/v1/decisions", a_decision(), "anna:sesame", X_Forwarded_User="eve")
    assert status == 201 and json.loads(answer)["who"] == "anna"
    own = "http://127.0.0.1:%d" % port
    assert through(port, "POST", "/api/v1/decisions", a_decision(), "anna:sesame", Origin=own, Sec_Fetch_Site="same-origin")[0] == 201
    assert through(port, "POST", "/api/v1/decisions", a_decision(), "anna:sesame", Origin="http://evil.example")[0] == 403
    assert through(port, "GET", "/careless/api/v1/events/1")[0] == 401


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_nginx_signs_in_over_tcp(both):
    with signing_in("127.0.0.1:%d" % both[1].port) as port:
        check_basic(port)


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be another user")
def test_nginx_signs_in_over_the_unix_socket(build):
    with running(build, OPTIONS.replace("127.0.0.1", "unix:nobody") + "socket_mode = 0666\n") as (room, _):
        room.daemon.dir.chmod(0o755)
        room.store.chmod(0o755)
        with signing_in("unix:%s/storyd.sock:" % room.store) as port:
            check_basic(port)


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_nginx_asks_another_server_who_it_is(both):
    """As oauth2-proxy answers; the groups are those of the answer."""
    room, site = both
    from loopback import Response
    users = {"s=1": {"X-Auth-Request-User": "dora", "X-Auth-Request-Groups": "interns,desk"},
             "s=2": {"X-Auth-Request-User": "dora"}, "s=3": {}}

    def who(request):
        found = users.get(request.headers["Cookie"])
        return Response(b"", 401 if found is None else 202, found or {})
    room.web.set("/who", who)
    with signing_in("127.0.0.1:%d" % site.port, room.web.url("/who")) as port:
        ask = lambda cookie, **more: through(port, "POST", "/asked/api/v1/decisions", a_decision(), Cookie=cookie, **more)
        status, answer = ask("s=1")
        assert status == 201 and json.loads(answer)["who"] == "dora"
        assert ask("s=2")[0] == 403 and ask("s=2", X_Forwarded_Groups="desk")[0] == 403
        assert ask("s=3", X_Forwarded_User="anna")[0] == 401  # signed in, but nobody
        assert ask("none", X_Forwarded_User="anna")[0] == 401
