"""Answers as servers in the field give them, against the letter of HTTP: codings that are none, or are not told,
cookies that a redirect needs, blanks in addresses, bodies that break off, hints that cannot be meant."""
import gzip
import time
import zlib

import pytest
from loopback import Response
from newsroom import Newsroom, articles, rss

PARTS = "connections_per_host = 20"


@pytest.fixture
def room(build):
    with Newsroom(build, interval="1h", max_backoff="24h", poll=PARTS) as r:
        yield r


def document(name, n=1):
    return rss(articles(n, prefix=name, host="https://%s.example" % name))


def raw_deflate(body):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(body) + c.flush()


def polled(room, path, **expected):
    record = room.wait_feed(path, lambda f: f["polls"] == 1)
    found = {name: record[name] for name in expected}
    assert found == expected, (path, record["last_error"])
    return record


# ---- how it is packed ----------------------------------------------------------------------------

CODINGS = {
    # name: how the document is packed, what Content-Encoding says, what the record says
    "utf8": (bytes, "UTF-8", None),
    "none": (bytes, "none", None),
    "blank": (bytes, "", None),
    "aws": (bytes, "aws-chunked", None),
    "awsgzip": (gzip.compress, "aws-chunked,gzip", "gzip"),
    "notgzip": (bytes, "gzip", None),
    "notdeflate": (bytes, "deflate", None),
    "hidden": (gzip.compress, None, "gzip"),
    "misnamed": (gzip.compress, "deflate", "gzip"),
    "once": (lambda b: gzip.compress(gzip.compress(b)), "gzip", "gzip, gzip"),
    "twice": (lambda b: gzip.compress(gzip.compress(b)), "gzip, gzip", "gzip, gzip"),
    "zlib": (zlib.compress, "deflate", "deflate"),
    "raw": (raw_deflate, "deflate", "deflate"),
    "behind": (lambda b: gzip.compress(b) + b"\r\n", "gzip", "gzip"),
    "members": (lambda b: gzip.compress(b[:99]) + gzip.compress(b[99:]), "x-gzip", "gzip"),
}


def test_how_a_document_is_packed_is_told_by_its_bytes(room):
    for name, (pack, said, _) in CODINGS.items():
        headers = {"ETag": '"%s"' % name}
        headers.update({} if said is None else {"Content-Encoding": said})
        room.feed("/" + name, pack(document(name)), headers=headers)
    room.start()
    room.wait_articles(len(CODINGS))
    for name, (_, _, coding) in CODINGS.items():
        polled(room, "/" + name, state="ok", articles=1, coding=coding)


def test_a_document_that_came_packed_as_no_coding_is_asked_for_by_its_validator(build):
    with Newsroom(build) as room:
        room.feed("/utf8", document("utf8"), headers={"Content-Encoding": "UTF-8", "ETag": '"1"'})
        room.start()
        assert room.asked("/utf8", 2)[1].headers["If-None-Match"] == '"1"'


def test_what_breaks_off_in_its_packing_is_read_and_asked_for_anew(build):
    """The items that are there are taken; the next time no validator stands in the way of the rest."""
    with Newsroom(build) as room:
        whole = document("cut", 60)
        packed = [gzip.compress(whole)]

        def answer(request):
            body = packed[0][:-200] if len(room.web.requests("/a")) == 1 else packed[0]
            return Response(body, headers={"Content-Encoding": "gzip", "ETag": '"1"'})
        room.feed("/a", answer)
        room.start()
        room.wait_articles(60)
        assert [r.headers["If-None-Match"] for r in room.asked("/a", 2)[:2]] == [None, None]


def test_a_transfer_that_breaks_off_counts_if_the_document_is_whole(room):
    """A length that is wrong is no reason to leave out what is there; half a document is."""
    body = document("whole", 3)
    room.feed("/longer", body, headers={"Content-Length": str(len(body) + 10), "ETag": '"1"'}, cut=len(body))
    room.feed("/half", body, headers={"ETag": '"1"'}, cut=len(body) // 2)
    room.start()
    polled(room, "/longer", state="ok", articles=3, etag=None, body_hash=0)
    assert "transfer closed" in polled(room, "/half", state="error", articles=0)["last_error"]


# ---- where it lies -------------------------------------------------------------------------------

def test_a_redirect_that_needs_its_cookie(room):
    def gate(request):
        if request.headers["Cookie"] == "seen=1":
            return Response(document("gate"))
        return Response("", 302, {"Set-Cookie": "seen=1; Path=/", "Location": room.url("/gate")})
    room.feed("/gate", gate)
    room.feed("/circle", b"", 302, {"Location": "/circle"})
    room.start()
    polled(room, "/gate", state="ok", articles=1, moved_to=None)
    assert "redirect loop" in polled(room, "/circle", state="error")["last_error"]
    assert len(room.web.requests("/circle")) == 2, "once more, for there might have been a cookie"


@pytest.mark.parametrize("hops, state", [(20, "ok"), (21, "error")])
def test_as_many_redirects_as_browsers_follow(room, hops, state):
    for n in range(1, hops + 1):
        room.web.set("/hop%d" % n, b"", 302, {"Location": "/hop%d" % (n - 1)})
    room.web.set("/hop0", document("hop"))
    room.list("/hop%d" % hops)
    room.start()
    polled(room, "/hop%d" % hops, state=state)


def test_blanks_and_letters_in_addresses_are_encoded(room):
    room.web.set("/my%20feed.xml", document("blank"))
    room.web.set("/caf%C3%A9", document("letter"))
    room.web.set("/to", b"", 302, {"Location": room.url("/my feed.xml?a b")})
    room.list("/my feed.xml", "/café", "/to")
    room.start()
    room.wait_articles(2)
    polled(room, "/my feed.xml", state="ok", articles=1, document_url=room.url("/my%20feed.xml"))
    polled(room, "/café", state="ok", articles=1)
    polled(room, "/to", state="ok")
    assert "/my%20feed.xml?a%20b" in {r.path for r in room.web.requests()}


def test_statuses_that_bring_a_document(room):
    for status in (202, 203):
        room.feed("/%d" % status, document("s%d" % status), status)
    room.feed("/300", b"", 300, {"Location": "/choice"})
    room.web.set("/choice", document("choice"))
    room.feed("/404", document("missing"), 404)
    room.start()
    for path in ("/202", "/203", "/300"):
        polled(room, path, state="ok", articles=1)
    polled(room, "/404", state="error", articles=0)


# ---- when to come again --------------------------------------------------------------------------

def test_a_refusal_that_says_how_long_is_heeded(room):
    room.feed("/403", b"", 403, {"Retry-After": "7200"})
    room.start()
    record = polled(room, "/403", state="error", because="retry_after")
    assert record["next_poll"] - record["last_poll"] >= 7200


def test_an_operators_interval_counts_before_hints_and_not_before_retry_after(room):
    hints = {"Cache-Control": "max-age=36000"}
    room.web.set("/hinted", document("hinted").replace(b"<language>", b"<ttl>600</ttl><language>"), headers=hints)
    room.web.set("/asked", b"", 503, {"Retry-After": "36000"})
    outlines = "".join('<outline xmlUrl="%s" interval="2h"/>' % room.url(p) for p in ("/hinted", "/asked"))
    room.write_list('<opml version="2.0"><body>%s</body></opml>' % outlines)
    room.daemon.start()
    room.daemon.wait_log(" started ", 30)
    record = polled(room, "/hinted", state="ok", because="own")
    assert 7200 <= record["next_poll"] - record["last_poll"] <= 7920
    record = polled(room, "/asked", because="retry_after")
    assert record["next_poll"] >= time.time() + 35000
