"""The sample in tests/sample keeps the form that it shows."""
import json
import urllib.parse

import pytest
from conftest import ROOT

SAMPLE = ROOT / "tests" / "sample"
SETS = {"sample_stories.jsonl": {"story"}, "sample_stream/articles.jsonl": set()}
FIELDS = {"id", "title", "body", "source", "url", "published", "lang"}


def rows(name):
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", SETS)
def test_articles_come_in_order_from_invented_hosts(name):
    articles = rows(name)
    assert all(set(a) == FIELDS | SETS[name] for a in articles)
    assert len({a["id"] for a in articles}) == len(articles)
    times = [a["published"] for a in articles]
    assert times == sorted(times)
    hosts = {urllib.parse.urlsplit(a["url"]).hostname for a in articles}
    assert all(host.endswith(".example") for host in hosts)


def test_pairs_are_of_two_outlets_within_48_hours():
    article = {a["id"]: a for a in rows("sample_stream/articles.jsonl")}
    for pair in rows("sample_stream/pairs.jsonl"):
        a, b = article[pair["a"]], article[pair["b"]]
        assert a["source"] != b["source"] and a["lang"] == b["lang"], pair
        assert abs(a["published"] - b["published"]) <= 48 * 3600, pair
        assert pair["same"] in (0, 1, None) and pair["weight"] >= 1, pair
