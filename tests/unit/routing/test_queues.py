"""The settings of the queues, read alike by whoever configures Asterisk and by whoever keeps the board."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_settings import SettingsError

from api.settings import ApiSettings
from asterisk_conf.render import render
from asterisk_conf.settings import ExchangeSettings
from routing.queues import QUEUES, QueueSettings, exchange_name
from routing.seats import ROLL_CALL
from tests.effort import explore, tried

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


@pytest.mark.parametrize(
    "value",
    [
        '{"x]\\n[evil": {}}',
        '{"general\\nmember => PJSIP/x": {}}',
        '{"": {}}',
        '{"General": {}}',
        '{"صف": {}}',
        '{"a,b": {}}',
        '{"general": {"ring_seconds": 99999999999999999999}}',
        '{"general": {"wait_limit_seconds": 1e400}}',
        '{"general": null}',
        '{"general": {"must_record": "perhaps"}}',
    ],
)
def test_a_name_or_number_that_asterisk_would_misread_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Names and numbers are written into queues.conf: a line break would have been a setting, a section, a member."""
    monkeypatch.setenv("LINE1420_QUEUES", value)
    with pytest.raises((ValidationError, SettingsError)):
        ExchangeSettings()


@tried(quick=150, thorough=10_000)
def test_whatever_is_set_the_exchange_gets_one_section_a_queue(tmp_path: Path, examples: int) -> None:
    values = st.one_of(st.integers(-1, 100_000), st.booleans(), st.none(), st.text(max_size=5), st.floats())
    names = st.one_of(st.sampled_from(QUEUES), st.text(max_size=8), st.from_regex(r"\A[a-z][a-z0-9_]{0,9}\Z"))
    fields = st.sampled_from([*QueueSettings.model_fields, "strategy"])

    @given(st.dictionaries(names, st.one_of(st.dictionaries(fields, values, max_size=2), values), max_size=3))
    def holds(queues: dict[str, object]) -> None:
        try:
            settings = ExchangeSettings.model_validate({"var": tmp_path, "queues": queues, "agi_token": "t"})
        except ValidationError:
            return
        render(settings)
        written = (tmp_path / "asterisk" / "etc" / "queues.conf").read_text("utf-8")
        sections = re.findall(r"^\[(.*)\]$", written, re.MULTILINE)
        assert sections == ["general", *map(exchange_name, settings.queues), ROLL_CALL]
        assert re.findall("^maxlen = (.*)$", written, re.M) == ["0"] * len(settings.queues), "the dialplan counts"
        assert all(
            0 <= int(number) <= 86_400 for number in re.findall(r"^(?:timeout|wrapuptime) = (.*)$", written, re.M)
        )

    explore(examples, holds)
