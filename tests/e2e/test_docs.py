"""The manual pages and the shells' completions name what the programs have: every option, command,
database and field."""
import json
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ["daemon/storyd.8", "daemon/storyd-cluster.7", "daemon/storyctl/storyctl.1", "config/storyd.conf.5", "config/storyd-db.5",
         "lib/libstory.3"]
COMPLETION = ROOT / "daemon" / "storyctl"
SCHEMAS = sorted((ROOT / "config" / "schema").glob("*.schema.json"))


def source(page):
    return (ROOT / page).read_text(encoding="utf-8")


def marked(page):
    """The words of a page's requests: names stand in them, not in running text."""
    text = " ".join(re.findall(r"^\.(.*)$", source(page), re.M))
    return set(re.split(r"[\s,()|\"]+", text.replace("Fl Fl ", "--")))


def run(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)


# ---- the pages themselves

@pytest.mark.parametrize("page", PAGES)
def test_mandoc_finds_no_fault(page):
    if not shutil.which("mandoc"):
        pytest.skip("mandoc is missing")
    lint = run("mandoc", "-T", "lint", "-W", "warning", str(ROOT / page))
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES)
def test_pages_refer_to_pages_that_are(page):
    ours = {tuple(p.rsplit("/", 1)[-1].rsplit(".", 1)) for p in PAGES}
    for name, section in re.findall(r"^\.Xr (\S+) (\d)", source(page), re.M):
        if name.startswith(("story", "libstory")):
            assert (name, section) in ours, "%s(%s)" % (name, section)


# ---- storyd.conf(5)

def options():
    """section, name, kind and default of each row of the table."""
    rows = re.findall(r"\bO\((\w+),\s*(\w+),\s*([A-Z]+),\s*\"([^\"]*)\"", source("daemon/config.h"))
    assert len(rows) > 10, "the table of options is not where it was"
    return rows


def described(section, name):
    """What the page says of an option, from its name to the next one's."""
    page = source("config/storyd.conf.5")
    part = re.search(r"^\.Ss Section Bq %s\n(.*?)(?=^\.S[sh] )" % section, page, re.M | re.S)
    assert part, "there is no section [%s]" % section
    entry = re.search(r"^\.It Cm %s\n(.*?)(?=^\.It |^\.El\n\.S|\Z)" % name, part[1], re.M | re.S)
    assert entry, "%s is not in section [%s]" % (name, section)
    return entry[1]


@pytest.mark.parametrize("section, name, kind, default", options())
def test_each_option_is_described_with_its_default(section, name, kind, default):
    text = re.sub(r"\s+", " ", re.sub(r"^\.\w\w ", "", described(section, name), flags=re.M))
    assert ("Default: %s" % (default or "none")) in text
    assert re.search(r"\b(Reload|Restart)\.", text)


UNITS = {"SECONDS": "s", "BYTES": "KiB", "COUNT": ""}


@pytest.mark.parametrize("section, name, kind, default", [o for o in options() if o[2] in UNITS])
def test_each_range_is_told_as_the_program_tells_it(build, tmp_path, section, name, kind, default):
    config = tmp_path / "storyd.conf"
    config.write_text("[%s%s]\n%s = 0%s\n" % (section, " x" * (section in ("alert", "digest", "publisher")), name, UNITS[kind]))
    said = re.search(r"expected (\S+) to (\S+)", run(build / "storyd", "-n", "-c", config).stderr)
    assert said, "0 was not refused"
    text = re.sub(r"\s+", " ", described(section, name))
    assert "from %s to %s" % said.groups() in text


def test_the_page_describes_no_option_that_is_not():
    section, found = None, []
    for line in source("config/storyd.conf.5").splitlines():
        if line.startswith(".Ss Section Bq "):
            section = line.split()[-1]
        elif line.startswith((".Ss ", ".Sh ")):
            section = None
        elif section and line.startswith(".It Cm "):
            found.append((section, line.split()[-1]))
    assert found == [(s, n) for s, n, _, _ in options()]


# ---- storyd(8)

def test_options_of_storyd(build):
    for option in set(re.findall(r"--[a-z][a-z-]+", run(build / "storyd", "--help").stdout)):
        assert option in marked("daemon/storyd.8"), option


# ---- storyctl(1) and the completions

@pytest.fixture(scope="module")
def commands(build):
    """Each command that `storyctl --help` lists, with its long options."""
    listed = re.findall(r"^  ([a-z]+) ", run(build / "storyctl", "--help").stdout, re.M)
    assert len(listed) > 5
    return {c: {"--help"} | set(re.findall(r"--[a-z][a-z-]+", run(build / "storyctl", c, "--help").stdout))
            for c in listed}


def test_the_page_has_each_command_with_its_options(commands):
    page = source("daemon/storyctl/storyctl.1").replace("Fl Fl ", "--")
    synopsis = page[page.index(".Sh SYNOPSIS"):page.index(".Sh DESCRIPTION")]
    uses = dict(re.findall(r"^\.Nm\n\.Cm (\w+)\n(.*?)(?=^\.Nm|\Z)", synopsis, re.M | re.S))
    assert set(uses) == set(commands) | {"help"}
    body = page[page.index(".Sh DESCRIPTION"):]
    for command, found in commands.items():
        told = set(re.findall(r"--[a-z-]+", uses[command]))
        assert told == found - {"--help"}, command
        assert re.search(r"^\.It Cm %s\b" % command, body, re.M), command
    for option in set().union(*commands.values()):
        assert re.search(r"^\.It %s\b" % option, body, re.M), option


# What each shell offers for the last of the words "$@"; the first is the program. zsh's own functions, which
# would draw a list, print what they are given.
SHELLS = {
    "bash": '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _storyctl; printf "%s\\n" "${COMPREPLY[@]}"',
    "zsh": r"""
        _call_program() { shift; "$@" }
        _describe() { print -l -- ${${(P)2}%%:*} }
        compadd() { shift; print -l -- "$@" }
        _files() { if [[ $1 == -/ ]] { print -l -- $PREFIX*(N/) } else { print -l -- $PREFIX*(N) } }
        _arguments() {
            local spec of_option of_argument
            for spec; do
                if [[ $spec == $words[-2]\[*\]:* ]] of_option=${spec##*:}
                if [[ $spec != --* ]] of_argument=${spec##*:}
                if [[ $spec == --* && $PREFIX == -* ]] print -- ${spec%%\[*}
            done
            if [[ $PREFIX != -* ]] eval ${of_option:-$of_argument}
        }
        words=("$@"); CURRENT=$#; PREFIX=$words[-1]; . $0""",
    "fish": 'set -p PATH (dirname $argv[2]); source $argv[1]; complete -C "storyctl $argv[3..]"',
}


@pytest.fixture(params=SHELLS)
def complete(request, build):
    """What a shell offers for the last of the words."""
    shell = request.param
    if not shutil.which(shell):
        pytest.skip(shell + " is missing")

    def complete(*words):
        answer = run(shell, "-c", SHELLS[shell], COMPLETION / ("storyctl." + shell), build / "storyctl", *words)
        assert answer.returncode == 0 and answer.stderr == "", answer.stderr
        return {line.split("\t")[0].rstrip("/") for line in answer.stdout.splitlines() if line}
    return complete


def test_completion_offers_commands_and_options(complete, commands):
    assert complete("") | complete("-") == set(commands) | {"help", "--help", "--version"}
    assert complete("help", "") == set(commands)
    for command, found in commands.items():
        assert complete(command, "--") == found, command
    assert {"show", "add", "remove", "export", "find", "confirm"} == complete("feeds", "")


def test_completion_offers_folders_for_db_and_no_events(complete, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "stone").write_text("")
    assert complete("list", "--db", str(tmp_path / "sto")) == {str(tmp_path / "store")}
    assert complete("parse", str(tmp_path / "sto")) == {str(tmp_path / "store"), str(tmp_path / "stone")}
    assert complete("backup", str(tmp_path / "sto")) == {str(tmp_path / "store")}
    for words in (["show", ""], ["list", "--since", ""], ["why", "--json", ""]):
        assert complete(*words) == set(), words


# ---- storyd-db(5) and libstory(3)

def test_each_database_is_told():
    names = re.findall(r"\bD\([A-Z_]+,\s*\"(\w+)\"", source("lib/store/schema.h"))
    public = [n for n in names if not n.startswith("_")]
    assert len(public) > 4
    for name in public:
        assert re.search(r"^\.Ss %s$" % name, source("config/storyd-db.5"), re.M), name


def fields(schema):
    if isinstance(schema, dict):
        for name, sub in schema.get("properties", {}).items():
            yield name
        for sub in schema.values():
            yield from fields(sub)
    elif isinstance(schema, list):
        for sub in schema:
            yield from fields(sub)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name.split(".")[0])
def test_each_field_is_told_below_its_database(path):
    name = path.name.split(".")[0]
    database = name if name == "meta" else name + "s"
    page = source("config/storyd-db.5")
    part = re.search(r"^\.Ss %s\n(.*?)(?=^\.S[sh] )" % database, page, re.M | re.S)[1]
    told = set(re.split(r"[\s,]+", " ".join(re.findall(r"^\.(?:It )?Li (.*)$", part, re.M))))
    wanted = set(fields(json.loads(path.read_text(encoding="utf-8"))))
    assert wanted <= told, wanted - told


def test_each_function_is_told():
    functions = re.findall(r"\b(story_\w+)\(", re.sub(r"/\*.*?\*/", "", source("lib/story.h"), flags=re.S))
    assert len(functions) > 15
    page = source("lib/libstory.3")
    for function in functions:
        assert re.search(r"^\.Fn %s " % function, page, re.M), function
    for constant in re.findall(r"#define (STORY_[A-Z_]+) +\(", source("lib/story.h")):
        assert re.search(r"^\.It Dv %s$" % constant, page, re.M), constant


def test_the_quoted_example_is_the_one_that_is_tested():
    """libstory(3) quotes print_changes() of the consumer that the install test builds."""
    code = source("tests/data/reader.c")
    function = re.search(r"^static int print_changes\(.*?^}\n", code, re.M | re.S)[0]
    assert function.replace("\\n", "\\en") in source("lib/libstory.3")
