"""The command line: what it prints, and its exit status."""
import calendar
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import threading
import time
import unicodedata

import pytest
from loopback import wait_until
from newsroom import (CLOCK, LONG, SUBJECTS, Newsroom, Replay, SampleNews, Store, articles,
                      assert_sound, broken, item, key, lines_of, on_a_terminal, records, rss, scratch, storyctl)

COMMANDS = ["list", "search", "show", "posts", "why", "tail", "export", "merge", "split", "move", "rename", "pin", "mute", "tag",
            "note", "write", "signal", "undo", "forget", "history", "mcp", "feeds", "pages", "health", "promote", "doctor", "stats", "check", "backup",
            "restore", "parse", "page", "replay", "cluster", "describe", "tone"]

# Two sides of a story, told apart at first; the articles that know both make one event of two.
MERGING = [
    "Tolvane chemical plant explosion injures dozens in Brackwell",
    "Ferrow valley towns evacuated as Governor Hesk declares emergency",
    "Brackwell: Hesk declares emergency, Ferrow valley evacuated after Tolvane chemical plant explosion",
    "Governor Hesk evacuates Ferrow valley after Tolvane chemical plant explosion in Brackwell",
    "Tolvane chemical plant explosion: Governor Hesk evacuates Ferrow valley towns near Brackwell",
    "Governor Hesk declares emergency in Ferrow valley as Tolvane chemical plant explodes in Brackwell",
    "Emergency in Ferrow valley: Hesk evacuates towns after Brackwell's Tolvane plant explosion",
]

WORDS = ("Meridian Dawn cargo ship fire Port Lisk crew rescued captain Petra Vull radar engine explosion harbour "
         "Sorrel coastguard helicopter blaze").split()


def two_sides(rng):
    """Titles of two sides of a story, and of articles that know both."""
    words = rng.sample(WORDS, len(WORDS))
    n, shared = rng.randrange(5, 9), rng.randrange(1, 4)
    one, other = words[:n], words[n - shared:2 * n - shared]
    both = one + other[shared:]
    return [" ".join(t) for t in [one, other] + [rng.sample(both, len(both)) for _ in range(4)]]


@pytest.fixture(scope="module")
def merging(build):
    """Titles of which the second is not the first's event at first, and in the end all are one: what
    does so depends on the model, which is fitted anew now and then; so it is looked for."""
    rng = random.Random(34)
    for n in range(3000):
        titles = two_sides(rng) if n else MERGING
        if events_of(build, titles) == 1 and events_of(build, titles[:2]) == 2:
            return titles
    pytest.fail("no titles that merge in 3000 tries")


def events_of(build, titles):
    return len({o["event"] for o in lines_of(cluster(build, sides(titles)))})


def sides(titles):
    return [{"id": i, "title": t, "source": "side%d.example" % i, "lang": "en", "published": CLOCK + 60 * i}
            for i, t in enumerate(titles)]


@pytest.fixture(scope="module")
def news(build, merging):
    """A store with the sample news, a story that was merged, an edit, and a feed that fails."""
    with scratch() as directory:
        replay = Replay(build, directory)
        sample = SampleNews(CLOCK)
        for i, title in enumerate(merging):
            replay.add(("side%d" % i, rss([item("https://side%d.example/1" % i, title, "1", date=replay.now)])), step=60)
        replay.add(*[(f, sample.document(f)[0]) for f in sample.feeds], step=60)
        replay.add(("edits", rss([item("https://edits.example/1", SUBJECTS[0], "1")])),
                   ("edits", rss([item("https://edits.example/1", SUBJECTS[0] + " again", "1")])),
                   ("fails", b""), step=60)
        yield replay


@pytest.fixture
def ctl(build, news):
    return lambda command, *args: storyctl(build, command, "--db", news.store, *args)


@pytest.fixture
def copy(build, news):
    """A store to break."""
    with scratch() as directory:
        shutil.copytree(news.store, directory / "store")
        yield directory / "store"


# ---- usage ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(build, command):
    r = storyctl(build, command, "--help")
    assert r.returncode == 0 and not r.stderr
    assert r.stdout.startswith("usage: storyctl %s" % command)


def test_help_lists_the_commands(build):
    top = storyctl(build, "--help")
    assert top.returncode == 0 and not top.stderr
    assert re.findall(r"^  (\w+) ", top.stdout, re.M) == COMMANDS
    assert storyctl(build, "help").stdout == storyctl(build, "-h").stdout == top.stdout
    assert storyctl(build, "help", "list").stdout == storyctl(build, "list", "--help").stdout != top.stdout
    daemon = subprocess.run([build / "storyd", "--version"], stdout=subprocess.PIPE, text=True).stdout
    assert storyctl(build, "--version").stdout == daemon.replace("storyd", "storyctl")


@pytest.mark.parametrize("args, words", [
    ([], "usage: storyctl COMMAND"), (["lst"], 'unknown command "lst"; did you mean "list"?'),
    (["no-such"], "`storyctl help` lists the commands"), (["help", "shw"], 'did you mean "show"?'),
    (["list", "--no-such"], "usage: storyctl list"), (["list", "extra"], "usage: storyctl list"),
    (["list", "extra"], 'storyctl list: unexpected argument "extra"\n'),
    (["show"], "storyctl show: missing EVENT\n"), (["split", "1"], "storyctl split: missing ARTICLE\n"),
    (["why"], "storyctl why: missing ARTICLE and EVENT\n"), (["feeds", "add"], "storyctl feeds add: missing URL\n"),
    (["tag", "--off", "1"], "storyctl tag: missing TAG\n"), (["parse"], "storyctl parse: missing FILE\n"),
    (["feeds", "nonsense"], 'storyctl feeds: unexpected argument "nonsense"\n'),
    (["signal", "1"], "storyctl signal: missing more|less|none\n"), (["replay", "x"], "storyctl replay: missing --db DIR\n"),
    (["page", "a", "b"], 'storyctl page: unexpected argument "b"\n'), (["tone", "x"], 'storyctl tone: unexpected argument "x"\n'),
    (["list", "--color", "red"], 'invalid value "red"; expected auto, always or never'),
    (["list", "--limit", "many"], 'invalid value "many"'), (["list", "--limit", "-1"], 'invalid value "-1"'),
    (["list", "--since", "soon"], 'invalid value "soon"'), (["list", "--until", "2026"], "seconds since 1970"), (["list", "--db"], "usage: storyctl list"),
    (["list", "--why"], "usage: storyctl list"), (["tail", "--since", "2h"], 'invalid value "2h"'),
    (["show"], "usage: storyctl show"), (["show", "1", "2"], "usage: storyctl show"),
    (["why", "1"], "usage: storyctl why"), (["why", "1", "x"], 'invalid event number "x"'), (["show", "one"], '"one" is not a number'), (["show", "-1"], "usage: storyctl show"),
    (["backup"], "usage: storyctl backup"), (["replay", "x"], "usage: storyctl replay"),
    (["parse"], "usage: storyctl parse"), (["parse", "a", "b"], "usage: storyctl parse"),
    (["parse", "--no-such"], "no-such"), (["cluster", "--window", "soon"], 'invalid value "soon" for --window'),
    (["cluster", "--window", "0h"], 'invalid value "0h" for --window'), (["cluster", "--no-such"], "usage"),
    (["cluster", "articles.jsonl"], "usage: storyctl cluster"), (["export", "--json"], "usage: storyctl export"),
])
def test_wrong_usage_is_status_2_and_says_what_is_right(build, args, words):
    r = storyctl(build, *args)
    assert (r.returncode, r.stdout) == (2, "")
    assert words in r.stderr


def test_the_environment_names_the_store(build):
    """An option counts more; replay, which writes, takes it from the option alone."""
    with scratch() as d:
        for options, path in (([], d / "env"), (["--db", d / "option"], d / "option")):
            r = storyctl(build, "stats", *options, env={**os.environ, "STORYD_DB": str(d / "env")})
            assert r.returncode == 1 and str(path) in r.stderr
        assert storyctl(build, "replay", "x", env={**os.environ, "STORYD_DB": str(d / "env")}).returncode == 2


def test_options_may_stand_before_the_command(build):
    with scratch() as d:
        for args in (["--db", d, "stats"], ["stats", "--db", d], ["--db=%s" % d, "--json", "stats"],
                     ["--db", d, "feeds", "show", "1"], ["--db", d, "rename", "1", "--", "--title"]):
            r = storyctl(build, *args)
            assert str(d) in r.stderr and r.returncode == 1, args
    assert storyctl(build, "--no-such", "stats").returncode == 2
    assert storyctl(build, "--db").returncode == 2
    assert "usage: storyctl stats" in storyctl(build, "--help", "stats").stdout


TOKEN = "sesame-open-sesame-open"


def test_a_daemon_is_found_by_its_address(build):
    with Newsroom(build, http="write_token = {dir}/token") as room:
        (room.daemon.dir / "token").write_text(TOKEN)
        room.feed("/a.xml", rss(articles(1)))
        room.start()
        room.wait_articles(1)
        port = re.search(r"listening .*127.0.0.1:(\d+)", room.daemon.log()).group(1)
        address, sock = "http://:%s@127.0.0.1:%s" % (TOKEN, port), str(room.store / "storyd.sock")
        asked = lambda *args, **env: storyctl(build, *args, env={**os.environ, **env})
        for r in (asked("health", "--json", STORYD_URL=address), asked("health", "--json", STORYD_URL=sock),
                  asked("health", "--json", "--socket", address, STORYD_URL="/nowhere"),
                  asked("health", "--json", "--db", room.store, STORYD_URL="/nowhere")):
            assert r.returncode == 0 and json.loads(r.stdout)["status"] == "ok", r.stderr
        assert asked("pin", "1", "--who", "anna", STORYD_URL=address).returncode == 0
        r = asked("pin", "1", STORYD_URL="http://127.0.0.1:%s" % port)
        assert r.returncode == 1 and "token is required" in r.stderr
        for bad in "https://127.0.0.1:1", "http://", "http://127.0.0.1:1/path", "http://:a%0d%0ab@127.0.0.1:1":
            r = asked("health", STORYD_URL=bad)
            assert r.returncode == 2 and "expected the path of a socket, http://HOST:PORT" in r.stderr
        r = asked("health", STORYD_URL="http://:%s@127.0.0.1:1" % TOKEN)
        assert r.returncode == 2 and "127.0.0.1:1" in r.stderr and TOKEN not in r.stderr


@pytest.mark.parametrize("command", ["list", "show", "why", "tail", "export", "feeds", "stats", "check", "backup"])
def test_no_store_is_told_and_not_made(build, command):
    with scratch() as d:
        (d / "empty").mkdir()
        for path in (d / "none", d / "empty"):
            r = storyctl(build, command, "--db", path, *{"show": ["1"], "why": ["1", "1"], "backup": [d / "to"]}.get(command, []))
            assert (r.returncode, r.stdout) == (1, "")
            assert str(path) in r.stderr and "--db DIR" in r.stderr
        assert sorted(p.name for p in d.rglob("*")) == ["empty"]


# ---- list ----------------------------------------------------------------------------------------

def test_list_latest_updated_first(ctl, news):
    listed = lines_of(ctl("list", "--json", "--limit", 0))
    stored = {e["id"]: e for e in news.events()}
    assert {e["id"]: e for e in listed} == stored
    assert [e["seq"] for e in listed] == sorted((e["seq"] for e in listed), reverse=True)
    assert len(lines_of(ctl("list", "--json"))) == 20
    assert lines_of(ctl("list", "--json", "--limit", 3)) == listed[:3]


@pytest.mark.parametrize("args, wanted", [
    (["--min-sources", 4], lambda e: e["source_count"] >= 4),
    (["--lang", "de"], lambda e: e["lang"] == "de"),
    (["--source", "side1.example"], lambda e: "side1.example" in [s["domain"] for s in e["sources"]]),
    (["--source", "meridian times"], lambda e: "Meridian Times" in [s["name"] for s in e["sources"]]),
    (["--source", "nobody.example"], lambda e: False),
    (["--since", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(CLOCK + 900))],
     lambda e: e["updated"] >= CLOCK + 900),
    (["--since", CLOCK + 900], lambda e: e["updated"] >= CLOCK + 900),
    (["--until", CLOCK + 900], lambda e: e["updated"] <= CLOCK + 900),
    (["--since", CLOCK + 300, "--until", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(CLOCK + 900))],
     lambda e: CLOCK + 300 <= e["updated"] <= CLOCK + 900),
    (["--since", "1h"], lambda e: False),
    (["--category", "Sport,politics and government"], lambda e: {"sport", "politics and government"} & set(e["categories"])),
    (["--words", "walnut bakery"], lambda e: "walnut" in e["title"].lower() and "bakery" in e["title"].lower()),
    (["--lang", "en", "--min-sources", 5], lambda e: e["lang"] == "en" and e["source_count"] >= 5),
], ids=lambda v: " ".join(map(str, v)) if isinstance(v, list) else "")
def test_list_filters(ctl, news, args, wanted):
    found = [e["id"] for e in lines_of(ctl("list", "--json", "--limit", 0, *args))]
    assert sorted(found) == sorted(e["id"] for e in news.events() if wanted(e))
    assert len(found) < len(news.events())
    table = ctl("list", "--limit", 0, *args)
    assert table.returncode == 0
    rows = table.stdout.splitlines()
    if found:
        assert rows[0].split() == ["EVENT", "SOURCES", "ARTICLES", "UPDATED", "TITLE"]
        assert [int(r.split()[0]) for r in rows[1:]] == found
    else:
        assert rows == ["no matching events"]


# ---- show ----------------------------------------------------------------------------------------

def story_event(news, name):
    urls = SampleNews(CLOCK).story(name).urls
    [number] = {a["event"] for a in news.articles() if a["url"] in urls}
    return number


def test_show_an_event(ctl, news):
    n = story_event(news, "halden-star")
    event, *found = lines_of(ctl("show", "--json", n))
    assert event["id"] == n and {a["event"] for a in found} == {n}
    assert len(found) == event["article_count"] == 5
    text = ctl("show", n).stdout
    assert "5 sources, 5 articles, 2 independent reports" in text
    assert event["title"] in text and event["url"] in text
    assert len(re.findall(r"\[copy of \d+\]", text)) == 3
    why = ctl("show", "--why", n).stdout
    assert re.search(r"joined event %d: probability 0\.\d+, threshold 0\.\d+" % n, why)
    assert "opened an event" in why or "did not join" in why
    assert re.search(r"shared: .*(ferry|halden)", why, re.I) and "counted: " in why


def test_show_an_edited_article(ctl, news):
    [n] = [a["event"] for a in news.articles() if a["versions"]]
    assert "[edited 1 times]" in ctl("show", n).stdout


def test_a_merged_event_shows_the_one_that_took_it_in(ctl, news, merging):
    [gone] = [e for e in records(news.store, "events").values() if e["status"] == "merged"]
    into = gone["merged_into"]
    r = ctl("show", gone["id"])
    assert r.stdout.startswith("event %d was merged into %d\n" % (gone["id"], into))
    event, *found = lines_of(ctl("show", "--json", gone["id"]))
    assert event["id"] == into and event["article_count"] == len(found) == len(merging)
    assert event["source_count"] == len(merging)
    assert gone["id"] not in [e["id"] for e in lines_of(ctl("list", "--json", "--limit", 0))]
    changes = [c for c in records(news.store, "changes").values() if c["kind"] == "merged"]
    assert [(c["event"], c["from"]) for c in changes] == [(into, gone["id"])]
    assert changes[0]["probability"] >= changes[0]["threshold"] > 0


def test_why_an_article_is_not_in_an_event(ctl, news, merging):
    articles = news.articles()
    ferry = next(a for a in articles if "ferry" in a["title"].lower())
    other = next(a for a in articles if "merg" in a["title"].lower() or a["event"] != ferry["event"])
    r = ctl("why", ferry["id"], other["event"])
    assert r.returncode == 0 and not r.stderr
    assert re.search(r"^article +%d  .*[Ff]erry" % ferry["id"], r.stdout, re.M)
    assert re.search(r"^it is in +%d " % ferry["event"], r.stdout, re.M)
    assert re.search(r"would not join: probability 0\.\d{3}, threshold 0\.\d\d; \w", r.stdout)
    assert "When the article arrived" in r.stdout
    [said] = lines_of(ctl("why", "--json", ferry["id"], other["event"]))
    assert (said["article"], said["event"], said["in"]) == (ferry["id"], other["event"], ferry["event"])
    assert said["now"]["refused"] and said["now"]["probability"] < said["now"]["threshold"]
    assert said["then"] == ferry["why"]
    assert said["now"]["runner_up"] == ferry["event"]  # the likeliest other, here its own


def test_why_an_article_is_in_its_event(ctl, news):
    """One that joined would join again; the window as it is does not change by being asked."""
    joined = next(a for a in news.articles() if a["why"]["compared_with"] == a["event"] and not a["why"]["refused"])
    before = ctl("why", "--json", joined["id"], joined["event"]).stdout
    [said] = lines_of(ctl("why", "--json", joined["id"], joined["event"]))
    assert said["now"]["refused"] is None and said["now"]["shared"]
    assert ctl("why", "--json", joined["id"], joined["event"]).stdout == before


def test_why_of_what_is_not_there(ctl, news):
    assert "article 999999 does not exist" in ctl("why", 999999, 1).stderr
    assert "event 999999 does not exist" in ctl("why", 1, 999999).stderr
    assert ctl("why", 999999, 1).returncode == 1


def test_show_what_is_not_there(ctl):
    for n in (0, 999999, 2**63 - 1):
        r = ctl("show", n)
        assert (r.returncode, r.stdout) == (1, "") and "event %d does not exist" % n in r.stderr


def test_titles_cannot_steer_the_terminal(build):
    with scratch() as d:
        replay = Replay(build, d)
        replay.add(("feed", rss([item("https://a.example/1", "Red \x85 \x9b31m \u202egnihsif\u202c end", "1")])))
        for args in (["list"], ["show", "1"], ["tail"]):
            if args != ["tail"]:
                out = storyctl(build, *args[:1], "--db", replay.store, *args[1:]).stdout
                assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out), repr(out)
                assert "Red" in out and "end" in out


# ---- tables --------------------------------------------------------------------------------------

LONG_TITLES = ["\u8f6e\u6e21" * 90, "Ferry aground off the Sorrel Islands " * 9, "x\u0301" * 320,
               "\u8239 Emoji \U0001f6a2 and combining x\u0301 " * 12]
TABLES = [["list"], ["show", "1"], ["feeds"], ["history"]]


def columns_of(text):
    """As wcwidth(3) counts them."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.fixture(scope="module")
def wide(build):
    """Long titles in narrow and wide characters, of both sides of the new year."""
    with scratch() as directory:
        replay = Replay(build, directory)
        replay.now = calendar.timegm((time.gmtime().tm_year, 1, 1, 0, 0, 0)) - 90 * 60
        for i, title in enumerate(LONG_TITLES):
            replay.add(("feed%d" % i, rss([item("https://w%d.example/1" % i, title, "1", date=replay.now)],
                                          title="A publisher of a long name " * 3)))
        yield replay.store


@pytest.mark.parametrize("columns", [40, 57, 80, 132, 300])
@pytest.mark.parametrize("table", TABLES, ids=lambda t: t[0])
def test_a_table_fits_the_terminal(build, wide, table, columns):
    lines = on_a_terminal(columns, build / "storyctl", table[0], "--db", wide, "--color", "never", *table[1:])
    if table[0] == "show":  # what is above its tables is text to be read
        lines = lines[next(i for i, x in enumerate(lines) if x.split()[:1] == ["ARTICLES"]):]
    assert lines and max(map(columns_of, lines)) <= columns, lines
    if table[0] == "list":
        # a wide character is left out where half of it would fit
        assert all(columns_of(x) >= columns - 1 and x.endswith("\u2026") for x in lines[1:])


@pytest.mark.parametrize("said, width", [("50", 50), ("10", 40), ("1000", 300), ("0", 70), ("x", 70), ("", 70)])
def test_columns_are_those_of_the_environment_within_bounds(build, wide, said, width):
    lines = on_a_terminal(70, build / "storyctl", "list", "--db", wide, "--color", "never",
                          env={**os.environ, "COLUMNS": said})
    assert max(map(columns_of, lines)) == width


def test_columns_hold_with_any_date(build, wide):
    env = {**os.environ, "TZ": "UTC"}
    titles, *rows = storyctl(build, "list", "--db", wide, env=env).stdout.splitlines()
    at, when = titles.index("TITLE"), titles.index("UPDATED")
    assert sorted(r[at:] for r in rows) == sorted(t.strip() for t in LONG_TITLES)  # and nothing is cut
    year = time.gmtime().tm_year
    assert {r[when:at - 2] for r in rows} == {"31 Dec  %d" % (year - 1), " 1 Jan 00:30", " 1 Jan 01:30"}
    titles, *rows = storyctl(build, "feeds", "--db", wide, env=env).stdout.splitlines()
    assert [r[titles.index("TITLE"):] for r in rows] == ["feed%d" % i for i in range(len(LONG_TITLES))]
    assert {r[titles.index("LAST POLL"):][:12] for r in rows} == {"31 Dec  %d" % (year - 1), " 1 Jan 00:30", " 1 Jan 01:30"}
    assert "first seen 31 Dec %d 22:30" % (year - 1) in storyctl(build, "show", "--db", wide, 1, env=env).stdout


@pytest.mark.parametrize("args, env, colored", [
    ([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"NO_COLOR": ""}, True), ([], {"TERM": "dumb"}, False),
    (["--color", "never"], {}, False), (["--color", "always"], {"NO_COLOR": "1"}, True),
    (["--color", "auto"], {}, True), (["--json"], {}, False), (["--json", "--color", "always"], {}, False),
])
@pytest.mark.parametrize("table", TABLES[:3], ids=lambda t: t[0])
def test_colors_are_for_terminals(build, news, table, args, env, colored):
    environ = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **env}
    command = [build / "storyctl", table[0], "--db", news.store, *args, *table[1:]]
    assert ("\x1b[1m" in "\n".join(on_a_terminal(80, *command, env=environ))) is colored
    piped = storyctl(build, *command[1:], env=environ).stdout
    assert ("\x1b[1m" in piped) is ("always" in args and "--json" not in args)


def test_a_failing_feed_is_red(ctl):
    assert re.search("\x1b\\[31merror\x1b\\[0m .*\n.*\x1b\\[31mthe document is empty", ctl("feeds", "--color", "always").stdout)


# ---- export, feeds, stats ------------------------------------------------------------------------

def test_export_has_everything(ctl, news):
    exported = lines_of(ctl("export"))
    assert [e["id"] for e in exported] == sorted(records(news.store, "events"))
    stored = records(news.store, "events")
    for event in exported:
        found = event.pop("articles")
        assert event == stored[event["id"]]
        assert {a["event"] for a in found} <= {event["id"]}
        assert len(found) == event.get("article_count", 0)
    everything = [a for e in lines_of(ctl("export")) for a in e["articles"]]
    assert sorted(everything, key=lambda a: a["id"]) == news.articles()


def test_export_of_a_span_of_time(ctl, news):
    """Adjoining spans have each event once, with its articles."""
    times = sorted(e["updated"] for e in records(news.store, "events").values())
    middle = times[len(times) // 2]
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(middle))
    before, after = lines_of(ctl("export", "--until", date)), lines_of(ctl("export", "--since", middle + 1))
    assert before and after and all(e["updated"] <= middle for e in before)
    assert sorted(before + after, key=lambda e: e["id"]) == lines_of(ctl("export"))
    assert lines_of(ctl("export", "--since", "1h")) == []
    wrong = ctl("export", "--until", "soon")
    assert wrong.returncode == 2 and "expected a date or time as in 2026-03-31" in wrong.stderr


def test_feeds(ctl, news):
    stored = records(news.store, "feeds")
    assert lines_of(ctl("feeds", "--json")) == list(stored.values())
    text = ctl("feeds").stdout
    assert len(re.findall(r"^ +\d+  (ok|error) ", text, re.M)) == len(stored)
    assert "1 errors in a row: the document is empty" in text


def test_stats(ctl, news):
    [stats] = lines_of(ctl("stats", "--json"))
    events = news.events()
    assert stats["events"] == len(events) and stats["open"] == len(events)
    assert stats["merged"] == len(records(news.store, "events")) - len(events) == 1
    assert stats["articles"] == len(news.articles())
    assert stats["reports"] == sum(e["report_count"] for e in news.events())
    assert stats["feeds"] == len(records(news.store, "feeds")) and stats["failing"] == 1
    assert stats["seq"] == max(records(news.store, "changes"))
    assert stats["bytes"] == os.stat(news.store / "data.mdb").st_size
    assert sum(stats["by_sources"].values()) == len(events)
    assert stats["by_sources"]["5 to 9"] == sum(5 <= e["source_count"] <= 9 for e in events)
    assert re.search(r"^articles +%d$" % len(news.articles()), ctl("stats").stdout, re.M)


# ---- tail ----------------------------------------------------------------------------------------

class Tail:
    """storyctl tail in the background, its lines as they come."""

    def __init__(self, build, *args):
        self.process = subprocess.Popen([str(build / "storyctl"), "tail", *map(str, args)],
                                        stdout=subprocess.PIPE, text=True)
        self.lines = []
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def __enter__(self):
        return self

    def wait(self, n):
        wait_until(lambda: len(self.lines) >= n, LONG, "%d lines of tail" % n)
        return self.lines

    def __exit__(self, *exc):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.thread.join(10)
        self.process.stdout.close()


def test_tail_from_the_first_change_in_order(build, news):
    stored = records(news.store, "changes")
    with Tail(build, "--db", news.store, "--since", 0, "--json") as tail:
        assert [json.loads(line) for line in tail.wait(len(stored))] == list(stored.values())
    with Tail(build, "--db", news.store, "--since", len(stored) - 2) as tail:
        last = tail.wait(2)
        assert [int(line.split()[0]) for line in last] == [len(stored) - 1, len(stored)]
        assert "updated" in last[-1] and SUBJECTS[0] in last[-1]


def test_tail_after_a_change_of_the_future_says_so(build, news):
    last = max(records(news.store, "changes"))
    r = storyctl(build, "tail", "--db", news.store, "--since", last + 1)
    assert (r.returncode, r.stdout) == (1, "")
    assert "change %d is in the future: the last change is %d" % (last + 1, last) in r.stderr


def test_tail_follows_what_comes(build):
    with Newsroom(build) as room:
        room.feed("/a", lambda request: rss(articles(4 * len(room.web.requests("/a")))))
        room.start()
        room.wait(lambda: len(room.records("articles")) >= 4, "4 articles")
        with Tail(build, "--db", room.store, "--json") as tail:
            room.asked("/a", len(room.web.requests("/a")) + 3)
            seen = [json.loads(line) for line in tail.wait(8)]
        assert [c["seq"] for c in seen] == list(range(seen[0]["seq"], seen[0]["seq"] + len(seen)))
        assert seen[0]["seq"] > 4
        stored = room.records("changes")
        assert all(stored[c["seq"]] == c for c in seen)


# ---- check ---------------------------------------------------------------------------------------

def rewrite(txn, db, n, **fields):
    record = json.loads(txn.get(key(n), db=db))
    record.update(fields)
    assert txn.put(key(n), json.dumps(record).encode(), db=db)


def first(txn, db, condition):
    return next(json.loads(v) for _, v in txn.cursor(db) if condition(json.loads(v)))


def break_count(field):
    def do(db, txn):
        event = first(txn, db("events"), lambda e: e["status"] == "open")
        rewrite(txn, db("events"), event["id"], **{field: event[field] + 1})
    return do


def break_record(name, change):
    def do(db, txn):
        change(db(name), txn)
    return do


def article_moved(db, txn):
    rewrite(txn, db("articles"), 1, event=json.loads(txn.get(key(1), db=db("articles")))["event"] + 1)


def article_lost(db, txn):
    txn.delete(key(2), db=db("articles"))


def link_lost(db, txn):
    a = json.loads(txn.get(key(1), db=db("articles")))
    assert txn.delete(key(a["event"]), key(1), db=db("event_articles", dupsort=True, dupfixed=True))


def link_of_nobody(db, txn):
    txn.put(key(1), key(777777), db=db("event_articles", dupsort=True, dupfixed=True))


def source_lost(db, txn):
    event = first(txn, db("events"), lambda e: e["status"] == "open" and e["source_count"] > 2)
    rewrite(txn, db("events"), event["id"], sources=event["sources"][1:])


def sources_miscounted(db, txn):
    event = first(txn, db("events"), lambda e: e["status"] == "open" and e["source_count"] > 2)
    event["sources"][0]["articles"] += 1
    rewrite(txn, db("events"), event["id"], sources=event["sources"])


def redirect_to_nowhere(db, txn):
    gone = first(txn, db("events"), lambda e: e["status"] == "merged")
    rewrite(txn, db("events"), gone["id"], merged_into=777777)


def redirect_in_a_circle(db, txn):
    gone = first(txn, db("events"), lambda e: e["status"] == "merged")
    rewrite(txn, db("events"), gone["id"], merged_into=gone["id"])


def update_index_wrong(db, txn):
    event = first(txn, db("events"), lambda e: e["status"] == "open")
    txn.put(key(event["seq"]), key(event["id"] + 1), db=db("events_by_update"))


def update_index_lost(db, txn):
    event = first(txn, db("events"), lambda e: e["status"] == "open")
    txn.delete(key(event["seq"]), db=db("events_by_update"))


def item_of_nobody(db, txn):
    txn.put(b"0123456789abcdef", b"\xff\xff\x0f\0\0\0\0\0" + bytes(8), db=db("_items"))


def items_lost(db, txn):
    txn.drop(db("_items"), delete=False)


def meta_behind(db, txn):
    txn.put(b"articles", b"3", db=db("meta"))


def address_lost(db, txn):
    txn.drop(db("_addresses"), delete=False)


def event_lost(db, txn):
    event = first(txn, db("events"), lambda e: e["status"] == "open")
    txn.delete(key(event["id"]), db=db("events"))


BREAKS = [
    (break_count("article_count"), "article_count is"), (break_count("source_count"), "source_count is"),
    (break_count("report_count"), "report_count is"),
    (article_moved, "article 1: event"), (article_lost, "expected 2"),
    (link_lost, "does not list it"), (link_of_nobody, "lists article 777777"),
    (source_lost, "it lists"), (redirect_to_nowhere, "777777"), (redirect_in_a_circle, "circular"),
    (update_index_wrong, "events_by_update"), (update_index_lost, "events_by_update"),
    (item_of_nobody, "_items: an item refers to article"), (meta_behind, "meta: articles is 3"),
    (event_lost, "."),
    (lambda db, txn: txn.put(key(3), b"{not json", db=db("articles")), "articles 3: not a JSON object"),
    (lambda db, txn: txn.put(key(3), b"[]", db=db("events")), "events 3: not a JSON object"),
    (lambda db, txn: txn.put(b"abc", b"{}", db=db("feeds")), "feeds: a key of 3 bytes"),
    (lambda db, txn: txn.delete(key(2), db=db("changes")), "changes: found 3; expected 2"),
    (lambda db, txn: rewrite(txn, db("articles"), 3, id=4), "article 3: its record has the number 4"),
    (lambda db, txn: rewrite(txn, db("events"), 3, lead=4), "its lead, article 4"),
    (lambda db, txn: rewrite(txn, db("feeds"), 1, id=9), "feed 1: its record has the number 9"),
    (lambda db, txn: rewrite(txn, db("articles"), 3, copy_of=3), "copies 3"),
    (lambda db, txn: txn.delete(b"schema", db=db("meta")), "."),
    (sources_miscounted, "articles of"), (items_lost, "no item refers to it"),
    (address_lost, "its address leads to another feed"),
]


def test_check_of_a_sound_store(ctl, news):
    r = ctl("check")
    assert r.returncode == 0 and r.stderr == ""
    assert re.fullmatch(r"%d events \(1 merged\), %d articles, \d+ items, %d feeds, %d changes: 0 faults\n"
                        % (len(news.events()) + 1, len(news.articles()), len(records(news.store, "feeds")),
                           len(records(news.store, "changes"))), r.stdout)


@pytest.mark.parametrize("change, words", BREAKS,
                         ids=[str(i) for i in range(len(BREAKS))])
def test_check_finds_what_was_broken(build, copy, change, words):
    with broken(copy) as (db, txn):
        change(db, txn)
    r = storyctl(build, "check", "--db", copy)
    assert r.returncode == 1, r.stdout
    assert re.search(words, r.stdout + r.stderr), r.stdout + r.stderr
    assert "Traceback" not in r.stderr and r.returncode > 0


@pytest.mark.parametrize("size", [0, 100, 4096])
def test_a_file_that_is_no_store_is_told(build, copy, size):
    """Cut short: every command ends with a message, not with a signal."""
    data = (copy / "data.mdb").read_bytes()
    (copy / "data.mdb").write_bytes(data[:size])
    for command in (["check"], ["list"], ["stats"]):
        r = storyctl(build, *command, "--db", copy)
        assert r.returncode == 1 and r.stderr.startswith("storyctl " + command[0]), (r.returncode, r.stderr)


def test_a_store_of_a_later_version_is_refused(build, copy):
    with broken(copy) as (db, txn):
        txn.put(b"schema", b"99", db=db("meta"))
    for args in (["list"], ["check"], ["replay"]):
        r = storyctl(build, *args, "--db", copy, *(["/dev/null"] if args == ["replay"] else []))
        assert r.returncode == 1 and "newer" in r.stderr or "later" in r.stderr, r.stderr


# ---- backup --------------------------------------------------------------------------------------

def test_backup_while_the_daemon_writes_is_a_sound_store(build):
    with Newsroom(build, commit_after="1ms", commit_articles=5) as room:
        room.feed("/a", lambda request: rss(articles(40 * len(room.web.requests("/a")))))
        room.start()
        sizes = []
        while len(sizes) < 4:
            room.asked("/a", len(room.web.requests("/a")) + 1)  # it writes now
            to = room.daemon.dir / ("copy%d" % len(sizes))
            r = storyctl(build, "backup", "--db", room.store, to)
            assert (r.returncode, r.stdout, r.stderr) == (0, "", "")
            assert_sound(build, to)
            sizes.append(len(records(to, "articles")))
        assert room.daemon.running and sizes == sorted(sizes)
        room.daemon.stop(LONG)
        last = room.daemon.dir / "last"
        assert storyctl(build, "backup", "--db", room.store, last).returncode == 0
        assert storyctl(build, "export", "--db", last).stdout == storyctl(build, "export", "--db", room.store).stdout


def test_backup_does_not_write_over_a_store(build, ctl, copy):
    before = (copy / "data.mdb").read_bytes()
    r = ctl("backup", copy)
    assert r.returncode == 1 and "the folder already contains a store" in r.stderr
    assert (copy / "data.mdb").read_bytes() == before


def test_a_daemon_goes_on_with_a_backup(build, ctl):
    """Numbers go on from the copy, and what it holds is known."""
    with Newsroom(build) as room:
        assert ctl("backup", room.store).returncode == 0
        before = room.records("articles")
        room.feed("/a", rss(articles(2, prefix="later")))
        room.start()
        room.wait_articles(len(before) + 2)
        assert sorted(room.records("articles"))[-1] == len(before) + 2
        room.daemon.stop()
        room.sound()


# ---- backup --keep, restore ----------------------------------------------------------------------

DATED = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")


def dated(folder):
    return sorted(p.name for p in folder.iterdir() if DATED.fullmatch(p.name))


def make_older(folder):
    """Gives the newest backup a time long ago, later than those before it: a day passes."""
    newest = dated(folder)[-1]
    name = "2020-01-%02dT030000Z" % (len([n for n in dated(folder) if n.startswith("2020")]) + 1)
    (folder / newest).rename(folder / name)
    return name


def test_backups_are_kept_and_old_ones_removed(build, ctl):
    with scratch() as d:
        to = d / "backups"
        for day in range(3):
            assert ctl("backup", "--keep", 3, to).returncode == 0
            make_older(to)
        others = ["notes", "2020-01-01T030000Z.old", "2020-1-1"]  # what is not ours stays
        for name in others:
            (to / name).mkdir()
        r = ctl("backup", "--keep", 3, to)
        assert r.returncode == 0 and "2020-01-01T030000Z: removed" in r.stdout
        assert dated(to)[:2] == ["2020-01-02T030000Z", "2020-01-03T030000Z"] and len(dated(to)) == 3
        assert sorted(p.name for p in to.iterdir()) == sorted(dated(to) + others)
        assert [p.name for p in (to / dated(to)[-1]).iterdir()] == ["data.mdb"]
        assert_sound(build, to / dated(to)[-1])


def test_a_new_backup_is_not_taken_for_an_old_one(ctl):
    """The clock was set back: others seem to be later."""
    with scratch() as d:
        for year in "2998", "2999":
            assert ctl("backup", "--keep", 5, d).returncode == 0
            (d / [n for n in dated(d) if n < "2900"][0]).rename(d / (year + "-01-01T000000Z"))
        assert ctl("backup", "--keep", 1, d).returncode == 0
        assert len(dated(d)) == 1 and dated(d)[0] < "2900"


def test_a_folder_with_other_files_is_not_emptied(ctl):
    with scratch() as d:
        assert ctl("backup", "--keep", 1, d).returncode == 0
        old = make_older(d)
        (d / old / "notes").write_text("of somebody")
        r = ctl("backup", "--keep", 1, d)
        assert r.returncode == 1 and old in r.stderr and "not empty" in r.stderr
        assert (d / old / "notes").read_text() == "of somebody" and len(dated(d)) == 2


def test_a_backup_that_fails_removes_nothing(build, ctl, copy):
    with scratch() as d:
        for day in range(2):
            assert ctl("backup", "--keep", 9, d).returncode == 0
            make_older(d)
        before = dated(d)
        with broken(copy) as (db, txn):  # an article that no event has
            txn.delete(key(1), db=db("events"))
        r = storyctl(build, "backup", "--db", copy, "--keep", 1, d)
        assert r.returncode == 1 and "the copy has faults" in r.stderr and dated(d) == before
        assert storyctl(build, "backup", "--db", d / "none", "--keep", 1, d).returncode == 1
        assert dated(d) == before
        # what it left is replaced by the next
        assert ctl("backup", "--keep", 3, d).returncode == 0 and len(dated(d)) == 3
        assert not (d / "unverified").exists()


def test_two_rotations_do_not_meet(ctl):
    with scratch() as d:
        fd = os.open(d, os.O_RDONLY)
        fcntl.flock(fd, fcntl.LOCK_EX)
        r = ctl("backup", "--keep", 1, d)
        os.close(fd)
        assert r.returncode == 1 and "another backup is writing to this folder" in r.stderr and not list(d.iterdir())


@pytest.mark.parametrize("keep", ["0", "1001", "x", "-1"])
def test_keep_is_a_number_of_backups(ctl, keep):
    with scratch() as d:
        assert ctl("backup", "--keep", keep, d).returncode == 2 and not list(d.iterdir())


@pytest.fixture
def backup(ctl):
    with scratch() as d:
        assert ctl("backup", d / "backup").returncode == 0
        yield d / "backup"


def test_a_backup_is_verified_without_writing(build, news, backup):
    backup.chmod(0o500)
    before = (backup / "data.mdb").stat()
    r = storyctl(build, "restore", "--check", backup)
    backup.chmod(0o700)
    n = {name: len(records(news.store, name)) for name in ("events", "articles", "changes")}
    with Store(news.store) as store, store.env.begin() as txn:
        schema = int(txn.get(b"schema", db=store.env.open_db(b"meta", txn, create=False)))
    assert (r.returncode, r.stderr) == (0, "")
    assert r.stdout.startswith("%s: schema %d, %d events (" % (backup, schema, n["events"]))
    assert ", %(articles)d articles, " % n in r.stdout and ", %(changes)d changes: 0 faults\n" % n in r.stdout
    after = (backup / "data.mdb").stat()
    assert [p.name for p in backup.iterdir()] == ["data.mdb"] and before.st_mtime_ns == after.st_mtime_ns


def test_verifying_leaves_nothing_behind(build, backup):
    """A folder in /tmp links to the data while it is read."""
    links = lambda: {p for p in pathlib.Path("/tmp").glob("storyctl-*") if (p / "data.mdb").is_symlink()
                     and os.readlink(p / "data.mdb") == str(backup / "data.mdb")}
    assert storyctl(build, "restore", "--check", backup).returncode == 0 and not links()


def test_a_faulty_backup_is_not_restored(build, backup, copy):
    before = (copy / "data.mdb").read_bytes()
    with broken(backup) as (db, txn):
        txn.delete(key(1), db=db("events"))
    (backup / "lock.mdb").unlink()
    for args in (["--check", backup], ["--force", "--db", copy, backup]):
        r = storyctl(build, "restore", *args)
        assert r.returncode == 1 and "event" in r.stdout and not r.stdout.endswith(": 0 faults\n")
    with open(backup / "data.mdb", "r+b") as f:
        f.truncate(8192)
    r = storyctl(build, "restore", "--force", "--db", copy, backup)
    assert r.returncode == 1 and "data.mdb is truncated" in r.stderr
    assert (copy / "data.mdb").read_bytes() == before


def test_a_backup_of_a_later_version_is_refused(build, backup):
    with broken(backup) as (db, txn):
        txn.put(b"schema", b"99", db=db("meta"))
    r = storyctl(build, "restore", "--check", backup)
    assert r.returncode == 1 and "newer" in r.stderr


def test_what_is_no_backup_is_told(build):
    with scratch() as d:
        for path in d, d / "none":
            r = storyctl(build, "restore", "--check", path)
            assert r.returncode == 1 and str(path) in r.stderr and "no storyd store" in r.stderr


def test_a_backup_becomes_the_store(build, news, backup):
    """In a folder that was not there, and with --force in place of a store."""
    exported = storyctl(build, "export", "--db", news.store).stdout
    with scratch() as d:
        assert storyctl(build, "restore", "--db", d / "new", backup).returncode == 0
        assert storyctl(build, "export", "--db", d / "new").stdout == exported
        other = Replay(build, d)
        other.add(("feed", rss(articles(1))))
        r = storyctl(build, "restore", "--db", other.store, backup)
        assert r.returncode == 1 and "--force replaces it" in r.stderr and len(other.articles()) == 1
        assert storyctl(build, "restore", "--force", "--db", other.store, backup).returncode == 0
        assert storyctl(build, "export", "--db", other.store).stdout == exported
        assert_sound(build, other.store)


def test_a_store_in_use_is_not_replaced(build, backup):
    with Newsroom(build) as room:
        room.feed("/a", rss(articles(1)))
        room.start()
        room.wait_articles(1)
        r = storyctl(build, "restore", "--force", "--db", room.store, backup)
        assert r.returncode == 1 and "another process writes to this store" in r.stderr
        room.daemon.stop()
        with Store(room.store):  # a reader
            r = subprocess.run([build / "storyctl", "restore", "--force", "--db", room.store, backup],
                               capture_output=True, text=True)
            assert r.returncode == 1 and "programs have this store open" in r.stderr
        assert len(room.records("articles")) == 1
        r = storyctl(build, "restore", "--force", "--db", room.store, backup)
        assert r.returncode == 0
        room.start()
        room.wait_articles(len(records(backup, "articles")) + 1)


# ---- parse ---------------------------------------------------------------------------------------

def test_parse(build):
    with scratch() as d:
        (d / "a.xml").write_bytes(rss(articles(2)))
        r = storyctl(build, "parse", d / "a.xml")
        assert r.returncode == 0 and len(json.loads(r.stdout)["entries"]) == 2
        piped = storyctl(build, "parse", "-", input=rss(articles(2)).decode())
        assert piped.stdout == r.stdout
        (d / "b.xml").write_bytes(rss([item("1.html", "T")], link=None))
        based = storyctl(build, "parse", "--url", "http://a.example/x/feed", d / "b.xml")
        assert json.loads(based.stdout)["entries"][0]["link"] == "http://a.example/x/1.html"
        # UTF-8 under another name, and dates that the document alone can tell
        (d / "d.xml").write_bytes(rss([item("1.html", "Kranführer streiken", date="03/04/2024"),
                                       item("2.html", "T", date="15/04/2024")]))
        told = json.loads(storyctl(build, "parse", "--type", "text/xml; charset=gb2312", d / "d.xml").stdout)
        assert told["feed"]["encoding"] == "utf-8" and told["entries"][0]["title"] == "Kranführer streiken"
        assert [e["published"] for e in told["entries"]] == [1712102400, 1713139200]
        for body, words in ((b"", "empty"), (b"<html><body>Hi</body></html>", "web page"), (b"hello", ".")):
            (d / "c").write_bytes(body)
            r = storyctl(build, "parse", d / "c")
            assert (r.returncode, r.stdout) == (1, "")
            assert re.match(r"storyctl parse: %s: .*%s" % (re.escape(str(d / "c")), words), r.stderr)
        r = storyctl(build, "parse", d / "none")
        assert r.returncode == 1 and "none: No such file" in r.stderr
        r = storyctl(build, "parse", d)
        assert r.returncode == 1 and str(d) in r.stderr


# ---- replay --------------------------------------------------------------------------------------

def test_replay_skips_what_it_cannot_read_and_says_so(build):
    with scratch() as d:
        (d / "a.xml").write_bytes(rss(articles(2)))
        line = {"feed": "a", "fetched": CLOCK, "file": "a.xml"}
        (d / "m").write_text("\n".join([json.dumps(line), "nonsense", '{"feed": "a"}',
                                        json.dumps(dict(line, file="none.xml")), json.dumps(line)]))
        r = storyctl(build, "replay", "--db", d / "s", d / "m")
        assert r.returncode == 0
        assert "5 documents (3 unreadable): 2 articles new, 2 known" in r.stdout
        assert "line 2 skipped" in r.stderr and "line 3 skipped" in r.stderr
        assert "none.xml: the file cannot be read; skipped" in r.stderr
        again = storyctl(build, "replay", "--db", d / "s", d / "m")
        assert again.returncode == 0 and "resuming after document 5" in again.stderr
        r = storyctl(build, "replay", "--db", d / "s", d / "none")
        assert r.returncode == 1 and "No such file" in r.stderr


def test_a_documents_standing_text_is_known_from_its_first_item(build):
    text = ("Morning Wheel is the news hour of the Kestrel Channel with Ana Ruelo and Tom Verrin, each weekday at "
            "seven. Subscribe and follow us: every programme is there to see again.")
    with scratch() as d:
        (d / "a.xml").write_bytes(rss([item("https://kestrel.example/%d" % n, s, text=text) for n, s in enumerate(SUBJECTS[:6])]))
        (d / "m").write_text(json.dumps({"feed": "a", "fetched": CLOCK, "file": "a.xml"}))
        assert storyctl(build, "replay", "--db", d / "s", d / "m").returncode == 0
        events = lines_of(storyctl(build, "export", "--db", d / "s"))
        assert [e["article_count"] for e in events] == [1] * 6


# ---- cluster -------------------------------------------------------------------------------------

def article_lines(name="halden-star", **more):
    sample = SampleNews(CLOCK)
    story = next(s for s in sample.stories if s["id"] == name)["articles"]
    return [dict({"id": a["path"], "title": a["title"], "body": a["summary"], "published": CLOCK + i,
                  "source": sample.publisher(a)}, **more) for i, a in enumerate(story)]


def cluster(build, lines, *args):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return storyctl(build, "cluster", *args, input=text)


def test_cluster_lines_in_lines_out(build):
    stories = [article_lines("renholt-jailed"), article_lines("oriole-dione"),
               article_lines("halden-star")[:4]]  # the fifth needs luck
    lines = [line for story in zip(*[s[:4] for s in stories]) for line in story]
    r = cluster(build, lines)
    out = lines_of(r)
    assert [o["id"] for o in out] == [line["id"] for line in lines]
    events = [{o["event"] for o in out[i::3]} for i in range(3)]
    assert [len(e) for e in events] == [1, 1, 1] and len(set.union(*events)) == 3
    assert cluster(build, lines).stdout == r.stdout


def test_cluster_tells_the_event_that_took_in_the_first(build, merging):
    out = lines_of(cluster(build, sides(merging)))
    assert len({o["event"] for o in out}) == 1 and [o["id"] for o in out] == list(range(len(merging)))


def test_cluster_reads_pages(build):
    """Articles whose titles share nothing are one event by their pages; the others stay as they are."""
    lines = [{k: v for k, v in dict(line, title=title).items() if k != "body"}
             for line, title in zip(article_lines("renholt-jailed"), ("What we know", "A day in pictures"))]
    lines.append(article_lines("oriole-dione")[0])
    pages = [{"id": line["id"], "page": story["title"] + ". " + story["body"]}
             for line, story in zip(lines, article_lines("renholt-jailed"))][:2]
    events = [o["event"] for o in lines_of(cluster(build, lines))]
    assert len(set(events)) == 3
    none = {"id": "nobody's", "page": pages[0]["page"]}
    for more in (pages, pages[::-1], [none] + pages):
        out = lines_of(cluster(build, lines + more))
        assert [o["id"] for o in out] == [line["id"] for line in lines]
        assert [o["event"] for o in out] == [events[0], events[0], events[2]]


def test_cluster_skips_bad_lines_with_status_1(build):
    good = article_lines()
    r = cluster(build, [good[0], "nonsense", "[]", '{"title": "no id"}', "", good[1], '{"id": "only"}'])
    assert r.returncode == 1
    assert "line 2 skipped" in r.stderr and "3 of 7 lines skipped" in r.stderr
    assert [json.loads(line)["id"] for line in r.stdout.splitlines()] == [good[0]["id"], good[1]["id"], "only"]


def describe(build, lines):
    return storyctl(build, "describe", input="".join(json.dumps(line) + "\n" for line in lines))


def test_describe_says_what_the_articles_say(build):
    """Every sentence stands in the article that it names."""
    lines = article_lines()
    r = describe(build, lines)
    event = json.loads(r.stdout)
    by_id = {line["id"]: line for line in lines}
    said = event["summary"] + event["details"] + event["meaning"]
    assert r.returncode == 0 and event["title"] in {line["title"] for line in lines}
    assert 1 <= len(event["summary"]) <= 5 and event["similar"] == [] and event["sentiment"] is None
    for s in said:
        line = by_id[s["article"]]
        assert s["text"] in line["title"] + "\n" + line["body"] and s["kind"] == "extracted"
        assert s["sources"][0] == s["source"] == line["source"]
    assert describe(build, lines).stdout == r.stdout


def test_describe_takes_dates_and_skips_bad_lines(build):
    lines = article_lines(published="2026-03-17T10:00:00Z")
    event = json.loads(describe(build, lines).stdout)
    assert {s["time"] for s in event["summary"]} == {1773741600}
    r = describe(build, [lines[0], ["none"]])
    assert r.returncode == 1 and "line 2 skipped" in r.stderr and json.loads(r.stdout)["title"]
    r = describe(build, [])
    assert r.returncode == 1 and "no article" in r.stderr and not r.stdout


def test_tone_gives_a_line_for_each_line(build):
    lines = ['{"text": "what a great day"}', "nonsense", '{"text": "this is horrible"}']
    r = storyctl(build, "tone", input="\n".join(lines) + "\n")
    tones = [json.loads(line)["tone"] for line in r.stdout.splitlines()]
    assert tones[0] > 0.3 and tones[1] is None and tones[2] < -0.3 and r.returncode == 1


@pytest.mark.parametrize("before, text", [("Show HN: ", ""), ("", "This page needs JavaScript. Please switch it on.")])
def test_cluster_knows_a_label_from_the_first_line(build, before, text):
    lines = [{"id": n, "title": before + s, "body": text, "source": "p%d.example" % n, "published": CLOCK + n}
             for n, s in enumerate(SUBJECTS)]
    assert len({o["event"] for o in lines_of(cluster(build, lines))}) == len(SUBJECTS)


def test_cluster_ids_of_any_kind_come_back(build):
    ids = ["a", 1, 2.5, None, ["x"], {"k": "ä\n"}]
    assert [o["id"] for o in lines_of(cluster(build, [{"id": i, "title": "Title"} for i in ids]))] == ids


@pytest.mark.parametrize("title", ["", "T", "?!", "the of and", "\u200b"])
def test_cluster_an_article_without_words(build, title):
    out = lines_of(cluster(build, [{"id": 1, "title": title}, {"id": 2, "title": title}, {"id": 3}]))
    assert len({o["event"] for o in out}) == 3  # nothing in common but nothing


@pytest.mark.parametrize("times", [{}, {"published": None}, {"published": "today"}, {"published": -9e18}, {"published": 1e300}])
def test_cluster_articles_without_a_date(build, times):
    """What says no time, or none that can be, came with what came before it."""
    lines = [dict(line, **times) for line in article_lines("renholt-jailed")[:3]]
    for line in lines if not times else []:
        del line["published"]
    assert len({o["event"] for o in lines_of(cluster(build, lines))}) == 1


def test_cluster_window(build):
    """A copy of an article two days later joins within three days, not within one."""
    first_one = article_lines()[0]
    later = dict(first_one, id="later", source="later.example", published=CLOCK + 2 * 86400)
    for window, events in (("3d", 1), ("72h", 1), ("24h", 2), ("90m", 2)):
        out = lines_of(cluster(build, [first_one, later], "--window", window))
        assert len({o["event"] for o in out}) == events, window


def test_cluster_of_nothing(build):
    r = cluster(build, [])
    assert (r.returncode, r.stdout, r.stderr) == (0, "", "")


def test_cluster_skips_a_line_that_is_too_long_and_goes_on(build):
    r = cluster(build, [{"id": 1, "title": "x" * (9 << 20)}, {"id": 2, "title": "Title"}])
    assert r.returncode == 1 and [json.loads(line)["id"] for line in r.stdout.splitlines()] == [2]


PAGE = """<html lang="en"><head><title>Tunnel opens under Sefton | Orlan Gazette</title>
<meta property="og:site_name" content="Orlan Gazette"><meta name="author" content="Mira Dahl">
<meta property="article:published_time" content="2026-03-02T10:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Tunnel opens under Sefton</h1>%s</article>
<footer>All rights reserved.</footer></body></html>"""
SAID = "The tunnel under Sefton opened on Monday, two years late, and the first train carried the mayor and her guests."


def test_a_page_gives_its_article(build, tmp_path):
    """The article and what the page says of it, from a file or standard input; a page without one is an error."""
    page = tmp_path / "page.html"
    page.write_text(PAGE % "".join("<p>%s Part %d.</p>" % (SAID, i) for i in range(4)))
    r = storyctl(build, "page", "--url", "https://gazette.example/tunnel", str(page))
    got = json.loads(r.stdout)
    assert r.returncode == 0 and (got["title"], got["author"], got["site"], got["kind"], got["lang"]) == (
        "Tunnel opens under Sefton", "Mira Dahl", "Orlan Gazette", "article", "en")
    assert got["published"] == 1772445600 and not got["paywalled"] and got["words"] == 4 * (len(SAID.split()) + 2)
    text = storyctl(build, "page", "--text", "-", input=page.read_text())
    assert text.returncode == 0 and text.stdout.rstrip("\n") == got["text"]
    assert got["text"].count(SAID) == 4 and "Sport" not in got["text"] and "rights" not in got["text"]
    nothing = storyctl(build, "page", input="")
    assert nothing.returncode == 1 and "no article text found" in nothing.stderr and json.loads(nothing.stdout)["text"] == ""
