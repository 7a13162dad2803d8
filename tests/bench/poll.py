#!/usr/bin/python3
"""How fast and how evenly feeds are asked: `make bench-poll`.

A loopback server has feeds of 66 KB, of which a third change each time and the rest answer 304: what
changes is the head alone, so that all there is to do is fetching and parsing; in a second run there is
a new article too, which is grouped and stored. Figures are feeds for each second of CPU time that the reader took, so that what else the machine
does disturbs them less; newsboat and sfeed_update read feeds of the same server in the same run.
Then the feeds of a real list, each host an address of the loopback network, for evenness and memory.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import time
import urllib.request
from xml.sax.saxutils import quoteattr

FEEDS, ITEMS, STEADY = 800, 66, 8
NEWSBOAT_FEEDS, SFEED_FEEDS = 300, 60
INTERVAL = 60
TICK = os.sysconf('SC_CLK_TCK')


class Server:
    def __init__(self, program, work, items):
        port = work / 'port'
        port.unlink(missing_ok=True)
        self.process = subprocess.Popen([program, port, str(items)], stdin=subprocess.PIPE)
        while not port.exists() or not port.read_text():
            time.sleep(0.02)
        self.port = int(port.read_text())

    def url(self, n, folder=''):
        return 'http://127.0.0.%d:%d/%s%d' % (n % 20 + 1, self.port, folder, n)

    def ask(self, what):
        with urllib.request.urlopen('http://127.0.0.1:%d/%s' % (self.port, what)) as answer:
            return [int(n) for n in answer.read().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Storyd:
    def __init__(self, program, work, urls, interval):
        work.mkdir(parents=True)
        (work / 'storyd.conf').write_text(
            '[store]\npath = store\nmax_size = 8GiB\n[feeds]\nlist = feeds.opml\n[http]\nlisten = none\n[poll]\n'
            'interval = %s\ninterval_unchanged = %s\npause_per_host = 1ms\nconnections_per_host = 8\n'
            'allow_addresses = 127.0.0.0/8\ncontact = bench@example.org\n[log]\nlevel = warning\n'
            % (interval, interval))
        (work / 'feeds.opml').write_text('<opml version="2.0"><body>%s</body></opml>' % ''.join(
            '<outline xmlUrl=%s/>' % quoteattr(u) for u in urls))
        self.log = open(work / 'log', 'w')
        self.process = subprocess.Popen([program, '-c', work / 'storyd.conf'], stderr=self.log)

    def cpu(self):
        fields = pathlib.Path('/proc/%d/stat' % self.process.pid).read_text().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def megabytes(self, what):
        status = pathlib.Path('/proc/%d/status' % self.process.pid).read_text()
        return int(re.search(r'^%s:\s+(\d+) kB' % what, status, re.M)[1]) / 1024

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command, **more):
    """CPU seconds of a command and all that it started."""
    before = children()
    subprocess.run([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    return children() - before


def told(o, store, *what):
    result = subprocess.run([o.storyd.with_name('storyctl'), *what, '--json', '--db', store], capture_output=True,
                            text=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def all_read(o, store):
    """Whether each feed's first document is stored."""
    feeds = told(o, store, 'feeds')
    return len(feeds) == FEEDS and all(f['articles'] >= ITEMS for f in feeds)


def storyd_rate(o, work, folder, what):
    server = Server(o.server, work, ITEMS)
    reader = Storyd(o.storyd, work / ('storyd-' + folder), [server.url(n, folder) for n in range(FEEDS)], '1s')
    store = work / ('storyd-' + folder) / 'store'
    try:
        while not all_read(o, store):
            time.sleep(0.5)
        time.sleep(3)
        before, cpu, start = server.ask('count'), reader.cpu(), time.monotonic()
        time.sleep(STEADY)
        (count, sent), cpu = server.ask('count'), reader.cpu() - cpu
        wall = time.monotonic() - start
    finally:
        reader.close()
        server.close()
    count, sent = count - before[0], sent - before[1]
    print(f'storyd               {count / cpu:11.0f} feeds a second of CPU   {what}; '
          f'{count / wall:.0f} a second were due, {sent / count:.0%} of them changed')
    return count / cpu


def newsboat_rate(o, work):
    if not shutil.which('newsboat'):
        return None
    server, home = Server(o.server, work, ITEMS), work / 'newsboat'
    home.mkdir()
    (home / 'urls').write_text(''.join(server.url(n) + '\n' for n in range(NEWSBOAT_FEEDS)))
    (home / 'config').write_text('reload-threads 1\n')
    command = ['newsboat', '-u', home / 'urls', '-c', home / 'cache', '-C', home / 'config', '-x', 'reload']
    measured(command, env=dict(os.environ, HOME=str(home)))
    rate = NEWSBOAT_FEEDS / measured(command, env=dict(os.environ, HOME=str(home)))
    server.close()
    return rate


def sfeed_rate(o, work):
    if not shutil.which('sfeed_update'):
        return None
    server, home = Server(o.server, work, ITEMS), work / 'sfeed'
    home.mkdir()
    (home / 'sfeedrc').write_text('sfeedpath="%s/feeds"\nmaxjobs=1\nfeeds() {\n%s}\n' % (
        home, ''.join('  feed "f%d" "%s"\n' % (n, server.url(n)) for n in range(SFEED_FEEDS))))
    measured(['sfeed_update', home / 'sfeedrc'])
    rate = SFEED_FEEDS / measured(['sfeed_update', home / 'sfeedrc'])
    server.close()
    return rate


def peers(o, work, ours):
    for name, rate in (('newsboat', newsboat_rate(o, work)), ('sfeed_update', sfeed_rate(o, work))):
        if rate is None:
            print(f'{name:20} not measured: it is not installed')
        else:
            print(f'{name:20} {rate:11.0f} feeds a second of CPU   storyd: {ours / rate:.1f} times as many')


def real_list(o, work):
    path = o.feedlists / 'all.opml'
    if not path.exists():
        print(f'even pace            not measured: {path} is not there')
        return
    server, hosts, urls = Server(o.server, work, 1), {}, []
    for scheme, host, rest in re.findall(r'xmlUrl="(https?)://([^/"]+)([^"]*)"', path.read_text())[:10000]:
        n = hosts.setdefault(host, len(hosts))
        urls.append('http://127.1.%d.%d:%d/%s/%s%s' % (n // 250, n % 250 + 1, server.port, scheme, len(urls), rest))
    reader = Storyd(o.storyd, work / 'list', urls, '%ds' % INTERVAL)
    try:
        start = len(server.ask('seconds'))
        time.sleep(INTERVAL * 2 + 5)
        seconds = server.ask('seconds')[start:start + INTERVAL * 2]
        memory = reader.megabytes('VmHWM')
    finally:
        reader.close()
        server.close()
    while seconds and not seconds[0]:
        seconds.pop(0)
    mean = sum(seconds) / len(seconds)
    print(f'even pace            {max(seconds) / mean:11.2f} times the mean in the busiest second   '
          f'{len(urls)} feeds on {len(hosts)} hosts, {sum(seconds)} requests in {len(seconds)} s')
    print(f'memory               {memory:11.0f} MB at most, with {len(urls)} articles in the engine')


def main():
    options = argparse.ArgumentParser(description=__doc__)
    for name in ('server', 'storyd', 'feedlists'):
        options.add_argument('--' + name, type=lambda p: pathlib.Path(p).resolve(), required=True)
    o = options.parse_args()
    with tempfile.TemporaryDirectory(prefix='bench-') as work:
        work = pathlib.Path(work)
        ours = storyd_rate(o, work, '', 'fetched and parsed')
        storyd_rate(o, work, 'one/', 'a new article in each that changed, grouped and stored')
        peers(o, work, ours)
        real_list(o, work)


if __name__ == '__main__':
    main()
