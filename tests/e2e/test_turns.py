"""One turn of the loop serves a bounded number of requests and of pieces of streams, then everybody else.

Nothing is timed: all that is asked waits while the daemon stands still, and what it had answered, or sent,
by the time it answers somebody who asked last is in its own counts.
"""
import contextlib
import json
import re
import signal
import socket

import pytest
from newsroom import Newsroom, broken, key
from web import Site

STEPS = 64  # TURN_STEPS of net/server.c
PIECE = 64 << 10
CHANGES = 20000


@pytest.fixture(scope="module")
def room(build):
    """A store with more changes than a socket takes at once."""
    with Newsroom(build) as room:
        room.start()
        room.daemon.stop()
        with broken(room.store) as (db, txn):
            changes = db("changes")
            for n in range(1, CHANGES + 1):
                record = {"seq": n, "time": 1_700_000_000, "kind": "expired", "event": 1, "for test": "x" * 100}
                txn.put(key(n), json.dumps(record).encode(), db=changes)
            txn.put(b"seq", str(CHANGES).encode(), db=db("meta"))
        since = len(room.daemon.lines)
        room.start()
        room.site = Site(room, since)
        yield room


class Client:
    def __init__(self, site):
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=30)

    def ask(self, *lines):
        self.socket.sendall("\r\n".join([*lines, "Host: localhost", "", ""]).encode())

    def read_head(self):
        out = b""
        while b"\r\n\r\n" not in out:
            piece = self.socket.recv(65536)
            assert piece, out
            out += piece
        return out

    def counts(self):
        """The metrics that it had asked for."""
        out = self.read_head()
        while b"process_resident_memory_bytes " not in out:
            out += self.socket.recv(65536)
        return lambda name: float(re.search(rb"\n%s (\S+)" % re.escape(name.encode()), out)[1])


def stood_still(room, clients, ask):
    """The daemon's counts before and as it answers a newcomer, who asks after all clients did."""
    for c in clients:
        c.ask("HEAD /api/v1/health HTTP/1.1")
        c.read_head()
    newcomer = Client(room.site)
    newcomer.ask("GET /metrics HTTP/1.1")
    before = newcomer.counts()
    newcomer.socket.close()
    room.daemon.signal(signal.SIGSTOP)
    try:
        for c in clients:
            ask(c)
        newcomer = Client(room.site)
        newcomer.ask("GET /metrics HTTP/1.1")
    finally:
        room.daemon.signal(signal.SIGCONT)
    after = newcomer.counts()
    newcomer.socket.close()
    return lambda name: after(name) - before(name)


@contextlib.contextmanager
def clients(room, n):
    all_ = [Client(room.site) for _ in range(n)]
    try:
        yield all_
    finally:
        for c in all_:
            c.socket.close()


@pytest.mark.parametrize("n", [1, 6])
def test_requests_that_come_together_do_not_keep_a_newcomer_waiting(room, n):
    together = b"HEAD /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1200
    with clients(room, n) as those:
        grew = stood_still(room, those, lambda c: c.socket.sendall(together))
        assert grew('storyd_http_requests_total{method="GET",route="/api/v1/health",code="200"}') <= STEPS
        for c in those:  # and all are answered
            answers = b""
            while answers.count(b"\r\n\r\n") < 1200:
                piece = c.socket.recv(1 << 20)
                assert piece
                answers += piece


def test_streams_that_have_all_to_read_do_not_keep_a_newcomer_waiting(room):
    with clients(room, 20) as those:
        grew = stood_still(room, those, lambda c: c.ask("GET /api/v1/stream?cursor=0 HTTP/1.1"))
        assert grew("storyd_http_sent_bytes_total") <= STEPS * (PIECE + 4096)
        for c in those:  # and each gets everything, in order
            c.last, c.rest = 0, b""
            while c.last < CHANGES:
                piece = c.socket.recv(1 << 20)
                assert piece
                found = re.findall(rb"^id: (\d+)\n", c.rest + piece, re.M)
                c.rest = (c.rest + piece).rpartition(b"\n\n")[2]
                numbers = [int(x) for x in found if int(x) > c.last]
                assert numbers == list(range(c.last + 1, c.last + 1 + len(numbers)))
                c.last += len(numbers)


def test_a_client_that_says_all_and_closes_its_side_gets_all_answers(room):
    with clients(room, 1) as (c,):
        c.socket.sendall(b"HEAD /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500)
        c.socket.shutdown(socket.SHUT_WR)
        answers = b""
        while piece := c.socket.recv(1 << 20):
            answers += piece
        assert answers.count(b"HTTP/1.1 200 OK\r\n") == 500
