"""What a test of storyd needs around the helpers of loopback.py: feeds to publish, a daemon that
polls them, the store read by a stranger (python3-lmdb), storyctl, and replays of documents.

    with Newsroom(build) as room:
        room.feed("/a.xml", rss([item("https://a.example/1", "Title")]))
        room.start()
        room.wait_articles(1)
"""
import collections
import contextlib
import email.utils
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from xml.sax.saxutils import escape, quoteattr

import lmdb
import pytest
from loopback import Daemon, FeedServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(ROOT / "tests" / "demo"))
import feedserver  # noqa: E402  the sample news and its feeds

BUILD = (ROOT / os.environ.get("STORYD_BUILD", ROOT / "build/release")).resolve()
# A build that ends at once at what another one survives.
SANITIZED = (BUILD / "storyd").exists() and b"__asan_init" in (BUILD / "storyd").read_bytes()
LONG = 30.0  # seconds to wait for what takes a moment: a limit, never a pause


# ---- documents ----------------------------------------------------------------------------------

def item(link=None, title=None, guid=None, text=None, date=None, more=""):
    """An RSS item; what is None is left out. `date` is seconds since 1970 or the text itself."""
    if isinstance(date, (int, float)):
        date = email.utils.formatdate(date, usegmt=True)
    parts = [("title", title), ("link", link), ("description", text), ("pubDate", date)]
    out = "".join("<%s>%s</%s>" % (k, escape(v), k) for k, v in parts if v is not None)
    if guid is not None:
        out += '<guid isPermaLink="false">%s</guid>' % escape(guid)
    return "<item>%s%s</item>" % (out, more)


def rss(items, title="A feed", link=...):
    """A document of a site: its link is the front page of where the first item is, unless told."""
    if link is ...:
        first = re.search(r"<link>(https?://[^/<]*)", "".join(items))
        link = first.group(1) + "/front" if first else "https://www.home.example/"
    head = tag_or_not("title", title) + tag_or_not("link", link)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>%s<language>en'
            '</language>\n%s\n</channel></rss>\n' % (head, "\n".join(items))).encode()


def tag_or_not(name, text):
    return "" if text is None else "<%s>%s</%s>" % (name, escape(text), name)


def opml(urls, aggregators=(), social=()):
    outlines = "".join("<outline type=\"rss\" text=%s xmlUrl=%s%s%s/>\n" % (
        quoteattr(u), quoteattr(u), " storyd:aggregator=\"yes\"" if u in aggregators else "",
        " storyd:social=\"yes\"" if u in social else "") for u in urls)
    return ('<?xml version="1.0"?>\n<opml version="2.0"><head/><body>\n%s</body></opml>\n'
            % outlines)


# Sentences without a word in common, so that none of them joins another's event.
SUBJECTS = [
    "Heron colony abandons flooded willow marsh", "Senator proposes copper mining royalty bill",
    "Violinist cancels Lisbon concerts after surgery", "Ferry collides with harbour crane at dawn",
    "Bakery chain recalls walnut loaves nationwide", "Astronomers photograph distant icy moonlet",
    "Goalkeeper signs three year contract extension", "Court overturns landmark patent ruling",
    "Wildfire threatens mountain vineyard estates", "Teachers vote for autumn walkout",
    "Museum returns bronze masks to kingdom", "Lottery winner donates orchard to village",
    "Cyclists protest missing bridge lanes", "Chemist wins prize for cheaper batteries",
    "Airline grounds turboprop fleet over cracks", "Beekeepers report record honey harvest",
]


def articles(n, host="https://paper.example", prefix="story", guid=True):
    """n items on n subjects: as many articles, as many events."""
    return [item("%s/%s/%d" % (host, prefix, i),
                 "%s %s%d" % (SUBJECTS[i % len(SUBJECTS)], prefix, i),
                 guid="%s-%d" % (prefix, i) if guid else None) for i in range(n)]


# ---- the store, as a stranger reads it -----------------------------------------------------------

def number(key):
    return struct.unpack(">Q", key)[0]


def key(n):
    return struct.pack(">Q", n)


class Store:
    """Reads a store with an LMDB binding and a JSON parser alone."""

    def __init__(self, path):
        self.env = lmdb.open(str(path), readonly=True, max_dbs=32, lock=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.env.close()

    def records(self, name):
        """{number: record} of a database of records, all from one state of the store."""
        with self.env.begin() as txn:
            return self.read(txn, name)

    def read(self, txn, name):
        db = self.env.open_db(name.encode(), txn, create=False)
        return {number(k): json.loads(v) for k, v in txn.cursor(db)}


def records(path, name):
    with Store(path) as store:
        return store.records(name)


@contextlib.contextmanager
def broken(path):
    """A write transaction on a store that nobody else writes; for breaking it on purpose."""
    env = lmdb.open(str(path), max_dbs=32, map_size=1 << 30)
    try:
        with env.begin(write=True) as txn:
            yield lambda name, **more: env.open_db(name.encode(), txn, create=False, **more), txn
    finally:
        env.close()


# ---- storyctl ------------------------------------------------------------------------------------

def storyctl(build, *args, timeout=120, **more):
    """Runs it to its end; the result has returncode, stdout and stderr as texts."""
    more.setdefault("stdin", subprocess.DEVNULL if "input" not in more else None)
    return subprocess.run([str(build / "storyctl")] + [str(a) for a in args], timeout=timeout,
                          capture_output=True, text=True, **more)


def on_a_terminal(columns, *command, **more):
    """The lines that a terminal of so many columns gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([str(c) for c in command], stdout=theirs, stdin=subprocess.DEVNULL, **more) as p:
        os.close(theirs)
        out = b""
        try:
            while piece := os.read(ours, 65536):
                out += piece
        except OSError:  # its end
            pass
        os.close(ours)
    assert p.returncode == 0
    return out.decode().splitlines()


def lines_of(result):
    """The JSON Lines that it printed."""
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def assert_sound(build, path):
    result = storyctl(build, "check", "--db", path)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr
    return result.stdout


# ---- replays -------------------------------------------------------------------------------------

CLOCK = 1_700_000_000


class Replay:
    """Documents of one's own through `storyctl replay`: the daemon's way from bytes to events
    without a network, each document an hour after the one before."""

    def __init__(self, build, directory):
        self.build, self.dir = build, pathlib.Path(directory)
        self.store, self.now, self.n = self.dir / "store", CLOCK, 0
        self.manifest = self.dir / "manifest.jsonl"
        self.manifest.touch()

    def add(self, *documents, step=3600):
        """documents are (feed name, bytes), or with what else the manifest says of the feed; all are
        replayed when this returns."""
        with self.manifest.open("a", encoding="utf-8") as out:
            for name, body, *more in documents:
                path = self.dir / ("%06d.xml" % self.n)
                path.write_bytes(body)
                line = {"feed": name, "fetched": self.now, "file": path.name}
                out.write(json.dumps(dict(line, **(more[0] if more else {}))) + "\n")
                self.n, self.now = self.n + 1, self.now + step
        result = storyctl(self.build, "replay", "--db", self.store, self.manifest)
        assert result.returncode == 0, result.stderr
        assert_sound(self.build, self.store)
        return result

    def articles(self):
        return list(records(self.store, "articles").values())

    def events(self):
        return [e for e in records(self.store, "events").values() if e["status"] != "merged"]


# ---- the daemon ----------------------------------------------------------------------------------

CONFIG = """
[store]
path = {dir}/store
max_size = 1GiB
commit_after = %(commit_after)s
commit_articles = %(commit_articles)s
%(keep)s
[feeds]
list = {dir}/feeds.opml
[poll]
interval = %(interval)s
interval_unchanged = %(interval)s
pause_per_host = 1ms
max_backoff = %(max_backoff)s
allow_addresses = 127.0.0.0/8
%(poll)s
[pages]
fetch = %(fetch)s
%(pages)s
[http]
listen = 127.0.0.1:0
%(http)s
[log]
level = debug
%(rest)s
"""


# Replayed documents are of 2023.
FOREVER = "keep_articles = forever\nkeep_events = forever\nkeep_changes = forever"


class Newsroom:
    """A web server, a list of its feeds, and a storyd that polls them."""

    def __init__(self, build, notify=False, env=None, **options):
        self.build = build
        self.options = dict(interval="1s", max_backoff="1s", commit_after="20ms",
                            commit_articles=500, keep=FOREVER, poll="", http="", rest="", fetch="off",
                            pages="")
        self.options.update(options)
        self.web = FeedServer()
        self.daemon = Daemon(build / "storyd", CONFIG % self.options, notify=notify, env=env)
        self.store = self.daemon.dir / "store"
        self.listed, self.aggregators, self.socials = [], set(), set()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        try:
            self.daemon.close()
        finally:
            self.web.close()

    def configure(self, **options):
        self.options.update(options)
        self.daemon.write_config(CONFIG % self.options)

    def feed(self, path, *args, **more):
        """The server answers so for path, and the list has it."""
        self.web.set(path, *args, **more)
        self.list(path)

    def list(self, *paths):
        self.listed += [p for p in paths if p not in self.listed]
        self.write_list()

    def aggregator(self, path, *args, **more):
        """The same, for a feed that carries several publishers."""
        self.aggregators.add(path)
        self.feed(path, *args, **more)

    def social(self, path, *args, **more):
        """The same, for a feed of posts."""
        self.socials.add(path)
        self.feed(path, *args, **more)

    def unlist(self, *paths):
        self.listed = [p for p in self.listed if p not in paths]
        self.write_list()

    def url(self, path):
        return path if "://" in path else self.web.url(path)

    def write_list(self, text=None):
        new = self.daemon.dir / "feeds.new"
        if text is None:
            text = opml(map(self.url, self.listed), set(map(self.url, self.aggregators)),
                        set(map(self.url, self.socials)))
        new.write_text(text, encoding="utf-8")
        new.rename(self.daemon.dir / "feeds.opml")

    def start(self):
        self.write_list()
        since = len(self.daemon.lines)
        self.daemon.start()
        self.daemon.wait_log(" started ", LONG, since=since)
        return self

    def reload(self, pattern=" reloaded "):
        """SIGHUP, and the line of the log that says what came of it."""
        since = len(self.daemon.lines)
        self.daemon.signal(1)
        return self.daemon.wait_log(pattern, LONG, since=since)

    def asked(self, path, count=1):
        return self.daemon.wait_for(
            lambda: (r := self.web.requests(path)) and len(r) >= count and r, LONG,
            "%d requests of %s" % (count, path))

    def wait(self, condition, what):
        return self.daemon.wait_for(condition, LONG, what)

    def records(self, name):
        return records(self.store, name)

    def feed_record(self, path):
        url = self.url(path)
        return next((f for f in self.records("feeds").values() if f["url"] == url), None)

    def wait_feed(self, path, condition):
        """The feed's committed record once it is as `condition` wants it."""
        def found():
            record = self.feed_record(path)
            return record if record and condition(record) else None
        return self.wait(found, "the record of %s" % path)

    def wait_articles(self, n):
        """Waits for n committed articles; more are a failure at once."""
        def found():
            all_ = self.records("articles")
            assert len(all_) <= n, [a["title"] for a in all_.values()]
            return list(all_.values()) if len(all_) == n else None
        return self.wait(found, "%d articles" % n)

    def events(self):
        return {n: e for n, e in self.records("events").items() if e["status"] != "merged"}

    def sound(self):
        return assert_sound(self.build, self.store)


@contextlib.contextmanager
def scratch():
    with tempfile.TemporaryDirectory(prefix="e2e-") as path:
        yield pathlib.Path(path)


@contextlib.contextmanager
def mounted(path, size):
    """The folder is a file system of that size."""
    r = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "storyd-test", str(path)],
                       capture_output=True, text=True)
    if r.returncode:
        pytest.skip("no tmpfs can be mounted here (root can): " + r.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", str(path)], check=True)


# ---- the sample news -----------------------------------------------------------------------------

Story = collections.namedtuple("Story", "sources articles reports urls")


class SampleNews(feedserver.News):
    """The invented stories of tests/demo, all of them released, without the posts about them."""

    def __init__(self, now):
        super().__init__(start=now - 86400)
        self.now = now
        self.feeds = {name: feed for name, feed in self.feeds.items() if not feed.get("social")}

    def document(self, feed):
        """(bytes, content type)"""
        return self.render(feed, self.now)[:2]

    def story(self, name):
        """What a right merge of a story in one language gives."""
        want = self.expected()[name]
        story = next(s for s in self.stories if s["id"] == name)
        urls = {self.address(a) for a in story["articles"]}
        return Story(len(want["sources"]), want["articles"], want["reports"], urls)

    def address(self, article):
        home = self.outlets[self.feeds[article["feeds"][0]]["outlet"]]["home"]
        return feedserver.urljoin(home, article["path"])


# Stories of which every article plainly tells the same.
PLAIN_STORIES = ("renholt-jailed", "halden-star", "oriole-dione")


def event_of(path, urls):
    """The events that hold articles of these addresses."""
    with Store(path) as store, store.env.begin() as txn:
        found, events = store.read(txn, "articles").values(), store.read(txn, "events")
        return [events[n] for n in {a["event"] for a in found if a["url"].split("?")[0] in urls}]
