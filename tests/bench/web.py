#!/usr/bin/python3
"""How fast storyd answers over HTTP: `make bench-http`.

A generated store of 100,000 events and 1,000,000 articles; wrk asks over loopback, with kept
connections. Two figures each: answers a second as they came, and answers for each second of the
daemon's own processor time, which other work on the machine disturbs less. Then the same while
feeds are read as fast as they come, and 1,000 streams that each wait for the same changes; how long
others wait, and the daemon's end, while clients ask for all they can; and how long Chromium takes to
have an editors' page complete, from nothing kept.
"""
import argparse
import contextlib
import json
import multiprocessing
import os
import pathlib
import random
import re
import selectors
import shutil
import socket
import struct
import subprocess
import sys
import time
import urllib.request

import lmdb

EVENTS, ARTICLES_EACH = 100_000, 10
STREAMS, ROUNDS = 1_000, 10
LOADS = 15
TICK = os.sysconf('SC_CLK_TCK')
NOW = 1_800_000_000
FEEDS, FEED_ITEMS = 200, 66

WORDS = ('harbour ferry quake minister budget striker wildfire tunnel orchard senate museum battery '
         'glacier bakery violin copper lottery teacher vineyard airline bridge reactor parliament '
         'referee satellite flood strike verdict merger vaccine drought festival tariff rescue').split()


def key(n):
    return struct.pack('>Q', n)


def event(n, rng):
    first = NOW - rng.randrange(3 * 86400)
    sources = [{'name': f'Paper {k}', 'domain': f'paper{k}.example', 'articles': 1, 'first': first + 60 * i}
               for i, k in enumerate(rng.sample(range(500), ARTICLES_EACH if n % 10 == 0 else 2))]
    lead = (n - 1) * ARTICLES_EACH + 1
    title = ' '.join(rng.choices(WORDS, k=9)).capitalize()
    return {'id': n, 'title': title, 'url': f'https://paper.example/{n}', 'lang': 'en', 'lead': lead,
            'first_seen': first, 'updated': first + 3600, 'published': first, 'source_count': len(sources),
            'article_count': ARTICLES_EACH, 'report_count': len(sources), 'sources': sources,
            'categories': rng.sample(['World', 'Business', 'Sport', 'Science', 'Culture'], 2),
            'keywords': rng.sample(WORDS, 8),
            'summary': [{'text': ' '.join(rng.choices(WORDS, k=45)), 'article': lead, 'source': 'Paper 1'}],
            'details': [], 'meaning': None, 'sentiment': None, 'similar': [],
            'score': round(1000 * (len(sources) + first / 43200)), 'velocity': len(sources), 'signal': 0,
            'status': 'closed', 'merged_into': None, 'seq': n * ARTICLES_EACH}


ARTICLE = ('{"id":%d,"event":%d,"title":"Harbour ferry quake minister budget striker wildfire","url":'
           '"https://paper.example/%d","link":null,"guid":"%d","feed":1,"source":{"name":"Paper 1","domain":'
           '"paper1.example"},"author":null,"agency":null,"lang":"en","published":1800000000,"seen":1800000000,'
           '"updated":null,"summary":"' + 'harbour ferry quake ' * 10 + '","text":null,"image":null,'
           '"categories":[],"copy_of":null,"also_in":[],"versions":[],"why":null}')
CHANGE = '{"seq":%d,"time":1800000000,"kind":"joined","event":%d,"article":%d,"probability":0.9,"threshold":0.5}'


def make_store(path):
    """As storyd leaves it; in parts, so that it needs little memory."""
    rng = random.Random(1)
    path.mkdir(parents=True)
    env = lmdb.open(str(path), map_size=8 << 30, max_dbs=32, sync=False, writemap=True)
    plain = {n: env.open_db(n.encode()) for n in ('events', 'events_by_update', 'articles', 'changes', 'meta')}
    pairs = {n: env.open_db(n.encode(), dupsort=True, dupfixed=True) for n in ('event_articles', '_history')}
    part = 10_000
    for begin in range(1, EVENTS + 1, part):
        numbers = range(begin, begin + part)
        with env.begin(write=True) as txn:
            def put(db, items):
                txn.cursor(db).putmulti(items, append=True)
            put(plain['events'], [(key(n), json.dumps(event(n, rng), separators=(',', ':')).encode()) for n in numbers])
            put(plain['events_by_update'], [(key(n * ARTICLES_EACH), key(n)) for n in numbers])
            articles = range((begin - 1) * ARTICLES_EACH + 1, (begin + part - 1) * ARTICLES_EACH + 1)
            of = [(a - 1) // ARTICLES_EACH + 1 for a in articles]
            put(plain['articles'], [(key(a), (ARTICLE % (a, e, a, a)).encode()) for a, e in zip(articles, of)])
            put(plain['changes'], [(key(a), (CHANGE % (a, e, a)).encode()) for a, e in zip(articles, of)])
            for db in pairs.values():
                txn.cursor(db).putmulti([(key(e), key(a)) for a, e in zip(articles, of)], dupdata=True, append=True)
    last = EVENTS * ARTICLES_EACH
    with env.begin(write=True) as txn:
        for name, value in (('schema', 1), ('seq', last), ('articles', last), ('events', EVENTS), ('clock', NOW)):
            txn.put(name.encode(), str(value).encode(), db=plain['meta'])
    env.sync(True)
    env.close()


class Daemon:
    def __init__(self, program, work, feeds=()):
        outlines = ''.join(f'<outline type="rss" xmlUrl="{u}"/>' for u in feeds)
        (work / 'feeds.opml').write_text(f'<opml version="2.0"><head/><body>{outlines}</body></opml>')
        (work / 'storyd.conf').write_text(
            '[store]\npath = store\nmax_size = 8GiB\n[feeds]\nlist = feeds.opml\n'
            '[poll]\ninterval = 1s\ninterval_unchanged = 1s\nallow_addresses = 127.0.0.0/8\nconnections_per_host = 50\n'
            'pause_per_host = 1ms\n'
            '[http]\nlisten = 127.0.0.1:0\nconnections = 4096\nconnections_per_peer = 4096\n')
        self.log = work / 'log'
        begin = time.monotonic()
        with self.log.open('w') as log:
            self.process = subprocess.Popen([program, '-c', work / 'storyd.conf'], stderr=log)
        while not (found := re.search(r'listening address=127\.0\.0\.1:(\d+)', self.log.read_text())):
            if self.process.poll() is not None:
                raise SystemExit('storyd ended: ' + self.log.read_text()[-500:])
            time.sleep(0.02)
        self.port, self.started = int(found[1]), time.monotonic() - begin

    def url(self, path):
        return f'http://127.0.0.1:{self.port}{path}'

    def get(self, path):
        with urllib.request.urlopen(self.url(path)) as answer:
            return answer.read()

    def processor(self):
        fields = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self):
        """Of its own, without the store's pages, which the system's cache holds. MB."""
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(r'RssAnon:\s+(\d+)', status)[1]) / 1000

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wrk(daemon, name, path, seconds, *more):
    before, answered = daemon.processor(), requests(daemon)
    done = subprocess.run(['wrk', '-t1', '-c32', f'-d{seconds}', '--latency', *more, daemon.url(path)],
                          capture_output=True, text=True, check=True).stdout
    used, n = daemon.processor() - before, requests(daemon) - answered
    rate = float(re.search(r'Requests/sec:\s+([\d.]+)', done)[1])
    p99 = re.search(r'^ +99% +(\S+)', done, re.M)[1]
    faults = re.search(r'Non-2xx.*', done)
    print(f'{name:34} {rate:8.0f} a second   {n / max(used, 0.01):8.0f} a processor second   p99 {p99}'
          + ('   ' + faults[0] if faults else ''), flush=True)


def requests(daemon):
    return sum(map(float, re.findall(rb'requests_total\{.*code="2.."\} (\d+)', daemon.get('/metrics'))))


class Streams:
    """Clients that wait; select tells when each has what was sent to all."""

    def __init__(self, port, n):
        self.selector, self.sockets = selectors.DefaultSelector(), []
        for _ in range(n):
            s = socket.create_connection(('127.0.0.1', port))
            s.sendall(b'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
            self.sockets.append(s)
            self.selector.register(s, selectors.EVENT_READ)
        self.await_all(b'retry:')

    def await_all(self, text):
        """Until each client has got the text."""
        waiting = set(self.sockets)
        while waiting:
            ready = self.selector.select(30)
            if not ready:
                raise SystemExit(f'{len(waiting)} streams were not served')
            for found, _ in ready:
                if text in found.fileobj.recv(65536):
                    waiting.discard(found.fileobj)

    def close(self):
        for s in self.sockets:
            s.close()


def measure_streams(daemon):
    before = daemon.memory()
    streams = Streams(daemon.port, STREAMS)
    memory, times, used = daemon.memory(), [], daemon.processor()
    for n in range(ROUNDS):
        body = json.dumps({'kind': 'tag', 'who': 'bench', 'why': '', 'event': n + 1, 'tag': f'round {n}'}).encode()
        ask = urllib.request.Request(daemon.url('/api/v1/decisions'), body)
        begin = time.monotonic()
        with urllib.request.urlopen(ask):
            streams.await_all(b'\nevent: change\n')
        times.append(1000 * (time.monotonic() - begin))
    used = daemon.processor() - used
    times.sort()
    print(f'{STREAMS} streams: a change is with all after {times[len(times) // 2]:.0f} ms (slowest {times[-1]:.0f} ms), '
          f'commit and this reader included; {1000 * used / ROUNDS:.0f} ms of processor time each\n'
          f'memory with them {memory:.0f} MB, {1000 * (memory - before) / STREAMS:.1f} KB a stream', flush=True)
    streams.close()


# ---- clients that ask for all they can ----------------------------------------------------------------

GREEDY_STREAMS, TOGETHER, GREEDY_SECONDS = 240, 62_000, 5


def greedy_streams(port):
    """All changes from the first on, read as fast as they come."""
    selector = selectors.DefaultSelector()
    for _ in range(GREEDY_STREAMS):
        s = socket.create_connection(('127.0.0.1', port))
        s.sendall(b'GET /api/v1/stream?cursor=0 HTTP/1.1\r\nHost: localhost\r\n\r\n')
        selector.register(s, selectors.EVENT_READ)
    while True:
        for ready, _ in selector.select():
            if not ready.fileobj.recv(1 << 20):
                return


def greedy_requests(port, connections):
    """Each connection sends 62 KB of requests at once, none of which was answered before, again and again."""
    n, selector = 0, selectors.DefaultSelector()
    for _ in range(connections):
        s = socket.create_connection(('127.0.0.1', port))
        selector.register(s, selectors.EVENT_WRITE | selectors.EVENT_READ, bytearray())
    while True:
        for ready, what in selector.select():
            s, unsent = ready.fileobj, ready.data
            while len(unsent) < TOGETHER:
                n += 1
                unsent += b'HEAD /api/v1/events?q=nothing%d HTTP/1.1\r\nHost: localhost\r\n\r\n' % n
            if what & selectors.EVENT_WRITE:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    del unsent[:s.send(unsent, socket.MSG_DONTWAIT)]
            if what & selectors.EVENT_READ and not s.recv(1 << 20):
                return


def waits(daemon, seconds):
    """How long a request of somebody else takes, one after the other; ms."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        daemon.get('/api/v1/events/50000')  # a new connection each
        times.append(1000 * (time.monotonic() - begin))
    return sorted(times)


def measure_attacks(program, work):
    """A daemon for each, which then has to end while it is asked."""
    for name, attack, *more in (('nobody else asks', None),
                                (f'{GREEDY_STREAMS} streams from the first change on', greedy_streams),
                                ('one connection, 62 KB of requests at once', greedy_requests, 1),
                                ('six of them', greedy_requests, 6)):
        daemon, process = Daemon(program, work), None
        if attack:
            process = multiprocessing.Process(target=attack, args=(daemon.port, *more), daemon=True)
            process.start()
            time.sleep(0.5)
        times, begin = waits(daemon, GREEDY_SECONDS), time.monotonic()
        daemon.stop()
        print(f'a request beside: {name:44} median {times[len(times) // 2]:6.1f} ms, longest of {len(times):4} '
              f'{times[-1]:7.1f} ms; SIGTERM takes {time.monotonic() - begin:.2f} s', flush=True)
        if process:
            process.kill()
            process.join()


def measure_screens(daemon):
    """In Debian's Chromium, as the tests drive it."""
    sys.path.append(str(pathlib.Path(__file__).parents[1] / 'e2e'))
    try:
        from browser import Browser
    except ImportError as e:
        print(f"pages: not measured: {e}; apt-get install chromium chromium-driver python3-selenium")
        return
    with Browser() as browser:
        browser.window()
        browser.driver.execute_cdp_cmd('Network.enable', {})
        browser.driver.execute_cdp_cmd('Network.setCacheDisabled', {'cacheDisabled': True})
        for name, path in ('plain text', '/metrics'), ('the list', '/'), ('an event', '/event/50000'):
            times, answers = [], []
            for _ in range(LOADS):
                browser.driver.get('about:blank')
                browser.open(daemon, path)
                answer, load = browser.run(
                    "const n = performance.getEntriesByType('navigation')[0]; return [n.responseEnd, n.loadEventEnd]")
                times.append(load)
                answers.append(answer)
            size = browser.run("return performance.getEntriesByType('navigation').concat(performance."
                               "getEntriesByType('resource')).reduce((n, e) => n + e.decodedBodySize, 0)")
            print(f"page of {name:12} complete after {min(times):4.0f} ms at best, {sorted(times)[LOADS // 2]:4.0f} ms at "
                  f'the median of {LOADS}; its HTML is there after {min(answers):.0f} ms; {size / 1000:.0f} KB in all', flush=True)


def feed_server(program, work):
    port = work / 'port'
    port.unlink(missing_ok=True)
    process = subprocess.Popen([program, port, str(FEED_ITEMS)], stdin=subprocess.PIPE)
    while not port.exists() or not port.read_text():
        time.sleep(0.02)
    number = int(port.read_text())
    return process, [f'http://127.0.0.{n % 20 + 1}:{number}/news/{n}' for n in range(FEEDS)]


def changes(daemon):
    return float(re.search(rb'storyd_changes_total (\d+)', daemon.get('/metrics'))[1])


def main():
    args = argparse.ArgumentParser()
    args.add_argument('--storyd', required=True)
    args.add_argument('--server', required=True, help='the server of feeds')
    args.add_argument('--work', required=True, type=pathlib.Path)
    args.add_argument('--seconds', type=int, default=5)
    args = args.parse_args()
    if not shutil.which('wrk'):
        raise SystemExit('wrk is not installed: apt-get install wrk')
    work = args.work / 'http'
    shutil.rmtree(work, ignore_errors=True)
    begin = time.monotonic()
    make_store(work / 'store')
    print(f'store of {EVENTS} events and {EVENTS * ARTICLES_EACH} articles made in {time.monotonic() - begin:.0f} s')
    daemon = Daemon(args.storyd, work)
    try:
        print(f'storyd listens after {daemon.started:.1f} s, and takes {daemon.memory():.0f} MB of its own')
        several = str(pathlib.Path(__file__).with_name('web.lua'))
        wrk(daemon, 'an event', '/api/v1/events/50000', args.seconds)
        wrk(daemon, 'any event', '/', args.seconds, '-s', several)
        wrk(daemon, 'the first page of the list', '/api/v1/events', args.seconds)
        wrk(daemon, 'the same, compressed', '/api/v1/events', args.seconds, '-H', 'Accept-Encoding: gzip')
        wrk(daemon, 'that nothing changed', '/api/v1/events', args.seconds, '-H', 'If-None-Match: *')
        for query in 'order=rising', 'min_sources=5&category=sport', 'q=ferry+quake', 'q=nothing':
            begin, used = time.monotonic(), daemon.processor()
            for n in range(50):
                daemon.get(f'/api/v1/events?{query}&until={NOW + 86400 + n}')  # none like the one before
            print(f'list, not kept, {query:30} {1000 * (daemon.processor() - used) / 50:5.1f} ms')
        measure_streams(daemon)
        measure_screens(daemon)
    finally:
        daemon.stop()
    measure_attacks(args.storyd, work)
    server, feeds = feed_server(args.server, work)
    daemon = Daemon(args.storyd, work, feeds)
    try:
        time.sleep(3)
        for name, path in ('an event', '/api/v1/events/50000'), ('the first page of the list', '/api/v1/events'):
            begin, before = time.monotonic(), changes(daemon)
            wrk(daemon, name + ', feeds read too', path, args.seconds)
            print(f'    beside {(changes(daemon) - before) / (time.monotonic() - begin):.0f} articles a second')
    finally:
        daemon.stop()
        server.stdin.close()
        server.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == '__main__':
    main()
