"""/metrics: what Prometheus' own tools accept, what storyd(8) describes, and figures that are right."""
import json
import re
import shutil
import subprocess

import pytest
from newsroom import ROOT, Newsroom, articles, item, rss
from web import Site

# Of which only processes of a cluster have samples.
IN_A_CLUSTER = {"storyd_cluster_" + n for n in ("info", "connected", "batch", "feeds", "outbox_bytes", "lag_seconds")}
LABELLED_BY_USE = {"storyd_http_requests_total", "storyd_http_request_duration_seconds"}


def promtool(*args, text=None):
    if not shutil.which("promtool"):
        pytest.skip("promtool is missing (package prometheus)")
    r = subprocess.run(["promtool", *map(str, args)], input=text, capture_output=True, text=True, timeout=60)
    return r.returncode, r.stdout + r.stderr


@pytest.fixture(scope="module")
def room(build):
    """A feed that is fine and one that is missing, an alert by webhook, a merge by an editor."""
    with Newsroom(build) as room:
        room.web.set("/hook", "thanks")
        room.configure(rest="[alert ship]\nwords = ferry\nwebhook = %s\n" % room.url("/hook"))
        room.feed("/a.xml", rss(articles(6)))
        room.feed("/gone.xml", b"nothing", status=404)
        room.start()
        room.wait_articles(6)
        room.wait_feed("/gone.xml", lambda feed: feed["status"] == 404)
        room.daemon.wait_log(" alert delivered ", 30)
        ask = {"kind": "merge", "who": "ada", "event": 1, "into": 2}
        made = Site(room).ask("POST", "/api/v1/decisions", json.dumps(ask), Content_Type="application/json")
        assert made.status == 201, made.body
        yield room


@pytest.fixture
def read(room):
    """Reads all samples: name with labels -> value."""
    site = Site(room)
    site.get("/metrics")  # so that this route has one

    def values():
        text = site.get("/metrics").body.decode()
        return {name: float(value) for name, value in re.findall(r"^([a-z]\S+) (\S+)$", text, re.M)}
    return values


def families(text):
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))


def test_promtool_finds_no_fault(room):
    answer = Site(room).get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert promtool("check", "metrics", text=answer.body.decode()) == (0, "")


def test_promtool_would_find_one():
    text = "# HELP storyd_polls Polls.\n# TYPE storyd_polls counter\nstoryd_polls 1\n"
    assert promtool("check", "metrics", text=text)[0] != 0


def test_another_reader_understands_it(room):
    parser = pytest.importorskip("prometheus_client.parser")
    text = Site(room).get("/metrics").body.decode()
    found = list(parser.text_string_to_metric_families(text))
    assert len(found) == len(families(text)) > 50
    assert all(f.documentation and f.samples for f in found if f.name not in IN_A_CLUSTER
               and f.name + "_total" not in LABELLED_BY_USE)


def test_each_is_described_and_no_other(room):
    page = (ROOT / "daemon/storyd.8").read_text()
    part = page[page.index(".Sh METRICS"):page.index(".Sh ENVIRONMENT")]
    described = re.findall(r"^\.It Li (\S+)$", part, re.M)
    assert described == list(families(Site(room).get("/metrics").body.decode()))


def test_feeds_and_polls(read):
    counted = read()
    assert counted['storyd_feeds{state="ok"}'] == counted['storyd_feeds{state="error"}'] == 1
    assert sum(v for k, v in counted.items() if k.startswith("storyd_feeds{")) == 2
    assert counted['storyd_polls_total{outcome="new"}'] == 1 and counted['storyd_polls_total{outcome="failed"}'] >= 1
    polls = sum(v for k, v in counted.items() if k.startswith("storyd_polls_total{"))
    assert counted["storyd_poll_duration_seconds_count"] >= polls
    assert counted["storyd_parse_duration_seconds_count"] == 1 and 0 < counted["storyd_parse_duration_seconds_sum"] < 10


def test_articles_events_and_what_became_of_them(room, read):
    counted = read()
    assert counted["storyd_articles_total"] == counted["storyd_window_articles"] == 6
    assert counted["storyd_events_total"] == max(room.records("events"))
    assert counted["storyd_listed_events"] == len(room.events())
    assert counted["storyd_changes_total"] == max(room.records("changes"))
    assert counted["storyd_merges_total"] == counted["storyd_decisions_total"] == 1
    assert counted["storyd_splits_total"] == 0


def test_alerts(read):
    counted = read()
    assert counted['storyd_alert_deliveries_total{by="webhook",outcome="delivered"}'] == 1
    assert counted['storyd_alert_delay_seconds_count{by="webhook"}'] == 1
    assert counted['storyd_alert_deliveries_waiting{by="webhook"}'] == 0


def test_an_alert_that_waits_is_counted_with_its_age(build):
    with Newsroom(build, rest="[alert ship]\nwords = ferry\nwebhook = http://127.0.0.1:1/\n") as room:
        room.feed("/a.xml", rss([item("https://a.example/1", "Ferry collides with harbour crane")]))
        room.start()
        room.daemon.wait_log("alert not delivered", 30)
        text = Site(room).get("/metrics").body.decode()
        assert re.search(r'^storyd_alert_deliveries_total\{by="webhook",outcome="retried"\} [1-9]', text, re.M)
        assert 'storyd_alert_deliveries_waiting{by="webhook"} 1\n' in text
        room.wait(lambda: re.search(r'^storyd_alert_oldest_waiting_seconds\{by="webhook"\} [1-9]',
                                    Site(room).get("/metrics").body.decode(), re.M), "its age to grow")


def test_the_store(room, read):
    counted = read()
    assert counted["storyd_commit_duration_seconds_count"] >= 2
    assert counted["storyd_store_bytes"] == (room.store / "data.mdb").stat().st_size
    assert 0 < counted["storyd_store_fill_ratio"] <= 1


def test_requests_by_route_and_status(room, read):
    site = Site(room)
    before = read()
    paths = ["/event/3", "/event/999", "/nothing", "/more/nothing", "/api/v1/health?x=1"]
    for path in paths:
        site.get(path)
    site.raw(b"GET /event/2 HTTP/1.1\r\nHost: localhost\r\n\r\nno request\r\n\r\n")
    after = read()
    grew = {k: after[k] - before.get(k, 0) for k in after if k.startswith("storyd_http_requests_total")}
    assert {k: v for k, v in grew.items() if v and "metrics" not in k} == {
        'storyd_http_requests_total{method="GET",route="/event/{number}",code="200"}': 2,
        'storyd_http_requests_total{method="GET",route="/event/{number}",code="404"}': 1,
        'storyd_http_requests_total{method="",route="",code="404"}': 2,
        'storyd_http_requests_total{method="GET",route="/api/v1/health",code="400"}': 1,
        'storyd_http_requests_total{method="",route="",code="400"}': 1}
    name = 'storyd_http_request_duration_seconds_%s{method="GET",route="/event/{number}"%s}'
    assert after[name % ("count", "")] - before.get(name % ("count", ""), 0) == 3
    assert after[name % ("bucket", ',le="+Inf"')] == after[name % ("count", "")]
    assert after[name % ("sum", "")] > before.get(name % ("sum", ""), 0)


def test_buckets_are_cumulative(read):
    for le in ("0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10", "30", "100", "300", "+Inf"):
        assert 'storyd_poll_duration_seconds_bucket{le="%s"}' % le in read()
    buckets = [v for k, v in read().items() if k.startswith("storyd_commit_duration_seconds_bucket")]
    assert len(buckets) == 14 and buckets == sorted(buckets)


# ---- the alert rules and the dashboard

RULES = ROOT / "config/alerts.yml"
DASHBOARD = json.loads((ROOT / "config/dashboard.json").read_text(encoding="utf-8"))


def queries():
    """Each query of the dashboard, as Prometheus would get it."""
    panels = [p for p in DASHBOARD["panels"] if p["type"] != "row"]
    found = [t["expr"] for p in panels for t in p["targets"]] + [a["expr"] for a in DASHBOARD["annotations"]["list"]]
    assert len(found) > 40
    return [re.sub(r"\$__(rate_)?interval", "5m", q) for q in found]


def test_the_rules_are_valid():
    status, said = promtool("check", "rules", RULES)
    assert status == 0 and "9 rules" in said, said


def test_each_alert_fires_when_it_should():
    status, said = promtool("test", "rules", ROOT / "tests/data/alerts_test.yml")
    assert status == 0, said


def test_each_alert_has_a_case():
    cases = (ROOT / "tests/data/alerts_test.yml").read_text()
    for name in re.findall(r"- alert: (\w+)", RULES.read_text()):
        assert 'alertname="%s"' % name in cases and "alertname: %s}" % name in cases, name


def test_the_queries_of_the_dashboard_are_valid(tmp_path):
    rules = [{"record": "query:%d" % i, "expr": q.replace("$instance", ".*")} for i, q in enumerate(queries())]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))  # YAML, too
    status, said = promtool("check", "rules", file)
    assert status == 0, said


def test_rules_and_dashboard_name_metrics_that_are(room):
    Site(room).get("/")
    known = families(Site(room).get("/metrics").body.decode())
    text = "\n".join(re.findall(r"expr: (?:>-\n)?((?:.+\n)(?:          .+\n)*)", RULES.read_text()) + queries() +
                     [DASHBOARD["templating"]["list"][1]["query"]["query"]])
    names = set(re.findall(r"\b(?:storyd|process)_[a-z_]+", text))
    assert len(names) > 35
    for name in names:
        family = re.sub(r"_bucket$", "", name)
        assert family in known, name
        assert (known[family] == "histogram") == name.endswith("_bucket"), name


def test_panels_lie_side_by_side():
    taken = set()
    for p in DASHBOARD["panels"]:
        g = p["gridPos"]
        cells = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
        assert g["x"] + g["w"] <= 24 and not cells & taken, p["title"]
        taken |= cells
        assert p["type"] == "row" or p["description"]
    assert len({p["id"] for p in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
