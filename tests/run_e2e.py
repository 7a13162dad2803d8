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

# Minutes of waiting for leases and silent networks, and little work: they run beside the others.
WAITING = TESTS / 'test_cluster.py'


def start(report, args, **more):
    return subprocess.Popen([sys.executable, '-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider',
                             f'--junitxml={report}', *map(str, args)], **more)


def count(report, status):
    """(passed, failed, skipped)"""
    suite = xml.parse(report).getroot().find('testsuite') if os.path.exists(report) else None
    n = {k: int(suite.get(k)) for k in ('tests', 'failures', 'errors', 'skipped')} if suite is not None else {}
    failed = n.get('failures', 0) + n.get('errors', 0) or (1 if status else 0)
    return n.get('tests', 0) - n.get('failures', 0) - n.get('errors', 0) - n.get('skipped', 0), failed, n.get('skipped', 0)


def main():
    args = sys.argv[1:]
    counts = args[1] if args[:1] == ['--counts'] else None
    more = args[2 if counts else 0:]
    with tempfile.TemporaryDirectory() as folder:
        reports = [os.path.join(folder, name) for name in ('all.xml', 'waiting.xml')]
        with open(os.path.join(folder, 'output'), 'w+') as output:
            waiting = start(reports[1], [WAITING, *more], stdout=output, stderr=subprocess.STDOUT)
            others = start(reports[0], [TESTS, f'--ignore={WAITING}', *more])
            statuses = others.wait(), waiting.wait()
            output.seek(0)
            print(f'{WAITING.name}:\n{output.read()}')
        passed, failed, skipped = map(sum, zip(*map(count, reports, statuses)))
    print(f'e2e: {passed} passed, {failed} failed, {skipped} skipped')
    if counts:
        with open(counts, 'a') as f:
            f.write(f'{passed} {failed} {skipped}\n')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
