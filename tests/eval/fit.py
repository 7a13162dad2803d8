#!/usr/bin/env python3
"""Fits the join and merge models on the labelled sets and writes them into engine.conf.

A model is a weighted sum of the features of lib/event/score.h (logistic regression). Its weights have
the sign that their meaning asks for: no shared name ever speaks against. Comparisons are recorded
while the engine runs, for several rounds, each with the models fitted on the rounds before, so that
they are those the engine will meet; the first round's models are the same whatever engine.conf holds,
so that the same data give the same table.

Before that the same is done over folds of stories: models are fitted without the stories of a fold,
and measured on them. The thresholds are chosen by these measures; mean and spread over the folds are
shown beside the measures of the models fitted on all.

Every set is run in its variants (labelled.py): the comparisons of all are learned from, measures are
their means. The table that stands in engine.conf is measured too, and stays where it is better.
"""
import os
os.environ['OPENBLAS_NUM_THREADS'] = '1'  # sums in one order
import argparse, itertools, re, sys, tempfile
import numpy as np
from labelled import Data, SETS, KINDS, feature_names, fold_of

FOR_GUARDS = ('mean_all', 'known_name', 'known_name_back')  # features that no model uses
PRODUCTS = ('alike*log_words', 'alike_title*log_words')
FREE = ('bias', 'log_n', 'log_n_a', 'log_words', 'log_words_b', 'coherent_title')
AGAINST = ('no_names', 'gap', 'age', 'roundup', 'same_source', 'unshared', 'recurs')  # all others speak for
SET_WEIGHT = {'rss': 3.0, 'uci': 2.0, 'basil': 0.7, 'ecbplus': 1.0, 'kagi_kite': 1.0}
L2 = 1e-3
FIRST = {'bias': 0.0, 'alike': 2.0, 'known_back': 2.0}
ROUNDS, ROUNDS_KEPT = 4, 3
MOST_RECORDS = 30000  # of one set, kind and round
FOLDS = 3
SEEDS = (1,)
NEAR = 0.003  # of utility: less than the folds differ by
# While comparisons are recorded: somewhat stricter to join, and no guard on how alike events are
# within that splits them or keeps them apart, so that the models themselves learn it; and events
# that share one term alone are compared too, which a search passes over.
RECORDED_WITH = {'join_threshold': 0.62, 'merge_threshold': 0.72, 'split_threshold': 0.2, 'coherence': 0.13, 'apart': 0, 'apart_others': 0,
                 'min_shared': 1}
JOIN_THRESHOLDS, MERGE_THRESHOLDS = (0.56, 0.60), (0.62, 0.66, 0.70)


def sign_of(row):
    first = row.split('*')[0]
    return 0 if first in FREE else -1 if first in AGAINST else 1


def design(f, names, rows):
    at = {name: i for i, name in enumerate(names)}
    columns = []
    for row in rows:
        a, _, b = row.partition('*')
        columns.append(f[:, at[a]] * f[:, at[b]] if b else f[:, at[a]])
    return np.stack(columns, 1).astype(np.float64)


def least_quadratic(g, h, start, sign):
    """Where g.(b - start) + (b - start).h.(b - start)/2 is least and each b has its sign: one coordinate after the other."""
    b, slope = start.copy(), g.copy()
    for _ in range(200):
        worst = 0
        for j in range(len(b)):
            to = b[j] - slope[j] / h[j, j]
            to = max(to, 0) if sign[j] > 0 else min(to, 0) if sign[j] < 0 else to
            if to != b[j]:
                slope += h[:, j] * (to - b[j])
                worst = max(worst, abs(to - b[j]))
                b[j] = to
        if worst < 1e-5:
            break
    return b


def logistic(x, y, w, sign):
    """Newton's method; columns are scaled, the first is the bias."""
    scale = np.sqrt(np.average(x * x, axis=0, weights=w)) + 1e-9
    x, w = x / scale, w / w.sum()
    beta = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], L2)
    penalty[0] = 1e-9
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        g = x.T @ (w * (p - y)) + penalty * beta
        h = (x * (w * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ x + np.diag(penalty)
        step = least_quadratic(g, h, beta, sign) - beta
        beta += step * min(1, 5 / max(np.abs(step).max(), 1e-9))
        if np.abs(step).max() < 1e-4:
            break
    return beta / scale


def weigh(name, r, y):
    """Each set counts as SET_WEIGHT says; in it the rarer answer counts for more than its number, and
    so does each of few comparisons that bear on a labelled pair."""
    w = np.ones(len(r))
    if name == 'rss':
        _, at, times = np.unique(r['tag'].astype(np.int64) * len(KINDS) + r['kind'], return_inverse=True, return_counts=True)
        w /= np.sqrt(times[at])
    sums = {answer: w[y == answer].sum() for answer in (0, 1) if (y == answer).any()}
    roots = sum(np.sqrt(s) for s in sums.values())
    for answer, s in sums.items():
        w[y == answer] *= np.sqrt(s) / roots / s
    return w * SET_WEIGHT[name]


def gather(rounds, kind, split, without):
    x, y, w = [], [], []
    for records in rounds:
        for name, r in records.items():
            mine = r['kind'] == KINDS.index(kind)
            if name == 'rss' and kind == 'join':
                mine |= r['kind'] == KINDS.index('pair')
            if without is not None:
                mine &= (fold_of(r['group_a'], split) != without) & (fold_of(r['group_b'], split) != without)
            r = r[mine]
            if len(r) > MOST_RECORDS:
                r = r[:: len(r) // MOST_RECORDS + 1]
            if len(r):
                x.append(r['f'])
                y.append((r['label'] >= 0.5).astype(float))
                w.append(weigh(name, r, y[-1]))
    return np.concatenate(x), np.concatenate(y), np.concatenate(w)


def fit_models(rounds, names, split, without):
    rows = [n for n in names if n not in FOR_GUARDS] + list(PRODUCTS)
    out = {}
    for kind in ('join', 'merge'):
        f, y, w = gather(rounds, kind, split, without)
        betas = logistic(design(f, names, rows), y, w, [sign_of(row) for row in rows])
        out[kind] = {row: float(f'{beta:.3g}') for row, beta in zip(rows, betas) if abs(beta) > 1e-3 or row == 'bias'}
    return out


def read_conf(path):
    conf, section = {}, None
    for line in open(path, encoding='utf-8'):
        if m := re.match(r'\[(\w+)\]', line):
            section = conf.setdefault(m[1], {})
        elif m := re.match(r'([\w*]+) *= *(\S+)', line):
            section[m[1]] = float(m[2])
    return conf


HEAD = """# What the engine is tuned with; built in. The parameters' meanings stand in lib/event/params.h, the
# features' in lib/event/score.h. `make fit` fits the two models again, and writes this file where they
# are better than those that stand here.
"""
COMMENTS = {
    'join': '# Probability that an article belongs to an event: 1 / (1 + exp(-sum of weight * feature))\n',
    'merge': '# The same, that two events are one\n',
}


def write_conf(path, conf):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(HEAD)
        for section in ('engine', 'join', 'merge'):
            f.write('\n' + COMMENTS.get(section, '') + f'[{section}]\n')
            for key, value in conf[section].items():
                f.write(f'{key} = {value:.6g}\n')


def run(data, conf, **options):
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
        write_conf(f.name, conf)
        return data.run_all(f.name, fitting=True, **options)


def train(data, engine, names, split=None, without=None):
    """The models after some rounds, fitted without the stories of a fold."""
    conf, rounds = {'engine': dict(engine, **RECORDED_WITH), 'join': FIRST, 'merge': FIRST}, []
    for _ in range(ROUNDS):
        records = {s: np.concatenate([r.records for r in runs]) for s, runs in run(data, conf, records=True).items()}
        rounds = (rounds + [records])[-ROUNDS_KEPT:]
        conf = dict(conf, **fit_models(rounds, names, split, without))
    return dict(conf, engine=engine)


def utility(scores):
    """What thresholds are chosen for: rss first."""
    r = scores['rss']
    return (2 * r['F1'] + r['wF1'] + sum(scores[s]['F1'] for s in scores if s != 'rss')) / (len(scores) + 2)


def show(tag, scores):
    cells = [f"rss {scores['rss']['F1']:.3f}, weighted {scores['rss']['wF1']:.3f}, largest {scores['rss']['largest'][:3]}"]
    cells += [f"{s} {v['F1']:.3f}" for s, v in scores.items() if s != 'rss']
    print(f'{tag}: {utility(scores):.4f} ', '  '.join(cells), flush=True)


def thresholds(engine, join, merge):
    return dict(engine, join_threshold=join, merge_threshold=merge)


def cross_validate(data, engine, names):
    """{(join, merge): [scores of each held-out fold]}"""
    held_out = {}
    for seed in SEEDS:
        for fold in range(FOLDS):
            split = (seed, FOLDS)
            conf = train(data, engine, names, split, fold)
            for pair in itertools.product(JOIN_THRESHOLDS, MERGE_THRESHOLDS):
                scores = data.score_all(run(data, dict(conf, engine=thresholds(engine, *pair))), split, fold)
                held_out.setdefault(pair, []).append(scores)
            show(f'split {seed}, fold {fold} held out, thresholds {pair}', scores)
    return held_out


def choose(data, engine, shipped, held_out):
    """Of the thresholds that are as good as the best on stories held out, those that suit all stories best."""
    utilities = {pair: np.mean([utility(s) for s in scores]) for pair, scores in held_out.items()}
    near = [pair for pair in utilities if utilities[pair] >= max(utilities.values()) - NEAR]
    finals = {pair: data.score_all(run(data, dict(shipped, engine=thresholds(engine, *pair)))) for pair in near}
    best = max(near, key=lambda pair: utility(finals[pair]))
    return best, finals[best]


def mean(scores, name, measure):
    values = [s[name][measure] for s in scores]
    return np.mean(values), np.std(values)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--features', required=True)
    ap.add_argument('--data', required=True)
    ap.add_argument('--conf', required=True)
    o = ap.parse_args()
    data, names = Data(o.data, o.features), feature_names()
    stands = read_conf(o.conf)
    engine = stands['engine']
    standing = data.score_all(run(data, stands))
    held_out = cross_validate(data, engine, names)
    for pair, scores in held_out.items():
        print(f'thresholds {pair}: mean utility held out {np.mean([utility(s) for s in scores]):.4f}')
    shipped = train(data, engine, names)
    best, final = choose(data, engine, shipped, held_out)
    shipped['engine'] = thresholds(engine, *best)
    print(f'{"":10} held out: mean, spread     fitted on all     as it stands')
    for name, measure in [('rss', 'F1'), ('rss', 'wF1')] + [(s, 'F1') for s in SETS if s != 'rss']:
        print(f'{name:10} {measure:3} {mean(held_out[best], name, measure)[0]:.3f}  {mean(held_out[best], name, measure)[1]:.3f}'
              f'{"":14}{final[name][measure]:.3f}{"":13}{standing[name][measure]:.3f}')
    if utility(final) <= utility(standing):
        print(f'{o.conf} stays: {utility(standing):.4f} on all, the table fitted now {utility(final):.4f}')
        return
    write_conf(o.conf, shipped)
    print(f'{o.conf} is written: {utility(final):.4f} on all, {utility(standing):.4f} before')


if __name__ == '__main__':
    sys.exit(main())
