#!/usr/bin/python3
"""python3-readability as a peer of `storyctl page`: HTML on standard input, one JSON object out."""
import html
import json
import re
import sys

sys.path.pop(0)  # this file's folder: its name is the module's
from readability import Document

BLOCK_END = re.compile(r"</(?:p|div|li|h\d|blockquote|pre|td|th|dt|dd|figcaption)\s*>|<br\s*/?>")

page = Document(sys.stdin.buffer.read())
text = BLOCK_END.sub("\n\n", page.summary(html_partial=True))
answer = {"text": html.unescape(re.sub(r"<[^>]+>", "", text)), "title": page.short_title()}
print(json.dumps(answer))
