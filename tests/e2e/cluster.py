"""Processes of a cluster around a real nats-server, for tests.

    with Broker() as broker, member(build, broker, "engine", "a") as engine:
        ...
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import lmdb
from loopback import free_port, wait_until
from newsroom import LONG, Newsroom
from web import Site

NATS = shutil.which("nats-server", path=os.environ.get("PATH", "") + ":/usr/sbin")

CONFIG = """
listen: 127.0.0.1:%(port)d
server_name: %(name)s
jetstream { store_dir: "%(dir)s/js" }
%(more)s
"""


class Broker:
    """One nats-server with JetStream; kill() and start() keep what it stored and its port."""

    def __init__(self, name="n1", more=""):
        self.dir, self.port, self.process = pathlib.Path(tempfile.mkdtemp(prefix="e2e-nats-")), free_port(), None
        self.name = name
        self.url = "nats://127.0.0.1:%d" % self.port
        self.config = CONFIG % {"port": self.port, "name": name, "dir": self.dir, "more": more}

    def start(self):
        (self.dir / "nats.conf").write_text(self.config)
        self.process = subprocess.Popen([NATS, "-c", self.dir / "nats.conf", "-l", self.dir / "log"])

        def up():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        wait_until(up, LONG, "nats-server")
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def forget(self):
        """All that it stored."""
        shutil.rmtree(self.dir / "js")

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(30)
        shutil.rmtree(self.dir, ignore_errors=True)


class Brokers:
    """Three of them, which keep each message three times."""

    def __init__(self):
        routes = [free_port() for _ in range(3)]
        more = ("cluster { name: brokers, listen: 127.0.0.1:%d, no_advertise: true, routes: [" +
                ", ".join("nats://127.0.0.1:%d" % r for r in routes) + "] }")
        self.nodes = [Broker("n%d" % i, more % r) for i, r in enumerate(routes)]
        self.url = ", ".join(n.url for n in self.nodes)

    def __enter__(self):
        for node in self.nodes:
            node.start()
        return self

    def __exit__(self, *exc):
        for node in self.nodes:
            node.__exit__()


class Wire:
    """Forwards connections to a port, until cut() makes it silent; mend() forwards again what waits."""

    def __init__(self, port):
        self.target, self.open, self.pairs = port, threading.Event(), []
        self.open.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self.open.wait()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), 5)
                except OSError:
                    near.close()
                    continue
                self.pairs += [near, far]
                for pair in (near, far), (far, near):
                    threading.Thread(target=self.forward, args=pair, daemon=True).start()

    def forward(self, source, to):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.open.wait()
                to.sendall(data)
        for s in source, to:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.open.clear()

    def mend(self):
        self.open.set()

    def close(self):
        self.mend()
        self.listener.close()
        for s in self.pairs:
            s.close()


class Member(Newsroom):
    """A storyd of the cluster. Its feeds are those of `web`, the Newsroom whose server has them."""

    def __init__(self, build, broker, role, name, web=None, more="", **options):
        rest = "[cluster]\nrole = %s\nmember = %s\nnats = %s\n%s\n" % (role, name, broker.url, more)
        super().__init__(build, rest=rest, **options)
        self.name, self.role, self.of = name, role, web or self

    def write_list(self, text=None):
        if self.role in ("all", "engine"):  # the others get their feeds from the engine
            self.listed = [self.of.url(p) for p in self.of.listed]
            super().write_list(text)

    def start(self):
        self.write_list()
        self.since = len(self.daemon.lines)
        self.daemon.start()
        self.daemon.wait_log(" started", LONG, since=self.since)
        return self

    def site(self):
        """At its last addresses: a process that begins to lead opens them anew."""
        lines = [n for n, line in enumerate(self.daemon.lines) if " listening address=127" in line]
        return Site(self, lines[-1])

    def health(self):
        return self.site().get("/api/v1/health").json()

    def state(self):
        """(batch, {database: entries}) of all that copies share."""
        with lmdb.open(str(self.store), readonly=True, max_dbs=40) as env, env.begin() as txn:
            names = [bytes(k).decode() for k, _ in txn.cursor()]
            out = {n: list(txn.cursor(env.open_db(n.encode(), txn, create=False))) for n in names}
        place = dict(out.pop("_cluster", [])).get(b"place", b"{}")
        return place, out

    def leads(self):
        self.daemon.wait_log(" started version", LONG, since=self.since)
        return self


def wait_equal(*members):
    """Waits until all have the same batch, and asserts that their stores are the same then."""
    def found():
        states = [m.state() for m in members]
        return states if len({place for place, _ in states}) == 1 else None
    states = wait_until(found, LONG, "the same batch in %s" % ", ".join(m.name for m in members))
    for (_, state), member in zip(states[1:], members[1:]):
        assert state.keys() == states[0][1].keys()
        for name, entries in state.items():
            assert entries == states[0][1][name], "%s of %s differs" % (name, member.name)
    return states[0][1]
