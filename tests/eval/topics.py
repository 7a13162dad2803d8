#!/usr/bin/env python3
"""Fits the weights of words for topics (config/topics) on labelled data, or measures them.

Labels: the category of uci, and of other articles what their addresses and categories name, by
config/topics.conf. topic_seeds.txt is where it begins: a word keeps what it says there as far as
nothing speaks against it, and of seeds drawn at random there are articles of each topic, for feeds
label hardly any of war or weather. Articles of the events that measure the result are left out, and a part is
held out: uci's by its stories, the rest by its last days. Of the sample in tests/sample half is held out, and what
is fitted on it is measured and thrown away.

The model: softmax over the sum of the weights of an article's terms, one time each and twice as much
in the title, by the root of how much there is. Only the words that tell most are kept.
"""
import argparse, collections, glob, gzip, html, json, pathlib, re, subprocess, tempfile, unicodedata, zlib
import numpy as np
from labelled import SETS, is_toy, read_articles

UCI = {'b': 'eco', 't': 'sci', 'e': 'art', 'm': 'hea'}
UCI_EACH = 2500
INVENTED = 100       # articles a topic and language
PRIOR = 2.0          # what a seed says
EPOCHS, BATCH, RATE, PULL = 12, 64, 0.25, 0.004
LEAST_ARTICLES = 6   # with a word, for it to be kept without a seed
MOST = 6000          # words of one language
BIAS = 0.6           # what is kept of it: how many articles of a topic are labelled is not how many there are
SMALLEST = 0.25      # weights below are 0
HELD_FROM = 1588204800  # 30 April 2020


def plain(name):
    s = ''.join(c for c in unicodedata.normalize('NFKD', name.casefold()) if not unicodedata.combining(c))
    return re.sub(r'[^\w]+|_+', '-', s).strip('-')


class Sections:
    def __init__(self, path):
        self.names, self.codes, topic = {}, [], None
        for line in open(path, encoding='utf-8'):
            line = line.strip()
            if line.startswith('['):
                topic = len(self.codes)
                self.codes.append(line.split()[-1])
            elif line and line[0] != '#':
                self.names[line] = topic

    def of_parts(self, parts):
        """The last that is known."""
        for part in reversed(parts):
            part = plain(part)
            for form in (part, re.sub(r'-\d+$', '', part)):
                if form in self.names:
                    return self.names[form]

    def of(self, article):
        found = collections.Counter()
        if article.get('url'):
            path = re.sub(r'^\w+://[^/]*|[?#].*', '', article['url'])
            found[self.of_parts(path.split('/'))] += 2
        for c in article.get('categories', []):
            found[self.of_parts(c.split('/'))] += 1
        del found[None]
        return found


def lines(path):
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        for line in f:
            yield json.loads(line)


def items(folder):
    """Items of the feeds that give categories."""
    seen = set()
    tag = lambda name, item: [html.unescape(re.sub(r'<[^>]*>', ' ', html.unescape(re.sub(r'<!\[CDATA\[|\]\]>', '', t))))
                              for t in re.findall(rf'<{name}\b[^>]*>(.*?)</{name}>', item, re.S)]
    for path in sorted(glob.glob(f'{folder}/*/*.xml')):
        text = open(path, 'rb').read().decode('utf-8', 'replace')
        for item in re.findall(r'<item>.*?</item>', text, re.S):
            link, title = tag('link', item), tag('title', item)
            categories = [c for c in tag('category', item) if '/' in c or ' ' in c]
            if not link or not title or not categories or link[0] in seen:
                continue
            seen.add(link[0])
            day = re.search(r'(\d{8})T', path).group(1)
            yield {'title': title[0], 'body': ' '.join(tag('description', item) + tag('content:encoded', item))[:1500],
                   'url': link[0], 'categories': categories, 'lang': 'en', 'held': day >= '20200430'}


def held_out(name, article):
    if name == 'rss':
        return article['published'] >= HELD_FROM
    return zlib.crc32(article['title'][:20].encode()) % (2 if SETS[name].toy else 6) == 0


def gather(args, sections):
    """Articles with their labels, each a share of topics."""
    out, skip, toy = [], set(), is_toy(args.data)
    for e in lines(args.events) if pathlib.Path(args.events).exists() else []:
        skip |= {a['title'] for a in e['articles']}
    uci = collections.defaultdict(list)
    for a in [] if toy else lines(f'{args.data}/uci.jsonl.gz'):
        uci[a['category']].append(a)
    for c, rows in sorted(uci.items()):
        rows.sort(key=lambda a: zlib.crc32(a['title'].encode()))
        for a in rows[:UCI_EACH]:
            out.append(({'lang': 'en', 'title': a['title'], 'body': ''},
                        {sections.codes.index(UCI[c]): 1}, 'uci', zlib.crc32(a['story'].encode()) % 6 == 0))
    known = {}
    for a in items(args.replay):
        known[a['url'].split('?')[0]] = 1
        out.append((a, sections.of(a), 'categories', a['held']))
    for name in ('sample_stream', 'sample_stories') if toy else ('rss', 'es'):
        for a in read_articles(args.data, name):
            if a['url'].split('?')[0] not in known:
                out.append((a, sections.of(a), name, held_out(name, a)))
    return [(a, l, s, h) for a, l, s, h in out if l and a['title'] not in skip]


def terms_of(args, articles):
    text = ''.join(json.dumps({k: a.get(k, '') for k in ('lang', 'title', 'body')}) + '\n' for a in articles)
    got = subprocess.run([args.terms], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    out = []
    for line in got.split('\n')[:-1]:
        f = line.split(' ')[:-1]
        out.append([(int(f[i]), int(f[i + 1]), int(f[i + 2]), f[i + 3]) for i in range(0, len(f), 4)])
    return out


def vectors(rows, at):
    out = []
    for row in rows:
        ids = [at[i] for i, *_ in row if i in at]
        v = [(2.0 if t else 1.0) for i, t, b, w in row if i in at]
        n = np.sqrt(sum(x * x for x in v)) or 1
        out.append((np.array(ids, int), np.array(v) / np.sqrt(n) if v else np.array([])))
    return out


def softmax(z):
    z = np.exp(z - z.max())
    return z / z.sum()


def score(w, bias, x):
    return bias + (x[1] @ w[x[0]] if len(x[0]) else 0)


def seeds(path, codes, args):
    rows = [l.split() for l in open(path, encoding='utf-8') if l[0] != '#' and l.strip()]
    got = terms_of(args, [{'lang': r[0], 'title': '', 'body': ' '.join(r[2:])} for r in rows])
    out = collections.defaultdict(dict)
    for r, terms in zip(rows, got):
        for i, _, _, word in terms:
            out[(r[0], word)].setdefault(i, set()).add(codes.index(r[1]))
    return out


def invented(path, codes):
    """Articles of seeds drawn at random: what there are few articles of is not unlikely for that."""
    random, out = np.random.RandomState(2), []
    rows = [l.split() for l in open(path, encoding='utf-8') if l[0] != '#' and l.strip()]
    for lang, topic, *words in rows:
        others = [w for l, t, *more in rows if l == lang and t != topic for w in more]
        for _ in range(INVENTED):
            body = [*random.choice(words, 5), *random.choice(others, 2)]
            out.append(({'lang': lang, 'title': '', 'body': ' '.join(body)}, {codes.index(topic): 1}, 'invented', False))
    return out


def countries(args):
    """Where something happened says nothing of its topic, but of what was told of it then."""
    words = [w for l in open(args.countries, encoding='utf-8') if l[0] != '#' for w in re.split(r'[\s|]+', l) if len(w) > 1]
    rows = terms_of(args, [{'lang': 'en', 'title': '', 'body': 'of ' + form} for w in words for form in (w, w.title())])
    return {t[0] for row in rows for t in row}


def fit(args, sections):
    data = gather(args, sections) + invented(args.seeds, sections.codes)
    rows = terms_of(args, [a for a, *_ in data])
    seed = seeds(args.seeds, sections.codes, args)
    many, word_of = collections.Counter(), collections.defaultdict(collections.Counter)
    for row, (a, _, _, held) in zip(rows, data):
        if not held:
            many.update({t[0] for t in row})
            for i, _, _, word in row:
                word_of[(a['lang'], i)][word] += 1
    prior = collections.defaultdict(set)
    for (lang, word), ids in seed.items():
        for i, topics in ids.items():
            prior[i] |= topics
            word_of[(lang, i)][word] += 1
    nowhere = countries(args)
    at = {i: k for k, i in enumerate(sorted({i for i, n in many.items() if n >= LEAST_ARTICLES and i not in nowhere} | set(prior)))}
    n = len(sections.codes)
    w0 = np.zeros((len(at), n))
    for i, topics in prior.items():
        for t in topics:
            w0[at[i], t] = PRIOR / np.sqrt(len(topics))
    w, bias = w0.copy(), np.zeros(n)
    x = vectors(rows, at)
    y = np.array([[l.get(t, 0) for t in range(n)] for _, l, _, _ in data], float)
    y /= y.sum(1, keepdims=True)
    learn = np.array([k for k, d in enumerate(data) if not d[3]])
    total = y[learn].sum(0)
    weight = y @ np.minimum(np.sqrt(total.mean() / np.maximum(total, 20)), 3)
    print('articles', len(learn), dict(zip(sections.codes, total.round().astype(int))))
    random, g2, gb = np.random.RandomState(1), np.full(w.shape, 0.1), np.full(n, 1.0)
    for _ in range(EPOCHS):
        random.shuffle(learn)
        for k in learn:
            p = softmax(score(w, bias, x[k]))
            g = weight[k] * (p - y[k])
            ids, v = x[k]
            if len(ids):
                grad = v[:, None] * g + PULL * (w[ids] - w0[ids])
                g2[ids] += grad * grad
                w[ids] -= RATE * grad / np.sqrt(g2[ids])
            gb += g * g
            bias -= RATE * g / np.sqrt(gb)
    write(args, sections, at, w, bias, prior, many, word_of)


def write(args, sections, at, w, bias, prior, many, word_of):
    by_lang = collections.defaultdict(list)
    for (lang, i), words in word_of.items():
        if i in at:
            row = w[at[i]] - np.median(w[at[i]])
            strength = np.abs(row).max() * np.log(2 + many[i]) + (10 if i in prior else 0)
            by_lang[lang].append((strength, min(words, key=lambda s: (-words[s], s)), row))
    for lang, rows in sorted(by_lang.items()):
        rows.sort(key=lambda r: (-r[0], r[1]))
        with open(f'{args.out}/{lang}.txt', 'w', encoding='utf-8') as f:
            f.write('# How much words speak for topics, in hundredths: what tests/eval/topics.py fitted. '
                    'The codes are those of\n# ../topics.conf.\n')
            if lang == 'en':
                f.write('* ' + ' '.join(f'{c}={round(b * BIAS * 100)}' for c, b in zip(sections.codes, bias)) + '\n')
            for _, word, row in sorted(rows[:MOST], key=lambda r: r[1]):
                cells = [f'{c}={round(x * 100)}' for c, x in zip(sections.codes, row) if abs(x) >= SMALLEST]
                if cells and re.fullmatch(r"[^\W\d_][\w'.-]*", word):
                    f.write(word + ' ' + ' '.join(cells) + '\n')


def measure(args, sections):
    data = [d for d in gather(args, sections) if d[3]]
    rows = terms_of(args, [d[0] for d in data])
    table, bias = {}, np.zeros(len(sections.codes))
    for path in sorted(glob.glob(f'{args.out}/*.txt')):
        words = [l.split() for l in open(path, encoding='utf-8') if l[0] != '#']
        lang = pathlib.Path(path).stem
        got = terms_of(args, [{'lang': lang, 'title': r[0]} for r in words])
        for r, terms in zip(words, got):
            v = np.zeros(len(sections.codes))
            for cell in r[1:]:
                v[sections.codes.index(cell[:3])] = int(cell[4:]) / 100
            if r[0] == '*':
                bias = v
            elif len(terms) == 1:
                table.setdefault(terms[0][0], v)
    at = {i: k for k, i in enumerate(table)}
    w = np.array(list(table.values()))
    right = collections.defaultdict(list)
    for (a, label, source, _), x in zip(data, vectors(rows, at)):
        order = np.argsort(-score(w, bias, x))
        best = max(label, key=lambda t: label[t])
        for key in (source, 'all'):
            right[key].append((order[0] in label, best in order[:2]))
        right[' ' + sections.codes[best]].append((order[0] in label, best in order[:2]))
    print(f'topics of articles held out, by {len(table)} words: the first is one of its own, its own among the first two')
    for key, r in sorted(right.items()):
        print(f'  {key:12} {len(r):5} articles  {np.mean([a for a, _ in r]):.3f}  {np.mean([b for _, b in r]):.3f}')
    each = np.array([np.mean(r, axis=0) for key, r in right.items() if key[0] == ' ' and len(r) > 4])
    print(f'  each topic of five or more alike  {each[:, 0].mean():.3f}  {each[:, 1].mean():.3f}')


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--terms', required=True)
    p.add_argument('--data', required=True)
    p.add_argument('--replay', required=True)
    p.add_argument('--events', required=True)
    p.add_argument('--conf', default='config/topics.conf')
    p.add_argument('--countries', default='config/countries.txt')
    p.add_argument('--out', default='config/topics')
    p.add_argument('--seeds', default=str(pathlib.Path(__file__).parent / 'topic_seeds.txt'))
    p.add_argument('--measure', action='store_true')
    args = p.parse_args()
    sections = Sections(args.conf)
    with tempfile.TemporaryDirectory() as thrown_away:
        if not args.measure and is_toy(args.data):
            print(f'{args.out} is left as it is, for what is fitted on a sample is a toy')
            args.out = thrown_away
        if not args.measure:
            fit(args, sections)
        measure(args, sections)


main()
