"""From what Asterisk holds to what it should hold: the steps between, and how each is said over AMI.

The comparison looks at states and never at what was sent before, so a step that was lost is simply found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.kernel.ids import QueueName, SeatName
from routing.duty import Place, Places
from routing.queues import exchange_name


@dataclass(frozen=True, slots=True)
class Join:
    """The seat begins to serve the queue; paused at once when there is a reason, so that no call slips in between."""

    queue: QueueName
    seat: SeatName
    place: Place


@dataclass(frozen=True, slots=True)
class Leave:
    """The seat serves the queue no more."""

    queue: QueueName
    seat: SeatName


@dataclass(frozen=True, slots=True)
class Pause:
    """Paused for this reason, or free when it is empty."""

    queue: QueueName
    seat: SeatName
    reason: str


@dataclass(frozen=True, slots=True)
class Rank:
    """Asked after all with a smaller penalty."""

    queue: QueueName
    seat: SeatName
    penalty: int


Step = Join | Leave | Pause | Rank


def steps(wanted: Places, actual: Places) -> Sequence[Step]:
    """What leads from `actual` to `wanted`; nothing when they are equal. Who must leave leaves first, and who must be
    paused is paused before anybody joins: callers are not sent to an empty chair."""
    leaves: list[Step] = []
    pauses: list[Step] = []
    joins: list[Step] = []
    for (queue, seat), there in sorted(actual.items()):
        should = wanted.get((queue, seat))
        if should is None or should.agent != there.agent:
            leaves.append(Leave(queue, seat))
    for (queue, seat), should in sorted(wanted.items()):
        there = actual.get((queue, seat))
        if there is None or there.agent != should.agent:
            joins.append(Join(queue, seat, should))
            if should.reason:
                joins.append(Pause(queue, seat, should.reason))
            continue
        if there.reason != should.reason:
            pauses.append(Pause(queue, seat, should.reason))
        if there.penalty != should.penalty:
            pauses.append(Rank(queue, seat, should.penalty))
    return [*leaves, *pauses, *joins]


def after(step: Step, actual: Places) -> dict[tuple[QueueName, SeatName], Place]:
    """What Asterisk holds once the step is done."""
    places = dict(actual)
    there = places.get((step.queue, step.seat))
    match step:
        case Leave():
            places.pop((step.queue, step.seat), None)
        case Join():
            places[step.queue, step.seat] = step.place
        case Pause() if there is not None:
            places[step.queue, step.seat] = Place(there.agent, there.penalty, step.reason)
        case Rank() if there is not None:
            places[step.queue, step.seat] = Place(there.agent, step.penalty, there.reason)
        case _:
            pass
    return places


def action_of(step: Step) -> tuple[str, dict[str, str]]:
    """Name and headers of the AMI action."""
    headers = {"Queue": exchange_name(step.queue), "Interface": f"PJSIP/{step.seat}"}
    match step:
        case Leave():
            return "QueueRemove", headers
        case Join():
            return "QueueAdd", headers | {
                "Penalty": str(step.place.penalty),
                "Paused": "true" if step.place.reason else "false",
                "MemberName": step.place.agent,
                "StateInterface": f"PJSIP/{step.seat}",
            }
        case Pause():
            paused = {"Paused": "true", "Reason": step.reason} if step.reason else {"Paused": "false"}
            return "QueuePause", headers | paused
        case Rank():
            return "QueuePenalty", headers | {"Penalty": str(step.penalty)}
