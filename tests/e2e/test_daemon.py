"""The daemon as its server, its feeds and its supervisor see it. Each test has a daemon, a store and
a web server of its own."""
import collections
import contextlib
import gzip
import os
import re
import signal
import subprocess
import threading
import time

import pytest
from loopback import FeedServer, Response, free_port
from newsroom import (CLOCK, LONG, PLAIN_STORIES, ROOT, SUBJECTS, Newsroom, Replay, SampleNews, Store, articles,
                      event_of, item, lines_of, records, rss, scratch, storyctl)

ONE = rss(articles(1))


@pytest.fixture
def room(build):
    with Newsroom(build) as r:
        yield r


def run(build, *args, **more):
    return subprocess.run([str(build / "storyd")] + [str(a) for a in args], capture_output=True,
                          text=True, timeout=30, **more)


# ---- what it makes of news -----------------------------------------------------------------------

def test_outlets_that_report_a_story_are_counted_in_one_event(room):
    """Sources are publishers, copies of one wire text are one report, and an article in a second
    feed, an aggregator's among them, is not one more."""
    news = SampleNews(int(time.time()))
    for feed in news.feeds:
        body, ctype = news.document(feed)
        room.feed("/" + feed, body, headers={"Content-Type": ctype})
    room.configure(poll="connections_per_host = 1")  # so that they come in one order
    room.start()
    room.wait_articles(sum(len(s["articles"]) for s in news.stories))
    for name in PLAIN_STORIES:
        want = news.story(name)
        [event] = event_of(room.store, want.urls)
        assert (event["source_count"], event["article_count"], event["report_count"]) == want[:3], name
        assert len(event["sources"]) == want.sources
        assert sum(s["articles"] for s in event["sources"]) == want.articles
    assert room.daemon.stop() == 0
    room.sound()


def test_an_event_ends_when_its_window_has_passed(build):
    with scratch() as d:
        replay = Replay(build, d)
        one, two, three = [("feed", rss([item("https://a.example/%d" % i, SUBJECTS[i])])) for i in range(3)]
        replay.add(one, step=71 * 3600)
        replay.add(two, step=2 * 3600)
        assert [e["status"] for e in replay.events()] == ["open", "open"]
        replay.add(three)
        assert [e["status"] for e in replay.events()] == ["closed", "open", "open"]
        last = list(records(replay.store, "changes").values())[-2:]
        assert [c["kind"] for c in last] == ["expired", "created"] and last[0]["event"] == 1


def test_an_archive_is_kept_and_floods_nothing(build):
    """10,000 items of last year, told after today's: all are there, none among the latest events."""
    with scratch() as d:
        replay = Replay(build, d)
        old = [item("https://b.example/%d" % i, "%s (%d)" % (SUBJECTS[i % len(SUBJECTS)], i), date=CLOCK - 300 * 86400)
               for i in range(10000)]

        def listed():
            return [e["id"] for e in lines_of(storyctl(build, "list", "--db", replay.store, "--limit", "0", "--json"))]

        replay.add(("a", rss([item("https://a.example/1", SUBJECTS[0], date=CLOCK)])))
        replay.add(("b", rss(old)))
        assert len(replay.articles()) == 10001
        assert collections.Counter(e["status"] for e in replay.events()) == {"open": 1, "archived": 10000}
        assert records(replay.store, "events")[1]["article_count"] == 1
        assert listed() == [1]
        replay.add(("c", rss([item("https://c.example/1", SUBJECTS[0], date=CLOCK)])))
        assert records(replay.store, "events")[1]["source_count"] == 2
        edited = item("https://b.example/5", "Quite another title", date=CLOCK - 300 * 86400)
        replay.add(("b", rss([edited])))
        assert listed() == [1]


def test_a_shorter_window_ends_the_events_that_it_no_longer_holds(build):
    with Newsroom(build, rest="[engine]\nwindow = 1h\n") as room:
        replay = Replay(build, room.daemon.dir)
        replay.add(("a", rss(articles(1))), step=10 * 3600)
        replay.add(("b", rss([item("https://b.example/1", SUBJECTS[1], "1")])))
        room.feed("/c", rss([item("https://c.example/1", SUBJECTS[2], "1")]))
        room.start()
        room.wait_articles(3)
        status = {n: e["status"] for n, e in room.events().items()}
        assert status == {1: "closed", 2: "closed", 3: "open"}


# ---- conditional requests ------------------------------------------------------------------------

@pytest.mark.parametrize("headers", [
    {"ETag": '"1"', "Last-Modified": "Tue, 21 Apr 2020 00:43:01 GMT"},
    {"ETag": 'W/"weak, with a comma"'},
    {"ETag": "no-quotes==", "Last-Modified": "2020-04-21"},       # nonsense goes back as it came
    {"Last-Modified": "Tue, 21 Apr 2020 02:43:01 +0200"},
], ids=["both", "weak", "odd", "date"])
def test_validators_go_back_exactly_as_they_came(room, headers):
    room.feed("/a", ONE, headers=headers)
    room.start()
    first, second = room.asked("/a", 2)[:2]
    for name in ("If-None-Match", "If-Modified-Since"):
        assert first.headers[name] is None
    assert second.headers["If-None-Match"] == headers.get("ETag")
    assert second.headers["If-Modified-Since"] == headers.get("Last-Modified")
    record = room.wait_feed("/a", lambda f: f["status"] == 304)
    assert record["state"] == "ok" and record["errors"] == 0 and record["unchanged"] >= 1
    assert len(room.records("articles")) == 1


def test_no_validator_is_made_up(room):
    room.feed("/a", ONE)
    room.start()
    for request in room.asked("/a", 3):
        assert request.headers["If-None-Match"] is None
        assert request.headers["If-Modified-Since"] is None


def test_a_new_validator_replaces_the_old_and_its_absence_ends_it(room):
    def answer(request):
        n = len(room.web.requests("/a"))
        return Response(rss(articles(n)), headers={"ETag": '"%d"' % n} if n < 3 else {})
    room.feed("/a", answer)
    room.start()
    sent = [r.headers["If-None-Match"] for r in room.asked("/a", 5)[:5]]
    assert sent == [None, '"1"', '"2"', None, None]


def test_a_new_validator_of_the_same_document_is_kept(room):
    """Servers behind a balancer give one document several ETags; a redeployed one gives a new one."""
    def answer(request):
        return Response(ONE, headers={"ETag": '"%d"' % min(2, len(room.web.requests("/a")))})
    room.feed("/a", answer)
    room.start()
    sent = [r.headers["If-None-Match"] for r in room.asked("/a", 4)[:4]]
    assert sent == [None, '"1"', '"2"', '"2"']


def test_a_validator_that_json_cannot_hold_is_not_sent_altered(room):
    etag = '"caf\xe9"'  # Latin-1 on the wire; RFC 9110 allows obs-text in an ETag
    room.feed("/a", ONE, headers={"ETag": etag})
    room.start()
    assert room.asked("/a", 2)[1].headers["If-None-Match"] in (etag, None)


def test_feeds_are_preferred_to_pages(room):
    room.feed("/a", ONE)
    room.start()
    assert "application/rss+xml" in room.asked("/a")[0].headers["Accept"]


# ---- batches and crashes -------------------------------------------------------------------------

def test_killed_before_the_commit_the_items_come_again_and_are_stored_once(room):
    """Validators are kept in the transaction of the items they stand for, or a 304 would hide them."""
    room.configure(commit_after="60s", commit_articles=100000)
    room.feed("/a", rss(articles(5)), headers={"ETag": '"1"'})
    room.start()
    room.daemon.wait_log("read feed=.* new=5", LONG)
    room.daemon.kill()
    assert room.records("articles") == {} and room.records("events") == {}
    room.web.clear()
    room.configure(commit_after="20ms")
    room.start()
    room.wait_articles(5)
    assert room.web.requests("/a")[0].headers["If-None-Match"] is None
    room.asked("/a", 2)
    assert room.web.requests("/a")[1].headers["If-None-Match"] == '"1"'
    room.sound()


def test_a_full_batch_is_written_without_waiting(room):
    room.configure(commit_after="60s", commit_articles=3)
    room.feed("/a", rss(articles(3)))
    room.start()
    room.wait_articles(3)


def test_sigterm_writes_what_is_in_hand_and_ends_well(room):
    room.configure(commit_after="60s", commit_articles=100000)
    room.feed("/a", rss(articles(5)), headers={"ETag": '"1"'})
    room.start()
    room.daemon.wait_log("read feed=.* new=5", LONG)
    assert room.records("articles") == {}
    assert room.daemon.stop() == 0
    assert len(room.records("articles")) == 5
    assert room.feed_record("/a")["etag"] == '"1"'
    assert "stopped" in room.daemon.lines[-1]
    room.sound()


def test_sigterm_ends_it_while_a_server_does_not_answer(room):
    room.feed("/slow", ONE, delay=LONG)
    room.start()
    room.asked("/slow")
    assert room.daemon.stop() == 0


def test_sigint_ends_it_too(room):
    room.feed("/a", ONE)
    room.start()
    room.daemon.signal(signal.SIGINT)
    assert room.daemon.wait() == 0


def test_a_restart_goes_on_with_numbers_and_events(room):
    """Article, event and change numbers go on; a story's next article joins the event of before."""
    news = SampleNews(int(time.time()))
    want = news.story("renholt-jailed")
    story = next(s for s in news.stories if s["id"] == "renholt-jailed")["articles"]
    items = [item(news.address(a), a["title"], text=a["summary"]) for a in story]
    room.aggregator("/a", rss(items[:3]))
    room.start()
    room.wait_articles(3)
    room.daemon.stop()
    [before] = event_of(room.store, want.urls)
    room.web.set("/a", rss(items))
    room.start()
    room.wait_articles(5)
    [after] = event_of(room.store, want.urls)
    assert after["id"] == before["id"] and after["seq"] > before["seq"]
    assert (after["source_count"], after["report_count"]) == (want.sources, want.reports)
    room.sound()


# ---- the schedule --------------------------------------------------------------------------------

@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restart_asks_nobody_earlier_than_planned(room, how):
    """All that were due would be asked in order before the new feed is: what was asked by the time
    that its answer is stored was due, and nothing else."""
    room.configure(interval="1h", max_backoff="24h")
    room.feed("/good", ONE)
    room.feed("/bad", b"no such thing", 404)
    room.start()
    for path in ("/good", "/bad"):
        room.wait_feed(path, lambda f: f["polls"] == 1)
    plan = {f["url"]: f["next_poll"] for f in room.records("feeds").values()}
    getattr(room.daemon, how)()
    room.web.clear()
    room.feed("/new", rss(articles(1, prefix="new")))
    room.start()
    room.wait_feed("/new", lambda f: f["polls"] == 1)
    assert {r.path for r in room.web.requests()} == {"/new"}
    for path in ("/good", "/bad"):
        assert room.feed_record(path)["next_poll"] == plan[room.url(path)]


def test_an_interval_is_the_least_time_to_the_next_request(room):
    """By the plan in the store, not by waiting: chance adds up to a tenth and never takes away."""
    room.configure(interval="1h", max_backoff="24h")
    room.feed("/good", ONE)
    room.feed("/bad", b"", 500)
    room.start()
    good = room.wait_feed("/good", lambda f: f["polls"] == 1)
    assert 3600 <= good["next_poll"] - good["last_poll"] <= 3960
    bad = room.wait_feed("/bad", lambda f: f["polls"] == 1)
    assert 3600 <= bad["next_poll"] - bad["last_poll"] <= 3960
    assert bad["errors"] == 1 and bad["status"] == 500


def test_errors_in_a_row_double_the_pause(room):
    room.configure(interval="1s", max_backoff="2s")
    room.feed("/bad", b"", 500)
    room.start()
    record = room.wait_feed("/bad", lambda f: f["errors"] >= 2)
    assert record["next_poll"] - record["last_poll"] == 2


def test_no_more_than_so_many_requests_to_a_host_at_once(room):
    """Ten feeds on one host: two at a time, and not one at a time either."""
    under_way, most, lock, pair = [0], [0], threading.Lock(), threading.Barrier(2)

    def answer(request):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        pair.wait(LONG)  # the first answers when the second has come
        time.sleep(0.02)  # room for a third to come, which it must not
        with lock:
            under_way[0] -= 1
        return Response(rss(articles(1, prefix="n" + request.path[2:])))
    room.configure(interval="1h")
    for i in range(10):
        room.feed("/f%d" % i, answer)
    room.start()
    room.wait_articles(10)
    assert most[0] == 2


def test_a_long_address_is_asked_whole_after_a_restart(room):
    path = "/a?token=" + "x" * 2500
    room.web.set("/a", ONE)
    room.list(path)
    room.start()
    room.asked("/a", 1)
    room.wait_articles(1)
    room.daemon.stop()
    room.web.clear()
    room.start()
    assert room.asked("/a", 1)[0].path == path


# ---- answers that are no feed --------------------------------------------------------------------

TABLE = [
    # name, answer, status in the record, words of the error
    ("404", Response("gone fishing", 404), 404, "404"),
    ("403", Response("", 403), 403, "403"),
    ("503", Response("", 503), 503, "503"),
    ("html", Response("<!DOCTYPE html><html><head><title>Hi</title></head><body>Hi</body></html>",
                      headers={"Content-Type": "text/html"}), 200, "web page"),
    ("empty", Response(b""), 200, "empty"),
    ("white", Response(b" \n\n "), 200, "empty"),
    ("text", Response(b"feed coming soon"), 200, "."),
    ("long", Response(b"<rss>" + b" " * 70000), 200, "max_document"),
    ("bomb", Response(gzip.compress(b" " * 5000000), headers={"Content-Encoding": "gzip"}), 200,
     "max_document"),
    ("badgzip", Response(gzip.compress(ONE)[:30] + b"x" * 50, headers={"Content-Encoding": "gzip"}), 200, "content encoding"),
    ("cut", Response(ONE, cut=100), 200, "."),
    ("drop", Response(drop=True), None, "."),
    ("loop", Response("", 302, {"Location": "/loop"}), 302, "redirect loop"),
    ("elsewhere", Response("", 302, {"Location": "file:///etc/passwd"}), 302, "."),
    ("204", Response("", 204), 204, "204"),
]


def test_errors_are_told_counted_and_harm_nobody(room):
    """Every kind of wrong answer in one daemon, next to one good feed."""
    room.configure(interval="1h", max_backoff="24h",
                   poll="max_document = 64KiB\nconnections_per_host = 8\ntimeout = 20s")
    for name, answer, _, _ in TABLE:
        room.feed("/" + name, lambda request, a=answer: a)
    room.feed("/good", ONE)
    nobody = "http://127.0.0.1:%d/feed" % free_port()
    others = [nobody, "http://no-such-host.invalid/feed", "ftp://127.0.0.1/feed", "file:///etc/passwd",
              "http://[/", "http://127.0.0.1:99999/feed"]
    room.list(*others)
    room.start()
    for name, _, status, words in TABLE:
        record = room.wait_feed("/" + name, lambda f: f["polls"] == 1)
        assert record["status"] == (status or None), (name, record)
        assert record["state"] == "error" and record["errors"] == 1, (name, record)
        assert re.search(words, record["last_error"]), (name, record["last_error"])
        assert record["etag"] is None and record["articles"] == 0, name
        assert record["next_poll"] >= record["last_poll"] + 3600, name
        room.daemon.wait_log("warning .*feed failed feed=%s " % re.escape(room.url("/" + name)))
    for url in others:
        record = room.wait_feed(url, lambda f: f["polls"] == 1)
        assert record["state"] == "error" and record["status"] is None and record["last_error"]
    room.wait_feed("/good", lambda f: f["state"] == "ok")
    assert len(room.wait_articles(1)) == 1
    feeds = storyctl(room.build, "feeds", "--db", room.store).stdout
    assert "1 errors in a row: HTTP 404" in feeds
    room.sound()


def test_a_server_that_keeps_silent_is_given_up(room):
    room.configure(poll="timeout = 300ms")
    room.feed("/silent", ONE, delay=LONG)
    room.feed("/a", rss(articles(1, prefix="a")))
    room.start()
    record = room.wait_feed("/silent", lambda f: f["errors"] >= 2)
    assert record["status"] is None and "timed out" in record["last_error"]
    room.wait_articles(1)


def test_a_feed_that_recovers_forgets_its_errors(room):
    answers = iter([Response("", 500), Response(b"")])
    room.feed("/a", lambda request: next(answers, Response(ONE)))
    room.start()
    record = room.wait_feed("/a", lambda f: f["state"] == "ok")
    assert record["errors"] == 0 and record["last_error"] is None and record["articles"] == 1


def test_an_error_between_does_not_hide_what_was_missed(room):
    """200, 503, then the first document again without a validator: known, not an error."""
    answers = iter([Response(ONE), Response("", 500), Response(ONE)])
    room.feed("/a", lambda request: next(answers, Response(rss(articles(2)))))
    room.start()
    room.wait_articles(2)


def test_gone_is_not_asked_again(room):
    room.feed("/gone", b"", 410)
    room.feed("/a", ONE)
    room.start()
    record = room.wait_feed("/gone", lambda f: f["polls"] == 1)
    assert record["state"] == "gone" and record["next_poll"] is None
    assert "410" in record["last_error"]
    room.asked("/a", 3)  # an interval passed, and another
    assert len(room.web.requests("/gone")) == 1
    room.daemon.restart()
    room.asked("/a", len(room.web.requests("/a")) + 1)
    assert len(room.web.requests("/gone")) == 1


def test_a_gone_feed_that_is_listed_anew_is_asked_anew(room):
    room.feed("/gone", b"", 410)
    room.start()
    room.wait_feed("/gone", lambda f: f["state"] == "gone")
    room.unlist("/gone")
    room.reload()
    room.wait_feed("/gone", lambda f: f["state"] == "removed")
    room.feed("/gone", ONE)
    room.reload()
    room.wait_articles(1)


def http_date(t):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(t))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header, least, most", [
    ("7200", 7200, 7921), ("date", 7200 - 60, 7921), ("1", 3600, 3961),  # not less than the backoff
    ("soon", 14400, 15841), (None, 14400, 15841), ("-5", 14400, 15841),
    ("99999999", 86400, 95041),                                          # nor more than a day
], ids=lambda v: str(v))
def test_retry_after(room, status, header, least, most):
    room.configure(interval="1h", max_backoff="48h")
    value = http_date(time.time() + 7200) if header == "date" else header
    room.feed("/busy", b"", status, {} if value is None else {"Retry-After": value})
    room.start()
    record = room.wait_feed("/busy", lambda f: f["polls"] == 1)
    assert least <= record["next_poll"] - record["last_poll"] <= most
    assert record["state"] == "error" and str(status) in record["last_error"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_the_validators_are_the_last_answers(room, status):
    room.feed("/old", b"", status, {"Location": "/between", "ETag": '"wrong"'})
    room.web.set("/between", b"", status, {"Location": room.web.url("/new")})
    room.web.set("/new", ONE, headers={"ETag": '"right"'})
    room.start()
    assert len(room.wait_articles(1)) == 1
    assert room.asked("/new", 2)[1].headers["If-None-Match"] == '"right"'
    record = room.wait_feed("/old", lambda f: f["status"] == 304)
    assert record["url"] == room.url("/old") and record["state"] == "ok"


def test_a_redirects_own_validators_are_not_kept(room):
    """They would stand for the redirect, and where it leads gave none."""
    room.feed("/old", b"", 302, {"Location": "/new", "ETag": '"wrong"',
                                 "Last-Modified": "Tue, 21 Apr 2020 00:43:01 GMT"})
    room.web.set("/new", ONE)
    room.start()
    for request in room.asked("/old", 2) + room.asked("/new", 2):
        assert request.headers["If-None-Match"] is None and request.headers["If-Modified-Since"] is None


def test_relative_addresses_start_where_the_document_came_from(room):
    room.feed("/old", b"", 302, {"Location": "/deep/er/feed"})
    room.web.set("/deep/er/feed", rss([item("story/1", SUBJECTS[0])], link=None))
    room.start()
    [article] = room.wait_articles(1)
    assert article["url"] == room.url("/deep/er/story/1")


def test_gzip_and_chunks(room):
    gz = {"Content-Encoding": "gzip"}
    room.feed("/gz", gzip.compress(rss(articles(3, prefix="gz"))), headers=gz)
    body = rss(articles(4, prefix="chunked"))
    room.feed("/chunked", [body[i:i + 7] for i in range(0, len(body), 7)])
    room.start()
    room.wait_articles(7)
    assert "gzip" in room.web.requests("/gz")[0].headers["Accept-Encoding"]


def test_it_does_not_ask_through_a_proxy_of_the_environment(build):
    with FeedServer() as proxy, Newsroom(build, env={"http_proxy": proxy.base}) as room:
        room.feed("/a", ONE)
        room.start()
        room.wait_articles(1)
        assert proxy.requests() == []


# ---- reload --------------------------------------------------------------------------------------

def test_reload_asks_added_feeds_and_stops_asking_removed_ones(room):
    room.feed("/stays", ONE)
    room.feed("/goes", rss(articles(1, prefix="goes")))
    room.start()
    room.wait_articles(2)
    room.unlist("/goes")
    room.feed("/comes", rss(articles(1, prefix="comes")))
    assert "feeds=2" in room.reload()
    room.wait_articles(3)
    goes = len(room.web.requests("/goes"))
    room.asked("/stays", len(room.web.requests("/stays")) + 3)
    assert len(room.web.requests("/goes")) == goes
    assert room.feed_record("/goes")["state"] == "removed"
    assert {f["state"] for f in room.records("feeds").values()} == {"ok", "removed"}


def test_reload_drops_a_feed_whose_request_is_under_way(room):
    room.feed("/slow", ONE, delay=LONG)
    room.feed("/slower", ONE, delay=LONG)
    room.feed("/waits", rss(articles(1, prefix="waits")))  # in line behind both: two at a time
    room.start()
    room.asked("/slow"), room.asked("/slower")
    room.unlist("/slow", "/slower")
    room.reload()
    room.wait_articles(1)
    assert room.feed_record("/slow")["state"] == "removed"
    assert room.daemon.stop() == 0


def test_a_feed_listed_twice_is_asked_once(room):
    room.feed("/a", ONE)
    room.listed.append("/a")
    room.configure(interval="1h")
    room.start()
    room.wait_articles(1)
    room.feed("/b", rss(articles(1, prefix="b")))
    room.reload()
    room.wait_articles(2)
    assert len(room.web.requests("/a")) == 1 and len(room.records("feeds")) == 2


def test_reload_takes_new_options_and_names_one_that_needs_a_restart(room):
    room.configure(interval="1h")
    room.feed("/a", ONE)
    room.start()
    room.wait_articles(1)
    room.configure(interval="2h", rest="[engine]\nwindow = 24h\n")
    room.reload()
    room.daemon.wait_log("warning .*requires a restart option=window")
    room.feed("/b", rss(articles(1, prefix="b")))
    room.reload()
    record = room.wait_feed("/b", lambda f: f["polls"] == 1)
    assert record["next_poll"] - record["last_poll"] >= 7200


BAD_CONFIGS = [
    ("[poll]\ninterval = soon\n", r":2: invalid value \"soon\" for interval; expected a duration such as"),
    ("[poll]\ninterval = 1ms\n", r":2: interval = 1ms is out of range; expected 1s to "),
    ("[poll]\nintervall = 1h\n", r":2: unknown option \"intervall\" in \[poll\]; expected interval,"),
    ("[pol]\ninterval = 1h\n", r":2: unknown option \"interval\" in \[pol\]; expected \[store\]"),
    ("# fine\n\n[poll]\nnonsense\n", r":4: "),
    ("[poll]\nconnections = 3.5s\n", r":2: invalid value \"3.5s\" for connections; expected a number"),
    ("[store]\nmax_size = 1\n", r":2: invalid value \"1\" for max_size; expected a size"),
    ("[log]\nlevel = loud\n", r":2: invalid value \"loud\" for level; expected error, warning, info or debug"),
    ("[feeds]\nlist =\n", r":2: list is empty"),
    ("[feeds]\nlist = l.opml\n\n[http]\n; to all\nlisten = [::]:8787\n",
     r":6: listen = \[::\]:8787 accepts connections from other machines; set read_token and write_token in \[http\] "),
]


@pytest.mark.parametrize("text, words", BAD_CONFIGS)
def test_a_bad_configuration_is_refused_with_its_line(build, text, words):
    with scratch() as d:
        (d / "storyd.conf").write_text(text)
        for check in ([], ["-n"]):
            r = run(build, "-c", d / "storyd.conf", *check)
            assert r.returncode == 78 and r.stdout == ""
            assert re.match(r"storyd: %s%s" % (re.escape(str(d / "storyd.conf")), words), r.stderr), r.stderr
            assert r.stderr.count("\n") == 1


def test_a_bad_configuration_at_reload_is_refused_and_the_old_one_stays(room):
    room.feed("/a", ONE)
    room.start()
    for text, words in BAD_CONFIGS:
        room.daemon.write_config(text)
        line = room.reload("error .*configuration rejected; keeping the previous one")
        assert re.search(re.escape(str(room.daemon.config_path)) + words.replace('"', r'\\"'), line), line
    room.daemon.config_path.unlink()
    assert "No such file" in room.reload("configuration rejected")
    room.asked("/a", len(room.web.requests("/a")) + 2)
    assert room.daemon.stop() == 0


BAD_LISTS = [
    pytest.param("<html><body>Not here</body></html>", r"feeds\.opml:1: ", id="html"),
    pytest.param("", r"feeds\.opml:1: ", id="empty"),
    pytest.param("<opml><body><outline xmlUrl=", r"feeds\.opml:1: ", id="cut in a feed"),
    pytest.param('<opml>\n<body>\n<outline xmlUrl="http://127.0.0.1:9/x"/>\n', r"feeds\.opml:[34]: ",
                 id="cut after a feed"),
]


@pytest.mark.parametrize("text, words", BAD_LISTS)
def test_a_bad_list_is_refused_with_its_line_and_the_old_one_stays(room, text, words):
    room.feed("/a", ONE)
    room.start()
    room.write_list(text)
    room.configure(interval="1h")  # is not taken over either
    line = room.reload("error .*feed list rejected; keeping the previous one| reloaded ")
    assert re.search(words, line), line
    room.asked("/a", len(room.web.requests("/a")) + 2)
    assert room.daemon.stop() == 0
    r = run(room.build, "-c", room.daemon.config_path)
    assert r.returncode == 78 and re.search(words, r.stderr)


def test_a_list_that_is_not_there_is_refused_and_the_old_one_stays(room):
    room.feed("/a", ONE)
    room.start()
    (room.daemon.dir / "feeds.opml").unlink()
    assert "No such file" in room.reload("feed list rejected; keeping the previous one")
    (room.daemon.dir / "feeds.opml").mkdir()
    room.reload("feed list rejected; keeping the previous one")
    room.asked("/a", len(room.web.requests("/a")) + 2)


# ---- the command line ----------------------------------------------------------------------------

def test_help_and_version(build):
    r = run(build, "--help")
    assert r.returncode == 0 and r.stdout.startswith("usage: storyd [-c FILE] ") and not r.stderr
    r = run(build, "--version")
    assert r.returncode == 0 and not r.stderr
    first, *libraries = r.stdout.splitlines()
    assert first == "storyd " + (ROOT / "VERSION").read_text().strip()
    told = dict(line.split(None, 1) for line in libraries)
    assert {"libevent", "libcurl", "libxml2", "LMDB", "xxHash", "jansson"} <= set(told)
    for name, version in told.items():
        assert re.match(r"\d+\.\d+", version), name
    # the package's version is the one that is told: 2.9.14 of 2.9.14+dfsg-1.3
    for name, package in (("libxml2", "libxml2"), ("LMDB", "liblmdb0"), ("zlib", "zlib1g")):
        query = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
        if query.returncode == 0:
            assert re.sub(r"^\d+:", "", query.stdout).startswith(told[name]), name


@pytest.mark.parametrize("args", [["--no-such"], ["-x"], ["-c"], ["extra"], ["-n", "extra"]])
def test_wrong_usage_says_what_is_right(build, args):
    r = run(build, *args)
    assert r.returncode == 2 and r.stdout == "" and "usage: storyd" in r.stderr
    assert args[-1].lstrip("-") in r.stderr


def test_check_of_a_good_configuration_touches_nothing(build):
    with scratch() as d:
        (d / "storyd.conf").write_text("[store]\npath = store\n[feeds]\nlist = list.opml\n")
        (d / "list.opml").write_text('<opml version="2.0"><body><outline xmlUrl="http://a.example/"/>'
                                     "</body></opml>")
        for args in (["-n", "-c", d / "storyd.conf"], ["--config", d / "storyd.conf", "--check"]):
            r = run(build, *args)
            assert (r.returncode, r.stdout, r.stderr) == (
                0, "%s: valid; 1 feeds in %s\n" % (d / "storyd.conf", d / "list.opml"), "")
        assert sorted(p.name for p in d.iterdir()) == ["list.opml", "storyd.conf"]


@pytest.mark.parametrize("url, why", [
    ("gopher://a.example/", "scheme is neither http nor https"),
    ("file:///etc/passwd", "scheme is neither http nor https"),
    ("javascript:alert(1)", "scheme is neither http nor https"),
    ("a feed", "has no scheme"), ("rss.xml", "has no scheme"),
    ("http://", "names no host"), ("http:///rss", "names no host"), ("feed:", "names no host"),
    ("http://user:word@/", "names no host"),
    ("http://a b.example/", "its host"), ("http://%20/", "its host"), ("http://a..example/", "its host"),
    ("http://1.2.3.999/", "its host"), ("http://[::1/", "its host"),
    ("http://" + "a" * 64 + ".example/", "its host"),
    ("http://a.example:0/", "its port"), ("http://a.example:65536/", "its port"),
    ("http://a.example:rss/", "its port")])
def test_a_feed_that_no_poll_can_ever_ask_is_refused_with_its_line(build, url, why):
    with scratch() as d:
        (d / "storyd.conf").write_text("[feeds]\nlist = list.opml\n[store]\npath = store\n")
        (d / "list.opml").write_text('<opml version="2.0"><body>\n<outline xmlUrl="http://a.example/"/>\n\n'
                                     '<outline text="x"\nxmlUrl="%s"/></body></opml>' % url)
        r = run(build, "-n", "-c", d / "storyd.conf")
        assert r.returncode == 78 and r.stdout == "" and "user:word" not in r.stderr
        assert re.match(r"storyd: \S*/list\.opml:4: .*%s.*expected http" % why, r.stderr), r.stderr


def test_a_feed_that_no_poll_can_ever_ask_is_told_and_harms_nobody(room):
    """The daemon says what -n says, in its log and of the feed, and polls the others."""
    room.listed = None
    room.web.set("/a", ONE)
    room.write_list('<opml version="2.0"><body>\n<outline xmlUrl="ftp://a.example/"/>\n'
                    '<outline xmlUrl="%s"/>\n<outline xmlUrl="http://b..example/"/></body></opml>' % room.url("/a"))
    room.daemon.start()
    room.daemon.wait_log(" started ")
    room.wait_articles(1)
    for line, url, why in ((2, "ftp://a.example/", "its scheme is neither http nor https"),
                           (4, "http://b..example/", "its host cannot exist")):
        room.daemon.wait_log(r'warning invalid feed in the list .*line=%d error="%s"' % (line, why))
        record = room.wait(lambda u=url: next((f for f in room.records("feeds").values()
                                               if f["url"] == u and f["polls"]), None), url)
        assert record["state"] == "error" and "invalid address: " + why in record["last_error"]
    room.reload()


def test_an_aggregator_is_one_or_is_none(build):
    with scratch() as d:
        (d / "storyd.conf").write_text("[feeds]\nlist = list.opml\n")
        for value, status in (("yes", 0), ("NO", 0), ("perhaps", 78)):
            (d / "list.opml").write_text('<opml version="2.0"><body>\n<outline xmlUrl="http://a.example/" storyd:aggregator="%s"/>'
                                         '</body></opml>' % value)
            r = run(build, "-n", "-c", d / "storyd.conf")
            assert r.returncode == status
        assert re.match(r"storyd: \S*/list\.opml:2: .*aggregator.*expected yes or no", r.stderr), r.stderr


def test_all_feeds_that_cannot_be_asked_are_told_at_once(build):
    with scratch() as d:
        (d / "storyd.conf").write_text("[feeds]\nlist = list.opml\n")
        (d / "list.opml").write_text('<opml version="2.0"><body>%s</body></opml>'
                                     % ('\n<outline xmlUrl="ftp://a.example/"/>' * 12))
        err = run(build, "-n", "-c", d / "storyd.conf").stderr
        assert re.findall(r"opml:(\d+): ", err) == [str(n) for n in range(2, 12)] and "and 2 more" in err


@pytest.mark.parametrize("url", [
    "http://a.example", "HTTPS://A.example/", "  http://a.example/ ", "http://a.example/a b", "http://a.example:8080/?x",
    "http://[::1]/", "http://127.0.0.1/", "http://a_b.example./", "http://b\u00fccher.example/", "http://localhost/",
    "feed://a.example/", "feed:https://a.example/", "www.a.example", "a.example/rss"])
def test_a_feed_that_can_be_asked_is_not_refused(build, url):
    with scratch() as d:
        (d / "storyd.conf").write_text("[feeds]\nlist = list.opml\n")
        (d / "list.opml").write_text('<opml version="2.0"><body><outline xmlUrl="%s"/></body></opml>' % url,
                                     encoding="utf-8")
        assert run(build, "-n", "-c", d / "storyd.conf").returncode == 0


def test_missing_files_are_named(build):
    with scratch() as d:
        r = run(build, "-c", d / "none.conf")
        assert r.returncode == 78 and r.stderr == "storyd: %s: No such file or directory\n" % (d / "none.conf")
        (d / "storyd.conf").write_text("[feeds]\nlist = none.opml\n")
        r = run(build, "-n", "-c", d / "storyd.conf")
        assert r.returncode == 78 and "%s: No such file" % (d / "none.opml") in r.stderr
        (d / "storyd.conf").write_text("[feeds]\nlist = l.opml\n[store]\npath = %s/none/store\n" % d)
        (d / "l.opml").write_text('<opml version="2.0"><body/></opml>')
        r = run(build, "-c", d / "storyd.conf")
        assert r.returncode == 1 and "No such file" in r.stderr and "none/store" in r.stderr


def test_a_second_daemon_on_the_store_is_refused(room):
    room.feed("/a", ONE)
    room.start()
    room.wait_articles(1)
    r = run(room.build, "-c", room.daemon.config_path)
    assert r.returncode == 1
    assert "another process writes to this store; stop it first" in r.stderr
    assert str(room.store) in r.stderr
    assert room.daemon.running
    replay = storyctl(room.build, "replay", "--db", room.store, "/dev/null")
    assert replay.returncode == 1 and "another process writes" in replay.stderr
    room.daemon.kill()
    room.start()  # and a lock is not left behind


# ---- the supervisor ------------------------------------------------------------------------------

def test_it_tells_systemd_when_it_is_ready_reloads_and_stops(build):
    with Newsroom(build, notify=True, env={"WATCHDOG_USEC": "200000"}) as room:
        room.feed("/a", ONE)
        room.start()
        room.wait(lambda: room.daemon.notifications.count("READY=1") == 1, "READY=1")
        room.wait(lambda: room.daemon.notifications.count("WATCHDOG=1") >= 3, "the watchdog's food")
        room.wait_articles(1)
        room.wait(lambda: [n for n in room.daemon.notifications
                           if re.match(r"STATUS=1 feeds, 1 events open", n)], "a status")
        room.reload()
        room.wait(lambda: room.daemon.notifications.count("READY=1") == 2, "READY=1 once more")
        room.daemon.write_config("[x]\n y = 1\n")
        room.reload("rejected")
        room.wait(lambda: room.daemon.notifications.count("READY=1") == 3, "READY=1 all the same")
        assert room.daemon.stop() == 0
        told = [n for n in room.daemon.notifications if n.split("=")[0] in ("READY", "RELOADING", "STOPPING")]
        assert told == ["READY=1"] + ["RELOADING=1", "READY=1"] * 2 + ["STOPPING=1"]


def test_no_watchdog_no_food(build):
    with Newsroom(build, notify=True) as room:
        room.feed("/a", ONE)
        room.start()
        room.asked("/a", 2)
        assert "WATCHDOG=1" not in room.daemon.notifications


def test_it_is_not_ready_before_its_store_is(build):
    with Newsroom(build, notify=True) as room:
        (room.daemon.dir / "store").write_text("a file where the folder should be")
        room.write_list()
        room.daemon.start()
        assert room.daemon.wait(LONG) == 1
        assert "READY=1" not in room.daemon.notifications
        assert "cannot open the store" in room.daemon.log()


# ---- readers -------------------------------------------------------------------------------------

def test_readers_read_while_it_writes_and_after_it_is_down(room):
    """storyctl and a stranger's binding see whole states only, always newer ones, and all at the end."""
    size = 400
    everything = articles(size)
    room.feed("/a", lambda request: rss(everything[:50 * len(room.web.requests("/a"))]))
    room.configure(commit_after="1ms", commit_articles=5)
    room.start()
    seen = 0
    while seen < size:
        listed = lines_of(storyctl(room.build, "list", "--db", room.store, "--json", "--limit", 0))
        assert sum(e["article_count"] for e in listed) >= seen
        assert [e["seq"] for e in listed] == sorted((e["seq"] for e in listed), reverse=True)
        with newest(room) as (read, last):
            found, events = read("articles"), read("events")
            assert sum(e["article_count"] for e in events.values() if e["status"] != "merged") == len(found)
            assert list(found) == list(range(1, len(found) + 1))
            assert last == len(read("changes"))
            seen = len(found)
        assert room.daemon.running
    assert room.daemon.stop(LONG) == 0
    assert len(room.records("articles")) == size
    listed = lines_of(storyctl(room.build, "list", "--db", room.store, "--json", "--limit", 0))
    assert sum(e["article_count"] for e in listed) == size
    room.sound()


@contextlib.contextmanager
def newest(room):
    """One state of the store: a function that reads a database of it, and its last change."""
    with Store(room.store) as store, store.env.begin() as txn:
        meta = store.env.open_db(b"meta", txn, create=False)
        yield lambda name: store.read(txn, name), int(txn.get(b"seq", db=meta) or 0)


def test_log_lines_escape_what_strangers_send(room):
    """A title in the log can neither end its line nor make up another."""
    news = SampleNews(int(time.time()))
    story = next(s for s in news.stories if s["id"] == "renholt-jailed")["articles"]
    room.aggregator("/a", rss([item(news.address(a), a["title"] + ' "x" \\ \x85\n2020 error  faked=1', text=a["summary"]) for a in story]))
    room.start()
    room.wait_articles(5)
    assert room.daemon.stop() == 0
    for line in room.daemon.lines:
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (error|warning|info|debug) ", line), line
    assert any("event grew" in line and r'\"x\"' in line for line in room.daemon.lines)
