"""A caller leaves a voice message: kept by key, kept by hanging up in the middle."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable

from asterisk_conf.robots.caller import Caller
from tests.asterisk.exchange import Exchange


def test_a_kept_message_lies_under_its_name_with_a_sidecar(
    exchange: Exchange, new_caller: Callable[..., Caller]
) -> None:
    caller = new_caller().tone(500.0).pause(0.6).press("2", between_seconds=0.8).press("1").pause(5.0)
    caller.press("#", between_seconds=2.5).press("1").until_bye(15).dial()
    kept = exchange.await_row(caller.user, "message", 25, state="kept")
    recorded = exchange.await_row(caller.user, "message", 1, state="recorded")
    assert recorded.fields["status"] == "DTMF"
    assert recorded.fields["kind"] == "complaint"
    assert kept.fields["message"] == recorded.fields["message"]
    messages = exchange.var / "spool" / "messages"
    with wave.open(str(messages / f"{kept.fields['message']}.wav")) as sound:
        assert 1.0 < sound.getnframes() / sound.getframerate() < 6.0
    sidecar = json.loads((messages / f"{kept.fields['message']}.json").read_text(encoding="utf-8"))
    assert sidecar["caller"].endswith(caller.user[1:])
    assert sidecar["code"] == recorded.fields["code"]
    assert (exchange.var / "spool" / "codes" / sidecar["code"]).exists()
    assert caller.wait(20) == 0
    assert caller.ended_by_line


def test_hanging_up_in_mid_message_keeps_what_was_said(exchange: Exchange, new_caller: Callable[..., Caller]) -> None:
    caller = new_caller().tone(500.0).pause(0.6).press("2", between_seconds=0.8).press("1").pause(4.5).hang_up().dial()
    assert caller.wait(20) == 0
    recorded = exchange.await_row(caller.user, "message", 5, state="recorded")
    assert recorded.fields["status"] == "HANGUP"
    part = exchange.var / "spool" / "messages" / f"{recorded.fields['message']}.part.wav"
    assert part.stat().st_size > 16_000
    assert exchange.await_row(caller.user, "final", 2).fields["phase"] == "message"


def test_nobody_on_duty_is_told_and_offered_a_message(exchange: Exchange, new_caller: Callable[..., Caller]) -> None:
    caller = new_caller().pause(0.6).press("0").pause(1.5).press("11", between_seconds=1.2).pause(1.5).hang_up().dial()
    status = exchange.await_row(caller.user, "queue", 8).fields
    assert status == {"queue": "general", "status": "JOINEMPTY"}
    decisions = exchange.await_row(caller.user, "decision", 12, goto="voice_message")
    assert decisions.fields["kind"] == "complaint"
