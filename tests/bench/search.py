#!/usr/bin/python3
"""How large the search index is, how fast it is made, and how fast searches are: `make bench-search`.

The documents of a recording are replayed into a store, on which a daemon makes its index; then it is
asked, one request after the other, for words, phrases and conditions of titles in the store.
"""
import argparse
import itertools
import json
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import lmdb

KINDS = {
    'one word': lambda w: w[0],
    'two words': lambda w: f'{w[0]} {w[1]}',
    'a phrase': lambda w: f'"{w[0]} {w[1]}"',
    'a prefix': lambda w: w[0][:4],
    'words, source:, -word': lambda w: f'{w[0]} source:com -{w[2]}',
}
EACH = 200


def titles(store):
    with lmdb.open(str(store), readonly=True, max_dbs=32) as env, env.begin() as txn:
        return [json.loads(v)['title'] for _, v in txn.cursor(env.open_db(b'articles', txn, create=False))]


def ask(port, q, order):
    address = f'http://127.0.0.1:{port}/api/v1/search?' + urllib.parse.urlencode({'q': q, 'order': order})
    begin = time.perf_counter()
    with urllib.request.urlopen(address) as answer:
        answer.read()
    return time.perf_counter() - begin


def wait(daemon, log, pattern):
    while not (found := re.search(pattern, log.read_text())):
        if daemon.poll() is not None:
            raise SystemExit('storyd ended: ' + log.read_text()[-500:])
        time.sleep(0.05)
    return found


def measure(daemon, log, store):
    port = wait(daemon, log, r'listening address=127\.0\.0\.1:(\d+)')[1]
    n, ms = map(int, wait(daemon, log, r'index is complete articles=(\d+) ms=(\d+)').groups())
    print(f'index: {n} articles in {ms / 1000:.1f} s, {n * 1000 / max(ms, 1):.0f} articles a second')
    rng = random.Random(1)
    words = [w for t in titles(store) if len(w := re.findall(r'[A-Za-z]{4,}', t)) > 2]
    for (kind, query), order in itertools.product(KINDS.items(), ('new', 'relevance')):
        took = sorted(ask(port, query(w), order) for w in rng.sample(words, min(EACH, len(words))))
        print(f'{kind}, order={order}: {len(took) / sum(took):.0f} searches a second, median {1000 * took[len(took) // 2]:.1f} ms, '
              f'slowest {1000 * took[-1]:.1f} ms')
    return n


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument('--build', required=True, type=pathlib.Path)
    args.add_argument('--replay', required=True, type=pathlib.Path)
    args = args.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix='bench-search-'))
    try:
        subprocess.run([args.build / 'storyctl', 'replay', '--db', work / 'store', args.replay / 'manifest.jsonl'],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (work / 'feeds.opml').write_text('<opml version="2.0"><body/></opml>')
        (work / 'storyd.conf').write_text(
            '[store]\npath = store\nkeep_articles = forever\nkeep_events = forever\nkeep_changes = forever\n'
            '[http]\nlisten = 127.0.0.1:0\n')
        with (work / 'log').open('w') as log:
            daemon = subprocess.Popen([args.build / 'storyd', '-c', work / 'storyd.conf'], stderr=log)
        n = measure(daemon, work / 'log', work / 'store')
        daemon.terminate()
        daemon.wait()
        print(f'index: {(work / "store" / "search.db").stat().st_size / n:.0f} bytes an article')
    finally:
        shutil.rmtree(work)


if __name__ == '__main__':
    main()
