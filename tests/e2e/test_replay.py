"""Thirteen days of real feeds. They belong to their publishers and are not in this repository: the
tests are skipped where ../shared/replay is not there."""
import collections
import concurrent.futures
import hashlib
import html
import json
import random
import re
import signal
import subprocess
import sys
import time
import urllib.parse

import pytest
from loopback import Response
from newsroom import LONG, SHARED, Newsroom, assert_sound, records, scratch, storyctl

DATA = SHARED / "replay"
MANIFEST = DATA / "manifest.jsonl"

pytestmark = pytest.mark.skipif(not MANIFEST.exists(), reason="%s is not there" % MANIFEST)

DAY = 86400
MINUTES = 600  # a limit, for builds with checks that take ten times as long


def manifest():
    return [json.loads(line) for line in MANIFEST.read_text().splitlines()]


class Replayed:
    def __init__(self, build, directory):
        self.build, self.store = build, directory / "store"

    def run(self):
        self.result = storyctl(self.build, "replay", "--db", self.store, MANIFEST, timeout=MINUTES)
        return self

    def export(self):
        return storyctl(self.build, "export", "--db", self.store, timeout=MINUTES).stdout


@pytest.fixture(scope="module")
def replayed(build):
    with scratch() as directory:
        yield Replayed(build, directory).run()


@pytest.fixture(scope="module")
def exported(replayed):
    return replayed.export()


# ---- the whole ----------------------------------------------------------------------------------

def test_ends_well_and_counts_what_it_could_not_read(replayed):
    """Zero-byte answers are said and skipped, and no other document is given up."""
    empty = [d["file"] for d in manifest() if not (DATA / d["file"]).stat().st_size]
    r = replayed.result
    assert r.returncode == 0, r.stderr
    assert "%d documents (%d unreadable)" % (len(manifest()), len(empty)) in r.stdout
    assert re.findall(r"^storyctl replay: (\S+): the document is empty; skipped$", r.stderr, re.M) == empty
    assert len(r.stderr.splitlines()) == len(empty)
    assert empty


def test_the_store_is_sound(replayed):
    assert_sound(replayed.build, replayed.store)


def test_the_change_log_alone_gives_the_same_assignment(replayed):
    """What storyd-db(5) says of the log, done by a stranger."""
    event_of, took_in, kinds = {}, {}, collections.Counter()
    for _, change in sorted(records(replayed.store, "changes").items()):
        kinds[change["kind"]] += 1
        if change["kind"] in ("created", "joined"):
            event_of[change["article"]] = change["event"]
        elif change["kind"] == "merged":
            took_in[change["from"]] = change["event"]
        elif change["kind"] == "split" and "articles" in change:
            event_of.update(dict.fromkeys(change["articles"], change["event"]))

    def end(event):
        return end(took_in[event]) if event in took_in else event

    articles = records(replayed.store, "articles")
    assert {a: end(e) for a, e in event_of.items()} == {n: a["event"] for n, a in articles.items()}
    assert min(kinds[k] for k in ("created", "joined", "updated", "merged", "split", "expired")) > 0, kinds


def test_twice_is_the_same_byte_for_byte(build, exported):
    with scratch() as directory:
        assert same(Replayed(build, directory).run().export(), exported)


def same(a, b):
    """Whether texts of many megabytes are equal, without pytest printing them."""
    return hashlib.sha256(a.encode()).digest() == hashlib.sha256(b.encode()).digest()


def test_killed_and_taken_up_again_it_comes_to_the_same(build, replayed, exported):
    """SIGKILL at several points, SIGTERM at one; the store is sound after each."""
    rng, size = random.Random(13), (replayed.store / "data.mdb").stat().st_size
    with scratch() as directory:
        other = Replayed(build, directory)
        kills = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]
        for n, how in enumerate(kills):
            process = subprocess.Popen([str(build / "storyctl"), "replay", "--db", str(other.store), str(MANIFEST)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            goal = size * (n + rng.random()) / (len(kills) + 1)
            data, end = other.store / "data.mdb", time.monotonic() + MINUTES
            while process.poll() is None and time.monotonic() < end:
                if data.exists() and data.stat().st_size >= goal:
                    break
                time.sleep(0.001)
            process.send_signal(how)
            assert process.wait(LONG) == (1 if how == signal.SIGTERM else -how), "it ended before the signal"
            if data.exists():
                assert_sound(build, other.store)
        assert other.run().result.returncode == 0
        assert "resuming after document" in other.result.stderr
        assert_sound(build, other.store)
        assert same(other.export(), exported)


def test_each_day_has_an_event_of_three_publishers(replayed):
    events = [e for e in records(replayed.store, "events").values() if e["status"] != "merged"]
    days = collections.Counter(e["first_seen"] // DAY for e in events if e["source_count"] >= 3)
    all_days = {d["fetched"] // DAY for d in manifest()}
    assert all(days[day] for day in all_days), days


def test_no_event_swallows_the_news(replayed):
    """One subject filled those weeks; an event of all of it would be no story."""
    events = records(replayed.store, "events").values()
    biggest = max(events, key=lambda e: e.get("article_count", 0))
    articles = records(replayed.store, "articles")
    assert biggest["article_count"] <= len(articles) * 0.03, biggest["title"]


# ---- the articles, counted by somebody else -------------------------------------------------------

PARSE = """
import json, sys, feedparser
for line in sys.stdin:
    name, path = json.loads(line)
    f = feedparser.parse(open(path, "rb").read(), sanitize_html=False, resolve_relative_uris=False)
    print(json.dumps([name, f.feed.get("link"), [
        [e.get("id"), e.get("link"), e.get("title") or "", e.get("summary") or bool(e.get("content")) and "-" or "",
         e.get("published")]
        for e in f.entries]]))
"""


def parse_all():
    """(feed, its link, items) of each document, by feedparser, in two processes at once."""
    docs = [(d["feed"], str(DATA / d["file"])) for d in manifest()]
    half = len(docs) // 2

    def run(part):
        r = subprocess.run([sys.executable, "-c", PARSE], capture_output=True, text=True, timeout=MINUTES,
                           input="".join(json.dumps(d) + "\n" for d in part))
        assert r.returncode == 0, r.stderr
        return [json.loads(line) for line in r.stdout.splitlines()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return [d for part in pool.map(run, (docs[:half], docs[half:])) for d in part]


TRACKING = re.compile(r"(utm_|ns_|at_|hss_)\w*$|(ref|src|cmpid|CMP|ftag|rss|smid|emc|partner|xtor|feedType|feedName|"
                      r"fbclid|gclid|mod|ocid|ito|ncid|sref|cid|icid|iid|offset|ns_mchannel|ns_campaign)$")


def canonical(link):
    """The address without what does not tell pages apart; some feeds escape theirs twice."""
    u = urllib.parse.urlsplit(html.unescape(link.strip()))
    query = "&".join(p for p in u.query.split("&") if p and not TRACKING.match(p.split("=")[0]))
    host = re.sub(r"^(www|m|mobile|amp)\.", "", (u.hostname or "").rstrip("."))
    fragment = "" if TRACKING.match(u.fragment.split("=")[0]) else u.fragment
    return (host + (u.path or "/").rstrip("/") + ("?" + query if query else "")
            + ("#" + fragment if fragment else ""))


def expected_articles():
    """Sets of item keys that are one article each: a guid within its feed and an address across
    feeds; an address that stands for several guids of a document is none. An item with a new guid and
    a new address that says what one of an earlier document said, at the same time, is that one."""
    parent, said = {}, {}

    def find(x):
        parent.setdefault(x, x)
        while parent[x] != x:
            parent[x] = x = parent[parent[x]]
        return x
    for name, home, items in parse_all():
        home = canonical(home) if home else None
        guids, links = collections.defaultdict(set), collections.defaultdict(set)
        for guid, link, title, text, date in items:
            address = canonical(link) if link else None
            guids[guid].add(address or title)
            links[address].add(guid or title)
        here = {("guid", name, i[0]) for i in items} | {("address", canonical(i[1])) for i in items if i[1]}
        for guid, link, title, text, date in items:
            if not title and not text:
                continue
            address = canonical(link) if link else None
            keys = []
            if guid and len(guids[guid]) == 1:
                keys.append(("guid", name, guid))
            if address and len(links[address]) == 1 and address != home:
                keys.append(("address", address))
            keys = keys or [("text", name, title)]
            what = (name, title, text, date)
            if not any(k in parent for k in keys) and date and not here & set(said.get(what, [])):
                keys = keys + said.get(what, [])
            said[what] = keys
            for k in keys:
                parent[find(k)] = find(keys[0])
    groups = collections.defaultdict(set)
    for k in parent:
        groups[find(k)].add(k)
    return list(groups.values())


def test_exactly_the_articles_of_the_documents(replayed):
    """Counted by another parser and another join: none is missing, none is there twice."""
    pytest.importorskip("feedparser")
    feeds = {n: f["title"] for n, f in records(replayed.store, "feeds").items()}
    holders = collections.defaultdict(list)  # a key -> articles that go by it
    articles = records(replayed.store, "articles")
    for n, a in articles.items():
        sightings = [(a["feed"], a["guid"])] + [(s["feed"], s["guid"]) for s in a["also_in"]]
        for key in {("guid", feeds[f], g) for f, g in sightings if g}:
            holders[key].append(n)
        if a["url"]:
            holders[("address", canonical(a["url"]))].append(n)
    missing, twice, seen = [], [], set()
    for group in expected_articles():
        found = {n for key in group for n in holders.get(key, [])}
        seen |= found
        if not found:
            missing.append(sorted(map(str, group)))
        elif len(found) > 1:
            twice.append((sorted(map(str, group)), sorted(found)))
    extra = [(n, articles[n]["title"], articles[n]["url"]) for n in articles if n not in seen]
    assert not missing and not twice and not extra, "\n".join(
        ["%d missing, %d twice, %d of nobody" % (len(missing), len(twice), len(extra))]
        + [str(x)[:400] for x in (missing[:20] + twice[:20] + extra[:20])])


# ---- over the network ----------------------------------------------------------------------------

SNAPSHOTS = 8


def test_polled_it_comes_to_the_same_articles(build):
    """The first documents of every feed by HTTP, each request given the next one: what the daemon
    stores is what a replay of the same documents stores."""
    documents = collections.defaultdict(list)
    for d in manifest():
        if len(documents[d["feed"]]) < SNAPSHOTS:
            documents[d["feed"]].append(d)
    chosen = {d["file"] for docs in documents.values() for d in docs}
    with Newsroom(build, poll="connections_per_host = 4") as room:
        work = room.daemon.dir
        # without the rests that their publishers ask for between two polls
        bodies = {name: [re.sub(rb"<(ttl|sy:update\w+)>[^<]*</\1>", b"", (DATA / d["file"]).read_bytes()) for d in docs]
                  for name, docs in documents.items()}

        def answer(name):
            def give(request):
                n = len(room.web.requests("/" + name))
                return Response(bodies[name][min(n, SNAPSHOTS) - 1])
            return give
        for name in documents:
            room.feed("/" + name, answer(name))
        room.start()
        for name in documents:
            room.wait(lambda: len(room.web.requests("/" + name)) > SNAPSHOTS, "all documents of " + name)
        assert room.daemon.stop(LONG) == 0
        room.sound()
        polled = list(records(room.store, "articles").values())

        manifest_here = work / "docs" / "m.jsonl"
        manifest_here.parent.mkdir()
        for n, d in enumerate(x for x in manifest() if x["file"] in chosen):
            (manifest_here.parent / ("%d.xml" % n)).symlink_to(DATA / d["file"])
            with manifest_here.open("a") as out:
                out.write(json.dumps(dict(d, file="%d.xml" % n)) + "\n")
        r = storyctl(build, "replay", "--db", work / "replayed", manifest_here, timeout=MINUTES)
        assert r.returncode == 0
        replayed = list(records(work / "replayed", "articles").values())
    names = [{(a["url"] or a["guid"] or a["title"]) for a in some} for some in (polled, replayed)]
    assert names[0] == names[1], "polled alone: %s\nreplayed alone: %s" % (
        sorted(names[0] - names[1])[:20], sorted(names[1] - names[0])[:20])
    assert len(polled) == len(replayed) > 1000
