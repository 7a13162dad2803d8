#!/usr/bin/python3
"""Serves the sample feeds of feeds/stories.json from loopback.

Each article appears at its release second ("at") after the start; --speed 10
makes a minute of news pass in six seconds. Prints the base URL, then serves
until SIGTERM or SIGINT. GET / lists the feeds, /feeds.opml is the subscription
list, /FEED-ID is a feed. As an HTTP proxy (GET http://host/path) it answers for
the outlets' web sites too, whose domains are no real ones.
"""
import argparse
import hashlib
import html
import json
import pathlib
import signal
import sys
import threading
import time
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urljoin
from xml.sax.saxutils import escape, quoteattr

from sitepages import Sites

STORIES = pathlib.Path(__file__).resolve().parent / "feeds" / "stories.json"
TYPES = {"rss2": "application/rss+xml", "rdf": "application/rdf+xml",
         "atom": "application/atom+xml", "json": "application/feed+json"}


def iso(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


class News:
    """The stories, and what each feed shows at a given time. Knows no sockets."""

    def __init__(self, path=STORIES, start=0.0, speed=1.0):
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.outlets, self.stories = data["outlets"], data["stories"]
        self.feeds = {f["id"]: f for f in data["feeds"]}
        self.start, self.speed = start, speed
        for f in self.feeds.values():
            f.setdefault("title", self.outlets[f["outlet"]]["name"])
            f.setdefault("charset", "utf-8")
        self.sites = Sites(self, data["wires"])

    def when(self, at):
        return self.start + at / self.speed

    def publisher(self, article):
        return article.get("source") or self.feeds[article["feeds"][0]]["outlet"]

    def as_told(self, article, now):
        """An article as its outlet has it by then."""
        rev = article.get("revised")
        if not rev or self.when(rev["at"]) > now:
            return article
        return dict(article, **dict(rev, at=article["at"]))

    def items(self, feed, now):
        """What the feed holds now, newest first, as plain dicts for the templates."""
        home, found = self.outlets[feed["outlet"]]["home"], []
        if feed.get("social"):
            return self.posts(home, now)
        for a in [a for s in self.stories for a in s["articles"]]:
            if feed["id"] not in a["feeds"] or self.when(a["at"]) > now:
                continue
            link = urljoin(home, a["path"])
            told = self.as_told(a, now)
            changed = a["at"] if told is a else a["revised"]["at"]
            it = dict(told, id=link, published=int(self.when(a["at"])), updated=int(self.when(changed)))
            it["link"] = link + "?" + feed["track"] if "track" in feed else link
            if feed.get("html"):
                it["summary"] = "<p>%s</p>" % html.escape(it["summary"], quote=False)
            found.append(it)
        return sorted(found, key=lambda it: (-it["at"], it["path"]))

    def posts(self, home, now):
        """What people have written until now, with the address of what they write of."""
        links = {a["path"]: urljoin(self.outlets[self.publisher(a)]["home"], a["path"])
                 for s in self.stories for a in s["articles"]}
        found = []
        for post in [p for s in self.stories for p in s.get("posts", []) if self.when(p["at"]) <= now]:
            link, when = "%s/@%s/%d" % (home, post["handle"], post["at"]), int(self.when(post["at"]))
            found.append({"at": post["at"], "id": link, "link": link, "title": "", "author": post["author"],
                          "summary": "%s %s" % (post["text"], links[post["link"]]), "published": when, "updated": when})
        return sorted(found, key=lambda it: -it["at"])

    def render(self, feed_id, now):
        """(bytes, content type, last change) of a feed."""
        feed = self.feeds[feed_id]
        outlet = self.outlets[feed["outlet"]]
        items = self.items(feed, now)
        changed = max([it["updated"] for it in items], default=int(self.start))
        text = globals()["render_" + feed["format"]](self, feed, outlet, items, changed)
        ctype = TYPES[feed["format"]]
        if feed["charset"] != "utf-8":
            ctype += "; charset=" + feed["charset"]
        return text.encode(feed["charset"], "xmlcharrefreplace"), ctype, changed

    def opml(self, base):
        out = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0" xmlns:storyd="https://storyd.example/opml">',
               "<head><title>storyd demo feeds</title></head>", "<body>"]
        for group in dict.fromkeys(f["group"] for f in self.feeds.values()):
            out.append("  <outline text=%s>" % quoteattr(group))
            for f in self.feeds.values():
                if f["group"] == group:
                    o = self.outlets[f["outlet"]]
                    out.append('    <outline type="rss" text=%s title=%s xmlUrl=%s htmlUrl=%s language=%s%s/>' % (
                        *map(quoteattr, (f["title"], f["title"], base + "/" + f["id"], o["home"] + "/", o["lang"])),
                        ' storyd:social="yes"' if f.get("social") else ""))
            out.append("  </outline>")
        return "\n".join(out + ["</body>", "</opml>", ""])

    def expected(self):
        """What an ideal merge across languages gives for each story."""
        out = {}
        for s in self.stories:
            arts = s["articles"]
            reports = {a.get("wire") or (self.publisher(a), a["path"]) for a in arts if "source" not in a}
            out[s["id"]] = {"sources": sorted({self.publisher(a) for a in arts}),
                            "articles": len(arts), "reports": len(reports),
                            "apart_from": s.get("apart_from", []),
                            "languages": sorted({self.outlets[self.publisher(a)]["lang"] for a in arts})}
        return out


def tag(name, text, attrs=""):
    return "<%s%s>%s</%s>" % (name, attrs, escape(text), name)


def render_rss2(news, feed, outlet, items, changed):
    out = ['<?xml version="1.0" encoding="%s"?>' % feed["charset"].upper(),
           '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">', "<channel>",
           tag("title", feed["title"]), tag("link", outlet["home"] + "/"),
           tag("description", "News from " + outlet["name"]), tag("language", outlet["lang"]),
           tag("lastBuildDate", formatdate(changed, usegmt=True)), "<ttl>1</ttl>"]
    for it in items:
        out += ["<item>", tag("title", it["title"]), tag("link", it["link"]),
                tag("guid", it["id"], ' isPermaLink="true"')]
        if feed.get("html"):
            out.append("<description><![CDATA[%s]]></description>" % it["summary"])
        else:
            out.append(tag("description", it["summary"]))
        out.append(tag("pubDate", formatdate(it["published"], usegmt=True)))
        if it.get("author") or it.get("credit"):
            out.append(tag("dc:creator", it.get("author") or it["credit"]))
        if it.get("source"):
            src = news.outlets[it["source"]]
            out.append(tag("source", src["name"], " url=" + quoteattr(src["home"])))
        out.append("</item>")
    text = "\n".join(out)
    if feed.get("malformed"):  # bare ampersands, HTML's entities, and no end of the document
        return text.replace("&amp;", "&") + "\n"
    return text + "\n</channel>\n</rss>\n"


def render_rdf(news, feed, outlet, items, changed):
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
           ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
           "<channel rdf:about=%s>" % quoteattr(outlet["home"] + "/"),
           tag("title", feed["title"]), tag("link", outlet["home"] + "/"),
           tag("description", "News from " + outlet["name"]), tag("dc:language", outlet["lang"]),
           tag("dc:date", iso(changed)), "<items><rdf:Seq>"]
    out += ["<rdf:li rdf:resource=%s/>" % quoteattr(it["id"]) for it in items]
    out += ["</rdf:Seq></items>", "</channel>"]
    for it in items:
        out += ["<item rdf:about=%s>" % quoteattr(it["id"]), tag("title", it["title"]),
                tag("link", it["link"]), tag("description", it["summary"]),
                tag("dc:date", iso(it["published"]))]
        if it.get("credit"):
            out.append(tag("dc:creator", it["credit"]))
        out.append("</item>")
    return "\n".join(out + ["</rdf:RDF>", ""])


def render_atom(news, feed, outlet, items, changed):
    kind = ' type="html"' if feed.get("html") else ""
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang=%s>' % quoteattr(outlet["lang"]),
           tag("id", outlet["home"] + "/"), tag("title", feed["title"]), tag("updated", iso(changed)),
           "<link rel=\"alternate\" href=%s/>" % quoteattr(outlet["home"] + "/")]
    for it in items:
        out += ["<entry>", tag("id", it["id"]), tag("title", it["title"]),
                '<link rel="alternate" type="text/html" href=%s/>' % quoteattr(it["link"]),
                tag("published", iso(it["published"])), tag("updated", iso(it["updated"])),
                "<author>%s</author>" % tag("name", it.get("author") or it.get("credit") or outlet["name"]),
                tag("summary", it["summary"], kind), "</entry>"]
    return "\n".join(out + ["</feed>", ""])


def render_json(news, feed, outlet, items, changed):
    doc = {"version": "https://jsonfeed.org/version/1.1", "title": feed["title"],
           "home_page_url": outlet["home"] + "/", "language": outlet["lang"], "items": [
               {"id": it["id"], "url": it["link"], "title": it["title"], "content_text": it["summary"],
                "date_published": iso(it["published"]), "date_modified": iso(it["updated"])}
               for it in items]}
    return json.dumps(doc, ensure_ascii=False, indent=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        news, now = self.server.news, time.time()
        if self.path.startswith("http://") and not self.path.startswith(self.server.base + "/"):
            status, ctype, body, to = news.sites.get(self.path, now)
            return self.reply(status, body, dict({"Content-Type": ctype}, **({"Location": to} if to else {})))
        name = self.path.removeprefix(self.server.base).split("?")[0].strip("/")
        if name == "feeds.opml":
            body, ctype, changed = news.opml(self.server.base).encode(), "text/x-opml", int(news.start)
        elif name in news.feeds:
            body, ctype, changed = news.render(name, now)
        elif not name:
            body, ctype, changed = "\n".join(news.feeds).encode() + b"\n", "text/plain", int(news.start)
        else:
            return self.reply(404, b"no such feed\n", {"Content-Type": "text/plain"})
        etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
        headers = {"ETag": etag, "Cache-Control": "max-age=1"}
        if changed < int(now):  # within the same second the feed may change once more
            headers["Last-Modified"] = formatdate(changed, usegmt=True)
        if self.unchanged(etag, changed):
            return self.reply(304, b"", headers)
        self.reply(200, body, dict(headers, **{"Content-Type": ctype}))

    do_HEAD = do_GET

    def unchanged(self, etag, changed):
        match, since = self.headers["If-None-Match"], self.headers["If-Modified-Since"]
        if match:
            tags = [t.strip().removeprefix("W/") for t in match.split(",")]
            return etag in tags or "*" in tags
        try:
            return bool(since) and parsedate_to_datetime(since).timestamp() >= changed
        except (TypeError, ValueError):
            return False

    def reply(self, status, body, headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, news, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.news = news
        self.base = "http://127.0.0.1:%d" % self.server_address[1]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    ap.add_argument("--speed", type=float, default=1.0, help="how many times faster than real time")
    ap.add_argument("--opml", metavar="FILE", help="write the subscription list to FILE")
    ap.add_argument("--expected", action="store_true", help="print the ideal result as JSON and leave")
    args = ap.parse_args()
    if args.speed <= 0:
        ap.error("--speed must be above 0")
    news = News(start=time.time(), speed=args.speed)
    if args.expected:
        print(json.dumps(news.expected(), indent=1))
        return 0
    server = Server(news, args.port)
    if args.opml:
        pathlib.Path(args.opml).write_text(news.opml(server.base), encoding="utf-8")
    for sig in (signal.SIGTERM, signal.SIGINT):  # shutdown() waits for the loop, so not from here
        signal.signal(sig, lambda *_: threading.Thread(target=server.shutdown).start())
    print(server.base, flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
