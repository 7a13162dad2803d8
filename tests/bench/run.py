#!/usr/bin/python3
"""Speed and memory, one line a figure: `make bench`.

The stages and the whole engine come from the bench program, each beside its own limit on this
machine; a peer is measured in the same run on the same articles, and real articles where the
labelled sets are there. Times are of one core's work (CPU time), so that what else the machine does
disturbs them less; on a shared one they still vary, so compare lines of one run with each other.
"""
import argparse
import gzip
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
WINDOWS = (10_000, 100_000, 1_000_000)
PEER_ARTICLES = 1_200
REAL = (('rss/articles', 72), ('uci', 24))  # file, hours of the window


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f'{command[0]} {command[1]}: {done.stderr.strip()}')
    return done.stdout


def microseconds(text):
    return float(re.search(r'([\d.]+) us', text)[1])


def stage(stages, name):
    """Microseconds of one stage of the bench program's output."""
    return microseconds(next(line for line in stages.splitlines() if line.startswith(name)))


def install_peer(work):
    """The peer's folder, or why it is not there."""
    if not shutil.which('npm') or not shutil.which('node'):
        return None, 'node and npm are not installed'
    for name in ('package.json', 'package-lock.json'):
        shutil.copy(HERE / name, work)
    if (work / 'node_modules/minhash').is_dir():
        return work / 'node_modules', None
    done = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'], cwd=work,
                          capture_output=True, text=True)
    if done.returncode:
        return None, 'npm cannot install it: ' + ' '.join(done.stderr.split())[:200]
    return work / 'node_modules', None


def measure_peer(bench, work, stages, whole):
    folder, missing = install_peer(work)
    if missing:
        print(f'peer: npm minhash    not measured: {missing}')
        return
    texts = run(bench, 'texts', PEER_ARTICLES)
    seconds = float(run('node', HERE / 'peer.js', folder, input=texts))
    peer = seconds * 1e6
    print(f'peer: npm minhash    {peer:12.2f} us {1 / seconds:11.0f} a second   '
          f'words, sketch and LSH index alone, {PEER_ARTICLES} articles')
    sketch = stage(stages, 'weighted sketch') + stage(stages, 'index')
    words = stage(stages, 'words')
    for what, ours in (('sketch and index, without its words', sketch),
                       ('the same stages: words, sketch, index', words + sketch),
                       ('all that storyd does, which the peer does not', whole)):
        print(f'  storyd, {what:<46} {ours:6.2f} us: the peer takes {peer / ours:.0f} times as long')


def measure_real(bench, work, data):
    for name, hours in REAL:
        packed = data / f'{name}.jsonl.gz'
        if not packed.exists():
            print(f'{name}: not measured: {packed} is not there')
            continue
        plain = work / f'{packed.parent.name}-{packed.stem}'
        plain.write_bytes(gzip.decompress(packed.read_bytes()))
        print(run(bench, 'replay', plain, hours), end='')


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('--bench', type=pathlib.Path, required=True)
    options.add_argument('--work', type=pathlib.Path, required=True)
    options.add_argument('--data', type=pathlib.Path, required=True)
    o = options.parse_args()
    o.work = o.work.resolve()
    o.work.mkdir(parents=True, exist_ok=True)
    bench = o.bench.resolve()

    stages = run(bench, 'stages', WINDOWS[-1])
    print(stages, end='', flush=True)
    packed, store = o.work / 'packed', o.work / 'store'
    costs = []
    for window in WINDOWS:
        keep = [packed] if window == WINDOWS[-1] else []
        line = run(bench, 'window', window, *keep)
        costs.append(microseconds(line))
        print(line, end='', flush=True)
    print(f'an article costs {costs[-1] / costs[0]:.2f} times as much in a window of {WINDOWS[-1]:,} '
          f'as in one of {WINDOWS[0]:,}')
    shutil.rmtree(store, ignore_errors=True)
    print(run(bench, 'restore', packed, store, WINDOWS[-1]), end='', flush=True)
    shutil.rmtree(store)
    packed.unlink()
    measure_peer(bench, o.work, stages, costs[-1])
    measure_real(bench, o.work, o.data)


if __name__ == '__main__':
    main()
