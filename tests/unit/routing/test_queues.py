"""The settings of the queues, read alike by whoever configures Asterisk and by whoever keeps the board."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.settings import ApiSettings
from asterisk_conf.settings import ExchangeSettings
from routing.queues import QUEUES, QueueSettings

PENSIONS = QUEUES[2]


@pytest.mark.parametrize("reader", [ApiSettings, ExchangeSettings])
def test_a_queue_that_is_not_named_keeps_its_defaults(
    monkeypatch: pytest.MonkeyPatch, reader: type[ApiSettings | ExchangeSettings]
) -> None:
    monkeypatch.setenv("LINE1420_QUEUES", '{"pensions": {"wrapup_seconds": 20}}')
    queues = reader().queues
    assert tuple(queues) == QUEUES
    assert queues[PENSIONS] == QueueSettings(wrapup_seconds=20)
    assert queues[QUEUES[0]] == QueueSettings()


@pytest.mark.parametrize("value", ["[]", '{"pensions": {"wrapup": 20}}', '{"pensions": {"wrapup_seconds": -1}}'])
def test_what_no_queue_can_be_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LINE1420_QUEUES", value)
    with pytest.raises(ValidationError, match="queues"):
        ExchangeSettings()
