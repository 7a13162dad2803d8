"""What storyctl, the metrics and the pages for editors say of articles' pages."""
import json
import re
import time

import pytest
from newsroom import Newsroom, broken, key, lines_of, on_a_terminal, storyctl
from test_pages import BODY, LEAD, TEXT, Press, page
from web import Site

TITLES = ["Sefton tunnel opens again after repairs", "Sefton tunnel open again: first train after repairs of two years",
          "Tunnel under the Sefton hills open again after two years of repairs",
          "After two years of repairs the Sefton tunnel opens again", "Sefton tunnel: trains again after repairs of two years"]
PAYWALL = ('<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
           '"headline": "%s", "isAccessibleForFree": false}</script>' % TITLES[0])
READ, WALLED, FORBIDDEN, GONE, BUSY = range(5)
HEADER = " ARTICLE  WHEN          STATE    HTTP    WORDS  HOST                          WHY"


def of_an_event(press):
    """Five publishers report the same; each has its way with us. Their articles' addresses."""
    html = page(TITLES[0], [LEAD] + BODY, "<meta name='author' content='Ada Lind'>")
    for site, answer in (WALLED, page(TITLES[0], [LEAD] + BODY[:2], PAYWALL)), (READ, html), (FORBIDDEN, html):
        press.sites[site].set("/tunnel", answer, headers={"Content-Type": "text/html; charset=utf-8"})
    press.sites[FORBIDDEN].set("/robots.txt", "User-agent: *\nDisallow: /tunnel\n", headers=TEXT)
    press.sites[GONE].set("/tunnel", "gone", status=410)
    press.sites[BUSY].set("/tunnel", "later", status=429, headers={"Retry-After": "3600"})
    return [press.article(i, "/tunnel", TITLES[i], LEAD) for i in range(5)]


@pytest.fixture(scope="module")
def press(build):
    with Press(build, 5) as press:
        press.urls = of_an_event(press)
        press.room.start()
        press.wait_pages(4)
        press.room.wait(lambda: any(p["status"] == 429 for p in press.pages().values()), "the busy server's answer")
        press.hosts = {p["host"]: press.urls.index(p["url"]) for p in press.pages().values()}
        yield press


@pytest.fixture
def pages(build, press):
    return lambda *args: storyctl(build, "pages", "--db", press.room.store, *args)


def metrics(room):
    text = Site(room).get("/metrics").body.decode()
    return {name: float(value) for name, value in re.findall(r"^(storyd_pages_\S+) (\S+)$", text, re.M)}


# ---- storyctl pages

def test_pages_are_listed_with_what_came_of_them(press, pages):
    lines = pages().stdout.splitlines()
    assert lines[0] == HEADER and len(lines) == 6
    rows = [re.fullmatch(r" *(\d+)  ([ \d]\d \w{3} \d\d:\d\d)  (\w+) +(\d+|-)  +(\d+|-)  (\S+) +(\S.*)", line) for line in lines[1:]]
    assert all(rows), lines
    numbers = [int(r[1]) for r in rows]
    assert numbers == sorted(press.pages(), reverse=True)
    found = {press.hosts[r[6]]: r.groups()[2:5] + (r[7],) for r in rows}
    words = {i: str(press.article_of(press.urls[i])["words"]) for i in (READ, WALLED)}
    assert found == {
        READ: ("read", "200", words[READ], "read"), WALLED: ("read", "200", words[WALLED], "read"),
        FORBIDDEN: ("refused", "-", "-", "not fetched: its site's robots.txt disallows it"),
        GONE: ("failed", "410", "-", "failed: the server has no such page"),
        BUSY: ("waiting", "429", "-", "two or more publishers report its event")}


def test_as_json_they_are_the_records(press, pages):
    records = press.pages()
    assert lines_of(pages("--json")) == [records[n] for n in sorted(records, reverse=True)]
    assert [p["id"] for p in lines_of(pages("--json", "--limit", "2"))] == sorted(records, reverse=True)[:2]
    assert len(lines_of(pages("--json", "--limit", "0"))) == 5


def test_hosts_are_summed_up(press, pages):
    sums = {press.hosts[s["host"]]: s for s in lines_of(pages("--hosts", "--json"))}
    records = {press.urls.index(p["url"]): p for p in press.pages().values()}
    for i, state in (READ, "read"), (WALLED, "read"), (FORBIDDEN, "refused"), (GONE, "failed"), (BUSY, "waiting"):
        counts = dict.fromkeys(["waiting", "read", "refused", "failed", "left"], 0)
        counts[state] = 1
        why = records[i]["why"]
        trouble = {"state": state, "why": why, "time": records[i]["done"]} if state in ("refused", "failed") else None
        assert sums[i] == dict(counts, host=records[i]["host"], pages=1, last=records[i]["done"], trouble=trouble)
    lines = pages("--hosts").stdout.splitlines()
    assert lines[0].split() == ["WAITING", "READ", "REFUSED", "FAILED", "LEFT", "LAST", "HOST", "LAST", "TROUBLE"]
    assert re.fullmatch(r" +0 +0 +0 +1 +0 .* %s +failed: the server has no such page" % re.escape(records[GONE]["host"]),
                        next(line for line in lines if records[GONE]["host"] in line))
    assert len(pages("--hosts", "--limit", "3").stdout.splitlines()) == 4


@pytest.mark.parametrize("args", [[], ["--hosts"]])
@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_lines_are_cut_to_the_terminal(build, press, columns, args):
    lines = on_a_terminal(columns, build / "storyctl", "pages", "--db", press.room.store, "--color", "never", *args)
    assert len(lines) == 6 and max(map(len, lines)) <= columns
    if columns >= 80:  # on a narrower one, columns are left out
        assert any("…" in line for line in lines) == (columns < 200)


def test_without_pages_there_is_a_header_alone(build):
    with Newsroom(build) as room:
        room.start()
        for args in [], ["--hosts"]:
            r = storyctl(build, "pages", "--db", room.store, *args)
            assert r.returncode == 0 and not r.stderr and len(r.stdout.splitlines()) == 1
        assert lines_of(storyctl(build, "pages", "--db", room.store, "--json")) == []
        assert "<h2>Pages</h2>" not in Site(room).get("/machine").body.decode()


@pytest.fixture(scope="module")
def many(build):
    """A store with 20010 pages, in which nothing runs: 16 hosts, of which the last is the last one's alone."""
    with Newsroom(build) as room:
        room.start()
        room.daemon.stop()
        with broken(room.store) as (db, txn):
            pages = db("pages")
            for n in range(1, 20011):
                state, why = ("failed", "status") if n % 15 == 7 else ("read", None)
                host = "<\x1b[31m\u202e>.example" if n == 20010 else "h%d.example" % (n % 15)
                record = {"id": n, "url": "https://%s/%d" % (host, n), "host": host, "feed": 1, "state": state, "why": why,
                          "rank": 2, "queued": 1700000000 + n, "asked": 1700000001 + n, "done": 1700000002 + n,
                          "status": 200, "bytes": 1, "words": 1, "tries": 1}
                txn.put(key(n), json.dumps(record).encode(), db=pages)
        yield room


def test_a_long_list_is_whole_and_in_order(build, many):
    """It is printed from several views."""
    assert [p["id"] for p in lines_of(storyctl(build, "pages", "--db", many.store, "--limit", 0, "--json"))] == list(
        range(20010, 0, -1))
    assert len(storyctl(build, "pages", "--db", many.store).stdout.splitlines()) == 51


def test_hosts_are_those_of_the_newest_pages(build, many):
    sums = lines_of(storyctl(build, "pages", "--db", many.store, "--hosts", "--json"))
    assert sum(s["pages"] for s in sums) == 20000
    assert [(-s["pages"], s["host"]) for s in sums] == sorted((-s["pages"], s["host"]) for s in sums)
    seven = next(s for s in sums if s["host"] == "h7.example")
    last = max(n for n in range(20010) if n % 15 == 7)
    assert seven["failed"] == seven["pages"] and seven["read"] == 0
    assert seven["trouble"] == {"state": "failed", "why": "status", "time": 1700000002 + last} and seven["last"] == 1700000002 + last
    assert sums[-1]["pages"] == 1 and sums[0]["trouble"] is None
    text = storyctl(build, "pages", "--db", many.store, "--hosts").stdout
    assert "\x1b" not in text and "\u202e" not in text and len(text.splitlines()) == 17


# ---- what the daemon shows

def test_metrics_count_them(press):
    counted = metrics(press.room)
    assert counted["storyd_pages_waiting"] == 1 and counted["storyd_pages_under_way"] == 0
    assert counted["storyd_pages_budget"] == 20000 and counted["storyd_pages_today"] == 4
    assert counted["storyd_pages_requests_total"] == 4 and counted["storyd_pages_robots_requests_total"] == 10
    assert counted["storyd_pages_bytes_total"] == sum(p["bytes"] or 0 for p in press.pages().values())
    assert 0 <= counted["storyd_pages_longest_wait_seconds"] < 600
    outcomes = {k: v for k, v in counted.items() if k.startswith("storyd_pages_total{")}
    assert len(outcomes) == 17
    assert {k: v for k, v in outcomes.items() if v} == {
        'storyd_pages_total{state="read",why=""}': 2, 'storyd_pages_total{state="refused",why="robots"}': 1,
        'storyd_pages_total{state="failed",why="status"}': 1}


def test_the_machine_shows_them(press):
    text = re.sub(r"<[^>]*>", " ", Site(press.room).get("/machine").body.decode())
    group = re.sub(r"\s+", " ", text[text.index("Pages"):text.index("Memory and time")])
    for words in "Waiting 1 ", "Read 2 ", "Refused 1 ", "Failed 1 ", "Today 4 of 20000":
        assert words in group


def marks(html, url):
    """Its headline and what stands behind, up to what it is a copy of."""
    line = re.search(r'href="%s".*?</p>' % re.escape(url), html, re.S)[0]
    return re.sub(r"<[^>]*>", "", line).split(", same text as ")[0]


def test_the_page_of_an_event_and_show_mark_its_articles(build, press):
    number = press.article_of(press.urls[READ])["event"]
    html = Site(press.room).get("/event/%d" % number).body.decode()
    shown = storyctl(build, "show", "--db", press.room.store, number).stdout
    line = {i: next(x for x in shown.splitlines() if re.match(r" +%d .* %s" % (press.article_of(u)["id"], re.escape(TITLES[i])), x))
            for i, u in enumerate(press.urls)}
    assert ", by Ada Lind" in marks(html, press.urls[READ]) and line[READ].endswith("  [by Ada Lind]")
    assert marks(html, press.urls[WALLED]).endswith(", paywall") and line[WALLED].endswith("  [paywall]")
    assert marks(html, press.urls[FORBIDDEN]).endswith(", page refused")
    assert 'title="not fetched: its site&#39;s robots.txt disallows it"' in html
    assert line[FORBIDDEN].endswith("  [page not fetched: its site's robots.txt disallows it]")
    assert marks(html, press.urls[GONE]).endswith(", page not read")
    assert line[GONE].endswith("  [page failed: the server has no such page]")
    assert not re.search(r"page|paywall|, by", marks(html, press.urls[BUSY])) and not re.search(r"\[(page|paywall|by)", line[BUSY])


def test_the_pages_of_an_event_that_somebody_looks_at_are_asked_for(build):
    """Of one publisher, which would not be; to ask whether it is there is not to look."""
    with Press(build, 1) as press:
        url = press.article(0, "/heron", "Heron colony abandons flooded willow marsh", "No nests.",
                            page("Herons", [LEAD] + BODY))
        press.room.start()
        press.room.wait_articles(1)
        site, event = Site(press.room), press.article_of(url)["event"]
        assert site.ask("HEAD", "/event/%d" % event).status == 200
        assert site.get("/api/v1/events/%d" % event).status == 200
        time.sleep(1)
        assert not press.asked(0, "/heron") and not press.pages()
        assert site.get("/event/%d" % event).status == 200
        press.wait_pages(1)
        assert len(press.asked(0, "/heron")) == 1 and press.article_of(url)["page"]["state"] == "read"
        press.room.sound()
