"""How a tracking code is told to a caller: announced, digit by digit, and once more."""

from __future__ import annotations

from ivr.dialogue.verbs import Say
from ivr.kernel.tracking_code import TrackingCode
from ivr.prompts import speech


def code_twice(code: TrackingCode) -> tuple[Say, ...]:
    """The code, then "once more", then the code. Keys are ignored meanwhile: it must be heard to be written down."""
    spoken = speech.tracking_code(code)
    return (
        Say(("your_code", "pause", *spoken)),
        Say(("pause", "once_more", "pause", *spoken)),
    )
