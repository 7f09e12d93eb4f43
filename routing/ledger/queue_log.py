"""queue_log rows: `epoch|callid|queue|agent|EVENT|p1|…`, whole seconds, no quoting of any kind.

Since nothing is quoted, a row counts only if it fits its event's pattern to the last field; the dialplan filters caller
identity before a call can reach a queue, this is the second fence. `callid` is the caller's leg, never the linked id.
A row may lie before the one above it: clocks are set back, and a rejected true row would cost more than it saves.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ivr.kernel.clock import from_epoch
from ivr.kernel.ids import LegId
from routing.events import LedgerEvent, Source
from routing.ledger.rows import AcceptedRow, Row, Scan, clean, rejected
from routing.queues import our_name

MAX_ROW = 8_192
"""Longest row in bytes; a real one stays below 500."""

TIME_AHEAD = timedelta(days=1)
"""A row further in the future than this is not true."""

_NUMBER = re.compile(r"\d{1,9}")
_TEXT = re.compile(r"[^\ufffd]{0,200}")
_LEG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KEY = re.compile(r"[0-9A-D*#]")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_AGENT = re.compile(r"[^|\ufffd]{1,80}")
_EPOCH = re.compile(r"\d{9,10}")

_NO_LEG = frozenset({"NONE", "REALTIME", "MANAGER", "CLI"})

_WAITED = {"position": _NUMBER, "origposition": _NUMBER, "waittime": _NUMBER}
_TALKED = {"holdtime": _NUMBER, "calltime": _NUMBER, "origposition": _NUMBER}
_MOVED = {"extension": _TEXT, "context": _TEXT, **_TALKED}

_EVENTS: dict[str, tuple[dict[str, re.Pattern[str]], int]] = {
    # event: (parameters in order, how many of the last ones may be missing)
    "QUEUESTART": ({}, 0),
    "CONFIGRELOAD": ({}, 0),
    "ENTERQUEUE": ({"url": _TEXT, "callerid": _TEXT, "origposition": _NUMBER, "calleridname": _TEXT}, 1),
    "CONNECT": ({"holdtime": _NUMBER, "bridged_leg": _LEG, "ringtime": _NUMBER}, 0),
    "COMPLETECALLER": (_TALKED, 0),
    "COMPLETEAGENT": (_TALKED, 0),
    "ABANDON": (_WAITED, 0),
    "EXITWITHKEY": ({"key": _KEY, **_WAITED}, 0),
    "EXITWITHTIMEOUT": (_WAITED, 0),
    "EXITEMPTY": (_WAITED, 0),
    "WITHDRAW": ({**_WAITED, "info": _TEXT}, 1),
    "RINGNOANSWER": ({"ringtime_ms": _NUMBER}, 0),
    "RINGCANCELED": ({"ringtime_ms": _NUMBER}, 1),
    "AGENTDUMP": ({}, 0),
    "SYSCOMPAT": ({}, 0),
    "BLINDTRANSFER": (_MOVED, 0),
    "TRANSFER": (_MOVED, 0),
    "ADDMEMBER": ({"paused": _TEXT}, 1),
    "REMOVEMEMBER": ({}, 0),
    "PAUSE": ({"reason": _TEXT}, 1),
    "UNPAUSE": ({"reason": _TEXT}, 1),
    "PAUSEALL": ({"reason": _TEXT}, 1),
    "UNPAUSEALL": ({"reason": _TEXT}, 1),
    "PENALTY": ({"value": _NUMBER}, 0),
    "RINGINUSE": ({"value": _NUMBER}, 0),
}


def scan(data: bytes, offset: int, now: datetime, *, final: bool = False) -> Scan:
    """Read all whole rows of `data`; see `Scanner`. Never raises for any bytes."""
    rows: list[Row] = []
    at = 0
    while (end := data.find(b"\n", at)) >= 0:
        if end > at:  # an empty line holds no fact
            rows.append(_read(data[at:end], offset + at, now))
        at = end + 1
    if at < len(data) and (final or len(data) - at > MAX_ROW):
        rows.append(rejected(offset + at, "cut off" if final else "row too long", data[at:]))
        at = len(data)
    return Scan(tuple(rows), offset + at)


def _read(raw: bytes, offset: int, now: datetime) -> Row:
    if len(raw) > MAX_ROW:
        return rejected(offset, "row too long", raw)
    parts = clean(raw).split("|")
    if len(parts) < 5:
        return rejected(offset, "fewer than five fields", raw)
    epoch, leg, queue, agent, name = parts[:5]
    if not (_EPOCH.fullmatch(epoch) and _LEG.fullmatch(leg) and _NAME.fullmatch(queue) and _AGENT.fullmatch(agent)):
        return rejected(offset, "time, call, queue or agent is malformed", raw)
    at = from_epoch(int(epoch))
    if at > now + TIME_AHEAD:
        return rejected(offset, "time lies in the future", raw)
    fields = _parameters(name, parts[5:])
    if fields is None:
        return rejected(offset, "parameters do not fit the event" if name in _EVENTS else "unknown event", raw)
    fields |= {"queue": our_name(queue) if queue != "NONE" else "", "agent": agent if agent != "NONE" else ""}
    leg_id = None if leg in _NO_LEG else LegId(leg)
    return AcceptedRow(offset, LedgerEvent(Source.QUEUE_LOG, name, at, leg_id=leg_id, fields=fields))


def _parameters(name: str, values: list[str]) -> dict[str, str] | None:
    if name == "ATTENDEDTRANSFER":  # its middle varies (BRIDGE and APP have one field of data, LINK two)
        if not 5 <= len(values) <= 6:
            return None
        return _fit(_TALKED, 0, values[-3:], {"method": values[0], "method_data": "|".join(values[1:-3])})
    if name not in _EVENTS:
        return None
    patterns, optional = _EVENTS[name]
    if len(values) == len(patterns) + 1 and values[-1] == "":
        values = values[:-1]  # Asterisk ends rows without parameters with a bar
    return _fit(patterns, optional, values, {})


def _fit(
    patterns: dict[str, re.Pattern[str]], optional: int, values: list[str], found: dict[str, str]
) -> dict[str, str] | None:
    if not len(patterns) - optional <= len(values) <= len(patterns):
        return None
    for (name, pattern), value in zip(patterns.items(), values, strict=False):
        if not pattern.fullmatch(value):
            return None
        found[name] = value
    return found
