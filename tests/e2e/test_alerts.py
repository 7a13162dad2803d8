"""Alerts: told once for each event and rule, at least once by wire, whatever is killed, merged or reloaded."""
import base64
import email
import email.header
import email.policy
import hashlib
import hmac
import html.parser
import json
import os
import re
import stat
import time

import pytest
from loopback import Response
from newsroom import SUBJECTS, Newsroom, broken, item, rss, storyctl

KEY = "a secret of ours"
SHIP = "Ferry collides with harbour crane at dawn"

AGAIN = "Harbour crane struck as ferry collides with it at dawn"  # a report of its own


def told(room, path="/hook"):
    return [json.loads(r.body) for r in room.web.requests(path)]


def alert(name, **options):
    return "\n[alert %s]\n%s" % (name, "".join("%s = %s\n" % o for o in options.items()))


def article(host, subject, n=1):
    return item("https://%s.example/%d" % (host, n), subject, "%s-%d" % (host, n))


@pytest.fixture
def room(build):
    with Newsroom(build, env={"PATH": "{dir}/bin:" + os.environ["PATH"]}) as room:
        room.web.set("/hook", "thanks")
        (room.daemon.dir / "key").write_text(KEY + "\n")
        (room.daemon.dir / "bin").mkdir()
        yield room


def settle(room):
    """What comes after everything before was dealt with: a post on an article of its own."""
    room.reload()
    for path in room.listed:
        room.wait_feed(path, lambda feed: feed["polls"] > 0)
    n = len(told(room, "/mark"))
    room.feed("/settle%d.xml" % n, rss([article("settle%d" % n, "%s zebrafish" % SUBJECTS[-1 - n])]))
    room.daemon.signal(1)
    room.asked("/mark", n + 1)


MARK = alert("mark", words="zebrafish", webhook="{web}/mark")


def configure(room, *alerts):
    room.web.set("/mark")
    room.configure(rest="".join((*alerts, MARK)).replace("{web}", room.web.base))


def script(room, name, text):
    path = room.daemon.dir / "bin" / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_webhook_is_signed_and_told_once(room):
    configure(room, alert("big ships", reports=2, words="FERRY cran", lang="en", source="a.example,x.example",
                          webhook="{web}/hook", webhook_secret="key"))
    room.feed("/a.xml", rss([article("a", SHIP), article("a", SUBJECTS[0], 2)]))
    room.start()
    room.wait_articles(2)
    settle(room)
    assert told(room) == []  # one report
    room.feed("/b.xml", rss([article("b", AGAIN)]))
    room.daemon.signal(1)
    [request] = room.asked("/hook")
    message = json.loads(request.body)
    [event] = [e for e in room.events().values() if "Ferry" in e["title"]]
    assert set(message) == {"id", "alert", "time", "event"}
    assert message["alert"] == "big ships" and message["event"]["id"] == event["id"]
    assert message["event"]["report_count"] == 2
    h = request.headers
    assert request.method == "POST" and h["Content-Type"] == "application/json"
    assert h["webhook-id"] == message["id"]
    signed = b"%s.%s.%s" % (h["webhook-id"].encode(), h["webhook-timestamp"].encode(), request.body)
    assert h["webhook-signature"] == "v1," + base64.b64encode(
        hmac.new(KEY.encode(), signed, hashlib.sha256).digest()).decode()
    room.feed("/c.xml", rss([article("c", "Dawn: ferry collides with crane in the harbour, many hurt")]))
    settle(room)
    assert len(told(room)) == 1
    room.daemon.stop()
    room.start()
    settle(room)
    assert len(told(room)) == 1
    room.sound()


def test_one_feed_alone_raises_no_alert_that_asks_for_two(room):
    """Whatever papers its items link to or name."""
    configure(room, *[alert(name, webhook="{web}/hook", words="ferry", **{name: 2}) for name in ("reports", "feeds", "growth")])
    room.feed("/evil.xml", rss([item("https://%s.example/1" % p, title, p, more='<source url="https://%s.example/">%s</source>' % (p, p))
                                for p, title in (("kestrel", SHIP), ("harbour", AGAIN), ("gazette", SHIP + ", many hurt"))]))
    room.start()
    room.wait_articles(3)
    settle(room)
    assert told(room) == []


@pytest.mark.parametrize("rule, raised", [
    (dict(feeds=2), True), (dict(feeds=3), False), (dict(growth=2, growth_within="1h"), True), (dict(growth=3), False), (dict(category="religion, disaster, accident and emergency incident"), True),
    (dict(category="sea, religion"), False), (dict(lang="de"), False), (dict(source="nobody.example"), False),
    (dict(words="ferry vineyard"), False)], ids=str)
def test_what_a_rule_asks(room, rule, raised):
    configure(room, alert("rule", webhook="{web}/hook", words="ferry") if "words" not in rule else "",
              alert("rule", webhook="{web}/hook", **rule))
    categories = "<category>Sea</category><category>Accidents</category>"
    for host in "ab":
        room.feed("/%s.xml" % host, rss([item("https://%s.example/1" % host, SHIP, host, more=categories)]))
    room.start()
    room.wait_articles(2)
    settle(room)
    assert bool(told(room)) == raised


def test_it_comes_again_until_it_is_taken(room):
    answers = [Response("", 500), Response(drop=True), Response("", 302, {"Location": "/elsewhere"}), Response("")]
    room.web.set("/hook", lambda request: answers.pop(0))
    configure(room, alert("ship", webhook="{web}/hook", words="ferry"))
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.start()
    requests = room.asked("/hook", 4)
    assert len({r.body for r in requests}) == len({r.headers["webhook-id"] for r in requests}) == 1
    room.daemon.wait_log("alert delivered.*ship")
    assert not room.web.requests("/elsewhere")
    assert not requests[0].headers["webhook-signature"]  # there is no key
    settle(room)
    assert len(told(room)) == 4


def test_what_was_not_delivered_is_after_a_kill(room):
    room.web.set("/hook", Response(delay=30).body, delay=30)
    configure(room, alert("ship", webhook="{web}/hook", words="ferry"))
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.start()
    room.asked("/hook")
    room.daemon.kill()
    room.web.set("/hook")
    room.start()
    first, second = room.asked("/hook", 2)
    assert first.body == second.body
    room.daemon.wait_log("alert delivered")
    settle(room)
    room.daemon.stop()  # that it was delivered is written
    room.start()
    settle(room)
    assert len(told(room)) == 2


def test_not_again_after_a_merge_and_its_undoing(build, room):
    configure(room, alert("ship", webhook="{web}/hook", words="ferry"))
    room.feed("/b.xml", rss([article("b", SUBJECTS[0])]))
    room.start()
    room.wait_articles(1)
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.daemon.signal(1)
    room.asked("/hook")
    ids = {e["title"]: n for n, e in room.events().items()}
    ship, heron = ids[SHIP], ids[SUBJECTS[0]]
    assert heron < ship  # so that it takes the ship in, of which was told
    for ask in (["merge", heron, ship], ["rename", heron, "A ferry by another title"]):
        r = storyctl(build, ask[0], "--db", room.store, *ask[1:])
        assert r.returncode == 0, r.stderr
    settle(room)
    assert len(told(room)) == 1
    [merge] = [d for d, v in room.records("decisions").items() if v["kind"] == "merge"]
    r = storyctl(build, "undo", "--db", room.store, merge)
    assert r.returncode == 0, r.stderr
    settle(room)
    assert len(told(room)) == 1
    room.sound()


def test_a_muted_event_is_not_told(build, room):
    configure(room, alert("ship", reports=2, webhook="{web}/hook", words="ferry"))
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.start()
    room.wait_articles(1)
    r = storyctl(build, "mute", "--db", room.store, next(iter(room.events())))
    assert r.returncode == 0, r.stderr
    room.feed("/b.xml", rss([article("b", AGAIN)]))
    settle(room)
    assert next(iter(room.events().values()))["report_count"] == 2
    assert told(room) == []


def test_a_command_gets_the_event_and_no_shell_its_words(room):
    script(room, "tell", 'printf "%s|" "$@" > args.new; cat >> args.new; mv args.new "args.$2"\n'
                         '[ -e "ready" ] || { touch ready; exit 3; }\n')
    configure(room, alert("ship", command="tell $HOME; one `two`", words="ferry"))
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.start()
    room.daemon.wait_log("exit status 3")
    room.daemon.wait_log("alert delivered.*command")  # at the second try
    args, message = (room.daemon.dir / "args.one").read_text().rsplit("|", 1)
    assert args.split("|") == ["$HOME;", "one", "`two`"]
    assert json.loads(message)["event"]["title"] == SHIP


def test_mail_goes_to_sendmail(room):
    script(room, "sendmail", 'printf "%s " "$@" > mail.new; echo >> mail.new; cat >> mail.new; mv mail.new mail\n')
    title = "Fähre rammt Kran im Hafen: \"wie ein Donnerschlag\", sagt eine Frau am Ufer, und alle Boote wackeln"
    configure(room, "[http]\nbase_url = https://desk.example/news/\n", alert("ship", mail="ada@desk.example  root", words="fähre"))
    room.feed("/a.xml", rss([article("a", title)]))
    room.start()
    room.daemon.wait_log("alert delivered.*mail")
    args, text = (room.daemon.dir / "mail").read_text().split("\n", 1)
    assert args.split() == ["-i", "--", "ada@desk.example", "root"]
    mail = email.message_from_string(text, policy=email.policy.default)
    assert mail["Subject"] == "[ship] " + title and mail["To"] == "ada@desk.example, root"
    assert title in mail.get_content() and "1 sources, 1 independent reports" in mail.get_content()
    [number] = room.events()
    assert "The event: https://desk.example/news/event/%d\nMute it: https://desk.example/news/event/%d#mute\n" % (number, number) in mail.get_content()
    assert max(map(len, text.splitlines())) < 80


def test_what_a_reload_takes_away_is_not_sent(room):
    room.web.set("/hook", "", 500)
    configure(room, alert("ship", webhook="{web}/hook", words="ferry"))
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.start()
    room.asked("/hook", 2)
    configure(room)
    room.reload()
    room.wait(lambda: not room.records("_deliveries"), "the end of the delivery")
    room.sound()


def test_no_delivery_is_lost_when_many_come(room):
    configure(room, alert("all", webhook="{web}/hook"))
    room.feed("/a.xml", rss([article("a", "%s number%d" % (SUBJECTS[i % 16], i), i) for i in range(40)]))
    room.start()
    room.wait_articles(40)
    events = set(room.events())
    room.wait(lambda: {m["event"]["id"] for m in told(room)} >= events, "a post for each event")
    assert len({m["id"] for m in told(room)}) == len(told(room))


# ---- formats of the webhook

BASE = "[http]\nbase_url = https://desk.example/\n"
HOSTILE = "Hostile <!channel> & @everyone @here *b* [x](https://evil.example) `c` _d_ ~e~ <b>f</b> | g\\"
NO_MENTION = HOSTILE.replace("@", "@\u200b")
MATRIX = "/_matrix/client/v3/rooms/!a:b.example/send/m.room.message"
SECRETS = {"matrix": "key", "ntfy": "key"}


def told_in(build, room, form, path="/hook", title=HOSTILE, **more):
    """The request that tells of an event of that title, its number."""
    options = dict(words="hostile", webhook="{web}" + path, format=form, **more)
    if form in SECRETS:
        options["webhook_secret"] = SECRETS[form]
        (room.daemon.dir / "key").write_text("a-token")
    configure(room, BASE, alert("ship & crew", **options))
    for host, text in (("kestrel", SHIP), ("tribune", AGAIN)):
        room.feed("/%s.xml" % host, rss([item("https://%s.example/1?a=1&b=(2)" % host, text, host, text="The ferry <b>Star</b> hit a crane, @channel. Nobody was hurt.")], title="The *%s*" % host))
    room.start()
    room.wait_articles(2)
    [number] = room.events()
    r = storyctl(build, "rename", "--db", room.store, number, title)
    assert r.returncode == 0, r.stderr
    if form != "matrix":
        room.asked(path)
        room.daemon.wait_log("alert delivered")
    return room.wait(lambda: [r for r in room.web.requests() if r.path.startswith(path)], "the message")[0], number


def unmarkdown(text):
    """What Markdown shows: links as (text, address), escaped characters as they are; nothing else may be markup."""
    text = re.sub(r"\\(.)", lambda m: "\0%d\0" % ord(m[1]), text.replace("**", ""))
    links = re.findall(r"\[([^][]*)\]\(([^()]*)\)", text)
    text = re.sub(r"\[([^][]*)\]\(([^()]*)\)", r"\1", text)
    assert not re.search(r"[\\`*_{}\[\]()#+!~|-]", text), text
    plain = lambda t: re.sub(r"\0(\d+)\0", lambda m: chr(int(m[1])), t)
    return plain(text), [(plain(t), a) for t, a in links]


def check_lines(lines, quote):
    assert lines[0] == NO_MENTION
    assert re.fullmatch(r"\[ship & crew\] 2 sources: The \*\w+\* and The \*\w+\*", lines[1]), lines
    assert lines[2].startswith(quote + "The ferry Star hit a crane, @\u200bchannel."), lines
    assert lines[3:] == ["Lead article · Mute this event"]


def check_links(links, number):
    page = "https://desk.example/event/%d" % number
    assert links[0] == (NO_MENTION, page) and links[2] == ("Mute this event", page + "#mute")
    assert re.fullmatch(r"https://\w+\.example/1\?a=1&b=%282%29", links[1][1])


def unslack(text):
    links = [(t, a) for a, t in re.findall(r"<([^|<>]+)\|([^<>]+)>", text)]
    plain = lambda t: t.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = re.sub(r"<([^|<>]+)\|([^<>]+)>", r"\2", text)
    assert not re.search(r"<|&(?!amp;|lt;|gt;)", text)
    lines = plain(text).split("\n")
    return [lines[0][1:-1], *lines[1:]], [(plain(t), plain(a)) for t, a in links]


def test_slack(build, room):
    request, number = told_in(build, room, "slack")
    body = json.loads(request.body)
    assert request.method == "POST" and request.headers["Content-Type"] == "application/json"
    assert set(body) == {"text", "unfurl_links", "unfurl_media"} and not body["unfurl_links"]
    lines, links = unslack(body["text"])
    check_lines(lines, "> ")
    check_links(links, number)
    assert not request.headers["webhook-id"] and not request.headers["Authorization"]


@pytest.mark.parametrize("form, more", [("mattermost", {}), ("discord", {"allowed_mentions": {"parse": []}, "flags": 4})])
def test_markdown(build, room, form, more):
    request, number = told_in(build, room, form)
    body = json.loads(request.body)
    text, links = unmarkdown(body.pop("content" if form == "discord" else "text"))
    check_lines(text.split("\n"), "> ")
    check_links(links, number)
    assert body == more


def test_teams(build, room):
    request, number = told_in(build, room, "teams")
    body = json.loads(request.body)
    assert set(body) == {"type", "attachments"} and body["type"] == "message"
    [attachment] = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive" and attachment["contentUrl"] is None
    card = attachment["content"]
    assert card["type"] == "AdaptiveCard" and card["version"] == "1.4" and card["$schema"]
    assert {b["type"] for b in card["body"]} == {"RichTextBlock"}
    runs = [run for b in card["body"] for run in b["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    check_lines([run["text"] for run in runs] + ["Lead article · Mute this event"], "")
    assert [(a["type"], a["title"]) for a in card["actions"]] == [
        ("Action.OpenUrl", t) for t in ("Open", "Lead article", "Mute this event")]
    check_links([(NO_MENTION, card["actions"][0]["url"])] + [(a["title"], a["url"]) for a in card["actions"][1:]], number)


class Matrix(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.text, self.links, self.tags = "", [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.text += "\n" if tag == "br" else ""
        if tag == "a":
            self.links.append(["", dict(attrs)["href"]])

    def handle_data(self, data):
        self.text += data
        if self.links and self.get_starttag_text().startswith("<a"):
            self.links[-1][0] += data


def test_matrix(build, room):
    request, number = told_in(build, room, "matrix", MATRIX)
    assert request.method == "PUT" and request.headers["Authorization"] == "Bearer a-token"
    body = json.loads(request.body)
    assert body["msgtype"] == "m.text" and body["format"] == "org.matrix.custom.html" and body["m.mentions"] == {}
    shown = Matrix(body["formatted_body"])
    assert shown.tags == {"b", "a", "br"}
    check_lines(shown.text.split("\n"), "")
    check_links([(NO_MENTION, shown.links[0][1])] + [tuple(l) for l in shown.links[1:]], number)
    assert re.fullmatch(re.escape(MATRIX) + r"/[0-9a-f]{16}-\d+-\d+", request.path)
    _, again = room.wait(lambda: len(r := [r for r in room.web.requests() if r.path.startswith(MATRIX)]) > 1 and r[:2], "a second try")
    assert again.path == request.path and again.body == request.body  # so that a message is not doubled
    assert body["body"].startswith(NO_MENTION + ": https://desk.example/event/%d\n[ship & crew] 2 sources" % number)


def test_ntfy(build, room):
    title = "Hostile: Fähre @everyone rammt Kran, „wie ein Donnerschlag“"
    request, number = told_in(build, room, "ntfy", title=title)
    h = request.headers
    assert request.method == "POST" and h["Content-Type"] == "text/plain; charset=utf-8" and h["Authorization"] == "Bearer a-token"
    assert str(email.header.make_header(email.header.decode_header(h["Title"]))) == title.replace("@", "@\u200b")
    page = "https://desk.example/event/%d" % number
    assert h["Title"].isascii() and h["Click"] == page and h["Tags"] == "newspaper" and h["Priority"] == "default"
    assert h["Actions"] == 'view, Mute this event, "%s#mute"' % page
    counts, said, link = request.body.decode().split("\n")
    assert counts.startswith("[ship & crew] 2 sources: ") and said.startswith("The ferry Star") and link.startswith("Lead article: https://")


def test_a_message_fits_where_it_goes(build, room):
    request, _ = told_in(build, room, "discord", title="Hostile " + "*" * 290)
    content = json.loads(request.body)["content"]
    assert 800 < len(content) <= 2000


def test_a_server_that_is_busy_is_left_alone_as_long_as_it_says(room):
    """By all that goes there."""
    answers = [Response("", 429, {"Retry-After": "3"})]
    room.web.set("/hook", lambda request: answers.pop(0) if answers else Response("ok"))
    configure(room, alert("one", webhook="{web}/hook", format="slack", words="ferry"), alert("two", webhook="{web}/hook", format="slack", words="heron"))
    room.feed("/a.xml", rss([article("a", SHIP)]))
    room.start()
    [busy] = room.asked("/hook")
    room.daemon.wait_log("alert not delivered")
    room.feed("/b.xml", rss([article("b", SUBJECTS[0])]))
    settle(room)
    requests = room.asked("/hook", 3)
    assert min(r.time for r in requests[1:]) - busy.time >= 2.9
    assert len(requests) == 3


def test_a_busy_day_does_not_flood_a_channel(room):
    """After the limit, one message counts the rest, also after a restart."""
    configure(room, BASE, alert("all", webhook="{web}/hook", format="slack", per_hour=2), alert("machine", webhook="{web}/machine"))
    room.web.set("/machine")
    room.feed("/a.xml", rss([article("a", "%s number%d" % (SUBJECTS[i % 16], i), i) for i in range(7)]))
    room.start()
    room.wait_articles(7)
    events = room.events()
    room.asked("/machine", len(events))
    assert len(room.asked("/hook", 2)) == 2
    [waiting] = room.wait(lambda: len(d := room.records("_deliveries").values()) == 1 and d, "the last message to wait")
    assert json.loads(waiting["body"])["more"] == len(events) - 2
    assert 3000 < waiting["due"] - time.time() <= 3600
    room.daemon.stop()
    room.sound()
    with broken(room.store) as (db, txn):
        for k, v in list(txn.cursor(db("_deliveries"))):
            txn.put(k, json.dumps(dict(json.loads(v), due=int(time.time()))).encode(), db=db("_deliveries"))
    room.web.clear()
    room.start()
    [request] = room.asked("/hook")
    assert json.loads(request.body)["text"] == "*<https://desk.example/|%d more events>*\n[all] the limit of messages per hour was reached" % (len(events) - 2)
    room.wait(lambda: not room.records("_deliveries"), "the end of the delivery")
