#!/usr/bin/python3
"""Runs the cmocka programs named on the command line and counts their tests.

usage: run_unit.py [--counts FILE] PROGRAM...

Prints the output of a program in which a test failed, one line a program, and last
`unit: N passed, N failed`; adds the counts to FILE. Exit status 1 when a test failed or a program
ended otherwise than by its own count.
"""
import os
import re
import subprocess
import sys


def run(program):
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='stdout')
    r = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=900)
    text = r.stdout.decode('utf-8', 'replace')
    passed = len(re.findall(r'^\[       OK \]', text, re.M))
    failed = len(set(re.findall(r'^\[  FAILED  \] (\w+)$', text, re.M)))
    if (r.returncode and not failed) or not (passed or failed):
        failed += 1
    if failed:
        print(text)
    print(f'{os.path.basename(program)}: {passed} passed, {failed} failed'
          + (f' (exit status {r.returncode})' if r.returncode else ''), flush=True)
    return passed, failed


def main():
    args = sys.argv[1:]
    counts = args[1] if args[:1] == ['--counts'] else None
    results = [run(p) for p in args[2 if counts else 0:]]
    passed, failed = (sum(column) for column in zip(*results)) if results else (0, 0)
    print(f'unit: {passed} passed, {failed} failed')
    if counts:
        with open(counts, 'a') as f:
            f.write(f'{passed} {failed} 0\n')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
