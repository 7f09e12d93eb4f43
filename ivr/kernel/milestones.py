"""The milestones of a call, as Asterisk writes them into CEL for the dialplan and for the doors.

Each is one `CELGenUserEvent(<name>,<fields>)`. Fields are `key=value` joined by `&`, percent-encoded, so that a comma,
a quote or a line break can neither end the dialplan argument nor the ledger row. Caller-supplied text never goes in:
the number and name of a caller stand in CEL's own columns. Keyed digits of codes never go in; a menu key may.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import quote, unquote


class Milestone(StrEnum):
    """Name of the CEL user event; the fields are listed with each."""

    OFFERED = "offered"
    """The call reached us, before Answer. `number` dialled."""
    STEP = "step"
    """A menu node was entered. `node`, `language`."""
    CHOICE = "choice"
    """The caller chose, or did not. `node`, `key` (a key, `none` or `wrong`)."""
    DECISION = "decision"
    """Where a door sends the call. `door`, `goto` (a `Goto` value), `queue`, `kind`, `open` (0/1)."""
    ROUTING = "routing"
    """What was found out about a caller who is about to wait. `queue`, `priority` (0–10), and why: `group` (code), `repeat`
    (calls not served lately), `province` (slug); each may be empty."""
    DELIVERED = "delivered"
    """The caller heard what they asked for: self-service. `what` (`information` node or `case_status`), `result`."""
    ESTIMATE = "estimate"
    """The caller is told how long the wait will be. `queue`, `told` (seconds of the step that is spoken), `seconds` (what was
    reckoned), `basis` (from what: `recent`, `today`, `past`, `setting`)."""
    QUEUE = "queue"
    """`Queue()` came back in the dialplan. `queue`, `status` (QUEUESTATUS, may be empty; `MOVED` with `to` when a supervisor
    moved the caller to another queue, `CLOSED` when the queue was closed under those who waited)."""
    TALK = "talk"
    """A visit begins; should an operator answer, the talk is recorded so. `recording` (RecordingId), `queue`, `unrecorded`
    (empty, or why it will not be: `disk`), `joined` (second since 1970 at which the caller began to wait: whoever is moved, or
    comes back, waits on)."""
    SCORE = "score"
    """The survey. `offered=1` when asked, then `value` 1–5 when keyed; written before the thanks."""
    MESSAGE = "message"
    """A voice message. `message` (MessageId), `kind`, `code`, `state`: `started` | `recorded` | `kept` | `redone`,
    `seconds`, `status` (RECORD_STATUS)."""
    CALLBACK = "callback"
    """A call back was asked for. `code`, `queue`, `when` (`keep_place` or `when_open`), `number=caller|keyed`; of a
    place that is kept `joined` (second since 1970, or empty) and `rank` (0–10)."""
    LISTENING = "listening"
    """Written on a supervisor's telephone that hears a talk, and counted as an event of the talk's call. `call` (its linked id),
    `seat` (the operator's), `by` (who hears), `mode`: `listen` | `whisper` | `barge`, `state`: `began` | `ended`."""
    ANNOUNCED = "announced"
    """An emergency announcement begins to be played to the caller. `announcement` (its id), `queue` (empty: the whole line)."""
    CALLBACK_PLACED = "callback_placed"
    """An attempt to call back stands in a queue. `code`, `attempt`, `queue`. This and the next are in no caller's call: an
    attempt is a call of its own, and its id tells the code (`routing/callbacks/request`)."""
    CALLBACK_TAKEN = "callback_taken"
    """An operator answered it; the channel is the seat's. `code`, `attempt`."""
    CALLBACK_DIALLED = "callback_dialled"
    """The caller's telephone is rung from here on. `code`, `attempt`; never the number."""
    CALLBACK_REACHED = "callback_reached"
    """The caller answered. `code`, `attempt`."""
    CALLBACK_OVER = "callback_over"
    """The queue or the dial ended. `code`, `attempt`, `status` (QUEUESTATUS, DIALSTATUS or `REFUSED`)."""
    FALLBACK = "fallback"
    """The dialplan went on without the doors. `door`, `reason`."""
    ALARM = "alarm"
    """Something a person must look at, e.g. a missing prompt. `what`, `which`."""
    FINAL = "final"
    """Written by the hangup handler. `cause` (Q.850), `done`, `phase` (where the call was)."""


class Goto(StrEnum):
    """Where a door may send a call; the dialplan has a label for each (`LINE_GOTO`)."""

    QUEUE = "queue"
    VOICE_MESSAGE = "voice_message"
    CASE_STATUS = "case_status"
    CALLBACK = "callback"
    RECORD = "record"
    """voice_message door → record the message now."""
    REVIEW = "review"
    """sound is recorded → voice_message door asks: keep, listen or redo."""
    RECEPTION = "reception"
    """back to the main menu"""
    GOODBYE = "goodbye"


def encode(fields: Mapping[str, str | int]) -> str:
    """`{"node": "main", "key": "1"}` → `node=main&key=1`, safe inside dialplan arguments."""
    return "&".join(f"{quote(key, safe='')}={quote(str(value), safe='')}" for key, value in fields.items())


def decode(text: str) -> dict[str, str]:
    """The inverse of `encode`; parts without `=` are dropped, the first of a doubled key wins."""
    fields: dict[str, str] = {}
    for part in text.split("&"):
        key, sign, value = part.partition("=")
        if sign:
            fields.setdefault(unquote(key), unquote(value))
    return fields
