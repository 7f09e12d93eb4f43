"""Ids that cannot be mixed up: each kind is its own `str` type and checks its form when made.

Asterisk's `systemname` is part of every unique id, so a `CallId` (the linked id of a call) names its node by itself.
"""

from __future__ import annotations

import re
from typing import Self

from ivr.kernel.errors import Invalid

_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class _Id(str):
    """A string of letters, digits, dot, dash and underscore, at most 100 characters: safe in paths and in URLs."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _FORM.fullmatch(value):
            raise Invalid(f"{cls.__name__} may hold letters, digits, '.', '-' and '_' only, not {value[:40]!r}")
        return super().__new__(cls, value)


class CallId(_Id):
    """One call from arrival to the end of its last leg: Asterisk's linked id, system name included."""


class LegId(_Id):
    """One leg (channel) of a call: Asterisk's unique id."""


class RecordingId(_Id):
    """One piece of sound: a talk (`<call id>-<n>`) or a voice message (its `MessageId`)."""


class MessageId(_Id):
    """One voice message, from the moment before the beep."""


class SeatName(_Id):
    """One of the places, `seat01` … `seat99` at most; also the name of its SIP endpoint."""


class QueueName(_Id):
    """A queue of callers: `general`, `insurance`, `pensions`, `treatment`."""
