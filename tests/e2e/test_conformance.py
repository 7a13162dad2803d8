"""The feed parser against the conformance corpus beside the repository, which is not part of it.

The corpus' own scorer judges; it writes beside itself, so it runs in a copy.
"""
import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import feedparser
import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / 'shared' / 'conformance'
STORYCTL = ROOT / 'build' / 'storyctl'

# What the parser reached, less a little: a change that loses cases must be seen.
CORE_FLOOR = 97.0
DATES_FLOOR = 98.0

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f'no corpus at {CORPUS}'),
    pytest.mark.skipif(not STORYCTL.exists(), reason=f'{STORYCTL} is not built'),
]

FIELDS = ('feed.title feed.link feed.id feed.description feed.language feed.author feed.published '
          'feed.updated feed.encoding entry.title entry.link entry.id entry.summary entry.content '
          'entry.body entry.author entry.published entry.updated entry.enclosure reject').split()


@pytest.fixture(scope='module')
def score(tmp_path_factory):
    """The scorer's report as text."""
    folder = tmp_path_factory.mktemp('conformance') / 'copy'
    shutil.copytree(CORPUS, folder, ignore=shutil.ignore_patterns('realworld', 'results'))
    for path in [folder, *folder.rglob('*')]:
        path.chmod(path.stat().st_mode | 0o200)
    command = f'storyd={STORYCTL} parse --url {{base}} --type {{ctype}} {{file}}'

    def run(*more):  # the second time it judges what the first one kept
        return subprocess.run(
            ['/usr/bin/python3', 'score.py', '--split', 'dev', '--only', 'storyd', '--ext', command,
             '--caps', 'storyd=' + ','.join(FIELDS), *more],
            cwd=folder, stdout=subprocess.PIPE, text=True, timeout=600, check=True).stdout
    return run() + run('--fails', 'storyd')


def test_core_cases(score):
    row = re.search(r'^\| CORE \| storyd \|(.*)\|$', score, re.M).group(1)
    cases, _, _, _, _, _, crashed, percent = [float(x) for x in row.split('|')]
    assert cases > 1000
    assert crashed == 0
    assert percent >= CORE_FLOOR


def test_dates(score):
    passed, cases = map(int, re.search(r'^\| dates \| (\d+)/(\d+) \|$', score, re.M).groups())
    assert 100 * passed / cases >= DATES_FLOOR


def failures(score):
    """The cases that fail, without those that assert a rule of one reader's own house."""
    cases = {c['path']: c for c in map(json.loads, open(CORPUS / 'cases.jsonl', encoding='utf-8'))}
    failed = [cases[path] for path in re.findall(r'^(corpus/\S+) \w+', score, re.M)]
    return [case for case in failed if not case.get('policy')]


def test_the_cases_that_fail_are_those_we_disagree_with(score):
    """tests/data/conformance.txt has them, each with the reason."""
    lines = (ROOT / 'tests/data/conformance.txt').read_text(encoding='utf-8').splitlines()
    listed = dict(line.split('\t') for line in lines if not line.startswith('#'))
    assert all(listed.values())
    assert {case['path'].removeprefix('corpus/') for case in failures(score)} == set(listed)


def test_every_encoding(score):
    assert [c for c in failures(score) if any(a.startswith('encoding') for a in c['area'])] == []


def test_every_file_is_survived():
    """None of the odd files kills the parser or takes long; what it prints is JSON. It finds something
    wherever another reader does."""
    cases = [json.loads(line) for line in open(CORPUS / 'robustness.jsonl', encoding='utf-8')]

    def run(case):
        command = [STORYCTL, 'parse', '--url', case.get('base_url') or '',
                   '--type', case.get('content_type') or '', CORPUS / case['path']]
        result = subprocess.run(command, capture_output=True, timeout=20)
        if result.returncode == 0:
            return json.loads(result.stdout)['entries']
        assert result.returncode == 1 and result.stderr, case['path']
        return []

    assert len(cases) > 1000
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(run, cases))
    for case, entries in zip(cases, found):
        if not entries:
            document = (CORPUS / case['path']).read_bytes()
            headers = {'content-type': case['content_type']} if case.get('content_type') else {}
            try:
                other = feedparser.parse(document, response_headers=headers).entries
            except Exception:  # it has faults of its own
                other = []
            assert not other, case['path']
