"""The configuration from the file, the environment and the command line."""
import os
import re
import subprocess

import pytest
from newsroom import Newsroom, scratch


@pytest.fixture
def place():
    with scratch() as d:
        (d / "feeds.opml").write_text('<opml version="2.0"><head/><body/></opml>')
        yield d


@pytest.fixture
def storyd(build, place):
    """Runs storyd on a configuration; variables of the caller's environment do not get in."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("STORYD_")}

    def run(config, *args, **variables):
        (place / "storyd.conf").write_text(config)
        return subprocess.run([build / "storyd", "-c", place / "storyd.conf", *args], env={**clean, **variables},
                              capture_output=True, text=True, timeout=60)
    return run


def values(printed):
    """{(section, name): (values, comment)}; a list on several lines has several values."""
    section, comment, found = None, None, {}
    for line in printed.splitlines():
        if line.startswith("["):
            section = line[1:-1]
        elif line.startswith("#"):
            comment = line[2:]
        elif line:
            name, value = line.split(" =", 1)
            found.setdefault((section, name), ([], comment))[0].append(value[1:])
    return found


def test_the_later_layer_counts(storyd, place):
    """default < file < environment < command line"""
    def level(config, *args, **variables):
        r = storyd(config, "--print-config", *args, **variables)
        assert (r.returncode, r.stderr) == (0, "")
        return values(r.stdout)["log", "level"]
    file, variable, option = "[log]\nlevel = debug\n", {"STORYD_LOG_LEVEL": "warning"}, ("-o", "log.level=error")
    assert level("") == (["info"], "default")
    assert level(file) == (["debug"], "%s:2" % (place / "storyd.conf"))
    assert level(file, **variable) == (["warning"], "environment: STORYD_LOG_LEVEL")
    assert level(file, *option, **variable) == (["error"], "option: -o log.level")


def test_a_list_is_replaced_by_the_next_layer_and_accumulates_in_its_own(storyd):
    file = "[http]\nhosts = a.example\nhosts = b.example\n"
    hosts = lambda *args, **variables: values(storyd(file, "--print-config", *args, **variables).stdout)["http", "hosts"][0]
    assert hosts() == ["a.example, b.example"]
    assert hosts(STORYD_HTTP_HOSTS="c.example") == ["c.example"]
    assert hosts("-o", "http.hosts=d.example", "-o", "http.hosts=e.example", STORYD_HTTP_HOSTS="c.example") == ["d.example, e.example"]


def test_a_file_gives_the_value(storyd, place):
    (place / "contact").write_text("desk@paper.example\n")
    r = storyd("", "--print-config", STORYD_POLL_CONTACT_FILE=str(place / "contact"))
    assert values(r.stdout)["poll", "contact"] == (["desk@paper.example"], "environment: STORYD_POLL_CONTACT_FILE")
    # of an option that names a file itself, both variables do
    for variable in "STORYD_HTTP_READ_TOKEN", "STORYD_HTTP_READ_TOKEN_FILE":
        r = storyd("", "--print-config", **{variable: "/run/secrets/token"})
        assert values(r.stdout)["http", "read_token"][0] == ["/run/secrets/token"]
    # and an option whose name ends so is not mistaken
    r = storyd("", "--print-config", STORYD_FEEDS_LOGIN_FILE="/run/secrets/logins")
    assert values(r.stdout)["feeds", "login_file"][0] == ["/run/secrets/logins"]


@pytest.mark.parametrize("variables, words", [
    ({"STORYD_HTTP_LISTN": "none"}, "STORYD_HTTP_LISTN: no option has this variable; the nearest is STORYD_HTTP_LISTEN"),
    ({"STORYD_POLL_INTERVALL_FILE": "x"}, "the nearest is STORYD_POLL_INTERVAL"),
    ({"STORYD_" + "X" * 500: "x"}, "no option has this variable"),
    ({"STORYD_POLL_INTERVAL": "soon"}, 'STORYD_POLL_INTERVAL: invalid value "soon" for interval; expected a duration'),
    ({"STORYD_POLL_INTERVAL": "1ms"}, "STORYD_POLL_INTERVAL: interval = 1ms is out of range; expected 1s to 1d"),
    ({"STORYD_POLL_INTERVAL": ""}, 'STORYD_POLL_INTERVAL: invalid value ""'),
    ({"STORYD_POLL_CONTACT": "a", "STORYD_POLL_CONTACT_FILE": "/b"}, "STORYD_POLL_CONTACT is set too"),
    ({"STORYD_POLL_CONTACT_FILE": "/nowhere/contact"}, "STORYD_POLL_CONTACT_FILE: cannot read /nowhere/contact: No such file"),
    ({"STORYD_POLL_CONTACT_FILE": "/dev/zero"}, "STORYD_POLL_CONTACT_FILE: cannot read /dev/zero: File too large"),
    ({"STORYD_POLL_CONTACT": "a\n[http]"}, "STORYD_POLL_CONTACT: expected a value that fits on one line"),
    ({"STORYD_POLL_CONTACT": "a ;b"}, "STORYD_POLL_CONTACT: expected a value that fits on one line"),
    ({"STORYD_POLL_CONTACT": "a" * 300}, "STORYD_POLL_CONTACT: expected a value that fits on one line"),
    ({"STORYD_ENRICH_PARTS": "poems"}, 'STORYD_ENRICH_PARTS: invalid value "poems" for parts'),
    ({"STORYD_HTTP_LISTEN": "192.0.2.1:80"}, "STORYD_HTTP_LISTEN: listen = 192.0.2.1:80 accepts connections from other machines"),
])
def test_a_bad_variable_is_named(storyd, variables, words):
    r = storyd("", "-n", **variables)
    assert r.returncode == 78 and words in r.stderr


def test_a_secret_in_place_of_its_file_is_not_repeated(storyd):
    r = storyd("", "-n", STORYD_HTTP_WRITE_TOKEN="open-sesame-open-sesame")
    assert r.returncode == 78 and "STORYD_HTTP_WRITE_TOKEN: expected the absolute path" in r.stderr
    assert "sesame" not in r.stdout + r.stderr


@pytest.mark.parametrize("variable", ["STORYD_DB", "STORYD_URL", "STORYD_BUILD", "STORYD_PORT", "STORYD_PORT_8787_TCP_ADDR",
                                      "STORYD_SERVICE_HOST"])
def test_variables_of_others_are_let_be(storyd, variable):
    assert storyd("", "-n", **{variable: "tcp://10.0.0.1:8787"}).returncode == 0


@pytest.mark.parametrize("option, words", [
    ("log", "-o log: expected SECTION.NAME=VALUE"), ("log.level", "-o log.level: expected SECTION.NAME=VALUE"),
    ("log.level=loud", '-o log.level: invalid value "loud" for level'), ("lag.level=info", 'unknown option "level" in [lag]'),
    ("log.lvl=info", 'unknown option "lvl" in [log]; expected level'),
])
def test_a_bad_option_is_named(storyd, option, words):
    r = storyd("", "-n", "-o", option)
    assert r.returncode == 78 and words in r.stderr


ROUND = """[poll]
proxy = socks5://anna:sesame@proxy.example:1080
%s[enrich]
url = http://anna:sesame@model.example/v1?key=sesame
model = m
[alert a name]
category = war and peace, health
command = /bin/true  two blanks
growth_within = 90m
[alert b]
webhook = https://hooks.example/services/sesame?x=sesame
""" % "".join("allow_addresses = 10.%d.0.0/16, 10.%d.1.0/24\n" % (i, i) for i in range(30))


def test_what_is_printed_reads_back(storyd):
    """The output as a configuration gives the same values, and then the same output."""
    first = storyd(ROUND, "--print-config", STORYD_HTTP_LISTEN="none")
    assert first.returncode == 0 and len(values(first.stdout)["poll", "allow_addresses"][0]) > 1
    second = storyd(first.stdout, "--print-config")
    assert second.returncode == 0, second.stderr
    assert ({k: v for k, (v, _) in values(second.stdout).items()} == {k: v for k, (v, _) in values(first.stdout).items()})
    assert storyd(second.stdout, "--print-config").stdout == second.stdout
    assert max(map(len, second.stdout.splitlines())) < 199 or "#" in max(second.stdout.splitlines(), key=len)


def test_secrets_are_masked(storyd):
    r = storyd(ROUND, "--print-config")
    assert "sesame" not in r.stdout and "anna" not in r.stdout
    assert values(r.stdout)["poll", "proxy"][0] == ["socks5://***@proxy.example:1080"]
    assert values(r.stdout)["enrich", "url"][0] == ["http://***@model.example/v1?***"]
    assert values(r.stdout)["alert b", "webhook"][0] == ["https://hooks.example/***"]


def test_every_option_is_printed(storyd, build):
    """As --sample-config lists them; paths are absolute, so that the output means the same elsewhere."""
    sample = subprocess.run([build / "storyd", "--sample-config"], capture_output=True, text=True).stdout
    printed = values(storyd("", "--print-config").stdout)
    names = re.findall(r"^#(\w+) =", sample.split("#[alert NAME]")[0], re.M)
    assert [name for _, name in printed] == names
    assert printed["feeds", "list"][0][0].startswith("/")


def test_variables_count_after_a_reload_too(build):
    """The file says something else: what it says is not taken, and no restart is asked for."""
    with Newsroom(build, env={"STORYD_HTTP_SOCKET": "none"}) as room:
        room.start()
        room.configure(http="socket = other.sock")
        room.reload()
        assert "requires a restart" not in room.daemon.log()
        assert not list(room.store.glob("*.sock"))
