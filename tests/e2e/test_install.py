"""`make install` into a root of its own: libstory as a stranger finds it, and nothing left behind."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from newsroom import Replay, articles, item, rss, scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = "/opt/storyd"


def make(build, *args):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    return subprocess.run(["make", "-s", "V=" + build.name, "PREFIX=" + PREFIX, *args], cwd=ROOT, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)


def files(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if not p.is_dir())


@pytest.fixture(scope="module")
def root(build):
    if build != (ROOT / "build" / build.name):
        pytest.skip("the programs under test are not those of this tree's Makefile")
    with scratch() as directory:
        root = pathlib.Path(directory) / "root"
        r = make(build, "install", "DESTDIR=%s" % root)
        assert r.returncode == 0, r.stdout
        yield root


@pytest.fixture(scope="module")
def store(build):
    with scratch() as directory:
        replay = Replay(build, directory)
        replay.add(("feed", rss(articles(3))))
        yield replay.store


def pkg_config(root, *args):
    env = dict(os.environ, PKG_CONFIG_PATH="%s%s/lib/pkgconfig" % (root, PREFIX), PKG_CONFIG_SYSROOT_DIR=str(root))
    return subprocess.run(["pkg-config", *args, "libstory"], env=env, stdout=subprocess.PIPE, check=True,
                          text=True).stdout.split()


def test_what_is_installed(root):
    got = files(root)
    for name in ["bin/storyd", "bin/storyctl", "include/story.h", "lib/libstory.a", "lib/libstory.so",
                 "lib/libstory.so.1", "lib/pkgconfig/libstory.pc", "lib/systemd/system/storyd.service",
                 "lib/systemd/system/storyd-backup.service", "lib/systemd/system/storyd-backup.timer",
                 "lib/sysusers.d/storyd.conf", "lib/tmpfiles.d/storyd.conf", "share/man/man8/storyd.8", "share/man/man1/storyctl.1",
                 "share/man/man5/storyd.conf.5", "share/man/man5/storyd-db.5", "share/man/man3/libstory.3",
                 "share/storyd/schema/event.schema.json", "share/storyd/alerts.yml", "share/storyd/dashboard.json",
                 "share/bash-completion/completions/storyctl",
                 "share/zsh/site-functions/_storyctl", "share/fish/vendor_completions.d/storyctl.fish"]:
        assert PREFIX[1:] + "/" + name in got
    assert {"etc/storyd/storyd.conf", "etc/storyd/feeds.opml"} <= set(got)
    unit = (root / PREFIX[1:] / "lib/systemd/system/storyd.service").read_text()
    assert "@" not in unit.replace("@system-service", "").replace("@privileged", "").replace("@resources", "") \
        .split("[Unit]")[1]
    assert "ExecStart=%s/bin/storyd -c /etc/storyd/storyd.conf" % PREFIX in unit


def test_the_installed_configuration_is_good(root):
    r = subprocess.run([root / PREFIX[1:] / "bin/storyd", "-n", "-c", root / "etc/storyd/storyd.conf"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert r.returncode == 0 and "feeds in" in r.stdout, r.stdout


def compiled(root, tmp_path, source, compiler, standard, static=False):
    """A function that runs a program built as a stranger builds it."""
    if not shutil.which(compiler):
        pytest.skip(compiler + " is not installed")
    program = tmp_path / "reader"
    libs = pkg_config(root, "--libs", *(["--static"] if static else []))
    if static:
        libs = ["-l:libstory.a" if a == "-lstory" else a for a in libs]
    language = ["-x", "c++"] if compiler == "g++" else []
    sanitized = ["-fsanitize=address,undefined"] if root and b"__asan_init" in \
        (root / PREFIX[1:] / "bin/storyd").read_bytes() else []
    subprocess.run([compiler, standard, "-Wall", "-Wextra", "-Werror", "-pedantic", *sanitized, *language,
                    str(ROOT / "tests/data" / source), "-x", "none", "-o", str(program),
                    *pkg_config(root, "--cflags"), *libs], check=True)
    env = dict(os.environ, LD_LIBRARY_PATH="%s%s/lib" % (root, PREFIX), ASAN_OPTIONS="verify_asan_link_order=0")
    return lambda *args: subprocess.Popen([program, *map(str, args)], env=env, stdout=subprocess.PIPE,
                                          stderr=subprocess.PIPE, text=True)


def test_the_python_module_finds_its_library(root, store):
    if b"__asan_init" in (root / PREFIX[1:] / "bin/storyd").read_bytes():
        pytest.skip("a library with sanitizers cannot be loaded into Python")
    [module] = root.rglob("storyd.py")
    env = {k: v for k, v in os.environ.items() if k != "LIBSTORY"}
    env.update(PYTHONPATH=str(module.parent), PYTHONDONTWRITEBYTECODE="1")
    program = "import storyd, sys; print(sum(1 for e in storyd.open(sys.argv[1]).events()))"
    r = subprocess.run([sys.executable, "-c", program, store], env=env, stdout=subprocess.PIPE, check=True, text=True)
    assert r.stdout == "3\n"


COMPILERS = [("cc", "-std=c99"), ("g++", "-std=c++11")]


@pytest.mark.parametrize("compiler, standard", COMPILERS)
@pytest.mark.parametrize("static", [False, True])
def test_a_consumer_builds_and_reads(root, store, tmp_path, compiler, standard, static):
    reader = compiled(root, tmp_path, "reader.c", compiler, standard, static)(store)
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err
    assert "Bakery" in out or len(out.splitlines()) >= 3


@pytest.mark.parametrize("compiler, standard", COMPILERS)
def test_a_consumer_waits_in_its_own_loop(root, build, tmp_path, compiler, standard):
    run = compiled(root, tmp_path, "waiter.c", compiler, standard)
    with scratch() as directory:
        replay = Replay(build, directory)
        replay.add(("feed", rss(articles(3))))
        waiter = run(replay.store, "violin lisbon", 2)
        try:
            assert "Violinist" in waiter.stdout.readline()  # was there
            replay.add(("feed", rss(articles(4))))  # nothing on violins
            assert waiter.poll() is None
            replay.add(("feed", rss([item("https://x.example/1", "Violinist cancels Lisbon concerts")])))
            out, err = waiter.communicate(timeout=60)
        finally:
            waiter.kill()
        assert waiter.returncode == 0, err
        assert "Violinist" in out  # the event grew


def test_a_second_install_keeps_the_configuration_and_uninstall_leaves_only_that(build):
    if build != (ROOT / "build" / build.name):
        pytest.skip("the programs under test are not those of this tree's Makefile")
    with scratch() as directory:
        root = pathlib.Path(directory) / "root"
        assert make(build, "install", "DESTDIR=%s" % root).returncode == 0
        conf = root / "etc/storyd/storyd.conf"
        conf.write_text("[log]\nlevel = debug\n")
        assert make(build, "install", "DESTDIR=%s" % root).returncode == 0
        assert conf.read_text() == "[log]\nlevel = debug\n"
        r = make(build, "uninstall", "DESTDIR=%s" % root)
        assert r.returncode == 0, r.stdout
        assert files(root) == ["etc/storyd/feeds.opml", "etc/storyd/storyd.conf"]
