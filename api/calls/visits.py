"""Join what CEL and queue_log say about the same stays, and say where they disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.calls.ending import Ending, Lost
from api.calls.ordering import Story, seat_of
from api.calls.queue_rows import Stay, stays_of
from api.calls.record import EndedBy, Visit, VisitOutcome
from api.calls.stretches import Stretch, find_seats, stretches_of
from ivr.kernel.ids import LegId

_SAME_ENTRY = timedelta(seconds=5)
"""queue_log's whole second and CEL's microseconds for one entry lie closer together than this."""
_DISAGREE = 1.5
"""Seconds; two whole-second stamps may make a span wrong by almost one."""
_REFUSED = {
    "FULL": VisitOutcome.REFUSED_FULL,
    "JOINEMPTY": VisitOutcome.NO_AGENTS,
    "JOINUNAVAIL": VisitOutcome.NO_AGENTS,
}
_STATUS = {
    **_REFUSED,
    "LEAVEEMPTY": VisitOutcome.NO_AGENTS,
    "LEAVEUNAVAIL": VisitOutcome.NO_AGENTS,
    "TIMEOUT": VisitOutcome.TIMED_OUT,
    "WITHDRAW": VisitOutcome.TIMED_OUT,
    "KEY": VisitOutcome.LEFT_BY_KEY,  # this and the next are the dialplan's own words
    "LIMIT": VisitOutcome.TIMED_OUT,
    "MOVED": VisitOutcome.MOVED,
    "CLOSED": VisitOutcome.CLOSED_OUT,
}
_LOST = {Lost.RESTART: VisitOutcome.LOST_BY_RESTART, Lost.UNKNOWN: VisitOutcome.LOST_UNKNOWN}


@dataclass(frozen=True, slots=True)
class _Joined:
    stretch: Stretch | None
    stay: Stay | None

    @property
    def entered_at(self) -> datetime:
        if self.stretch:
            return self.stretch.entered_at
        assert self.stay
        return self.stay.entered_at

    @property
    def is_over(self) -> bool:
        """Whether a ledger knows how this stay ended."""
        left = self.stretch and (self.stretch.talk_end or self.stretch.left_at)
        return bool(left or (self.stay and self.stay.ended_at))


@dataclass(frozen=True, slots=True)
class _Cut:
    """What is known of a talk that nobody ended: a restart cut it, and the downtime after it is no talk."""

    ending: Ending
    last_sign: datetime | None
    sounds: Mapping[str, float]

    def last_sound(self, pair: _Joined, connected: datetime) -> datetime:
        """To the end of its archived sound; before that is known, to the last row about the call."""
        recording = pair.stretch.recording if pair.stretch else None
        seconds = self.sounds.get(recording) if recording else None
        until = self.last_sign if seconds is None else connected + timedelta(seconds=seconds)
        latest = self.ending.at or connected
        return max(connected, min(until or connected, latest))


def visits_of(story: Story, ending: Ending, sounds: Mapping[str, float]) -> tuple[tuple[Visit, ...], list[str]]:
    """The visits in order of entering, and the problems met. `sounds`: RecordingId → seconds that the archive holds."""
    stretches = stretches_of(story.caller_leg)
    find_seats(stretches, story.other_legs)
    joined = sorted(_pair(stretches, stays_of(story.queue_rows)), key=lambda pair: pair.entered_at)
    seats_of_legs = {
        event.leg_id: seat_of(event.fields.get("channel", "")) for event in story.other_legs if event.leg_id
    }
    problems: list[str] = []
    cut = _Cut(ending, max((event.at for event in story.cel), default=None), sounds)
    visits = tuple(_visit(n, pair, cut, seats_of_legs, problems) for n, pair in enumerate(joined, 1))
    return visits, problems


def _pair(stretches: list[Stretch], stays: list[Stay]) -> list[_Joined]:
    free = [stretch for stretch in stretches if stretch.status not in _REFUSED]
    pairs: list[_Joined] = []
    for stay in stays:
        match = next(
            (s for s in free if s.queue == stay.queue and abs(s.entered_at - stay.entered_at) < _SAME_ENTRY), None
        )
        if match:
            free.remove(match)
        pairs.append(_Joined(match, stay))
    taken = {id(pair.stretch) for pair in pairs}
    return pairs + [_Joined(stretch, None) for stretch in stretches if id(stretch) not in taken]


def _visit(n: int, pair: _Joined, cut: _Cut, seats_of_legs: Mapping[LegId, str | None], problems: list[str]) -> Visit:
    stretch, stay, ending = pair.stretch, pair.stay, cut.ending
    entered = pair.entered_at
    connected = (stretch and stretch.connected_at) or (stay and stay.connected_at) or None
    if connected is not None:
        connected = max(connected, entered)
    lost = _LOST[ending.lost] if connected and ending.lost and not pair.is_over else None
    ended = (
        cut.last_sound(pair, connected)
        if connected and lost
        else _ended(stretch, stay, ending, answered=connected is not None)
    )
    if ended is not None:
        ended = max(ended, connected or entered)
    visit = Visit(
        n=n,
        queue=(stretch and stretch.queue) or (stay and stay.queue) or "",
        entered_at=entered,
        connected_at=connected,
        ended_at=ended,
        outcome=lost or _outcome(stretch, stay, ending, connected, ended),
        agent=stay.agent if stay and connected else None,
        seat=_seat(stretch, stay, seats_of_legs) if connected else None,
        ended_by=_ended_by(stretch, stay, ending) if connected and ended else None,
        recording=stretch.recording if stretch else None,
        told_seconds=stretch.told_seconds if stretch else None,
    )
    _cross_check(visit, stretch, stay, problems)
    return visit


def _ended(stretch: Stretch | None, stay: Stay | None, ending: Ending, *, answered: bool) -> datetime | None:
    if stretch and answered and stretch.connected_at:
        return stretch.talk_end or stretch.left_at or ending.at
    if stretch and not answered:
        return stretch.left_at or (stay and stay.ended_at) or ending.at
    return (stay and stay.ended_at) or (stretch and stretch.left_at) or ending.at


def _outcome(
    stretch: Stretch | None, stay: Stay | None, ending: Ending, connected: datetime | None, ended: datetime | None
) -> VisitOutcome | None:
    if connected:
        return VisitOutcome.ANSWERED
    if stay and stay.outcome:
        return stay.outcome
    if stretch and stretch.status in _STATUS:
        return _STATUS[stretch.status]
    if ending.lost and not (stretch and stretch.left_at):
        return _LOST[ending.lost]
    if stretch and stretch.moved_on:
        return VisitOutcome.LEFT_BY_KEY
    return VisitOutcome.ABANDONED if ended and ending.at else None


def _seat(stretch: Stretch | None, stay: Stay | None, seats_of_legs: Mapping[LegId, str | None]) -> str | None:
    return (stretch and stretch.seat) or (seats_of_legs.get(LegId(stay.agent_leg)) if stay and stay.agent_leg else None)


def _ended_by(stretch: Stretch | None, stay: Stay | None, ending: Ending) -> EndedBy | None:
    if stay and stay.ended_by:
        return stay.ended_by
    if stretch and stretch.moved_on:
        return EndedBy.AGENT
    if ending.lost or ending.at is None:
        return None
    return EndedBy.AGENT if ending.by_agent else EndedBy.CALLER


def _cross_check(visit: Visit, stretch: Stretch | None, stay: Stay | None, problems: list[str]) -> None:
    if stretch is None:
        problems.append(f"visit_{visit.n}_not_in_cel")
        return
    if stay is None or stretch.connected_at is None:
        if stay and stay.connected_at:
            problems.append(f"visit_{visit.n}_connect_not_in_cel")
        return
    if stay.hold is not None and visit.waited_seconds is not None and abs(stay.hold - visit.waited_seconds) > _DISAGREE:
        problems.append(f"visit_{visit.n}_wait_disagrees")
    if stay.talk is not None and visit.talked_seconds is not None and abs(stay.talk - visit.talked_seconds) > _DISAGREE:
        problems.append(f"visit_{visit.n}_talk_disagrees")
