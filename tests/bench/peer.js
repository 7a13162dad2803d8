'use strict';
// Near-duplicates by the npm package minhash: its MinHash of each article's three-word shingles, put
// into its LSH index and looked up there, both as it ships them. Articles come as JSON Lines on standard input;
// prints the seconds that one costs once the compiler has warmed up.
const path = require('path');
const {Minhash, LshIndex} = require(path.join(process.argv[2], 'minhash'));
const WARM = 200;

const articles = require('fs').readFileSync(0, 'utf8').trim().split('\n').map(line => JSON.parse(line));
const index = new LshIndex();
let start = 0;
articles.forEach((a, i) => {
  if (i === WARM) start = process.cpuUsage().user;
  const sketch = new Minhash();
  const words = `${a.title} ${a.body}`.toLowerCase().split(/\W+/);
  for (let k = 0; k + 2 < words.length; k++) sketch.update(words.slice(k, k + 3).join(' '));
  index.insert(a.id, sketch);
  index.query(sketch);
});
console.log((process.cpuUsage().user - start) / 1e6 / (articles.length - WARM));
