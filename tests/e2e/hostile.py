"""Servers that mean no good, in one loop on a thread: the path of a request says what is done to it.

    with Hostile() as bad:
        bad.url("/drip")
"""
import asyncio
import contextlib
import os
import random
import ssl
import subprocess
import threading
import zlib

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n"
START, END = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>', b"</channel></rss>"
MIB = 1 << 20
# made once: a server that is busy making things would be what keeps everybody waiting
ITEMS = b"".join(b"<item><title>t%d</title></item>" % i for i in range(20000))
WORDS = b"word " * 100000
ATTRIBUTES = b"".join(b'a%d="0123456789" ' % i for i in range(500000))
AUTHORS = b"".join(b"<author>n%x</author>" % i for i in range(300000))


def plain(*pieces):
    return HEAD + b"\r\n" + b"".join(pieces)


async def send(out, *pieces):
    for piece in pieces:
        out.write(piece)
        await out.drain()


# ---- each is a coroutine of the writer: what it does after a request --------------------------------

async def drip(out):
    """A byte a second."""
    await send(out, HEAD, b"\r\n")
    while True:
        await send(out, b"<")
        await asyncio.sleep(1)


async def drip_headers(out):
    await send(out, HEAD, b"X: ")
    while True:
        await send(out, b"x")
        await asyncio.sleep(1)


async def endless(out):
    """Never ends, and every item of it is right."""
    await send(out, HEAD, b"\r\n", START)
    while True:
        await send(out, ITEMS)


async def endless_words(out):
    """Never ends, and is nothing."""
    await send(out, HEAD, b"\r\n")
    while True:
        await send(out, WORDS)


def bomb(byte):
    """A gigabyte of one byte, in a megabyte of gzip."""
    async def send_it(out):
        pack = zlib.compressobj(1, zlib.DEFLATED, 31)
        await send(out, HEAD, b"Content-Encoding: gzip\r\n\r\n", pack.compress(START))
        for _ in range(1024):
            await send(out, pack.compress(byte * MIB))
        await send(out, pack.flush())
    return send_it


async def many_headers(out):
    await send(out, HEAD)
    for n in range(100):
        await send(out, b"".join(b"X-%d-%d: y\r\n" % (n, i) for i in range(1000)))
    await send(out, b"\r\n", START, END)


async def long_header(out):
    await send(out, HEAD, b"X: " + b"x" * MIB, b"\r\n\r\n", START, END)


async def attributes(out):
    """10 MB of them, in one element."""
    await send(out, HEAD, b"\r\n", START, b"<item ",
               *[ATTRIBUTES[i:i + MIB] for i in range(0, len(ATTRIBUTES), MIB)], b"/>", END)


async def attribute(out):
    """One, of 10 MB."""
    await send(out, HEAD, b"\r\n", START, b'<item a="', *[b"0123456789" * 10000] * 100, b'"/>', END)


async def authors(out):
    """Of one item, each of another name."""
    await send(out, plain(START, b"<item><title>many</title>", AUTHORS, b"</item>", END))


async def deep(out):
    await send(out, HEAD, b"\r\n", START, b"<item>", *[b"<a>" * 100000] * 5, END)


async def nested_100(out):
    await send(out, HEAD, b"\r\n", START, b"<item><title>", b"<b>" * 100, b"deep", b"</b>" * 100,
               b"</title></item>", END)


async def million(out):
    await send(out, HEAD, b"\r\n", START, *[b"<item/>" * 100000] * 10, END)


async def not_utf8(out):
    await send(out, plain(START, b"<item><title>a \xff\xfe\xc0\x80\xed\xa0\x80 b</title></item>", END))


async def nuls(out):
    await send(out, plain(START, b"<item><title>a\0b</title></item>\0\0\0", END, b"\0" * 100000))


async def only_nuls(out):
    await send(out, plain(b"\0" * 5 * MIB))


async def loop(out):
    await send(out, b"HTTP/1.1 302 Found\r\nLocation: /loop?%d\r\nContent-Length: 0\r\n"
               b"Connection: close\r\n\r\n" % random.getrandbits(60))


async def too_short(out):
    """Less than its Content-Length says."""
    await send(out, HEAD, b"Content-Length: 100000\r\n\r\n", START)


async def too_long(out):
    """More than its Content-Length says: what it holds breaks off."""
    await send(out, HEAD, b"Content-Length: 10\r\n\r\n", START, END)


async def no_length(out):
    await send(out, HEAD, b"Content-Length: 99999999999999999999999\r\n\r\n", START, END)


async def bad_chunk(out):
    await send(out, HEAD, b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", START)


async def bad_gzip(out):
    await send(out, HEAD, b"Content-Encoding: gzip\r\n\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"\xff" * 999)


async def half_closed(out):
    """Says that nothing follows, and listens on."""
    out.write_eof()
    await asyncio.sleep(3600)


async def silent(out):
    await asyncio.sleep(3600)


async def closed(out):
    del out


async def reset(out):
    out.transport.abort()


async def no_http(out):
    await send(out, b"SSH-2.0-OpenSSH_9.2\r\n" * 100)


async def page(out):
    await send(out, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
               b"<!DOCTYPE html><title>t</title><p>no feed\n" + b"<p>x" * 100000)


async def laughs(out):
    entities = "".join('<!ENTITY l%d "%s">' % (i, "&l%d;" % (i - 1) * 10) for i in range(1, 10))
    await send(out, plain(b'<!DOCTYPE rss [<!ENTITY l0 "lol">%s]>' % entities.encode(),
                          b"<rss><channel><item><title>&l9;</title></item></channel></rss>"))


async def quadratic(out):
    """One long entity, many times."""
    await send(out, plain(b'<!DOCTYPE rss [<!ENTITY a "%s">]>' % (b"x" * 60000),
                          b"<rss><channel><item><title>%s</title></item></channel></rss>" % (b"&a;" * 60000)))


async def parameter(out):
    await send(out, plain(b'<!DOCTYPE rss [<!ENTITY % a "<!ENTITY b \'x\'>"> %a; %a;]>', START, END))


async def json_zeros(out):
    await send(out, HEAD.replace(b"rss+xml", b"feed+json"), b"\r\n", b'{"items":[{"id":"1","x":[',
               *[b"0," * (MIB // 2)] * 14, b"0]}]}")


async def json_deep(out):
    await send(out, plain(b'{"items":' + b"[" * 5 * MIB))


async def quotes(out):
    """Values whose end cannot be told."""
    await send(out, plain(START, b"<item a='\"" * MIB, END))


async def item_10_mib(out):
    await send(out, HEAD, b"\r\n", START, b"<item><title>long</title><description>",
               *[b"&lt;p&gt;word " * 80000] * 10, b"</description></item>", END)


KINDS = {f.__name__: f for f in (
    drip, drip_headers, endless, endless_words, many_headers, long_header, attributes, attribute,
    authors, deep, nested_100, million, not_utf8, nuls, only_nuls, loop, too_short, too_long, no_length,
    bad_chunk, bad_gzip, half_closed, silent, closed, reset, no_http, page, laughs, quadratic, parameter,
    json_zeros, json_deep, quotes, item_10_mib)}
KINDS.update(zeros=bomb(b"\0"), spaces=bomb(b" "), letters=bomb(b"a"))


class Hostile:
    """Serves each of KINDS at /NAME; what else there is is set with set(path, bytes)."""

    def __init__(self, tls=None):
        self.asked, self._answers, self._tls = [], {}, tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls,
                                                      backlog=512))
        self.port = self._server.sockets[0].getsockname()[1]

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def url(self, path):
        return "%s://127.0.0.1:%d%s" % ("https" if self._tls else "http", self.port, path)

    def set(self, path, answer):
        self._answers[path] = answer

    async def _serve(self, reader, out):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError,
                                 asyncio.LimitOverrunError, RuntimeError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode().split("?")[0]
            self.asked.append(path)
            if path in self._answers:
                await send(out, self._answers[path])
            else:
                await KINDS[path.strip("/").split("-")[0]](out)
        out.close()

    def close(self):
        async def end():
            self._server.close()
            tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


# ---- certificates ------------------------------------------------------------------------------------

CA = """
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


def authority(directory):
    """A certificate authority in a directory, and certificates of it: a function (name, from, until),
    times as YYYYMMDDHHMMSSZ, that gives a context for a server at 127.0.0.1."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=directory, check=True, capture_output=True, timeout=60)

    (directory / "ca.conf").write_text(CA)
    (directory / "index.txt").write_text("")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=own authority", "-days", "2")

    def certificate(name, start, end):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
                "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1")
        openssl("ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key",
                "-startdate", start, "-enddate", end, "-in", name + ".csr", "-out", name + ".pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(directory, name + ".pem"),
                                os.path.join(directory, name + ".key"))
        return context
    return certificate
