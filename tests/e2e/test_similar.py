"""What is like an event, and what was before it: a story's episodes, days apart, name one another."""
import pytest
from newsroom import Replay, item, rss

DAY = 86400
STRIKE = [("Ilona Brandt leads dockers into strike at Lumen harbour",
           "Union leader Ilona Brandt told the dockers of Lumen harbour to lay down their work over crane wages."),
          ("Dockers at Lumen harbour strike, says Ilona Brandt",
           "The dockers of Lumen harbour have laid down their work over crane wages, union leader Ilona Brandt said.")]
AGAIN = [("Ilona Brandt elected mayor of Lumen after campaign on housing",
          "Voters chose Ilona Brandt as mayor of Lumen, who promised ten thousand flats and cheaper trams."),
         ("Lumen elects Ilona Brandt as its mayor",
          "Ilona Brandt will be mayor of Lumen: voters liked her promise of ten thousand flats and cheaper trams.")]
OTHER = [("Heron colony abandons flooded willow marsh", "Biologists counted no nests at all in the flooded willows.")]


@pytest.fixture
def replay(build, tmp_path):
    return Replay(build, tmp_path)


def told(replay, texts, name):
    replay.add(*[("%s%d" % (name, i), rss([item("https://p%d.example/%s" % (i, name), title, text=text)]))
                 for i, (title, text) in enumerate(texts)], step=600)


def test_an_episode_names_the_one_before_it(replay):
    told(replay, STRIKE, "strike")
    told(replay, OTHER, "heron")
    replay.now += 14 * DAY
    told(replay, OTHER, "heron2")
    told(replay, AGAIN, "again")
    events = {e["title"]: e for e in replay.events()}
    first = next(e for t, e in events.items() if "trike" in t)
    second = next(e for t, e in events.items() if "mayor" in t)
    assert first["status"] == "closed" and first["source_count"] == 2
    assert [(s["event"], s["kind"]) for s in second["similar"]] == [(first["id"], "earlier")]
    assert second["similar"][0]["title"] == first["title"]
    assert "Ilona Brandt" in second["similar"][0]["why"].split(", ")[:2]
    for event in replay.events():
        assert event["id"] not in [s["event"] for s in event["similar"]]
