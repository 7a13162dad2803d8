"""Engine, standby and replicas around a real nats-server: equal copies, forwarded changes, who leads."""
import contextlib
import json
import os
import shutil
import signal
import subprocess

import pytest
from cluster import NATS, Broker, Member, Wire, wait_equal
from loopback import FeedServer
from newsroom import LONG, Newsroom, articles, item, mounted, rss, storyctl
from web import Site

pytestmark = pytest.mark.skipif(not NATS, reason="nats-server is not installed")

TOKEN = "sesame-of-the-newsroom-0123456789"
FERRY = "Ferry Halden Star runs aground off Sorrel Islands"


@pytest.fixture
def broker():
    with Broker() as broker:
        yield broker


def publish(room, n):
    room.feed("/a.xml", rss(articles(n), title="Paper"))


def wait_stored(member, n):
    member.wait(lambda: len(member.records("articles")) == n, "%d articles in %s" % (n, member.name))


def stop_sound(*rooms):
    for room in rooms:
        assert room.daemon.stop() == 0
        room.sound()


@contextlib.contextmanager
def engine_and(build, engine_broker, n, role, name, more="", broker=None):
    """An engine that leads and has n articles, and another process with an equal store."""
    with Member(build, engine_broker, "engine", "a", more=more) as a, Member(
            build, broker or engine_broker, role, name, a, more=more) as b:
        publish(a, n)
        a.start().leads()
        wait_stored(a, n)
        b.start()
        wait_stored(b, n)
        wait_equal(a, b)
        yield a, b


def numbers(member):
    """What each event number means: the addresses of the first article."""
    first = {}
    for number, a in sorted(member.records("articles").items()):
        first.setdefault(a["event"], a["url"])
    return first


def test_a_replica_is_equal_and_serves(build, broker):
    with Member(build, broker, "engine", "a") as engine, Member(build, broker, "replica", "r", engine) as replica:
        publish(engine, 3)
        engine.start().leads()
        wait_stored(engine, 3)
        replica.start()
        replica.daemon.wait_log(" the engine's store is copied ", LONG)
        wait_equal(engine, replica)
        publish(engine, 6)
        wait_stored(replica, 6)
        wait_equal(engine, replica)
        site = replica.site()
        assert len(site.get("/api/v1/events").json()["events"]) == 6
        assert b"Heron colony" in site.get("/").body
        health = replica.health()["cluster"]
        assert (health["role"], health["member"], health["connected"]) == ("replica", "r", True)
        assert engine.health()["cluster"]["role"] == "engine"
        # away for a while, it goes on from the log
        assert replica.daemon.stop() == 0
        publish(engine, 9)
        wait_stored(engine, 9)
        replica.start()
        wait_stored(replica, 9)
        wait_equal(engine, replica)
        assert len([1 for line in replica.daemon.lines if " is copied " in line]) == 1
        stop_sound(engine, replica)


def test_changes_are_forwarded_to_the_engine(build, broker):
    token = {"Authorization": "Bearer " + TOKEN}
    options = dict(http="write_token = {dir}/token")
    with Member(build, broker, "engine", "a", **options) as engine, Member(
            build, broker, "replica", "r", engine, **options) as replica:
        for room in engine, replica:
            (room.daemon.dir / "token").write_text(TOKEN)
        publish(engine, 2)
        engine.start().leads()
        wait_stored(engine, 2)
        replica.start()
        wait_stored(replica, 2)
        site = replica.site()
        body = json.dumps({"kind": "rename", "event": 1, "title": "Herons leave the marsh", "who": "anna"})
        refused = site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json")
        assert refused.status == 401
        made = site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json", **token)
        assert made.status == 201, made.body
        replica.wait(lambda: replica.records("events")[1]["title"] == "Herons leave the marsh", "the title")
        wrong = site.ask("POST", "/api/v1/decisions", '{"kind":"rename","event":1,"who":"anna"}',
                         Content_Type="application/json", **token)
        assert wrong.status in (400, 422) and wrong.headers["Content-Type"] == "application/problem+json"
        # a publisher's article: the engine checks the token, which the copy does not know
        (engine.daemon.dir / "wire").write_text("wire-token-of-the-tests")
        engine.configure(rest=engine.options["rest"] + "[publisher wire]\nhome = https://wire.example/\ntoken = {dir}/wire\n")
        engine.reload()
        sent = json.dumps({"id": "wire:1", "title": "Heron colony leaves the marsh"})
        assert site.ask("POST", "/api/v1/articles", sent, **token).status == 401
        submitted = site.ask("POST", "/api/v1/articles", sent, Authorization="Bearer wire-token-of-the-tests")
        assert submitted.status == 201 and submitted.headers["Location"] == "/api/v1/articles/3"
        wait_stored(replica, 3)
        wait_equal(engine, replica)
        ids = [[i["id"] for i in room.site().get("/feed.json", **token).json()["items"]] for room in (engine, replica)]
        assert ids[0] == ids[1] and ":000000" not in ids[0][0]
        # without an engine, reading works and changing says why not
        assert engine.daemon.stop() == 0
        gone = site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json", **token)
        assert gone.status == 503 and b"Reading still works" in gone.body
        assert site.get("/api/v1/events/1", **token).json()["title"] == "Herons leave the marsh"


def test_a_standby_takes_over_from_a_killed_engine(build, broker):
    with engine_and(build, broker, 4, "engine", "b", "auto_promote = yes") as (a, b):
        before = numbers(a)
        a.daemon.kill()
        b.leads()
        publish(a, 6)
        wait_stored(b, 6)
        after = numbers(b)
        assert all(after[n] == url for n, url in before.items())
        new = set(after) - set(before)
        assert len(new) == 2 and min(new) > max(before) + 1000, "numbers that the other may have given"
        # the other one comes back, and stands by
        a.start()
        a.daemon.wait_log(" started role=standby ", LONG, since=a.since)
        wait_stored(a, 6)
        wait_equal(a, b)
        assert a.health()["cluster"]["role"] == "standby"
        stop_sound(a, b)


def test_promotion_by_hand(build, broker):
    with engine_and(build, broker, 2, "engine", "b") as (a, b):
        done = storyctl(build, "promote", "--db", a.store)
        assert done.returncode == 1 and "does not stand by" in done.stderr
        done = storyctl(build, "promote", "--db", b.store)
        assert (done.returncode, done.stderr) == (0, "")
        b.leads()
        a.daemon.wait_log(" started role=standby ", LONG, count=2)
        publish(a, 5)
        wait_stored(b, 5)
        wait_equal(a, b)
        stop_sound(a, b)


def test_an_engine_that_slept_leads_no_more(build, broker):
    with engine_and(build, broker, 3, "engine", "b", "auto_promote = yes") as (a, b):
        a.daemon.signal(signal.SIGSTOP)
        b.leads()
        publish(a, 5)
        wait_stored(b, 5)
        a.daemon.signal(signal.SIGCONT)
        a.daemon.wait_log(" started role=standby ", LONG, count=2)
        wait_stored(a, 5)
        wait_equal(a, b)
        stop_sound(a, b)


@pytest.mark.parametrize("lost", [False, True], ids=["killed", "emptied"])
def test_a_broker_that_fails(build, broker, lost):
    """Also one that comes back without anything: then the log begins anew, and nothing of ours is lost."""
    with engine_and(build, broker, 3, "replica", "r") as (engine, replica):
        broker.kill()
        publish(engine, 5)
        assert len(replica.site().get("/api/v1/events").json()["events"]) == 3
        if lost:
            broker.forget()
        broker.start()
        wait_stored(engine, 5)
        wait_stored(replica, 5)
        wait_equal(engine, replica)
        stop_sound(engine, replica)


def test_a_store_of_another_cluster_is_refused(build, broker):
    with Newsroom(build) as alone, Member(build, broker, "engine", "a") as engine:
        alone.feed("/x.xml", rss([item("https://tribune.example/1", FERRY, "1")]))
        alone.start()
        alone.wait_articles(1)
        assert alone.daemon.stop() == 0
        publish(engine, 2)
        engine.start().leads()
        wait_stored(engine, 2)
        alone.configure(rest="[cluster]\nrole = replica\nmember = x\nnats = %s\n" % broker.url)
        alone.daemon.start()
        assert alone.daemon.wait(LONG) == 1
        assert "choose another name in [cluster], or an empty folder in [store]" in alone.daemon.log()
        assert len(alone.records("articles")) == 1


def test_a_store_becomes_the_clusters_first_and_returns(build, broker):
    """A store of a single process begins a cluster; afterwards the process may run alone again."""
    with Member(build, broker, "engine", "a") as room:
        cluster = room.options["rest"]
        publish(room, 2)
        room.configure(rest="")
        room.start()
        wait_stored(room, 2)
        assert room.daemon.stop() == 0
        room.configure(rest=cluster)
        room.start().leads()
        publish(room, 4)
        wait_stored(room, 4)
        assert room.daemon.stop() == 0
        room.configure(rest="")
        publish(room, 6)
        room.start()
        wait_stored(room, 6)
        assert room.daemon.stop() == 0
        room.configure(rest=cluster)
        room.start().leads()
        assert "begins anew" in room.daemon.log()
        with Member(build, broker, "replica", "r", room) as replica:
            replica.start()
            wait_stored(replica, 6)
            wait_equal(room, replica)


def test_without_a_cluster_nothing_of_it_runs(build):
    with Newsroom(build) as room:
        room.start()
        names = [open("/proc/%d/task/%s/comm" % (room.daemon.pid, t)).read().strip()
                 for t in os.listdir("/proc/%d/task" % room.daemon.pid)]
        assert not [n for n in names if "nats" in n.lower()]
        assert Site(room).get("/api/v1/health").json()["cluster"] is None


@pytest.mark.parametrize("lines, message", [
    ("role = engine", "needs a broker"),
    ("role = leader", "expected all, fetch, engine or replica"),
    ("role = replica\nnats = nats://anna:sesame@127.0.0.1:1", "contains a login"),
    ("role = replica\nnats = nats://127.0.0.1:1\nname = A b", "lower-case letters"),
    ("role = replica\nnats = nats://127.0.0.1:1\nmember = a.b", "letters, digits, hyphens"),
    ("role = replica\nnats = nats://127.0.0.1:1\ncertificate = /x", "belong together"),
    ("role = replica\nnats = nats://127.0.0.1:1\ncredentials = /nowhere", "must name a file"),
])
def test_wrong_settings_are_refused(build, lines, message):
    with Newsroom(build, rest="[cluster]\n" + lines) as room:
        room.write_list()
        room.daemon.start()
        assert room.daemon.wait(LONG) == 78
        assert message in room.daemon.log() and "sesame" not in room.daemon.log()



def test_an_engine_that_is_cut_off_leads_no_more(build, broker):
    """Its network is silent, not closed: what it then sends is refused when it comes through."""
    wire = Wire(broker.port)

    class Behind:
        url = "nats://127.0.0.1:%d" % wire.port
    with engine_and(build, Behind, 3, "engine", "b", "auto_promote = yes", broker=broker) as (a, b):
        wire.cut()
        b.leads()
        publish(a, 5)
        wait_stored(b, 5)
        assert len(a.records("articles")) == 3, "it committed what no other process has"
        wire.mend()
        a.daemon.wait_log(" started role=standby ", LONG, count=2)
        wait_stored(a, 5)
        wait_equal(a, b)
        stop_sound(a, b)
        wire.close()


def test_an_engine_that_lost_its_disk(build, broker):
    with engine_and(build, broker, 3, "engine", "b") as (a, b):
        a.daemon.kill()
        shutil.rmtree(a.store)
        assert storyctl(build, "promote", "--db", b.store).returncode == 0
        b.leads()
        publish(a, 4)
        wait_stored(b, 4)
        a.start()
        a.daemon.wait_log(" the engine's store is copied ", LONG)
        wait_equal(a, b)
        assert b.health()["cluster"]["role"] == "engine"


def test_a_broker_whose_disk_is_full(build):
    """Nothing is committed that it did not take; once there is room, all of it is."""
    broker = Broker()
    with mounted(broker.dir, "24m"):
        with broker, Member(build, broker, "engine", "a", more="log_size = 16MiB") as engine, Member(
                build, broker, "replica", "r", engine) as replica:
            publish(engine, 3)
            engine.start().leads()
            replica.start()
            wait_stored(replica, 3)
            with open(broker.dir / "filler", "wb", buffering=0) as f, contextlib.suppress(OSError):
                while True:
                    f.write(b"x" * 4096)
            publish(engine, 8)
            engine.daemon.wait_log("id=batch_refused", LONG)
            assert len(engine.records("articles")) == 3
            broker.kill()  # a nats-server that has met a full disk must be started again
            (broker.dir / "filler").unlink()
            broker.start()
            wait_stored(replica, 8)
            wait_equal(engine, replica)
            stop_sound(engine, replica)



@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker.example", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", path / "key.pem", "-out", path / "cert.pem"],
                   check=True, capture_output=True)
    return path


def test_a_broker_with_a_login_and_tls(build, certificate):
    more = 'authorization { user: storyd, password: sesame }\ntls { cert_file: "%s/cert.pem", key_file: "%s/key.pem" }' % (
        certificate, certificate)
    with Broker(more=more) as broker:
        broker.url = broker.url.replace("nats://", "tls://")
        options = "credentials = {dir}/login\nca_file = %s/cert.pem" % certificate
        with Member(build, broker, "engine", "a", more=options) as engine:
            (engine.daemon.dir / "login").write_text("storyd:sesame\n")
            publish(engine, 2)
            engine.start().leads()
            wait_stored(engine, 2)
            assert "sesame" not in engine.daemon.log()
            assert engine.daemon.stop() == 0
            (engine.daemon.dir / "login").write_text("storyd:wrong\n")
            engine.daemon.start()
            assert "credentials" in engine.daemon.wait_log("id=broker_unreachable", LONG)
            assert engine.daemon.stop() == 0


# ---- fetchers --------------------------------------------------------------------------------------

class Hosts:
    """Feeds on as many hosts as there are loopback addresses."""

    def __init__(self, n):
        self.web = FeedServer(host="0.0.0.0")
        self.urls = ["http://127.0.1.%d:%d/%d.xml" % (i + 1, self.web.port, i) for i in range(n)]

    def publish(self, feed, items):
        self.web.set("/%d.xml" % feed, rss(articles(items, "https://paper%d.example" % feed, "f%d" % feed),
                                           title="Paper %d" % feed))


@pytest.fixture
def hosts():
    hosts = Hosts(12)
    yield hosts
    hosts.web.close()


def share_of(fetcher):
    return fetcher.health()["cluster"]["fetcher"]["feeds"]


def assert_polite(hosts, least):
    """No feed was requested again within so many seconds, by whomever."""
    for feed in range(len(hosts.urls)):
        times = [r.time for r in hosts.web.requests("/%d.xml" % feed)]
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert not gaps or min(gaps) >= least, (feed, gaps)


def test_fetchers_poll_for_the_engine(build, broker, hosts):
    calm = dict(interval="3s")
    with Member(build, broker, "engine", "a", more="fetchers = yes") as engine, Member(
            build, broker, "fetch", "f1", engine, **calm) as one, Member(
                build, broker, "fetch", "f2", engine, **calm) as two:
        engine.listed = list(hosts.urls)
        for feed in range(12):
            hosts.publish(feed, 3)
        engine.start().leads()
        one.start()
        two.start()
        wait_stored(engine, 36)
        assert {f["state"] for f in engine.records("feeds").values()} == {"ok"}
        one.wait(lambda: share_of(one) + share_of(two) == 12 and share_of(one) and share_of(two), "shares")
        for fetcher in one, two:  # a changed configuration takes effect
            fetcher.configure(interval="4s")
            fetcher.reload()
        for feed in range(12):
            hosts.publish(feed, 4)
        wait_stored(engine, 48)
        # one is gone: the other polls all
        one.daemon.kill()
        two.wait(lambda: share_of(two) == 12, "the share of the dead one")
        for feed in range(12):
            hosts.publish(feed, 5)
        wait_stored(engine, 60)
        # and back again, with what it had not sent
        one.start()
        one.wait(lambda: share_of(one) + share_of(two) == 12 and share_of(one) > 0, "shares")
        for feed in range(12):
            hosts.publish(feed, 6)
        wait_stored(engine, 72)
        stop_sound(one, two, engine)
        assert_polite(hosts, 1.5)


@pytest.mark.parametrize("what", ["engine", "broker", "emptied broker", "fetcher"])
def test_what_fetchers_found_is_not_lost(build, broker, hosts, what):
    with Member(build, broker, "engine", "a", more="fetchers = yes") as engine, Member(
            build, broker, "fetch", "f1", engine) as one:
        engine.listed = list(hosts.urls)
        for feed in range(12):
            hosts.publish(feed, 2)
        engine.start().leads()
        one.start()
        wait_stored(engine, 24)
        if what == "engine":
            engine.daemon.kill()
        for feed in range(12):
            hosts.publish(feed, 4)
        if what == "engine":  # the fetcher finds them all, and keeps them, also when it is killed
            one.wait(lambda: one.health()["cluster"]["fetcher"]["waiting"] >= 12, "what is found")
            one.daemon.kill()
            one.start()
            engine.start().leads()
        elif what == "fetcher":
            one.daemon.kill()
            one.start()
        else:
            broker.kill()
            if what == "emptied broker":
                broker.forget()
            broker.start()
        wait_stored(engine, 48)
        for feed in range(12):
            hosts.publish(feed, 5)
        wait_stored(engine, 60)
        stop_sound(one, engine)


def test_a_full_outbox_stops_polling(build, broker, hosts):
    with Member(build, broker, "engine", "a", more="fetchers = yes") as engine, Member(
            build, broker, "fetch", "f1", engine, more="outbox = 1MiB") as one:
        engine.listed = list(hosts.urls)
        for feed in range(12):
            hosts.publish(feed, 1)
        engine.start().leads()
        one.start()
        wait_stored(engine, 12)
        engine.daemon.kill()
        for feed in range(12):  # more than the ceiling, in all
            hosts.web.set("/%d.xml" % feed, rss(
                [item("https://paper%d.example/long" % feed, "A long report %d" % feed, "long", "word%d " % feed * 30000)],
                title="Paper %d" % feed))
        one.daemon.wait_log(" outbox in \\[cluster\\] .*id=outbox_full", LONG)
        assert one.health()["cluster"]["fetcher"]["full"]
        engine.start().leads()
        one.daemon.wait_log("id=outbox_has_room", LONG)
        wait_stored(engine, 24)


PAGE = ("<html lang='en'><head><title>%s</title></head><body><article><h1>%s</h1>" + "".join(
    "<p>The harbour master of Sorrel said on Tuesday that %s would be towed to Port Ashby, where divers look at "
    "its hull before anybody decides about repairs.</p>" % what for what in ("the ferry", "the ship", "the wreck", "it")) +
        "</article></body></html>")


def test_pages_are_fetched_by_the_owner_of_the_host(build, broker):
    """The engine itself reaches nothing: its proxy is none."""
    with FeedServer(host="127.0.0.7") as paper, FeedServer(host="127.0.0.8") as moved, Member(
            build, broker, "engine", "a", more="fetchers = yes", fetch="all", poll="proxy = http://127.0.0.1:1",
            pages="budget = 100") as engine, Member(build, broker, "fetch", "f1", engine) as one, Member(
                build, broker, "fetch", "f2", engine) as two:
        engine.listed = [paper.url("/rss")]
        urls = [paper.url("/a"), paper.url("/b"), paper.url("/c")]
        titles = [FERRY, "Bakery chain recalls walnut loaves nationwide", "Museum returns bronze masks to kingdom"]
        paper.set("/rss", rss([item(u, t, guid=u) for u, t in zip(urls, titles)], title="Paper"))
        html = {"Content-Type": "text/html; charset=utf-8"}
        paper.set("/robots.txt", "User-agent: *\nDisallow: /c\n", headers={"Content-Type": "text/plain"})
        paper.set("/a", (PAGE % (titles[0], titles[0])).encode(), headers=html)
        paper.set("/b", b"", 302, {"Location": moved.url("/b")})
        moved.set("/b", (PAGE % (titles[1], titles[1])).encode(), headers=html)
        engine.start().leads()
        one.start()
        two.start()
        wait_stored(engine, 3)
        engine.wait(lambda: sum(p["state"] in ("read", "skipped", "refused") for p in engine.records("pages").values()) == 3
                    if engine.records("pages") else False, "three pages")
        articles = {a["url"]: a for a in engine.records("articles").values()}
        assert [articles[u]["page"]["state"] for u in urls[:2]] == ["read", "read"], articles
        assert articles[urls[0]]["words"] > 50 and articles[urls[1]]["words"] > 50
        assert articles[urls[2]]["page"]["why"] == "robots" and not paper.requests("/c")
        assert moved.requests("/robots.txt") and len(paper.requests("/a")) == 1
        for room in one, two, engine:
            assert room.daemon.stop() == 0
        engine.sound()
