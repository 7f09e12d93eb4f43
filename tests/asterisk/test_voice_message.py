"""A caller leaves a voice message: kept by key, kept by hanging up in the middle, offered when nobody is on duty."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from asterisk_conf.robots.caller import Caller
from tests.asterisk.exchange import Exchange


@dataclass(frozen=True)
class Callers:
    """One for each test."""

    keeps: Caller
    hangs_up: Caller
    finds_nobody: Caller


@pytest.fixture(scope="module")
def callers(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """All on the line at the same time: a spoken code takes its while."""
    folder = tmp_path_factory.mktemp("callers")
    made = Callers(*(Caller(folder, exchange.target, user=f"0913000000{n}") for n in range(3)))
    made.keeps.tone(500.0).pause(2).press("21").pause(7)
    # once more: on a busy machine the first may come before the beep, and in the menu after it it is a wrong key
    made.keeps.press("##", between_seconds=2.5).press("1").until_bye(40)
    made.hangs_up.tone(500.0).pause(2).press("21").pause(9).hang_up()
    made.finds_nobody.pause(2).press("0").pause(4).press("11", between_seconds=1.2).pause(8).hang_up()
    everyone = (made.keeps, made.hangs_up, made.finds_nobody)
    for caller in everyone:
        caller.dial()
    yield made
    for caller in everyone:
        caller.stop()
    exchange.clear()


def test_nobody_on_duty_is_told_and_offered_a_message(exchange: Exchange, callers: Callers) -> None:
    caller = callers.finds_nobody
    status = exchange.await_row(caller.user, "queue").fields
    assert status == {"queue": "general", "status": "JOINEMPTY"}
    decisions = exchange.await_row(caller.user, "decision", goto="voice_message")
    assert decisions.fields["kind"] == "complaint"


def test_a_kept_message_lies_under_its_name_with_a_sidecar(exchange: Exchange, callers: Callers) -> None:
    caller = callers.keeps
    kept = exchange.await_row(caller.user, "message", state="kept")
    recorded = exchange.await_row(caller.user, "message", state="recorded")
    assert recorded.fields["status"] == "DTMF"
    assert recorded.fields["kind"] == "complaint"
    assert kept.fields["message"] == recorded.fields["message"]
    messages = exchange.var / "spool" / "messages"
    with wave.open(str(messages / f"{kept.fields['message']}.wav")) as sound:
        assert 0.5 < sound.getnframes() / sound.getframerate() < 15.0
    sidecar = json.loads((messages / f"{kept.fields['message']}.json").read_text(encoding="utf-8"))
    assert sidecar["caller"].endswith(caller.user[1:])
    assert sidecar["code"] == recorded.fields["code"]
    assert (exchange.var / "spool" / "codes" / sidecar["code"]).exists()
    assert caller.wait() == 0
    assert caller.ended_by_line


def test_hanging_up_in_mid_message_keeps_what_was_said(exchange: Exchange, callers: Callers) -> None:
    caller = callers.hangs_up
    assert caller.wait() == 0
    recorded = exchange.await_row(caller.user, "message", state="recorded")
    assert recorded.fields["status"] == "HANGUP"
    part = exchange.var / "spool" / "messages" / f"{recorded.fields['message']}.part.wav"
    assert part.stat().st_size > 16_000
    assert exchange.await_row(caller.user, "final").fields["phase"] == "message"
