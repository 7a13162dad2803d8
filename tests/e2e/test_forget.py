"""Texts that are removed on request: from the records, the files, what events say, and for good."""
import json

import pytest
from newsroom import Newsroom, item, records, rss, storyctl
from web import Site

FERRY = "Ferry Halden Star runs aground off Sorrel Islands"
REPORT = ("The ferry Halden Star struck a reef off the Sorrel Islands on Tuesday night with 312 people aboard. "
          "Lifeboats from Port Ashby brought everybody ashore before dawn.")
SECRET = ("A stoker named Quellwyn said that the ferry Halden Star had left the marked channel off the Sorrel "
          "Islands to save 40 minutes. Quellwyn told the harbour master of Sorrel about 3 earlier groundings.")


def public_texts(room):
    """All that readers of the store and of the API see."""
    out = [json.dumps(r) for name in ("events", "articles", "changes", "pages") for r in room.records(name).values()]
    return "\n".join(out + [room.site.get(p).body.decode() for p in ("/", "/event/1", "/feed.atom", "/feed.json")])


@pytest.fixture
def room(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss([item("https://kestrel.example/1", FERRY, "1", REPORT)], title="Kestrel"))
        room.feed("/b.xml", rss([item("https://tribune.example/1", FERRY + ", a stoker says", "1", SECRET,
                                      more="<author>Ann Author</author>"),
                                 item("https://tribune.example/2", "Bakery recalls walnut loaves of Quellwyn street", "2",
                                      "The bakery in Quellwyn street recalls 900 loaves.")], title="Tribune"))
        room.start()
        room.wait_articles(3)
        room.site = Site(room)
        yield room
        room.sound()


def of_tribune(room, n):
    return next(a for a in room.records("articles").values() if a["url"].endswith("tribune.example/%d" % n))


def test_an_articles_text_goes_at_once_and_does_not_come_back(room, build):
    article = of_tribune(room, 1)
    event = room.records("events")[article["event"]]
    assert event["source_count"] == 2 and "Quellwyn" in json.dumps(event)
    done = storyctl(build, "forget", "--db", room.store, "--reason", "letter of 3 May", article["id"])
    assert (done.returncode, done.stderr) == (0, "") and "event %d" % event["id"] in done.stdout
    gone = of_tribune(room, 1)
    assert gone["title"] == article["title"] and gone["forgotten"] > 0
    assert [gone[k] for k in ("summary", "text", "author", "image", "versions")] == [None, None, None, None, []]
    now = room.records("events")[event["id"]]
    assert now["source_count"] == 2 and now["seq"] > event["seq"]
    assert "Quellwyn" not in json.dumps(now) and REPORT.split(".")[0] in json.dumps(now["summary"])
    assert "text removed on request article=%d" % article["id"] in room.daemon.log()
    assert "letter of 3 May" in room.daemon.log()

    # its feed sends it again, edited
    room.web.set("/b.xml", rss([item("https://tribune.example/1", FERRY + ", a stoker claims", "1", SECRET + " More.")],
                               title="Tribune"))
    room.daemon.wait_log("read +feed=.*b.xml new=0 known=1", 30)
    assert room.daemon.stop() == 0
    since = len(room.daemon.lines)
    room.start()
    room.site = Site(room, since)
    assert of_tribune(room, 1)["text"] is None and of_tribune(room, 1)["summary"] is None
    for words in "stoker named", "40 minutes", "harbour master", "Ann Author":
        assert words not in public_texts(room)


def test_all_articles_of_a_feed(room, build):
    feed = of_tribune(room, 1)["feed"]
    done = storyctl(build, "forget", "--db", room.store, "--feed", feed)
    assert done.returncode == 0, done.stderr
    room.daemon.wait_log("the texts of a feed's articles are removed", 30)
    room.wait(lambda: all(of_tribune(room, n).get("forgotten") for n in (1, 2)), "both articles")
    assert of_tribune(room, 1)["forgotten"] and "40 minutes" not in public_texts(room)
    assert "900 loaves" not in public_texts(room)
    kept = next(a for a in records(room.store, "articles").values() if "kestrel" in a["url"])
    assert kept["summary"] == REPORT


def test_what_cannot_be_forgotten_is_refused(room, build):
    for args, told in ((["9"], "no article 9"), (["--feed", "9"], "no feed 9")):
        done = storyctl(build, "forget", "--db", room.store, *args)
        assert done.returncode == 1 and told in done.stderr
    assert storyctl(build, "forget", "--db", room.store, "x").returncode == 2
    for body, status in ((b"{", 400), (b'{"who":"a"}', 422), (b'{"article":1,"feed":1,"who":"a"}', 422),
                         (b'{"article":1}', 422), (b'{"artcle":1,"feed":1,"who":"a"}', 422)):
        assert room.site.ask("POST", "/api/v1/forget", body, Content_Type="application/json").status == status
    assert not any("forgotten" in a for a in room.records("articles").values())
