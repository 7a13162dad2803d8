"""How fast a cluster stores articles, beside a single process and beside the broker alone, in one run; how far a
replica is behind, and how long a standby takes to take over. `make bench-cluster` runs it.

    tests/bench/cluster.py [--feeds N] [--items N]
"""
import argparse
import contextlib
import json
import pathlib
import random
import socket
import sys
import time

import lmdb

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from cluster import NATS, Broker, Brokers, Member  # noqa: E402
from loopback import FeedServer, wait_until  # noqa: E402
from newsroom import BUILD, Newsroom, item, rss  # noqa: E402

LONG = 600.0
OPTIONS = dict(interval="1h", commit_after="250ms")


class Raw:
    """The protocol of NATS by hand, for publishing what a program would."""

    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port))
        self.f = self.s.makefile("rb")
        self.f.readline()
        self.s.sendall(b'CONNECT {"verbose":false}\r\nSUB answers 1\r\n')

    def ask(self, subject, data=b""):
        self.s.sendall(b"PUB %s answers %d\r\n%s\r\n" % (subject.encode(), len(data), data))
        while True:
            line = self.f.readline().split()
            if line[0] == b"PING":
                self.s.sendall(b"PONG\r\n")
            elif line[0] == b"MSG":
                return json.loads(self.f.read(int(line[-1]) + 2))

    def stream(self, name):
        return self.ask("$JS.API.STREAM.INFO." + name)["state"]

    def publish_like(self, messages, size, copies):
        """Seconds for as many messages of that size, each confirmed before the next is sent."""
        made = self.ask("$JS.API.STREAM.CREATE.RAW", json.dumps(
            {"name": "RAW", "subjects": ["raw"], "storage": "file", "num_replicas": copies}).encode())
        assert "error" not in made, made
        data, began = random.Random(1).randbytes(size), time.monotonic()
        for _ in range(messages):
            self.ask("raw", data)
        took = time.monotonic() - began
        self.ask("$JS.API.STREAM.DELETE.RAW")
        return took


def documents(feeds, items):
    rnd = random.Random(2)
    words = ["".join(rnd.choice(c) for c in ["bdfgklmnprstvz", "aeiou"] * 3) for _ in range(20000)]
    for f in range(feeds):
        yield "/%d.xml" % f, rss([item("https://paper%d.example/%d" % (f, i), " ".join(rnd.sample(words, 8)), "%d" % i,
                                       " ".join(rnd.sample(words, 60))) for i in range(items)],
                                 title="Paper %d" % f, link="https://paper%d.example/" % f)


def publish(room, args):
    for path, document in documents(args.feeds, args.items):
        room.feed(path, document)


def fill(room, n, fetchers=()):
    """Articles a second, from the first one until the last one is on the disk."""
    room.write_list()
    room.daemon.start()
    room.daemon.wait_log(" started version", LONG)
    for fetcher in fetchers:
        fetcher.start()
    first = room.daemon.wait_for(lambda: count(room), LONG, "an article")
    began = time.monotonic()
    room.daemon.wait_for(lambda: count(room) == n, LONG, "%d articles" % n)
    return (n - first) / (time.monotonic() - began)


def count(room):
    """Articles on the disk; 0 while there is no store."""
    with contextlib.suppress(lmdb.Error), lmdb.open(str(room.store), readonly=True, max_dbs=40) as env, \
            env.begin() as txn:
        return int(txn.get(b"articles", db=env.open_db(b"meta", txn, create=False)) or 0)
    return 0


def with_brokers(brokers, copies, args, single):
    more = "copies = %d\nauto_promote = yes" % copies
    n = args.feeds * args.items
    with Member(BUILD, brokers, "engine", "a", more=more, **OPTIONS) as a, Member(
            BUILD, brokers, "engine", "b", a, more=more, **OPTIONS) as b, Member(
                BUILD, brokers, "replica", "r", a, more=more, **OPTIONS) as r:
        publish(a, args)
        rate = fill(a, n)
        raw = Raw(brokers.nodes[0].port if copies > 1 else brokers.port)
        state = raw.stream("STORYD_storyd_LOG")
        took = raw.publish_like(state["messages"], state["bytes"] // state["messages"], copies)
        print("  %-34s %9.0f articles/s   %4.2f of one process; %d messages, %.1f MB" % (
            "engine, %d broker%s" % (copies, "s" * (copies > 1)), rate, rate / single, state["messages"],
            state["bytes"] / 1e6))
        print("  %-34s %9.0f articles/s" % ("these messages, published alone", n / took))
        r.start()
        b.start()
        for m in r, b:
            m.daemon.wait_for(lambda m=m: count(m) == n, LONG, "a copy")
        lags = []
        for i in range(args.updates):
            batch = r.health()["cluster"]["batch"]
            a.site().ask("POST", "/api/v1/decisions", json.dumps(
                {"kind": "tag", "event": 1 + i, "tag": "bench", "who": "bench"}), Content_Type="application/json",
                unix=True)
            lags.append(wait_until(lambda: (c := r.health()["cluster"])["batch"] > batch and [c["lag_ms"]], 30, "it")[0])
        lags.sort()
        print("  %-34s p50 %d ms, p99 %d ms" % ("a replica is behind by", lags[len(lags) // 2], lags[len(lags) * 99 // 100]))
        b.since = len(b.daemon.lines)
        began = time.monotonic()
        a.daemon.kill()
        b.daemon.wait_log(" started version", LONG, since=b.since)
        print("  %-34s %9.1f s" % ("a standby takes over in", time.monotonic() - began))


def with_fetchers(brokers, copies, args, single):
    more, n = "copies = %d\nfetchers = yes" % copies, args.feeds * args.items
    with Member(BUILD, brokers, "engine", "a", more=more, **OPTIONS) as a, Member(
            BUILD, brokers, "fetch", "f1", a, **OPTIONS) as one, Member(BUILD, brokers, "fetch", "f2", a, **OPTIONS) as two:
        web = FeedServer(host="0.0.0.0")
        for f, (path, document) in enumerate(documents(args.feeds, args.items)):
            web.set(path, document)
            a.listed.append("http://127.0.1.%d:%d%s" % (1 + f, web.port, path))
        rate = fill(a, n, (one, two))
        print("  %-34s %9.0f articles/s   %4.2f of one process" % (
            "engine and two fetchers, %d broker%s" % (copies, "s" * (copies > 1)), rate, rate / single))
        web.close()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("--feeds", type=int, default=60)
    p.add_argument("--items", type=int, default=500)
    p.add_argument("--updates", type=int, default=200)
    args = p.parse_args()
    if not NATS:
        sys.exit("nats-server is not installed; apt-get install nats-server")
    with Newsroom(BUILD, **OPTIONS) as alone:
        publish(alone, args)
        single = fill(alone, args.feeds * args.items)
    print("%d feeds of %d new articles, on this machine" % (args.feeds, args.items))
    print("  %-34s %9.0f articles/s" % ("one process", single))
    with Broker() as broker:
        with_brokers(broker, 1, args, single)
    with Broker() as broker:
        with_fetchers(broker, 1, args, single)
    with Brokers() as brokers:
        with_brokers(brokers, 3, args, single)
    with Brokers() as brokers:
        with_fetchers(brokers, 3, args, single)


if __name__ == "__main__":
    main()
