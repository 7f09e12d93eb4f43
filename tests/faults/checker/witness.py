"""What a robot caller did, as SIPp's own log tells: the side of the story that the line cannot write.

One JSON object a line, instants as ISO 8601 with zone. A witness says only what was seen on the wire; what the
journey was meant to be (`journey`, `may_end_as`, `score`, `left_message`) is added by the test that planned it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

_STAMP = re.compile(rb"^-{10,} (\d{4}-\d\d-\d\d)[ T\t]+(\d\d:\d\d:\d\d\.\d+)")
_KIND = re.compile(rb"^(?:(?:UDP|TCP|WS) message (sent|received)|(.*retransmi.*))", re.IGNORECASE)
_SIGNAL = re.compile(r"^Signal\s*=\s*([0-9*#A-D])\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Witness:
    """One caller, one call. Empty `may_end_as` means any end agrees; `score` is a digit keyed AND heard confirmed."""

    number: str
    """National form as sent in From, unique in the run: by it the call is found in the ledgers."""
    journey: str
    dialled_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: Literal["caller", "line"] | None = None
    keys: tuple[tuple[datetime, str], ...] = ()
    may_end_as: frozenset[str] = field(default_factory=frozenset)
    score: int | None = None
    left_message: bool | None = None

    def to_json(self) -> str:
        """One line, without the newline."""
        return json.dumps(
            {
                "number": self.number,
                "journey": self.journey,
                "dialled_at": self.dialled_at.isoformat(),
                "answered_at": self.answered_at.isoformat() if self.answered_at else None,
                "ended_at": self.ended_at.isoformat() if self.ended_at else None,
                "ended_by": self.ended_by,
                "keys": [[at.isoformat(), key] for at, key in self.keys],
                "may_end_as": sorted(self.may_end_as),
                "score": self.score,
                "left_message": self.left_message,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, line: str) -> Witness:
        """The inverse of `to_json`; raises `ValueError` or `KeyError` for another shape."""
        told: dict[str, Any] = json.loads(line)
        return cls(
            number=told["number"],
            journey=told["journey"],
            dialled_at=datetime.fromisoformat(told["dialled_at"]),
            answered_at=_instant(told["answered_at"]),
            ended_at=_instant(told["ended_at"]),
            ended_by=told["ended_by"],
            keys=tuple((datetime.fromisoformat(at), key) for at, key in told["keys"]),
            may_end_as=frozenset(told["may_end_as"]),
            score=told["score"],
            left_message=told["left_message"],
        )


def read_witnesses(path: Path) -> list[Witness]:
    """All witnesses of a file; none when there is no such file."""
    if not path.exists():
        return []
    return [Witness.from_json(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def append_witnesses(path: Path, witnesses: Iterable[Witness]) -> None:
    """Add to the file (made when missing), one line each, in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(witness.to_json() + "\n" for witness in witnesses))


class _Sipp(Protocol):
    @property
    def log(self) -> Path: ...


class _Caller(Protocol):
    """What of `asterisk_conf.robots.caller.Caller` is needed here."""

    user: str

    @property
    def sipp(self) -> _Sipp: ...


def witness_of(
    caller: _Caller,
    journey: str,
    *,
    may_end_as: Iterable[str] = (),
    score: int | None = None,
    left_message: bool | None = None,
) -> Witness:
    """The witness of one robot caller, from its SIPp's log so far. Raises `ValueError` when it sent no INVITE.

    Keys are known when they went as SIP INFO; keys as RFC 4733 events or tones leave no trace in SIPp's log.
    """
    return seen_in(
        sip_messages(caller.sipp.log),
        number=caller.user,
        journey=journey,
        may_end_as=frozenset(may_end_as),
        score=score,
        left_message=left_message,
    )


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One whole message of SIPp's message log; `at` is aware (this machine's zone)."""

    at: datetime
    sent: bool
    text: str

    @property
    def line(self) -> str:
        return self.text.partition("\n")[0].strip()

    def header(self, name: str) -> str:
        """The first value of a header, empty when there is none."""
        found = re.search(rf"^{re.escape(name)}\s*:\s*(.*?)\s*$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


def sip_messages(log: Path) -> Iterator[SipMessage]:
    """The messages of a log that SIPp wrote with `-trace_msg`, in order; none when there is no log yet."""
    if not log.exists():
        return
    at: datetime | None = None
    sent: bool | None = None
    body: list[str] = []
    for raw in log.read_bytes().splitlines():
        if stamp := _STAMP.match(raw):
            if at is not None and sent is not None and body:
                yield SipMessage(at, sent, "\n".join(body))
            at = datetime.fromisoformat(f"{stamp[1].decode()}T{stamp[2].decode()[:15]}").astimezone()
            sent, body = None, []
        elif sent is None and (kind := _KIND.match(raw)):
            sent = (kind[1] or b"sent").lower() == b"sent"
        elif sent is not None and (raw.strip() or body):
            body.append(raw.decode("utf-8", "replace").rstrip("\r"))
    if at is not None and sent is not None and body:
        yield SipMessage(at, sent, "\n".join(body))


def seen_in(messages: Iterable[SipMessage], *, number: str, journey: str, **planned: Any) -> Witness:
    """What the messages of ONE call (one Call-ID) tell. `planned`: the fields that no log knows."""
    dialled = answered = ended = None
    ended_by: Literal["caller", "line"] | None = None
    keys: list[tuple[datetime, str]] = []
    for message in messages:
        line, invite = message.line, message.header("CSeq").endswith("INVITE")
        if message.sent and line.startswith("INVITE "):
            dialled = dialled or message.at
        elif not message.sent and invite and line.startswith("SIP/2.0 2"):
            answered = answered or message.at
        elif ended is None and line.startswith(("BYE ", "CANCEL ")):
            ended, ended_by = message.at, "caller" if message.sent else "line"
        elif ended is None and not message.sent and invite and re.match(r"SIP/2\.0 [3-6]", line):
            ended, ended_by = message.at, "line"
        elif message.sent and line.startswith("INFO ") and (signal := _SIGNAL.search(message.text)):
            keys.append((message.at, signal[1]))
    if dialled is None:
        raise ValueError(f"the caller {number} sent no INVITE")
    return Witness(number, journey, dialled, answered, ended, ended_by, tuple(keys), **planned)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
