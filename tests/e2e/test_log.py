"""Log messages: ids that are documented and stay, lines elsewhere, entries with fields in systemd's journal."""
import ctypes
import re
import socket
import struct
import subprocess
import threading

import pytest
from newsroom import ROOT, Newsroom, item, rss
from web import Site


def ids_in_source():
    """id -> levels, of each log_line()."""
    found = {}
    for path in sorted((ROOT / "daemon").rglob("*.c")):
        for call in re.findall(r"\blog_line\((.*?)(?:LOG_[TN]\(|\);)", path.read_text(), re.S):
            levels = set(re.findall(r"\bLOG_(ERR|WARNING|INFO|DEBUG)\b", call))
            ids = re.findall(r'"([a-z_0-9]+)"(?=[\s,:]*(?:"|:|last|$))', call.split(',', 1)[1])[:2 if "?" in call else 1]
            assert levels and ids, call
            for i in ids:
                found.setdefault(i, set()).update(levels)
    return found


def test_each_message_has_an_id_that_is_documented():
    page = (ROOT / "daemon/storyd.8").read_text()
    part = page[page.index(".Sh MESSAGES"):page.index(".Sh METRICS")]
    documented = re.findall(r"^\.It Li (\S+)$", part, re.M)
    assert len(documented) == len(set(documented)) > 40
    assert set(documented) == {i for i, levels in ids_in_source().items() if levels != {"DEBUG"}}


def message_id(name):
    """As the manual page says that it is made."""
    class Hash(ctypes.Structure):
        _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]
    xxhash = ctypes.CDLL("libxxhash.so.0")
    xxhash.XXH3_128bits.restype, xxhash.XXH3_128bits.argtypes = Hash, [ctypes.c_char_p, ctypes.c_size_t]
    text = b"storyd:" + name.encode()
    found = xxhash.XXH3_128bits(text, len(text))
    return "%016x%016x" % (found.high, found.low)


def test_the_example_of_the_manual_page_is_right():
    assert message_id("store_full") in (ROOT / "daemon/storyd.8").read_text()


# ---- lines

def test_a_line_ends_with_the_id(build):
    with Newsroom(build) as room:
        room.feed("/gone.xml", b"", status=404)
        room.start()
        room.daemon.wait_log(r"^[\d-]{10} [\d:]{8} warning feed failed feed=\S+ .* in_a_row=\d+ id=feed_failed$")
        assert room.daemon.stop() == 0
        assert all(re.search(r" id=[a-z_0-9]+$", line) for line in room.daemon.lines)


def test_a_stream_that_is_not_the_journal_gets_lines_with_the_time(build):
    """JOURNAL_STREAM is inherited by programs whose standard error is elsewhere."""
    with Newsroom(build, env={"JOURNAL_STREAM": "1:1"}) as room:
        room.start()
        assert room.daemon.stop() == 0
        assert all(re.match(r"\d{4}-", line) for line in room.daemon.lines)


# ---- the journal

# As systemd starts it: JOURNAL_STREAM names standard error. In a mount namespace, so that the test
# needs no journal and disturbs none; the journal's socket is the test's, or absent.
WRAPPER = """#!/bin/sh
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && %s || exit 99
export JOURNAL_STREAM=$(stat -L -c %%d:%%i /proc/self/fd/2)
exec "$0.real" "$@"
"""


def parse_entry(data):
    """An entry of the journal's native protocol."""
    fields = {}
    while data:
        line, data = data.split(b"\n", 1)
        if b"=" in line:
            name, value = line.split(b"=", 1)
        else:
            name, n = line, struct.unpack("<Q", data[:8])[0]
            value, data = data[8:8 + n], data[8 + n + 1:]
        fields[name.decode()] = value.decode("utf-8", "replace")
    return fields


class Journal:
    """A storyd below a shell of its own namespace, and the entries that it sends."""

    def __init__(self, build, room, there=True):
        self.entries = []
        directory = room.daemon.dir
        link = "ln -s %s/journal /run/systemd/journal/socket" % directory if there else "true"
        script = directory / "storyd"
        script.write_text(WRAPPER % link)
        script.chmod(0o755)
        (directory / "storyd.real").symlink_to(build / "storyd")
        room.daemon.program = "unshare"
        room.daemon._args = ["-rm", str(script), "-c", "{config}"]
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(directory / "journal"))
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while data := self.socket.recv(1 << 18):
            self.entries.append(parse_entry(data))

    def of(self, name):
        return [e for e in self.entries if e["STORYD_ID"] == name]


@pytest.fixture
def namespaces():
    r = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True, text=True)
    if r.returncode != 0:
        pytest.skip("a mount namespace cannot be made here: " + r.stderr.strip())


def test_entries_of_the_journal_have_fields(build, namespaces):
    title = 'Ferry "Halden" = adrift\x85 at dawn'
    with Newsroom(build) as room:
        journal = Journal(build, room)
        room.feed("/a.xml", rss([item("https://a.example/1", title)]))
        room.feed("/b.xml", rss([item("https://b.example/1", title)]))
        room.feed("/gone.xml", b"", status=404)
        room.write_list()
        room.daemon.start()
        room.wait(lambda: journal.of("feed_failed") and journal.of("event_grew"), "entries")
        assert room.daemon.stop() == 0
        assert room.daemon.lines == []  # nothing twice
        [started], [grew] = journal.of("started"), journal.of("event_grew")
        assert started["PRIORITY"] == "6" and started["STORYD_FEEDS"] == "3"
        assert started["MESSAGE"].startswith("started version=")
        assert started["MESSAGE_ID"] == message_id("started")
        failed = journal.of("feed_failed")[0]
        assert failed["PRIORITY"] == "4" and failed["STORYD_FEED"] == room.url("/gone.xml")
        assert "404" in failed["STORYD_ERROR"] and failed["STORYD_IN_A_ROW"] == "1"
        assert grew["STORYD_EVENT"] == "1" and grew["STORYD_SOURCES"] == "2"
        assert grew["STORYD_TITLE"].startswith('Ferry "Halden" = adrift')  # as it is; escaped in the message
        assert r'\"Halden\"' in grew["MESSAGE"] and "\n" not in grew["MESSAGE"]
        assert all(e["SYSLOG_IDENTIFIER"] and "CODE_FILE" not in e for e in journal.entries)


def test_without_the_socket_lines_have_their_priority(build, namespaces):
    with Newsroom(build) as room:
        journal = Journal(build, room, there=False)
        room.write_list()
        room.daemon.start()
        room.daemon.wait_log(r"^<6>started version=.* id=started$")
        assert room.daemon.stop() == 0
        assert journal.entries == []


# ---- what programs watch for

def test_a_wrong_token_is_logged_with_its_address(build):
    with Newsroom(build, http="read_token = {dir}/token\n") as room:
        (room.daemon.dir / "token").write_text("a-token-that-is-long-enough-0123456789\n")
        (room.daemon.dir / "token").chmod(0o600)
        room.start()
        site = Site(room)
        assert site.get("/feeds").status == 401  # as a browser asks first
        assert site.get("/feeds", Authorization="Bearer wrong").status == 401
        room.daemon.wait_log(" warning a request with a wrong token was refused address=127.0.0.1 path=/feeds id=access_denied$")
        assert room.daemon.log().count("access_denied") == 1
