"""The service as systemd reads it: no line that it does not know, and little that it leaves open."""
import re
import shutil
import subprocess

import pytest
from newsroom import ROOT, Replay, articles, rss, scratch

UNIT = ROOT / "systemd" / "storyd.service"

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@pytest.fixture
def unit(build):
    """The unit with its places filled in as `make install` does, its program being the built one."""
    text = UNIT.read_text()
    for place, value in {"BINDIR": build, "SYSCONFDIR": "/etc"}.items():
        text = text.replace("@%s@" % place, str(value))
    assert not re.search(r"^[^#].*@\w+@", text, re.M), "a place that nothing fills in"
    with scratch() as directory:
        path = directory / "storyd.service"
        path.write_text(text)
        yield path


def analyze(*args):
    return subprocess.run(["systemd-analyze"] + [str(a) for a in args], capture_output=True, text=True, timeout=60)


def test_verify_has_nothing_to_say(unit):
    r = analyze("verify", "--man=no", unit)
    said = [line for line in (r.stdout + r.stderr).splitlines() if "storyd" in line]
    assert r.returncode == 0 and said == []


def test_verify_would_say_something(unit):
    """A line that systemd does not know is told: the test before proves something."""
    unit.write_text(unit.read_text().replace("NoNewPrivileges=", "NoNewPrivilegs="))
    assert "NoNewPrivilegs" in analyze("verify", "--man=no", unit).stderr


def test_exposure_is_low(unit):
    r = analyze("security", "--offline=true", "--threshold=20", "--no-pager", unit)
    assert r.returncode == 0, r.stdout + r.stderr
    exposure = re.search(r"exposure level for storyd.service: ([0-9.]+)", r.stdout)
    assert float(exposure.group(1)) <= 2.0


def test_the_unit_waits_for_what_the_daemon_tells(unit):
    """What the daemon does of itself (READY=1, WATCHDOG=1, reload on SIGHUP, exit status 78) is asked for."""
    lines = unit.read_text().splitlines()
    for wanted in ("Type=notify", "Restart=on-failure", "ExecReload=/bin/kill -HUP $MAINPID", "User=storyd"):
        assert wanted in lines
    assert any(re.match(r"WatchdogSec=\d+", line) for line in lines)


def test_a_bad_configuration_is_not_tried_again(unit):
    assert "RestartPreventExitStatus=72 78" in unit.read_text().splitlines()


def test_what_may_be_mended_is_tried_for_ever(unit):
    """A disk that is full, or a port that is taken, does not stop the unit for good."""
    assert "StartLimitIntervalSec=0" in unit.read_text().splitlines()


def test_the_socket_unit_is_understood(unit):
    socket_unit = unit.with_suffix(".socket")
    socket_unit.write_text((ROOT / "systemd" / "storyd.socket").read_text())
    r = analyze("verify", "--man=no", socket_unit)
    assert r.returncode == 0 and "storyd" not in r.stdout + r.stderr
    assert "ListenStream=127.0.0.1:8787" in socket_unit.read_text().splitlines()


# ---- the daily backup ----------------------------------------------------------------------------

@pytest.fixture
def backup_unit(build):
    with scratch() as directory:
        for name in "storyd-backup.service", "storyd-backup.timer":
            (directory / name).write_text((ROOT / "systemd" / name).read_text().replace("@BINDIR@", str(build)))
        yield directory / "storyd-backup.service"


def test_the_units_of_the_backup_are_understood(backup_unit):
    r = analyze("verify", "--man=no", backup_unit, backup_unit.with_suffix(".timer"))
    said = [line for line in (r.stdout + r.stderr).splitlines() if "storyd" in line]
    assert r.returncode == 0 and said == []
    r = analyze("security", "--offline=true", "--threshold=20", "--no-pager", backup_unit)
    assert r.returncode == 0, r.stdout + r.stderr


def test_the_command_of_the_backup_is_one_that_storyctl_takes(build, backup_unit):
    """With folders of the test in place of those of the system."""
    [line] = re.findall(r"^ExecStart=(.*)$", backup_unit.read_text(), re.M)
    with scratch() as d:
        replay = Replay(build, d)
        replay.add(("feed", rss(articles(3))))
        words = [w.replace("/var/lib/storyd-backup", str(d / "backup")).replace("/var/lib/storyd", str(replay.store))
                 for w in line.split()]
        r = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert r.returncode == 0 and len(list((d / "backup").iterdir())) == 1, r.stdout + r.stderr


def test_the_backup_is_daily_and_nothing_enables_it(backup_unit):
    timer = backup_unit.with_suffix(".timer").read_text()
    r = analyze("calendar", re.search(r"^OnCalendar=(.*)$", timer, re.M).group(1))
    assert r.returncode == 0
    assert "WantedBy=timers.target" in timer.splitlines() and "[Install]" not in backup_unit.read_text().splitlines()
