#!/usr/bin/python3
"""Checks of the source that need no run: `make check-lint`.

Reads the dependency files of a build (-MD), so it sees what is included through other headers too.
Prints each fault, then one line `lint: N passed, N failed`.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# lib's folders in the order of the flow: each may use those before it.
ORDER = ['base', 'feed', 'article', 'page', 'text', 'sketch', 'cluster', 'digest', 'store', 'search', 'ingest']

# The same of daemon's; what lies in none of them may be used by all.
DAEMON_ORDER = ['net', 'poll', 'pages', 'alert', 'enrich', 'search', 'api', 'web', 'roles']

# Who alone may see a library's headers.
LIBRARIES = {
    r'/curl/': ['daemon/net'],
    r'/event2?/|/event\.h$': ['daemon'],
    r'/libxml2?/': ['lib/feed', 'lib/page'],
    r'/xxhash\.h$': ['lib/sketch', 'lib/base'],
    r'/lmdb\.h$': ['lib/store'],
    r'/sqlite3\.h$': ['lib/search'],
    r'/libpsl\.h$': ['lib/article'],
    r'/idn2\.h$': ['lib/article'],
    r'/libstemmer\.h$': ['lib/text'],
    r'/ini\.h$': ['daemon'],
    r'/systemd/': ['daemon'],
    r'/openssl/': ['daemon/net', 'daemon/poll', 'daemon/pages', 'daemon/alert'],
    r'/zlib\.h$': ['daemon/net', 'daemon/roles'],
    r'/nats/': ['daemon/roles'],
    r'/(gif_lib|png|seccomp|turbojpeg)\.h$|/webp/': ['daemon/pages'],
}

# It asks the libraries for their versions, and sees all their headers.
ASKS_ALL = 'daemon/version.c'

# Functions with a better one beside them.
BANNED = {
    'strcpy': 'snprintf', 'strcat': 'struct buf', 'sprintf': 'snprintf', 'vsprintf': 'vsnprintf',
    'gets': 'getline', 'strtok': 'strcspn', 'atoi': 'strtol', 'atol': 'strtol', 'alloca': 'mem_alloc',
    'event_active': 'a timer of zero: the loop calls it after it has looked at everything else',
    'malloc': 'mem_alloc (but in lib/base/mem.c and the read API)', 'strdup': 'mem_str',
    'time': 'wall_clock', 'clock_gettime': 'base/clock.h', 'gettimeofday': 'base/clock.h',
}
MAY = {
    'malloc': {'lib/base/mem.c', 'lib/store/read.c'}, 'strdup': {'lib/base/mem.c', 'lib/store/read.c'},
    'time': {'lib/base/clock.h'}, 'clock_gettime': {'lib/base/clock.h'},
}


def sources():
    return sorted(p for d in ('lib', 'daemon') for p in (ROOT / d).rglob('*.[ch]'))


def later_in_daemon(source, header):
    of, used = source.split('/'), header.split('/')
    if len(of) == 3 and len(used) == 3 and of[1] in DAEMON_ORDER and used[0] == 'daemon' and (
            used[1] not in DAEMON_ORDER or DAEMON_ORDER.index(used[1]) > DAEMON_ORDER.index(of[1])):
        return f'{source}: includes {header}, of a folder later in the order'
    return None


def check_layers(build):
    """Dependencies point one way."""
    for d in sorted(build.rglob('*.d')):
        text = d.read_text().replace('\\\n', ' ').split('\n', 1)[0]
        source, *headers = text.split(':', 1)[1].split()
        if not source.startswith(('lib/', 'daemon/')) or not (ROOT / source).exists():
            continue
        for header in headers:
            for pattern, owners in LIBRARIES.items():
                if header.startswith('/usr') and source != ASKS_ALL and re.search(pattern, header) \
                        and not any(source.startswith(o + '/') for o in owners):
                    yield f'{source}: includes {header}, which only {" and ".join(owners)} may'
            if source.startswith('daemon/'):
                fault = later_in_daemon(source, header)
                if fault:
                    yield fault
                continue
            if header.startswith('daemon/'):
                yield f'{source}: includes {header}: lib knows nothing of the daemon'
            parts = header.split('/')
            if header.startswith('lib/') and len(parts) == 3 \
                    and ORDER.index(parts[1]) > ORDER.index(source.split('/')[1]):
                yield f'{source}: includes {header}, of a folder later in the flow'


def check_banned(_):
    """No banned function."""
    for p in sources():
        name = str(p.relative_to(ROOT))
        for n, line in enumerate(p.read_text().splitlines(), 1):
            for word, better in BANNED.items():
                if re.search(rf'(?<![\w.>]){word}\(', line) and name not in MAY.get(word, ()):
                    yield f'{name}:{n}: {word}; take {better}'


def check_globals(_):
    """lib has no mutable globals: no file-scope `static` that is not const."""
    for p in sources():
        if not str(p.relative_to(ROOT)).startswith('lib/'):
            continue
        for n, line in enumerate(p.read_text().splitlines(), 1):
            if re.match(r'static (?!const\b|inline\b|_)[^()]*(=|;|\[)', line) and 'const' not in line.split('=')[0]:
                yield f'{p.relative_to(ROOT)}:{n}: a mutable global'


def check_format(_):
    """clang-format finds nothing to change."""
    if not shutil.which('clang-format'):
        print('lint: clang-format is not installed; formatting is not checked')
        return
    c_tests = sorted(p for d in ('unit', 'fuzz', 'eval', 'bench', 'data')
                     for p in (ROOT / 'tests' / d).glob('*.[ch]'))
    r = subprocess.run(['clang-format', '--dry-run', '-Werror', *map(str, sources() + c_tests)],
                       stderr=subprocess.PIPE, text=True)
    for line in r.stderr.splitlines():
        if 'error:' in line:
            yield line.replace(str(ROOT) + '/', '')


def check_symbols(build):
    """libstory exports what lib/libstory.symbols lists: the functions of story.h."""
    library = build / 'libstory.so.1'
    if not library.exists():
        yield f'there is no {library}; run make'
        return
    r = subprocess.run(['nm', '-D', '--defined-only', str(library)], stdout=subprocess.PIPE, text=True)
    found = sorted(line.split()[-1] for line in r.stdout.splitlines())
    listed = (ROOT / 'lib/libstory.symbols').read_text().split()
    for s in sorted(set(found) ^ set(listed)):
        yield f'{s}: {"exported, not listed" if s in found else "listed, not exported"}'
    header = re.sub(r'/\*.*?\*/', '', (ROOT / 'lib/story.h').read_text(), flags=re.S)
    for s in sorted(set(re.findall(r'\b(story_\w+)\(', header)) ^ set(listed)):
        yield f'{s}: {"listed, not declared" if s in listed else "declared, not listed"} in lib/story.h'


def check_packaging(_):
    """debian/ agrees with VERSION, with what the Makefile needs, and with the library's symbols."""
    def text(name):
        return (ROOT / name).read_text()
    version = text('VERSION').strip()
    if not text('debian/changelog').startswith(f'storyd ({version}) '):
        yield f'debian/changelog: its first entry is not of {version}, as VERSION says'
    needed = re.search(r'^BUILD_PACKAGES := (.*?[^\\])\n', text('Makefile'), re.M | re.S)[1].replace('\\', '').split()
    named = re.search(r'^Build-Depends: (.*?)^\S', text('debian/control'), re.M | re.S)[1]
    for p in sorted(set(needed) - set(re.split(r'[,\s]+', named))):
        yield f'debian/control: {p}, which building needs, is not in Build-Depends'
    packaged = re.findall(r'^ (\w+)@', text('debian/libstory1.symbols'), re.M)
    for s in sorted(set(packaged) ^ set(text('lib/libstory.symbols').split())):
        yield f'{s}: only in one of debian/libstory1.symbols and lib/libstory.symbols'


def check_names(_):
    """A file name stands once in the tree."""
    seen = {}
    for p in sources():
        if p.name in seen:
            yield f'{p.relative_to(ROOT)}: its name is {seen[p.name].relative_to(ROOT)}\'s too'
        seen[p.name] = p


def twice(pattern, paths):
    """The names that the pattern finds in two or more of the files."""
    places = {}
    for p in paths:
        for name in re.findall(pattern, p.read_text(), re.M):
            places.setdefault(name, set()).add(str(p.relative_to(ROOT)))
    return sorted((name, sorted(of)) for name, of in places.items() if len(of) > 1)


def check_static_names(_):
    """A static function's name stands in one file: it says what it is of."""
    definition = r'^static\b(?: __attribute__\(\(\w+\)\))?[^;={}()]*?\b(\w+)\((?=[^;]*?\)\s*\{)'
    for name, of in twice(definition, (p for p in sources() if p.suffix == '.c')):
        yield f'{name}: {", ".join(of)}'


def check_tags(_):
    """The tag of a struct, union or enum stands in one file."""
    for name, of in twice(r'\b(?:struct|union|enum) (\w+) \{', sources()):
        yield f'{name}: {", ".join(of)}'


def check_circles(_):
    """No circle of files: a file and its header are one, and are of those that they include."""
    uses = {}
    for p in sources():
        of = uses.setdefault(str(p.relative_to(ROOT).with_suffix('')), set())
        for name in re.findall(r'^#include "([^"]+)"', p.read_text(), re.M):
            of.update(str(pathlib.Path(root, name).with_suffix('')) for root in ('lib', 'daemon')
                      if (ROOT / root / name).exists())
    done = set()

    def circle_from(unit, path):
        if unit in path:
            return path[path.index(unit):] + [unit]
        if unit in done:
            return None
        for used in sorted(uses.get(unit, ())):
            found = used != unit and circle_from(used, path + [unit])
            if found:
                return found
        done.add(unit)
        return None
    for unit in sorted(uses):
        found = circle_from(unit, [])
        if found:
            yield ' -> '.join(found)
            done.update(found)


# Fields of JSON that config/ does not describe, by the file that reads or writes it: formats of others,
# and what storyd keeps for itself.
OTHER_FIELDS = {
    'daemon/alert/hook.c': 'more',
    'daemon/alert/message.c': 'names said whose',
    'daemon/api/feeds_out.c': 'bodies descriptions external_url hubs standard subjects',  # JSON Feed, ninjs
    'daemon/api/greader.c': 'continuation',  # Google Reader API
    'daemon/storyctl/cluster.c': 'body',
    'daemon/storyctl/describe_event.c': 'body',
    'daemon/storyctl/mcp.c': 'jsonrpc method result',  # JSON-RPC 2.0
    'daemon/roles/arrivals.c': 'document format moved record',
    'daemon/roles/envelope.c': 'format packed part parts size',  # messages between processes
    'daemon/roles/errands.c': 'accept known max_body reply',
    'daemon/roles/fetching.c': 'login record whole',
    'daemon/roles/forward.c': 'body headers inbox may_write parameters path reader user',
    'daemon/roles/relay.c': 'conditional cut headers',
    'daemon/roles/share.c': 'gone',
    'daemon/roles/snapshot.c': 'more part session',
    'daemon/storyctl/mcp_tools.c': 'annotations excerpt gone off properties reason required',
    'daemon/storyctl/page_status.c': 'last trouble',
    'daemon/storyctl/parse.c': 'body content description dropped enclosure enclosures encoding entries '
                               'length malformed orig_link self source_url title_text',
    'daemon/storyctl/storage.c': 'by_sources',
    'lib/digest/cited.c': 'choices content total_tokens',  # a model's answer
    'lib/digest/prompt.c': 'response_format',
    'lib/feed/wire.c': 'enclosures id_is_link length partial',
    'lib/feed/json.c': 'attachments hubs mime_type size_in_bytes',  # JSON Feed
    'lib/ingest/site.c': 'not_before pages paragraphs read robots tdm unreachable',
    'lib/page/rights.c': 'location',
    'lib/store/check.c': 'read',
}


def described(schema):
    """The names of all properties, and of the parameters of requests."""
    if isinstance(schema, dict):
        yield from schema.get('properties', ())
        if 'in' in schema and 'name' in schema:
            yield schema['name']
        schema = schema.values()
    if not isinstance(schema, str) and hasattr(schema, '__iter__'):
        for part in schema:
            yield from described(part)


def check_fields(_):
    """A field that is used by its name is described: a misspelt name compiles, and reads as empty.

    Most records have structs, which the compiler checks. What remains is requests, answers, and JSON of others.
    """
    public = {name for p in [ROOT / 'config/openapi.json', *(ROOT / 'config/schema').glob('*.json')]
              for name in described(json.loads(p.read_text()))}
    access = re.compile(r'\b(?:json_object_(?:get|del|set|set_new)|(?:record|lines|set)_(?:text|time|number))\('
                        r'(?:[^()"]|\([^()]*\))*?,\s*"([a-z_0-9]+)"')
    for p in sources():
        name = str(p.relative_to(ROOT))
        other = set(OTHER_FIELDS.get(name, '').split())
        used = set(access.findall(p.read_text())) - public
        for field in sorted(used - other):
            yield f'{name}: "{field}" is described neither in config/openapi.json nor in config/schema'
        for field in sorted(other - used):
            yield f'{name}: "{field}" is not used any more, or is described; take it from OTHER_FIELDS'


CHECKS = [check_layers, check_names, check_static_names, check_tags, check_circles, check_fields, check_banned,
          check_globals, check_format, check_symbols, check_packaging]


def main():
    build = pathlib.Path(sys.argv[1])
    failed = 0
    for check in CHECKS:
        faults = list(check(build))
        failed += bool(faults)
        for fault in faults[:40]:
            print(f'{check.__doc__.splitlines()[0]} {fault}')
    print(f'lint: {len(CHECKS) - failed} passed, {failed} failed')
    if len(sys.argv) > 2:
        with open(sys.argv[2], 'a') as f:
            f.write(f'{len(CHECKS) - failed} {failed} 0\n')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
