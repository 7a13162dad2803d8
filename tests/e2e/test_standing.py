"""What a publisher writes below all its articles is told of no event."""
import random

from newsroom import SUBJECTS, Replay, item, records, rss

CHANNEL = ("Harbour TV operates four channels and a newspaper, and is the most watched network of the coast. A survey of "
           "2019 found that it is the most trusted one. Subscribe to Harbour TV for more news of the coast.")


def news(n):
    """A long text of words that no other has."""
    words = random.Random(n)
    def sentence():
        return " ".join("".join(words.choice(("ba", "do", "ki", "lu", "mer", "nos", "pit", "ran")) for _ in range(3))
                        for _ in range(12)).capitalize() + "."
    return "%s, the port of Lumen said. %s" % (SUBJECTS[n], " ".join(sentence() for _ in range(12)))


def test_standing_text_is_found_and_left_out(build, tmp_path):
    replay = Replay(build, tmp_path)
    for i, subject in enumerate(SUBJECTS[:5]):
        text = "%s %s #harbour%d" % (news(i), CHANNEL, i)
        replay.add(("tv", rss([item("https://tv.example/%d" % i, subject, text=text)])), step=600)
    articles = [records(replay.store, "articles")[n] for n in sorted(records(replay.store, "articles"))]
    assert [a["standing"] > len(CHANNEL) for a in articles] == [False, False, True, True, True]
    assert all(a["summary"].endswith("#harbour%d" % i) for i, a in enumerate(articles)), "nothing is cut from the article"
    said = [s for e in replay.events() for s in e["summary"] + e["details"] if s["article"] > 2]
    assert said and not [s["text"] for s in said if s["text"] in CHANNEL]


def test_a_text_that_was_edited_has_none(build, tmp_path):
    replay = Replay(build, tmp_path)
    for i, subject in enumerate(SUBJECTS[:3]):
        replay.add(("tv", rss([item("https://tv.example/%d" % i, subject, text=news(i) + " " + CHANNEL)])), step=600)
    assert replay.articles()[2]["standing"]
    replay.add(("tv", rss([item("https://tv.example/2", SUBJECTS[2], text=news(2) + " It was late.")])))
    assert replay.articles()[2]["standing"] == 0
