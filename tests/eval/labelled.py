"""The labelled sets, the engine run over them, and the measures."""
import collections, gzip, hashlib, itertools, json, os, re, subprocess, tempfile, zlib
import concurrent.futures
import numpy as np

# set, hours an event waits (None: as shipped), one of how many comparisons is kept for fitting, lines
# used for fitting, variants: what becomes of an event depends on which articles came before, so that a
# set is run several times for fitting. The articles of those whose clock tells nothing come in other
# orders; of rss other articles that no labelled pair names are left out.
SETS = {
    'rss': (None, 1, None, 4),
    'uci': (24, 9, (12000, 48000), 1),
    'basil': (24, 1, None, 4),
    'ecbplus': (24, 1, None, 4),
    'kagi_kite': (24, 1, None, 4),
}
KINDS = ('join', 'merge', 'pair')
WORKERS = 2
LEFT_OUT = 0.15  # share of the articles that a variant of rss goes without


def feature_names(header='lib/event/score.h'):
    return re.findall(r'^ +F\((\w+),', open(header, encoding='utf-8').read(), re.M)


def thinned(lines, variant, named):
    """The articles without some of those that are not named; and which line each is."""
    left = np.random.RandomState(variant).rand(len(lines)) < LEFT_OUT
    which = np.array([i for i in range(len(lines)) if not left[i] or i in named])
    return [lines[i] for i in which], which


def shuffled(lines, variant):
    """The articles in another order, the times of arrival as they are; and which line each is."""
    which = np.random.RandomState(variant).permutation(len(lines))
    articles = [json.loads(line) for line in lines]
    mixed = [dict(articles[i], published=articles[at]['published']) for at, i in enumerate(which)]
    return [json.dumps(a).encode() + b'\n' for a in mixed], which


def group_of_pairs(pairs):
    """Pairs that share an article, or articles of one story, are of one group."""
    parent = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x
    for r in pairs:
        if r['same']:
            parent[root(r['a'])] = root(r['b'])
    return np.array([zlib.crc32(min(root(r['a']), root(r['b'])).encode()) for r in pairs], dtype=np.uint32)


def fold_of(groups, split):
    """The fold of each group; `split` is (seed, folds)."""
    seed, folds = split
    return np.array([zlib.crc32(b'%d %d' % (seed, g)) % folds for g in np.asarray(groups).tolist()], dtype=int)


class Run:
    """Which event each line of a set's file is in, and of which group its story is."""

    def __init__(self, line, event, group=None, records=None, speed=None):
        self.line, self.event, self.group = np.asarray(line), np.asarray(event), group
        self.records, self.speed = records, speed

    def events(self):
        return dict(zip(self.line.tolist(), self.event.tolist()))


class Data:
    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        self.stories = {}
        for name in SETS:
            if name != 'rss':
                with gzip.open(self.path(name), 'rt', encoding='utf-8') as f:
                    self.stories[name] = np.unique([json.loads(line)['story'] for line in f], return_inverse=True)[1]
        with gzip.open(self.path('rss'), 'rt', encoding='utf-8') as f:
            ids = [json.loads(line)['id'] for line in f]
        with open(f'{folder}/rss/pairs.jsonl', encoding='utf-8') as f:
            self.pairs = [json.loads(line) for line in f]
        # pairs of the same articles, judged by the same rule, for fitting alone: they were drawn from
        # events the engine had made and from near misses, within one outlet too
        # ids stand there as the first 16 digits of their SHA-1
        named = {hashlib.sha1(i.encode()).hexdigest()[:16]: i for i in ids}
        with open(f'{os.path.dirname(os.path.abspath(__file__))}/rss_more_pairs.jsonl', encoding='utf-8') as f:
            for row in map(json.loads, f):
                self.pairs.append({'a': named[row['a']], 'b': named[row['b']], 'same': row['same'], 'fitting': True})
        self.pairs_file = tempfile.NamedTemporaryFile('w', suffix='.jsonl')
        for r in self.pairs:
            self.pairs_file.write(json.dumps({k: r[k] for k in ('a', 'b', 'same')}) + '\n')
        self.pairs_file.flush()
        line = {i: n for n, i in enumerate(ids)}
        self.pair_lines = [(line[r['a']], line[r['b']]) for r in self.pairs]
        self.named = {i for pair in self.pair_lines for i in pair}
        self.pair_group = group_of_pairs(self.pairs)

    def path(self, name):
        return f'{self.folder}/rss/articles.jsonl.gz' if name == 'rss' else f'{self.folder}/{name}.jsonl.gz'

    def run(self, name, conf, fitting=False, records=False, variant=0):
        """`fitting`: over the lines used for fitting alone; `records`: with every comparison made;
        `variant`: 0 as they stand in the file."""
        window, every, lines, _ = SETS[name]
        first, end = lines if fitting and lines else (0, None)
        with gzip.open(self.path(name), 'rb') as f:
            articles = list(itertools.islice(f, first, end))
        which = np.arange(first, first + len(articles))
        if variant:
            articles, which = thinned(articles, variant, self.named) if name == 'rss' else shuffled(articles, variant)
        command = [self.program, '--conf', conf, '--pairs', self.pairs_file.name] if name == 'rss' else [self.program, '--conf', conf]
        if window:
            command += ['--window', str(window)]
        with tempfile.NamedTemporaryFile(suffix='.bin') as out:
            if records:
                command += ['--records', out.name, '--every', str(every)]
            done = subprocess.run(command, input=b''.join(articles), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
            got = self.read_records(name, out.name) if records else None
        line, event, group = np.array([row.split() for row in done.stdout.decode().splitlines()], dtype=np.int64).T
        return Run(which[line], event, group, got, float(done.stderr.decode().split()[-1]))

    def read_records(self, name, path):
        got = np.fromfile(path, dtype=[('kind', 'i4'), ('tag', 'i4'), ('label', 'f4'), ('n_a', 'f4'), ('n_b', 'f4'),
                                       ('group_a', 'u4'), ('group_b', 'u4'), ('f', 'f4', (len(feature_names()),))])
        if name == 'rss':
            got['group_a'] = got['group_b'] = self.pair_group[got['tag']]
        return got

    def run_all(self, conf, fitting=False, records=False):
        """-> {set: the runs of its variants}"""
        runs = [(name, variant) for name in SETS for variant in range(SETS[name][3])]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            done = list(pool.map(lambda r: self.run(r[0], conf, fitting, records, r[1]), runs))
        return {name: [run for (of, _), run in zip(runs, done) if of == name] for name in SETS}

    def score(self, name, run, split=None, fold=None):
        """-> {measure: value}; with a fold, of its stories alone."""
        if name == 'rss':
            event = run.events()
            mine = np.full(len(self.pairs), True) if fold is None else fold_of(self.pair_group, split) == fold
            return score_pairs([(r, event[a], event[b]) for r, (a, b), m in zip(self.pairs, self.pair_lines, mine)
                                if m and r['same'] is not None and 'fitting' not in r], event)
        mine = np.full(len(run.line), True) if fold is None else fold_of(run.group, split) == fold
        return score_stories(self.stories[name][run.line], run.event, mine)

    def score_all(self, runs, split=None, fold=None):
        return {name: mean_score([self.score(name, run, split, fold) for run in mine])
                for name, mine in runs.items()}


def mean_score(scores):
    """Of several variants; what is no measure, of the first."""
    return {key: np.mean([s[key] for s in scores]) if isinstance(value, float) else value for key, value in scores[0].items()}


def f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


def score_pairs(rows, events):
    plain, weighted = np.zeros(4), np.zeros(4)
    for r, a, b in rows:
        at = 2 * (a == b) + r['same']
        plain[at] += 1
        weighted[at] += r['weight']
    sizes = sorted(collections.Counter(events.values()).values(), reverse=True)
    out = {'events': len(sizes), 'largest': sizes[:5]}
    for prefix, c in (('', plain), ('w', weighted)):
        p, q = c[3] / max(c[3] + c[2], 1e-9), c[3] / max(c[3] + c[1], 1e-9)
        out.update({prefix + 'P': p, prefix + 'R': q, prefix + 'F1': f1(p, q)})
    return out


def score_stories(story, event, mine):
    """B-cubed over the articles that are `mine`, in whatever company; pairs over all."""
    event = np.unique(event, return_inverse=True)[1]
    both = np.unique(event * (story.max() + 1) + story, return_inverse=True, return_counts=True)
    ours, theirs = np.bincount(event), np.bincount(story)
    together = both[2][both[1]]
    p, q = (together / ours[event])[mine].mean(), (together / theirs[story])[mine].mean()
    pairs = lambda counts: (counts * (counts - 1) / 2).sum()
    hit, found, true = pairs(both[2]), pairs(ours), pairs(theirs)
    return {'P': p, 'R': q, 'F1': f1(p, q), 'pairsF1': f1(hit / max(found, 1), hit / max(true, 1)), 'events': len(ours)}
