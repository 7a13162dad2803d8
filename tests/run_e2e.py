#!/usr/bin/python3
"""Runs the end-to-end tests with pytest and counts them.

usage: run_e2e.py [--counts FILE] [PYTEST-ARGUMENT]...

Prints last `e2e: N passed, N failed, N skipped`; adds the counts to FILE.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

TESTS = pathlib.Path(__file__).resolve().parent / 'e2e'


def main():
    args = sys.argv[1:]
    counts = args[1] if args[:1] == ['--counts'] else None
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, 'report.xml')
        r = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider',
                            f'--junitxml={report}', str(TESTS), *args[2 if counts else 0:]])
        suite = xml.parse(report).getroot().find('testsuite') if os.path.exists(report) else None
    n = {k: int(suite.get(k)) for k in ('tests', 'failures', 'errors', 'skipped')} if suite is not None else {}
    failed = n.get('failures', 0) + n.get('errors', 0) or (1 if r.returncode else 0)
    passed = n.get('tests', 0) - n.get('failures', 0) - n.get('errors', 0) - n.get('skipped', 0)
    print(f"e2e: {passed} passed, {failed} failed, {n.get('skipped', 0)} skipped")
    if counts:
        with open(counts, 'a') as f:
            f.write(f"{passed} {failed} {n.get('skipped', 0)}\n")
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
