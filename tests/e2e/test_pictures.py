"""Pictures of articles on the page: none unless asked for; fetched as politely as pages, scaled apart from
the daemon, served from here; and whatever a server sends instead."""
import gzip
import itertools
import re
import time

import browser
import pytest
from browser import Browser
from loopback import FeedServer, Response
from newsroom import SUBJECTS, Newsroom, item, rss, storyctl
from pictures import png
from web import Site

PNG = {"Content-Type": "image/png"}
TITLE = "Sefton tunnel opens again after two years of repairs"
TEXT = "The old tunnel under the Sefton hills opened again on Monday after two years of repairs."
TIMEOUT = 2
KEY = re.compile(r'<img class="picture" src="(/picture/[0-9a-f]{16}-\d+\.jpg)"')


def media(url):
    return '<media:content xmlns:media="http://search.yahoo.com/mrss/" medium="image" url="%s"/>' % url


class Gallery(Newsroom):
    """Two papers on one story, and a server with the picture of one of them."""

    def __init__(self, build, http="images = on", **options):
        super().__init__(build, http=http, **options)
        self.pictures = FeedServer(host="127.0.0.2")
        self.pictures.set("/tunnel.png", png(800, 600), headers=PNG)

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.pictures.close()

    def publish(self):
        for n in range(2):
            self.feed("/%d.xml" % n, rss([item("https://paper%d.example/tunnel" % n, TITLE, text=TEXT, date=time.time(),
                                               more=media(self.pictures.url("/tunnel.png")) if n else "")],
                                         title="Paper %d" % n, link="https://paper%d.example/" % n))

    def story(self):
        self.publish()
        self.start()
        return Site(self)

    def shown(self, site, path="/"):
        return KEY.findall(site.get(path).body.decode())

    def files(self):
        return sorted(p.name for p in (self.store / "pictures").glob("*"))


def test_no_picture_is_fetched_or_shown_unless_the_configuration_says_so(build):
    with Gallery(build, http="") as room:
        site = room.story()
        room.wait_articles(2)
        assert "<img" not in site.get("/").body.decode() + site.get("/event/1").body.decode()
        room.asked("/0.xml", 3)
        assert not room.pictures.requests() and not room.files()
        assert site.get("/picture/0123456789abcdef-224.jpg").status == 404


def test_a_picture_is_fetched_once_politely_and_served_from_here(build):
    with Gallery(build) as room:
        site = room.story()
        (address,) = room.wait(lambda: room.shown(site), "the picture of an event of two sources")
        assert [r.path for r in room.pictures.requests()] == ["/robots.txt", "/tunnel.png"]
        request = room.pictures.requests("/tunnel.png")[0]
        assert request.headers["User-Agent"].startswith("storyd/") and "image/jpeg" in request.headers["Accept"]
        answer = site.get(address)
        assert answer.status == 200 and answer.body[:3] == b"\xff\xd8\xff" and len(answer.body) < 20000
        assert answer.headers["Content-Type"] == "image/jpeg" and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=86400"
        assert site.get(address, If_None_Match=answer.headers["ETag"]).status == 304
        assert "img-src 'self'" in site.get("/").headers["Content-Security-Policy"]
        (large,) = room.shown(site, "/event/1")
        assert large == address.replace("-224", "-640") and len(site.get(large).body) > len(answer.body)
        assert 'Picture: <a href="#a' in site.get("/event/1").body.decode()
        assert room.shown(site, "/rows?events=1") == [address]
        for wrong in address.replace("-224", "-225"), address.replace("/picture/", "/picture/../"), "/picture/", address[:-4]:
            assert site.get(wrong).status == 404
        since = len(room.daemon.lines)
        room.daemon.restart()
        site = Site(room, since)
        assert room.shown(site) == [address] and site.get(address).body == answer.body
        assert len(room.pictures.requests()) == 2
        room.sound()


def test_a_redirect_to_another_host_is_followed_as_its_robots_txt_allows(build):
    with Gallery(build) as room, FeedServer(host="127.0.0.3") as other:
        room.pictures.set("/tunnel.png", b"", status=302, headers={"Location": other.url("/full.png")})
        other.set("/full.png", png(400, 300), headers=PNG)
        site = room.story()
        (address,) = room.wait(lambda: room.shown(site), "the picture")
        assert [r.path for r in other.requests()] == ["/robots.txt", "/full.png"]
        assert site.get(address).status == 200  # under the same name: no address of another host is told


def test_pictures_go_when_they_are_switched_off_or_a_text_is_removed(build):
    with Gallery(build) as room:
        site = room.story()
        (address,) = room.wait(lambda: room.shown(site), "the picture")
        (article,) = [n for n, a in room.records("articles").items() if a["image"]]
        result = storyctl(build, "forget", "--db", room.store, "--who", "Ada", article)
        assert result.returncode == 0, result.stderr
        assert not room.files() and site.get(address).status == 404
        room.wait(lambda: not room.shown(site), "the list without it")  # which is kept for a second
    with Gallery(build) as room:
        site = room.story()
        (address,) = room.wait(lambda: room.shown(site), "the picture")
        room.configure(http="")
        room.reload()
        assert not room.files() and site.get(address).status == 404
        room.wait(lambda: not room.shown(site), "the list without it")  # which is kept for a second


def test_a_damaged_file_is_not_served_but_fetched_again(build):
    with Gallery(build) as room:
        site = room.story()
        (address,) = room.wait(lambda: room.shown(site), "the picture")
        (file,) = room.files()
        (room.store / "pictures" / file).write_bytes(b"storydP1\xff\xff\xff\xff\xff\xff\xff\xff")
        assert site.get(address).status == 404
        room.wait(lambda: room.shown(site, "/event/1") and site.get(address).status == 200, "the picture again")


def endless():
    return Response(itertools.chain([png(300, 200)], itertools.repeat(bytes(1 << 16))), headers=PNG)


def to(url):
    return Response(b"", 302, {"Location": url})


# What a server answers when it is asked for a picture, and why nothing is shown.
ANSWERS = {
    "slow": (lambda _: Response(png(300, 200), headers=PNG, delay=TIMEOUT * 2), ""),
    "endless": (lambda _: endless(), "too large"),
    "svg": (Response(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', headers=PNG), "no JPEG"),
    "html": (Response(b"<html><body><p>Not here</p></body></html>", headers={"Content-Type": "image/jpeg"}), "no JPEG"),
    "empty": (Response(b"", headers=PNG), "no JPEG"),
    "bomb": (Response(png(6000, 6000, (9, 9, 9)), headers=PNG), "exit status 1"),
    "gzip-bomb": (Response(gzip.compress(png(300, 200) + bytes(64 << 20)),
                           headers=dict(PNG, **{"Content-Encoding": "gzip"})), "too large"),
    "cut": (Response(png(300, 200)[:99], headers=PNG), "exit status 1"),
    "tiny": (Response(png(1, 1), headers=PNG), "exit status 1"),
    "noise": (Response(b"\xff\xd8\xff" + bytes(range(256)) * 99, headers=PNG), "exit status 1"),
    "missing": (Response(png(300, 200), 404, PNG), "there is none"),
    "private-network": (to("http://10.0.0.1/a.png"), ""),
    "this-machine": (to("http://[::1]/a.png"), ""),
    "file": (to("file:///etc/hostname"), ""),
    "loop": (to("/loop"), ""),
    "forbidden": (Response(png(300, 200), headers=PNG), "robots.txt"),
    "to-forbidden": (to("/forbidden"), "robots.txt"),
    "busy": (Response(b"", 503), "there is none"),
}


def test_whatever_a_server_sends_nothing_but_a_small_picture_is_shown(build):
    with Gallery(build, poll="timeout = %ds" % TIMEOUT) as room:
        hosts = {name: FeedServer(host="127.0.1.%d" % (n + 1)) for n, name in enumerate(ANSWERS)}
        room.feed("/a.xml", rss([item("https://paper.example/%s" % name, "%s %s" % (SUBJECTS[n % len(SUBJECTS)], name),
                                      date=time.time(), more=media(hosts[name].url("/" + name)))
                                 for n, name in enumerate(ANSWERS)]))
        for name, (answer, _) in ANSWERS.items():
            hosts[name].set("/" + name, answer if callable(answer) else lambda _, a=answer: a)
            hosts[name].set("/robots.txt", b"User-agent: *\nDisallow: /forbidden\n", headers={"Content-Type": "text/plain"})
        room.start()
        site = Site(room)
        room.wait_articles(len(ANSWERS))

        def reasons():
            site.get("/")  # of events of single sources, those that somebody looks at
            return [re.search(r"url=(\S+) why=(.*) id=", line).groups() for line in room.daemon.lines
                    if " id=picture_refused" in line]
        found = room.wait(lambda: len(r := reasons()) == len(ANSWERS) and r, "all to be refused")
        for name, (_, why) in ANSWERS.items():
            assert any(why in reason for url, reason in found if name in url or not why), (name, found)
        assert not room.shown(site) and not room.files()
        assert not hosts["forbidden"].requests("/forbidden") and not hosts["to-forbidden"].requests("/forbidden")
        asked = {name: len(hosts[name].requests("/" + name)) for name in ANSWERS}
        room.publish()
        room.wait(lambda: room.shown(site), "a sound picture")  # it goes on, and asks for the others no more
        assert asked == {name: len(hosts[name].requests("/" + name)) for name in ANSWERS}
        room.sound()
        for host in hosts.values():
            host.close()


@pytest.mark.skipif(browser.missing() is not None, reason="%s is not installed" % browser.missing())
def test_the_browser_shows_it_in_its_place_and_asks_nobody_else(build):
    with Gallery(build) as room, Browser() as chrome:
        site = room.story()
        room.wait(lambda: room.shown(site), "the picture")
        for path, width, box in (("/", 224, [112, 63]), ("/event/1", 640, [256, 144])):
            chrome.window()
            chrome.open(site, path)
            room.wait(lambda: chrome.run("return document.querySelector('img.picture').naturalWidth") == width,
                      "the picture to be loaded")
            assert chrome.run("const r = document.querySelector('img.picture').getBoundingClientRect();"
                              "return [r.width, r.height]") == box
            row = "const row = document.querySelector('.event, figure'), height = row.offsetHeight;"
            assert chrome.run(row + "row.querySelector('img').removeAttribute('src');"
                              "return row.offsetHeight === height")  # it has its place before it is there
            hosts = chrome.run("return performance.getEntriesByType('resource').map(e => new URL(e.name).host)")
            assert set(hosts) == {"127.0.0.1:%d" % site.port}
            assert not chrome.driver.get_log("browser")
        chrome.open(site)
        chrome.run("document.documentElement.dataset.density = 'compact'")
        assert not chrome.one("img.picture").is_displayed()
