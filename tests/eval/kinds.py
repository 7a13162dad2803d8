#!/usr/bin/python3
"""Fits config/kinds.conf: what tells the kind of fact that a sentence tells (lib/digest/kinds.c).

A multinomial logistic regression with an L2 penalty over what tests/eval/kind_features prints of each sentence of the
labelled data that kind_labels.txt names. --measure: only how often it is right, on sentences of articles left out, and
how many it leaves without a kind; nothing is written. Nor is anything of the sample in tests/sample, which has a
kind_labels.txt of its own.
"""
import argparse
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys

from labelled import SETS, is_toy, read_articles

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("happened", "who", "where_when", "numbers", "reaction", "cause", "legal", "money", "strategy", "partnership",
         "context", "next", "analysis")
PENALTY, ENOUGH, FOLDS, STEPS = 1.0, 4, 8, 2000  # ENOUGH: sentences of a kind, to learn it from
LEAST = 0.25  # as lib/digest/kinds.c has it


def articles(a):
    if is_toy(a.data):
        for row in (row for name in SETS if SETS[name].toy for row in read_articles(a.data, name)):
            yield {"title": row["title"], "text": row["body"], "lang": row["lang"]}
        return
    with gzip.open(a.data / "basil.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            yield {"title": row["title"], "text": row["body"], "lang": "en"}
    for line in open(a.pages / "pages.jsonl"):
        paragraphs = [p for p in json.loads(line).get("text", "").split("\n") if p.strip()]
        if paragraphs:
            titled = len(paragraphs[0]) < 130
            yield {"title": paragraphs[0] if titled else "", "text": "\n\n".join(paragraphs[titled:]), "lang": "en"}


def labelled(a):
    """(features, [kind, ...], article) of each labelled sentence."""
    labels = {}
    for line in open((a.data if is_toy(a.data) else HERE) / "kind_labels.txt"):
        if not line.startswith("#"):
            name, *kinds = line.split()
            labels[name] = [KINDS.index(k) for k in kinds]
    rows = []
    for n, article in enumerate(articles(a)):
        out = subprocess.run([a.features], input=json.dumps(article) + "\n", capture_output=True, text=True, check=True)
        for line in out.stdout.splitlines():
            features, _, text = line.partition("\t")
            kinds = labels.pop(hashlib.sha1(text.encode()).hexdigest()[:12], None)
            if kinds:
                rows.append(([float(f) for f in features.split()], kinds, n))
    return rows


def fit(np, x, y, classes):
    """Weights, and the biases in the last row, by accelerated gradient descent: convex and small."""
    x1 = np.hstack([x, np.ones((len(x), 1))])
    onehot = np.zeros((len(x), len(classes)))
    onehot[np.arange(len(x)), [classes.index(v) for v in y]] = 1
    penalty = np.full((x1.shape[1], 1), 1 / PENALTY)
    penalty[-1] = 0
    step = 1 / (np.linalg.norm(x1, 2) ** 2 / 2 + 1 / PENALTY)
    w = before = np.zeros((x1.shape[1], len(classes)))
    for i in range(STEPS):
        ahead = w + (w - before) * i / (i + 3)
        before = w
        w = ahead - step * (x1.T @ (probabilities(np, x, ahead) - onehot) + penalty * ahead)
    return w


def probabilities(np, x, w):
    z = x @ w[:-1] + w[-1]
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--features", required=True)
    p.add_argument("--data", type=pathlib.Path, required=True)
    p.add_argument("--pages", type=pathlib.Path, required=True)
    p.add_argument("--conf", type=pathlib.Path, required=True)
    p.add_argument("--measure", action="store_true")
    a = p.parse_args()
    if not is_toy(a.data) and not ((a.data / "basil.jsonl.gz").exists() and (a.pages / "pages.jsonl").exists()):
        print("kinds of facts: skipped, for there is no %s/basil.jsonl.gz or %s/pages.jsonl" % (a.data, a.pages))
        return 0
    import numpy as np
    rows = labelled(a)
    x, kinds = np.array([r[0] for r in rows]), [r[1] for r in rows]
    groups, y = np.array([r[2] for r in rows]), [k[0] for k in kinds]
    classes = [k for k in range(len(KINDS)) if y.count(k) >= ENOUGH]
    learned = [i for i in range(len(y)) if y[i] in classes]
    typed = right = 0
    for fold in range(FOLDS):
        train = [i for i in learned if groups[i] % FOLDS != fold]
        test = [i for i in range(len(y)) if groups[i] % FOLDS == fold]
        guess = probabilities(np, x[test], fit(np, x[train], [y[i] for i in train], classes))
        for i, row in zip(test, guess):
            typed += row.max() >= LEAST
            right += row.max() >= LEAST and classes[row.argmax()] in kinds[i]
    print("kinds of facts, articles left out: %.2f of %d right, %d of no clear kind" %
          (right / max(typed, 1), typed, len(y) - typed))
    if a.measure:
        return 0
    if is_toy(a.data):
        print("%s is left as it is, for what is fitted on a sample is a toy" % a.conf)
        return 0
    w = fit(np, x[learned], [y[i] for i in learned], classes)
    names = subprocess.run([a.features, "--names"], capture_output=True, text=True, check=True).stdout.split() + ["bias"]
    head = a.conf.read_text().split("\n[")[0]
    with open(a.conf, "w") as out:
        out.write(head + "\n[weights]\n# " + " ".join(KINDS) + "\n")
        for name, row in zip(names, w):
            cells = [round(100 * row[classes.index(k)]) if k in classes else -9999 if name == "bias" else 0
                     for k in range(len(KINDS))]
            out.write("%s = %s\n" % (name, " ".join(map(str, cells))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
