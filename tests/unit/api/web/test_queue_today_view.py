"""A queue's day and an agent's occupancy, as the floor and the wall first show them."""

from __future__ import annotations

from typing import Any

from api.web.queue_today_view import occupancy_text, queues_today
from api.web.texts import texts
from api.web.wall_view import wall_view
from tests.unit.api.web.test_floor_view import NOON, a_board

SAY = texts("fa")


def with_today(**changed: Any) -> dict[str, Any]:
    queue: dict[str, Any] = {
        "queue": "general", "offered": 120, "answered": 100, "abandoned": 14, "short_abandoned": 4,
        "service_level": {"variant": "SL4", "threshold_seconds": 20, "part": 78, "whole": 100, "value": 0.78},
        "abandonment_rate": {"value": 0.12}, "abandonment_without_short": {"value": 0.0862}, "longest_wait_seconds": 187.4,
    }  # fmt: skip
    today = {
        "entered": 120, "answered": 100, "service_level": queue["service_level"], "occupancy": {"value": 0.725},
        "occupancy_of_agents": {"operator01": 0.725, "operator02": None}, "queues": [queue | changed],
    }  # fmt: skip
    return a_board(today=today)


def test_a_queue_tells_its_level_with_variant_and_threshold_and_whom_it_lost() -> None:
    cells = {cell.name: (cell.value, cell.note) for cell in queues_today(with_today(), 0.8, SAY)["general"]}
    assert cells == {
        "level": ("۷۸٫۰٪", "SL4، تا ۲۰ ثانیه"),
        "answered": ("۱۰۰ از ۱۲۰", ""),
        "abandoned": ("۱۴", "بی‌کوتاه ۸٫۶٪"),
        "longest": ("۳:۰۷", ""),
    }


def test_a_level_below_the_goal_is_marked() -> None:
    def low(board: dict[str, Any]) -> bool:
        return queues_today(board, 0.8, SAY)["general"][0].low

    assert low(with_today())
    assert not low(with_today(service_level={"variant": "SL4", "threshold_seconds": 20, "value": 0.8}))
    assert not low(with_today(service_level={"variant": "SL4", "threshold_seconds": 20, "value": None}))


def test_what_could_not_be_counted_is_a_dash() -> None:
    cells = queues_today(a_board(today=None), 0.8, SAY)["general"]
    assert [cell.value for cell in cells] == ["–", "– از –", "–", "–"]


def test_who_has_not_been_ready_yet_has_no_occupancy() -> None:
    assert occupancy_text(with_today(), "operator01", SAY) == "اشتغال ۷۲٫۵٪"
    assert [occupancy_text(with_today(), agent, SAY) for agent in ("operator02", "operator09", None)] == ["", "", ""]


def test_the_wall_tells_each_queue_and_no_caller() -> None:
    board = with_today()
    board["queues"][0]["waiting"][0]["caller_masked"] = "…4567"
    view = wall_view(board, NOON, SAY)
    [queue] = view["queues"]
    assert (queue["waiting_text"], queue["longest"], queue["ready"], queue["level"], queue["low"], queue["abandoned"]) == (
        "۲", "۱:۱۵", "۲ / ۱۶", "۷۸٫۰٪", True, "۱۴",
    )  # fmt: skip
    assert "4567" not in str(queue)
    assert [name for name, _ in view["today"]] == ["forecast", "level", "here"]
    assert view["clock"] == "۱۲:۰۰"


def test_a_quiet_queue_has_no_longest_wait() -> None:
    [queue] = wall_view(a_board(queues=[with_today()["queues"][0] | {"waiting": []}]), NOON, SAY)["queues"]
    assert (queue["waiting"], queue["longest"]) == (0, "–")


def test_the_walls_legend_counts_every_seat_once() -> None:
    legend = wall_view(a_board(), NOON, SAY)["legend"]
    assert [(name, count) for name, _, _, count in legend if count] == [("talking", 1), ("unknown", 1)]


def test_a_closed_queue_says_so_where_free_seats_would_stand() -> None:
    board = with_today()
    board["queues"][0]["open"] = False
    assert wall_view(board, NOON, SAY)["queues"][0]["ready"] == "بسته"
