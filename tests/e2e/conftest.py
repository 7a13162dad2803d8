"""Fixtures of the end-to-end tests."""
import os
import pathlib
import signal

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What a shell starts with & ignores SIGINT, and so would the programs that the tests start and stop by it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def build():
    """The folder that holds the programs under test: $STORYD_BUILD, or that of `make`."""
    folder = pathlib.Path(os.environ.get("STORYD_BUILD") or ROOT / "build" / "release").resolve()
    for program in "storyd", "storyctl":
        if not os.access(folder / program, os.X_OK):
            pytest.fail("there is no %s in %s: run make, or set STORYD_BUILD" % (program, folder))
    return folder
