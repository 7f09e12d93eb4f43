"""Ids ↔ names in the spool ↔ keys in the archive, in one place. A name that fits no pattern is refused, so no
path can lead outside: ids hold no slash and begin with a letter or digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import CallId, MessageId, RecordingId

_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}?"
_TALK_FILE = re.compile(rf"(?P<id>{_ID}-\d{{1,4}})\.(?P<leg>rx|tx)\.wav")
_MESSAGE_FILE = re.compile(
    r"(?P<id>m-[0-9a-f]{32}|fallback-[A-Za-z0-9][A-Za-z0-9._-]{0,85}?)(?P<part>\.part)?\.(?P<what>wav|json)"
)
_ARCHIVE_KEY = re.compile(rf"\d{{4}}/\d{{2}}/\d{{2}}/(?P<id>{_ID})\.wav")
_FALLBACK = "fallback-"


@dataclass(frozen=True, slots=True)
class MessageFile:
    """What a name in `spool/messages` says: whose file it is, and whether the caller confirmed it."""

    message: MessageId
    part: bool
    sidecar: bool


def call_of_talk(recording_id: RecordingId) -> CallId:
    """The call a talk belongs to: everything before the last dash."""
    call, dash, n = recording_id.rpartition("-")
    if not dash or not n.isdigit():
        raise Invalid(f"{recording_id!r} is not the id of a talk; expected <call id>-<n>")
    return CallId(call)


def leg_names(recording_id: RecordingId) -> tuple[str, str]:
    """File names of the caller's and of the operator's leg in `spool/calls`."""
    return f"{recording_id}.rx.wav", f"{recording_id}.tx.wav"


def talk_of_file(name: str) -> tuple[RecordingId, str] | None:
    """`(id, "rx" | "tx")` for a name in `spool/calls`, or None for a name that is not ours."""
    match = _TALK_FILE.fullmatch(name)
    return (RecordingId(match["id"]), match["leg"]) if match else None


def message_of_file(name: str) -> MessageFile | None:
    """What a name in `spool/messages` means, or None for a name that is not ours."""
    match = _MESSAGE_FILE.fullmatch(name)
    if not match or (match["what"] == "json" and match["part"]):
        return None
    return MessageFile(MessageId(match["id"]), part=bool(match["part"]), sidecar=match["what"] == "json")


def call_of_fallback(message: MessageId) -> CallId | None:
    """A message taken by the dialplan alone carries its call in its name; others do not (their sidecar does)."""
    return CallId(message.removeprefix(_FALLBACK)) if message.startswith(_FALLBACK) else None


def archive_key(recording_id: RecordingId, began_at: datetime) -> str:
    """`YYYY/MM/DD/<id>.wav` by the UTC day on which the sound began, so that a second run finds the same key."""
    return f"{began_at.astimezone(UTC):%Y/%m/%d}/{recording_id}.wav"


def checked_key(key: str) -> str:
    """Refuse any archive key that this file did not make."""
    if not _ARCHIVE_KEY.fullmatch(key):
        raise Invalid(f"an archive key looks like 2026/11/21/<recording id>.wav, not {key[:80]!r}")
    return key


def download_name(recording_id: RecordingId) -> str:
    """The file name a browser is told: our own, never one from the network."""
    return f"line1420-{recording_id}.wav"
