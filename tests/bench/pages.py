#!/usr/bin/python3
"""How fast and how politely articles' pages are read: `make bench-pages`.

A loopback server is 40 sites, each an address of its own, with a feed whose items appear over time
and a page of 60 to 120 KB for each item: 2,000 pages in 72 s, ten times what 10,000 pages an hour
would be. It ends by itself, after three minutes at the latest.
"""
import argparse
import asyncio
import collections
import functools
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time
from xml.sax.saxutils import quoteattr

SITES, ARTICLES, SPREAD = 40, 50, 60  # articles of a site, and the seconds that they appear in
SHOWN = 25                            # newest items that a feed has
PAUSE = 0.1                           # [poll] pause_per_host
WITHIN, LIMIT = 72, 170
TICK = os.sysconf('SC_CLK_TCK')

CONFIG = """[store]
path = store
max_size = 8GiB
[feeds]
list = feeds.opml
[http]
listen = none
[poll]
interval = 3s
interval_unchanged = 3s
pause_per_host = 100ms
allow_addresses = 127.0.0.0/8
contact = bench@example.org
[pages]
fetch = all
budget = 1000000
host_budget = 1000000
feed_budget = 1000000
[log]
level = warning
"""

SYLLABLES = ('ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo za bren cal dor fen gol hild '
             'jur kast lind mar nor olt pra quen rost sel tirn ulm vas wen').split()
SCRIPT = '<script>var settings = {"slot": %d, "size": [300, 250], "lazy": true, "key": "%08x"};</script>\n'
BLOCK = '<div class="c-%d wrap"><ul class="list"><li><a href="/tag/%s">%s</a></li></ul></div>\n'


class Words:
    """Invented words, the common ones more often."""

    def __init__(self, seed):
        r = random.Random(seed)
        self.words = sorted({''.join(r.choices(SYLLABLES, k=r.choice((1, 2, 2, 3)))) for _ in range(9000)})
        r.shuffle(self.words)
        self.weights = [1 / (n + 8) for n in range(len(self.words))]
        self.total = list(itertools.accumulate(self.weights))

    def take(self, r, n):
        return r.choices(self.words, cum_weights=self.total, k=n)

    def sentence(self, r):
        words = self.take(r, r.randint(9, 26))
        return ' '.join(words).capitalize() + '.'

    def paragraph(self, r):
        return ' '.join(self.sentence(r) for _ in range(r.randint(2, 4)))


class Site:
    """A site's feed and pages; every fifth of its articles tells what its neighbour's does."""

    def __init__(self, number, port, words):
        self.number, self.words, self.base = number, words, 'http://127.0.1.%d:%d' % (number + 1, port)

    @functools.cache
    def article(self, n):
        """(title, lead, paragraphs)"""
        shared = n % 5 == 0
        story = random.Random('story %d %d' % (self.number // 2 if shared else self.number + SITES, n))
        names = [w.capitalize() for w in self.words.take(story, 6)]
        title = ' '.join(names[:3] + self.words.take(story, 5))
        lead = '%s. %s' % (' '.join(names), self.words.sentence(story))
        own = random.Random('own %d %d' % (self.number, n))
        return title, lead, [lead] + [self.words.paragraph(own) for _ in range(own.randint(6, 14))]

    def feed(self, elapsed):
        begun = min(ARTICLES, int(ARTICLES * elapsed / SPREAD) + 1)
        items = []
        for n in range(begun - 1, max(-1, begun - 1 - SHOWN), -1):
            title, lead, _ = self.article(n)
            items.append('<item><title>%s</title><link>%s/a/%d</link><guid>%s/a/%d</guid><description>%s</description></item>'
                         % (title, self.base, n, self.base, n, lead))
        return ('<rss version="2.0"><channel><title>Site %d</title><link>%s/</link><language>en</language>%s</channel></rss>'
                % (self.number, self.base, ''.join(items))).encode()

    def page(self, n):
        title, _, paragraphs = self.article(n)
        r = random.Random('page %d %d' % (self.number, n))
        size = r.randint(60, 120) * 1024
        head = ('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>%s | Site %d</title>'
                '<meta property="og:type" content="article"><meta name="author" content="Staff of site %d">'
                % (title, self.number, self.number))
        body = '<article><h1>%s</h1>%s</article>' % (title, ''.join('<p>%s</p>' % p for p in paragraphs))
        filling, length = [], len(head) + len(body)
        while length < size:
            word = r.choice(self.words.words)
            filling.append(r.choice((SCRIPT % (r.randrange(99), r.getrandbits(32)), BLOCK % (r.randrange(99), word, word))))
            length += len(filling[-1])
        half = len(filling) // 2
        return (head + '</head><body><nav>' + ''.join(filling[:half]) + '</nav>' + body + '<footer>'
                + ''.join(filling[half:]) + '</footer></body></html>').encode()


class Server:
    """In a process of its own; tells through a pipe what it was asked."""

    def __init__(self):
        self.pipe, there = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=lambda: asyncio.run(self.serve(there)), daemon=True)
        self.process.start()
        self.port = self.pipe.recv()

    def told(self):
        self.pipe.send(None)
        return self.pipe.recv()

    async def serve(self, pipe):
        self.asked = collections.defaultdict(list)  # site -> (time, path)
        self.start = None
        server = await asyncio.start_server(self.talk, '127.0.1.1', 0)
        port = server.sockets[0].getsockname()[1]
        others = [await asyncio.start_server(self.talk, '127.0.1.%d' % (n + 1), port) for n in range(1, SITES)]
        words = Words(7)
        self.sites = [Site(n, port, words) for n in range(SITES)]
        self.pages = {(s.number, n): s.page(n) for s in self.sites for n in range(ARTICLES)}
        pipe.send(port)
        while not pipe.poll():
            await asyncio.sleep(0.05)
        pipe.recv()
        pipe.send((dict(self.asked), sum(map(len, self.pages.values()))))
        for one in [server] + others:
            one.close()

    async def talk(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b'\r\n\r\n')
                site = self.sites[int(writer.get_extra_info('sockname')[0].rsplit('.', 1)[1]) - 1]
                path = head.split(b' ', 2)[1].decode()
                self.asked[site.number].append((time.monotonic(), path))
                self.start = self.start or time.monotonic()
                status, kind, body = self.answer(site, path)
                writer.write(b'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n' % (status, kind, len(body)) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, site, path):
        if path == '/rss':
            return b'200 OK', b'application/rss+xml', site.feed(time.monotonic() - self.start)
        if path == '/robots.txt':
            return b'200 OK', b'text/plain', b'User-agent: *\nDisallow: /search\n'
        if path.startswith('/a/'):
            return b'200 OK', b'text/html; charset=utf-8', self.pages[site.number, int(path[3:])]
        return b'404 Not Found', b'text/plain', b'not here\n'


class Storyd:
    def __init__(self, program, work, urls):
        (work / 'storyd.conf').write_text(CONFIG)
        (work / 'feeds.opml').write_text('<opml version="2.0"><body>%s</body></opml>' % ''.join(
            '<outline xmlUrl=%s/>' % quoteattr(u) for u in urls))
        self.log = open(work / 'log', 'w')
        self.process = subprocess.Popen([program, '-c', work / 'storyd.conf'], stderr=self.log)
        self.ctl, self.store = program.with_name('storyctl'), work / 'store'

    def cpu(self):
        fields = pathlib.Path('/proc/%d/stat' % self.process.pid).read_text().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def megabytes(self, what):
        status = pathlib.Path('/proc/%d/status' % self.process.pid).read_text()
        return int(re.search(r'^%s:\s+(\d+) kB' % what, status, re.M)[1]) / 1024

    def articles(self):
        """(events, articles) of one look."""
        out = subprocess.run([self.ctl, 'export', '--db', self.store], capture_output=True).stdout
        events = [json.loads(line) for line in out.splitlines()]
        return events, [a for e in events for a in e['articles']]

    def pages(self):
        """Database pages, as a stranger reads it; {} while there is none."""
        import lmdb  # only here: without it all else can be measured
        try:
            env = lmdb.open(str(self.store), readonly=True, max_dbs=32)
        except lmdb.Error:
            return []
        try:
            with env.begin() as txn:
                return [json.loads(v) for _, v in txn.cursor(env.open_db(b'pages', txn, create=False))]
        except lmdb.Error:
            return []
        finally:
            env.close()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def closest(times):
    """The least time between two requests."""
    return min((b - a for a, b in zip(times, times[1:])), default=0)


def report(o, server, reader, wall, began):
    pages = reader.pages()
    events, articles = reader.articles()
    asked, served = server.told()
    states = collections.Counter('%s%s' % (p['state'], ' ' + p['why'] if p['why'] and p['state'] != 'waiting' else '') for p in pages)
    lags = sorted(p['done'] - p['queued'] for p in pages if p['state'] == 'read')
    counts = [len(a) for a in asked.values()]
    files = sum(p[1] in ('/robots.txt', '/.well-known/tdmrep.json') for a in asked.values() for p in a)
    twice = sum(n - 1 for a in asked.values() for n in collections.Counter(p for _, p in a if p.startswith('/a/')).values())
    near = sorted(closest([t for t, _ in sorted(a)]) for a in asked.values())
    polls = sum(p[1] == '/rss' for a in asked.values() for p in a)
    print(f"pages read           {states['read']:11}       in {wall:.0f} s, {states['read'] / wall:.1f} a second; "
          f"all: {', '.join('%s %d' % s for s in states.most_common())}")
    print(f"requests a site      {sum(counts) / len(counts):11.0f}       {min(counts)} to {max(counts)}, polls of its feed among them "
          f"({polls / len(counts):.0f}); {files} for robots.txt and tdmrep.json; {twice} pages asked for twice")
    print(f"closest requests     {1000 * near[0]:11.0f} ms    to one site; the pause is {1000 * PAUSE:.0f} ms")
    if lags:
        print(f"lag                  {sum(lags) / len(lags):11.1f} s     mean, {lags[-1]} at most, from queued to read, of whole seconds")
    print(f"memory               {reader.megabytes('VmRSS'):11.0f} MB    at the end; {began:.0f} at the start, {reader.megabytes('VmHWM'):.0f} at most; "
          f"{reader.megabytes('RssFile'):.0f} of it the program and what is mapped of the store")
    print(f"CPU                  {reader.cpu():11.1f} s     {1000 * reader.cpu() / max(1, states['read']):.1f} ms a page, polls and events among it; "
          f"pages of {served / ARTICLES / SITES / 1024:.0f} KB")
    size = sum(os.stat(f).st_blocks * 512 for f in reader.store.iterdir() if f.is_file())
    print(f"store                {size / (1 << 20):11.1f} MB    {sum(e['status'] != 'merged' for e in events)} events, {len(articles)} articles, "
          f"{sum(e['status'] != 'merged' and e['source_count'] > 1 for e in events)} events of several sources")
    warnings = (reader.store.parent / 'log').read_text().splitlines()
    for line in warnings[:5]:
        print('log: ' + line)
    return states['read'] == SITES * ARTICLES and wall <= WITHIN and not twice


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--storyd', type=lambda p: pathlib.Path(p).resolve(), required=True)
    o = options.parse_args()
    server = Server()
    with tempfile.TemporaryDirectory(prefix='bench-') as work:
        start = time.monotonic()
        reader = Storyd(o.storyd, pathlib.Path(work), ['http://127.0.1.%d:%d/rss' % (n + 1, server.port) for n in range(SITES)])
        try:
            time.sleep(0.5)
            began, done = reader.megabytes('VmRSS'), 0
            while done < SITES * ARTICLES and time.monotonic() - start < LIMIT:
                time.sleep(1)
                done = sum(bool(p['done']) for p in reader.pages())
            good = report(o, server, reader, time.monotonic() - start, began)
        finally:
            reader.close()
            server.process.join(5)
            server.process.kill()
    if not good:
        print(f'not good: {SITES * ARTICLES} pages were to be read in {WITHIN} s, each asked for once')
    return not good


if __name__ == '__main__':
    raise SystemExit(main())
