"""Honest counts: publishers, independent reports, whose text it is, and when each came."""
import re

import pytest
from newsroom import SUBJECTS, Newsroom, Replay, item, opml, records, rss, scratch, storyctl
from web import Site


@pytest.fixture
def replay(build):
    with scratch() as directory:
        yield Replay(build, directory)


WIRE = ("The ferry Halden Star ran aground on a reef off the Sorrel Islands on Tuesday night with 312 people "
        "aboard, and all were brought ashore by fishing boats before the morning tide, the coastguard said. "
        "Eleven were treated for cuts and cold in the hospital of Port Sorrel.")
OWN = ("Fishermen of Port Sorrel tell how they took the passengers of the Halden Star from her decks in the dark, "
       "boat after boat, while she lay on the reef with a list of twenty degrees and her lights went out.")
TITLE = "Ferry Halden Star runs aground off Sorrel Islands, all 312 aboard safe"


def story(publisher, title=TITLE, text=WIRE, more="", **rest):
    return (publisher, rss([item("https://www.%s.example/news/1" % publisher, title, "1", text, more=more, **rest)],
                           title=publisher, link="https://www.%s.example/" % publisher))


# ---- publishers ----------------------------------------------------------------------------------

HOME = "https://www.kestrel.example/news/1"
GOOGLE_NEWS = "https://news.google.com/rss/articles/CBMiImh0dHBzOi8vd3d3Lmtlc3RyZWwuZXhhbXBsZS9uZXdzLzHSAQA?oc=5"


@pytest.mark.parametrize("link, more", [
    (GOOGLE_NEWS, '<source url="https://www.kestrel.example">Kestrel</source>'), (GOOGLE_NEWS, ""),
    ("https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fwww.kestrel.example%2Fnews%2F1&ct=ga", ""),
    ("http://feedproxy.google.com/~r/kestrel/~3/x/",
     '<feedburner:origLink xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">%s</feedburner:origLink>' % HOME),
    ("http://feedproxy.google.com/~r/kestrel/~3/x/", '<guid isPermaLink="true">%s</guid>' % HOME),
    ("http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fwww.kestrel.example%2fnews%2f1&c=1", ""),
    ("https://www-kestrel-example.cdn.ampproject.org/c/s/www.kestrel.example/news/1", ""),
    ("https://www.google.com/amp/s/www.kestrel.example/news/1/amp", ""),
    ("https://amp.kestrel.example/news/1?amp=1", ""), ("http://kestrel.example/news/1?utm_source=feedly&utm_medium=rss", ""),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.kestrel.example%2Fnews%2F1%3Ffbclid%3Da&h=b", ""),
])
def test_a_transport_is_seen_through(replay, link, more):
    """The paper's own feed and another's link to the same page are one article of one publisher."""
    replay.add(story("kestrel"))
    replay.add(("transport", rss([item(link, TITLE, None if "<guid" in more else "t1", WIRE, more=more)],
                                 title="A reader's page", link="https://news.google.com/")))
    [event], [article] = replay.events(), replay.articles()
    assert (event["source_count"], event["article_count"]) == (1, 1)
    assert article["source"]["domain"] == "kestrel.example" and len(article["also_in"]) == 1


def test_a_transport_that_hides_the_page_still_tells_the_publisher(replay):
    opaque = "https://news.google.com/rss/articles/CBMiSEFVX3lxTE1fb3BhcXVl?oc=5"
    replay.add(story("kestrel"))
    replay.add(("google", rss([item(opaque, TITLE + " - Kestrel", "g1", WIRE,
                                    more='<source url="https://www.kestrel.example">Kestrel</source>')],
                              title="Google News", link="https://news.google.com/"),
                {"url": "https://news.google.com/rss/search?q=ferry"}))
    [event] = replay.events()
    assert (event["source_count"], event["article_count"], event["report_count"]) == (1, 2, 1)


def test_hostnames_feeds_and_families_of_a_publisher_are_one_source(replay):
    for i, host in enumerate(["www.bbc.co.uk", "news.bbc.co.uk", "www.bbc.com", "bbc.in"]):
        replay.add(("feed%d" % i, rss([item("https://%s/news/%d" % (host, i), FERRY[i % 3], str(i), WIRE)],
                                      title="Feed %d" % i, link="https://%s/" % host)))
    [event] = replay.events()
    assert (event["source_count"], event["article_count"]) == (1, 4)
    assert event["sources"][0]["domain"] == "bbc.co.uk"


# ---- reports -------------------------------------------------------------------------------------

@pytest.mark.parametrize("one, other", [
    ("https://ann.substack.com/p/ferry", "https://bob.substack.com/p/ferry"),
    ("https://medium.com/@ann/ferry-1", "https://bob.medium.com/ferry-1"),
    ("https://buttondown.email/ann/archive/ferry", "https://buttondown.com/bob/archive/ferry"),
    ("https://www.reddit.com/r/ferries/comments/1/ferry/", "https://old.reddit.com/r/islands/comments/2/ferry/"),
    ("https://social.example/@ann/112233445566778899", "https://social.example/@bob/112233445566778899"),
    ("https://twitter.com/ann/status/1", "https://x.com/bob/status/1"),
])
def test_accounts_on_a_platform_are_publishers(replay, one, other):
    """By their addresses, whatever they are called."""
    for link in (one, other):
        replay.add((link[-40:], rss([item(link, TITLE, link, WIRE)], title="My letter", link=link)))
    [event] = replay.events()
    assert (event["source_count"], event["article_count"]) == (2, 2)


def test_a_channels_feed_names_it_and_a_title_makes_nobody_a_known_paper(replay):
    """Links to films show no channel: the feed's site does. Who is called as a paper is not the paper."""
    for n, site in enumerate(("channel/UCann", "channel/UCbob")):
        replay.add(("tube%d" % n, rss([item("https://www.youtube.com/watch?v=%d" % n, TITLE, "v", WIRE)],
                                      title="BBC News", link="https://www.youtube.com/" + site)))
    replay.add(story("kestrel", title=TITLE))
    [event] = replay.events()
    assert {s["domain"] for s in event["sources"]} == {
        "youtube.com/channel/ucann", "youtube.com/channel/ucbob", "kestrel.example"}


def test_a_wire_text_counts_once_and_each_copy_names_the_first(replay):
    cut = WIRE.replace("on Tuesday night ", "").replace(", the coastguard said", "")
    replay.add(story("kestrel"), story("harbour", "All safe as ferry Halden Star runs aground off Sorrel Islands"),
               story("gazette", text=cut), story("lantern", text=OWN))
    [event] = replay.events()
    assert (event["source_count"], event["article_count"], event["report_count"]) == (4, 4, 2)
    assert [a["copy_of"] for a in replay.articles()] == [None, 1, 1, None]


def test_an_agency_is_credited_and_its_text_may_be_cut_more(replay):
    half = WIRE[:WIRE.index(", and all")]
    first = half + ". Divers are to look at her hull at low water, the owners told the harbour office on Wednesday."
    second = half + ". Her sister ship takes over the night crossing until spring, said a notice at the quay in Varn."
    replay.add(story("kestrel", text="VARN (AP) \u2014 " + first),
               story("harbour", text=second, more="<author>The Associated Press</author>"),
               story("lantern", text=second + " (dpa)"))
    assert [a["agency"] for a in replay.articles()] == ["AP", "AP", "dpa"]
    assert replay.articles()[1]["copy_of"] == 1  # two fifths are enough for one agency's
    [event] = replay.events()
    assert event["source_count"] == 3


def test_who_credits_nobody_has_no_agency(replay):
    replay.add(story("kestrel", text="The ferry ran aground, Reuters reported on Tuesday, and all were saved."))
    assert [a["agency"] for a in replay.articles()] == [None]


# No words of grammar in any language: only the feed tells theirs.
SHARED = ("Halden Star ferry aground, Sorrel reef, 312 passengers rescued overnight, Port Sorrel hospital treats eleven "
          "passengers, coastguard boats, fishing boats. ")
OWNS = [("Ferry Halden Star aground, Sorrel reef, 312 passengers rescued",
         ["Varn Lines owners silent, inquiry opens Wednesday, divers examine torn hull plates, ",
          "sister ship Kalmo takes night crossing, tickets refunded, ", "winter timetable printed."]),
        ("Halden Star: passengers safe, eleven treated, Port Sorrel",
         ["Mayor thanks fishermen, schools closed, blankets collected, church bells, ",
          "lighthouse keeper recalls storm, insurers send experts, ", "salvage tug sails."]),
        ("Sorrel reef rescue: 312 safe, inquiry into Halden Star opens",
         ["Owners silent, inquiry opens Wednesday, fishermen thanked, ", "salvage tug sails, divers examine hull, ",
          "schools closed."])]


def test_copies_that_come_together_by_a_merge_count_once(build):
    """Two languages are two events, until storyd is told to mix them and a third telling makes them
    one; then the agency's text in both is one report, and a restart finds it so. How much of their own
    they may say and still become one is the models' affair; so it is looked for."""
    for sentences in (3, 2, 1, 0):
        with Newsroom(build, rest="[engine]\nmix_languages = no\n") as room:
            def tell(i, publisher, lang):
                title, own = OWNS[i % 3]
                body = story(publisher, title, SHARED + "".join(own[:sentences]), "<author>AFP</author>")[1]
                room.feed("/" + publisher, body.replace(b"<language>en<", b"<language>%s<" % lang))

            tell(0, "kestrel", b"hr")
            room.start()
            room.wait_articles(1)
            tell(1, "harbour", b"sl")
            room.reload()
            room.wait_articles(2)
            assert [e["report_count"] for e in room.events().values()] == [1, 1]
            room.daemon.stop()
            room.configure(rest="[engine]\nmix_languages = yes\n")
            tell(2, "gazette", b"sl")
            room.start()
            room.wait_articles(3)
            if len(room.events()) > 1:
                continue
            [event] = room.events().values()
            assert (event["source_count"], event["article_count"], event["report_count"]) == (3, 3, 1)
            assert [a["copy_of"] for a in room.records("articles").values()] == [None, 1, 1]
            room.sound()
            room.daemon.stop()
            tell(0, "lantern", b"hr")
            room.start()
            assert [a["copy_of"] for a in room.wait_articles(4)] == [None, 1, 1, 1]
            assert [e["report_count"] for e in room.events().values()] == [1]
            room.sound()
            return
    pytest.fail("no two events that merge")


# ---- the headline --------------------------------------------------------------------------------

FERRY = [
    "Ferry Halden Star runs aground off Sorrel Islands, all 312 aboard safe",
    "Ferry Halden Star aground off Sorrel Islands, 312 safe",
    "All 312 aboard safe as ferry Halden Star runs aground off Sorrel Islands",
]


@pytest.mark.parametrize("title", [
    "You won't believe how 312 aboard ferry Halden Star got safe off Sorrel Islands",
    "FERRY HALDEN STAR RUNS AGROUND OFF SORREL ISLANDS, ALL 312 ABOARD SAFE",
    "10 things about ferry Halden Star that runs aground off Sorrel Islands",
    "How did the ferry run aground with all 312 aboard safe?",
    "Opinion: ferry Halden Star runs aground off Sorrel Islands, all 312 aboard safe",
])
def test_what_is_no_headline_gives_way_to_one_that_is(replay, title):
    """Though it came first, and its words are all the others'."""
    replay.add(story("lantern", title=title))
    assert [e["title"] for e in replay.events()] == [title]  # where there is no other
    replay.add(story("kestrel", title=FERRY[1], text=OWN + " " + WIRE))
    [event] = replay.events()
    assert event["title"] == FERRY[1] and event["lead"] == 2


def test_what_is_no_headline_never_takes_the_place_of_one(replay):
    replay.add(story("kestrel", title=FERRY[1], text=OWN + " " + WIRE),
               story("lantern", title="FERRY HALDEN STAR RUNS AGROUND OFF SORREL ISLANDS, ALL 312 ABOARD SAFE"),
               story("harbour", title="You won't believe how 312 aboard ferry Halden Star got safe off Sorrel Islands"))
    assert [(e["lead"], e["article_count"]) for e in replay.events()] == [(1, 3)]


def test_a_headline_stays_while_none_is_clearly_better(replay):
    for i, title in enumerate(FERRY):
        replay.add(story("paper%d" % i, title=title))
    [event] = replay.events()
    assert event["title"] == FERRY[0]


MEETING = [
    ("Orlan and Sefton to meet in Varn over Kalmo ferry treaty",
     "Ministers Orlan and Sefton are to talk in Varn about the Kalmo ferry treaty and who pays for the harbour."),
    ("Orlan, Sefton to meet in Varn on Kalmo ferry treaty",
     "A hall in Varn is made ready for Orlan and Sefton, whose Kalmo ferry treaty has waited for two years."),
    ("Orlan and Sefton meet in Varn over Kalmo ferry treaty",
     "In Varn the ministers Orlan and Sefton spoke for three hours about the Kalmo ferry treaty."),
    ("Orlan and Sefton sign Kalmo ferry treaty in Varn",
     "Both Orlan and Sefton put their names to the Kalmo ferry treaty at noon in Varn, to applause."),
    ("Sefton and Orlan agree Kalmo ferry treaty at Varn meeting",
     "Ships will cross daily under the Kalmo ferry treaty that Sefton and Orlan agreed in Varn."),
    ("Orlan hails Kalmo ferry treaty with Sefton after Varn meeting",
     "It is a good day for Kalmo, said Orlan in Varn after the ferry treaty with Sefton was signed."),
]


def test_a_headline_follows_the_news_and_an_edit_of_it(replay):
    """What was to come has come; then the paper whose title speaks writes it anew."""
    for i, (title, text) in enumerate(MEETING):
        replay.add(story("paper%d" % i, title=title, text=text))
    [event] = replay.events()
    assert (event["title"], event["lead"], event["article_count"]) == (MEETING[2][0], 3, 6)
    assert event["summary"] and event["url"] == "https://www.paper2.example/news/1"
    edited = "Orlan and Sefton met in Varn over Kalmo ferry treaty"
    replay.add(story("paper2", title=edited, text=MEETING[2][1]))
    [event] = replay.events()
    assert (event["title"], event["lead"]) == (edited, 3)


# ---- edits ---------------------------------------------------------------------------------------

def test_an_edit_moves_the_headline_and_never_the_number(replay):
    replay.add(story("kestrel", title="Ferry in trouble off Sorrel Islands", text=WIRE))
    replay.add(story("kestrel", title=TITLE, text=WIRE))
    [event], [article] = replay.events(), replay.articles()
    assert (event["id"], event["title"], event["article_count"]) == (1, TITLE, 1)
    [version] = article["versions"]
    assert version["title"] == "Ferry in trouble off Sorrel Islands"
    assert version["since"] == article["seen"] < article["updated"] == event["updated"]


def test_an_edited_article_is_compared_by_what_it_says_now(replay):
    """A first line, then the story under the same guid: another paper's story joins it."""
    replay.add(story("kestrel", title="Breaking: ferry off Sorrel Islands in trouble", text="More soon."))
    replay.add(story("kestrel", text=WIRE))
    replay.add(story("harbour", title="All 312 safe after Halden Star strikes reef", text=OWN + " " + WIRE))
    [event] = replay.events()
    assert (event["id"], event["source_count"]) == (1, 2)
    assert replay.articles()[1]["why"]["probability"] > 0.9


def test_a_copy_that_is_rewritten_becomes_a_report_and_the_other_way(replay):
    replay.add(story("kestrel"), story("harbour"))
    assert [e["report_count"] for e in replay.events()] == [1]
    replay.add(story("harbour", text=OWN))
    assert [a["copy_of"] for a in replay.articles()] == [None, None]
    assert [e["report_count"] for e in replay.events()] == [2]
    replay.add(story("harbour", text="(AFP) - " + WIRE))
    assert [(a["copy_of"], a["agency"]) for a in replay.articles()] == [(None, None), (1, "AFP")]
    assert [e["report_count"] for e in replay.events()] == [1]


# ---- when each source came -----------------------------------------------------------------------

def test_velocity_is_held_against_the_past_and_sources_stand_in_their_order(build, replay):
    """One source at noon and one at two; then three within half an hour, five hours after the first."""
    start = replay.now
    for name, after in [("kestrel", 0), ("harbour", 120), ("gazette", 300), ("lantern", 310), ("tribune", 330)]:
        replay.now = start + after * 60
        replay.add(story(name, date=start + after * 60))
    [event] = replay.events()
    assert [(s["name"], s["first"] - start) for s in event["sources"]] == [
        ("kestrel", 0), ("harbour", 7200), ("gazette", 18000), ("lantern", 18600), ("tribune", 19800)]
    assert (event["first_seen"], event["updated"]) == (start, start + 330 * 60)
    assert (event["velocity"], event["velocity_before"]) == (3, 0.44)  # two in four and a half hours
    shown = storyctl(build, "show", "--db", replay.store, event["id"]).stdout
    assert "velocity  3 sources in its last hour, 0.44 an hour before" in shown
    came = shown[shown.index("CAME"):shown.index("ARTICLE  PUBLISHED")]
    assert [line.split()[-1] for line in came.splitlines()[1:] if line.strip()] == [s["name"] for s in event["sources"]]


def test_an_event_of_an_hour_has_no_past(replay):
    replay.add(story("kestrel"), step=600)
    replay.add(story("harbour"))
    assert [(e["velocity"], e["velocity_before"]) for e in replay.events()] == [(2, 0)]


def test_show_tells_the_agency(build, replay):
    replay.add(story("kestrel", text="(Reuters) - " + WIRE))
    assert re.search(r"kestrel.*\[Reuters\]", storyctl(build, "show", "--db", replay.store, 1).stdout)


# ---- one feed is one source ----------------------------------------------------------------------

PAPERS = ["kestrel", "harbour", "gazette", "lantern", "tribune", "courier"]


def retold(i):
    return FERRY[i % 3] + ["", " says coastguard", ", eleven hurt"][i // 3 % 3]


@pytest.mark.parametrize("link, more", [
    ("https://www.{0}.example/news/1", ""),
    ("https://evil.example/{0}", '<source url="https://www.{0}.example/rss">{0}</source>'),
    ("https://www.google.com/url?q=https%3A%2F%2Fwww.{0}.example%2F1", ""),
    ("https://{0}.invented-today.example/", ""),
    ("https://www.youtube.com/@{0}/x", "<author>{0}</author>"), ("https://www.reddit.com/r/{0}/1", ""),
])
@pytest.mark.parametrize("home", ["https://evil.example/", "https://news.google.com/", None])
@pytest.mark.parametrize("name", ["evil", "Google News"])
def test_one_feed_is_one_source_whatever_it_contains(replay, link, more, home, name):
    items = [item(link.format(p), retold(i), "g%d" % i, OWN[i * 10:] + WIRE[:100 + i * 20], more=more.format(p))
             for i, p in enumerate(PAPERS)]
    replay.add((name.replace(" ", ""), rss(items[:2], title=name, link=home)),
               (name.replace(" ", ""), rss(items, title=name, link=home)))
    assert max(e["source_count"] for e in replay.events()) == 1
    assert max(e["report_count"] for e in replay.events()) == 1


def test_a_feed_that_names_another_site_each_time_is_one_source(replay):
    """Its site moves as often as it likes: what it brought before counts with what it brings now."""
    for i, paper in enumerate(PAPERS):
        items = [item("https://www.%s.example/%d" % (paper, k), retold(k), "g%d" % k, OWN[k * 10:] + WIRE) for k in range(i + 1)]
        replay.add(("evil", rss(items, link="https://www.%s.example/" % paper)))
    assert {e["source_count"] for e in replay.events()} == {1}


def test_what_a_feed_says_of_others_is_kept_as_claimed(replay):
    replay.add(("evil", rss([item("https://www.kestrel.example/1", TITLE, "1", WIRE)], link="https://evil.example/", title="Evil")))
    [article] = replay.articles()
    assert article["source"] == {"name": "evil", "domain": "evil.example"}
    assert article["claimed"] == {"name": "kestrel.example", "domain": "kestrel.example"}


# ---- names ---------------------------------------------------------------------------------------

def titled(title, site, n=1, **more):
    """A feed as its list and its document call it, with an article of its own on the one story."""
    return (title, rss([item("https://www.%s/%d" % (site, n), retold(n), str(n), OWN[n * 10:] + WIRE)],
                       title=title, link="https://www.%s/" % site), more)


def evil(title, n):
    """One that nobody can deny its own site."""
    return titled(title, "evil.example", n, url="https://evil.example/rss.xml")


def names(replay):
    """How each publisher is called: in the articles, which then agree, and in the events."""
    found = {}
    for record in [a["source"] for a in replay.articles()] + [s for e in replay.events() for s in e["sources"]]:
        found.setdefault(record["domain"], set()).add(record["name"])
    return found


@pytest.mark.parametrize("titles", [
    ("The Kestrel", "the kestrel"), ("The Kestrel - World", "The Kestrel"),
    ("World | The Kestrel", "KESTREL: Sport"), ("The Kestrel", "Latest news - RSS"),
])
def test_a_publisher_has_one_name_however_its_feeds_are_titled(replay, titles):
    """That of the feed subscribed first: parts of the site are left out."""
    replay.add(*(titled(title, "kestrel.example", n) for n, title in enumerate(titles)))
    assert names(replay) == {"kestrel.example": {"The Kestrel"}}


def test_an_event_follows_when_a_better_named_feed_is_subscribed(replay):
    replay.add(titled("Birds of the north", "kestrel.example", 1))
    replay.add(titled("The Kestrel", "kestrel.example", 2))
    assert [s["name"] for e in replay.events() for s in e["sources"]] == ["The Kestrel"]


def test_a_publisher_without_a_feed_has_its_domain_for_a_name_or_what_an_aggregator_calls_it(replay):
    source = '<source url="https://www.kestrel.example">The Kestrel</source>'
    replay.add(("planet", rss([item("https://www.kestrel.example/1", retold(1), "1", WIRE, more=source),
                               item("https://www.osprey.example/1", retold(2), "2", WIRE + OWN)],
                              link="https://planet.example/"), {"aggregator": True}))
    assert names(replay) == {"kestrel.example": {"The Kestrel"}, "osprey.example": {"osprey.example"}}


@pytest.mark.parametrize("title", ["The Kestrel", "THE KESTREL", "News - The Kestrel", "The Kest\u0155el", "The-Kestrel!"])
@pytest.mark.parametrize("first", ["evil.example", "kestrel.example"])
def test_a_title_alone_does_not_take_the_name_of_another_publisher(replay, title, first):
    feeds = [evil(title, 1), titled("The Kestrel - World", "kestrel.example", 2)]
    replay.add(*(feeds if first == "evil.example" else reversed(feeds)))
    replay.add(evil(title, 3))
    last = replay.articles()[-1]["source"]
    assert last == {"name": title.removeprefix("News - ") + " (evil.example)", "domain": "evil.example"}
    assert replay.articles()[0 if first == "kestrel.example" else 1]["source"]["name"] == "The Kestrel"
    [event] = [e for e in replay.events() if e["source_count"] == 2]
    assert len({s["name"] for s in event["sources"]}) == 2


def test_nor_that_of_one_that_only_an_aggregator_carries(replay):
    source = '<source url="https://www.kestrel.example">The Kestrel</source>'
    replay.add(evil("The Kestrel", 1))
    replay.add(("planet", rss([item("https://www.kestrel.example/1", retold(2), "1", WIRE, more=source)],
                              link="https://planet.example/"), {"aggregator": True}),
               evil("The Kestrel", 3))
    assert [a["source"]["name"] for a in replay.articles()[1:]] == ["The Kestrel", "The Kestrel (evil.example)"]


# ---- feeds that speak for others -----------------------------------------------------------------

def test_a_declared_aggregator_speaks_for_many(replay):
    items = [item("https://www.%s.example/1" % p, retold(i), "g%d" % i, OWN[i * 10:] + WIRE) for i, p in enumerate(PAPERS)]
    replay.add(("planet", rss(items, link="https://planet.example/"), {"aggregator": True}))
    [event] = replay.events()
    assert event["source_count"] == len(PAPERS)
    assert {s["domain"] for s in event["sources"]} == {p + ".example" for p in PAPERS}


def test_several_articles_of_a_publisher_are_one_report(replay):
    replay.add(*[("kestrel", rss([item("https://www.kestrel.example/%d" % i, FERRY[i], "g%d" % i, text) for i in range(n)]))
                 for n, text in [(3, OWN)]])
    replay.add(story("harbour", text=OWN[60:] + " Divers go down in the morning."))
    [event] = replay.events()
    assert (event["article_count"], event["source_count"]) == (4, 2) and event["report_count"] <= 2
    assert event["report_count"] == sum(s["reports"] > 0 for s in event["sources"])


MOVED = {"url": "https://feeds.kestrelnews.example/rss"}


def test_a_site_that_moved_is_counted_as_before_and_shown_as_now(replay):
    """The feed is served from the new site, and link and items name it; so does an aggregator."""
    def paper(host, n):
        return ("kestrel", rss([item("https://%s/%d" % (host, i), FERRY[i], "g%d" % i, OWN[i * 9:] + WIRE, date=replay.now - 600)
                                for i in n]), MOVED)
    start = replay.now
    for host, n in [("kestrel.example", [0]), ("kestrelnews.example", [0, 1])]:
        replay.now = start
        replay.add(paper(host, n))
    replay.add(("carrier", rss([item("https://kestrelnews.example/2", FERRY[2], "c", OWN[20:] + WIRE)]), {"aggregator": True}))
    [event], feed = replay.events(), records(replay.store, "feeds")[1]
    assert (event["source_count"], event["article_count"]) == (1, 3)
    assert event["sources"][0]["domain"] == "kestrelnews.example"
    assert (feed["publisher"], feed["publisher_formerly"]) == ("kestrelnews.example", "kestrel.example")


def test_a_feed_that_is_served_from_elsewhere_moves_nowhere(replay):
    replay.add(("harbour", rss([item("https://harbour.example/1", FERRY[1], "h1", OWN)])),
               ("harbour", rss([item("https://www.kestrel.example/1", FERRY[1], "h1", OWN)], link="https://www.kestrel.example/")))
    [feed] = records(replay.store, "feeds").values()
    assert (feed["publisher"], feed["publisher_formerly"]) == ("harbour.example", None)


def test_a_feed_that_names_many_papers_makes_nothing_of_them(replay):
    """Neither sources of its own nor one source of those whom others report of."""
    for i, paper in enumerate(PAPERS):
        replay.add(("evil", rss([item("https://www.%s.example/%d" % (paper, k), SUBJECTS[k], "g%d" % k) for k in (0, 1)],
                                link="https://www.%s.example/" % paper)))
    items = [item("https://www.%s.example/f" % p, retold(i), "c%d" % i, OWN[i * 10:] + WIRE) for i, p in enumerate(PAPERS)]
    replay.add(("planet", rss(items), {"aggregator": True}))
    assert max(e["source_count"] for e in replay.events()) == len(PAPERS)


@pytest.mark.parametrize("url", [
    "https://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fevil.example%2frss", "https://www.bing.com/newsletter/evil.xml",
    "https://news.google.com/news/url?url=https%3A%2F%2Fevil.example%2Frss", "https://news.google.com.evil.example/rss"])
def test_what_looks_like_an_aggregators_address_is_none(replay, url):
    items = [item("https://www.%s.example/1" % p, retold(i), "g%d" % i, OWN[i * 10:] + WIRE) for i, p in enumerate(PAPERS)]
    replay.add(("evil", rss(items, link="https://evil.example/"), {"url": url}))
    assert {e["source_count"] for e in replay.events()} == {1}


def test_feeds_whose_documents_name_nothing_are_sources_of_their_own(replay):
    """Not one by a title that they share, nor the paper whose domain is their title."""
    for n, title in enumerate(("News", "News", "bbc.co.uk")):
        replay.add(("f%d" % n, rss([item(None, FERRY[n], "g", OWN[n * 9:] + WIRE)], title=title, link=None),
                    {"url": "https://feeds.feedburner.com/f%d" % n}))
    [event] = replay.events()
    assert {s["domain"] for s in event["sources"]} == {"feeds.feedburner.com/f%d" % n for n in range(3)}


def test_the_list_says_whom_a_feed_speaks_for(build):
    """htmlUrl before all that the feed says; an aggregator is one that the list declares."""
    body = rss([item("https://www.%s.example/1" % p, FERRY[i], p, OWN[i * 10:] + WIRE) for i, p in enumerate(PAPERS[:3])],
               link="https://evil.example/")
    with Newsroom(build) as room:
        room.aggregator("/planet", body)
        room.feed("/named", body.replace(b"/1<", b"/2<"))
        text = opml([room.url("/planet"), room.url("/named")], {room.url("/planet")})
        room.write_list = lambda: Newsroom.write_list(room, text.replace(
            'xmlUrl="%s"' % room.url("/named"), 'xmlUrl="%s" htmlUrl="https://named.example/"' % room.url("/named")))
        room.start()
        found = room.wait_articles(6)
        assert {a["source"]["domain"] for a in found if a["url"].endswith("1")} == {p + ".example" for p in PAPERS[:3]}
        assert {a["source"]["domain"] for a in found if a["url"].endswith("2")} == {"named.example"}
        assert room.feed_record("/named")["publisher_by"] == "list"
        assert room.feed_record("/planet")["publisher_by"] == "aggregator"
        room.sound()


def test_who_claims_a_publisher_that_has_a_feed_of_its_own_is_told_of(build):
    """Also where the own one comes later, and the other has brought nothing new since."""
    with Newsroom(build) as room:
        room.feed("/claims", rss([item("https://kestrel.example/1", TITLE, "1", WIRE)]))
        room.start()
        room.wait_feed("/claims", lambda f: f["publisher"] == "kestrel.example" and f["publisher_own"] is None)
        room.web.set("/own", rss([item("https://kestrel.example/2", FERRY[1], "2", OWN)]))
        both = opml([room.url("/claims"), room.url("/own")])
        room.write_list(both.replace('xmlUrl="%s"' % room.url("/own"),
                                     'xmlUrl="%s" htmlUrl="https://kestrel.example/"' % room.url("/own")))
        own = room.wait_feed("/own", lambda f: f["publisher_by"] == "list")
        room.wait_feed("/claims", lambda f: f["publisher_own"] == own["id"])
        room.daemon.wait_log(r"feed speaks for a publisher that has its own feed.*own_feed=%d" % own["id"])
        shown = storyctl(build, "feeds", "show", "--db", room.store, 1).stdout
        assert "feed %d is that publisher's own" % own["id"] in shown
        assert "counts for kestrel.example, whose own feed is feed %d" % own["id"] in Site(room).ask("GET", "/feeds").body.decode()
