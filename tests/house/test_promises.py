"""The table of promises names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROMISES = REPOSITORY / "docs" / "promises.md"


def rows() -> list[tuple[str, str]]:
    found = re.findall(r"^\| (.+?) \| (.+?) \|$", PROMISES.read_text(encoding="utf-8"), re.MULTILINE)
    return [row for row in found if not row[0].startswith(("we promise", "---"))]


def test_each_promise_names_its_test_and_the_test_is_there() -> None:
    for promise, proof in rows():
        named = re.findall(r"`(tests/[^`]+)`", proof)
        assert named, f"nothing proves: {promise}"
        for name in named:
            text = (REPOSITORY / name).read_text(encoding="utf-8")
            assert re.search(r"^(async )?def test_|^    (async )?def test_", text, re.MULTILINE) or "State" in text, (
                name
            )
    assert len(rows()) > 20


def test_what_cannot_be_promised_is_said() -> None:
    _, _, cannot = PROMISES.read_text(encoding="utf-8").partition("## What we cannot promise")
    assert cannot.count("\n- ") >= 6
