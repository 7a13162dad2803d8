#!/usr/bin/env python3
"""Prints how well the engine groups each labelled set, beside two baselines computed in the same run."""
import argparse, gzip, json, sys
from baselines import minhash_lsh, overlap_rule
from labelled import Data, Run, SETS, mean_score

DEFAULT_WINDOW = 72


def articles_of(folder, name):
    path = f'{folder}/rss/articles.jsonl.gz' if name == 'rss' else f'{folder}/{name}.jsonl.gz'
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def stop_words():
    words = set()
    for name in ('en', 'en-news'):
        words.update(line.strip() for line in open(f'config/stopwords/{name}.txt', encoding='utf-8'))
    return words


def run_of(events):
    return Run(list(events), list(events.values()))


def show(name, method, score, speed):
    pairs = f"pairs F1 {score['pairsF1']:.3f}" if 'pairsF1' in score else f"weighted F1 {score['wF1']:.3f}, largest {score['largest']}"
    speed = f'{speed:,.0f} articles/s' if speed else ''
    print(f"{name:10} {method:28} P {score['P']:.3f}  R {score['R']:.3f}  F1 {score['F1']:.3f}  {pairs}  "
          f"{score['events']} events  {speed}", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--features', required=True)
    ap.add_argument('--data', required=True)
    ap.add_argument('--conf', required=True)
    ap.add_argument('--sets', nargs='*', default=list(SETS))
    o = ap.parse_args()
    data, stop = Data(o.data, o.features), stop_words()
    print('P, R, F1: B-cubed over labelled stories; for rss over labelled pairs. Variants: tests/eval/labelled.py')
    for name in o.sets:
        run = data.run(name, o.conf)
        show(name, 'storyd', data.score(name, run), run.speed)
        variants = [data.score(name, data.run(name, o.conf, variant=k)) for k in range(1, SETS[name][3])]
        if variants:
            show(name, f'storyd, mean of {len(variants)} variants', mean_score(variants), None)
        articles, window = articles_of(o.data, name), 3600 * (SETS[name][0] or DEFAULT_WINDOW)
        show(name, 'MinHash, 3-word shingles', data.score(name, run_of(minhash_lsh(articles, window))), None)
        show(name, 'overlap of title words', data.score(name, run_of(overlap_rule(articles, window, stop))), None)


if __name__ == '__main__':
    sys.exit(main())
