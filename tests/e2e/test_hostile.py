"""A world that means no good: addresses that must not be asked, servers that never end, documents
made to break what reads them. Each is an error that a person can read, and no other feed suffers."""
import socket
import threading

import pytest
from newsroom import Newsroom, articles, rss

ALLOW_NOTHING = "allow_addresses ="


def failed(room, path, words):
    """The feed's record once it has an error; the error must have these words."""
    record = room.wait_feed(path, lambda r: r["errors"])
    assert words in record["last_error"], record["last_error"]
    assert record["state"] == "error" and record["next_poll"]
    return record


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


def test_each_hop_of_a_redirect_is_checked(build):
    """A public server that sends us to the machine's inside is not followed."""
    with Newsroom(build, poll="allow_addresses = 127.0.0.1") as room:
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
