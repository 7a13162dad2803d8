#!/usr/bin/python3
"""python3-readability, as ../shared/pages/score.py wants it: HTML in, one JSON object out."""
import html
import json
import re
import sys

from readability import Document

page = Document(sys.stdin.buffer.read().decode("utf-8", "replace"))
text = re.sub(r"</(p|div|li|h\d|blockquote|pre|td)>|<br\s*/?>", "\n\n", page.summary(html_partial=True))
print(json.dumps({"text": html.unescape(re.sub(r"<[^>]+>", "", text)), "title": page.short_title()}))
