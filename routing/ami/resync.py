"""QueueStatus replies → one snapshot of all queues.

Asterisk does not order a snapshot against its events: an event may have happened before the snapshot and arrive after
it. So the rule of the one consumer is: apply everything heard before the question, ask, put the answer in place, then
apply what was heard meanwhile. Since events name facts and not differences (this caller joined, this seat is busy),
applying one the snapshot already held changes nothing, and a pair of late events ends in the right state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ivr.kernel.ids import LegId, QueueName
from routing.ami.message import AmiMessage, Malformed
from routing.ami.normalise import masked_caller, member
from routing.live import Member, Snapshot, SnapshotCaller
from routing.queues import our_name

COMPLETE = "QueueStatusComplete"
"""The event that ends the list."""


def snapshot(replies: Sequence[AmiMessage], at: datetime) -> Snapshot:
    """Join the replies to one `QueueStatus`. Raises `Malformed` when the list is not whole: no picture is better than
    half a picture."""
    if not replies or replies[-1].event != COMPLETE:
        raise Malformed(f"the list of queues did not end with {COMPLETE}")
    listed = [reply for reply in replies if reply.event and reply.event != COMPLETE]
    if len(listed) != replies[-1].number("ListItems"):
        raise Malformed(f"the list of queues has {len(listed)} items and announced {replies[-1].number('ListItems')}")
    queues: list[QueueName] = []
    members: list[Member] = []
    callers: list[SnapshotCaller] = []
    for reply in listed:
        match reply.event:
            case "QueueParams":
                queues.append(QueueName(our_name(reply["Queue"])))
            case "QueueMember":
                found = member(reply, name="Name", interface="Location")
                if found is not None:
                    members.append(found)
            case "QueueEntry":
                callers.append(
                    SnapshotCaller(
                        queue=QueueName(our_name(reply["Queue"])),
                        leg_id=LegId(reply["Uniqueid"]),
                        position=reply.number("Position"),
                        caller=masked_caller(reply),
                        since=at - timedelta(seconds=reply.number("Wait")),
                        priority=reply.number("Priority") if reply.get("Priority") else 0,
                    )
                )
            case _:
                continue
    return Snapshot(tuple(queues), tuple(members), tuple(callers), at)
