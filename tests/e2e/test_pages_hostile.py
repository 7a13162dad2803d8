"""Sites that mean harm, or are only broken, and feeds that link to thousands of them: each page comes to
the outcome that it should, nobody is asked more than the budgets allow, and storyd goes on."""
import gzip
import itertools
import time

import pytest
from loopback import FeedServer, Response
from newsroom import SUBJECTS, item, rss
from test_pages import BODY, HTML, LEAD, TEXT, Press, page

JSON = {"Content-Type": "application/json"}
AT_ONCE = 12  # requests for pages that storyd has under way, of all hosts
TIMEOUT = 2
STORY = page("Sefton tunnel opens again", [LEAD] + BODY)


def subject(n):
    return "%s %d" % (SUBJECTS[n % len(SUBJECTS)], n)


def hosts_of(requests):
    return {r.headers["Host"] for r in requests}


@pytest.mark.parametrize("robots, pages", [(None, 20), (b"User-agent: *\nDisallow: /\n", 0)], ids=["open", "forbidden"])
def test_a_feed_cannot_send_us_to_thousands_of_hosts(build, robots, pages):
    hosts, budget = 3000, 20
    with Press(build, 1, fetch="all", pages="feed_budget = %d" % budget) as press, FeedServer(host="0.0.0.0") as crowd:
        crowd.set("/story", STORY, headers=HTML)
        if robots:
            crowd.set("/robots.txt", robots, headers=TEXT)
        urls = ["http://127.9.%d.%d:%d/story" % (n // 250, n % 250 + 1, crowd.port) for n in range(hosts)]
        press.sites[0].set("/rss", rss([item(u, subject(n), guid=u) for n, u in enumerate(urls)]))
        press.room.list(press.sites[0].url("/rss"))
        press.room.start()
        press.wait_pages(budget)
        press.room.wait(lambda: len(press.pages()) == hosts, "all of the feed to be taken")
        rest = -1
        while rest != (rest := len(crowd.requests())):
            assert len(hosts_of(crowd.requests())) <= budget + AT_ONCE
            time.sleep(1)  # until it asks nobody more
        assert len(crowd.requests("/story")) == pages
        assert {r.path for r in crowd.requests()} <= {"/robots.txt", "/.well-known/tdmrep.json", "/story"}
        states = [p["state"] for p in press.pages().values()]
        assert states.count("read") == pages and states.count("waiting") >= hosts - budget - AT_ONCE  # the rest waits
        press.room.sound()


def endless(_=None):
    """A page without an end."""
    return Response(itertools.repeat(b"<p>%s</p>" % (b"and so on " * 400)), headers=HTML)


def trickle(_=None):
    """A page that comes a paragraph at a time, slower than anybody waits."""
    def pieces():
        for n in range(TIMEOUT * 10):
            time.sleep(0.3)
            yield b"<p>%d</p>" % n
    return Response(pieces(), headers=HTML)


def to(url, status=302):
    return dict(body=b"", status=status, headers={"Location": url})


def answer(press, site, path, body=b"", status=200, headers=HTML, **more):
    press.sites[site].set(path, body, status=status, headers=headers, **more)


# What is asked for, what its server answers, and what comes of it.
ANSWERS = {
    "endless": (endless, "failed", "size"),
    "long": (b"<html><body>" + b"<p>long</p>" * (5 << 20 >> 3), "failed", "size"),
    "bomb": (Response(gzip.compress(STORY + bytes(64 << 20)), headers=dict(HTML, **{"Content-Encoding": "gzip"})),
             "failed", "size"),
    "no-gzip": (Response(b"\x1f\x8b\x08\x00 no gzip at all", headers=dict(HTML, **{"Content-Encoding": "gzip"})),
                "failed", "network"),
    "slow": (Response(STORY, headers=HTML, delay=TIMEOUT * 2), "failed", "network"),
    "trickle": (trickle, "failed", "network"),
    "dropped": (Response(drop=True), "failed", "network"),
    "cut": (Response(STORY, headers=HTML, cut=100), "failed", "network"),
    "pdf": (Response(b"%PDF-1.7", headers={"Content-Type": "application/pdf"}), "failed", "type"),
    "video": (Response(itertools.repeat(bytes(9999)), headers={"Content-Type": "video/mp4"}), "failed", "type"),
    "gone": (Response(b"", 410), "failed", "status"),
    "broken": (Response(STORY, 500, HTML), "failed", "status"),
    "no-content": (Response(b"", 204), "failed", "status"),
    "partial": (Response(STORY, 206, HTML), "failed", "status"),
    "unchanged": (Response(b"", 304), "failed", "status"),
    "login": (Response(STORY, 401, HTML), "refused", "login"),
    "forbidden": (Response(STORY, 403, HTML), "refused", "login"),
    "empty": (Response(b"", headers=HTML), "failed", "empty"),
    "noise": (Response(bytes(range(256)) * 4000, headers=HTML), "failed", "empty"),
    "deep": (Response(b"<div>" * 400000, headers=HTML), "failed", "empty"),
    "attributes": (Response(b"<p " + b"a=b " * 500000 + b">", headers=HTML), "failed", "empty"),
    "loop": (Response(b"", 302, {"Location": "/loop"}), "failed", "network"),
    "ftp": (Response(b"", 302, {"Location": "ftp://127.0.0.1/story"}), "failed", "network"),
    "file": (Response(b"", 302, {"Location": "file:///etc/hostname"}), "failed", "network"),
    "no-location": (Response(b"", 302), "failed", "status"),
}


def test_whatever_a_server_answers_its_page_is_settled_once(build):
    with Press(build, len(ANSWERS), fetch="all", poll="timeout = %ds" % TIMEOUT) as press:
        urls = {name: press.article(n, "/" + name, subject(n), LEAD) for n, name in enumerate(ANSWERS)}
        for n, (name, (response, *_)) in enumerate(ANSWERS.items()):
            press.sites[n].set("/" + name, response if callable(response) or isinstance(response, bytes)
                               else lambda _, r=response: r, headers=HTML)
        press.room.start()
        press.wait_pages(len(ANSWERS))
        found = {name: press.article_of(url)["page"] for name, url in urls.items()}
        assert {name: (p["state"], p["why"]) for name, p in found.items()} == {
            name: (state, why) for name, (_, state, why) in ANSWERS.items()}
        for n, name in enumerate(ANSWERS):
            asked = press.asked(n, "/" + name)
            # either connection that was kept open may be closed at any time: then it is asked over a new one
            assert len(asked) <= {"loop": 25, "dropped": 3}.get(name, 1), (name, len(asked))
        press.room.sound()


def test_robots_txt_is_obeyed_however_it_comes_and_behind_redirects_too(build):
    with Press(build, 11, fetch="all", poll="timeout = %ds" % TIMEOUT) as press:
        sites, expected = press.sites, {}

        def article(site, path, state, why, **how):
            url = press.article(site, path, subject(len(expected)), LEAD)
            answer(press, site, path, **(how or dict(body=STORY)))
            expected[url] = (state, why)
        no = b"User-agent: *\nDisallow: /private\n"
        answer(press, 0, "/robots.txt", no + b"# a line that says nothing\n" * (5 << 20 >> 5), headers=TEXT)
        article(0, "/private/1", "refused", "robots")
        article(0, "/open", "read", None)
        article(0, "/short", "refused", "robots", **to("/private/2"))
        answer(press, 1, "/robots.txt", status=500)
        article(1, "/unknown", "waiting", None)
        answer(press, 2, "/robots.txt", **to(sites[0].url("/robots.txt"), 301))
        article(2, "/private/3", "refused", "robots")
        article(2, "/open", "read", None)
        answer(press, 3, "/robots.txt", **to("/robots.txt"))
        article(3, "/circle", "waiting", None)
        article(4, "/elsewhere", "refused", "robots", **to(sites[0].url("/private/4")))
        article(4, "/moved", "read", None, **to(sites[2].url("/moved"), 301))
        answer(press, 2, "/moved", STORY)
        article(5, "/ping", "failed", "network", **to(sites[6].url("/pong")))
        answer(press, 6, "/pong", **to(sites[5].url("/ping")))
        article(7, "/unasked", "waiting", None, **to(sites[1].url("/unasked")))
        answer(press, 8, "/robots.txt", **endless_text())
        article(8, "/after", "read", None)
        answer(press, 9, "/robots.txt", no, headers=dict(TEXT, **{"Content-Length": "999"}), cut=len(no) - 12)
        article(9, "/private/5", "waiting", None)  # nobody knows what the rest of it says
        answer(press, 10, "/.well-known/tdmrep.json", b'[{"location": "/kept/*", "tdm-reservation": 1}]', headers=JSON)
        article(10, "/kept/1", "refused", "tdm")
        answer(press, 10, "/kept/2", STORY)
        article(10, "/old", "refused", "tdm", **to("/kept/2"))
        settled = sum(state != "waiting" for state, _ in expected.values())
        press.room.start()
        press.wait_pages(settled)
        press.room.wait(lambda: sites[7].requests("/unasked"), "the redirect to be met")
        time.sleep(1)

        def outcome(url):
            article = press.article_of(url)["id"]
            found = press.pages()[article]
            return found["state"], None if found["state"] == "waiting" else found["why"]  # nothing came of it yet
        assert {url: outcome(url) for url in expected} == expected
        assert not press.asked(10, "/kept/2")
        for site in 0, 1, 2, 3:
            for request in press.asked(site):
                assert request.path in ("/rss", "/robots.txt", "/.well-known/tdmrep.json", "/open", "/short", "/moved")
        assert len(press.asked(5, "/ping")) + len(press.asked(6, "/pong")) == 6  # once, and five redirects
        press.room.sound()


def endless_text():
    return dict(body=lambda _: Response(itertools.repeat(b"# and so on\n" * 400), headers=TEXT))


def test_a_server_that_is_busy_is_left_alone_for_as_long_as_it_says(build):
    with Press(build, 2, fetch="all") as press:
        soon = press.article(0, "/soon", subject(0), LEAD, b"", {"Retry-After": "2"}, status=503)
        press.article(0, "/other", subject(1), LEAD, STORY)
        press.article(1, "/late", subject(2), LEAD, b"", {"Retry-After": "3600"}, status=429)
        press.article(1, "/also", subject(3), LEAD, b"", {"Retry-After": "3600"}, status=429)
        press.room.start()
        press.wait_pages(2)
        asked = [r.time for r in press.asked(0) if r.path in ("/soon", "/other")]
        busy = [r.time for r in press.asked(0, "/soon")]
        assert len(busy) == 3 and press.article_of(soon)["page"]["why"] == "busy"
        for begin in busy:
            assert not [t for t in asked if begin < t < begin + 1]  # its seconds are whole ones
        assert len([r for r in press.asked(1) if r.path in ("/late", "/also")]) == 1
        assert sorted(p["state"] for p in press.pages().values()) == ["failed", "read", "waiting", "waiting"]
        press.room.sound()


def test_what_waits_when_pages_are_switched_off_is_not_asked_for(build):
    with Press(build, 1, fetch="all") as press:
        for n, path in enumerate(("/one", "/other")):
            press.article(0, path, subject(n), LEAD, b"", {"Retry-After": "2"}, status=503)

        def asked():
            return len(press.asked(0, "/one") + press.asked(0, "/other"))
        press.room.start()
        press.room.wait(asked, "a page to be asked for")  # the server is left alone for two seconds then
        press.room.configure(fetch="off")
        press.room.reload()
        time.sleep(3.5)
        assert asked() == 1
        press.room.daemon.restart()
        time.sleep(2)
        assert asked() == 1
        press.room.configure(fetch="all")
        press.room.reload()
        press.room.wait(lambda: asked() > 1, "a page to be asked for")
        press.room.sound()


def test_a_page_behind_a_redirect_is_read_once_more_when_its_feed_has_another_text(build):
    with Press(build, 2, fetch="all") as press:
        answer(press, 1, "/real", STORY)
        url = press.article(0, "/link", subject(0), LEAD, b"", {"Location": press.sites[1].url("/real")}, status=302)
        press.room.start()
        press.wait_pages(1)
        press.items[0].clear()
        press.article(0, "/link", subject(0), BODY[0], b"", {"Location": press.sites[1].url("/real")}, status=302)
        press.room.wait(lambda: len(press.asked(1, "/real")) == 2, "the page to be read once more")
        press.room.sound()
        assert press.article_of(url)["page"]["state"] == "read"
