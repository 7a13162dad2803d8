"""A feed list at an address: polled like a feed, applied as a whole, and never trusted to remove too much."""
import json
import os
import stat

import pytest
from loopback import Response
from newsroom import LONG, Newsroom, articles, opml, rss, storyctl
from web import Site

LIST = "/lists/feeds.opml"


class Desk(Newsroom):
    """Its list is on the web server, with as many feeds as wanted."""

    def __init__(self, build, n=10, path=LIST, **more):
        super().__init__(build, **more)
        self.feeds = ["/feed/%d" % i for i in range(n)]
        for i, feed in enumerate(self.feeds):
            self.web.set(feed, rss(articles(1, host="https://paper%d.example" % i, prefix="p%d" % i)))
        self.address = self.web.url(path)
        self.publish(self.feeds)
        self.configure()

    def configure(self, **options):
        super().configure(**options)
        text = self.daemon.config_path.read_text()
        self.daemon.write_config(text.replace("list = %s/feeds.opml" % self.daemon.dir,
                                              "list = %s\n%s" % (self.address, self.options.get("feeds", ""))))

    def publish(self, feeds, path=LIST, **more):
        self.web.set(path, opml(map(self.url, feeds)), **more)

    def write_list(self, text=None):
        assert not text  # there is none

    def polled(self):
        return {f["url"] for f in self.records("feeds").values() if f["state"] not in ("removed", "merged")}

    def wait_polled(self, feeds):
        wanted = set(map(self.url, feeds))
        return self.wait(lambda: (self.store / "data.mdb").exists() and self.polled() == wanted, "feeds %s" % feeds)

    def begin(self):
        self.start()
        self.wait_polled(self.feeds)
        return self

    def copy(self):
        return (self.store / "list" / "feeds.opml").read_text()

    def state(self):
        return Site(self, self.since()).get("/api/v1/list", unix=True).json()

    def since(self):
        return max(i for i, line in enumerate(self.daemon.lines) if " listening address=127" in line)

    def wait_state(self, name):
        return self.wait(lambda: (s := self.state())["state"] == name and s, "state %s" % name)


def test_changes_of_the_list_are_applied(build):
    """Feeds added and removed, groups changed; articles stay."""
    with Desk(build) as desk:
        desk.begin()
        desk.wait_articles(10)
        text = opml(map(desk.url, desk.feeds[1:])).replace("<body>", "<body><outline text=\"World\">").replace("</body>", "</outline></body>")
        desk.web.set("/feed/new", rss(articles(1, host="https://late.example", prefix="late")))
        desk.web.set(LIST, text.replace("</outline></body>", '</outline><outline text="n" xmlUrl="%s"/></body>' % desk.web.url("/feed/new")))
        desk.wait_polled(desk.feeds[1:] + ["/feed/new"])
        desk.wait_articles(11)
        assert desk.feed_record("/feed/0")["state"] == "removed"
        assert desk.wait_feed("/feed/1", lambda f: f.get("group") == "World")
        state = desk.state()
        assert (state["state"], state["feeds"], state["url"]) == ("ok", 10, desk.address) and "error" not in state


def test_it_is_asked_for_politely(build):
    """With the validators of the last response, and as this daemon."""
    with Desk(build) as desk:
        text = opml(map(desk.url, desk.feeds))
        desk.web.set(LIST, text, headers={"ETag": '"one"', "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"})
        desk.begin()
        first, second, *_ = desk.asked(LIST, 2)
        assert first.headers["If-None-Match"] is None and first.headers["User-Agent"].startswith("storyd/")
        assert second.headers["If-None-Match"] == '"one"' and second.headers["If-Modified-Since"]
        assert desk.polled() == set(map(desk.url, desk.feeds)) and desk.state()["state"] == "ok"
        desk.daemon.stop()
        n = len(desk.web.requests(LIST))
        desk.start()  # the validators outlive a restart
        assert desk.asked(LIST, n + 1)[n].headers["If-None-Match"] == '"one"'


@pytest.mark.parametrize("answer, words", [
    (Response("nothing", 404), "HTTP 404"), (Response("nothing", 500), "HTTP 500"), (Response(drop=True), ""),
    (Response("<html><body>Sign in</body></html>"), "line "), (Response("<opml version='2.0'><head/><body/></opml>"), "no feeds"),
    (Response(""), "line "), (Response(opml(["http://a.example/1", "http://a.example/2"])[:-12]), "truncated"),
    (Response(opml(["http://a.example/1"]), cut=80, headers={"Content-Length": "400"}), ""),
    (Response("x" * (2 << 20)), "max"),
])
def test_what_is_no_list_changes_nothing(build, answer, words):
    with Desk(build, n=3, poll="max_document = 1MiB") as desk:
        desk.begin()
        before = desk.copy()
        desk.web.set(LIST, lambda request: answer)
        state = desk.wait_state("failing")
        assert words in state["error"] and state["errors"] >= 1
        assert "the feed list was not read; keeping the last one" in desk.daemon.log()
        assert desk.copy() == before and desk.polled() == set(map(desk.url, desk.feeds))
        assert "cannot be read from its address" in storyctl(build, "health", "--db", desk.store).stdout
        desk.publish(desk.feeds[:2])
        desk.wait_polled(desk.feeds[:2])
        assert desk.wait_state("ok")["errors"] == 0


def test_a_server_that_says_when_is_heeded(build):
    """Retry-After, also over a restart."""
    with Desk(build, n=2) as desk:
        desk.begin()
        desk.web.set(LIST, Response("", 503, {"Retry-After": "3600"}).body, status=503, headers={"Retry-After": "3600"})
        state = desk.wait_state("failing")
        assert "HTTP 503" in state["error"] and 3600 <= state["next_poll"] - state["last_poll"] <= 3960
        n = len(desk.web.requests(LIST))
        desk.daemon.stop()
        desk.start()
        room_polls = len(desk.web.requests("/feed/0"))
        desk.asked("/feed/0", room_polls + 2)
        assert len(desk.web.requests(LIST)) == n and desk.state()["state"] == "failing"


def test_errors_are_asked_about_less_and_less(build):
    with Desk(build, n=1, max_backoff="1h") as desk:
        desk.begin()
        desk.web.set(LIST, b"", status=500)
        state = desk.wait(lambda: (s := desk.state())["errors"] == 3 and s, "three errors")
        assert 4 <= state["next_poll"] - state["last_poll"] <= 5


def test_the_last_list_is_there_without_a_network(build):
    """After a restart, and only its owner can read it: it may contain logins."""
    with Desk(build, n=3) as desk:
        desk.begin()
        desk.daemon.stop()
        desk.web.remove(LIST)
        n = len(desk.web.requests("/feed/1"))
        desk.start()
        desk.asked("/feed/1", n + 1)
        assert desk.polled() == set(map(desk.url, desk.feeds)) and desk.wait_state("failing")
        for path, mode in (desk.store / "list", 0o700), (desk.store / "list" / "feeds.opml", 0o600):
            assert stat.S_IMODE(path.stat().st_mode) == mode


def test_until_the_first_list_nothing_is_removed(build):
    """Also when a list in a file was used before."""
    with Desk(build, n=3) as desk:
        desk.begin()
        desk.daemon.stop()
        for name in "feeds.opml", "state.json":
            (desk.store / "list" / name).unlink()
        desk.web.set(LIST, b"", status=500)
        desk.start()
        state = desk.wait_state("failing")
        assert state["feeds"] == 0 and desk.polled() == set(map(desk.url, desk.feeds))
        desk.publish(desk.feeds)
        desk.wait(lambda: desk.state()["feeds"] == 3, "three feeds")


# ---- removing much -------------------------------------------------------------------------------

def held(build, desk):
    """Of ten feeds, the list has seven now."""
    desk.publish(desk.feeds[:7])
    state = desk.wait_state("held")
    assert {k: v for k, v in state["held"].items() if k != "id"} == {"feeds": 7, "removed": 3, "subscribed": 10}
    desk.daemon.wait_log("removes too many feeds .*removed=3 ")
    assert desk.polled() == set(map(desk.url, desk.feeds))
    return state["held"]["id"]


def test_a_list_that_removes_too_much_is_held(build):
    """It is told once, and stays over a restart."""
    with Desk(build) as desk:
        desk.begin()
        id_ = held(build, desk)
        n = len(desk.web.requests(LIST))
        desk.asked(LIST, n + 2)
        assert desk.daemon.log().count("removes too many feeds") == 1
        site = Site(desk, desk.since())
        assert b"removes too many feeds" in site.get("/machine").body and site.get("/api/v1/health").json()["list"] == "held"
        assert "storyctl feeds confirm" in storyctl(build, "health", "--db", desk.store).stdout
        desk.daemon.stop()
        desk.start()
        assert desk.wait_state("held")["held"]["id"] == id_ and desk.polled() == set(map(desk.url, desk.feeds))


def test_a_list_that_comes_back_is_not_held_any_more(build):
    with Desk(build) as desk:
        desk.begin()
        held(build, desk)
        desk.publish(desk.feeds)  # the same as before
        desk.wait_state("ok")
        assert not (desk.store / "list" / "held.opml").exists()
        held(build, desk)
        desk.publish(desk.feeds[:9])  # another one that is acceptable
        desk.wait_polled(desk.feeds[:9])
        assert desk.wait_state("ok")


def test_an_operator_confirms_what_was_seen(build):
    with Desk(build) as desk:
        confirm = lambda *args: storyctl(build, "feeds", "confirm", "--db", desk.store, *args)
        desk.begin()
        assert "no feed list awaits confirmation" in confirm().stdout
        r = confirm("0123456789abcdef")
        assert r.returncode == 1 and "no feed list awaits confirmation" in r.stderr
        id_ = held(build, desk)
        assert confirm().stdout.startswith("%s: a list of 7 feeds without 3 of the 10 that are subscribed" % id_)
        r = confirm("0123456789abcdef")
        assert r.returncode == 1 and "another feed list awaits confirmation" in r.stderr
        r = confirm(id_)
        assert (r.returncode, r.stdout) == (0, "%s: applied; 7 feeds\n" % id_)
        desk.wait_polled(desk.feeds[:7])
        assert desk.wait_state("ok") and desk.daemon.log().count("removes too many feeds") == 1


def test_raising_max_removed_applies_it(build):
    with Desk(build) as desk:
        desk.begin()
        held(build, desk)
        desk.configure(feeds="max_removed = 30%")
        desk.reload()
        desk.wait_polled(desk.feeds[:7])
        assert desk.wait_state("ok")


@pytest.mark.parametrize("share, n, left, goes", [("20%", 10, 8, True), ("20%", 10, 7, False), ("20%", 2, 1, True), ("20%", 3, 1, False),
                                                  ("0%", 10, 9, False), ("100%", 10, 1, True), ("50%", 10, 5, True), ("50%", 10, 4, False)])
def test_how_many_may_go(build, share, n, left, goes):
    with Desk(build, n=n, feeds="max_removed = " + share) as desk:
        desk.begin()
        desk.publish(desk.feeds[:left])
        if goes:
            desk.wait_polled(desk.feeds[:left])
        else:
            desk.wait_state("held")
            assert desk.polled() == set(map(desk.url, desk.feeds))


def test_a_list_of_other_feeds_is_one_that_removes_all(build):
    """As many feeds, none of them the same: a list that was taken over."""
    with Desk(build) as desk:
        desk.begin()
        desk.publish(["/other/%d" % i for i in range(10)])
        assert desk.wait_state("held")["held"]["removed"] == 10


def test_only_who_administers_may_confirm(build):
    http = "user_header = X-Forwarded-User\ntrusted_proxies = 127.0.0.1\nroles = anna: administer, bob: decide\n"
    with Desk(build, http=http) as desk:
        desk.begin()
        id_ = held(build, desk)
        site = Site(desk, desk.since())
        ask = lambda body=json.dumps({"confirm": id_}), **headers: site.ask("POST", "/api/v1/list", body, **headers)
        assert ask().status == 401
        answer = ask(X_Forwarded_User="bob")
        assert answer.status == 403 and "requires the role administer" in answer.json()["detail"]
        assert ask(X_Forwarded_User="anna", Origin="https://evil.example").status == 403
        for bad in "", "[]", "{}", '{"confirm": 1}', '{"confirm": "%s", "x": 1}' % id_:
            assert ask(bad, X_Forwarded_User="anna").status == 400
        assert desk.state()["state"] == "held"
        assert ask(X_Forwarded_User="anna").status == 200
        desk.wait_polled(desk.feeds[:7])


# ---- addresses -----------------------------------------------------------------------------------

def test_private_addresses_are_refused_as_for_feeds(build):
    """Directly, and behind a redirect."""
    with Desk(build) as desk:
        text = desk.daemon.config_path.read_text()
        desk.daemon.write_config(text.replace("allow_addresses = 127.0.0.0/8", ""))
        desk.start()
        assert "loopback" in desk.wait_state("failing")["error"] and not desk.web.requests(LIST)
    with Desk(build, n=2) as desk:
        desk.begin()
        desk.web.set(LIST, b"", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
        assert "metadata" in desk.wait_state("failing")["error"]
        desk.web.set(LIST, b"", status=302, headers={"Location": "file:///etc/passwd"})
        desk.wait(lambda: "metadata" not in desk.state()["error"], "another error")
        assert desk.polled() == set(map(desk.url, desk.feeds))


def test_a_redirect_is_followed_and_told(build):
    with Desk(build, n=2) as desk:
        desk.publish(desk.feeds, "/elsewhere.opml")
        desk.web.set(LIST, b"", status=301, headers={"Location": "/elsewhere.opml"})
        desk.begin()
        desk.asked(LIST, 3)
        assert desk.daemon.log().count("the feed list has moved permanently") == 1


def test_a_login_stays_with_the_server_and_is_not_shown(build):
    with Desk(build, n=2) as desk:
        desk.address = desk.address.replace("//", "//anna:sesame@") + "?key=sesame"
        desk.configure()
        desk.begin()
        import base64
        sent = desk.asked(LIST)[0].headers["Authorization"]
        assert base64.b64decode(sent.split()[1]) == b"anna:sesame"
        printed = storyctl(build, "health", "--json", "--db", desk.store).stdout + json.dumps(desk.state()) + desk.daemon.log()
        assert "sesame" not in printed.replace("?key=sesame", "") and "sesame" not in json.dumps(desk.state())


def test_another_address_begins_anew(build):
    """The first list stays in effect until the second has arrived."""
    with Desk(build, n=5) as desk:
        desk.begin()
        desk.address = desk.web.url("/second.opml")
        desk.configure()
        desk.reload()
        desk.wait_state("failing")
        assert desk.polled() == set(map(desk.url, desk.feeds))
        desk.publish(desk.feeds[:4], "/second.opml")
        desk.wait_polled(desk.feeds[:4])
        n = len(desk.web.requests(LIST))
        desk.asked("/second.opml", len(desk.web.requests("/second.opml")) + 2)
        assert len(desk.web.requests(LIST)) == n


def test_from_a_file_to_an_address_and_back(build):
    with Desk(build, n=5) as desk:
        desk.begin()
        address = desk.address
        (desk.daemon.dir / "feeds.opml").write_text(opml(map(desk.url, desk.feeds[:2])))
        desk.address = str(desk.daemon.dir / "feeds.opml")
        desk.configure()
        desk.reload()
        desk.wait_polled(desk.feeds[:2])
        assert desk.state() == {"state": "file", "feeds": 2}
        n = len(desk.web.requests(LIST))
        desk.asked("/feed/0", len(desk.web.requests("/feed/0")) + 2)
        assert len(desk.web.requests(LIST)) == n
        desk.address = address
        desk.configure()
        desk.reload()
        desk.wait_polled(desk.feeds)


def test_commands_leave_such_a_list_alone(build):
    with Desk(build, n=2) as desk:
        for args in ["add", desk.url("/feed/9")], ["remove", desk.url("/feed/0")]:
            r = storyctl(build, "feeds", args[0], "--config", desk.daemon.config_path, args[1])
            assert r.returncode == 1 and "kept at an address; change it there" in r.stderr


@pytest.mark.parametrize("address, words", [("http://", "can never be requested"), ("https://no host/", "can never be requested")])
def test_an_address_that_is_none_is_refused(build, address, words, tmp_path):
    import subprocess
    (tmp_path / "storyd.conf").write_text("[feeds]\nlist = %s\n" % address)
    r = subprocess.run([build / "storyd", "-n", "-c", tmp_path / "storyd.conf"], capture_output=True, text=True)
    assert r.returncode == 78 and words in r.stderr and "storyd.conf:2" in r.stderr


def test_a_full_disk_keeps_the_list(build):
    """A copy that cannot be written is not used, and is fetched again."""
    with Desk(build, n=5) as desk:
        desk.begin()
        (desk.store / "list" / "feeds.opml.new").mkdir()
        desk.publish(desk.feeds[:4])
        assert "cannot write" in desk.wait_state("failing")["error"] and desk.polled() == set(map(desk.url, desk.feeds))
        (desk.store / "list" / "feeds.opml.new").rmdir()
        desk.wait_polled(desk.feeds[:4])
