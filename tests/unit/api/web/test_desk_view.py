"""An agent's own page: which of two sources counts, what runs out, and what may be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.duty.schemas import DutyNow, PauseNow, SkillNow, WrapUpNow
from api.floor.schemas import BoardNow, QueueNow, SeatNow
from api.web.desk_view import AtSeat, at_seat, mark_of, places
from api.web.texts import texts

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
AGO = NOON - timedelta(minutes=3)


def a_duty(*causes: tuple[str, float], wrap_up: float | None = None, **changed: Any) -> DutyNow:
    """Causes with the minutes they have lasted; `wrap_up`: seconds since its beginning."""
    pauses = [PauseNow(cause=cause, since=NOON - timedelta(minutes=m), overdue_seconds=None) for cause, m in causes]
    wrap = None
    if wrap_up is not None:
        wrap = WrapUpNow(queue="general", since=NOON - timedelta(seconds=wrap_up), limit_seconds=60)
    values = {"agent": "operator03", "seat": "seat03", "since": NOON - timedelta(hours=2), "phone": True, "missed": 0,
              "pauses": pauses, "wrap_up": wrap, "skills": []}  # fmt: skip
    return DutyNow(**{**values, **changed})


def a_board(state: str = "available", *, stale: bool = False, **changed: Any) -> BoardNow:
    seat = {"seat": "seat03", "agent": "operator03", "state": state, "since": AGO, "phone": True}
    others = [SeatNow(seat=name, agent=None, state="offline", since=AGO, phone=name == "seat01") for name in ("seat01", "seat02")]  # fmt: skip
    queues = [QueueNow(name=name, open=name != "pensions", waiting=[]) for name in ("general", "insurance", "pensions")]
    return BoardNow(
        as_of=NOON, age_seconds=0, stale=stale, link="live", epoch="e", version=1, queues=queues,
        seats=[*others, SeatNow(**{**seat, **changed})], today=None,
    )  # fmt: skip


def the_view(duty: DutyNow, board: BoardNow, language: str = "fa") -> AtSeat:
    return at_seat(duty, board, NOON, texts(language), phone_limit=timedelta(minutes=2))


@pytest.mark.parametrize("state", ["ringing", "talking", "holding"])
def test_a_call_counts_more_than_a_pause_and_says_what_comes_after_it(state: str) -> None:
    board = a_board(state, queue="insurance", pause_reason="meal")
    view = the_view(a_duty(("meal", 1)), board)
    assert (view.state, view.since, view.settled) == (state, AGO, True)
    assert any("بیمه" in sentence for sentence in view.sentences)
    assert any("پس از این تماس" in sentence and "غذا" in sentence for sentence in view.sentences)
    assert (view.may_ready, view.may_pause, view.in_call) == (True, False, True)


def test_a_free_agent_may_pause_and_nothing_else() -> None:
    view = the_view(a_duty(), a_board())
    assert (view.state, view.word, view.tone, view.since) == ("available", "آزاد", "plain", AGO)
    assert (view.may_pause, view.may_ready, view.may_finish, view.runs_out) == (True, False, False, None)


def test_work_after_a_talk_ends_at_its_limit_or_when_the_agent_says_so() -> None:
    view = the_view(a_duty(wrap_up=20), a_board("wrap_up", pause_reason="wrap_up"))
    assert (view.state, view.runs_out) == ("wrap_up", NOON + timedelta(seconds=40))
    assert (view.may_finish, view.may_pause, view.settled) == (True, True, True)


def test_the_newest_cause_is_the_state_and_the_others_are_named() -> None:
    view = the_view(a_duty(("break", 9), ("supervisor", 2)), a_board("paused", pause_reason="supervisor"))
    assert (view.word, view.since) == ("توقف: به دستور سرپرست", NOON - timedelta(minutes=2))
    assert any("تنها سرپرست" in sentence for sentence in view.sentences)
    assert "همچنین: استراحت." in view.sentences
    assert view.may_ready, "the agent's own pause may still be ended"


def test_what_a_supervisor_began_has_no_button() -> None:
    view = the_view(a_duty(("supervisor", 2)), a_board("paused", pause_reason="supervisor"))
    assert (view.may_ready, view.may_pause, view.may_finish) == (False, False, False)


@pytest.mark.parametrize(("minutes", "overdue", "tone"), [(14.9, False, "plain"), (15.1, True, "act")])
def test_a_break_is_overdue_after_a_quarter_of_an_hour(minutes: float, overdue: bool, tone: str) -> None:
    view = the_view(a_duty(("break", minutes)), a_board("paused", pause_reason="break"))
    assert (view.overdue, view.tone, view.allowed_seconds) == (overdue, tone, 900)
    assert view.runs_out == NOON + timedelta(minutes=15 - minutes)


def test_missed_calls_say_what_happened_and_what_ready_does() -> None:
    view = the_view(a_duty(("missed_calls", 1), missed=2), a_board("paused", pause_reason="missed_calls"))
    assert (view.tone, view.may_ready, view.runs_out) == ("look", True, None)
    assert any("۲ تماس پشت سر هم" in sentence and "«آماده‌ام»" in sentence for sentence in view.sentences)


def test_a_telephone_that_is_away_is_said_with_what_to_do_and_what_will_happen() -> None:
    view = the_view(a_duty(), a_board("offline", phone=False))
    assert (view.state, view.tone, view.since) == ("offline", "act", AGO)
    assert any("۲ دقیقه" in sentence and "به سرپرست بگویید" in sentence for sentence in view.sentences)
    paused = the_view(a_duty(("meal", 1)), a_board("offline", phone=False, pause_reason="meal"))
    assert paused.state == "paused"
    assert any("وصل نیست" in sentence for sentence in paused.sentences)


def test_a_stale_board_leaves_what_our_own_rows_tell() -> None:
    assert the_view(a_duty(("meal", 1)), a_board("talking", stale=True)).state == "paused"
    view = the_view(a_duty(), a_board("talking", stale=True))
    assert (view.state, view.since, view.settled) == ("unknown", None, True)


@pytest.mark.parametrize(
    ("duty", "seat"),
    [
        (a_duty(("meal", 1)), {"state": "available"}),
        (a_duty(), {"state": "paused", "pause_reason": "meal"}),
        (a_duty(), {"state": "offline", "agent": None}),
    ],
    ids=["pause untold", "resume untold", "signing in untold"],
)
def test_what_the_exchange_does_not_hold_yet_is_unsettled(duty: DutyNow, seat: dict[str, Any]) -> None:
    assert not the_view(duty, a_board(**seat)).settled


def test_an_agent_serves_the_queues_of_their_skills_or_all() -> None:
    assert [queue.name for queue in the_view(a_duty(), a_board()).served] == ["general", "insurance", "pensions"]
    skilled = the_view(a_duty(skills=[SkillNow(queue="pensions", level=2)]), a_board())
    assert [(queue.name, queue.open, queue.level) for queue in skilled.served] == [("pensions", False, "کمکی")]


def test_the_mark_changes_with_what_is_shown_and_not_with_time() -> None:
    duty, board = a_duty(("break", 3)), a_board("paused", pause_reason="break")
    later = at_seat(duty, board, NOON + timedelta(minutes=5), texts("fa"), phone_limit=timedelta(minutes=2))
    overdue = at_seat(duty, board, NOON + timedelta(minutes=13), texts("fa"), phone_limit=timedelta(minutes=2))
    assert the_view(duty, board).mark == later.mark
    assert later.mark != overdue.mark


def test_seats_to_choose_tell_who_sits_there_and_whether_the_telephone_is_on() -> None:
    board = a_board()
    told = places(board, [a_duty()], {"operator03": "سارا محمدی"})
    assert [(place.seat, place.taken_by, place.phone) for place in told] == [
        ("seat01", "", "on"), ("seat02", "", "off"), ("seat03", "سارا محمدی", "on"),
    ]  # fmt: skip
    blind = places(a_board(stale=True), [], {})
    assert {place.phone for place in blind} == {"unknown"}
    assert mark_of(told, stale=False) != mark_of(blind, stale=True)
