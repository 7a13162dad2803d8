"""The API is what its description says: each path is answered, and each answer is as described."""
import json
import re

import jsonschema
import pytest
from newsroom import ROOT, Newsroom, articles, item, rss
from web import Site

DOCUMENT = json.loads((ROOT / "config" / "openapi.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def room(build):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(6)))
        room.feed("/b.xml", rss([item("https://b.example/1", "Heron colony abandons flooded willow marsh story0")]))
        room.start()
        room.wait_articles(7)
        yield room


@pytest.fixture(scope="module")
def site(room):
    return Site(room)


def test_the_document_is_served_as_it_is(site):
    answer = site.get("/api/v1/openapi.json")
    assert answer.body == (ROOT / "config" / "openapi.json").read_bytes()
    assert answer.json()["openapi"] == "3.1.0"


def routes():
    table = (ROOT / "daemon" / "paths.c").read_text()
    found = re.findall(r'\{REQUEST_(\w+), "([^"]+)"', table)
    assert len(found) > 15
    return {(m.lower(), p) for m, p in found if p.startswith(("/api/", "/feed.", "/metrics"))}


def test_it_describes_each_route_and_no_other():
    described = {(m, p.replace("{name}", "{rest}")) for p, methods in DOCUMENT["paths"].items() for m in methods}
    assert described == routes()


def validate(site, schema, value):
    """Against a schema of the document, whose references to /api/v1/schema/ the server answers."""
    def load(uri):
        return site.get(uri[len("http://storyd"):]).json()
    resolver = jsonschema.RefResolver("http://storyd/api/v1/openapi.json", DOCUMENT, handlers={"http": load})
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(value)


EXAMPLES = {"{number}": ["1", "2"], "{name}": ["event.schema.json", "article.schema.json"]}
PATHS = [p for p, methods in DOCUMENT["paths"].items() if "stream" not in p and "get" in methods]


@pytest.mark.parametrize("path", PATHS)
def test_each_answer_is_as_described(room, site, path):
    if "decisions" in path:
        body = json.dumps({"kind": "tag", "who": "anna", "event": 1, "tag": "herons", "why": "they are"})
        made = site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json")
        assert made.status == 201, made.body
        validate(site, {"$ref": "#/components/schemas/Decision"}, made.json())
    operation = DOCUMENT["paths"][path]["get"]
    place = next((p for p in EXAMPLES if p in path), None)
    addresses = [path.replace(place, e) for e in EXAMPLES[place][:1 if "decisions" in path else 2]] if place else [path]
    for address in addresses:
        answer = site.get(address)
        content = operation["responses"]["200"]["content"]
        kind = answer.headers["Content-Type"].split(";")[0]
        assert answer.status == 200 and kind in content
        if "json" in kind:
            validate(site, content[kind]["schema"], answer.json())


@pytest.mark.parametrize("path", PATHS)
def test_each_problem_is_as_described(site, path):
    unknown = path.replace("{number}", "99999").replace("{name}", "no.json") + "?nonsense=1&limit=0"
    answer = site.get(unknown)
    if answer.status == 200:
        return  # it takes no parameters, and does not look
    assert str(answer.status) in DOCUMENT["paths"][path]["get"]["responses"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    validate(site, {"$ref": "#/components/schemas/Problem"}, answer.json())


def test_each_described_parameter_is_taken(site):
    values = {"order": "rising", "min_sources": "2", "category": "a", "lang": "en", "source": "b.example", "since": "6h",
              "until": "1999999999", "growing": "yes", "q": "heron", "limit": "3", "cursor": "1.2"}
    for path in "/api/v1/events", "/feed.atom", "/feed.json":
        for p in DOCUMENT["paths"][path]["get"]["parameters"]:
            answer = site.get("%s?%s=%s" % (path, p["name"], values[p["name"]]))
            assert answer.status == 200, (path, p["name"])
