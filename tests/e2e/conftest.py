import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def build():
    """The folder that holds storyd and storyctl."""
    return (ROOT / os.environ.get("STORYD_BUILD", ROOT / "build/release")).resolve()
