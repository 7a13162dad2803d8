"""The labelled sets, the engine run over them, and the measures."""
import collections, dataclasses, functools, gzip, hashlib, json, os, re, subprocess, sys, tempfile
import concurrent.futures
import numpy as np


@dataclasses.dataclass
class Set:
    """What becomes of an event depends on which articles came before, so that a set is run several times
    for fitting. The articles of those whose clock tells nothing come in other orders; of a stream other
    articles that no label names are left out."""
    pairs: bool = False    # a stream of which some pairs are labelled; else each article has a story
    window: int = None     # hours an event waits for its next article; None: as shipped
    variants: int = 1
    every: int = 1         # one of how many comparisons is kept for fitting
    lines: tuple = None    # those used for fitting
    toy: bool = False      # of the sample in tests/sample: what is fitted on it is thrown away


SETS = {
    'rss': Set(pairs=True, variants=4),
    'headlines_2026_08': Set(pairs=True, variants=4),
    'headlines_2026_03': Set(pairs=True, variants=4),
    'es': Set(pairs=True, variants=4),
    'uci': Set(window=24, every=9, lines=(12000, 48000)),
    'basil': Set(window=24, variants=4),
    'ecbplus': Set(window=24, variants=4),
    'kagi_kite': Set(window=24, variants=4),
    'sample_stream': Set(pairs=True, variants=4, toy=True),
    'sample_stories': Set(variants=4, toy=True),
}
KINDS = ('join', 'merge', 'pair')
WORKERS = 2
LEFT_OUT = 0.15  # share of the articles that a variant of a stream goes without


def feature_names(header='lib/cluster/score.h'):
    return re.findall(r'^ +F\((\w+),', open(header, encoding='utf-8').read(), re.M)


def article_path(folder, name):
    path = f'{folder}/{name}/articles.jsonl' if SETS[name].pairs else f'{folder}/{name}.jsonl'
    return path if SETS[name].toy else path + '.gz'


def sets_in(folder):
    """The names of the sets that the folder has; what else it should have is said."""
    found = [name for name in SETS if os.path.exists(article_path(folder, name))]
    toy = any(SETS[name].toy for name in found)
    missing = [article_path(folder, name) for name in SETS if name not in found and SETS[name].toy == toy]
    if not found:
        sys.exit('none of the labelled sets is there: ' + ', '.join(missing))
    if missing:
        print('not there, and left out:', ', '.join(missing))
    return found


def is_toy(folder):
    return any(SETS[name].toy and os.path.exists(article_path(folder, name)) for name in SETS)


def read_articles(folder, name):
    path = article_path(folder, name)
    with (gzip.open if path.endswith('.gz') else open)(path, 'rt', encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def thinned(articles, variant, named):
    """The articles without some of those that are not named; and which each is."""
    left = np.random.RandomState(variant).rand(len(articles)) < LEFT_OUT
    which = np.array([i for i in range(len(articles)) if not left[i] or i in named])
    return [articles[i] for i in which], which


def shuffled(articles, variant):
    """The articles in another order, the times of arrival as they are; and which each is."""
    which = np.random.RandomState(variant).permutation(len(articles))
    return [dict(articles[i], published=articles[at]['published']) for at, i in enumerate(which)], which


def shuffled_in_hours(articles):
    """The articles of each hour in another order; and which each is."""
    chance = np.random.RandomState(1).rand(len(articles))
    which = np.lexsort((chance, [a['published'] // 3600 for a in articles]))
    times = sorted(a['published'] for a in articles)
    return [dict(articles[i], published=times[at]) for at, i in enumerate(which)], which


def roots_of(links):
    """Of things linked in pairs: thing -> one that stands for all it is linked with, however far."""
    parent = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x
    for a, b in links:
        parent[root(a)] = root(b)
    return {x: root(x) for x in list(parent)}


def digest_of(text):
    return hashlib.sha1(text.encode()).hexdigest()[:16]


class Run:
    """Which event each article of a set is in."""

    def __init__(self, line, event, records=None, speed=None):
        self.line, self.event = np.asarray(line), np.asarray(event)
        self.records, self.speed = records, speed

    def events(self):
        return dict(zip(self.line.tolist(), self.event.tolist()))


class Stream:
    """The labels of a set of which pairs are labelled."""

    def __init__(self, folder, name, articles):
        here = os.path.dirname(os.path.abspath(__file__))
        line = {a['id']: n for n, a in enumerate(articles)}
        with open(f'{folder}/{name}/pairs.jsonl', encoding='utf-8') as f:
            self.pairs = [json.loads(row) for row in f]
        # pairs and stories of the same articles, judged by the same rule, for fitting alone; articles
        # stand there as the first 16 digits of the SHA-1 of their ids
        id_of = {digest_of(i): i for i in line}
        if os.path.exists(path := f'{here}/{name}_more_pairs.jsonl'):
            with open(path, encoding='utf-8') as f:
                self.pairs += [{'a': id_of[r['a']], 'b': id_of[r['b']], 'same': r['same'], 'fitting': True}
                               for r in map(json.loads, f)]
        # whole days, each labelled for itself: of articles of two of them nothing is known
        self.story, self.days = {}, {}
        if os.path.exists(path := f'{here}/{name}_stories.jsonl'):
            with open(path, encoding='utf-8') as f:
                for days, stories in enumerate(map(json.loads, f)):
                    for n, ids in enumerate(stories):
                        self.story.update((line[id_of[i]], f'{days}:{n}') for i in ids)
                        self.days.update((line[id_of[i]], f'{days}') for i in ids)
        self.lines = [(line[r['a']], line[r['b']]) for r in self.pairs]
        self.named = {n for pair in self.lines for n in pair} | set(self.story)
        self.file = tempfile.NamedTemporaryFile('w', suffix='.jsonl')
        for r in self.pairs:
            self.file.write(json.dumps({k: r[k] for k in ('a', 'b', 'same')}) + '\n')
        self.file.flush()

    def judged(self):
        """The pairs to measure by, and which articles they are of."""
        return [(r, a, b) for r, (a, b) in zip(self.pairs, self.lines) if r['same'] is not None and 'fitting' not in r]

    def score_rule(self, same):
        """Of a rule that says of two articles whether they are of one story."""
        return score_pairs([(r, 0, 0 if same(a, b) else 1) for r, a, b in self.judged()])

    def score_events(self, event):
        out = score_pairs([(r, event[a], event[b]) for r, a, b in self.judged()])
        out['fragments'] = fragments([(a, b) for r, a, b in self.judged() if r['same']], event)
        sizes = sorted(collections.Counter(event.values()).values(), reverse=True)
        out.update({'events': len(sizes), 'largest': sizes[:5]})
        return out


def read_records(path):
    return np.fromfile(path, dtype=[('kind', 'i4'), ('tag', 'i4'), ('label', 'f4'), ('f', 'f4', (len(feature_names()),))])


class Data:
    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        self.sets = sets_in(folder)
        self.articles = {name: read_articles(folder, name) for name in self.sets}
        self.stories, self.streams = {}, {}
        for name, articles in self.articles.items():
            if SETS[name].pairs:
                self.streams[name] = Stream(folder, name, articles)
            else:
                self.stories[name] = np.unique([a['story'] for a in articles], return_inverse=True)[1]

    @functools.lru_cache(None)
    def variant(self, name, variant, fitting):
        """The lines of the articles that come, in order, and which each is; variant 0 is as they stand in the file,
        'no lang' are the same through feeds that name no language, 'order' in another order within hours."""
        first, end = SETS[name].lines if fitting and SETS[name].lines else (0, None)
        articles = self.articles[name][first:end]
        which = np.arange(first, first + len(articles))
        if variant == 'no lang':
            articles = [{k: v for k, v in a.items() if k != 'lang'} for a in articles]
        elif variant == 'order':
            articles, which = shuffled_in_hours(articles)
        elif variant and SETS[name].pairs:
            articles, which = thinned(articles, variant, self.streams[name].named)
        elif variant:
            articles, which = shuffled(articles, variant)
        if SETS[name].pairs:
            s = self.streams[name]
            articles = [dict(a, story=s.story.get(i, ''), days=s.days.get(i, '')) for a, i in zip(articles, which.tolist())]
        return b''.join(json.dumps(a).encode() + b'\n' for a in articles), which

    def run(self, name, conf, fitting=False, records=False, variant=0):
        """`fitting`: over the lines used for fitting alone; `records`: with every comparison made."""
        lines, which = self.variant(name, variant, fitting)
        command = [self.program, '--conf', conf]
        if name in self.streams:
            command += ['--pairs', self.streams[name].file.name]
        if SETS[name].window:
            command += ['--window', str(SETS[name].window)]
        with tempfile.NamedTemporaryFile(suffix='.bin') as out:
            if records:
                command += ['--records', out.name, '--every', str(SETS[name].every)]
            done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
            got = read_records(out.name) if records else None
        line, event = np.array([row.split() for row in done.stdout.decode().splitlines()], dtype=np.int64).T
        return Run(which[line], event, got, float(done.stderr.decode().split()[-1]))

    def run_all(self, conf, fitting=False, records=False, sets=None):
        """-> {set: the runs of its variants}"""
        sets = self.sets if sets is None else sets
        runs = [(name, variant) for name in sets for variant in range(SETS[name].variants)]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            done = list(pool.map(lambda r: self.run(r[0], conf, fitting, records, r[1]), runs))
        return {name: [run for (of, _), run in zip(runs, done) if of == name] for name in sets}

    def score(self, name, run):
        """-> {measure: value}"""
        if name not in self.streams:
            return score_stories(self.stories[name][run.line], run.event)
        stream = self.streams[name]
        out = stream.score_events(run.events())
        if stream.story:
            mine = [i for i, line in enumerate(run.line.tolist()) if line in stream.story]
            story = np.unique([stream.story[line] for line in run.line[mine].tolist()], return_inverse=True)[1]
            out['stories'] = score_stories(story, run.event[mine])
        return out

    def score_all(self, runs):
        return {name: mean_score([self.score(name, run) for run in mine]) for name, mine in runs.items()}


def mean_score(scores):
    """Of several variants; what is no measure, of the first."""
    return {key: np.mean([s[key] for s in scores]) if isinstance(value, float) else
            mean_score([s[key] for s in scores]) if isinstance(value, dict) else value for key, value in scores[0].items()}


def f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


def fragments(links, event):
    """Of the stories that links of one story make: how many events each lies in, on the mean."""
    of = collections.defaultdict(set)
    for line, root in roots_of(links).items():
        of[root].add(event[line])
    return float(np.mean([len(events) for events in of.values()]))


def score_pairs(rows):
    """`rows`: a judged pair, and the events of its two."""
    plain, weighted = np.zeros(4), np.zeros(4)
    for r, a, b in rows:
        at = 2 * (a == b) + r['same']
        plain[at] += 1
        weighted[at] += r['weight']
    out = {}
    for prefix, c in (('', plain), ('w', weighted)):
        p, q = c[3] / max(c[3] + c[2], 1e-9), c[3] / max(c[3] + c[1], 1e-9)
        out.update({prefix + 'P': p, prefix + 'R': q, prefix + 'F1': f1(p, q)})
    return out


def score_stories(story, event):
    """B-cubed over the articles; and over pairs."""
    event = np.unique(event, return_inverse=True)[1]
    both = np.unique(event * (story.max() + 1) + story, return_inverse=True, return_counts=True)
    ours, theirs = np.bincount(event), np.bincount(story)
    together = both[2][both[1]]
    p, q = (together / ours[event]).mean(), (together / theirs[story]).mean()
    pairs = lambda counts: (counts * (counts - 1) / 2).sum()
    hit, found, true = pairs(both[2]), pairs(ours), pairs(theirs)
    return {'P': p, 'R': q, 'F1': f1(p, q), 'pairsF1': f1(hit / max(found, 1), hit / max(true, 1)), 'events': len(ours)}
