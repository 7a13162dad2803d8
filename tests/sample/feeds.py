#!/usr/bin/python3
"""Writes the sample's articles as feeds, for `make bench-parse`: feeds.py FOLDER.

Of every outlet a document in each of four formats, and of some the faults that feeds come with: cut off in the
middle, an ampersand that is none, an HTML page in place of the feed, nothing at all.
"""
import collections, datetime, email.utils, json, pathlib, sys
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def tags(**texts):
    named = ((name.replace('_', ':'), escape(text)) for name, text in texts.items())
    return ''.join(f'<{name}>{text}</{name}>' for name, text in named)


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat().replace('+00:00', 'Z')


def rss(name, home, lang, articles):
    items = ''.join('<item>' + tags(
        title=a['title'], link=a['url'], guid=a['url'], description=f'<p>{escape(a["body"])}</p>',
        pubDate=email.utils.formatdate(a['published'])) + '</item>\n' for a in articles)
    return f'{HEAD}<rss version="2.0"><channel>{tags(title=name, link=home, language=lang)}\n{items}</channel></rss>\n'


def atom(name, home, lang, articles):
    entries = ''.join(f'<entry><link href="{escape(a["url"])}"/>' + tags(
        id=a['url'], title=a['title'], updated=iso(a['published']), summary=a['body']) + '</entry>\n' for a in articles)
    top = tags(id=home, title=name, updated=iso(articles[-1]['published']))
    return f'{HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{lang}">{top}\n{entries}</feed>\n'


def rdf(name, home, lang, articles):
    items = ''.join(f'<item rdf:about="{escape(a["url"])}">' + tags(
        title=a['title'], link=a['url'], description=a['body'],
        dc_date=iso(a['published'])) + '</item>\n' for a in articles)
    return (f'{HEAD}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel rdf:about="{home}">'
            f'{tags(title=name, link=home, description=name, dc_language=lang)}</channel>\n{items}</rdf:RDF>\n')


def json_feed(name, home, lang, articles):
    items = [{'id': a['id'], 'url': a['url'], 'title': a['title'], 'content_text': a['body'],
              'date_published': iso(a['published'])} for a in articles]
    return json.dumps({'version': 'https://jsonfeed.org/version/1.1', 'title': name, 'home_page_url': home,
                       'language': lang, 'items': items}, ensure_ascii=False, indent=1)


PAGE = '<!DOCTYPE html><html><head><title>Back soon</title></head><body><p>Back soon.<br></body></html>'
FORMATS = {'rss.xml': rss, 'atom.xml': atom, 'rdf.xml': rdf, 'feed.json': json_feed}
FAULTS = (('cut_off.xml', lambda text: text[:len(text) * 2 // 3]),
          ('bare_ampersand.xml', lambda text: text.replace('<title>', '<title>Town & Country: ')),
          ('page.xml', lambda text: PAGE),
          ('empty.xml', lambda text: ''))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    outlets = collections.defaultdict(list)
    for path in sorted(HERE.rglob('*.jsonl')):
        for a in map(json.loads, path.read_text(encoding='utf-8').splitlines()):
            if 'source' in a:
                outlets['/'.join(a['url'].split('/')[:3])].append(a)
    for n, (home, articles) in enumerate(sorted(outlets.items())):
        articles.sort(key=lambda a: a['published'])
        name = home.split('/')[-1].removesuffix('.example').removeprefix('www.')
        about = articles[0]['source'], home, articles[0]['lang'], articles
        for kind, write in FORMATS.items():
            (out / f'{name}.{kind}').write_text(write(*about), encoding='utf-8')
        if n < len(FAULTS):
            kind, spoil = FAULTS[n]
            (out / f'{name}.{kind}').write_text(spoil(rss(*about)), encoding='utf-8')
    out.touch()


main()
