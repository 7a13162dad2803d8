"""The web sites of the sample news: an article's page, robots.txt and tdmrep.json of each outlet.

Their domains resolve nowhere; the feed server answers for them as a proxy (see feedserver.py).
"""
import html
import json
import time
from urllib.parse import urljoin, urlsplit

HTML, TEXT, JSON = "text/html; charset=utf-8", "text/plain", "application/json"
PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<title>{title} | {site}</title>
<link rel="canonical" href="{url}">
<meta name="description" content="{summary}">
<meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="{site}">
<script type="application/ld+json">{ld}</script>
</head>
<body>
<header><a href="/">{site}</a>
<nav><ul>{nav}</ul></nav></header>
<main>
<article>
<h1>{title}</h1>
<p class="byline">By <span class="author">{author}</span>, <time datetime="{date}">{date}</time></p>
<div class="article-body">
{body}
</div>
{wall}</article>
<aside><h2>More from {site}</h2><ul>{more}</ul></aside>
</main>
<footer><p>© {site}. All rights reserved.</p><a href="/contact">Contact</a> <a href="/privacy">Privacy</a></footer>
</body>
</html>
"""
WALL = """<section class="paywall"><p>Subscribe to read on.</p><a href="/subscribe">Subscribe</a></section>
"""


def section_of(path):
    """The first folder of an address, where that is a word."""
    first = urlsplit(path).path.split("/")[1]
    return first.title() if first.isalpha() else "News"


class Sites:
    """What the outlets' sites answer at a time. Knows no sockets."""

    def __init__(self, news, wires):
        self.news, self.wires = news, wires
        self.outlets = {urlsplit(o["home"]).netloc: o for o in news.outlets.values()}
        self.articles, self.moved = {}, {}
        for story in news.stories:
            for a in story["articles"]:
                carrier = news.outlets[news.feeds[a["feeds"][0]]["outlet"]]
                url = urljoin(carrier["home"], a["path"])
                if "source" in a:  # an aggregator leads to the publisher's article
                    self.moved[url] = next(u for u, (o, b) in self.articles.items()
                                           if o is news.outlets[a["source"]] and b in story["articles"])
                else:
                    self.articles[url] = carrier, a
                self.outlets.setdefault(urlsplit(url).netloc, carrier)

    def get(self, url, now):
        """(status, content type, body, where to) of an address."""
        url = url.split("?")[0]
        parts = urlsplit(url)
        outlet = self.outlets.get(parts.netloc)
        if not outlet:
            return 502, TEXT, b"there is no such site\n", None
        if parts.path == "/robots.txt":
            return 200, TEXT, "\n".join(["User-agent: *"] + outlet.get("robots", ["Disallow:"]) + [""]).encode(), None
        if parts.path == "/.well-known/tdmrep.json" and outlet.get("tdm_reserved"):
            return 200, JSON, json.dumps([{"location": "/", "tdm-reservation": 1}]).encode(), None
        if url in self.moved:
            return 302, TEXT, b"", self.moved[url]
        carrier, article = self.articles.get(url, (None, None))
        if not article or self.news.when(article["at"]) > now:
            return 404, TEXT, b"no such page\n", None
        return 200, HTML, self.page(url, carrier, self.news.as_told(article, now)).encode(), None

    def page(self, url, outlet, article):
        paragraphs = self.wires.get(article.get("page_wire")) or article.get("page") or [
            html.unescape(article["summary"])] + [p for p in [article.get("page_adds")] if p]
        author = article.get("author") or "%s staff" % outlet["name"]
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.news.when(article["at"])))
        free = not article.get("paywalled")
        ld = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": article["title"], "url": url,
              "datePublished": date, "author": {"@type": "Person" if "author" in article else "Organization", "name": author},
              "publisher": {"@type": "NewsMediaOrganization", "name": outlet["name"]}, "inLanguage": outlet["lang"],
              "articleSection": section_of(url), "isAccessibleForFree": free}
        others = [(u, a) for u, (o, a) in self.articles.items() if o is outlet and u != url]
        text = {k: html.escape(v) for k, v in dict(
            lang=outlet["lang"], title=article["title"], site=outlet["name"], url=url, author=author, date=date,
            summary=html.unescape(article["summary"])).items()}
        return PAGE.format(
            ld=json.dumps(ld, ensure_ascii=False).replace("<", "\\u003c"), wall="" if free else WALL,
            nav="".join('<li><a href="/%s">%s</a></li>' % (n.lower(), n) for n in ("World", "Business", "Sport", "Culture")),
            body="\n".join("<p>%s</p>" % html.escape(p, quote=False) for p in paragraphs),
            more="".join('<li><a href="%s">%s</a></li>' % (html.escape(u), html.escape(a["title"])) for u, a in others[:4]),
            **text)
