"""Alarms in the reader's words: what is wrong, where, beyond which limit, since when and whose it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.alarms.schemas import AlarmView
from api.web import shown
from api.web.texts import Texts
from routing.alarms import Unit

ON_WALL = 2
"""Rows of alarms on the wall; more of them would push the queues away."""


@dataclass(frozen=True, slots=True)
class AlarmShown:
    """One alarm."""

    id: int
    kind: str
    place: str
    limit: str
    """Beyond which it began; empty where there is no threshold."""
    worst: str
    began_at: datetime
    ended_at: datetime | None
    lasted: str
    """Until its end, or until now."""
    taken: bool
    owner: str
    taken_after: str
    """Span from beginning to being taken; empty while nobody has."""

    @property
    def name(self) -> str:
        """For a button's label and for the screen reader."""
        return "، ".join((self.kind, self.place)) if self.place else self.kind


def alarm_shown(alarm: AlarmView, people: Mapping[str, str], now: datetime, say: Texts) -> AlarmShown:
    """`people` maps an account to a name."""
    ended = alarm.ended_at or now
    account = (alarm.owner or "").partition(":")[2]
    after = alarm.seconds_to_acknowledge
    return AlarmShown(
        id=alarm.id,
        kind=say.word("alarm_kind", alarm.kind),
        place=place_of(alarm.queue, alarm.seat, say),
        limit=limit_of(alarm.unit, alarm.threshold, say),
        worst=value_of(alarm.unit, alarm.worst, say),
        began_at=alarm.began_at,
        ended_at=alarm.ended_at,
        lasted=shown.span((ended - alarm.began_at).total_seconds(), say.language),
        taken=alarm.owner is not None,
        owner=people.get(account, account),
        taken_after="" if after is None else shown.span(after, say.language),
    )


def place_of(queue: str | None, seat: str | None, say: Texts) -> str:
    """The queue or the seat; nothing for the whole line."""
    if seat:
        return say("alarms.of_seat", number=shown.seat_number(seat, say.language))
    return say("alarms.of_queue", queue=say.word("queue", queue)) if queue else ""


def limit_of(unit: Unit, threshold: float, say: Texts) -> str:
    """«بیش از ۲:۰۰»."""
    if unit is Unit.NOTHING:
        return ""
    return say(f"alarms.limit_{unit}", limit=value_of(unit, threshold, say))


def value_of(unit: Unit, value: float, say: Texts) -> str:
    """A value as people read it."""
    match unit:
        case Unit.SECONDS:
            return shown.span(value, say.language)
        case Unit.NUMBER:
            return shown.number(round(value), say.language)
        case Unit.SHARE:
            return shown.percent(value, say.language)
        case Unit.NOTHING:
            return shown.UNKNOWN


def counts_of(alarms: Sequence[AlarmShown], say: Texts) -> str:
    """How many stand, and how many of them nobody has taken."""
    untaken = sum(not alarm.taken for alarm in alarms)
    numbers = {"standing": len(alarms), "untaken": untaken}
    return say("alarms.counts", **{name: shown.number(n, say.language) for name, n in numbers.items()})


def unwatched_note(looked_at: datetime | None, say: Texts) -> str:
    """Why an empty list says nothing now."""
    if looked_at is None:
        return say("alarms.unwatched_never")
    return say("alarms.unwatched_note", time=shown.clock(looked_at, say.language, seconds=True))
