"""What a door server writes into its log when something unforeseen happens."""

from __future__ import annotations

import json

import structlog

from agi_scripts.__main__ import tracebacks_without_values


def test_a_traceback_tells_the_place_and_no_values() -> None:
    def fails(caller: str) -> None:
        raise RuntimeError(f"no door for {len(caller)} digits")

    try:
        fails("09123456789")
    except RuntimeError as error:
        told = tracebacks_without_values(
            structlog.get_logger(),
            "error",
            {"event": "door_failed", "exc_info": (type(error), error, error.__traceback__)},
        )
    text = json.dumps(told)
    assert "fails" in text
    assert "no door for 11 digits" in text
    assert "09123456789" not in text
