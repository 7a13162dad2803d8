"""Simple ways to group titles, to measure the engine beside."""
import collections, re, zlib
import numpy as np

SHINGLE, VALUES, BANDS, LEAST_SAME = 3, 64, 32, 0.3
RING, LEAST_SHARED, LEAST_OVERLAP = 60, 3, 0.6
PRIME = (1 << 31) - 1


class Groups:
    def __init__(self, n):
        self.parent = list(range(n))

    def root(self, i):
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, a, b):
        self.parent[self.root(b)] = self.root(a)

    def events(self):
        return {i: self.root(i) for i in range(len(self.parent))}


def words_of(text):
    return re.findall(r"\w+", text.lower())


def signatures(articles):
    """MinHash of the shingles of title and body: n x VALUES."""
    random = np.random.default_rng(1)
    a, b = random.integers(1, PRIME, VALUES), random.integers(0, PRIME, VALUES)
    hashes, starts = [], []
    for r in articles:
        w = words_of(r['title'] + ' ' + (r.get('body') or ''))
        starts.append(len(hashes))
        hashes += [zlib.crc32(' '.join(w[i:i + SHINGLE]).encode()) % PRIME for i in range(max(1, len(w) - SHINGLE + 1))]
    hashes = np.array(hashes, dtype=np.int64)
    return np.stack([np.minimum.reduceat((hashes * a[i] + b[i]) % PRIME, starts) for i in range(VALUES)], 1)


def minhash_lsh(articles, window):
    """Articles that share a band, no further apart than the window, and agree in enough values."""
    s, groups = signatures(articles), Groups(len(articles))
    when = np.array([r['published'] for r in articles])
    for band in range(BANDS):
        part = s[:, band * VALUES // BANDS:(band + 1) * VALUES // BANDS]
        key = part[:, 0] * PRIME + part[:, 1]
        order = np.argsort(key, kind='stable')
        for i, k in zip(order[:-1], order[1:]):
            if key[i] == key[k] and abs(when[k] - when[i]) <= window and (s[i] == s[k]).mean() >= LEAST_SAME:
                groups.join(int(i), int(k))
    return groups.events()


def title_words(article, stop):
    return {w for w in words_of(article['title']) if len(w) > 2 and w not in stop}


def overlap_rule(articles, window, stop):
    """The popular reader's rule, against the newest articles that share a word."""
    groups, seen = Groups(len(articles)), collections.defaultdict(lambda: collections.deque(maxlen=RING))
    words = []
    for i, r in enumerate(articles):
        mine = title_words(r, stop)
        shared = collections.Counter(k for w in mine for k in seen[w] if r['published'] - articles[k]['published'] <= window)
        best = max(((n / min(len(mine), len(words[k])), k) for k, n in shared.items() if n >= LEAST_SHARED), default=(0, 0))
        if best[0] >= LEAST_OVERLAP:
            groups.join(best[1], i)
        words.append(mine)
        for w in mine:
            seen[w].append(i)
    return groups.events()


def shares_two_words(articles, stop):
    """A rule for pairs that groups nothing: their titles share two words."""
    return lambda a, b: len(title_words(articles[a], stop) & title_words(articles[b], stop)) >= 2
