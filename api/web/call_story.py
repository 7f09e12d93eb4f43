"""One call told as one time line: arrival, menu keys, wait, ring, talk, survey, message, case. Pure.

Waits and talks come from the folded visits (exact to the microsecond); everything else from the events themselves, so
the story shows what happened and not what we concluded from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.calls.ordering import number
from api.calls.schemas import TimelineItem, VisitView
from api.web import shown
from api.web.floor_view import mark_of
from api.web.texts import Texts

_OF_A_VISIT = re.compile(r"visit_(\d+)_(\w+)")


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of the story. `tone`: plain, good, look, act; `weight`: full or light (a small dot)."""

    at: datetime
    icon: str
    text: str
    detail: str = ""
    tone: str = "plain"
    weight: str = "full"


def tell(
    events: Sequence[TimelineItem], visits: Sequence[VisitView], people: Mapping[str, str], say: Texts
) -> list[Moment]:
    """All moments in the order of time; `people` maps an agent's account to a name."""
    moments: list[Moment] = []
    for event in events:
        teller = _TELLERS.get(event.event)
        if teller:
            moments += teller(event, say)
        elif event.event == "RINGNOANSWER":
            agent = event.details.get("agent", "")
            moments.append(
                Moment(
                    event.at,
                    "ringing",
                    say("story.ringing", agent=people.get(agent, agent)),
                    tone="look",
                    weight="light",
                )
            )
    for visit in visits:
        moments += _visit(visit, people, say)
    moments += _listening(events, people, say)
    return sorted(moments, key=lambda moment: moment.at)


def problem_words(problem: str, say: Texts) -> str:
    """A problem that the fold has noted (`visit_2_wait_disagrees`), as people say it; an unknown one as it is."""
    if problem.startswith("alarm:"):
        return _alarm_words(problem.removeprefix("alarm:"), say)
    if match := _OF_A_VISIT.fullmatch(problem):
        number, what = match.groups()
        known = say.family("problem").get(f"visit_{what}")
        return known.format(n=shown.digits(number, say.language)) if known else problem
    return say.word("problem", problem)


def _visit(visit: VisitView, people: Mapping[str, str], say: Texts) -> Iterator[Moment]:
    queue = say.word("queue", visit.queue)
    yield Moment(visit.entered_at, "wait", say("story.entered", queue=queue))
    agent = people.get(visit.agent or "", visit.agent or say("story.agent"))
    if visit.connected_at is not None:
        span = shown.span_words((visit.connected_at - visit.entered_at).total_seconds(), say.language)
        text = say("story.connected", agent=agent)
        yield Moment(visit.connected_at, "talking", text, say("story.waited", span=span), "good")
    if visit.ended_at is None:
        return
    if visit.connected_at is not None:
        talked = (visit.ended_at - visit.connected_at).total_seconds()
        by = {"caller": say("story.ended_caller"), "agent": say("story.ended_agent")}.get(visit.ended_by or "", "")
        detail = say("story.talked", span=shown.span_words(talked, say.language))
        yield Moment(visit.ended_at, "end", say("story.talk_ended"), " · ".join(part for part in (detail, by) if part))
        return
    waited = shown.span_words((visit.ended_at - visit.entered_at).total_seconds(), say.language)
    tone = "act" if visit.outcome in {"abandoned", "system_drop", "lost_by_restart"} else "look"
    text = f"{say('story.left_queue', queue=queue)}: {say.word('outcome', visit.outcome)}"
    yield Moment(visit.ended_at, "end", text, say("story.waited", span=waited), tone)


def _offered(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    yield Moment(event.at, "calls", say("story.offered"))


def _step(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    yield Moment(event.at, "menu", say("story.step", node=say.word("node", event.details.get("node"))), weight="light")


def _choice(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    key = event.details.get("key", "")
    where = say("story.choice_at", node=say.word("node", event.details.get("node")))
    if key in {"none", "wrong"}:
        yield Moment(event.at, "key", say(f"story.choice_{key}"), where, "look", "light")
    else:
        yield Moment(event.at, "key", say("story.choice", key=shown.digits(key, say.language)), where)


def _estimate(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    told = number(event.details.get("told"))
    if told is not None:
        yield Moment(
            event.at, "wait", say("story.told_wait", span=shown.span_words(told, say.language)), weight="light"
        )


def _delivered(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    yield Moment(event.at, "sound", say("story.delivered"), say.word("node", event.details.get("what")))


def _routing(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    priority = event.details.get("priority", "0")
    repeat = event.details.get("repeat", "0")
    reasons = [
        say("story.in_group") if event.details.get("in_group") else "",
        mark_of(0, int(repeat) if repeat.isdecimal() else 0, say),
        say.word("province", event.details["province"]) if event.details.get("province") else "",
    ]
    raised = priority not in {"0", ""}
    text = say("story.routing", priority=shown.digits(priority, say.language)) if raised else say("story.routing_plain")
    detail = " · ".join(reason for reason in reasons if reason)
    yield Moment(event.at, "groups", text, detail, weight="full" if raised else "light")


def _score(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    value = event.details.get("value")
    if value:
        yield Moment(event.at, "score", say("story.score", score=shown.digits(value, say.language)), tone="good")
    elif event.details.get("offered"):
        yield Moment(event.at, "score", say("story.survey_offered"), weight="light")


def _message(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    state = event.details.get("state", "")
    if state in {"started", "recorded", "redone", "kept"}:
        kind = say.word("case_kind", event.details["kind"]) if event.details.get("kind") else ""
        weight = "full" if state == "kept" else "light"
        yield Moment(
            event.at, "message", say(f"story.message_{state}"), kind, "good" if state == "kept" else "plain", weight
        )


def _announced(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    queue = event.details.get("queue")
    yield Moment(event.at, "sound", say("story.announced"), say.word("queue", queue) if queue else "", weight="light")


def _listening(events: Sequence[TimelineItem], people: Mapping[str, str], say: Texts) -> Iterator[Moment]:
    """Who heard the talk, how and how long: each way lasts to the next or to the end of the listening."""
    told = [event for event in events if event.event == "listening"]
    for by in dict.fromkeys(event.details.get("by", "") for event in told):
        mine = sorted((event for event in told if event.details.get("by", "") == by), key=lambda event: event.at)
        for event, following in zip(mine, [*mine[1:], None], strict=True):
            if event.details.get("state") != "began":
                continue
            text = say(f"story.{event.details.get('mode', 'listen')}", person=people.get(by, by))
            span = (following.at - event.at).total_seconds() if following else None
            detail = "" if span is None else say("story.for_span", span=shown.span_words(span, say.language))
            yield Moment(event.at, "sound", text, detail, "look")


def _callback(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    yield Moment(event.at, "callback", say("story.callback"), tone="good")


def _fallback(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    door = say.word("door", event.details.get("door", ""))
    reason = say.word("fallback", event.details.get("reason", ""))
    yield Moment(event.at, "alarm", say("story.fallback", door=door), reason, "act")


def _alarm(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    which = say.word("alarm", event.details.get("which", ""))
    yield Moment(event.at, "alarm", _alarm_words(event.details.get("what", ""), say), which, "act")


def _alarm_words(what: str, say: Texts) -> str:
    return say("story.alarm", what=say.word("alarm", what))


def _case_opened(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    detail = shown.code(event.details.get("code", ""), say.language)
    yield Moment(event.at, "cases", say("story.case_opened"), detail, "good")


def _archived(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    kind = say.word("recording", event.details.get("kind"))
    state = say.word("recording", event.details.get("state"))
    yield Moment(event.at, "sound", say("story.recording_archived"), f"{kind} · {state}", weight="light")


def _final(event: TimelineItem, say: Texts) -> Iterator[Moment]:
    yield Moment(event.at, "end", say("story.final"))


_TELLERS: dict[str, Callable[[TimelineItem, Texts], Iterator[Moment]]] = {
    "offered": _offered,
    "step": _step,
    "choice": _choice,
    "estimate": _estimate,
    "delivered": _delivered,
    "routing": _routing,
    "score": _score,
    "message": _message,
    "announced": _announced,
    "callback": _callback,
    "fallback": _fallback,
    "alarm": _alarm,
    "case_opened": _case_opened,
    "recording_archived": _archived,
    "final": _final,
}
