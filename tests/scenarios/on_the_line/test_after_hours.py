"""The line is closed by a sudden closure: callers hear so, and may still leave a message or ask for a call back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ivr.kernel.clock import SystemClock
from tests.line import Line
from tests.scenarios.on_the_line.callers import Scenario, scenario

pytestmark = pytest.mark.line


@pytest.fixture(scope="module")
def play(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    now = SystemClock().now()
    closures = line.var / "closures.toml"
    closures.write_text(
        "[[closure]]\n"
        f"from = {(now - timedelta(hours=1)).isoformat()}\n"
        f"to = {(now + timedelta(hours=1)).isoformat()}\n"
        'reason = "برف سنگین"\n',
        encoding="utf-8",
    )
    try:
        with scenario(line, tmp_path_factory.mktemp("closed")) as play:
            leaves = play.caller("02177000001").pause(60).hang_up()
            calls_back = play.caller("09127700002").pause(3).press("2").pause(6).press("1").until_bye(90)
            for call in (leaves, calls_back):
                call.dial()
            play.hang_up_after(leaves, "decision", "open=0")
            play.finish(calls_back)
            yield play
    finally:
        closures.unlink()


def test_caller_hears_that_we_are_closed_and_leaves(play: Scenario) -> None:
    record = play.record("02177000001")
    assert record["disposition"] == "after_hours"
    assert record["visits"] == []


def test_caller_is_called_back_when_we_open(play: Scenario) -> None:
    record = play.record("09127700002")
    assert record["disposition"] == "callback_requested"
    assert record["case_code"]
