"""Digests by mail: one for each period, with the top events since the last one, whatever is restarted."""
import email
import email.policy
import json
import os
import re
import stat
import time

import pytest
from newsroom import SUBJECTS, Newsroom, Store, broken, item, rss, storyctl

SHIP = "Ferry collides with harbour crane at dawn"
AGAIN = "Harbour crane struck as ferry collides with it at dawn"
DAY = 86400


@pytest.fixture
def room(build):
    with Newsroom(build, env={"PATH": "{dir}/bin:" + os.environ["PATH"], "TZ": "Europe/Berlin"}) as room:
        script(room, 'cat > "mail.$$.new"; mv "mail.$$.new" "mail.$$"\n')
        for host, title in (("kestrel", SHIP), ("tribune", AGAIN)):
            room.feed("/%s.xml" % host, rss([item("https://%s.example/1" % host, title, host, text="The ferry <b>Star</b> hit a crane."),
                                             item("https://%s.example/2" % host, SUBJECTS[1], host + "2")], title=host.title()))
        room.feed("/alone.xml", rss([item("https://alone.example/1", SUBJECTS[0], "alone")]))
        yield room


def script(room, text):
    path = room.daemon.dir / "bin" / "sendmail"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def configure(room, base="https://desk.example", **more):
    options = dict(mail="ada@desk.example root", **more)
    room.configure(rest="[http]\nbase_url = %s\n[digest desk]\n%s" % (base, "".join("%s = %s\n" % o for o in options.items())))


def begin(room, events=3):
    """The first start, which sends nothing, and a stop."""
    room.start()
    room.wait(lambda: len(room.events()) == events, "the events")
    room.wait(lambda: numbers(room), "the digest's begin")
    room.daemon.stop()
    assert not mails(room)


def numbers(room):
    with Store(room.store) as store, store.env.begin() as txn:
        return {k.decode(): int(v) for k, v in txn.cursor(store.env.open_db(b"meta", txn, create=False)) if k.startswith(b"digest_")}


def set_back(room, seconds, everything=True):
    """As if the last digest had been that long ago; of all events, if everything."""
    with broken(room.store) as (db, txn):
        for k, v in list(txn.cursor(db("meta"))):
            if re.fullmatch(b"digest_[0-9a-f]{16}_time", k):
                txn.put(k, b"%d" % (json.loads(v) - seconds), db=db("meta"))
            elif everything and re.fullmatch(b"digest_[0-9a-f]{16}_seq", k):
                txn.put(k, b"0", db=db("meta"))


def mails(room):
    return [email.message_from_string(p.read_text(), policy=email.policy.default)
            for p in sorted(room.daemon.dir.glob("mail.*")) if not p.name.endswith(".new")]


def made(room, n):
    return room.wait(lambda: (found := re.findall(r"digest made.*events=(\d+)", room.daemon.log())) and len(found) >= n and found, "a digest")


def test_the_top_events_are_mailed_once(build, room):
    configure(room)
    begin(room)
    set_back(room, 2 * DAY)
    room.start()
    [mail] = room.wait(lambda: mails(room), "the mail")
    room.daemon.wait_log("alert delivered.*digest")
    assert re.fullmatch(r"storyd: 2 events, (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d+ [A-Z][a-z]+", mail["Subject"])
    assert mail["To"] == "ada@desk.example, root" and mail.get_content_type() == "multipart/alternative"
    text, html = [part.get_content() for part in mail.iter_parts()]
    events = {e["title"]: n for n, e in room.events().items()}
    scores = sorted((e for e in room.events().values() if e["source_count"] == 2), key=lambda e: -e["score"])
    assert re.findall(r"^\d\. (.*)", text, re.M) == [e["title"] for e in scores]
    assert "2 sources: Kestrel and Tribune\n" in text or "2 sources: Tribune and Kestrel\n" in text
    assert "\nThe ferry Star hit a crane. (" in text
    for e in scores:
        assert "https://desk.example/event/%d\n" % e["id"] in text
        assert 'href="https://desk.example/event/%d"' % e["id"] in html and e["title"] in html
    assert SUBJECTS[0] not in text + html and len(events) == 3
    room.daemon.stop()
    room.start()
    room.daemon.stop()
    assert len(mails(room)) == 1
    set_back(room, 2 * DAY, everything=False)  # nothing is new
    room.start()
    assert made(room, 2)[-1] == "0"
    room.daemon.stop()
    assert len(mails(room)) == 1
    room.sound()


def test_what_an_event_says_is_no_markup(build, room):
    title = "<script>alert(1)</script> \"q\" 'a' & <img src=https://evil.example/x>"
    configure(room, base="")
    room.start()
    room.wait(lambda: len(room.events()) == 3, "the events")
    ferry = next(n for n, e in room.events().items() if "erry" in e["title"])
    for ask in (["rename", ferry, title], ["mute", next(n for n, e in room.events().items() if e["title"] == SUBJECTS[1])]):
        r = storyctl(build, ask[0], "--db", room.store, *ask[1:])
        assert r.returncode == 0, r.stderr
    room.wait(lambda: numbers(room), "the digest's begin")
    room.daemon.stop()
    set_back(room, 2 * DAY)
    room.start()
    [mail] = room.wait(lambda: mails(room), "the mail")
    assert mail["Subject"].startswith("storyd: 1 event, ")
    text, html = [part.get_content() for part in mail.iter_parts()]
    assert title in text
    assert not re.search(r"<(?!/?(html|head|meta|title|body|h1|ol|li|p|b|a)\b|!DOCTYPE)", html)
    assert re.fullmatch(r"https://(kestrel|tribune)\.example/1", *re.findall(r'href="([^"]*)"', html))
    assert "src=" not in re.sub("&lt;.*?&gt;", "", html) and "url(" not in html


def test_a_filter_selects_and_most_limits(room):
    configure(room, min_sources=1, most=1, words="heron")
    begin(room)
    set_back(room, 2 * DAY)
    room.start()
    [mail] = room.wait(lambda: mails(room), "the mail")
    assert SUBJECTS[0] in mail.get_body(("plain",)).get_content()


def test_a_digest_that_was_not_sent_is_sent_later(room):
    script(room, "exit 3\n")
    configure(room)
    begin(room)
    set_back(room, 2 * DAY)
    room.start()
    room.daemon.wait_log("alert not delivered.*digest.*exit status 3")
    room.daemon.kill()
    script(room, 'cat > "mail.new"; mv mail.new mail.1\n')
    room.start()
    [mail] = room.wait(lambda: mails(room), "the mail")
    assert len(made(room, 1)) == 1
    assert re.fullmatch(r"[0-9a-f]{16}-digest-\d+", mail["X-Storyd-Id"])


@pytest.mark.parametrize("seconds, sent", [(-2 * DAY, False), (-DAY // 2, False), (-400 * DAY, False), (8 * DAY, True)])
def test_a_clock_that_was_wrong(room, seconds, sent):
    """What the last digest says of later does not stop the digests for long, and repeats none."""
    configure(room, every="week")
    begin(room)
    set_back(room, seconds)
    room.start()
    if sent:
        room.wait(lambda: mails(room), "the mail")
    elif seconds < -7 * DAY:
        room.wait(lambda: all(v <= time.time() for k, v in numbers(room).items() if k.endswith("time")), "a new begin")
    room.daemon.stop()
    assert len(mails(room)) == sent
