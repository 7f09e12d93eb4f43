"""A fact from a ledger, in our own form. Immutable, ordered by time within its source.

`name` is Asterisk's for native events (`CHAN_START`, `HANGUP`, `BRIDGE_ENTER`, … in CEL; `ENTERQUEUE`, `CONNECT`,
`ABANDON`, … in queue_log) and a `Milestone` value (lower case) for ours. `line` is our own source: facts found out
after the call, such as `recording_archived`, written by the worker with the same durability as the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.kernel.ids import CallId, LegId


class Source(StrEnum):
    """Which ledger an event stands in."""

    CEL = "cel"
    QUEUE_LOG = "queue_log"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One row of one ledger.

    `call_id` is the linked id where the source has it (CEL); queue_log knows only the caller's leg, the ingest looks
    the call up. Rows about no call (QUEUESTART, PAUSE) have neither. `fields` are the row's named parameters as text:
    CEL: `channel, peer, context, exten, app, app_data, cid_num, cid_name, cid_dnid, account, userfield, extra` and for
    a milestone its own decoded fields beside them; queue_log: `queue, agent` and the event's parameters by name.
    """

    source: Source
    name: str
    at: datetime
    call_id: CallId | None = None
    leg_id: LegId | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
