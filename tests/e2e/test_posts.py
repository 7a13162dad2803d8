"""Posts of social feeds: which event each is of, and that they count for nothing."""
import html
import json
import subprocess

import pytest
from newsroom import CONFIG, Newsroom, Replay, articles, item, lines_of, records, rss, storyctl
from web import Site

TITLE = "Acme Rail signs tunnel pact with Orlan ministry"
NEWS = {
    "gazette.example": (TITLE, "Acme Rail will dig the Sefton tunnel for the ministry of Orlan, chief executive Mira Dahl "
                               "said on Tuesday. The contract is worth 90 million crowns."),
    "post.example": ("Orlan ministry gives Sefton tunnel to Acme Rail",
                     "The ministry of Orlan has chosen Acme Rail to dig the Sefton tunnel for 90 million crowns, its chief "
                     "executive Mira Dahl said on Tuesday.")}
OTHER = ("Heron colony abandons flooded willow marsh", "Biologists counted no nests at all in the flooded willows.")
POSTS = [  # author, text, what makes it a post of the event
    ("ada@talk.example", "Great news for commuters! https://gazette.example/pact?utm_source=talk", "link"),
    ("ben@talk.example", 'Finally: "%s". I love it, this is wonderful.' % TITLE, "title"),
    ("cem@talk.example", "Acme Rail to dig the Sefton tunnel for the Orlan ministry, says Mira Dahl. 90 million crowns?! "
                         "I am worried about the risk for the budget.", "engine"),
    ("dee@talk.example", "I doubt it will ever open. https://post.example/pact", "link"),
    ("eli@talk.example", "A horrible, dangerous plan. https://gazette.example/pact", "link"),
    ("fay@talk.example", "My cat is asleep on the keyboard again.", None),
]


def posts(entries, host="talk.example"):
    return rss(["<item><guid isPermaLink='false'>p%d</guid><link>https://%s/@%s/%d</link><author>@%s</author>"
                "<description>%s</description></item>" % (
                    i, host, author.split("@")[0], i, author,
                    text.replace("&", "&amp;").replace("<", "&lt;")) for i, (author, text, _) in enumerate(entries)],
               title="Posts", link="https://%s/tags/rail" % host)


def news():
    for host, (title, text) in NEWS.items():
        yield host, rss([item("https://%s/pact" % host, title, text=text)]), {"url": "https://%s/rss" % host}
    yield "marsh", rss([item("https://marsh.example/herons", OTHER[0], text=OTHER[1])])


@pytest.fixture
def replay(build, tmp_path):
    return Replay(build, tmp_path)


def told(replay):
    """The event that all is about."""
    return next(e for e in replay.events() if "Acme" in e["title"])


def test_posts_join_by_link_title_and_words_and_count_for_nothing(replay):
    replay.add(*news())
    before = told(replay)
    replay.add(("talk", posts(POSTS), {"social": True}))
    event, kept = told(replay), records(replay.store, "posts")
    assert [p["why"] for p in kept.values()] == [why for _, _, why in reversed(POSTS) if why]
    assert all(p["event"] == event["id"] and p["seen"] >= p["time"] for p in kept.values())
    assert {p["handle"] for p in kept.values()} == {"@" + author for author, _, why in POSTS if why}
    linked = {p["text"].split("https://")[1].split("/")[0] for p in kept.values() if p["why"] == "link"}
    assert linked == set(NEWS) and all((p["article"] is None) == (p["why"] == "engine") for p in kept.values())
    for field in ("source_count", "article_count", "report_count", "sources", "updated", "seq", "score", "title", "feeds"):
        assert event[field] == before[field], field
    assert event["post_count"] == 5 and before["post_count"] == 0 and before["sentiment"] is None
    assert event["sentiment"]["posts"] == 5 and event["sentiment"]["quotes"]
    assert len(replay.articles()) == 3 and len(replay.events()) == 2
    assert all(e["post_count"] == 0 for e in replay.events() if e["id"] != event["id"])
    changes = [c for c in records(replay.store, "changes").values() if c["kind"] == "posted"]
    assert [(c["event"], c["post"]) for c in changes] == [(event["id"], n) for n in kept]


def test_a_post_that_is_listed_again_is_known_and_its_edit_replaces_it(replay):
    replay.add(*news())
    replay.add(("talk", posts(POSTS), {"social": True}))
    replay.add(("talk", posts(POSTS), {"social": True}))
    before = records(replay.store, "posts")
    assert len(before) == 5
    changed = [(a, t.replace("Great", "Terrible"), w) for a, t, w in POSTS]
    replay.add(("talk", posts(changed), {"social": True}))
    kept = records(replay.store, "posts")
    assert len(kept) == 5 and any(p["text"].startswith("Terrible news") for p in kept.values())
    assert [list(p) for p in kept.values()] == [list(p) for p in before.values()]  # no field of another kind of record


def test_a_post_that_comes_before_its_news_joins_once_that_is_there(replay):
    replay.add(("talk", posts(POSTS), {"social": True}))
    assert not records(replay.store, "posts") and not replay.events()
    replay.add(*news())
    replay.add(("talk", posts(POSTS), {"social": True}))
    assert told(replay)["post_count"] == 5


def test_posts_of_a_merged_event_go_along(replay):
    apart = list(news())
    replay.add(apart[0], apart[2])
    replay.add(("talk", posts(POSTS[:1] + POSTS[3:4]), {"social": True}))
    assert told(replay)["post_count"] == 1
    replay.add(apart[1])
    replay.add(("talk", posts(POSTS), {"social": True}))
    event = told(replay)
    assert event["source_count"] == 2 and event["post_count"] == 5


def test_a_feed_that_is_declared_later_keeps_its_articles(replay):
    feed = rss([item("https://talk.example/@ada/1", "Ada of Brisa paints the harbour of Orlan in blue")])
    replay.add(("talk", feed))
    replay.add(("talk", feed, {"social": True}))
    assert len(replay.articles()) == 1 and not records(replay.store, "posts")


def test_the_daemon_polls_them_and_serves_them(build):
    with Newsroom(build) as room:
        for host, (title, text) in NEWS.items():
            room.feed("/" + host, rss([item("https://%s/pact" % host, title, text=text)]))
        room.start()
        room.wait_articles(2)
        room.social("/talk", posts(POSTS))
        room.reload()
        kept = room.wait(lambda: (p := room.records("posts")) and len(p) == 5 and p, "five posts")
        number = next(iter(kept.values()))["event"]
        site = Site(room)
        answer = site.get("/api/v1/events/%d/posts?limit=3" % number).json()
        rest = site.get("/api/v1/events/%d/posts?cursor=%s" % (number, answer["next"])).json()
        assert answer["posts"] + rest["posts"] == list(kept.values()) and rest["next"] is None
        listed = lines_of(storyctl(build, "posts", "--db", room.store, "--json", str(number)))
        assert [json.loads(line) if isinstance(line, str) else line for line in listed] == list(kept.values())
        said = records(room.store, "events")[number]["sentiment"]
        assert said["overall"] and [q["stance"] for q in said["quotes"]]
        page = site.get("/event/%d" % number).body.decode()
        shown = storyctl(build, "show", "--db", room.store, str(number)).stdout
        feed = html.unescape(site.get("/feed.json").body.decode())
        for told_by in page, shown, feed:
            assert said["overall"] in told_by
            assert all(q["text"].split("?")[0] in html.unescape(told_by) for q in said["quotes"])
        table = storyctl(build, "posts", "--db", room.store, str(number))
        assert table.returncode == 0 and "@ada@talk.example" in table.stdout and "engine" in table.stdout
        assert len(room.records("articles")) == 2
        room.daemon.kill()
        room.start()
        assert room.records("posts") == kept
        room.sound()


def test_a_list_that_says_neither_yes_nor_no_is_told(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(1)))
        room.write_list('<opml version="2.0"><body><outline type="rss" text="a" xmlUrl="%s" storyd:social="maybe"/>'
                        '</body></opml>' % room.url("/a.xml"))
        room.daemon.write_config(CONFIG % room.options)
        result = subprocess.run([build / "storyd", "-n", "-c", room.daemon.config_path], capture_output=True,
                                text=True)
        assert result.returncode and "invalid storyd:social" in result.stderr and "yes or no" in result.stderr
