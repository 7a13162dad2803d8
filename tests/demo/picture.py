#!/usr/bin/python3
"""Draws the picture of an event that the README shows: `make picture`.

The demo's stories, all of them told, in storyd and Debian's Chromium; the event of the story "lumen-aldern".
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import feedserver  # noqa: E402
from browser import Browser  # noqa: E402
from newsroom import Newsroom  # noqa: E402

WIDTH, HEIGHT = 1180, 2010


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    p.add_argument("--out", default=str(HERE / "event.png"))
    a = p.parse_args()
    news = feedserver.News(start=time.time() - 3600)
    server = feedserver.Server(news)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Newsroom(a.build.resolve()) as room:
        room.write_list = lambda text=None: (room.daemon.dir / "feeds.opml").write_text(
            news.opml(server.base), encoding="utf-8")
        room.start()

        def told():
            out = subprocess.run([a.build / "storyctl", "list", "--db", room.store, "--limit", "0", "--json"],
                                 capture_output=True, text=True).stdout
            found = [e for e in map(json.loads, out.splitlines()) if "Lumen" in e["title"] and e["post_count"] == 8]
            return found and found[0]
        event = room.wait(told, "the event with its posts")
        port = next(line for line in room.daemon.lines if " listening address=127" in line).rsplit(":", 1)[1].split()[0]
        with Browser() as b:
            b.window(WIDTH, HEIGHT)
            b.driver.get("http://127.0.0.1:%s/event/%d" % (port, event["id"]))
            b.driver.save_screenshot(a.out)
    server.shutdown()
    print(a.out)


if __name__ == "__main__":
    main()
