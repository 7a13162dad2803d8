// @mozilla/readability as a peer of `storyctl page`: HTML on standard input, one JSON object out.
// usage: readability.mjs NODE_MODULES [URL]; exits 3 where the page has no article
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

// The packages lie in the build folder, where an import beside this file does not look.
const load = createRequire(resolve(process.argv[2], "peers.js"));
const { Readability } = load("@mozilla/readability");
const { parseHTML } = load("linkedom");
const BLOCKS = /^(?:ADDRESS|ARTICLE|BLOCKQUOTE|BR|DD|DIV|DT|FIGCAPTION|FIGURE|H[1-6]|LI|P|PRE|SECTION|TABLE|TD|TH|TR|UL|OL)$/;

// As a browser does: a page's own word for its charset, UTF-8 without one.
function decoded(bytes) {
  const said = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(bytes.toString("latin1", 0, 8192));
  try {
    return new TextDecoder(said ? said[1] : "utf-8").decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

// textContent runs blocks together; the end of each is a break here.
function plain(node, out) {
  for (const child of node.childNodes) {
    if (child.nodeType === 3) out.push(child.data);
    else if (child.nodeType === 1) {
      const block = BLOCKS.test(child.tagName.toUpperCase());
      if (block) out.push("\n\n");
      plain(child, out);
      if (block) out.push("\n\n");
    }
  }
  return out;
}

const { document } = parseHTML(decoded(readFileSync(0)));
const url = process.argv[3];
if (url) {
  for (const name of ["documentURI", "baseURI"])
    Object.defineProperty(document, name, { value: url, configurable: true });
}
const found = new Readability(document, { serializer: (node) => node }).parse();
if (!found) process.exit(3);
const answer = { text: plain(found.content, []).join("") };
if (found.title) answer.title = found.title;
if (found.byline) answer.author = found.byline;
if (found.siteName) answer.site = found.siteName;
const time = Date.parse(found.publishedTime ?? "");
if (!Number.isNaN(time)) answer.published = Math.floor(time / 1000);
process.stdout.write(JSON.stringify(answer) + "\n");
