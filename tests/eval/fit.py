#!/usr/bin/env python3
"""Fits the join and merge models on the labelled sets and writes them into engine.conf.

A model is a weighted sum of the features of lib/cluster/score.h (logistic regression). Its weights have
the sign that their meaning asks for: no shared name ever speaks against. Comparisons are recorded
while the engine runs, for several rounds, each with the models fitted on the rounds before, so that
they are those the engine will meet; the first round's models are the same whatever engine.conf holds,
so that the same data give the same table.

What decides is what a stream left out gives: for each set in turn the models are fitted on all
others, and measured on it. The thresholds are chosen by that; of those as good as the best, the ones
that suit all sets best under the models fitted on all.

Every set is run in its variants (labelled.py): the comparisons of all are learned from, measures are
their means. On the sample in tests/sample all is done but the last step: engine.conf is not written.
"""
import os
os.environ['OPENBLAS_NUM_THREADS'] = '1'  # sums in one order
import argparse, re, sys, tempfile
import numpy as np
from labelled import Data, SETS, KINDS, feature_names, is_toy

FOR_GUARDS = ('mean_all', 'known_name', 'known_name_back')  # features that no model uses
# what a feature says depends on how long the texts are: a headline shares few words, but these weigh
PRODUCTS = tuple(f'{f}*log_words' for f in (
    'alike', 'alike_title', 'core_back', 'top_in_a', 'rarest_second', 'title_rarity', 'name_rarity',
    'title_words', 'core_words', 'log_n', 'slack', 'age', 'same_source'))
SIGNED_PRODUCTS = PRODUCTS[:2]
FREE = ('bias', 'log_n', 'log_n_a', 'log_words', 'log_words_b', 'coherent_title')
AGAINST = ('no_names', 'gap', 'slack', 'age', 'roundup', 'same_source', 'unshared', 'recurs')  # all others speak for
SET_WEIGHT = {'rss': 6.0, 'headlines_2026_08': 2.0, 'headlines_2026_03': 2.0, 'es': 1.5,
              'uci': 4.0, 'basil': 0.7, 'ecbplus': 1.0, 'kagi_kite': 1.5,
              'sample_stream': 1.0, 'sample_stories': 1.0}
L2 = 3e-4
FIRST = {'bias': 0.0, 'alike': 2.0, 'known_back': 2.0}
ROUNDS, ROUNDS_KEPT = 4, 3
MOST_RECORDS = 30000  # of one set, kind and round
# While comparisons are recorded: no guard on how alike events are within that splits them or keeps
# them apart, and little on names, so that the models themselves learn it; and events are compared
# that share less than a search looks at.
RECORDED_WITH = {'join_threshold': 0.5, 'merge_threshold': 0.72, 'split_threshold': 0.2, 'coherence': 0.13, 'apart': 0, 'apart_others': 0,
                 'names': 0.15, 'named': 0, 'pair_threshold': 0, 'min_shared': 0}
THRESHOLDS = ((0.47, 0.74), (0.50, 0.76), (0.53, 0.78))  # to join, to merge
NEAR = 0.003  # of utility: less than an order of arrival changes


def sign_of(row):
    first = row.split('*')[0]
    return 0 if first in FREE or (row in PRODUCTS and row not in SIGNED_PRODUCTS) else -1 if first in AGAINST else 1


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
    """Each set counts as SET_WEIGHT says, in a stream the judged pairs for half of it and the stories of
    whole days for the other. In each half the rarer answer counts for more than its number, and so does
    each of few comparisons that bear on a labelled pair, or on an article of a stream."""
    w = np.ones(len(r))
    if SETS[name].pairs:
        _, at, times = np.unique(r['tag'].astype(np.int64) * len(KINDS) + r['kind'], return_inverse=True, return_counts=True)
        w /= np.sqrt(times[at])
    of_pair = r['tag'] >= 0 if SETS[name].pairs else np.zeros(len(r), bool)
    for half in (of_pair, ~of_pair):
        sums = {answer: w[half & (y == answer)].sum() for answer in (0, 1) if (half & (y == answer)).any()}
        roots = sum(np.sqrt(s) for s in sums.values())
        for answer, s in sums.items():
            w[half & (y == answer)] *= np.sqrt(s) / roots / s
    return w * SET_WEIGHT[name] / w.sum()


def gather(rounds, kind, sets):
    x, y, w = [], [], []
    for records in rounds:
        for name in sets:
            r = records[name]
            mine = r['kind'] == KINDS.index(kind)
            if kind == 'join':
                mine |= r['kind'] == KINDS.index('pair')
            r = r[mine]
            if len(r) > MOST_RECORDS:
                r = r[:: len(r) // MOST_RECORDS + 1]
            if len(r):
                x.append(r['f'])
                y.append((r['label'] >= 0.5).astype(float))
                w.append(weigh(name, r, y[-1]))
    return np.concatenate(x), np.concatenate(y), np.concatenate(w)


def fit_models(rounds, names, sets):
    rows = [n for n in names if n not in FOR_GUARDS] + list(PRODUCTS)
    out = {}
    for kind in ('join', 'merge'):
        f, y, w = gather(rounds, kind, sets)
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


HEAD = """# What the engine is tuned with; built in. The parameters' meanings stand in lib/cluster/params.h, the
# features' in lib/cluster/score.h. `make fit` fits the two models again and writes this file.
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
        return data.run_all(f.name, **options)


def record(data, engine, names, sets):
    """The comparisons of the last rounds."""
    conf, rounds = {'engine': dict(engine, **RECORDED_WITH), 'join': FIRST, 'merge': FIRST}, []
    for _ in range(ROUNDS):
        runs = run(data, conf, fitting=True, records=True, sets=sets)
        rounds = (rounds + [{s: np.concatenate([r.records for r in mine]) for s, mine in runs.items()}])[-ROUNDS_KEPT:]
        conf.update(fit_models(rounds, names, sets))
    return rounds


def utility_of(name, score):
    return (2 * score['F1'] + score['wF1']) / 3 if SETS[name].pairs else score['F1']


def utility(scores):
    return np.mean([utility_of(name, score) for name, score in scores.items()])


def thresholds(engine, join, merge):
    return dict(engine, join_threshold=join, merge_threshold=merge)


def leave_out(data, engine, names, pairs):
    """{thresholds: {set: its scores under models fitted on the others}}"""
    out = {}
    for left in data.sets:
        others = [s for s in data.sets if s != left]
        models = fit_models(record(data, engine, names, others), names, others)
        for pair in pairs:
            runs = run(data, dict(models, engine=thresholds(engine, *pair)), sets=[left])
            out.setdefault(pair, {}).update(data.score_all(runs))
        print(f'{left} left out: ' + '  '.join(f'{pair} {utility_of(left, scores[left]):.4f}' for pair, scores in out.items()), flush=True)
    return out


def cells(name, score):
    return f"{score['F1']:.3f} {score['wF1']:.3f}" if SETS[name].pairs else f"{score['F1']:.3f}      "


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--features', required=True)
    ap.add_argument('--data', required=True)
    ap.add_argument('--conf', required=True)
    o = ap.parse_args()
    data, names = Data(o.data, o.features), feature_names()
    stands = read_conf(o.conf)
    engine = stands['engine']
    if len(data.sets) < 2:
        sys.exit('to fit takes two sets: what decides is one that was left out')
    left_out = leave_out(data, engine, names, THRESHOLDS)
    for pair, scores in left_out.items():
        print(f'thresholds {pair}: mean of the sets left out {utility(scores):.4f}')
    models = fit_models(record(data, engine, names, data.sets), names, data.sets)
    near = [pair for pair in left_out if utility(left_out[pair]) >= max(map(utility, left_out.values())) - NEAR]
    finals = {pair: data.score_all(run(data, dict(models, engine=thresholds(engine, *pair)))) for pair in near}
    best = max(near, key=lambda pair: utility(finals[pair]))
    fitted, final = dict(models, engine=thresholds(engine, *best)), finals[best]
    standing = data.score_all(run(data, stands))
    print('F1, and of streams weighted F1\n' f'{"":20}{"left out":16}{"fitted on all":16}as it stands')
    for name in data.sets:
        print(f'{name:20}' + '     '.join(cells(name, scores[name]) for scores in (left_out[best], final, standing)))
    figures = f'left out {utility(left_out[best]):.4f}, on all {utility(final):.4f}, {utility(standing):.4f} before'
    if is_toy(o.data):
        print(f'{o.conf} is left as it is, for what is fitted on a sample is a toy: {figures}')
        return
    write_conf(o.conf, fitted)
    print(f'{o.conf} is written: {figures}')


if __name__ == '__main__':
    sys.exit(main())
