"""What is the same article and what is not: nothing doubled, nothing lost, whatever feeds do."""
import random

import pytest
from newsroom import (CLOCK, LONG, SUBJECTS, Newsroom, Replay, articles, item, records, rss, scratch)

HOUR = 3600


@pytest.fixture
def replay(build):
    with scratch() as directory:
        yield Replay(build, directory)


def titles(replay):
    return sorted(a["title"] for a in replay.articles())


# ---- one article ---------------------------------------------------------------------------------

def test_one_item_in_two_feeds_of_a_publisher_is_one_article_of_one_source(replay):
    link = "https://paper.example/world/1"
    replay.add(("front", rss([item(link, SUBJECTS[0], "a1")])),
               ("world", rss([item(link, SUBJECTS[0], "b1")])))
    [article], [event] = replay.articles(), replay.events()
    assert (event["source_count"], event["article_count"], event["report_count"]) == (1, 1, 1)
    assert event["sources"][0]["domain"] == "paper.example"
    assert [s["guid"] for s in article["also_in"]] == ["b1"]


def test_addresses_that_mean_one_page_are_one_article(replay):
    """Tracking parameters, http and https, www and mobile hosts, a slash or a fragment at the end."""
    for i, link in enumerate([
            "https://www.paper.example/a/1?utm_source=rss&utm_medium=feed&utm_campaign=x",
            "http://paper.example/a/1", "https://m.paper.example/a/1/",
            "https://www.paper.example/a/1?fbclid=abc", "https://WWW.PAPER.EXAMPLE:443/a/1#utm_source=z"]):
        replay.add(("feed%d" % i, rss([item(link, SUBJECTS[0])])))
    [article] = replay.articles()
    assert article["url"] == "https://www.paper.example/a/1"
    assert "utm_source" in article["link"]  # as the feed had it


def test_an_address_that_was_escaped_twice_is_the_same_page(replay):
    """As one big newspaper's feed has all its links: ?id=1&amp;amp;ref=rss in the XML."""
    replay.add(("front", rss([item("https://paper.example/a?id=1&amp;ref=rss", SUBJECTS[0])])),
               ("world", rss([item("https://paper.example/a?id=1&ref=rss", SUBJECTS[0])])))
    assert [a["url"] for a in replay.articles()] == ["https://paper.example/a?id=1&ref=rss"]


def test_parameters_that_tell_pages_apart_stay(replay):
    replay.add(("feed", rss([item("https://paper.example/read?id=%d&utm_source=rss" % i, SUBJECTS[i])
                             for i in range(3)])))
    assert len(replay.articles()) == 3


def test_parameters_that_track_elsewhere_tell_pages_apart_and_stay_in_what_readers_open(replay):
    for name in ("cid", "mod", "ref", "src", "source", "feed", "rss", "partner"):
        links = ["https://paper.example/view.php?%s=%s" % (name, n) for n in ("10", "11", "12")]
        replay.add((name, rss([item(link, SUBJECTS[i], name + str(i)) for i, link in enumerate(links)])))
        assert {a["url"] for a in replay.articles()} >= set(links), name


def test_one_address_in_several_spellings_is_one_article(replay):
    """Percent-encoded in different ways or not at all, a host as people and as DNS write it, ports,
    dots: all of them the first address."""
    spellings = ["https://h\u00e4fen.example/n/j\u00f6kull?q=%7e", "https://xn--hfen-loa.example/n/j%c3%b6kull?q=~",
                 "https://H\u00c4FEN.example:443/n/j%C3%B6kull?q=%7E", "http://h%c3%a4fen.example.:80/x/../n/./j%C3%B6kull?q=~"]
    for i, link in enumerate(spellings):
        replay.add(("feed%d" % i, rss([item(link, SUBJECTS[0], "g%d" % i)])))
    [article], [event] = replay.articles(), replay.events()
    assert (article["url"], event["source_count"]) == (spellings[0], 1)
    assert article["source"]["domain"] == "xn--hfen-loa.example"


def test_an_address_that_only_tracks_anew_is_no_edit(replay):
    """Under one guid, and under a new one each time."""
    for i, mark in enumerate(("", "?ref=rss", "?source=newsletter", "?utm_source=x")):
        replay.add(("feed", rss([item("https://paper.example/1" + mark, SUBJECTS[0], "g1"),
                                 item("https://paper.example/2" + mark, SUBJECTS[1], "h%d" % i)])))
    one, two = replay.articles()
    assert {one["url"], two["url"]} == {"https://paper.example/1", "https://paper.example/2"}
    assert one["updated"] is None and two["updated"] is None
    assert [c["kind"] for c in records(replay.store, "changes").values()] == ["created", "created"]


def test_an_edited_title_under_the_same_guid_is_a_version(replay):
    def document(title):
        return rss([item("https://paper.example/1", title, "g1", "The text.")])
    replay.add(("feed", document("Ferry sinks off the cape")), ("feed", document("Ferry sunk, 12 saved")))
    [article], [event] = replay.articles(), replay.events()
    assert article["title"] == event["title"] == "Ferry sunk, 12 saved"
    assert [v["title"] for v in article["versions"]] == ["Ferry sinks off the cape"]
    assert article["versions"][0]["since"] == article["seen"] == CLOCK
    assert article["updated"] == CLOCK + HOUR
    replay.add(("feed", document("Ferry sunk, 12 saved")))  # and this is no edit
    assert len(replay.articles()[0]["versions"]) == 1
    kinds = [c["kind"] for c in records(replay.store, "changes").values()]
    assert kinds == ["created", "updated"]


def test_an_edit_among_items_that_stay_as_they_were_is_taken_and_so_is_its_taking_back(replay):
    def document(title):
        return rss([item("https://paper.example/1", title, "g1")] + articles(3))
    for title in ("Ferry sinks", "Ferry sunk, 12 saved", "Ferry sunk, 12 saved", "Ferry sinks"):
        replay.add(("feed", document(title)))
    article, = [a for a in replay.articles() if a["url"] == "https://paper.example/1"]
    assert [v["title"] for v in article["versions"]] == ["Ferry sinks", "Ferry sunk, 12 saved"]
    assert article["title"] == "Ferry sinks" and len(replay.articles()) == 4


def test_an_article_that_a_document_has_in_two_wordings_is_not_edited_whenever_another_comes(replay):
    two = [item("https://paper.example/1", title, "g1") for title in ("Ferry sunk, 12 saved", "Ferry sinks")]
    for n in range(1, 4):
        replay.add(("feed", rss(articles(n) + two)))
    article, = [a for a in replay.articles() if a["url"] == "https://paper.example/1"]
    assert [v["title"] for v in article["versions"]] == ["Ferry sinks"]
    assert article["title"] == "Ferry sunk, 12 saved" and len(replay.articles()) == 4


def test_another_feeds_wording_is_not_an_edit(replay):
    """Two feeds with a headline each must not take turns in rewriting the article."""
    link = "https://paper.example/1"
    for _ in range(3):
        replay.add(("front", rss([item(link, "Ferry sinks", "a")])),
                   ("world", rss([item(link, "Ferry sinks off the southern cape", "b")])))
    [article] = replay.articles()
    assert article["title"] == "Ferry sinks" and article["versions"] == []


def test_a_guid_that_changes_each_time_does_not_double(replay):
    link = "https://paper.example/1"
    for i in range(4):
        replay.add(("feed", rss([item(link, SUBJECTS[0], "guid-%d" % i)])))
    assert len(replay.articles()) == 1


def test_an_edit_under_a_new_guid_is_a_version(replay):
    """Some publishers make the guid of the address and the time of the last edit."""
    link = "https://paper.example/1"
    replay.add(("feed", rss([item(link, "Ferry sinks", "1#0")])),
               ("feed", rss([item(link, "Ferry sunk, 12 saved", "1#1")])))
    [article] = replay.articles()
    assert article["title"] == "Ferry sunk, 12 saved"


def test_the_old_and_the_new_guid_of_an_article_in_one_document(replay):
    link = "https://paper.example/1"
    other = item("https://paper.example/2", SUBJECTS[1], "other")
    replay.add(("feed", rss([item(link, SUBJECTS[0], "1#0"), other])),
               ("feed", rss([item(link, SUBJECTS[0], "1#1"), item(link, SUBJECTS[0], "1#0"), other])))
    assert titles(replay) == sorted([SUBJECTS[0], SUBJECTS[1]])


def test_one_item_twice_in_a_document_is_one_article(replay):
    one = item("https://paper.example/1", SUBJECTS[0], "g1")
    replay.add(("feed", rss([one, item("https://paper.example/2", SUBJECTS[1], "g2"), one])))
    assert titles(replay) == sorted(SUBJECTS[:2])


def test_an_article_that_moved_is_known_at_its_new_address(replay):
    old, new = "https://paper.example/draft/1", "https://paper.example/ferry-sinks"
    replay.add(("front", rss([item(old, SUBJECTS[0], "g1")])),
               ("front", rss([item(new, SUBJECTS[0], "g1")])),
               ("world", rss([item(new, SUBJECTS[0], "w1")])))
    assert len(replay.articles()) == 1


# ---- several articles ----------------------------------------------------------------------------

def test_one_guid_for_all_items(replay):
    def document(*numbers):
        return rss([item("https://paper.example/%d" % i, SUBJECTS[i], "0") for i in numbers])
    replay.add(("feed", document(0, 1, 2)), ("feed", document(1, 2, 3)), ("feed", document(2, 3)))
    assert titles(replay) == sorted(SUBJECTS[:4])
    assert all(not a["versions"] for a in replay.articles())


def test_one_guid_for_all_items_of_a_feed_that_shows_one_at_a_time(replay):
    """Once it was seen that the guid says nothing, a document with a single item is no edit."""
    def document(*numbers):
        return rss([item("https://paper.example/%d" % i, SUBJECTS[i], "0") for i in numbers])
    replay.add(("feed", document(0, 1)), ("feed", document(2)), ("feed", document(3)))
    assert titles(replay) == sorted(SUBJECTS[:4])


def test_one_guid_for_all_items_and_no_links(replay):
    def document(*numbers):
        return rss([item(None, SUBJECTS[i], "0") for i in numbers])
    replay.add(("feed", document(0)), ("feed", document(0, 1)), ("feed", document(1, 2)))
    assert titles(replay) == sorted(SUBJECTS[:3])


def test_the_front_page_as_every_items_link(replay):
    def document(*numbers):
        return rss([item("https://paper.example/", SUBJECTS[i], "g%d" % i) for i in numbers],
                   link="https://paper.example")
    replay.add(("feed", document(0)), ("feed", document(0, 1, 2)), ("feed", document(2, 3)))
    assert titles(replay) == sorted(SUBJECTS[:4])


def test_the_front_page_as_every_items_link_and_no_guid(replay):
    def document(*numbers):
        return rss([item("https://paper.example/", SUBJECTS[i]) for i in numbers],
                   link="https://paper.example")
    replay.add(("feed", document(0)), ("feed", document(0, 1, 2)), ("feed", document(2, 3)))
    assert titles(replay) == sorted(SUBJECTS[:4])


def test_one_link_that_is_not_the_front_page_for_all_items(replay):
    def document(*numbers):
        return rss([item("https://paper.example/live", SUBJECTS[i], "g%d" % i) for i in numbers])
    replay.add(("feed", document(0, 1)), ("feed", document(1, 2)), ("feed", document(2, 3)))
    assert titles(replay) == sorted(SUBJECTS[:4])


def test_one_link_for_all_items_of_a_feed_that_shows_one_at_a_time(replay):
    for i in range(3):
        replay.add(("ticker", rss([item("https://paper.example/live", SUBJECTS[i], "g%d" % i)])))
    assert titles(replay) == sorted(SUBJECTS[:3])


def test_no_guid_is_known_by_its_address(replay):
    def document(title):
        return rss([item("https://paper.example/1", title)] + articles(2, guid=False))
    replay.add(("feed", document(SUBJECTS[5])), ("feed", document(SUBJECTS[5])))
    assert len(replay.articles()) == 3
    replay.add(("feed", document("Bakery recalls its loaves after all")))
    assert len(replay.articles()) == 3
    assert sum(len(a["versions"]) for a in replay.articles()) == 1


def test_no_guid_and_no_link(replay):
    def document(*numbers):
        return rss([item(None, SUBJECTS[i], text="Text %d." % i) for i in numbers])
    replay.add(("feed", document(0, 1)), ("feed", document(1, 2)), ("feed", document(0, 1, 2)))
    assert titles(replay) == sorted(SUBJECTS[:3])
    assert {a["url"] for a in replay.articles()} == {""}


def test_the_same_guid_in_feeds_of_two_publishers_is_two_articles(replay):
    """"1" is a guid that many feeds have."""
    replay.add(("one", rss([item("https://one.example/1", SUBJECTS[0], "1")])),
               ("two", rss([item("https://two.example/1", SUBJECTS[1], "1")])))
    assert titles(replay) == sorted(SUBJECTS[:2])


def test_an_item_that_says_nothing_is_refused_and_the_rest_is_taken(replay):
    result = replay.add(("feed", rss([item("https://paper.example/0", None, "g0")] + articles(2))))
    assert len(replay.articles()) == 2
    assert "1 items without text" in result.stdout


# ---- times ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("date, published", [
    (0, CLOCK),                                     # 1970: a fault of the feed
    ("Thu, 01 Jan 1970 00:00:00 +0100", CLOCK),     # before it
    ("Mon, 01 Jan 0001 00:00:00 GMT", CLOCK),
    ("Fri, 01 Dec 1995 00:00:00 GMT", 817776000),   # old is not wrong
    ("Fri, 31 Dec 2099 23:59:59 GMT", CLOCK),       # the future is clamped to when it was seen
    (None, CLOCK), ("yesterday, about noon", CLOCK), ("", CLOCK),
    (CLOCK - 86400, CLOCK - 86400),
])
def test_dates(replay, date, published):
    def document(*numbers):
        return rss([item("https://paper.example/%d" % i, SUBJECTS[i], "g%d" % i, date=date)
                    for i in numbers])
    replay.add(("feed", document(0)))
    [article] = replay.articles()
    assert (article["published"], article["seen"]) == (published, CLOCK)
    replay.add(("feed", document(0, 1)))  # and a strange date does no harm to what follows
    assert titles(replay) == sorted(SUBJECTS[:2])
    assert sorted(a["seen"] for a in replay.articles()) == [CLOCK, CLOCK + HOUR]


# ---- crashes -------------------------------------------------------------------------------------

def test_killed_at_random_points_nothing_is_lost_and_nothing_doubled(build):
    """Feeds grow with each request while the daemon is killed again and again. The batches are of
    a few articles, so that kills fall before, within and after commits."""
    feeds, size, rng = 6, 40, random.Random(20200421)
    paths = ["/feed%d.xml" % f for f in range(feeds)]
    everything = {p: articles(size, prefix="f%d" % f) for f, p in enumerate(paths)}
    shared = articles(5, prefix="both")  # in all feeds
    with Newsroom(build, commit_after="1ms", commit_articles=7,
                  poll="connections_per_host = 6") as room:
        def grow(request):
            n = 5 * len(room.web.requests(request.path))
            return rss(shared + everything[request.path][:n])
        for p in paths:
            room.feed(p, grow)
        room.start()
        for _ in range(8):
            seen, ahead = len(room.web.requests()), rng.randrange(1, 8)
            room.wait(lambda: len(room.web.requests()) >= seen + ahead, "%d more requests" % ahead)
            for _ in range(rng.randrange(3000)):  # a moment that differs, not one to rely on
                pass
            room.daemon.kill()
            room.sound()
            room.start()
        found = room.wait_articles(feeds * size + len(shared))
        assert len({a["url"] for a in found}) == len(found)
        for p in paths:  # each has been asked once more since, and brought nothing
            room.asked(p, len(room.web.requests(p)) + 1)
        assert room.daemon.stop(LONG) == 0
        assert len(room.records("articles")) == feeds * size + len(shared)
        counted = sum(e["article_count"] for e in room.events().values())
        assert counted == feeds * size + len(shared)
        room.sound()


# ---- what would turn one story into another is not believed --------------------------------------

DAYS = ["Mon, 13 Nov 2023 06:00:00 GMT", "Tue, 14 Nov 2023 06:00:00 GMT", "Wed, 15 Nov 2023 06:00:00 GMT"]


def test_a_guid_that_is_a_place_in_the_list_names_another_story_each_time(replay):
    def document(*numbers):
        return rss([item("https://paper.example/a/%d" % n, SUBJECTS[n], str(place), SUBJECTS[n] + " - read on")
                    for place, n in enumerate(numbers)])
    replay.add(("feed", document(0, 1, 2)), ("feed", document(3, 0, 1)), ("feed", document(4, 3, 0)))
    assert titles(replay) == sorted(SUBJECTS[:5])
    assert all(not a["versions"] for a in replay.articles())


@pytest.mark.parametrize("address", ["/202405/%s", "/election2024/%s", "/t20240513/%s", "/covid19/%s", "/%s"])
@pytest.mark.parametrize("title, text", [("%s", "%s - read on"), ("Earthquake off %s", "Magnitude 4, felt in %s, no damage known")])
def test_a_place_in_the_list_is_none_whatever_stories_have_in_common(replay, address, title, text):
    places = "Sorrel Varn Halden Ostvik Arrel".split()

    def document(*numbers):
        return rss([item("https://paper.example" + address % places[n].lower(), title % (places[n] + " " + SUBJECTS[n][:9]), str(at),
                         text % places[n], CLOCK - 9000 * n) for at, n in enumerate(numbers)])
    replay.add(("feed", document(0, 1, 2)), ("feed", document(3, 0, 1)), ("feed", document(4, 3, 0)))
    assert len(replay.articles()) == 5 and all(not a["versions"] for a in replay.articles())


@pytest.mark.parametrize("titles_", [SUBJECTS[:4], ["The Daily Brief: %s" % d for d in ("Monday", "Tuesday", "Friday", "Sunday")]])
@pytest.mark.parametrize("link", ["https://paper.example/alerts", None])
def test_one_guid_and_one_link_for_all_items(replay, titles_, link):
    replay.add(("feed", rss([item(link, t, "https://paper.example/alerts", SUBJECTS[n + 5], CLOCK - 90000 * n) for n, t in enumerate(titles_)])))
    assert len(replay.articles()) == 4 and all(not a["versions"] for a in replay.articles())


def test_a_guid_that_is_the_newest_ones(replay):
    for n, day in enumerate(DAYS):
        replay.add(("feed", rss([item("https://paper.example/ep/%d" % n, "The Daily Brief: %s" % day[:3], "latest", SUBJECTS[n], day)])))
    assert len(replay.articles()) == 3


def test_one_item_under_two_links_of_one_guid_is_one(replay):
    both = [item("https://paper.example/%s/1" % part, SUBJECTS[0], "g1", SUBJECTS[1], DAYS[0]) for part in ("sport", "news")]
    replay.add(("feed", rss(both)), ("feed", rss(both + [item("https://paper.example/2", SUBJECTS[2], "g2")])))
    assert titles(replay) == sorted([SUBJECTS[0], SUBJECTS[2]])


def test_an_edited_item_beside_its_old_guid_is_one(replay):
    link, title = "https://paper.example/1", "Ferry sinks, %d saved"
    replay.add(("feed", rss([item(link, title % 9, "a#0", date=DAYS[0])])),
               ("feed", rss([item(link, title % 12, "a#1", date=DAYS[0]), item(link, title % 9, "a#0", date=DAYS[0])])))
    assert len(replay.articles()) == 1


def test_many_items_of_one_title_and_date_are_told_apart_by_their_texts(replay):
    for n in range(3):
        replay.add(("met", rss([item("https://met.example/w/%d" % n, "Severe weather warning", "w%d" % n, SUBJECTS[n], DAYS[0])])))
    assert len(replay.articles()) == 3


def test_the_comments_on_an_article_are_none_of_it(replay):
    link = "https://paper.example/1"
    replay.add(("comments", rss([item(link, "By: Bob", "c1", "So true.")])), ("paper", rss([item(link, SUBJECTS[0], "p1", SUBJECTS[1])])))
    assert titles(replay) == sorted(["By: Bob", SUBJECTS[0]])


def test_a_link_that_flips_is_no_news(replay):
    for n in range(4):
        replay.add(("feed", rss([item("https://host%d.example/1" % (n % 2), SUBJECTS[0], "g1")], link="https://one.example/")))
    [event] = replay.events()
    assert (event["seq"], event["updated"]) == (1, CLOCK) and event["url"] == replay.articles()[0]["url"] == "https://host1.example/1"


def test_a_parameter_that_tracks_elsewhere_is_shown_where_it_tells_items_apart(replay):
    replay.add(("feed", rss([item("https://paper.example/play?utm_content=%d" % n, SUBJECTS[n], "g%d" % n) for n in range(3)])))
    assert {a["url"][-1] for a in replay.articles()} == {"0", "1", "2"}


def test_a_guid_that_is_used_again_without_links(replay):
    for n in range(3):
        replay.add(("feed", rss([item(None, SUBJECTS[n], "today", SUBJECTS[n + 5])])))
    assert titles(replay) == sorted(SUBJECTS[:3])


def test_a_whole_rewrite_at_one_address_is_an_edit(replay):
    link = "https://paper.example/1"
    replay.add(("feed", rss([item(link, SUBJECTS[0], "g1", SUBJECTS[1])])),
               ("feed", rss([item(link, SUBJECTS[2], "g1", SUBJECTS[3])])))
    [article] = replay.articles()
    assert article["title"] == SUBJECTS[2] and len(article["versions"]) == 1


def test_a_new_headline_in_the_address_is_an_edit_where_the_number_stays(replay):
    replay.add(("feed", rss([item("https://paper.example/n/414912/ferry-in-trouble", SUBJECTS[0], "g1", SUBJECTS[1])])),
               ("feed", rss([item("https://paper.example/n/414912/all-are-safe", SUBJECTS[2], "g1", SUBJECTS[3])])))
    [article] = replay.articles()
    assert article["url"].endswith("all-are-safe") and len(article["versions"]) == 1


@pytest.mark.parametrize("texts", [SUBJECTS[:3], [None] * 3])
@pytest.mark.parametrize("at_once", [True, False])
def test_bulletins_with_one_link_are_each_their_own(replay, at_once, texts):
    """Own guids and dates, one page to listen to them, titles that differ by the day alone."""
    items = [item("https://radio.example/brief", "The Daily Brief: %s" % DAYS[n][:3], "ep-%d" % n, texts[n], DAYS[n])
             for n in range(3)]
    for document in [items] if at_once else [[i] for i in items]:
        replay.add(("radio", rss(document)))
    assert len(replay.articles()) == 3 and all(not a["versions"] for a in replay.articles())


def test_alerts_of_one_mould_on_one_page_are_each_their_own(replay):
    """Texts that are alike but for a number; once it was seen that the page is many's, also one at a time."""
    items = [item("https://quakes.example/map", "Earthquake of magnitude 4.%d off Sorrel" % n, "q%d" % n,
                  "Magnitude 4.%d, at a depth of ten kilometres, felt in Port Sorrel, no damage known." % n, DAYS[n]) for n in range(3)]
    replay.add(("quakes", rss(items[:2])), ("quakes", rss(items[2:])))
    assert len(replay.articles()) == 3 and all(not a["versions"] for a in replay.articles())


def test_an_alert_repeated_under_its_title_is_each_its_own(replay):
    replay.add(*[("met", rss([item("https://met.example/warnings", "Severe weather warning", "w%d" % n, SUBJECTS[n], DAYS[n])]))
                 for n in range(3)])
    assert len(replay.articles()) == 3


# ---- what is renamed is what it was ---------------------------------------------------------------

def renamed(replay, address, documents=3, dated=True, text=True):
    """The same four items in each document; `address` tells the n-th document's for the i-th item."""
    for n in range(documents):
        items = []
        for i in range(4):
            link = address(n, i)
            items.append(item(link, SUBJECTS[i], link, SUBJECTS[i + 4] if text else None, DAYS[0] if dated else None))
        replay.add(("feed", rss(items)))
    return replay.articles()


@pytest.mark.parametrize("address", [
    lambda n, i: "https://site%d.example/a/%d" % (min(n, 1), i),   # it moves for good
    lambda n, i: "https://host%d.example/a/%d" % (n % 2, i),       # it flips
    lambda n, i: "https://paper.example/a/%d?sid=%d" % (i, n * 10 + i),
    lambda n, i: "https://paper.example/%s/%d" % (["a", "news/2023", "n"][n], i),
    lambda n, i: "https://paper.example/a/%d;jsessionid=%d%d" % (i, n, i),
])
@pytest.mark.parametrize("dated, text", [(True, True), (True, False)])
def test_items_with_new_guids_and_links_are_the_same_articles_of_one_source(replay, address, dated, text):
    found = renamed(replay, address, dated=dated, text=text)
    assert len(found) == 4 and all(not a["versions"] for a in found)
    assert [e["source_count"] for e in replay.events()] == [1] * 4


def test_without_dates_the_path_tells_that_a_link_only_got_a_new_token(replay):
    assert len(renamed(replay, lambda n, i: "https://paper.example/a/%d?sid=%d%d" % (i, n, i), dated=False)) == 4


def test_a_line_below_each_text_may_change_with_the_site(replay):
    for host in ("oldpaper.example", "newpaper.example"):
        replay.add(("feed", rss([item("https://%s/%d" % (host, i), SUBJECTS[i], "https://%s/%d" % (host, i),
                                      "%s. The post appeared first on %s." % (SUBJECTS[i + 4], host), DAYS[0]) for i in range(4)])))
    assert len(replay.articles()) == 4


def test_a_token_that_is_new_each_time_is_no_news(replay):
    renamed(replay, lambda n, i: "https://paper.example/a/%d?sid=%d%d" % (i, n, i))
    assert {a["url"][-2:] for a in replay.articles()} == {"0%d" % i for i in range(4)}  # the first stays
    assert len({e["updated"] for e in replay.events()} | {CLOCK}) == 1


def test_twins_of_one_document_are_two_articles_and_stay_two(replay):
    """Two pages with one headline, one text and one minute, both listed at once."""
    def twins(*paths):
        return rss([item("https://paper.example/" + p, SUBJECTS[0], p, SUBJECTS[1], DAYS[0]) for p in paths])
    replay.add(("feed", twins("north", "south")), ("feed", twins("north", "south")), ("feed", twins("south")))
    assert len(replay.articles()) == 2


def test_the_old_name_beside_the_new_one_is_another_article(replay):
    def document(*paths):
        return rss([item("https://paper.example/" + p, SUBJECTS[0], p, SUBJECTS[1], DAYS[0]) for p in paths])
    replay.add(("feed", document("one")), ("feed", document("two", "one")))
    assert len(replay.articles()) == 2


# ---- whose article it is ---------------------------------------------------------------------------

OWN_TEXT = "The paper's own text on " + SUBJECTS[0]


def test_a_publishers_own_feed_takes_its_article_over(replay):
    """Another feed named the address first, under its own words."""
    link = "https://paper.example/1"
    replay.add(("squatter", rss([item(link, SUBJECTS[0] + ", they say", "s1", "A stranger's text.")],
                                link="https://squatter.example/", title="Squatter")))
    [event] = replay.events()
    assert [s["domain"] for s in event["sources"]] == ["squatter.example"]
    assert replay.articles()[0]["claimed"]["domain"] == "paper.example"
    replay.add(("paper", rss([item(link, SUBJECTS[0], "p1", OWN_TEXT)], title="Paper")))
    [article], [event] = replay.articles(), replay.events()
    assert (article["source"]["domain"], article["claimed"]) == ("paper.example", None)
    assert (article["title"], article["summary"]) == (SUBJECTS[0], OWN_TEXT)
    assert [s["domain"] for s in event["sources"]] == ["paper.example"] and event["feeds"] == [2, 1]
    replay.add(("squatter", rss([item(link, "Now it says something else", "s1", "At last.")],
                                link="https://squatter.example/", title="Squatter")))
    assert replay.articles()[0]["title"] == SUBJECTS[0]


def test_a_strangers_story_under_a_papers_address_keeps_nothing_of_it(replay):
    link = "https://paper.example/1"
    squatter = ("squatter", rss([item(link, SUBJECTS[5], "s1")], link="https://squatter.example/", title="Squatter"))
    paper = rss([item(link, SUBJECTS[0], None, OWN_TEXT)], title="Paper")
    replay.add(squatter, ("paper", paper), squatter, ("paper", paper.replace(b"own text", b"own long text")))
    assert [(a["source"]["domain"], a["title"]) for a in replay.articles()] == [
        ("squatter.example", SUBJECTS[5]), ("paper.example", SUBJECTS[0])]
    assert len(replay.articles()[1]["versions"]) == 1


def test_a_second_feed_that_only_claims_the_publisher_takes_nothing_over(replay):
    """Both from a host of its own; the one that was subscribed first has the article."""
    link = "https://paper.example/1"
    one = rss([item(link, SUBJECTS[0], "1", "One text of it.")], link="https://paper.example/")
    two = rss([item(link, SUBJECTS[0] + " again", "2", "Two texts of it.")], link="https://paper.example/")
    replay.add(("first", one), ("second", two))
    [article] = replay.articles()
    assert article["title"] == SUBJECTS[0] and [s["feed"] for s in article["also_in"]] == [2]
    first, second = records(replay.store, "feeds").values()
    assert (first["publisher"], first["publisher_own"]) == ("paper.example", None)
    assert (second["publisher"], second["publisher_own"]) == ("paper.example", 1)


def test_the_feed_served_from_the_site_is_the_publishers_own(replay):
    link = "https://paper.example/1"
    replay.add(("claimant", rss([item(link, SUBJECTS[0] + " again", "1", "Two texts of it.")], link="https://paper.example/")),
               ("paper", rss([item(link, SUBJECTS[0], "2", OWN_TEXT)]), {"url": "https://feeds.paper.example/rss"}),
               ("claimant", rss([item("https://paper.example/2", SUBJECTS[1], "3")], link="https://paper.example/")))
    assert replay.articles()[0]["summary"] == OWN_TEXT
    assert [f["publisher_own"] for f in records(replay.store, "feeds").values()] == [2, None]


def test_an_aggregator_makes_a_claim_count(replay):
    link = "https://paper.example/1"
    replay.add(("blog", rss([item(link, SUBJECTS[0], "b1")], link="https://blog.example/", title="Blog")),
               ("carrier", rss([item(link, SUBJECTS[0], "c1")], link="https://carrier.example/"), {"aggregator": True}))
    [article], [event] = replay.articles(), replay.events()
    assert article["source"]["domain"] == "paper.example"
    assert [s["domain"] for s in event["sources"]] == ["paper.example"]
