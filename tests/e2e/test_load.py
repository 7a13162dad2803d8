"""The thread that writes, while all else goes on: documents, requests, streams, decisions, reloads.

What it proves without more is little; under the thread sanitizer (`make tsan`) it shows races."""
import json
import threading

from newsroom import LONG, Newsroom, SUBJECTS, item, rss
from web import Site

FEEDS, ROUNDS, READERS = 8, 6, 3
PATHS = ("/", "/api/v1/events", "/api/v1/events?order=new", "/feeds", "/machine", "/metrics", "/api/v1/health",
         "/feed.atom", "/api/v1/changes?cursor=0", "/api/v1/decisions", "/event/1", "/api/v1/events/1/reasons")


def document(feed, rounds):
    """Each round has a new item, the same story as that of the other feeds, and edits the one before."""
    return rss([item("https://paper%d.example/%d" % (feed, r), "%s round%d" % (SUBJECTS[r % len(SUBJECTS)], r),
                     guid="r%d" % r, text="Edited. " * (rounds - r)) for r in range(rounds)], title="Paper %d" % feed)


def ask_on_and_on(site, over, wrong):
    """A reader: pages, answers, decisions, until all is over."""
    n = 0
    while not over.is_set():
        path = PATHS[n % len(PATHS)]
        answer = site.get(path)
        if answer.status not in (200, 404):
            wrong.append((path, answer.status, answer.body[:200]))
        if n % 5 == 0:
            events = site.get("/api/v1/events?limit=1").json()["events"]
            if events:
                ask = {"kind": "rename", "event": events[0]["id"], "who": "test", "title": "Title %d" % n}
                answer = site.ask("POST", "/api/v1/decisions", json.dumps(ask), unix=True, Content_Type="application/json")
                if answer.status not in (201, 404, 409):
                    wrong.append(("rename", answer.status, answer.body[:200]))
        n += 1


def listen(site, over):
    """A stream of changes."""
    c = site.connection()
    c.request("GET", "/api/v1/stream?cursor=0")
    response = c.getresponse()
    while not over.is_set() and response.readline():
        pass
    c.close()


def test_commits_while_everything_else_goes_on(build):
    with Newsroom(build, commit_after="1ms", commit_articles=1) as room:
        for f in range(FEEDS):
            room.feed("/%d.xml" % f, document(f, 1))
        room.start()
        over, wrong, site = threading.Event(), [], Site(room)
        threads = [threading.Thread(target=ask_on_and_on, args=(site, over, wrong), daemon=True) for _ in range(READERS)]
        threads += [threading.Thread(target=listen, args=(site, over), daemon=True) for _ in range(2)]
        for t in threads:
            t.start()
        try:
            for r in range(2, ROUNDS + 1):
                for f in range(FEEDS):
                    room.feed("/%d.xml" % f, document(f, r))
                if r % 3 == 0:
                    room.reload()
                room.wait(lambda: len(room.records("articles")) >= FEEDS * r, "round %d" % r)
        finally:
            over.set()
            for t in threads[:READERS]:
                t.join(LONG)
        assert not wrong
        room.wait_articles(FEEDS * ROUNDS)
        assert room.daemon.stop(LONG) == 0
        room.sound()
