"""The first state of the floor page, before the island moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.web.floor_view import floor_view
from api.web.texts import texts

NOON = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def a_board(**changed: Any) -> dict[str, Any]:
    board: dict[str, Any] = {
        "as_of": (NOON - timedelta(seconds=3)).isoformat(),
        "age_seconds": 3.2,
        "stale": False,
        "queues": [
            {
                "name": "general",
                "open": True,
                "waiting": [
                    {"call_id": "l-1.1", "position": 1, "since": (NOON - timedelta(seconds=75)).isoformat()},
                    {"call_id": "l-1.2", "position": 2, "since": (NOON - timedelta(seconds=5)).isoformat()},
                ],
                "members_available": 2,
                "members_total": 16,
            }
        ],
        "seats": [
            {"seat": "seat01", "agent": "operator01", "state": "talking", "since": NOON.isoformat()},
            {"seat": "seat02", "agent": None, "state": "on_the_moon", "since": None},
        ],
        "today": {"received": 1284, "service_level": {"variant": "SL4", "threshold_seconds": 20, "value": None}},
    }
    return board | changed


def the_view(board: dict[str, Any]) -> dict[str, Any]:
    return floor_view(board, {"operator01": "سارا محمدی"}, NOON, texts("fa"))


def figures(board: dict[str, Any]) -> dict[str, str]:
    return {figure.name: figure.value for figure in the_view(board)["figures"]}


def test_a_telephone_that_hears_a_talk_does_not_count_as_one_that_serves() -> None:
    """No operator and no call of the line: a supervisor listens with it. Who signed out in a talk still serves its caller."""
    hears = {"seat": "seat16", "agent": None, "state": "talking", "since": NOON.isoformat(), "call_id": None}
    signed_out = {**hears, "seat": "seat15", "call_id": "l-1.9"}
    told = the_view(a_board(seats=[hears, signed_out]))
    assert (told["tally"]["talking"], told["tally"]["offline"]) == (1, 1)
    assert [seat["state"] for seat in told["seats"]] == ["offline", "talking"]
    assert told["seats"][0]["note"] == "با این تلفن گفت‌وگو می‌شود، نه با تماس‌گیرنده"
    assert [seat["talks"] for seat in told["seats"]] == [False, True], "only one of them can be listened to"


def test_the_longest_wait_is_that_of_whoever_waits_longest() -> None:
    assert figures(a_board())["longest_wait"] == "۱:۱۵"
    assert figures(a_board())["waiting_now"] == "۲"


def test_a_service_level_over_nothing_is_a_dash_and_names_its_variant() -> None:
    level = next(figure for figure in the_view(a_board())["figures"] if figure.name == "service_level")
    assert (level.value, level.note) == ("–", "SL4، تا ۲۰ ثانیه")


def test_figures_that_could_not_be_counted_are_dashes_and_not_zero() -> None:
    assert figures(a_board(today=None))["received"] == "–"


@pytest.mark.parametrize(("seconds", "shown"), [(247.4, "۴:۰۷"), (0, "۰:۰۰"), (None, "–")])
def test_a_queue_shows_what_a_new_caller_would_wait(seconds: float | None, shown: str) -> None:
    board = a_board()
    board["queues"][0]["estimate_seconds"] = seconds
    assert the_view(board)["queues"][0]["estimate"] == f"انتظار تازه‌وارد: {shown}"


def test_a_state_this_page_does_not_know_shows_as_unknown() -> None:
    seats = the_view(a_board())["seats"]
    assert [seat["state"] for seat in seats] == ["talking", "unknown"]
    assert seats[0]["agent"] == "سارا محمدی"


def test_a_stale_board_says_since_when() -> None:
    view = the_view(a_board(stale=True))
    assert view["stale"]
    assert "۱۱:۵۹:۵۷" in view["stale_since"]


def test_a_board_that_never_came_says_so() -> None:
    view = the_view(a_board(as_of=None, age_seconds=None, stale=True, queues=[], seats=[], today=None))
    assert (view["age"], view["stale_since"]) == ("–", "هنوز هیچ خبری از مرکز تلفن نرسیده است.")


@pytest.mark.parametrize(
    ("seat", "tone", "note"),
    [
        ({"state": "paused", "pause_reason": "meal", "since": 44}, "plain", "غذا"),
        ({"state": "paused", "pause_reason": "meal", "since": 46}, "act", "غذا، بیش از زمان مجاز"),
        ({"state": "paused", "pause_reason": "missed_calls", "since": 1}, "look", "تماس بی‌پاسخ"),
        ({"state": "paused", "pause_reason": "supervisor", "since": 600}, "plain", "به دستور سرپرست"),
        ({"state": "paused", "pause_reason": "by hand", "since": 600}, "plain", "by hand"),
        ({"state": "paused", "pause_reason": None, "since": 600}, "plain", ""),
        ({"state": "talking", "pause_reason": "prayer", "since": 60}, "plain", "سپس توقف: نماز"),
        ({"state": "wrap_up", "pause_reason": "wrap_up", "since": 1}, "plain", ""),
        ({"state": "offline", "phone": False, "since": 1}, "plain", "تلفن خاموش است"),
        ({"state": "offline", "agent": None, "since": 1}, "plain", "تلفن روشن است، کسی وارد نشده"),
        ({"state": "offline", "agent": None, "phone": False, "since": 1}, "plain", ""),
    ],
)
def test_a_seat_says_what_its_state_leaves_open(seat: dict[str, Any], tone: str, note: str) -> None:
    since = (NOON - timedelta(minutes=seat["since"])).isoformat()
    board = a_board(seats=[{"seat": "seat01", "agent": "operator01", "phone": True} | seat | {"since": since}])
    [shown] = the_view(board)["seats"]
    assert (shown["tone"], shown["note"]) == (tone, note)
    reason = seat.get("pause_reason")
    here = seat.get("agent", "operator01") is not None
    assert (shown["may_pause"], shown["may_resume"]) == (here and reason != "supervisor", reason is not None)
