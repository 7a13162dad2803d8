#!/usr/bin/python3
"""Shows storyd at work on the sample feeds: `make demo` runs it.

Starts the loopback feed server and storyd, then shows the merged stories as they grow: in a terminal
as a table that is drawn again, elsewhere as lines. Ctrl-C (or --seconds) ends all of it.
"""
import argparse
import collections
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = """[store]
path = db
[feeds]
list = feeds.opml
[poll]
# only for feeds on this machine: be politer with everybody else's
interval = 1s
interval_unchanged = 1s
pause_per_host = 1ms
allow_addresses = 127.0.0.1
# the outlets' sites are the feed server's too
proxy = {proxy}
[pages]
fetch = events
[http]
listen = 127.0.0.1:{port}
"""
PAGE_PORT = 8787


class Demo:
    def __init__(self, build, data, speed):
        self.build, self.data, self.speed = build, data, speed
        self.children = []
        self.news = []       # lines for people, the latest last
        self.sources = {}    # event -> domains of its sources as last seen
        self.merges = []     # change records of kind merged, not yet told
        self.events = []

    def start(self, *command, **more):
        child = subprocess.Popen([str(c) for c in command], **more)
        self.children.append(child)
        return child

    def run(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        server = self.start(sys.executable, HERE / 'feedserver.py', '--speed', self.speed,
                            '--opml', self.data / 'feeds.opml', stdout=subprocess.PIPE)
        proxy = server.stdout.readline().decode().strip()  # its address: it serves now
        (self.data / 'storyd.conf').write_text(CONFIG.format(
            port=PAGE_PORT if is_free(PAGE_PORT) else 0, proxy=proxy))
        self.daemon = self.start(self.build / 'storyd', '-c', self.data / 'storyd.conf',
                                 stderr=open(self.data / 'storyd.log', 'w'))
        db = self.data / 'db'
        while not (db / 'data.mdb').exists() or not self.list_events():
            if self.daemon.poll() is not None:
                sys.exit('storyd has ended: ' + (self.data / 'storyd.log').read_text())
            time.sleep(0.2)
        log = (self.data / 'storyd.log').read_text()
        self.page = 'http://' + re.search(r' listening address=(127\S+)', log)[1] + '/'
        tail = self.start(self.build / 'storyctl', 'tail', '--db', db, '--since', '0', '--json',
                          stdout=subprocess.PIPE)
        threading.Thread(target=self.follow, args=(tail.stdout,), daemon=True).start()

    def follow(self, lines):
        for line in lines:
            change = json.loads(line)
            if change['kind'] == 'merged':
                self.merges.append(change)

    def list_events(self):
        r = subprocess.run([str(self.build / 'storyctl'), 'list', '--db', str(self.data / 'db'),
                            '--limit', '0', '--json'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return [json.loads(line) for line in r.stdout.splitlines()]

    def look(self):
        """Reads the events again; the lines of what is new since the last look."""
        self.events = self.list_events()
        told = []
        for e in reversed(self.events):
            before = self.sources.get(e['id'])
            if before is None:
                told.append(f"new    {e['title']}  ({e['sources'][0]['name']})")
            elif fresh := [s['name'] for s in e['sources'] if s['domain'] not in before]:
                told.append(f"{e['source_count']:2} src {e['title']}  (+ {', '.join(fresh)})")
            self.sources[e['id']] = {s['domain'] for s in e['sources']}
        while self.merges:
            m = self.merges.pop(0)
            title = next((e['title'] for e in self.events if e['id'] == m['event']), '')
            told.append(f"merged event {m['from']} into {m['event']}: {title}")
        clock = time.strftime('%H:%M:%S  ')
        told = [clock + line for line in told]
        self.news += told
        return told

    def table(self, rows=None):
        yield ' SOURCES  REPORTS  STORY'
        for e in self.events[:rows]:
            yield f"{e['source_count']:8}  {e['report_count']:7}  {e['title']}"

    def pages(self):
        """Lines on what came of the articles' pages."""
        r = subprocess.run([str(self.build / 'storyctl'), 'export', '--db', str(self.data / 'db')],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        articles = [a for line in r.stdout.splitlines() for a in json.loads(line)['articles']]
        known = [a for a in articles if a.get('page')]
        counts = collections.Counter((a['page']['state'], a['page']['why']) for a in known)
        for (state, why), n in counts.most_common():
            yield f"{n:8}  {state}{': ' + why if why else ''}"
        for a in known:
            if a['paywalled']:
                yield f"          behind a paywall: {a['title']}"

    def stop(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            child.wait(timeout=20)
        return self.daemon.returncode


def is_free(port):
    with socket.socket() as s:
        return s.connect_ex(('127.0.0.1', port)) != 0


def fit(line, width):
    """Cut to so many columns."""
    columns = 0
    for i, c in enumerate(line):
        columns += 2 if unicodedata.east_asian_width(c) in 'WF' else 1
        if columns > width:
            return line[:i - 1] + '…'
    return line


def draw(demo):
    size = shutil.get_terminal_size()
    rows = max(5, size.lines - 13)
    articles = sum(e['article_count'] for e in demo.events)
    shared = sum(e['source_count'] > 1 for e in demo.events)
    lines = [f'storyd: {articles} articles, {len(demo.events)} stories, {shared} of them from several'
             ' sources. Ctrl-C ends.', 'The page: ' + demo.page, '']
    lines += list(demo.table(rows)) + [''] + demo.news[-8:]
    print('\x1b[H\x1b[2J' + '\n'.join(fit(line, size.columns) for line in lines), flush=True)


def farewell(demo, status):
    print('\nThe events, latest first:')
    for line in demo.table():
        print(line)
    print("\nThe articles' pages:")
    for line in demo.pages():
        print(line)
    ctl, db = demo.build / 'storyctl', demo.data / 'db'
    first = next((e['id'] for e in demo.events if e['source_count'] > 1), 1)
    print(f"""
storyd has ended {'cleanly' if status == 0 else f'with status {status}; see storyd.log'}. The data is in {demo.data}; read it with
    {ctl} list --db {db}
    {ctl} show --why --db {db} {first}
    {ctl} tail --since 0 --db {db}
    {ctl} export --db {db} | python3 -m json.tool --json-lines
Your own feeds: put them into config/feeds.opml, then `make run`.""")


def main():
    parser = argparse.ArgumentParser(description='storyd on sample feeds')
    parser.add_argument('--build', type=pathlib.Path, default=HERE.parents[1] / 'build')
    parser.add_argument('--data', type=pathlib.Path, default=pathlib.Path('var/demo'))
    parser.add_argument('--speed', default='1', help='10: a minute of news in six seconds')
    parser.add_argument('--seconds', type=float, help='stop after this many seconds; without it, Ctrl-C stops')
    args = parser.parse_args()
    demo = Demo(args.build, args.data, args.speed)
    for s in (signal.SIGINT, signal.SIGTERM):
        signal.signal(s, signal.default_int_handler)
    status = 1
    try:
        demo.run()
        if not sys.stdout.isatty():
            print('The page: ' + demo.page, flush=True)
        started = time.monotonic()
        while args.seconds is None or time.monotonic() - started < args.seconds:
            told = demo.look()
            if sys.stdout.isatty():
                draw(demo)
            else:
                for line in told:
                    print(line, flush=True)
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = demo.stop()
        demo.look()
        farewell(demo, status)
    return status


if __name__ == '__main__':
    sys.exit(main())
