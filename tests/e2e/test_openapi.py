"""The API is what its description says: each path is answered, and each answer is as described."""
import json
import os
import re
import subprocess
import urllib.parse

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
    return {(m.lower(), p) for m, p in found if p.startswith(("/api/", "/feed.", "/metrics", "/event/{number}/"))}


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
NAMED = "/api/v1/me/state"  # requires a reader's name: test_me.py
PATHS = [p for p, methods in DOCUMENT["paths"].items() if "stream" not in p and "get" in methods and p != NAMED]


@pytest.mark.parametrize("path", PATHS)
def test_each_answer_is_as_described(room, site, path):
    if "decisions" in path:
        body = json.dumps({"kind": "tag", "who": "anna", "event": 1, "tag": "herons of " + path, "why": "they are"})
        made = site.ask("POST", "/api/v1/decisions", body, Content_Type="application/json")
        assert made.status == 201, made.body
        validate(site, {"$ref": "#/components/schemas/Decision"}, made.json())
    operation = DOCUMENT["paths"][path]["get"]
    place = next((p for p in EXAMPLES if p in path), None)
    addresses = [path.replace(place, e) for e in EXAMPLES[place][:1 if "decisions" in path else 2]] if place else [path]
    if any(p.get("required") and p["in"] == "query" for p in operation.get("parameters", ())):
        addresses = [a + "?q=heron" for a in addresses]
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


def test_the_values_of_filters_select_what_they_say(site):
    values = site.get("/api/v1/filters").json()
    assert values["source"][0] == {"value": "paper.example", "name": "A feed", "events": 6}
    assert [v["value"] for v in values["lang"]] == ["en"]
    for name, of in values.items():
        for v in of:
            found = site.get("/api/v1/events?%s" % urllib.parse.urlencode({name: v["value"]})).json()["events"]
            assert len(found) == v["events"], (name, v)
    assert [len(of) for of in site.get("/api/v1/filters?limit=1").json().values()] == [1, 1, 1]
    assert site.get("/api/v1/filters?limit=201").status == 400


# ---- decisions by a client that knows only the document ------------------------------------------

SCHEMAS = DOCUMENT["components"]["schemas"]
REQUESTS = {SCHEMAS[r["$ref"].rsplit("/", 1)[1]]["properties"]["kind"]["const"]: SCHEMAS[r["$ref"].rsplit("/", 1)[1]]
            for r in SCHEMAS["DecisionRequest"]["oneOf"]}


def some(schema, name, event):
    """A value of the schema of a field."""
    if name in ("event", "into"):
        return event[name]
    if "enum" in schema:
        return schema["enum"][-1]
    if schema["type"] == "array":
        return [some(schema["items"], name, event)]
    if schema["type"] == "object":
        return {n: some(schema["properties"][n], n, event) for n in schema["required"]}
    if schema["type"] == "integer":
        return event.get(name, schema["minimum"])
    return "A %s of the desk" % name


def body_of(kind, event):
    schema = REQUESTS[kind]
    return dict({n: some(schema["properties"][n], n, event) for n in schema["required"] if n != "kind"},
                kind=kind, who="anna")


def post(site, body):
    return site.ask("POST", "/api/v1/decisions", json.dumps(body), Content_Type="application/json")


def test_each_kind_of_decision_is_made_from_the_document_alone(build):
    """Each is undone; unpin, unmute and untag need something to take back."""
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(articles(6)))
        room.feed("/b.xml", rss([item("https://b.example/1", "Heron colony abandons flooded willow marsh story0")]))
        room.start()
        room.wait_articles(7)
        site = Site(room)
        both = next(e for e in room.events().values() if e["source_count"] == 2)
        other = next(e for e in room.events().values() if e["source_count"] == 1)
        event = {"event": both["id"], "into": other["id"], "articles": both["lead"]}
        order = [k for k in REQUESTS if not k.startswith("un")]
        order = [k for o in order for k in (o, *({"pin": ["unpin"], "mute": ["unmute"], "tag": ["untag"]}.get(o, [])))]
        assert sorted(order + ["undo"]) == sorted(REQUESTS)
        for kind in order:
            body = body_of(kind, event)
            if kind == "write":
                body["text"] = "It is so."
            validate(site, {"$ref": "#/components/schemas/DecisionRequest"}, body)
            made = post(site, body)
            assert made.status == 201, (kind, body, made.body)
            unknown = post(site, dict(body, nonsense=1))
            assert unknown.status == 422 and "nonsense" in unknown.json()["detail"]
            if kind in ("merge", "split", "move"):
                undone = post(site, {"kind": "undo", "who": "anna", "decision": made.json()["id"]})
                assert undone.status == 201, (kind, undone.body)
                both = next(e for e in room.events().values() if e["source_count"] == 2)
                other = next(e for e in room.events().values() if e["source_count"] == 1)
                event = {"event": both["id"], "into": other["id"], "articles": both["lead"]}
        room.sound()


@pytest.mark.parametrize("body, status, told", [
    ({"kind": "tag", "tag": "  "}, 422, "blank"), ({"kind": "rename", "title": "two\nlines"}, 422, "one line"),
    ({"kind": "tag", "tag": "a\tb"}, 422, "one line"), ({"kind": "pin", "who": "\x07"}, 422, "one line"),
    ({"kind": "unpin"}, 409, "already so"), ({"kind": "signal", "value": 0}, 409, "already so"),
    ({"kind": "undo", "event": 1, "decision": 1}, 422, "unknown field event")])
def test_what_says_or_changes_nothing_is_refused(site, body, status, told):
    answer = post(site, {**({"event": 2} if body["kind"] != "undo" else {}), "who": "anna", **body})
    assert answer.status == status and told in answer.json()["detail"]
    validate(site, {"$ref": "#/components/schemas/" + ("Conflict" if status == 409 else "Problem")}, answer.json())


TOOLS = ROOT / "build" / "api" / "node_modules" / ".bin"


@pytest.mark.skipif(not TOOLS.exists(), reason="redocly and typescript are not in build/api (make check-openapi)")
def test_tools_accept_it(site, tmp_path):
    """redocly has nothing to say; the TypeScript types that openapi-typescript makes of it compile."""
    address = "http://127.0.0.1:%d/api/v1/openapi.json" % site.port

    def run(*args):
        done = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=300, cwd=tmp_path,
                              env=dict(os.environ, REDOCLY_TELEMETRY="off", CI="true"))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr
    told = run(TOOLS / "redocly", "lint", address)
    assert "valid" in told and "warning" not in told.lower(), told
    run(TOOLS / "openapi-typescript", address, "-o", tmp_path / "storyd.d.ts")
    (tmp_path / "use.ts").write_text(
        'import type { components } from "./storyd";\n'
        'type Request = components["schemas"]["DecisionRequest"];\n'
        'export const tag: Request = { kind: "tag", who: "anna", event: 1, tag: "herons" };\n'
        '// @ts-expect-error: a tag has no title\n'
        'export const wrong: Request = { kind: "tag", who: "anna", event: 1, tag: "x", title: "y" };\n')
    run(TOOLS / "tsc", "--noEmit", "--strict", "use.ts")


def test_each_operation_has_an_id_of_its_own():
    ids = [o["operationId"] for methods in DOCUMENT["paths"].values() for o in methods.values()]
    assert len(ids) == len(set(ids)) > 20


def test_lists_have_one_style_of_paging(site):
    """Whatever has a next page is asked for it by cursor, a text, and how much it wants by limit."""
    def properties(schema):
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"].get(schema["$ref"].rsplit("/", 1)[1], {})
        return schema.get("properties", {})
    found = 0
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            following = properties(content.get("schema", {})).get("next")
            names = [p["name"] for p in operation.get("parameters", ())]
            assert not {"before", "after", "page", "offset"} & set(names), path
            if following:
                assert following["type"] == ["string", "null"], path
                assert {"limit", "cursor"} <= set(names), path
                found += 1
    assert found > 8


@pytest.mark.parametrize("path", ["/api/v1/events", "/feed.atom", "/feed.json"])
def test_times_have_one_form(site, path):
    """As a date, a time with and without a zone, seconds, an age; not anything else that may be a date."""
    count = lambda query: site.get(path + "?limit=200&" + query).body.lower().count(b"heron")
    assert count("") > 0
    for old in "2001-02-03", "2001-02-03T04:05:06Z", "2001-02-03T04:05:06.7%2B08:00", "2001-02-03T04:05", "981173106", "9000d":
        assert count("since=" + old) == count("") and count("until=" + old) == 0, old
    for wrong in "yesterday", "2001", "Feb 3 2001".replace(" ", "%20"), "2001-02-30", "2001-02-03x", "20010203T040506Z", "03.02.2001", "1e9":
        for name in "since", "until":
            answer = site.get("%s?%s=%s" % (path, name, wrong))
            assert answer.status == 400 and "2026-03-31T14:00:00Z" in answer.json()["detail"], wrong


def test_each_described_parameter_is_taken(site):
    values = {"order": "new", "min_sources": "2", "category": "a", "lang": "en", "source": "b.example", "since": "6h",
              "until": "2033-05-18T03:33:19Z", "growing": "yes", "muted": "no", "q": "heron", "limit": "3", "cursor": "1.2"}
    for path in "/api/v1/search", "/api/v1/events", "/feed.atom", "/feed.json", "/feed.ninjs":
        for p in DOCUMENT["paths"][path]["get"]["parameters"]:
            query = "?q=heron&" if "search" in path and p["name"] != "q" else "?"
            answer = site.get("%s%s%s=%s" % (path, query, p["name"], values[p["name"]]))
            assert answer.status == 200, (path, p["name"])
