"""CEL rows as Asterisk writes them with the `dsv` mapping: every field quoted, quotes doubled, 19 fields, `\\n`.

A caller's name may hold quotes, commas and even line breaks (CHAN_START is written before our filters run), so this is
never a line splitter. Inside a field every quote is doubled; a row's head (`"NAME","seconds.micros",`) has single
quotes and therefore cannot occur inside a field. That is what makes finding the next row after garbage safe: text of a
caller can never look like a row.

A row that is written while a door has the call repeats the arguments of `AGI()`, the doors' token among them; it is cut
off here, so that it reaches neither the database nor a page.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

from ivr.kernel.clock import from_epoch
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import CallId, LegId
from ivr.kernel.milestones import Milestone, decode
from routing.events import LedgerEvent, Source
from routing.ledger.rows import AcceptedRow, RejectedRow, Row, Scan, clean, clean_text, rejected

COLUMNS = (
    "eventtype",
    "eventtime",
    "userdeftype",
    "uniqueid",
    "linkedid",
    "channame",
    "peer",
    "context",
    "exten",
    "appname",
    "appdata",
    "cid_num",
    "cid_name",
    "cid_ani",
    "cid_rdnis",
    "cid_dnid",
    "accountcode",
    "userfield",
    "extra",
)
"""Order of the fields in a row. `eventtype` is Asterisk's `eventenum` (a user event says USER_DEFINED there), `eventtime`
is epoch seconds with six decimals. `asterisk_conf` renders the mapping from this list."""

_FIELD_NAMES = {"channame": "channel", "appname": "app", "appdata": "app_data", "accountcode": "account"}
"""Columns whose name in `LedgerEvent.fields` is another."""
_FIELDS = tuple(_FIELD_NAMES.get(column, column) for column in COLUMNS[5:])
_APP_DATA, _EXTRA = COLUMNS.index("appdata") - 5, COLUMNS.index("extra") - 5

MAX_ROW = 65_536
"""Longest row in bytes; a real one stays below 4 KiB. What is longer is garbage."""

TIME_AHEAD = timedelta(days=1)
"""A row further in the future than this was not written by our Asterisk."""

_HEAD = re.compile(rb'"[A-Z_]{3,40}","\d{9,10}\.\d{6}",')
_QUOTED = rb'"(?:[^"]++|"")*+"'
_ROW = re.compile(rb"(?:" + _QUOTED + rb",){" + str(len(COLUMNS) - 1).encode() + rb"}" + _QUOTED + rb"\n")
_WHOLE = re.compile(rb"(?=" + _HEAD.pattern + rb")" + _ROW.pattern)
_FIELD = re.compile(r'"((?:[^"]++|"")*+)"[,\n]')
_DOOR = re.compile(r"agi://[^,]*")
_DOOR_SECRET = re.compile(rb'"(agi://[^",]*),[^"]*"')
_USER_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_MILESTONES = frozenset(Milestone)


def scan(data: bytes, offset: int, now: datetime, *, final: bool = False) -> Scan:
    """Read all whole rows of `data`; see `Scanner`. Never raises for any bytes."""
    rows: list[Row] = []
    at = 0
    while at < len(data):
        start = _next_row(data, at)
        if start is None:
            break
        begin, end = start
        if begin > at:
            rows.append(_rejected(offset + at, "not a CEL row", data[at:begin]))
        rows.append(_read(data[begin:end], offset + begin, now))
        at = end
    if at < len(data) and final:
        rows.append(_rejected(offset + at, "cut off", data[at:]))
        at = len(data)
    elif len(data) - at > MAX_ROW:
        end = _last_head(data, at)
        rows.append(_rejected(offset + at, "no row within the longest length", data[at:end]))
        at = end
    return Scan(tuple(rows), offset + at)


def _next_row(data: bytes, at: int) -> tuple[int, int] | None:
    """Bounds of the first whole row at or after `at`."""
    if row := _WHOLE.match(data, at):  # nearly always the row begins where the last one ended
        return row.span()
    for head in _HEAD.finditer(data, at):
        if row := _ROW.match(data, head.start()):
            return row.span()
    return None


def _last_head(data: bytes, at: int) -> int:
    """Where the row that is still being written may begin; the end of the data if nowhere."""
    heads = [head.start() for head in _HEAD.finditer(data, max(at + 1, len(data) - MAX_ROW))]
    return heads[-1] if heads else len(data)


def _read(raw: bytes, offset: int, now: datetime) -> Row:
    if len(raw) > MAX_ROW:
        return _rejected(offset, "row too long", raw)
    kind, time, user_name, leg_id, call_id, *fields = _values(raw)
    if knock := _DOOR.match(fields[_APP_DATA]):
        fields[_APP_DATA] = knock[0]
    at = _instant(time)
    if at > now + TIME_AHEAD:
        return _rejected(offset, "time lies in the future", raw)
    try:
        name, decoded = _named(kind, user_name, fields[_EXTRA])
        event = LedgerEvent(
            source=Source.CEL,
            name=name,
            at=at,
            call_id=CallId(_told_of(name, decoded) or call_id),
            leg_id=LegId(leg_id),
            fields=decoded | dict(zip(_FIELDS, fields, strict=True)),
        )
    except Invalid as error:
        return _rejected(offset, error.message, raw)
    return AcceptedRow(offset, event)


def _rejected(offset: int, reason: str, raw: bytes) -> RejectedRow:
    return rejected(offset, reason, _DOOR_SECRET.sub(rb'"\1"', raw))


def _values(raw: bytes) -> list[str]:
    """The fields of a whole row. A quote within a field is doubled, and common in the last one only, Asterisk's JSON:
    so the row is cut in one go. A wrong cut through doubled quotes leaves one of them, and then each field is looked for."""
    text = clean(raw.removesuffix(b"\n"))
    *values, last = text[1:-1].split('","', len(COLUMNS) - 1)
    if len(values) == len(COLUMNS) - 1 and '"' not in "".join(values):
        return [*values, last.replace('""', '"')]
    return [value.replace('""', '"') for value in _FIELD.findall(text + "\n")]


def _instant(text: str) -> datetime:
    seconds, _, micros = text.partition(".")
    return from_epoch(int(seconds)) + timedelta(microseconds=int(micros))


def _named(event: str, user_name: str, extra: str) -> tuple[str, dict[str, str]]:
    """The event's name and the fields hidden in its extra: our own for a milestone, Asterisk's scalars otherwise."""
    hidden = _scalars(extra)
    if event != "USER_DEFINED":
        return event, hidden
    if user_name in _MILESTONES:
        return user_name, {key: clean_text(value) for key, value in decode(hidden.get("extra", "")).items()}
    if not _USER_NAME.fullmatch(user_name):
        raise Invalid("a user event's name may hold letters, digits, '.', '-' and '_' only")
    return f"user.{user_name}", {}


def _told_of(name: str, decoded: dict[str, str]) -> str:
    """The call that a row is about, where it is not the one in which it was written: a supervisor's telephone that hears a
    talk is a call of its own to Asterisk, and the talk's story must tell of it."""
    return decoded.get("call", "") if name == Milestone.LISTENING else ""


def _scalars(extra: str) -> dict[str, str]:
    """`{"hangupcause":16,…}` → `{"hangupcause": "16", …}`. Asterisk wraps a user event's text as `{"extra":"…"}`."""
    if not extra:
        return {"extra": extra}
    try:
        parsed = json.loads(extra)
    except (ValueError, RecursionError):
        return {"extra": extra}
    if not isinstance(parsed, dict):
        return {"extra": extra}
    return {key: clean_text(str(value)) for key, value in parsed.items() if isinstance(value, str | int | float)}
