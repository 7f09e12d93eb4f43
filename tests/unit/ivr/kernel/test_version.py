"""One version, written in two places."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ivr.kernel.version import VERSION


def test_the_code_and_the_package_tell_the_same_version() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[4] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
