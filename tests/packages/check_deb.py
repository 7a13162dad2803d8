#!/usr/bin/python3
"""Checks the packages of `make deb` in a Debian 12 of their own: `make check-deb`.

usage: check_deb.py newer FOLDER    builds a higher version of the packages, to upgrade to
       check_deb.py check FOLDER    as root, in a mount namespace of its own

mmdebstrap makes a small system from the mirror of this machine; the packages are installed in it, used,
upgraded, removed and purged. FOLDER is where `make deb` has built them, and has their source. The first
failure ends the check; each command has a limit of time.
"""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from bare_debian import CONFIG, FEED, LIMIT, LIST, ROOT, SUITE, TITLE, VERSION, make, must, run, step, without_make

sys.path.insert(0, str(ROOT / 'tests/e2e'))
from loopback import FeedServer, wait_until  # noqa: E402

NEWER = VERSION + '+newer'
STORE = 'var/lib/storyd'


class System:
    """A Debian below a folder."""

    def __init__(self, path):
        self.path = path

    def argv(self, argv, user):
        return ['chroot', '--userspec=' + user, self.path, *argv]

    def run(self, *argv, user='root:root'):
        return run(*self.argv(argv, user), env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8'})

    def has(self, name):
        return os.path.lexists(self.path / name)


def packages(folder, version):
    return sorted(p for p in folder.glob(f'*_{version}_*.deb') if 'dbgsym' not in p.name)


def dependencies(debs):
    """The packages that they need, without themselves."""
    names = set()
    for deb in debs:
        for one in run('dpkg-deb', '-f', deb, 'Depends').split(','):
            names.add(re.match(r'\s*([\w.+-]+)', one)[1])
    return sorted(names - {p.name.split('_')[0] for p in debs})


@contextlib.contextmanager
def system(include):
    with tempfile.TemporaryDirectory(prefix='check-deb-') as folder:
        path = pathlib.Path(folder) / 'root'
        make(path, 'essential', include)
        run('mount', '-t', 'proc', 'proc', path / 'proc')
        try:
            yield System(path)
        finally:
            run('umount', path / 'proc')


@contextlib.contextmanager
def daemon(debian):
    """storyd as its own user, until it is healthy; it must end well."""
    with tempfile.TemporaryFile('w+') as log:
        process = subprocess.Popen(debian.argv(['storyd'], 'storyd:storyd'), stdout=log, stderr=log)
        try:
            wait_until(lambda: process.poll() is not None or not subprocess.run(
                debian.argv(['storyctl', 'health'], 'storyd:storyd'), stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, timeout=LIMIT).returncode, 60, 'storyctl health', 0.2)
            yield
        finally:
            process.terminate()
            status = process.wait(60)
            log.seek(0)
            must(status == 0, f'storyd: exit status {status}\n{log.read()}')


def check_installed(debian):
    must(debian.run('storyd', '--version').startswith(f'storyd {VERSION}\n'), 'storyd --version')
    must(debian.run('storyctl', '--version').startswith(f'storyctl {VERSION}\n'), 'storyctl --version')
    owned = debian.run('dpkg-query', '-W', '-f', '${Conffiles}', 'storyd')
    must(re.findall(r'^ (\S+)', owned, re.M) == ['/etc/storyd/feeds.opml', '/etc/storyd/storyd.conf'],
         'the conffiles: ' + owned)
    for page in ROOT.glob('*/**/*.[1-9]'):
        name = f'usr/share/man/man{page.suffix[1:]}/{page.name}.gz'
        must('build' in page.parts or debian.has(name), name)
    for name in ('lib/systemd/system/storyd.service', 'lib/systemd/system/storyd.socket',
                 'lib/systemd/system/storyd-backup.service', 'lib/systemd/system/storyd-backup.timer',
                 'usr/share/bash-completion/completions/storyctl', 'usr/share/zsh/vendor-completions/_storyctl',
                 'usr/share/fish/vendor_completions.d/storyctl.fish', 'usr/share/storyd/schema/event.schema.json'):
        must(debian.has(name), name)
    user = debian.run('getent', 'passwd', 'storyd').split(':')
    must(user[5:] == ['/' + STORE, '/usr/sbin/nologin\n'], f'the user: {user}')
    must(debian.run('stat', '-c', '%U %G %a', '/' + STORE) == 'storyd storyd 750\n', 'the mode of the store')
    must(debian.run('storyd', '-n').startswith('/etc/storyd/storyd.conf: valid'), 'storyd -n')


def check_readers(debian):
    """The command line, C and Python; somebody else reads as a member of the group."""
    must(TITLE in debian.run('storyctl', 'list', user='nobody:storyd'), 'storyctl list')
    debian.run('storyctl', 'check', user='nobody:storyd')
    program = f'import storyd; print([e["title"] for e in storyd.open("/{STORE}").events()])'
    must(TITLE in debian.run('python3', '-B', '-c', program, user='nobody:storyd'), 'the Python module')
    [pc] = debian.path.glob('usr/lib/*/pkgconfig/libstory.pc')
    flags = run('pkg-config', '--cflags', '--libs', 'libstory', env=dict(
        os.environ, PKG_CONFIG_LIBDIR=str(pc.parent), PKG_CONFIG_SYSROOT_DIR=str(debian.path),
        PKG_CONFIG_ALLOW_SYSTEM_CFLAGS='1', PKG_CONFIG_ALLOW_SYSTEM_LIBS='1')).split()
    run('cc', ROOT / 'tests/data/reader.c', *flags, '-o', debian.path / 'reader')
    must(TITLE in debian.run('/reader', '/' + STORE, user='nobody:storyd'), 'a program with libstory')


def build_newer(folder):
    """The same source with a higher version and another storyd.conf, which an administrator has changed too."""
    source = folder / 'storyd'
    run('dh_clean', cwd=source)
    changelog, config = source / 'debian/changelog', source / 'config/storyd.conf'
    changelog.write_text(changelog.read_text().replace(f'({VERSION})', f'({NEWER})', 1))
    config.write_text(config.read_text() + '# another default\n')
    run('dpkg-buildpackage', '-b', '-nc', '-us', '-uc', cwd=source, env=without_make())
    newer = folder / 'newer'
    newer.mkdir()
    for built in folder.glob(f'*_{NEWER}_*'):
        built.rename(newer / built.name)


def content(debian):
    return {name: (debian.path / name).read_bytes() for name in
            ('etc/storyd/storyd.conf', 'etc/storyd/feeds.opml', STORE + '/data.mdb')}


def check(folder, debian):
    step('install')
    debian_folder = debian.path / 'packages'
    debian_folder.mkdir()
    for deb in packages(folder, VERSION) + packages(folder / 'newer', NEWER):
        shutil.copy(deb, debian_folder)

    def inside(version):
        return ['/packages/' + p.name for p in packages(debian_folder, version)]
    debian.run('dpkg', '-i', *inside(VERSION))
    check_installed(debian)

    step('run on a feed, and read')
    with FeedServer() as web:
        web.set('/feed.xml', FEED)
        (debian.path / 'etc/storyd/storyd.conf').write_text(CONFIG)
        (debian.path / 'etc/storyd/feeds.opml').write_text(LIST % web.url('/feed.xml'))
        with daemon(debian):
            wait_until(lambda: TITLE in debian.run('storyctl', 'list', user='storyd:storyd'), 60, 'the event', 0.2)
            check_readers(debian)

        step('upgrade')
        before = content(debian)
        debian.run('dpkg', '--force-confold', '-i', *inside(NEWER))
        must(NEWER in debian.run('dpkg-query', '-W', 'storyd'), 'the version')
        must(content(debian) == before, 'the configuration or the store was changed')
        must((debian.path / 'etc/storyd/storyd.conf.dpkg-dist').read_text().endswith('# another default\n'),
             'the new storyd.conf is not beside the old')
        with daemon(debian):
            check_readers(debian)

    step('remove')
    before = content(debian)
    debian.run('dpkg', '-r', 'storyd')
    must(not debian.has('usr/bin/storyd') and content(debian) == before, 'the configuration or the store is not kept')
    check_readers(debian)

    step('purge')
    debian.run('dpkg', '-P', 'storyd')
    must(not debian.has(STORE) and not debian.has('etc/storyd'), 'the store or the configuration is left')
    debian.run('getent', 'passwd', 'storyd')
    debian.run('dpkg', '-P', 'storyctl', 'python3-storyd', 'libstory-dev', 'libstory1')
    left = [name for name in debian.run('find', '/usr', '/etc', '/lib/', '-name', '*stor[yc]*').split()
            if re.search(r'libstory|story(d|ctl)', name)]
    must(not left, f'left: {left}')


def main():
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if not shutil.which('mmdebstrap'):
        if what == 'check':
            step('SKIPPED, but for lintian: mmdebstrap is missing, and apt-get could not install it')
        return
    if what == 'newer':
        step('build a newer version')
        build_newer(folder)
        return
    include = dependencies(packages(folder, VERSION))
    step(f'make a Debian {SUITE}')
    with system(include) as debian:
        check(folder, debian)
    step('passed')


if __name__ == '__main__':
    main()
