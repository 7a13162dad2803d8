#!/usr/bin/env python3
"""Fits the join and merge models on the labelled sets and writes them into engine.conf (some ten minutes).

Comparisons are recorded while the engine runs with the models fitted last (so that they are those
it will meet), for several rounds. Stories are split into two halves: models are fitted on one and
the thresholds chosen on the other, and both are shown; then both are fitted on all. The rounds do
not settle (each meets what the one before let through), so what stands is replaced only by better.
"""
import argparse, re, sys, tempfile
import numpy as np
from labelled import Data, SETS, KINDS, feature_names

PRODUCTS = {
    'log_words': ['cos_all', 'cos_title', 'cos_name', 'best_all', 'best_title', 'mean_all', 'known_title', 'shared_title', 'shared_rarity',
                  'top_in_a', 'top_in_b', 'names_in_a', 'names_in_b', 'log_n', 'coherence', 'log_words'],
    'log_n': ['cos_all', 'cos_title', 'cos_name', 'best_all', 'best_title', 'mean_all', 'known_title', 'shared_title', 'coherence', 'log_n'],
    'log_n_a': ['cos_all', 'cos_name', 'mean_all', 'best_all', 'known_title', 'core_name', 'core_name_in_b', 'log_n', 'log_words'],
    'core_name': ['core_name', 'log_words', 'log_n'],
    'core_name_in_b': ['core_name_in_b', 'log_words'],
    'cos_all': ['cos_all', 'best_all', 'cos_title', 'coherence', 'no_names'],
    'best_all': ['best_all', 'coherence'],
    'gap': ['cos_all', 'best_all'],
    'same_source': ['cos_all', 'best_title'],
}
SET_WEIGHT = {'rss': 3.0, 'uci': 1.0, 'basil': 0.7, 'ecbplus': 1.0, 'kagi_kite': 1.0}
L2 = 1e-3
MOST_RECORDS = 30000  # of one set, kind and round


def rows_of(names):
    return list(names) + [f'{b}*{a}' for a, bs in PRODUCTS.items() for b in bs]


def design(f, names, rows):
    at = {name: i for i, name in enumerate(names)}
    columns = []
    for row in rows:
        a, _, b = row.partition('*')
        columns.append(f[:, at[a]] * f[:, at[b]] if b else f[:, at[a]])
    return np.stack(columns, 1).astype(np.float64)


def logistic(x, y, w, l2=L2):
    """Newton's method; columns are scaled, the first is the bias. y may be a share."""
    scale = np.sqrt(np.average(x * x, axis=0, weights=w)) + 1e-9
    x = x / scale
    w = w / w.sum()
    beta = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], l2)
    penalty[0] = 1e-9
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        g = x.T @ (w * (p - y)) + penalty * beta
        h = (x * (w * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(h, g)
        beta -= step * min(1, 5 / np.abs(step).max())
        if np.abs(step).max() < 1e-6:
            break
    return beta / scale


def weigh(name, r, y):
    """Each set counts alike, and in it the two answers do."""
    w = np.ones(len(r))
    for answer in (y >= .5, y < .5):
        if answer.any():
            w[answer] *= 0.5 / w[answer].sum()
    return w * SET_WEIGHT[name]


def gather(rounds, kind):
    x, y, w = [], [], []
    for records in rounds:
        for name, r in records.items():
            mine = r['kind'] == KINDS.index(kind)
            if name == 'rss' and kind == 'join':
                mine |= r['kind'] == KINDS.index('pair')
            r = r[mine]
            if len(r) > MOST_RECORDS:
                r = r[:: len(r) // MOST_RECORDS + 1]
            if not len(r):
                continue
            x.append(r['f'])
            y.append((r['label'] >= 0.5).astype(float))
            w.append(weigh(name, r, y[-1]))
    return np.concatenate(x), np.concatenate(y), np.concatenate(w)


def read_conf(path):
    conf, section = {}, None
    for line in open(path, encoding='utf-8'):
        if m := re.match(r'\[(\w+)\]', line):
            section = conf.setdefault(m[1], {})
        elif m := re.match(r'([\w*]+) *= *(\S+)', line):
            section[m[1]] = float(m[2])
    return conf


HEAD = """# What the engine is tuned with; built in. The parameters' meanings stand in lib/event/params.h, the
# features' in lib/event/score.h. `make fit` fits the two models again and writes this file.
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
                if value or section == 'engine':
                    f.write(f'{key} = {value:.6g}\n')


def fit_models(rounds, names):
    rows = rows_of(names)
    out = {}
    for kind in ('join', 'merge'):
        f, y, w = gather(rounds, kind)
        x = design(f, names, rows)
        out[kind] = {row: float(f'{beta:.6g}') for row, beta in zip(rows, logistic(x, y, w)) if abs(beta) > 1e-6}
    return out


def utility(scores):
    """What thresholds are chosen for: rss first."""
    r = scores['rss']
    return (2 * r['F1'] + 1.0 * r['wF1'] + sum(scores[s]['F1'] for s in scores if s != 'rss')) / (len(scores) + 2)


def show(tag, scores):
    cells = [f"rss {scores['rss']['F1']:.3f} w {scores['rss']['wF1']:.3f} {scores['rss']['largest'][:3]}"] if 'rss' in scores else []
    cells += [f"{s} {v['F1']:.3f} ({v['P']:.2f} {v['R']:.2f})" for s, v in scores.items() if s != 'rss']
    print(tag, f"{utility(scores):.4f}", ' '.join(cells), flush=True)


def evaluate(data, conf, half, sets=SETS):
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
        write_conf(f.name, conf)
        return {s: data.score(s, got[0], half) for s, got in data.run_all(f.name, half, sets=sets).items()}


GRID = [('join_threshold', (0.68, 0.72, 0.76, 0.80)), ('merge_threshold', (0.88, 0.91, 0.93, 0.95)), ('names', (0.15, 0.20, 0.25, 0.30))]


def choose(data, conf, half, grid=GRID, sets=SETS):
    """Coordinate search: one parameter after the other."""
    best, engine = None, conf['engine']
    for key, values in grid:
        for value in values:
            trial = dict(conf, engine=dict(engine, **{key: value}))
            scores = evaluate(data, trial, half, sets)
            show(f'   {key}={value}', scores)
            if best is None or utility(scores) > best[0]:
                best = (utility(scores), trial['engine'])
        engine = best[1]
    return dict(conf, engine=engine)


def train(data, conf, fit_half, rounds, choose_half, names):
    seen = []
    for i in range(rounds):
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
            write_conf(f.name, conf)
            got = data.run_all(f.name, fit_half, records=True)
        show(f'round {i} on half {fit_half}', {s: data.score(s, g[0], fit_half) for s, g in got.items()})
        seen = (seen + [{s: g[1] for s, g in got.items()}])[-2:]
        conf = dict(conf, **fit_models(seen, names))
    return choose(data, conf, choose_half) if choose_half is not None else conf


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--features', required=True)
    ap.add_argument('--data', required=True)
    ap.add_argument('--conf', required=True)
    ap.add_argument('--rounds', type=int, default=3)
    o = ap.parse_args()
    data, names = Data(o.data, o.features), feature_names()
    start = read_conf(o.conf)
    honest = train(data, start, 0, o.rounds, 1, names)
    for half in (0, 1):
        show(f'fitted on half 0, measured on half {half}', evaluate(data, honest, half))
    shipped = train(data, honest, None, 2, None, names)
    shipped['engine'] = honest['engine']
    before, after = evaluate(data, start, None), evaluate(data, shipped, None)
    show('as it stands, all', before)
    show('fitted again, all', after)
    if utility(after) > utility(before):
        write_conf(o.conf, shipped)
    else:
        print(f'{o.conf} stays as it is')


if __name__ == '__main__':
    sys.exit(main())
