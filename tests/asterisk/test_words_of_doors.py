"""What a door leaves behind in `LINE_GOTO`, as the dialplan reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.asterisk.exchange import Exchange, Row


@pytest.fixture
def said(exchange: Exchange, request: pytest.FixtureRequest) -> Iterator[str]:
    """A word in `LINE_GOTO`, as a global: a channel that no door has touched reads that."""
    exchange.remote(f'dialplan set global LINE_GOTO "{request.param}"')
    yield request.param
    exchange.remote('dialplan set global LINE_GOTO ""')
    exchange.clear()


@pytest.mark.parametrize("said", ["", "queue2", "Queue", "queue,s,1", "to-queue"], indirect=True)
def test_a_word_that_nobody_knows_is_an_alarm_and_the_fallback_and_never_a_hangup(
    exchange: Exchange, said: str
) -> None:
    known = {row.call for row in exchange.rows()}

    def new() -> list[Row]:
        return [row for row in exchange.rows() if row.call not in known]

    exchange.remote("channel originate Local/s@line-route application Wait 60")
    exchange.until(lambda: any(row.name == "talk" for row in new()), f"{said!r} led nowhere")
    told = [row for row in new() if row.name in {"alarm", "talk"}]
    assert [row.name for row in told] == ["alarm", "talk"]
    assert told[0].fields["what"] == "unknown_goto"
    assert told[1].fields["queue"] == "general"
