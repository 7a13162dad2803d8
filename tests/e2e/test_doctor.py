"""storyctl doctor: each thing that can be wrong is found, with what to do, and nothing else is."""
import calendar
import contextlib
import time

import pytest
from hostile import Hostile, authority
from loopback import FeedServer, free_port
from newsroom import LONG, Newsroom, articles, lines_of, rss, storyctl

ORDER = ["configuration", "feed list", "permissions", "daemon", "store", "disk", "DNS", "feeds", "certificates", "clock"]
STATUS = {"ok": 0, "warning": 1, "failed": 2}
# What a machine of tests may lack, or have too little of: not judged unless the test is of it.
OF_THE_MACHINE = {"clock", "disk"}


@pytest.fixture
def room(build):
    with Newsroom(build) as room:
        room.daemon.config_path.chmod(0o640)
        room.feed("/a.xml", rss(articles(3)))
        yield room


def doctor(room):
    """Findings by check, and all that is wrong. The exit status is that of the worst."""
    r = storyctl(room.build, "doctor", "--config", room.daemon.config_path, "--json")
    found = lines_of_any(r)
    assert r.returncode == max(STATUS[f["result"]] for f in found), r.stdout
    assert all(f["found"] and bool(f["advice"]) == (f["result"] != "ok") for f in found)
    wrong = {f["check"]: f for f in found if f["result"] != "ok" and f["check"] not in OF_THE_MACHINE}
    return found, wrong


def lines_of_any(r):
    assert r.stderr == "", r.stderr
    r.returncode, status = 0, r.returncode
    found = lines_of(r)
    r.returncode = status
    return found


def started(room):
    room.start()
    room.wait_articles(3)
    return room


def test_all_is_well(room):
    found, wrong = doctor(started(room))
    assert wrong == {} and [f["check"] for f in found] == ORDER
    said = {f["check"]: f["found"] for f in found}
    assert said["feeds"] == "1 of 1 feeds answer" and said["DNS"] == "1 names resolved"
    assert "polls 1 feeds" in said["daemon"] and " 3 changes" in said["store"]


def test_the_table_is_for_people(room):
    room.list("http://127.0.0.1:%d/dead.xml" % free_port())
    started(room)
    r = storyctl(room.build, "doctor", "--config", room.daemon.config_path)
    lines = r.stdout.splitlines()
    assert lines[0].split(None, 2) == ["CHECK", "RESULT", "FOUND, WHAT TO DO"]
    [n] = [i for i, line in enumerate(lines) if line.startswith("feeds          warning  ")]
    assert "/dead.xml: " in lines[n] and lines[n + 1].startswith(" " * 24 + "open the address")


def test_feeds_that_do_not_answer(room):
    dead = "http://127.0.0.1:%d/dead.xml" % free_port()
    with FeedServer() as gone, FeedServer() as moved:
        gone.set("/gone.xml", b"nothing here", status=404)
        moved.set("/old.xml", b"<html>it is there now</html>", status=302, headers={"Location": room.url("/a.xml")})
        room.list(gone.url("/gone.xml"), dead, moved.url("/old.xml"), "http://nowhere.invalid/feed")
        started(room)
        room.asked("/a.xml", 2)
        room.daemon.stop()
        before = len(gone.requests("/gone.xml"))
        found, wrong = doctor(room)
        texts = {f["found"].split(": ")[0]: f for f in found if f["check"] == "feeds"}
        assert set(texts) == {gone.url("/gone.xml"), dead, "http://nowhere.invalid/feed", "2 of 5 feeds answer"}
        assert "HTTP 404" in texts[gone.url("/gone.xml")]["found"]
        [name] = [f for f in found if f["check"] == "DNS"]
        assert name["result"] == "warning" and name["found"].startswith("nowhere.invalid: ")
        requests = gone.requests("/gone.xml")
        assert len(requests) == before + 1  # politely
        assert requests[-1].headers["User-Agent"] == requests[0].headers["User-Agent"]


def test_no_feed_answers(room):
    room.start()
    room.listed = ["http://127.0.0.1:%d/dead.xml" % free_port()]
    room.write_list()
    found, wrong = doctor(room)
    assert wrong["feeds"]["result"] == "failed" and "network" in wrong["feeds"]["advice"]


@pytest.mark.parametrize("servers, feeds, asked", [(12, 1, 10), (2, 12, 2), (12, 12, 10)])
def test_at_most_ten_feeds_each_of_another_server(room, servers, feeds, asked):
    with contextlib.ExitStack() as stack:
        all_ = [stack.enter_context(FeedServer()) for _ in range(servers)]
        paths = ["/%d.xml" % n for n in range(feeds)]
        for s in all_:
            for path in paths:
                s.set(path, rss(articles(1)))
        room.listed = [s.url(path) for s in all_ for path in paths]
        room.write_list()
        found, _ = doctor(room)
        requests = [sum(len(s.requests(path)) for path in paths) for s in all_]
        assert max(requests) == 1 and sum(requests) == asked
        assert "%d of %d feeds answer" % (asked, asked) in [f["found"] for f in found]


def test_a_server_that_never_ends_is_left(room):
    """Only the beginning of a response is read."""
    with Hostile() as server:
        room.list(server.url("/zeros"))
        room.write_list()
        before = time.monotonic()
        found, wrong = doctor(room)
        assert "feeds" not in wrong and time.monotonic() - before < LONG


# ---- configuration and files

def test_a_configuration_that_cannot_be_read(room):
    room.daemon.config_path.write_text("[store]\nmax_size = much\n")
    found, wrong = doctor(room)
    assert [f["check"] for f in found] == ["configuration"]
    assert found[0]["result"] == "failed" and "daemon.conf:2: " in found[0]["found"]


def test_a_token_that_is_no_token(room):
    (room.daemon.dir / "token").write_text("short\n")
    room.configure(http="read_token = {dir}/token")
    room.write_list()
    found, wrong = doctor(room)
    assert wrong["configuration"]["result"] == "failed" and "invalid token" in wrong["configuration"]["found"]
    assert len(found) > 5  # the others are checked nevertheless


@pytest.mark.parametrize("text, result, said", [
    ("<opml><body>", "failed", "feeds.opml:1: "),
    ('<opml><body>\n<outline xmlUrl="ftp://a.example/x"/></body></opml>', "warning", "feeds.opml:2: "),
    ("<opml><body></body></opml>", "warning", "no feeds")])
def test_a_feed_list_with_faults(room, text, result, said):
    room.write_list(text)
    _, wrong = doctor(room)
    assert wrong["feed list"]["result"] == result and said in wrong["feed list"]["found"]


@pytest.mark.parametrize("option", ["http='read_token = {dir}/secret'", "rest='[alert a]\\nwebhook = http://a.example/\\nwebhook_secret = {dir}/secret'"])
def test_a_secret_that_anyone_can_read(room, option):
    secret = room.daemon.dir / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef\n")
    name, value = option.split("=", 1)
    room.configure(**{name: value.strip("'").replace("\\n", "\n")})
    started(room)
    for mode, bad in (0o604, True), (0o640, False):
        secret.chmod(mode)
        _, wrong = doctor(room)
        assert ("permissions" in wrong) == bad
    secret.chmod(0o644)
    finding = doctor(room)[1]["permissions"]
    assert finding["result"] == "failed" and str(secret) in finding["found"] and "chmod" in finding["advice"]


def test_logins_in_files_that_anyone_can_read(room):
    room.list("http://ada:word@127.0.0.1:%d/b.xml" % free_port())
    started(room)
    room.configure(poll="proxy = http://ada:word@127.0.0.1:%d/" % free_port())
    for path in room.daemon.dir / "feeds.opml", room.daemon.config_path:
        for each in room.daemon.dir / "feeds.opml", room.daemon.config_path:
            each.chmod(0o640)
        path.chmod(0o644)
        finding = doctor(room)[1]["permissions"]
        assert str(path) in finding["found"] and "word" not in finding["found"]


@pytest.mark.parametrize("name, mode", [("", 0o770), ("data.mdb", 0o660), ("lock.mdb", 0o666)])
def test_a_store_that_is_too_open(room, name, mode):
    started(room)
    (room.store / name).chmod(mode)
    finding = doctor(room)[1]["permissions"]
    assert finding["result"] == "failed" and "mode 0%o" % mode in finding["found"]


# ---- store and daemon

def test_without_a_store_and_a_daemon(room):
    room.write_list()
    _, wrong = doctor(room)
    assert wrong["store"]["result"] == "warning" and "there is no store" in wrong["store"]["found"]
    assert wrong["daemon"]["result"] == "failed" and "start storyd" in wrong["daemon"]["advice"]


def test_a_store_that_is_none(room):
    started(room)
    room.daemon.stop()
    (room.store / "data.mdb").write_bytes(b"\0" * 65536)
    assert doctor(room)[1]["store"]["result"] == "failed"


def test_a_store_that_fills_up(room):
    started(room)
    room.configure()
    text = room.daemon.config_path.read_text()
    room.daemon.stop()
    with open(room.store / "data.mdb", "r+b") as f:
        f.truncate(15 << 20)
    room.daemon.config_path.write_text(text.replace("max_size = 1GiB", "max_size = 16MiB"))
    room.daemon.config_path.chmod(0o640)
    finding = doctor(room)[1]["store"]
    assert finding["result"] == "warning" and "93 % of max_size" in finding["found"]


# ---- certificates

def stamp(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("authority")
    return authority(directory), directory


@pytest.mark.parametrize("days, check, result, said", [
    (30, None, None, None),
    (3, "certificates", "warning", "expires in 7"),
    (-1, "feeds", "warning", "certificate has expired")])
def test_certificates_of_feeds(room, certificate, days, check, result, said):
    make, directory = certificate
    with Hostile(make("server%d" % days, stamp(-9), stamp(days))) as server:
        body = rss(articles(1))
        server.set("/feed", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        room.list(server.url("/feed"))
        room.configure(poll="ca_file = %s/ca.pem" % directory)
        room.daemon.config_path.chmod(0o640)
        started(room) if days > 0 else room.start()
        _, wrong = doctor(room)
        assert set(wrong) == ({check} if check else set())
        if check:
            assert wrong[check]["result"] == result and said in wrong[check]["found"]


def test_without_certificates(room):
    room.write_list()
    room.configure(poll="ca_file = {dir}/none.pem")
    finding = doctor(room)[1]["certificates"]
    assert finding["result"] == "failed" and "ca-certificates" in finding["advice"]


# ---- the clock

@pytest.mark.parametrize("seconds, wrong", [(0, False), (7200, True), (-7200, True)])
def test_a_clock_that_differs_from_those_of_servers(room, seconds, wrong):
    with Hostile() as server:
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(calendar.timegm(time.gmtime()) + seconds))
        server.set("/feed", b"HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: 2\r\n\r\nok" % date.encode())
        room.listed = [server.url("/feed")]
        room.write_list()
        [clock] = [f for f in doctor(room)[0] if f["check"] == "clock"]
        assert (clock["result"] == "failed" and "differs by" in clock["found"]) == wrong
