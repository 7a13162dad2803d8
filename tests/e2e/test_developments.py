"""How a large event went on: its chapters in the record, on the page and in `storyctl show`."""
import html
import re
import time

import pytest
from newsroom import Newsroom, item, rss, storyctl
from web import Site

HOUR = 3600
# publisher, hours after the first, title, text
TOLD = [
    ("gazette", 0, "Dockers of Port Lumen strike over wages and night shifts",
     "Dockers of Port Lumen went on strike on Monday over wages and night shifts, union leader Ilona Brandt said."),
    ("post", 1, "Ilona Brandt calls dockers of Port Lumen to strike over wages",
     "Union leader Ilona Brandt called the dockers of Port Lumen to strike over wages and night shifts."),
    ("herald", 2, "Port Lumen dockers strike: union leader Ilona Brandt on wages and night shifts",
     "Wages and night shifts left the dockers of Port Lumen no choice but to strike, Ilona Brandt said."),
    ("bulletin", 3, "Wages and night shifts drive dockers of Port Lumen into strike",
     "The dockers of Port Lumen strike over wages and night shifts, said union leader Ilona Brandt."),
    ("post", 18, "Crane falls on strike of Port Lumen dockers: 16 killed",
     "At least 16 people were killed when a crane fell on the strike picket of the dockers of Port Lumen."),
    ("gazette", 19, "Fallen crane kills dockers on strike at Port Lumen, rescuers search rubble",
     "A crane fell on the picket of dockers on strike at Port Lumen, and rescuers search the rubble."),
    ("herald", 20, "Rescuers search rubble of crane that fell on Port Lumen dockers' strike picket",
     "Rescuers search the rubble of the crane that fell on dockers on strike at Port Lumen."),
    ("post", 22, "Crane on Port Lumen dockers' strike: 22 killed, rescuers search rubble",
     "The crane that fell on the strike picket killed 22 people, and rescuers search the rubble at Port Lumen."),
    ("bulletin", 23, "Gust felled crane on strike picket, say rescuers of Port Lumen dockers",
     "A gust felled the crane on the picket of dockers on strike, rescuers in the rubble of Port Lumen said."),
    ("gazette", 40, "Ministry and dockers of Port Lumen sign agreement to end strike, inspectors come",
     "The ministry signed an agreement with the dockers of Port Lumen that ends the strike and sends inspectors."),
    ("herald", 41, "Agreement ends strike of Port Lumen dockers, ministry sends inspectors",
     "Dockers of Port Lumen end their strike under an agreement with the ministry, which sends inspectors."),
    ("post", 42, "Ministry agreement with Port Lumen dockers: strike ends, inspectors begin",
     "The ministry and the dockers of Port Lumen signed an agreement: the strike ends and inspectors begin."),
    ("bulletin", 43, "Dockers of Port Lumen end strike, ministry signs agreement on inspectors",
     "The agreement that the ministry signed on inspectors ends the strike of the dockers of Port Lumen."),
]


@pytest.fixture(scope="module")
def room(build):
    begin = time.time() - 50 * HOUR
    with Newsroom(build) as room:
        room.aggregator("/wire.xml", rss(
            [item("https://%s.example/%d" % (name, n), title, text=text, date=begin + hours * HOUR)
             for n, (name, hours, title, text) in enumerate(TOLD)]))
        room.start()
        room.wait_articles(len(TOLD))
        yield room


@pytest.fixture(scope="module")
def event(build, room):
    """All in one event, wherever the engine saw the story end."""
    while len(several := sorted(room.events())) > 1:
        merged = storyctl(build, "merge", "--db", room.store, "--who", "Ada", *several[:2])
        assert merged.returncode == 0, merged.stderr
    [event] = room.events().values()
    return event


def test_an_event_reads_as_chapters(room, event):
    chapters = event["developments"]
    articles = {n: a["title"] for n, a in room.records("articles").items()}
    told = [{articles[n] for n in c["articles"]} for c in chapters]
    titles = [title for _, _, title, _ in TOLD]
    assert told == [set(titles[9:]), set(titles[4:9]), set(titles[:4])]
    for chapter, titles in zip(chapters, told):
        assert chapter["title"] == articles[chapter["article"]] and chapter["title"] in titles
        assert chapter["url"].startswith("https://%s/" % chapter["source"])
        assert len(chapter["sources"]) == 4 and chapter["from"] < chapter["until"]
        assert all(n["article"] in chapter["articles"] for n in chapter["new"])
    grown = [n for c in chapters for n in c["new"] if "was" in n]
    assert [(n["was"], "22 killed" in n["text"] or "killed 22" in n["text"]) for n in grown] == [("16", True)]


def test_the_page_shows_them_the_newest_first(room, event):
    page = Site(room).get("/event/%d" % event["id"]).body.decode()
    section = page.split('<section class="developments"')[1].split("</section>")[0]
    shown = re.findall(r'<h3 dir="auto"><a href="([^"]+)"[^>]*>([^<]+)</a></h3>', section)
    assert [(html.unescape(u), html.unescape(t)) for u, t in shown] == [(c["url"], c["title"]) for c in event["developments"]]
    for chapter in event["developments"]:
        for new in chapter["new"]:
            assert new["text"] in html.unescape(section)
    assert "which had reported <bdi>16</bdi> before" in section


def test_show_prints_them(build, room, event):
    out = storyctl(build, "show", "--db", room.store, event["id"]).stdout
    section = out.split("\nDEVELOPMENTS\n")[1].split("\n\n")[0]
    places = [section.index(c["title"]) for c in event["developments"]]
    assert places == sorted(places) and ", before 16)" in section


def test_feeds_tell_them(room, event):
    feed = Site(room).get("/feed.json?limit=200").json()
    told = next(i["content_html"] for i in feed["items"] if i["id"].endswith("/%d" % event["id"]))
    assert all(c["title"] in html.unescape(told) for c in event["developments"])
    assert all(n["text"] in html.unescape(told) for c in event["developments"] for n in c["new"])
