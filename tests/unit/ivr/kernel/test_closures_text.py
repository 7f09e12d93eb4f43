"""The closures file is changed as a careful person would: what others wrote by hand is still there afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.calendar import Interval, SuddenChange
from ivr.kernel.closures_text import added, ended, find, id_of
from ivr.kernel.errors import Conflict, Invalid, NotFound
from ivr.kernel.hours import load_closures

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
BY_HAND = """# holidays of the building, by Maryam
[[closure]]
from = 2026-11-21T10:00:00+03:30 # snow
to = 2026-11-21T18:00:00+03:30
reason = "برف"
section = "insurance"

# painting
[[ opening ]]
from = 2026-11-22T20:00:00+03:30
to = 2026-11-22T22:00:00+03:30
"""


def change(hours: float = 1, *, start: datetime = NOW, opens: bool = False, reason: str = "قطع برق", section: str = "pensions") -> SuddenChange:  # fmt: skip
    return SuddenChange(Interval(start, start + timedelta(hours=hours)), opens, reason, section)


def test_one_more_stands_at_the_end_and_everything_else_is_as_it_was() -> None:
    text = added(BY_HAND, change(), "person:supervisor")
    assert text.startswith(BY_HAND)
    assert load_closures(text) == (load_closures(BY_HAND)[0], change(), load_closures(BY_HAND)[1])
    assert "# person:supervisor" in text
    assert load_closures(added("", change(section=""), "x")) == (change(section=""),)


def test_a_running_one_ends_now_and_its_neighbours_and_comments_stay() -> None:
    running, opening = load_closures(BY_HAND)
    text = ended(BY_HAND, running, NOW, "ended by person:supervisor")
    assert load_closures(text) == (
        SuddenChange(Interval(running.interval.start, NOW), False, "برف", "insurance"),
        opening,
    )
    for kept in ("# holidays of the building, by Maryam", "# snow", "# painting", "[[ opening ]]"):
        assert kept in text


def test_one_that_has_not_begun_becomes_a_comment() -> None:
    closure, opening = load_closures(BY_HAND)
    text = ended(BY_HAND, opening, NOW, "taken back")
    assert load_closures(text) == (closure,)
    assert "# from = 2026-11-22T20:00:00+03:30" in text
    with pytest.raises(NotFound):
        find(load_closures(text), id_of(opening))


def test_what_is_over_cannot_be_ended_again() -> None:
    with pytest.raises(Conflict):
        ended(BY_HAND, load_closures(BY_HAND)[0], NOW + timedelta(days=1), "x")


INLINE = 'closure = [{ from = 2026-11-21T10:00:00+03:30, to = 2026-11-21T18:00:00+03:30, reason = "x" }]\n'
TRICKY = (
    BY_HAND.replace('reason = "برف"', 'reason = """\n[[closure]]\nto = 2026-11-21T18:00:00+03:30\n"""')
    + "[[closure]]\nfrom = 2026-11-21T11:00:00+03:30\nto = 2026-11-21T19:00:00+03:30\n"
)
"""The text of a reason looks like a closure."""


@pytest.mark.parametrize("text", [INLINE, TRICKY])
def test_a_file_written_otherwise_is_left_to_a_person(text: str) -> None:
    running = [change for change in load_closures(text) if not change.open][-1]
    with pytest.raises(Invalid, match="by hand"):
        ended(text, running, NOW, "x")


def test_a_file_in_one_line_takes_no_block_more() -> None:
    with pytest.raises(Invalid, match="by hand"):
        added(INLINE, change(), "x")
    with pytest.raises(Invalid):
        added("[[closure]\nbroken", change(), "x")


@pytest.mark.parametrize("reason", ["a\nb", "a\x00b", "x" * 201, "a\u2028b", "a\x7fb", "a\u202eb"])
def test_a_reason_is_one_plain_line(reason: str) -> None:
    with pytest.raises(Invalid, match="one line"):
        added(BY_HAND, change(reason=reason), "x")


_REASONS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60).map(lambda text: f"{text}\u200c")  # fmt: skip
_CHANGES = st.builds(
    change, st.floats(0.1, 500), start=st.integers(-100, 100).map(lambda h: NOW + timedelta(hours=h)), opens=st.booleans(),
    reason=_REASONS, section=st.sampled_from(["", "general", "pensions"]),
)  # fmt: skip


@given(st.lists(_CHANGES, min_size=1, max_size=6, unique_by=id_of), st.data())
def test_whatever_was_written_here_can_be_ended_here(changes: list[SuddenChange], data: st.DataObject) -> None:
    text = BY_HAND
    for one in changes:
        text = added(text, one, "person:x")
    assert sorted(map(id_of, load_closures(text))) == sorted(map(id_of, [*load_closures(BY_HAND), *changes]))
    chosen = data.draw(st.sampled_from(changes))
    if chosen.interval.end <= NOW:
        return
    left = load_closures(ended(text, chosen, NOW, "x"))
    assert len(left) == len(changes) + 2 - (chosen.interval.start >= NOW)
    others = sorted(id_of(one) for one in (*load_closures(BY_HAND), *changes) if one is not chosen)
    kept = sorted(map(id_of, left))
    assert [one for one in kept if one in others] == others, "nothing else was changed"
    assert id_of(chosen) not in kept
