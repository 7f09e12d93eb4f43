"""A refusal that a page can show has words in both languages: without them a Persian reader gets an empty sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.web.texts import texts

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("api", "ivr", "recordings", "routing")
FAMILIES = ("refusal", "figures", "staffing", "roster_cell")
"""Where pages look for the words of a code: all of them first, then forms that name what would be right."""
OTHER_WORDS = {
    "alarm_number": "alarms.wrong_number",
    "alarm_threshold": "alarms.wrong_threshold",
    "alarm_after": "alarms.wrong_after",
    "conflict": "error.conflict",
}
"""Code → the sentence that its page says."""
NEVER_ON_A_PAGE = {
    "alarm_queue",  # the form has a row for each queue there is
    "tracking_code_wrong",  # pages answer that there is nothing of this code
}


def codes() -> Iterator[str]:
    """Every code that somebody gives to a `Conflict` or an `Invalid` in so many letters."""
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in {"Conflict", "Invalid"}
                ):
                    given = [word.value for word in node.keywords if word.arg == "code"]
                    yield from (
                        one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    )


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_refusal_has_words(language: str) -> None:
    say = texts(language)
    named = {name for family in FAMILIES for name in say.family(family)}
    named |= {code for code, key in OTHER_WORDS.items() if say(key)}
    raised = set(codes())
    assert raised - named - NEVER_ON_A_PAGE == set()
    assert len(raised) > 80, "they are found at all"
