"""What the parts about deeds on the floor show: a waiting caller, a talk that may be heard, what is under way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.leading.floor_now import FloorNow, Waiting
from api.leading.schemas import AnnouncementView, ClosingView
from api.web import shown
from api.web.texts import Texts
from ivr.kernel.clock import TEHRAN
from routing.leading import Hearing, Listener


@dataclass(frozen=True, slots=True)
class Target:
    """A queue to which a caller may be moved; `why_not` says why not."""

    name: str
    title: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that is under way. `kind`: `closure`, `opening`, `announcement`, `listening`; `href` leads to its end."""

    kind: str
    title: str
    detail: str
    href: str = ""
    icon: str = "wait"


def targets(
    caller: Waiting, queues: Iterable[str], floor: FloorNow, is_open: Callable[[str], bool], say: Texts
) -> Sequence[Target]:
    """All other queues, those that take nobody with their reason."""
    found: list[Target] = []
    for name in queues:
        if name == caller.queue:
            continue
        why = "" if is_open(name) else say("leading.closed")
        why = why or ("" if floor.members(name) else say("leading.unserved"))
        found.append(Target(name, say.word("queue", name), why))
    return found


def under_way(
    closings: Sequence[ClosingView],
    announcements: Sequence[AnnouncementView],
    listeners: Sequence[Listener],
    people: Mapping[str, str],
    now: datetime,
    say: Texts,
    *,
    may_act: bool,
) -> Sequence[Notice]:
    """What runs now, gravest first."""
    act = "/emergency" if may_act else ""
    found = [
        Notice(
            one.kind,
            say(
                f"leading.{one.kind}_of", queue=say.word("queue", one.queue) if one.queue else say("leading.whole_line")
            ),
            say("leading.until_because", time=until(one.ends_at, now, say), reason=one.reason),
            act,
            "offline" if one.kind == "closure" else "door",
        )
        for one in closings
        if one.runs
    ]
    found += [
        Notice(
            "announcement",
            say("leading.announcement_to", queues=queues_of(one.queues, say)),
            say("leading.until_because", time=until(one.ends_at, now, say), reason=one.text),
            act,
            "sound",
        )
        for one in announcements
        if one.runs
    ]
    return [*found, *(_heard(one, people, say) for one in listeners)]


def _heard(one: Listener, people: Mapping[str, str], say: Texts) -> Notice:
    seat = shown.seat_number(one.seat, say.language)
    title = say(f"leading.{one.mode.value}_at", person=people.get(one.by, one.by), seat=seat)
    phone = say("leading.on_phone", seat=shown.seat_number(one.phone, say.language))
    return Notice("listening", title, phone, f"/floor/seats/{one.seat}/listening", "talking")


def queues_of(queues: Sequence[str], say: Texts) -> str:
    """«همهٔ خط» or the queues' names."""
    return say("roster.comma").join(say.word("queue", queue) for queue in queues) or say("leading.whole_line")


def until(instant: datetime, now: datetime, say: Texts) -> str:
    """Time of day, with the day when it is another."""
    clock = shown.clock(instant, say.language)
    same = instant.astimezone(TEHRAN).date() == now.astimezone(TEHRAN).date()
    return clock if same else f"{shown.short_date(instant, say.language)} {clock}"


def next_modes(mode: Hearing | None, *, whisper: bool, barge: bool) -> Sequence[str]:
    """What somebody who hears a talk may do next, of what their rights allow."""
    if mode is None:
        return ()
    allowed = [Hearing.LISTEN, *((Hearing.WHISPER,) if whisper else ()), *((Hearing.BARGE,) if barge else ())]
    return [one.value for one in allowed if one is not mode]
