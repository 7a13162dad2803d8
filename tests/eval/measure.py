#!/usr/bin/env python3
"""Prints how well the engine groups each labelled set: as shipped, beside simple methods of the same
run, and with models that were fitted on all sets but this one."""
import os
os.environ['OPENBLAS_NUM_THREADS'] = '1'  # sums in one order
import argparse, sys
from baselines import minhash_lsh, overlap_rule, shares_two_words
from fit import leave_out, read_conf
from labelled import Data, Run, SETS, feature_names, mean_score

DEFAULT_WINDOW = 72


def stop_words():
    words = set()
    for name in ('en', 'en-news', 'es', 'es-news'):
        words.update(line.strip() for line in open(f'config/stopwords/{name}.txt', encoding='utf-8'))
    return words


def run_of(events):
    return Run(list(events), list(events.values()))


def show(name, method, score, speed=None):
    if SETS[name].pairs:
        more = f"weighted F1 {score['wF1']:.3f}  a story in {score['fragments']:.2f} events"
        more += f"  whole days {score['stories']['F1']:.3f}" if 'stories' in score else ''
        more += f"  largest {', '.join(map(str, score['largest'][:3]))}"
    else:
        more = f"pairs F1 {score['pairsF1']:.3f}"
    speed = f'  {speed:,.0f} articles/s' if speed else ''
    print(f"{name:18} {method:28} P {score['P']:.3f}  R {score['R']:.3f}  F1 {score['F1']:.3f}  {more}{speed}", flush=True)


def show_rule(name, method, score):
    print(f"{name:18} {method:28} P {score['P']:.3f}  R {score['R']:.3f}  F1 {score['F1']:.3f}  weighted F1 {score['wF1']:.3f}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--features', required=True)
    ap.add_argument('--data', required=True)
    ap.add_argument('--conf', required=True)
    ap.add_argument('--sets', nargs='*', help='of those that are there; all')
    ap.add_argument('--no-left-out', action='store_true', help='without the models that some minutes are spent on')
    o = ap.parse_args()
    data, stop = Data(o.data, o.features), stop_words()
    print('P, R, F1: over judged pairs of streams; else B-cubed over stories. Models are fitted on all of these sets. '
          'Variants: tests/eval/labelled.py')
    for name in o.sets or data.sets:
        run = data.run(name, o.conf)
        show(name, 'storyd', data.score(name, run), run.speed)
        variants = [data.score(name, data.run(name, o.conf, variant=k)) for k in range(1, SETS[name].variants)]
        if variants:
            show(name, f'storyd, mean of {len(variants)} variants', mean_score(variants))
        if SETS[name].pairs:
            show(name, 'storyd, no language named', data.score(name, data.run(name, o.conf, variant='no lang')))
            show(name, 'storyd, another order in hours', data.score(name, data.run(name, o.conf, variant='order')))
        articles, window = data.articles[name], 3600 * (SETS[name].window or DEFAULT_WINDOW)
        show(name, 'MinHash, 3-word shingles', data.score(name, run_of(minhash_lsh(articles, window))))
        show(name, 'overlap of title words', data.score(name, run_of(overlap_rule(articles, window, stop))))
        if SETS[name].pairs:
            show_rule(name, 'two shared title words', data.streams[name].score_rule(shares_two_words(articles, stop)))
    if o.no_left_out or len(data.sets) < 2:
        return
    conf = read_conf(o.conf)
    pair = (conf['engine']['join_threshold'], conf['engine']['merge_threshold'])
    print('Models fitted on all sets but one, measured on that one:')
    for name, score in leave_out(data, conf['engine'], feature_names(), [pair])[pair].items():
        show(name, 'storyd, set left out', score)


if __name__ == '__main__':
    sys.exit(main())
