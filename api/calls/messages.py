"""The voice message of a call: its milestones, the hangup in its middle, and what the archive found out later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from api.calls.ending import Ending
from api.calls.ordering import Story, number
from api.calls.record import VoiceMessage
from ivr.kernel.milestones import Milestone

RECORDING_ARCHIVED = "recording_archived"
"""Fact of source `line`: `recording`, `kind` (`talk`, `message`), `state`, `seconds`."""
CASE_OPENED = "case_opened"
"""Fact of source `line`: `code`, `recording`."""

_SHORTEST = 1.0
"""Seconds; a hangup sooner than this after the beep left nothing. The archive's verdict replaces this guess."""
_WORTH = {"kept": 3, "recorded": 2, "missing": 2, "started": 1, "empty": 0}
_GONE_ON = {"started": "started", "recorded": "recorded", "kept": "kept", "redone": "started"}


def message_of(story: Story, ending: Ending) -> VoiceMessage | None:
    """The message that counts: the best one, the latest among equals."""
    found: dict[str, VoiceMessage] = {}
    begun: dict[str, datetime] = {}
    for event in story.caller_leg:
        name = event.fields.get("message", "")
        state = _GONE_ON.get(event.fields.get("state", ""))
        if event.name != Milestone.MESSAGE or not name or state is None:
            continue
        before = found.pop(name, None)  # put back last: the latest stands at the end
        if state == "started":
            begun[name] = event.at
        found[name] = VoiceMessage(
            message=name,
            kind=event.fields.get("kind") or (before.kind if before else "unknown"),
            state=state,
            seconds=number(event.fields.get("seconds")) or (before.seconds if before and state == "kept" else None),
            code=event.fields.get("code") or (before.code if before else None),
        )
    if ending.at is not None:
        for name, message in found.items():
            if message.state == "started":
                found[name] = _cut_off(message, (ending.at - begun[name]).total_seconds())
    for fact in story.facts:
        if fact.name == RECORDING_ARCHIVED and fact.fields.get("kind") == "message":
            name = fact.fields.get("recording", "")
            message = found.get(name) or VoiceMessage(name, "unknown", "recorded", None, None)
            state = fact.fields.get("state", "")
            found[name] = replace(
                message,
                state=state if state in ("empty", "missing") else _sounding(message.state),
                seconds=number(fact.fields.get("seconds")) if fact.fields.get("seconds") else message.seconds,
            )
    best: VoiceMessage | None = None
    for message in found.values():
        if best is None or _WORTH[message.state] >= _WORTH[best.state]:
            best = message
    return best


def sounds_of(story: Story) -> dict[str, float]:
    """RecordingId → seconds of sound of each talk, as far as the archive has told."""
    talks = (f.fields for f in story.facts if f.name == RECORDING_ARCHIVED and f.fields.get("kind") == "talk")
    told = {fields.get("recording", ""): number(fields.get("seconds")) for fields in talks}
    return {recording: seconds for recording, seconds in told.items() if seconds is not None}


def is_recording(story: Story) -> bool:
    """Whether the last word about a message is its beep: the caller was speaking when the call ended."""
    states = [event.fields.get("state") for event in story.caller_leg if event.name == Milestone.MESSAGE]
    return bool(states) and states[-1] == "started"


def _cut_off(message: VoiceMessage, elapsed: float) -> VoiceMessage:
    return replace(message, state="recorded" if elapsed >= _SHORTEST else "empty", seconds=None)


def _sounding(state: str) -> str:
    return state if state in ("kept", "recorded") else "recorded"


def case_of(story: Story) -> str | None:
    """The code of the case that came of this call, once it is open."""
    codes = [fact.fields.get("code", "") for fact in story.facts if fact.name == CASE_OPENED]
    return next((code for code in reversed(codes) if code), None)
