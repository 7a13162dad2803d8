"""The helper itself: a test that leans on a wrong server proves nothing."""
import http.client
import signal

import pytest
from loopback import Daemon, FeedServer, Response


@pytest.fixture
def web():
    with FeedServer() as server:
        yield server


def ask(web, path, headers={}, conn=None, method="GET", body=None):
    conn = conn or http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    conn.request(method, path, body, headers)
    r = conn.getresponse()
    return r.status, r.read(), r


def test_one_connection_serves_many_requests_and_all_are_recorded(web):
    web.set("/a", b"one", headers={"ETag": '"1"'})
    conn = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    assert ask(web, "/a?x=1", conn=conn)[:2] == (200, b"one")
    sock = conn.sock
    assert ask(web, "/a", {"If-None-Match": '"1"'}, conn)[:2] == (304, b"")
    assert ask(web, "/b", conn=conn)[0] == 404
    assert ask(web, "/a", conn=conn, method="POST", body=b"hook")[0] == 200
    assert conn.sock is sock
    assert [r.path for r in web.requests()] == ["/a?x=1", "/a", "/b", "/a"]
    assert web.wait_requests("/a", 3)[2].body == b"hook"
    assert web.requests("/a")[1].headers["if-none-match"] == '"1"'


def test_callables_chunks_cuts_and_drops(web):
    web.set("/count", lambda request: Response("n%d" % len(web.requests("/count")), 503))
    web.set("/chunks", [b"ab", b"cd"])
    web.set("/cut", b"0123456789", cut=4)
    web.set("/drop", drop=True)
    assert ask(web, "/count")[:2] == (503, b"n1")
    assert ask(web, "/chunks")[1] == b"abcd"
    with pytest.raises(http.client.IncompleteRead):
        ask(web, "/cut")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(web, "/drop")


SCRIPT = '''
trap 'echo reload >&2; cat "$1" >&2' USR1
trap 'echo bye >&2; exit 3' TERM
echo ready >&2
while :; do sleep 0.02; done
'''


def test_daemon_reloads_stops_and_starts_again_on_the_same_directory():
    with Daemon("/bin/sh", "[a]\nroot = {dir}\n", ["-c", SCRIPT, "sh", "{config}"]) as d:
        d.wait_log("^ready$")
        seen = len(d.lines)
        d.signal(signal.SIGUSR1)
        assert d.wait_log("^root", since=seen) == "root = %s" % d.dir
        assert d.stop() == 3 and d.lines[-1] == "bye"
        d.start()
        d.wait_log("^ready$", count=2)
        assert d.kill() == -signal.SIGKILL
        with pytest.raises(RuntimeError, match="ended with status -9"):
            d.wait_log("never")
    assert not d.dir.exists()


def test_daemon_hears_notifications():
    script = ("import os, socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);"
              "s.sendto(b'READY=1\\nSTATUS=x', os.environ['NOTIFY_SOCKET']); input()")
    with Daemon("/usr/bin/python3", args=["-c", script], notify=True) as d:
        d.wait()
        assert d.notifications == ["READY=1", "STATUS=x"]
