"""When a file may be taken."""

from datetime import UTC, datetime, timedelta

import pytest

from recordings.steps import FileSeen, Next, Patience, next_for_message, next_for_talk

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PATIENCE = Patience()


def seen(ago: float, *, finished: bool = True, seconds: float = 10.0) -> FileSeen:
    return FileSeen(finished, seconds, NOW - timedelta(seconds=ago))


def ended(ago: float) -> datetime:
    return NOW - timedelta(seconds=ago)


@pytest.mark.parametrize(
    ("case", "file", "kept", "ended_at", "expected"),
    [
        ("kept and closed, call goes on", seen(0), True, None, Next.TAKE),
        ("kept, header open, just written", seen(1, finished=False), True, None, Next.WAIT),
        ("part, call goes on", seen(30), False, None, Next.WAIT),
        ("part, call over, closed", seen(0), False, ended(1), Next.TAKE),
        ("part, call over, still being written", seen(1, finished=False), False, ended(1), Next.WAIT),
        ("part, call over, Asterisk was killed", seen(6, finished=False), False, ended(1), Next.TAKE),
        ("part, nobody knows the call, quiet for long", seen(301), False, None, Next.TAKE),
        ("part, nobody knows the call, quiet for a while", seen(299), False, None, Next.WAIT),
        ("no sound, call just over", None, False, ended(30), Next.WAIT),
        ("no sound, a minute after the call", None, False, ended(60), Next.MISSING),
        ("no sound, call goes on", None, False, None, Next.WAIT),
    ],
)
def test_message(case, file, kept, ended_at, expected):
    found = next_for_message(file, kept=kept, call_ended_at=ended_at, goes_on=False, now=NOW, patience=PATIENCE)
    assert found is expected


@pytest.mark.parametrize(
    ("case", "legs", "talked", "ended_at", "expected"),
    [
        ("both closed, call over", (seen(1), seen(1)), 10.0, ended(1), Next.TAKE),
        ("call goes on", (seen(0), seen(0)), None, None, Next.WAIT),
        ("one leg still open", (seen(1), seen(1, finished=False)), 10.0, ended(1), Next.WAIT),
        ("Asterisk was killed", (seen(9, finished=False), seen(9, finished=False)), 10.0, ended(9), Next.TAKE),
        ("one leg absent, still time", (seen(9), None), 10.0, ended(9), Next.WAIT),
        ("one leg absent, overdue", (seen(90), None), 10.0, ended(90), Next.TAKE),
        ("nothing, still time", (None, None), 10.0, ended(9), Next.WAIT),
        ("nothing, overdue", (None, None), 10.0, ended(90), Next.MISSING),
        ("nothing and nothing expected", (None, None), None, ended(90), Next.DISCARD),
        ("never answered: empty legs", (seen(1, seconds=0), seen(1, seconds=0)), None, ended(1), Next.DISCARD),
        ("sound of a talk that the record does not know", (seen(1), seen(1)), None, ended(1), Next.TAKE),
        ("ledger behind, quiet for long", (seen(400), seen(400)), None, None, Next.TAKE),
    ],
)
def test_talk(case, legs, talked, ended_at, expected):
    found = next_for_talk(
        legs, expected=talked is not None, call_ended_at=ended_at, goes_on=False, now=NOW, patience=PATIENCE
    )
    assert found is expected


def test_a_message_whose_caller_listens_and_a_talk_on_hold_are_left_alone_for_as_long_as_that_can_last():
    """Who listens twice to two minutes and a half may still record anew, into the same file."""
    call = {"call_ended_at": None, "goes_on": True, "now": NOW, "patience": PATIENCE}
    assert next_for_message(seen(3_000), kept=False, **call) is Next.WAIT
    assert next_for_message(seen(3_000), kept=True, **call) is Next.TAKE
    assert next_for_talk((seen(3_000), seen(3_000)), expected=True, **call) is Next.WAIT
    assert next_for_message(seen(3_601), kept=False, **call) is Next.TAKE
    assert next_for_talk((seen(3_601), seen(3_601)), expected=True, **call) is Next.TAKE
