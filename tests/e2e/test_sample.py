"""The sample in tests/sample keeps the form that it shows, and its feeds are read."""
import collections
import json
import subprocess
import sys
import urllib.parse

import pytest
from conftest import ROOT
from newsroom import storyctl

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


def test_its_feeds_have_all_articles_and_those_with_faults_what_is_left(build, tmp_path):
    subprocess.run([sys.executable, SAMPLE / "feeds.py", tmp_path], check=True)
    entries = collections.Counter()
    for path in tmp_path.iterdir():
        read = storyctl(build, "parse", path)
        entries[path.name.split(".", 1)[1]] += len(json.loads(read.stdout)["entries"]) if read.returncode == 0 else -1
    every = sum(len(rows(name)) for name in SETS)
    assert [entries[k] for k in ("rss.xml", "atom.xml", "rdf.xml", "feed.json")] == [every] * 4
    assert entries["cut_off.xml"] > 0 and entries["bare_ampersand.xml"] > 0
    assert entries["page.xml"] == entries["empty.xml"] == -1
