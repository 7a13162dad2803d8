"""What a feed's owner sees of storyd: what is asked, with which headers, how often, and what storyd makes
of the answers. The server records what it was asked; days pass by writing earlier times into the store
of a daemon that is down."""
import gzip
import hmac
import json
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from loopback import FeedServer, Response
from newsroom import LONG, Newsroom, articles, broken, item, key, rss, storyctl

ONE = rss(articles(1))
DAY = 86400


@pytest.fixture
def room(build):
    with Newsroom(build) as r:
        yield r


def alter(room, path, **fields):
    """What the store says of a feed, changed while nobody writes it."""
    number = room.feed_record(path)["id"]
    with broken(room.store) as (db, txn):
        feeds = db("feeds")
        record = json.loads(txn.get(key(number), db=feeds))
        assert set(fields) <= set(record), fields
        record.update(fields)
        txn.put(key(number), json.dumps(record).encode(), db=feeds)


def sent(requests, name):
    return [r.headers[name] for r in requests]


# ---- validators ----------------------------------------------------------------------------------

def test_validators_are_opaque_bytes(room):
    """Latin-1, quotes within, blanks within: all goes back byte by byte, also after a restart."""
    odd = '"caf\xe9 \xff", W/"x"  \\"'
    room.feed("/a", ONE, headers={"ETag": odd, "Last-Modified": "yesterday, \xe0 peu pr\xe8s"})
    room.start()
    room.asked("/a", 2)
    room.daemon.restart()
    count = len(room.web.requests("/a"))
    for request in room.asked("/a", count + 1)[1:]:
        assert request.headers["If-None-Match"] == odd
        assert request.headers["If-Modified-Since"] == "yesterday, \xe0 peu pr\xe8s"


def test_a_304_updates_the_validators_it_names_and_no_other(room):
    def answer(request):
        n = len(room.web.requests("/a"))
        if n == 1:
            return Response(ONE, headers={"ETag": '"1"', "Last-Modified": "Tue, 21 Apr 2020 00:43:01 GMT"})
        return Response("", 304, {"ETag": '"2"'} if n == 2 else {})
    room.feed("/a", answer)
    room.start()
    requests = room.asked("/a", 4)[:4]
    assert sent(requests, "If-None-Match") == [None, '"1"', '"2"', '"2"']
    assert sent(requests, "If-Modified-Since") == [None] + ["Tue, 21 Apr 2020 00:43:01 GMT"] * 3


def test_validators_belong_to_the_address_they_came_from(room):
    """Where a redirect leads elsewhere, neither the redirect nor the other place is shown them."""
    target = ["/one"]
    room.feed("/a", lambda request: Response("", 302, {"Location": target[0]}))
    room.web.set("/one", ONE, headers={"ETag": '"one"'})
    room.web.set("/two", rss(articles(2)), headers={"ETag": '"two"'})
    room.start()
    room.asked("/one", 2)
    target[0] = "/two"
    two = room.asked("/two", 2)
    assert set(sent(room.web.requests("/a"), "If-None-Match")) == {None}
    assert sent(room.web.requests("/one"), "If-None-Match")[:2] == [None, '"one"']
    assert sent(two, "If-None-Match")[:2] == [None, '"two"']


def test_validators_belong_to_the_content_coding_they_came_with(room):
    """What was packed in a way that is not asked for any more is not asked for by its validators."""
    room.feed("/a", gzip.compress(ONE), headers={"Content-Encoding": "gzip", "ETag": '"packed"'})
    room.start()
    assert room.wait_feed("/a", lambda f: f["status"] == 304)["coding"] == "gzip"
    requests = room.web.requests("/a")
    assert requests[0].headers["Accept-Encoding"] == requests[1].headers["Accept-Encoding"]
    room.daemon.stop()
    alter(room, "/a", coding="exotic")
    room.web.clear()
    room.start()
    assert sent(room.asked("/a", 2)[:2], "If-None-Match") == [None, '"packed"']


def test_after_30_days_of_304_a_feed_is_asked_for_whole(room):
    room.feed("/a", ONE, headers={"ETag": '"stuck"'})
    room.start()
    room.wait_feed("/a", lambda f: f["status"] == 304)
    room.daemon.stop()
    for days, expected in [(29, [['"stuck"'] * 2]), (31, [[None, '"stuck"']])]:
        alter(room, "/a", document_time=int(time.time()) - days * DAY)
        room.web.clear()
        room.start()
        assert sent(room.asked("/a", 2)[:2], "If-None-Match") in expected
        room.daemon.stop()


def test_a_304_to_a_request_that_named_nothing_is_an_error(room):
    room.feed("/a", b"", 304, conditional=False)
    room.start()
    record = room.wait_feed("/a", lambda f: f["polls"] == 1)
    assert record["state"] == "error" and "304" in record["last_error"]


# ---- who asks, and for what ----------------------------------------------------------------------

def test_the_user_agent_names_the_operator_and_the_readers(room):
    room.feed("/a", ONE)
    room.configure(poll="contact = https://watcher.example/bot\nsubscribers = 12")
    room.start()
    version = re.search("version=(\\S+)", room.daemon.log())[1]
    assert room.asked("/a")[0].headers["User-Agent"] == (
        "storyd/%s (+https://watcher.example/bot; 12 subscribers)" % version)
    assert "no contact is set" not in room.daemon.log()


def test_an_operator_who_gave_no_contact_is_asked_for_one(room):
    room.feed("/a", ONE)
    room.start()
    assert "set contact in [poll]" in room.daemon.wait_log("warning .*no contact is set", LONG)
    assert re.fullmatch(r"storyd/\S+ \(1 subscribers\)", room.asked("/a")[0].headers["User-Agent"])


def test_no_referer_and_no_cookie_outlives_its_request(room):
    """A redirect may need its cookie; the next request knows nothing of it."""
    room.feed("/a", b"", 302, {"Location": "/b", "Set-Cookie": "id=1; Path=/"})
    room.web.set("/b", ONE, headers={"Set-Cookie": "id=2; Path=/"})
    room.start()
    assert set(sent(room.asked("/a", 2), "Cookie")) == {None}
    assert set(sent(room.asked("/b", 2), "Cookie")) == {"id=1"}
    assert set(sent(room.web.requests(), "Referer")) == {None}


# an RSS document of one item, packed
BROTLI = ("1b8800208c93e59a43700ea54d1e212adde6f54afc19ddb1eb4ff0908ac0e90607cc154c834dcbb68dd36e8387"
          "2c14d96782262825c9e367cc3e1a4438d078a95a943fe3297fdd10dbc729d6ca48cee546e46d1ae50fb429c824"
          "01")
ZSTD = ("28b52ffd0468b5020092440f11a06f041411769f571ce59665065b553f01e79f8e31b8b97510ba93dea4aa0f5e"
          "d1d52976751e8c4ec3ea950f6c29d5637c0211251839fd695ff04f39080070140185c19f57300a90a6b4c10535"
          "2779e650c8a4fa6001")


def test_codings_are_asked_for_and_read(room):
    room.feed("/gz", gzip.compress(rss(articles(1, prefix="gz"))), headers={"Content-Encoding": "gzip"})
    room.feed("/br", bytes.fromhex(BROTLI), headers={"Content-Encoding": "br"})
    room.feed("/zstd", bytes.fromhex(ZSTD), headers={"Content-Encoding": "zstd"})
    room.start()
    offered = room.asked("/gz")[0].headers["Accept-Encoding"]
    assert {"gzip", "br", "zstd"} <= set(re.split(r",\s*", offered))
    room.wait_articles(3)


def test_new_entries_alone_will_do(room):
    """RFC 3229: a 226 is a part; what it leaves out is still there, and the next request goes on from it."""
    everything = articles(3)

    def answer(request):
        assert request.headers["A-IM"] == "feed"
        known = request.headers["If-None-Match"]
        if known is None:
            return Response(rss(everything[:2]), headers={"ETag": '"2"'})
        if known == '"2"':
            return Response(rss(everything[2:]), 226, {"ETag": '"3"', "IM": "feed"})
        return Response("", 304)
    room.feed("/a", answer)
    room.start()
    room.wait_articles(3)
    assert sent(room.asked("/a", 4)[:4], "If-None-Match") == [None, '"2"', '"3"', '"3"']
    record = room.wait_feed("/a", lambda f: f["status"] == 304)
    assert record["state"] == "ok" and record["articles"] == 3


def test_a_226_of_another_kind_is_an_error(room):
    room.feed("/a", ONE, 226, {"IM": "vcdiff"})
    room.start()
    record = room.wait_feed("/a", lambda f: f["polls"] == 1)
    assert record["state"] == "error" and "226" in record["last_error"] and record["articles"] == 0


def hello(server):
    """The names of protocols that a TLS client offers in its first message."""
    connection, _ = server.accept()
    with connection:
        data = connection.recv(65536)
    return b"\x02h2" in data, b"\x08http/1.1" in data


def test_http2_can_be_switched_off_for_a_feed(build):
    with socket.create_server(("127.0.0.1", 0)) as server, Newsroom(build, interval="1h") as room:
        server.settimeout(LONG)
        url = "https://127.0.0.1:%d/" % server.getsockname()[1]

        def subscribe(name, option):
            room.write_list('<opml version="2.0"><body><outline xmlUrl="%s%s" %s/></body></opml>'
                            % (url, name, option))
        subscribe("a", "")
        room.daemon.start()
        assert hello(server) == (True, True)
        subscribe("b", 'http2="no"')
        assert hello(server) == (False, True)


# ---- when ----------------------------------------------------------------------------------------

def show(room, path):
    """What `storyctl feeds show` tells a person, as one text without line breaks."""
    result = storyctl(room.build, "feeds", "show", "--db", room.store, room.feed_record(path)["id"])
    assert result.returncode == 0, result.stderr
    return re.sub(r"\s+", " ", result.stdout)


def planned(record):
    return record["next_poll"] - record["last_poll"]


def channel(more):
    return rss(articles(1)).replace(b"<language>", more.encode() + b"<language>")


SY = ('<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">%s</sy:updatePeriod>'
      '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">%s</sy:updateFrequency>')

WAITS = [
    # name, headers, in the channel, rule, seconds, what a person is told
    ("nothing", {}, "", "interval", 1800, "* 30 min interval in [poll]"),
    ("max-age", {"Cache-Control": "max-age=7200", "Age": "600"}, "", "max_age", 6600, "* 1 h 50 min Cache-Control"),
    ("short", {"Cache-Control": "max-age=60"}, "", "interval", 1800, "1 min Cache-Control"),
    ("expires", {"Expires": "Tue, 21 Apr 2020 04:00:00 GMT", "Date": "Tue, 21 Apr 2020 01:00:00 GMT"}, "",
     "expires", 10800, "* 3 h Expires, less Date"),
    ("ttl", {"Cache-Control": "max-age=3600"}, "<ttl>240</ttl>", "ttl", 14400, "* 4 h <ttl>"),
    ("sy", {}, SY % ("daily", 4), "updates", 21600, "* 6 h sy:updatePeriod"),
    ("long", {"Cache-Control": "max-age=31536000"}, "<ttl>5</ttl>", "interval", 1800, "* 30 min"),
    ("seconds", {}, "<ttl>7200</ttl>", "ttl", 7200, "* 2 h <ttl>"),
    ("days", {"Cache-Control": "max-age=172800"}, "", "max_age", 86400, "* 1 d Cache-Control"),
    ("nonsense", {"Cache-Control": "max-age=soon", "Expires": "0"}, "<ttl>-5</ttl>", "interval", 1800, "* 30 min"),
]


def test_the_next_poll_is_the_longest_of_what_is_asked_for(room):
    """By the plan in the store: the least and, with a tenth of chance, the most."""
    room.configure(interval="30m", max_backoff="24h", poll="connections_per_host = 10")
    for name, headers, more, _, _, _ in WAITS:
        room.feed("/" + name, channel(more), headers=headers)
    room.start()
    for name, _, _, rule, seconds, words in WAITS:
        record = room.wait_feed("/" + name, lambda f: f["polls"] == 1)
        assert record["because"] == rule and record["waits"][rule] == seconds, (name, record["waits"])
        assert seconds <= planned(record) <= seconds * 1.1, name
        assert words in show(room, "/" + name), (name, show(room, "/" + name))
    assert {len(room.web.requests("/" + w[0])) for w in WAITS} == {1}, "one request at subscribe time"


def test_an_unchanged_feed_is_asked_less_often_and_remembers_what_it_said(room):
    """After a 304 the <ttl> of the document still counts."""
    room.feed("/a", channel("<ttl>1</ttl>"), headers={"ETag": '"1"'})
    room.feed("/b", rss(articles(1, prefix="b")), headers={"ETag": '"1"'})
    room.start()
    room.wait_feed("/a", lambda f: f["status"] == 200)
    room.wait_feed("/b", lambda f: f["status"] == 304)
    room.daemon.stop()
    alter(room, "/a", next_poll=1)
    room.configure(interval="30s", rest="")
    room.start()
    record = room.wait_feed("/a", lambda f: f["status"] == 304)
    assert record["because"] == "ttl" and 60 <= planned(record) <= 66
    assert record["waits"] == {"interval": 30, "interval_unchanged": 30, "ttl": 60, "quiet": record["waits"]["quiet"]}


def test_a_quiet_feed_slows_down_and_news_wakes_it(room):
    room.feed("/a", ONE, headers={"ETag": '"1"'})
    room.configure(interval="30m")
    room.start()
    room.wait_feed("/a", lambda f: f["polls"] == 1)
    room.daemon.stop()
    now = int(time.time())
    alter(room, "/a", next_poll=1, last_new=now - 10 * DAY)
    room.start()
    record = room.wait_feed("/a", lambda f: f["polls"] == 2)
    assert record["because"] == "quiet" and DAY / 2 <= planned(record) <= DAY / 2 * 1.1 + 60
    assert "* 12 h one twentieth of the time since the last new article" in show(room, "/a")
    room.daemon.stop()
    alter(room, "/a", next_poll=1)
    room.web.set("/a", rss(articles(2)), headers={"ETag": '"2"'})
    room.start()
    record = room.wait_feed("/a", lambda f: f["polls"] == 3)
    assert record["because"] == "interval" and planned(record) <= 1980


def test_hours_and_days_in_which_a_feed_rests(room):
    """All hours but the one three hours from now, so the next poll falls into that one."""
    hour = (time.gmtime().tm_hour + 3) % 24
    hours = "".join("<hour>%d</hour>" % h for h in range(24) if h != hour)
    day = (time.gmtime().tm_wday + 1) % 7  # today, Sunday is 0
    names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    days = "".join("<day>%s</day>" % names[d] for d in range(7) if d != (day + 3) % 7)
    room.configure(interval="30m")
    room.feed("/hours", channel("<skipHours>%s</skipHours>" % hours))
    room.feed("/days", channel("<skipDays>%s</skipDays>" % days))
    room.start()
    record = room.wait_feed("/hours", lambda f: f["polls"] == 1)
    assert time.gmtime(record["next_poll"]).tm_hour == hour and 0 < planned(record) <= 4 * 3600
    assert record["skip_hours"] == [h for h in range(24) if h != hour]
    assert "but not, as the feed requests, in the hours (GMT)" in show(room, "/hours")
    record = room.wait_feed("/days", lambda f: f["polls"] == 1)
    assert (time.gmtime(record["next_poll"]).tm_wday + 1) % 7 == (day + 3) % 7
    assert names[day] in show(room, "/days")


def test_the_list_sets_a_feeds_own_interval(room):
    room.web.set("/a", ONE)
    room.web.set("/b", rss(articles(1, prefix="b")))
    room.configure(interval="30m")
    room.write_list('<opml version="2.0"><body><outline xmlUrl="%s" interval="6h"/>'
                    '<outline xmlUrl="%s" interval="often"/></body></opml>'
                    % (room.url("/a"), room.url("/b")))
    room.daemon.start()
    room.daemon.wait_log("warning .*invalid interval of a feed .*interval=often", LONG)
    room.daemon.wait_log(" started ", LONG)
    record = room.wait_feed("/a", lambda f: f["polls"] == 1)
    assert record["because"] == "own" and 21600 <= planned(record) <= 23760
    assert "* 6 h interval of this feed in the feed list" in show(room, "/a")
    assert room.wait_feed("/b", lambda f: f["polls"] == 1)["because"] == "interval"


def test_a_person_is_told_of_errors_and_of_what_is_asked_no_more(room):
    room.configure(interval="30m", max_backoff="24h")
    room.feed("/busy", b"", 429)
    room.feed("/later", b"", 503, {"Retry-After": "7200"})
    room.feed("/gone", b"", 410)
    room.feed("/missing", b"", 404)
    room.start()
    for path in room.listed:
        room.wait_feed(path, lambda f: f["polls"] == 1)
    assert "* 4 h the server is overloaded" in show(room, "/busy")
    assert "* 2 h Retry-After of the server" in show(room, "/later")
    assert "permanently gone: it is not polled" in show(room, "/gone")
    assert "HTTP 404" in show(room, "/missing") and "* 30 min consecutive errors" in show(room, "/missing")


# ---- one host ------------------------------------------------------------------------------------

def test_a_host_is_asked_with_pauses(room):
    """Five feeds with a pause of 300 ms between: 1.2 s at least, whatever else the machine does."""
    room.configure(interval="1h", poll="pause_per_host = 300ms\nconnections_per_host = 10")
    for i in range(5):
        room.feed("/%d" % i, rss(articles(1, prefix="n%d" % i)))
    room.start()
    room.wait_articles(5)
    times = sorted(r.time for r in room.web.requests())
    assert times[-1] - times[0] >= 1.1


def test_a_connection_is_kept_for_the_next_request(room):
    room.configure(interval="1h", poll="connections_per_host = 1")
    for i in range(5):
        room.feed("/%d" % i, rss(articles(1, prefix="n%d" % i)))
    room.start()
    room.wait_articles(5)
    assert len({r.peer for r in room.web.requests()}) == 1


def test_one_feed_that_is_told_to_wait_waits_for_itself(room):
    room.configure(interval="30m", max_backoff="24h")
    for i in range(2):
        room.feed("/busy%d" % i, b"", 429, {"Retry-After": "7200"})
    room.feed("/fine", ONE)
    room.start()
    for path in room.listed:
        room.wait_feed(path, lambda f: f["polls"] == 1)
    fine = room.feed_record("/fine")
    assert fine["because"] == "interval" and planned(fine) <= 1980


def test_where_several_are_told_to_wait_their_host_is_spared(room):
    """Its other feeds wait too, also after a restart; those of another host do not."""
    room.configure(interval="30m", max_backoff="24h", poll="connections_per_host = 1")
    room.feed("/fine", ONE)
    for i in range(3):
        room.feed("/busy%d" % i, b"", 429, {"Retry-After": str(7200 + i)})
    with FeedServer() as other:
        other.set("/other", rss(articles(1, prefix="other")))
        room.list(other.url("/other"))
        room.start()
        fine = room.wait_feed("/fine", lambda f: f["because"] == "host")
        least = min(room.feed_record("/busy%d" % i)["last_poll"] for i in range(3)) + 7200
        assert least <= fine["next_poll"] <= least + 8000
        assert re.search(r"\* 2 h [^*]*several feeds of its host must wait", show(room, "/fine"))
        record = room.wait_feed(other.url("/other"), lambda f: f["polls"] == 1)
        assert record["because"] == "interval"
        room.daemon.restart()
        room.feed("/new", rss(articles(1, prefix="new")))
        room.wait_feed("/new", lambda f: f["polls"] == 1)
        assert len(room.web.requests("/fine")) == 1
        assert room.feed_record("/fine")["next_poll"] == fine["next_poll"]


# ---- moves ---------------------------------------------------------------------------------------

def poll_again(room, path, **fields):
    """The next poll as if it came later: now, with what a record says altered."""
    room.daemon.stop()
    number, polls = room.feed_record(path)["id"], room.feed_record(path)["polls"]
    alter(room, path, next_poll=1, **fields)
    since = len(room.daemon.lines)
    room.daemon.start()
    room.daemon.wait_log(" started ", LONG, since=since)

    def polled():
        record = room.records("feeds")[number]
        return record if record["polls"] > polls else None
    return room.wait(polled, "a poll of %s" % path)


@pytest.mark.parametrize("status", [301, 308])
def test_an_address_changes_when_it_moved_for_days(room, status):
    """Followed at once; believed after four answers over three days."""
    room.configure(interval="1h")
    room.feed("/old", b"", status, {"Location": "/new"})
    room.web.set("/new", ONE, headers={"ETag": '"1"'})
    room.start()
    record = room.wait_feed("/old", lambda f: f["polls"] == 1)
    assert record["articles"] == 1 and record["url"] == room.url("/old"), "followed at once"
    for _ in range(4):
        record = poll_again(room, "/old")
        assert record["url"] == room.url("/old"), "many answers on one day are not enough"
    assert record["moved_to"] == room.url("/new") and record["moved_polls"] == 5
    assert "permanently, according to 5 responses" in show(room, "/old")
    number = record["id"]
    record = poll_again(room, "/old", moved_since=int(time.time()) - 3 * DAY)
    assert record["id"] == number and record["url"] == room.url("/new") and record["moved_to"] is None
    room.web.clear()
    record = poll_again(room, "/new")
    assert room.web.requests("/old") == [] and room.web.requests("/new")[0].headers["If-None-Match"] == '"1"'
    room.reload()  # the list still has the old address: it leads to the same feed
    assert [f["state"] for f in room.records("feeds").values()] == ["ok"]
    room.sound()


def test_two_answers_over_days_are_not_enough_and_another_between_begins_anew(room):
    room.configure(interval="1h")
    target = ["/new"]
    room.feed("/old", lambda request: Response("", 301, {"Location": target[0]}))
    for path in ("/new", "/other"):
        room.web.set(path, ONE)
    room.start()
    room.wait_feed("/old", lambda f: f["polls"] == 1)
    past = int(time.time()) - 9 * DAY
    record = poll_again(room, "/old", moved_since=past)
    assert record["moved_polls"] == 2 and record["url"] == room.url("/old")
    target[0] = "/other"
    record = poll_again(room, "/old", moved_since=past, moved_polls=50)
    assert (record["moved_polls"], record["moved_to"]) == (1, room.url("/other"))
    assert record["moved_since"] > past and record["url"] == room.url("/old")


def test_a_feed_that_was_merged_is_not_queued_with_the_others_of_its_host(room):
    """Where a host is spared, each of its feeds is planned anew: those that are polled."""
    room.configure(interval="1h", poll="connections_per_host = 1")
    room.feed("/old", b"", 301, {"Location": "/new"})
    for path in ("/new", "/busy0", "/busy1", "/busy2"):
        room.feed(path, ONE)
    room.start()
    for path in ("/old", "/new", "/busy0", "/busy1", "/busy2"):
        room.wait_feed(path, lambda f: f["polls"] == 1)
    old = room.feed_record("/old")["id"]
    room.daemon.stop()
    for i in range(3):
        room.web.set("/busy%d" % i, b"", 429, {"Retry-After": "7200"})
        alter(room, "/busy%d" % i, next_poll=2 + i)
    poll_again(room, "/old", moved_since=int(time.time()) - 4 * DAY, moved_polls=3)
    room.wait_feed("/new", lambda f: f["because"] == "host")
    record = room.records("feeds")[old]
    assert (record["state"], record["next_poll"]) == ("merged", None)
    assert room.daemon.running


@pytest.mark.parametrize("statuses", [(302,), (303,), (307,), (302, 301), (301, 302)],
                         ids=lambda s: "-".join(map(str, s)))
def test_a_temporary_redirect_never_changes_an_address(room, statuses):
    """Of a chain, what is permanent from its beginning counts."""
    room.configure(interval="1h")
    for i, status in enumerate(statuses):
        room.web.set("/%d" % i, b"", status, {"Location": "/%d" % (i + 1)})
    room.web.set("/%d" % len(statuses), ONE)
    room.list("/0")
    room.start()
    record = room.wait_feed("/0", lambda f: f["polls"] == 1)
    assert record["articles"] == 1
    assert record["moved_to"] == (room.url("/1") if statuses[0] == 301 else None)


def test_a_move_that_leads_to_an_error_is_not_counted(room):
    room.configure(interval="1h")
    room.feed("/old", b"", 301, {"Location": "/new"})
    room.web.set("/new", b"<html><body>Login</body></html>", headers={"Content-Type": "text/html"})
    room.start()
    record = room.wait_feed("/old", lambda f: f["polls"] == 1)
    assert record["state"] == "error" and record["moved_to"] is None


def test_a_move_onto_a_subscribed_feed_merges_the_two(room):
    """Neither an article nor a source is counted twice, before it is believed nor after."""
    room.configure(interval="1h", poll="connections_per_host = 1")
    anonymous = rss([item(None, "A flood in the valley", guid="no-link-1")])
    room.feed("/new", anonymous)
    room.feed("/old", b"", 301, {"Location": "/new"})
    room.start()
    for path in ("/new", "/old"):
        room.wait_feed(path, lambda f: f["polls"] == 1)
    assert len(room.records("articles")) == 1
    old, new = room.feed_record("/old")["id"], room.feed_record("/new")["id"]
    poll_again(room, "/old", moved_since=int(time.time()) - 4 * DAY, moved_polls=3)
    record = room.records("feeds")[old]
    assert (record["state"], record["merged_into"], record["next_poll"]) == ("merged", new, None)
    assert "moved to feed %d" % new in show(room, "/old")
    room.web.clear()
    room.reload()
    room.feed("/next", rss(articles(1, prefix="next")))
    room.wait_feed("/next", lambda f: f["polls"] == 1)
    assert room.web.requests("/old") == [] and room.records("feeds")[old]["state"] == "merged"
    [event] = [e for e in room.events().values() if "valley" in e["title"]]
    assert (event["source_count"], event["article_count"]) == (1, 1)
    export = storyctl(room.build, "feeds", "export", "--db", room.store).stdout
    assert export.count("xmlUrl") == 2 and room.url("/old") not in export
    room.unlist("/new")  # the old address alone still stands for the feed
    room.reload()
    assert room.records("feeds")[new]["state"] == "ok"
    room.unlist("/old")
    room.reload()
    room.wait(lambda: room.records("feeds")[new]["state"] == "removed", "its end")
    room.sound()


def test_a_page_in_the_place_of_a_feed_is_an_error_and_what_was_there_stays(room):
    room.configure(interval="1h")
    room.feed("/a", rss(articles(3)))
    room.start()
    room.wait_articles(3)
    room.web.set("/a", "<!DOCTYPE html><html><head><title>Parked</title></head><body>Buy this name</body></html>", headers={"Content-Type": "text/html"})
    record = poll_again(room, "/a")
    assert record["state"] == "error" and record["status"] == 200 and "web page" in record["last_error"]
    assert len(room.records("articles")) == 3 and len(room.events()) == 3
    for status, state in [(404, "error"), (410, "gone")]:
        room.web.set("/a", b"", status)
        record = poll_again(room, "/a")
        assert record["state"] == state and (record["next_poll"] is None) == (status == 410)
        assert len(room.records("articles")) == 3, "what it brought stays"


# ---- older documents: RFC 5005 -------------------------------------------------------------------

def archived(items, previous):
    link = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="prev-archive" href="%s"/>' % previous
    return rss(items).replace(b"<language>", (link if previous else "").encode() + b"<language>")


def test_the_archives_of_a_new_feed_are_read_once(room):
    room.configure(interval="1h")
    room.feed("/a", archived(articles(2, prefix="a"), room.url("/2024")), headers={"ETag": '"now"'})
    room.web.set("/2024", archived(articles(2, prefix="b"), room.url("/2023")), headers={"ETag": '"old"'})
    room.web.set("/2023", archived(articles(2, prefix="c"), None))
    room.start()
    room.wait_articles(6)
    record = room.wait_feed("/a", lambda f: f["archives"] == 2)
    assert record["archive"] is None and record["articles"] == 6 and record["polls"] == 1
    assert record["etag"] == '"now"' and record["document_url"] == room.url("/a")
    assert record["next_poll"] - record["last_poll"] >= 3600
    room.web.set("/a", archived(articles(3, prefix="a"), room.url("/2024")))
    poll_again(room, "/a")
    room.wait_articles(7)
    assert [r.path for r in room.web.requests()] == ["/a", "/2024", "/2023", "/a"]


def test_archives_without_end_are_read_to_a_ceiling(room):
    room.configure(interval="1h")

    def answer(request):
        n = int(request.path[1:])
        return Response(archived(articles(1, prefix="n%d" % n), room.url("/%d" % (n + 1))))
    for n in range(20):
        room.web.set("/%d" % n, answer)
    room.list("/0")
    room.start()
    room.wait_feed("/0", lambda f: f["archives"] == 10 and f["archive"] is None)
    assert len(room.web.requests()) == 11 and len(room.records("articles")) == 11


def test_an_archive_that_is_missing_ends_them_and_harms_nothing(room):
    room.configure(interval="1h")
    room.feed("/a", archived(articles(2), room.url("/missing")))
    room.start()
    room.daemon.wait_log("warning .*cannot read the feed's archive .*HTTP 404", LONG)
    record = room.wait_feed("/a", lambda f: f["archives"] == 1 and f["archive"] is None)
    assert record["state"] == "ok" and record["errors"] == 0 and len(room.records("articles")) == 2


# ---- hubs: WebSub --------------------------------------------------------------------------------

CALLBACK = "https://public.example/websub"


class Hub:
    """A feed that names a hub, and the hub: it notes what it was asked."""

    def __init__(self, room, **more):
        self.room, self.status = room, 202
        room.configure(**dict({"interval": "1h", "rest": "[websub]\ncallback = %s\n" % CALLBACK}, **more))
        room.web.set("/hub", lambda request: Response("", self.status))
        links = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="%s" href="%s"/>'
        self.head = links % ("hub", room.url("/hub")) + links % ("self", room.url("/topic"))
        room.feed("/a", self.document(1))

    def document(self, n):
        return rss(articles(n)).replace(b"<language>", self.head.encode() + b"<language>")

    def start(self):
        since = len(self.room.daemon.lines)
        self.room.start()
        line = self.room.daemon.wait_log(r"listening address=127", LONG, since=since)
        self.base = "http://" + re.search(r"address=(\S+)", line)[1]
        return self

    def asked(self, count=1):
        """The fields of the last request to the hub."""
        request = self.room.asked("/hub", count)[-1]
        assert request.method == "POST"
        return {k: v for k, [v] in urllib.parse.parse_qs(request.body.decode()).items()}

    def path(self, form):
        assert form["hub.callback"].startswith(CALLBACK + "/")
        return form["hub.callback"][len("https://public.example"):]

    def call(self, path, query=None, body=None, headers={}):
        """(status, text) of a request to the callback address."""
        url = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=LONG) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def verify(self, form, mode="subscribe", lease=864000, **more):
        query = {"hub.mode": mode, "hub.topic": form["hub.topic"], "hub.challenge": "a challenge/&=",
                 "hub.lease_seconds": lease}
        query.update(more)
        return self.call(self.path(form), query)

    def deliver(self, form, body, method="sha256", secret=None):
        key = form["hub.secret"] if secret is None else secret
        signature = "%s=%s" % (method, hmac.new(key.encode(), body, method).hexdigest())
        return self.call(self.path(form), None, body, {"X-Hub-Signature": signature,
                                                       "Content-Type": "application/rss+xml"})


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_a_hub_tells_is_taken_at_once_and_the_feed_asked_seldom(room, method):
    hub = Hub(room).start()
    form = hub.asked()
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", room.url("/topic"))
    assert len(form["hub.secret"]) >= 32 and int(form["hub.lease_seconds"]) > 0
    assert hub.verify(form) == (200, "a challenge/&=")
    record = room.wait_feed("/a", lambda f: f["hub_state"] == "active")
    assert 863000 <= record["hub_until"] - int(time.time()) <= 864000
    assert hub.deliver(form, hub.document(3), method)[0] == 202
    assert len(room.wait_articles(3)) == 3
    record = room.wait_feed("/a", lambda f: f["pushes"] == 1)
    assert record["articles"] == 3 and len(room.web.requests("/a")) == 1
    record = poll_again(room, "/a")
    assert record["because"] == "pushed" and 21600 <= planned(record) <= 23760
    assert "* 6 h its hub pushes new articles" in show(room, "/a") and "hub state active" in show(room, "/a")
    assert len(room.web.requests("/hub")) == 1, "a lease that lasts is not renewed"
    room.sound()


def test_forged_news_is_ignored(room):
    hub = Hub(room).start()
    form = hub.asked()
    news = hub.document(3)
    assert hub.deliver(form, news)[0] == 202, "before the hub was verified nothing counts"
    hub.verify(form)
    room.wait_feed("/a", lambda f: f["hub_state"] == "active")
    assert hub.deliver(form, news, secret="guessed")[0] == 202
    assert hub.call(hub.path(form), None, news, {"Content-Type": "application/rss+xml"})[0] == 202
    assert hub.call(hub.path(form), None, news, {"X-Hub-Signature": "sha256="})[0] == 202
    assert hub.call(hub.path(form)[:-1] + "x", None, news)[0] == 404
    assert hub.call("/websub/99/" + "0" * 32, None, news)[0] == 404
    assert hub.deliver(form, b"<html>no feed</html>")[0] == 202
    room.daemon.wait_log("warning .*push has an invalid signature", LONG, count=3)
    room.daemon.wait_log("warning .*a hub pushed an invalid document", LONG)
    assert hub.deliver(form, news)[0] == 202
    room.wait_articles(3)
    assert room.wait_feed("/a", lambda f: f["pushes"] == 1)["state"] == "ok"


def test_a_subscription_that_we_did_not_ask_for_is_not_confirmed(room):
    hub = Hub(room).start()
    form = hub.asked()
    assert hub.verify(form, **{"hub.topic": "http://127.0.0.1/other"})[0] == 404
    assert hub.verify(form, mode="unsubscribe")[0] == 404, "somebody else wants us to be rid of it"
    assert hub.call(hub.path(form))[0] == 404
    assert hub.call("/websub/")[0] == 404
    assert room.wait_feed("/a", lambda f: f["polls"] == 1)["hub_state"] == "asked"


@pytest.mark.parametrize("how", ["denied", "failed", "silent", "lapsed"])
def test_where_a_hub_does_not_tell_the_feed_is_asked_as_others_are(room, how):
    hub = Hub(room)
    hub.status = 500 if how == "failed" else 202
    hub.start()
    form = hub.asked()
    if how == "denied":
        assert hub.verify(form, mode="denied", **{"hub.reason": "too many"})[0] == 200
        room.daemon.wait_log("warning .*a hub denied the subscription.*too many", LONG)
    if how == "lapsed":
        hub.verify(form)
    state = {"silent": "asked", "lapsed": "active"}.get(how, how)
    room.wait_feed("/a", lambda f: f["hub_state"] == state)
    record = poll_again(room, "/a", **({"hub_until": int(time.time()) - 10} if how == "lapsed" else {}))
    assert record["because"] == "interval_unchanged" or record["because"] == "interval"
    assert planned(record) <= 3960


def test_a_lease_is_renewed_before_it_ends_and_nothing_is_asked_twice(room):
    hub = Hub(room).start()
    form = hub.asked()
    hub.verify(form)
    room.wait_feed("/a", lambda f: f["hub_state"] == "active")
    poll_again(room, "/a", hub_until=int(time.time()) + 3 * DAY)
    assert len(room.web.requests("/hub")) == 1
    poll_again(room, "/a", hub_until=int(time.time()) + DAY // 2)
    assert hub.asked(2) == form, "the same address and secret, also after a restart"
    assert room.feed_record("/a")["hub_state"] == "active", "until then the old lease holds"
    hub.base = "http://" + re.findall(r"listening address=(127\S+)", room.daemon.log())[-1]
    assert hub.verify(form)[0] == 200
    record = room.wait_feed("/a", lambda f: f["hub_until"] > time.time() + 5 * DAY)
    assert record["hub_state"] == "active"


def test_a_feed_that_left_the_list_leaves_its_hub(room):
    hub = Hub(room).start()
    form = hub.asked()
    hub.verify(form)
    room.wait_feed("/a", lambda f: f["hub_state"] == "active")
    room.unlist("/a")
    room.reload()
    room.wait_feed("/a", lambda f: f["state"] == "removed")
    assert hub.deliver(form, hub.document(3))[0] == 410
    assert hub.verify(form, mode="subscribe")[0] == 404
    assert hub.verify(form, mode="unsubscribe") == (200, "a challenge/&=")


def test_the_link_header_names_a_hub_too(room):
    hub = Hub(room)
    room.web.set("/a", ONE, headers={"Link": '<%s>; rel=self, </hub>; title="x, y"; rel="alternate hub"' % room.url("/t")})
    hub.start()
    assert hub.asked()["hub.topic"] == room.url("/t")


def test_without_a_callback_no_hub_is_asked(room):
    hub = Hub(room, rest="")
    room.start()
    record = room.wait_feed("/a", lambda f: f["polls"] == 1)
    assert record["hub"] == room.url("/hub") and record["hub_state"] is None and hub.status == 202
    assert room.web.requests("/hub") == []
