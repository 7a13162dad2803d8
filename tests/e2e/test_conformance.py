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
    run = subprocess.run(
        ['/usr/bin/python3', 'score.py', '--split', 'dev', '--only', 'storyd', '--ext', command,
         '--caps', 'storyd=' + ','.join(FIELDS)],
        cwd=folder, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    return run.stdout


def test_core_cases(score):
    row = re.search(r'^\| CORE \| storyd \|(.*)\|$', score, re.M).group(1)
    cases, _, _, _, _, _, crashed, percent = [float(x) for x in row.split('|')]
    assert cases > 1000
    assert crashed == 0
    assert percent >= CORE_FLOOR


def test_dates(score):
    passed, cases = map(int, re.search(r'^\| dates \| (\d+)/(\d+) \|$', score, re.M).groups())
    assert 100 * passed / cases >= DATES_FLOOR


def test_every_file_is_survived():
    """None of the odd files kills the parser or takes long; what it prints is JSON."""
    cases = [json.loads(line) for line in open(CORPUS / 'robustness.jsonl', encoding='utf-8')]

    def run(case):
        command = [STORYCTL, 'parse', '--url', case.get('base_url') or '',
                   '--type', case.get('content_type') or '', CORPUS / case['path']]
        result = subprocess.run(command, capture_output=True, timeout=20)
        if result.returncode == 0:
            json.loads(result.stdout)
        else:
            assert result.returncode == 1 and result.stderr, case['path']

    assert len(cases) > 1000
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(run, cases))
