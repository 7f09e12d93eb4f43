"""How each cost grows: with the calls under way, with the seats on the board, with what lies in the database."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from ivr.kernel.clock import SystemClock
from routing.board import Board
from routing.seats import seat_names
from tests.bench.calls import Idle, measure_calls
from tests.bench.chart import Chart, curve
from tests.bench.history import Beside
from tests.bench.robots import information
from tests.bench.sides import Sides

_PICTURES = 400


def with_calls(sides: Sides, idle: Idle, rates: Sequence[float], seconds: float) -> tuple[Chart, dict[str, object]]:
    """Processor a call beside how many calls are up at once (rate × length, after the first ones)."""
    journey = information()
    rows: list[tuple[float, float, float, float]] = []
    for rate in rates:
        costs = measure_calls(sides, idle, journey, calls=round(rate * seconds), rate=rate, repeats=1)
        up = rate * min(journey.seconds, seconds)
        rows.append((up, costs.twin[0], costs.doors[0], costs.everything[0]))
    chart = Chart(
        "Processor time of a call, beside calls under way",
        "calls under way at once",
        "milliseconds a call",
        (
            curve("bare twin", [(row[0], row[1]) for row in rows]),
            curve("Asterisk and doors", [(row[0], row[2]) for row in rows]),
            curve("everything", [(row[0], row[3]) for row in rows]),
        ),
    )
    return chart, {"calls_under_way": rows}


def with_seats(sizes: Sequence[int]) -> tuple[Chart, dict[str, object]]:
    """One picture of the board: how long its JSON takes to make, and how long it is."""
    rows = [(size, *_picture(size)) for size in sizes]
    chart = Chart(
        "One picture of the board, beside seats",
        "seats",
        "microseconds a picture · kilobytes",
        (
            curve("µs to make", [(row[0], row[1]) for row in rows]),
            curve("kB long", [(row[0], row[2]) for row in rows]),
        ),
    )
    return chart, {"seats": rows}


def _picture(seats: int) -> tuple[float, float]:
    board, now, took = Board(places=seat_names(seats)), SystemClock().now(), []
    text = ""
    for n in range(_PICTURES):
        began = time.process_time_ns()
        text = json.dumps(board.to_json(now + timedelta(seconds=n)), ensure_ascii=False)
        took.append((time.process_time_ns() - began) / 1000)
    return median(took), len(text.encode()) / 1000


def with_history(beside: Sequence[Beside]) -> tuple[Chart, dict[str, object]]:
    """The follower and two questions of the pages, beside old calls in the database."""
    chart = Chart(
        "What new calls cost, beside calls in the database",
        "thousand calls in the database",
        "µs a row · ms a question",
        (
            curve("follower, µs a row", [(one.calls / 1000, one.follower) for one in beside]),
            curve("today's figures, ms", [(one.calls / 1000, one.today) for one in beside]),
            curve("newest page, ms", [(one.calls / 1000, one.newest) for one in beside]),
        ),
    )
    return chart, {"history": [(one.calls, one.follower, one.today, one.newest) for one in beside]}
