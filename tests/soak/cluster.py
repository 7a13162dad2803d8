"""Two engines, two fetchers and two replicas around three nats-servers, while processes are killed and stopped,
brokers are killed, and the leader is cut off. Ends by itself; prints what it did, and exits with 1 at the first wrong thing.

    tests/soak/cluster.py [--kills N] [--brokers N] [--feeds N] [--seed N]

At the end the articles are those of a single process with the same feeds, no event number has had two meanings,
all copies are equal, and no feed was requested by two fetchers within its interval. `make soak-cluster` runs it.
"""
import argparse
import pathlib
import random
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from cluster import NATS, Brokers, Member, Wire, wait_equal  # noqa: E402
from loopback import FeedServer, wait_until  # noqa: E402
from newsroom import BUILD, Newsroom, item, rss  # noqa: E402

SETTLE = 120.0  # seconds: a limit, never a pause
OPTIONS = dict(interval="3s", max_backoff="3s", commit_after="50ms")


class News:
    """Stories of invented words, each in three feeds; all items of a feed stay listed."""

    def __init__(self, feeds, rnd):
        self.web, self.rnd, self.items, self.n = FeedServer(host="0.0.0.0"), rnd, [[] for _ in range(feeds)], 0
        # each on a host of its own
        self.urls = ["http://127.0.%d.%d:%d/%d.xml" % (1 + i // 200, 1 + i % 200, self.web.port, i)
                     for i in range(feeds)]

    def word(self):
        return "".join(self.rnd.choice(c) for c in ["bdfgklmnprstvz", "aeiou"] * 4).capitalize()

    def publish(self):
        """One more story."""
        self.n += 1
        words = [self.word() for _ in range(5)]
        for feed in self.rnd.sample(range(len(self.items)), 3):
            self.rnd.shuffle(words)
            self.items[feed].insert(0, item("https://paper%d.example/story/%d" % (feed, self.n), " ".join(words),
                                            "story-%d" % self.n, "%s and %s of %s." % tuple(words[:3])))
            self.show(feed)

    def show(self, feed):
        self.web.set("/%d.xml" % feed, rss(self.items[feed], title="Paper %d" % feed,
                                                link="https://paper%d.example/" % feed))

    def expected(self):
        return 3 * self.n

    def assert_polite(self, least):
        for feed in range(len(self.items)):
            times = [r.time for r in self.web.requests("/%d.xml" % feed)]
            for a, b in zip(times, times[1:]):
                assert b - a >= least, "feed %d was requested again after %.2f s" % (feed, b - a)


def say(text):
    print("%s  %s" % (time.strftime("%H:%M:%S"), text), flush=True)


def story(url):
    return url.rsplit("/", 1)[-1]


class Soak:
    def __init__(self, brokers, members, fetchers, news, rnd):
        self.brokers, self.members, self.fetchers, self.news, self.rnd = brokers, members, fetchers, news, rnd
        self.meaning = {}  # event number -> story, of any copy at any time

    def look(self):
        """No event number means two stories, in no copy, ever."""
        for m in self.members:
            for number, a in m.records("articles").items():
                was = self.meaning.setdefault(("article", number), a["url"])
                assert was == a["url"], "article %d was %s and is %s in %s" % (number, was, a["url"], m.name)
                was = self.meaning.setdefault(a["event"], story(a["url"]))
                assert was == story(a["url"]), "event %d was story %s and is %s in %s" % (
                    a["event"], was, story(a["url"]), m.name)

    def leader(self):
        def found():
            for m in self.members:
                if m.daemon.running and m.role == "engine":
                    try:
                        if m.health()["cluster"]["role"] == "engine":
                            return m
                    except OSError:
                        pass
            return None
        return wait_until(found, SETTLE, "an engine that leads")

    def kill(self):
        m = self.rnd.choice(self.members + self.fetchers)
        say("kill %s" % m.name)
        m.daemon.kill()
        self.news.publish()
        time.sleep(self.rnd.random())
        m.start()

    def stop_and_go(self):
        m = self.leader()
        say("stop %s for 5 s" % m.name)
        m.daemon.signal(signal.SIGSTOP)
        self.news.publish()
        time.sleep(5)
        m.daemon.signal(signal.SIGCONT)

    def kill_broker(self):
        node = self.rnd.choice(self.brokers.nodes)
        say("kill broker %s" % node.name)
        node.kill()
        self.news.publish()
        time.sleep(1 + 2 * self.rnd.random())
        node.start()

    def cut_off(self):
        m = self.leader()
        say("cut off %s for 8 s" % m.name)
        for wire in m.wires:
            wire.cut()
        self.news.publish()
        time.sleep(8)
        for wire in m.wires:
            wire.mend()

    def settle(self):
        def stored():
            return all(len(m.records("articles")) == self.news.expected() for m in self.members)
        try:
            wait_until(stored, SETTLE, "all articles in all copies")
        except TimeoutError:
            for m in self.fetchers:
                say("%s\n%s" % (m.name, "\n".join(m.daemon.lines[-15:])))
            for m in self.members:
                say("%s has %d of %d articles\n%s" % (m.name, len(m.records("articles")), self.news.expected(),
                                                      "\n".join(m.daemon.lines[-30:])))
            raise
        wait_equal(*self.members)
        self.look()


def run(args, rnd):
    with Brokers() as brokers:
        wires = {n: [Wire(b.port) for b in brokers.nodes] for n in "ab"}
        urls = {n: ", ".join("nats://127.0.0.1:%d" % w.port for w in ws) for n, ws in wires.items()}

        class Behind:
            def __init__(self, url):
                self.url = url
        more = "auto_promote = yes\nfetchers = yes\ncopies = 3"
        a = Member(BUILD, Behind(urls["a"]), "engine", "a", more=more, **OPTIONS)
        b = Member(BUILD, Behind(urls["b"]), "engine", "b", a, more=more, **OPTIONS)
        fetchers = [Member(BUILD, brokers, "fetch", "f%d" % i, a, more="copies = 3", **OPTIONS) for i in range(2)]
        replicas = [Member(BUILD, brokers, "replica", "r%d" % i, a, more="copies = 3", **OPTIONS) for i in range(2)]
        members = [a, b, *replicas]
        for m in members:
            m.wires = wires.get(m.name, [])
        news = News(args.feeds, rnd)
        try:
            a.listed = list(news.urls)
            for feed in range(args.feeds):
                news.show(feed)
            for m in members + fetchers:
                m.start()
            for _ in range(10):
                news.publish()
            soak = Soak(brokers, members, fetchers, news, rnd)
            soak.settle()
            steps = [soak.kill] * args.kills + [soak.kill_broker] * args.brokers
            steps += [soak.stop_and_go] * max(1, args.kills // 10) + [soak.cut_off] * max(1, args.kills // 20)
            rnd.shuffle(steps)
            for n, step in enumerate(steps):
                step()
                news.publish()
                soak.look()
                if n % 10 == 9:
                    soak.settle()
                    say("%d of %d: %d articles in each of %d copies, all equal" % (
                        n + 1, len(steps), news.expected(), len(members)))
            soak.settle()
            for m in members + fetchers:
                assert m.daemon.stop() == 0
                m.sound()
            news.assert_polite(1.5)
            compare(a, news)
            say("%d steps, %d articles, %d numbers with one meaning each" % (
                len(steps), news.expected(), len(soak.meaning)))
        finally:
            for w in sum(wires.values(), []):
                w.mend()
            for m in members + fetchers:
                if m.daemon.running:
                    m.daemon.signal(signal.SIGCONT)
                m.__exit__()
            news.web.close()


def compare(member, news):
    """With a single process that reads the same feeds."""
    with Newsroom(BUILD, **OPTIONS) as alone:
        alone.listed = [member.url(p) for p in member.listed]
        alone.start()
        alone.daemon.wait_for(lambda: len(alone.records("articles")) == news.expected(), SETTLE, "its articles")

        def texts(room):
            return sorted((x["url"], x["title"], x["summary"]) for x in room.records("articles").values())
        assert texts(alone) == texts(member)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("--kills", type=int, default=100)
    p.add_argument("--brokers", type=int, default=20)
    p.add_argument("--feeds", type=int, default=300)
    p.add_argument("--seed", type=int, default=int(time.time()))
    args = p.parse_args()
    if not NATS:
        sys.exit("nats-server is not installed; apt-get install nats-server")
    say("seed %d" % args.seed)
    run(args, random.Random(args.seed))


if __name__ == "__main__":
    main()
