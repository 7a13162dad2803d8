"""Changes as they come: asked for, waited for, streamed; by clients that go, come back, or do not read."""
import json
import socket

import pytest
from newsroom import LONG, Newsroom, articles, rss
from web import Site


class Stream:
    """A reader of server-sent events."""

    def __init__(self, site, path="/api/v1/stream", **headers):
        self.connection = site.connection()
        self.connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        self.answer = self.connection.getresponse()
        assert self.answer.headers["Content-Type"] == "text/event-stream"

    def next(self):
        """(id, event, data) of the next event."""
        fields = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line and "data" in fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])
            name, _, value = line.partition(": ")
            fields[name] = value

    def close(self):
        self.answer.close()
        self.connection.close()


@pytest.fixture
def room(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(4)))
        room.start()
        room.wait_articles(4)
        room.n = 4
        yield room


def grow(room, by=1):
    """More articles, on subjects of their own: as many events, as many changes."""
    room.n += by
    room.web.set("/a.xml", rss(articles(room.n)))


@pytest.mark.parametrize("version, header", [("1.0", ""), ("1.1", "Connection: close\r\n")])
def test_a_long_poll_ends_the_connection_as_its_client_wants(room, version, header):
    site = Site(room)
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as s:
        s.sendall(("GET /api/v1/changes?cursor=%d&wait=1 HTTP/%s\r\nHost: localhost\r\n%s\r\n"
                   % (max(room.records("changes") or [0]), version, header)).encode())
        said = b""
        while piece := s.recv(4096):
            said += piece
    assert said.startswith(b"HTTP/1.1 200 ")


def test_changes_in_order_and_by_pages(room):
    site, stored = Site(room), room.records("changes")
    whole = site.get("/api/v1/changes").json()
    assert whole["changes"] == [c for _, c in sorted(stored.items())]
    assert whole["seq"] == max(stored) and whole["next"] is None
    got, cursor = [], "0"
    while cursor:
        page = site.get("/api/v1/changes?limit=1&cursor=" + cursor).json()
        got, seq, cursor = got + page["changes"], page["seq"], page["next"]
        assert cursor in (str(seq), None)
    assert got == whole["changes"]
    assert site.get("/api/v1/changes?cursor=%d" % seq).json() == {"changes": [], "seq": seq, "next": None}


def test_a_cursor_of_another_store_is_told(room):
    answer = Site(room).get("/api/v1/changes?cursor=4711")
    assert answer.status == 400 and "the last change is" in answer.json()["detail"]


def test_a_long_poll_is_answered_when_something_changes(room):
    site = Site(room)
    seq = site.get("/api/v1/changes").json()["seq"]
    c = site.connection()
    c.request("GET", "/api/v1/changes?wait=60&cursor=%d" % seq)
    grow(room)
    answer = json.loads(c.getresponse().read())
    assert [x["kind"] for x in answer["changes"]] == ["created"] and answer["seq"] == seq + 1
    c.request("GET", "/api/v1/health")  # the connection is as good as before
    assert c.getresponse().status == 200


def test_a_long_poll_ends_when_nothing_changes(room):
    site = Site(room)
    seq = site.get("/api/v1/changes").json()["seq"]
    assert site.get("/api/v1/changes?wait=1&cursor=%d" % seq).json()["changes"] == []


def test_a_stream_begins_now_and_tells_each_change(room):
    site = Site(room)
    stream = Stream(site)
    before = site.get("/api/v1/changes").json()["seq"]
    grow(room, 2)
    for n in 1, 2:
        seq, event, change = stream.next()
        assert (seq, event, change) == (before + n, "change", room.records("changes")[before + n])
    stream.close()


def test_a_stream_resumes_where_its_reader_was(room):
    site, stored = Site(room), room.records("changes")
    stream = Stream(site, Last_Event_ID="2")
    assert [stream.next()[0] for _ in range(2)] == sorted(stored)[2:4]
    stream.close()
    stream = Stream(site, "/api/v1/stream?cursor=0")
    assert [stream.next()[2] for _ in stored] == [c for _, c in sorted(stored.items())]
    stream.close()


def test_head_of_what_waits_does_not_wait(room):
    site = Site(room)
    assert site.ask("HEAD", "/api/v1/stream").status == 200
    assert site.ask("HEAD", "/api/v1/changes?wait=60&cursor=4").status == 200


def test_many_streams_and_readers_that_leave(room):
    site = Site(room)
    streams = [Stream(site) for _ in range(60)]
    for stream in streams[::2]:
        stream.close()
    grow(room)
    assert {s.next()[2]["kind"] for s in streams[1::2]} == {"created"}
    for stream in streams[1::2]:
        stream.close()


def test_more_streams_than_allowed_are_told_to_come_later(build):
    with Newsroom(build, http="streams = 2") as room:
        site = Site(room.start())
        streams = [Stream(site), Stream(site)]
        answer = site.get("/api/v1/stream")
        assert answer.status == 503 and answer.headers["Retry-After"]
        assert site.get("/api/v1/changes?wait=1").status == 503
        assert site.get("/api/v1/health").status == 200
        streams[0].close()
        room.wait(lambda: site.get("/api/v1/changes?wait=1").status == 200, "a free place")


def slow_reader(site, request):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.connect(("127.0.0.1", site.port))
    s.sendall(request)
    return s


def test_a_reader_that_does_not_read_is_dropped_and_the_others_go_on(build):
    with Newsroom(build, http="timeout = 1s") as room:
        room.feed("/a.xml", rss(articles(300)))
        site = Site(room.start())
        room.wait_articles(300)
        asked = b"GET /api/v1/events?limit=200 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 400
        slow = [slow_reader(site, asked) for _ in range(8)]
        stream = Stream(site)
        room.web.set("/a.xml", rss(articles(301)))
        assert stream.next()[2]["article"] == 301
        assert site.get("/api/v1/health").status == 200
        room.wait(lambda: open_sockets(room.daemon.pid, site.port) <= 2, "the slow to be dropped")
        stream.close()
        for s in slow:
            s.close()


def open_sockets(pid, port):
    """Connections that the daemon has on its port."""
    import os
    inodes = set()
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            inodes.add(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
        except OSError:
            pass
    n = 0
    for line in open("/proc/net/tcp").readlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port and fields[3] == "01" and "socket:[%s]" % fields[9] in inodes:
            n += 1
    return n


def test_a_request_that_never_ends_is_told_so(build):
    with Newsroom(build, http="timeout = 1s") as room:
        site = Site(room.start())
        with socket.create_connection(("127.0.0.1", site.port)) as s:
            s.settimeout(LONG)
            s.sendall(b"GET / HTTP/1.1\r\n")
            answer = b""
            while b"\r\n\r\n" not in answer:
                try:
                    s.sendall(b"X: y\r\n")  # a drop now and then does not put it off
                except ConnectionError:
                    pass
                s.settimeout(0.1)
                try:
                    piece = s.recv(4096)
                    assert piece or answer
                    answer += piece
                except socket.timeout:
                    pass
            assert answer.startswith(b"HTTP/1.1 408 ")


def test_more_connections_than_allowed_are_turned_away(build):
    with Newsroom(build, http="connections_per_peer = 5") as room:
        site = Site(room.start())
        held = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(5)]
        room.wait(lambda: open_sockets(room.daemon.pid, site.port) == 5, "five connections")
        assert site.raw(b"").startswith(b"HTTP/1.1 503 ")
        assert site.get("/api/v1/health", unix=True).status == 200
        for s in held:
            s.close()
        room.wait(lambda: open_sockets(room.daemon.pid, site.port) == 0, "all to be gone")
        assert site.get("/api/v1/health").status == 200


def test_pages_of_other_origins(build):
    with Newsroom(build, http="cors_origins = https://desk.example") as room:
        site = Site(room.start())
        answer = site.get("/api/v1/health", Origin="https://desk.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"
        assert "Origin" in answer.headers.get_all("Vary")
        assert not site.get("/api/v1/health", Origin="https://evil.example").headers["Access-Control-Allow-Origin"]
        asked = site.ask("OPTIONS", "/api/v1/events", Origin="https://desk.example",
                         Access_Control_Request_Method="GET")
        assert asked.status == 204 and asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    with Newsroom(build) as room:
        site = Site(room.start())
        assert not site.get("/api/v1/health", Origin="https://desk.example").headers["Access-Control-Allow-Origin"]
