#!/usr/bin/python3
"""Checks the image of the Containerfile: `make check-image`.

Runs as root. Makes a base image with mmdebstrap in place of Debian's, which a registry would have to serve;
builds the image on it, looks at what it declares, and runs it on a feed. buildah keeps all in a folder that is
removed. The first failure ends the check; each command has a limit of time.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from bare_debian import CONFIG, FEED, LIMIT, LIST, ROOT, TITLE, VERSION, make, must, run, step

sys.path.insert(0, str(ROOT / 'tests/e2e'))
from loopback import FeedServer, wait_until  # noqa: E402

BASE, IMAGE = 'localhost/base', 'localhost/storyd'


def skip(reason):
    step('SKIPPED: ' + reason)
    sys.exit(0)


class Buildah:
    """buildah with its images in a folder. Its commands run without a runtime of containers: chroot is enough."""

    def __init__(self, folder):
        self.start = ['buildah', '--root', str(folder / 'storage'), '--runroot', str(folder / 'run')]

    def __call__(self, *argv):
        return run(*self.start, *argv)

    def argv(self, container, *argv):
        return [*self.start, 'run', '--isolation', 'chroot', container, '--', *argv]

    def succeeds(self, container, *argv):
        r = subprocess.run(self.argv(container, *argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
        return r.returncode == 0, r.stdout


def make_base(buildah, folder):
    make(folder / 'base.tar', 'apt')
    container = buildah('from', 'scratch').strip()
    buildah('add', container, folder / 'base.tar', '/')
    buildah('commit', container, BASE)
    works, output = buildah.succeeds(container, 'true')
    if not works:
        skip('buildah cannot run a command here: ' + output.strip())
    buildah('rm', container)


def check_declared(buildah):
    config = json.loads(buildah('inspect', '--type', 'image', IMAGE))['Docker']['config']
    for name, wanted in (('User', 'storyd'), ('Cmd', ['storyd']), ('StopSignal', 'SIGTERM'),
                         ('Volumes', {'/var/lib/storyd': {}})):
        must(config[name] == wanted, f'{name} is {config[name]}')
    test = (config.get('Healthcheck') or {}).get('Test')
    must(test == ['CMD-SHELL', 'storyctl health || exit 1'], f'the health check is {test}')


def descendants(pid):
    """The processes below one, by /proc/PID/stat: number (name) state parent."""
    parents = {}
    for stat in pathlib.Path('/proc').glob('[0-9]*/stat'):
        try:
            name, rest = stat.read_text().rsplit(')', 1)
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(rest.split()[1]), name.split('(', 1)[1]
    below, found = {pid}, []
    while True:
        more = {p: name for p, (parent, name) in parents.items() if parent in below and p not in below}
        if not more:
            return found
        below.update(more)
        found += more.items()


def storyd_below(process):
    return next((pid for pid, name in descendants(process.pid) if name == 'storyd'), None)


def check_run(buildah, folder):
    container = buildah('from', IMAGE).strip()
    (folder / 'storyd.conf').write_text(CONFIG)
    with FeedServer() as web, open(folder / 'log', 'w+') as log:
        web.set('/feed.xml', FEED)
        (folder / 'feeds.opml').write_text(LIST % web.url('/feed.xml'))
        buildah('copy', '--chmod', '644', container, folder / 'storyd.conf', folder / 'feeds.opml', '/etc/storyd/')
        process = subprocess.Popen(buildah.argv(container, 'storyd'), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(lambda: process.poll() is not None or
                       buildah.succeeds(container, 'storyctl', 'health')[0], 60, 'storyctl health', 0.5)
            must(process.poll() is None, (folder / 'log').read_text())
            wait_until(lambda: TITLE in buildah.succeeds(container, 'storyctl', 'list')[1], 60, 'the event', 0.5)
        finally:
            pid = storyd_below(process)
            if pid:
                os.kill(pid, signal.SIGTERM)
            status = process.wait(60)
        must(status == 0, f'storyd: exit status {status}\n{(folder / "log").read_text()}')
        works, output = buildah.succeeds(container, 'storyctl', 'health')
        must(not works, 'storyctl health succeeds without storyd: ' + output)


def main():
    for program in ('buildah', 'mmdebstrap'):
        if not shutil.which(program):
            skip(f'{program} is missing, and apt-get could not install it')
    with tempfile.TemporaryDirectory(prefix='check-image-') as name:
        folder = pathlib.Path(name)
        buildah = Buildah(folder)
        step('make a base image')
        make_base(buildah, folder)
        step(f'build the image of {VERSION}')
        buildah('build', '--isolation', 'chroot', '--format', 'docker', '--build-arg', 'BASE=' + BASE, '-t', IMAGE, ROOT)
        check_declared(buildah)
        step('run it on a feed')
        check_run(buildah, folder)
        buildah('rm', '--all')
        buildah('rmi', '--all', '--force')
    step('passed')


if __name__ == '__main__':
    main()
