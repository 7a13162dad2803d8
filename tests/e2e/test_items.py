"""Items as nobody should write them: nothing is doubled, nothing lost, and nothing of what they hold
reaches a terminal, a log or JSON as anything but text."""
import json
import re
import unicodedata
import urllib.parse

import pytest
from newsroom import Newsroom, articles, item, lines_of, rss, storyctl
from web import Site

# What a terminal would obey, or a reader would be fooled by: controls, changes of writing direction.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
NASTY = ("Heron colony <script>alert(1)</script> abandons \x1b[31mflooded\x1b]0;x\x07 willow\u202egnp.exe"
         "\u202c marsh \u2066\u200f\u009b2J \"quoted\" \\ 'and' & <b>bold</b> \u0085 end")
# A feed cannot have all of these as they are: XML refuses some, so they come by reference too.
REFERENCES = "&#27;[2J &#x9b;31m &#8238;txt.exe &#0; &#7; &lt;img src=x onerror=alert(1)&gt; &amp;lt;i&amp;gt;"


@pytest.fixture
def room(build):
    with Newsroom(build, interval="1h") as r:
        yield r


def cdata(text):
    return "<![CDATA[%s]]>" % text


def test_no_output_holds_more_than_text(room):
    """In titles, authors, sources, categories, summaries, the feed's own name, and its errors."""
    nasty = ('<item><title>%s</title><link>https://a.example/1</link><author>%s</author>'
             '<source url="http://s.example/">%s</source><category>%s</category>'
             '<description>%s</description><guid>%s</guid></item>' % ((cdata(NASTY),) * 6))
    other = ('<item><title>Senator %s proposes royalty bill</title><link>https://a.example/2?%s</link>'
             '</item>' % (REFERENCES, "a=\u202e&#27;"))
    document = rss([nasty, other], title="PLACE").replace(b"PLACE", cdata(NASTY).encode())
    room.feed("/a.xml", document, headers={"ETag": '"\x1b[31m"'})
    room.feed("/b.xml", b"", 302, {"Location": "/\u202e\x1b[31m".encode().decode("latin-1")})
    room.start()
    room.wait_articles(2)
    room.wait_feed("/b.xml", lambda r: r["errors"])
    events = lines_of(storyctl(room.build, "list", "--db", room.store, "--json"))
    assert events
    outputs = [room.daemon.log()]
    for command in (["list"], ["feeds"], ["feeds", "show", "1"], ["export"], ["stats"],
                    *(["show", "--why", str(event["id"])] for event in events)):
        result = storyctl(room.build, *command[:2 if command[0] == "feeds" else 1], "--db", room.store,
                          *command[2 if command[0] == "feeds" else 1:])
        assert result.returncode == 0, (command, result.stderr)
        if command == ["export"]:
            assert all(json.loads(line) for line in result.stdout.splitlines())
        else:
            outputs.append(result.stdout + result.stderr)
    for output in outputs:
        found = UNSAFE.search(output)
        assert not found, (output[max(0, found.start() - 60):found.end() + 20], found[0])
    for event in events:
        assert "<script" not in event["title"] and "<b>" not in event["title"], event["title"]
    for article in room.records("articles").values():
        controls = re.findall(r"\\u00[01][0-9a-f]|\\u00[7-9][0-9a-f]", json.dumps(article))
        assert not controls, article


def test_texts_are_composed_and_addresses_are_not(room):
    """One headline with its letters in one piece and in two (Jamo, accents apart, references) is told
    once, and kept and shown in NFC. An address that is written in two pieces is asked for so."""
    title, text = "철도 노조 항구 파업 전격 철회 배경", "Das Gerücht über die Brücke ist größer als der Fluß."
    apart = unicodedata.normalize("NFD", title)
    assert apart != title
    address = "https://b.example/" + unicodedata.normalize("NFD", "é")
    room.feed("/a.xml", rss([item("https://a.example/1", title, text=text)], title="Bote"))
    room.feed("/b.xml", rss([item(address, apart, guid=unicodedata.normalize("NFD", "ü"),
                                  text=text.replace("ü", "u&#x308;"), more="<category>Bru\u0308cken</category>")],
                            title="Ku\u0308stenblatt"))
    room.start()
    room.wait_articles(2)
    events = lines_of(storyctl(room.build, "export", "--db", room.store))
    assert [(e["title"], len(e["articles"])) for e in events] == [(title, 2)]
    b = next(a for a in events[0]["articles"] if "b.example" in a["url"])
    assert b["summary"] == text and b["categories"] == ["Brücken"] and b["title"] == title
    assert b["url"] in (address, "https://b.example/e%CC%81")
    for form in "NFC", "NFD":
        query = urllib.parse.quote(unicodedata.normalize(form, "항구"))
        assert title in Site(room).get("/feed.json?q=" + query).body.decode(), form


def test_one_guid_for_all(room):
    """It says nothing, then: the addresses tell the items apart."""
    room.feed("/a.xml", rss(articles(8, guid=False)).replace(b"</item>", b"<guid>same</guid></item>"))
    room.start()
    room.wait_articles(8)
    room.sound()


def test_guids_that_change_at_each_poll(build):
    polls = iter(range(1000))

    def document(_):
        n = next(polls)
        return rss([item("https://a.example/%d" % i, "Heron colony %d abandons marsh %d" % (i, i * 7),
                         guid="g%d-%d" % (n, i)) for i in range(5)], title="Poll %d" % n)
    with Newsroom(build) as room:
        room.feed("/a.xml", document)
        room.start()
        room.wait_articles(5)
        room.wait_feed("/a.xml", lambda r: r["polls"] >= 3)
        room.wait_articles(5)
        room.sound()


def test_dates_that_cannot_be_do_not_lose_or_hold_an_article(room):
    dates = ["Thu, 01 Jan 1970 00:00:00 GMT", "2099-12-31T00:00:00Z", "9999-12-31T23:59:59Z", "soon",
             "0000-00-00T00:00:00Z", None, "-1", "Mon, 31 Feb 2020 00:00:00 GMT"]
    words = articles(len(dates), guid=False)
    room.feed("/a.xml", rss([a.replace("</item>", "<pubDate>%s</pubDate></item>" % d if d else "</item>")
                             for a, d in zip(words, dates)]))
    room.start()
    found = room.wait_articles(len(dates))
    newest = max(a["seen"] for a in found)
    assert all(a["published"] is None or a["published"] <= newest for a in found), \
        [(a["title"], a["published"], a["seen"]) for a in found]


def test_the_same_item_in_two_feeds_is_one_article(room):
    """By its address, however it is tracked, and with another guid."""
    room.feed("/a.xml", rss([item("https://a.example/1?utm_source=x", "Heron colony abandons marsh",
                                  guid="one")]))
    room.feed("/b.xml", rss([item("https://a.example/1?fbclid=y", "Heron colony abandons marsh", guid="two")]))
    room.start()
    room.wait_feed("/b.xml", lambda r: r["polls"])
    room.wait_feed("/a.xml", lambda r: r["polls"])
    (article,) = room.wait_articles(1)
    assert article["url"] == "https://a.example/1"


def test_ten_thousand_items_at_once(room):
    """All of them, once, while another feed is read beside it."""
    n = 2000 if room.build.name == "asan" else 10000
    room.feed("/long.xml", rss([item("https://a.example/%d" % i, "w%da w%db w%dc w%dd" % (i, i, i, i))
                                for i in range(n)]))
    room.feed("/short.xml", rss(articles(3)))
    room.start()
    room.daemon.wait_for(lambda: (room.feed_record("/long.xml") or {}).get("articles") == n, 120,
                         "%d articles" % n)
    assert room.feed_record("/short.xml")["articles"] == 3
    assert len({a["url"] for a in room.records("articles").values()}) == n + 3
    room.sound()
