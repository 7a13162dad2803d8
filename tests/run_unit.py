#!/usr/bin/python3
"""Runs the cmocka programs named on the command line and counts their tests.

Prints each failing test's own output, one line a program, and last `N passed, N failed`.
Exit status 1 when a test failed or a program ended otherwise than by its own count.
"""
import os, re, subprocess, sys


def run(program):
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='stdout')
    r = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=600)
    text = r.stdout.decode('utf-8', 'replace')
    passed = len(re.findall(r'^\[       OK \]', text, re.M))
    failed = len(set(re.findall(r'^\[  FAILED  \] (\w+)$', text, re.M)))
    if r.returncode and not failed or not passed and not failed:
        failed += 1
    if failed:
        print(text)
    print(f'{os.path.basename(program)}: {passed} passed, {failed} failed' +
          (f' (exit status {r.returncode})' if r.returncode else ''), flush=True)
    return passed, failed


def main():
    results = [run(p) for p in sys.argv[1:]]
    passed, failed = (sum(column) for column in zip(*results)) if results else (0, 0)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
