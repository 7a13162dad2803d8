"""A small Debian of its own, for the checks of packages and image: made by mmdebstrap, from the mirror that this
machine uses."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = (ROOT / 'VERSION').read_text().strip()
SUITE = 'bookworm'
LIMIT = 900  # seconds a command

TITLE = 'Harbour bridge closes for repairs'
FEED = f"""<rss version="2.0"><channel><title>Port News</title><link>http://port.example/</link>
<item><title>{TITLE}</title><link>http://port.example/1</link><guid>1</guid></item></channel></rss>"""
CONFIG = '[http]\nlisten = none\n[poll]\nallow_addresses = 127.0.0.1\n'
LIST = '<opml version="2.0"><body><outline xmlUrl="%s"/></body></opml>\n'


def step(text):
    print(f'{pathlib.Path(sys.argv[0]).stem.replace("_", "-")}: {text}', flush=True)


def must(condition, what):
    """Ends the check if the condition does not hold."""
    if not condition:
        step('FAILED: ' + what)
        sys.exit(1)


def run(*argv, **options):
    """Runs a command that must succeed; returns what it prints."""
    r = subprocess.run([str(a) for a in argv], stdin=None if 'input' in options else subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, **options)
    must(r.returncode == 0, f'{" ".join(str(a) for a in argv)}: exit status {r.returncode}\n{r.stdout}')
    return r.stdout


def without_make():
    """The environment for a make that is not part of the one that runs the check."""
    return {k: v for k, v in os.environ.items() if k not in ('MAKEFLAGS', 'MFLAGS')}


def sources():
    """Lines of sources.list for the mirror that this machine uses; none: mmdebstrap takes Debian's own."""
    targets = run('apt-get', 'indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages')
    lines = set()
    for line in targets.splitlines():
        uri, release, component = line.split()
        if re.fullmatch(SUITE + r'(-updates|-security)?', release) and component == 'main':
            lines.add(f'deb {uri} {release} main\n')
    return ''.join(sorted(lines))


def make(path, variant, include=()):
    """Makes a Debian in a folder, or in a file .tar."""
    lines = sources()
    run('mmdebstrap', '--variant=' + variant, *(['--include=' + ','.join(include)] if include else []), SUITE, path,
        *(['-'] if lines else []), input=lines)
