"""A call record is a fold over the call's events: recomputed whole, never patched.

`fold` may be handed the events in any order and any number of times each; the record is the same. What belongs to
whom: `ordering` sorts, `ending` finds the end, `stretches` and `queue_rows` read the two ledgers, `visits` joins them,
`messages` follows the voice message; the rules of the disposition stand here.
"""

from __future__ import annotations

from collections.abc import Iterable

from api.calls.ending import Ending, Lost, ending_of
from api.calls.messages import case_of, is_recording, message_of, sounds_of
from api.calls.ordering import Story, first, is_milestone, tell
from api.calls.record import CallRecord, Disposition, Fallback, MenuStep, Visit, VisitOutcome, VoiceMessage
from api.calls.standing import stood_of
from api.calls.visits import visits_of
from ivr.kernel.area_codes import province_of
from ivr.kernel.errors import Invalid
from ivr.kernel.measures import Score
from ivr.kernel.milestones import Milestone
from ivr.kernel.persian_text import clean
from ivr.kernel.phone_number import parse_caller, stored_form
from routing.callbacks.request import code_of
from routing.events import LedgerEvent

_BY_OUTCOME = {
    VisitOutcome.ABANDONED: Disposition.ABANDONED,
    VisitOutcome.TIMED_OUT: Disposition.TIMED_OUT,
    VisitOutcome.CLOSED_OUT: Disposition.CLOSED_OUT,
    VisitOutcome.NO_AGENTS: Disposition.NO_AGENTS,
    VisitOutcome.LEFT_BY_KEY: Disposition.ABANDONED,  # left for a message or a call back, and then gave that up too
    VisitOutcome.MOVED: Disposition.ABANDONED,  # hung up in the moment between the two queues
    VisitOutcome.REFUSED_FULL: Disposition.REFUSED_FULL,
    VisitOutcome.SYSTEM_DROP: Disposition.SYSTEM_DROP,
    VisitOutcome.LOST_BY_RESTART: Disposition.LOST_BY_RESTART,
    VisitOutcome.LOST_UNKNOWN: Disposition.LOST_UNKNOWN,
}
_LOST = {Lost.RESTART: Disposition.LOST_BY_RESTART, Lost.UNKNOWN: Disposition.LOST_UNKNOWN}


def fold(events: Iterable[LedgerEvent]) -> CallRecord | None:
    """The record of one call from its events; `None` when they hold no call of the line (a seat's own channel, say), or a call
    of our own: an attempt to call back is told elsewhere (`api/callbacks`), so that no figure of callers counts it."""
    story = tell(events)
    if (
        story is None
        or code_of(story.call_id)
        or not (story.queue_rows or any(is_milestone(event) for event in story.caller_leg))
    ):
        return None
    ending = ending_of(story)
    visits, problems = visits_of(story, ending, sounds_of(story))
    message = message_of(story, ending)
    survey_offered, score = _survey(story, problems)
    if first(story.caller_leg, Milestone.OFFERED) is None:
        problems.append("arrival_not_in_ledger")  # rows before it were lost too: a full disk, a file that vanished
    problems += [f"alarm:{_short(event, 'what')}" for event in story.caller_leg if event.name == Milestone.ALARM]
    arrived = min(event.at for event in (*story.cel, *story.queue_rows))
    answered = min((visit.connected_at for visit in visits if visit.connected_at), default=None)
    caller, name = _identity(story)
    return CallRecord(
        call_id=story.call_id,
        caller=caller,
        caller_name=name,
        language=_language(story),
        arrived_at=arrived,
        answered_at=answered,
        ended_at=max(ending.at, arrived) if ending.at else None,
        disposition=_disposition(story, ending, visits, message),
        menu_path=_menu_path(story),
        visits=visits,
        fallbacks=tuple(
            Fallback(_short(event, "door"), _short(event, "reason"), event.at)
            for event in story.caller_leg
            if event.name == Milestone.FALLBACK
        ),
        survey_offered=survey_offered,
        score=score,
        voice_message=message,
        case_code=case_of(story),
        problems=tuple(dict.fromkeys(problems)),
        province=province_of(parse_caller(caller)),
        stood=stood_of(story.caller_leg),
    )


def _disposition(
    story: Story, ending: Ending, visits: tuple[Visit, ...], message: VoiceMessage | None
) -> Disposition | None:
    if ending.at is None:
        return None
    last = visits[-1] if visits else None
    if ending.lost and last and last.connected_at and last.outcome in _BY_OUTCOME:
        return _LOST[ending.lost]  # cut off in the middle of the talk
    if any(visit.outcome is VisitOutcome.ANSWERED for visit in visits):
        return Disposition.ANSWERED
    cut = ending.lost and is_recording(story)  # its sound still becomes a case, but the caller could not finish
    if message and message.state in ("kept", "recorded", "missing") and not cut:
        return Disposition.LEFT_MESSAGE
    if any(event.name == Milestone.CALLBACK for event in story.caller_leg):
        return Disposition.CALLBACK_REQUESTED
    if ending.lost:
        return _LOST[ending.lost]
    if last and last.outcome:
        return _BY_OUTCOME[last.outcome]
    return _without_queue(story)


def _without_queue(story: Story) -> Disposition:
    names = {event.name for event in story.caller_leg}
    if Milestone.DELIVERED in names:
        return Disposition.SELF_SERVED
    if any(
        event.name == Milestone.FALLBACK and event.fields.get("reason") == "exhausted" for event in story.caller_leg
    ):
        return Disposition.SYSTEM_DROP
    if any(event.name == Milestone.DECISION and event.fields.get("open") == "0" for event in story.caller_leg):
        return Disposition.AFTER_HOURS
    return Disposition.MENU_ABANDONED


def _survey(story: Story, problems: list[str]) -> tuple[bool, Score | None]:
    """Whether the caller was asked, and the last valid answer before the call ended; never an invented one."""
    offered, score = False, None
    final = first(story.caller_leg, Milestone.FINAL)
    for event in story.caller_leg:
        if event.name != Milestone.SCORE:
            continue
        offered = offered or event.fields.get("offered") == "1"
        value = event.fields.get("value")
        if value is None:
            continue
        if final and event.at > final.at:
            problems.append("score_after_end")
            continue
        try:
            score = Score(int(value))
        except (ValueError, Invalid):
            problems.append("score_invalid")
            continue
        if not offered:
            problems.append("score_without_survey")
    return offered, score


def _identity(story: Story) -> tuple[str, str]:
    """Caller and name from `offered`, which is written after the dialplan's filters; CHAN_START is the last resort."""
    event = first(story.caller_leg, Milestone.OFFERED) or next(
        (e for e in story.caller_leg if e.name != "CHAN_START" and "cid_num" in e.fields),
        first(story.caller_leg, "CHAN_START"),
    )
    if event is None:
        return "", ""
    return stored_form(parse_caller(event.fields.get("cid_num", ""))), clean(event.fields.get("cid_name", ""))


def _language(story: Story) -> str:
    spoken = [event.fields.get("language") for event in story.caller_leg if event.name == Milestone.STEP]
    return next((language for language in reversed(spoken) if language in ("fa", "en")), "fa")


def _menu_path(story: Story) -> tuple[MenuStep, ...]:
    path: list[MenuStep] = []
    for event in story.caller_leg:
        node = _short(event, "node")
        if event.name == Milestone.STEP:
            path.append(MenuStep(node, None, event.at))
        elif event.name == Milestone.CHOICE:
            key = _short(event, "key")
            if path and path[-1].node == node and path[-1].key is None:
                path[-1] = MenuStep(node, key, path[-1].at)
            else:
                path.append(MenuStep(node, key, event.at))
    return tuple(path)


def _short(event: LedgerEvent, field: str) -> str:
    return event.fields.get(field, "")[:100]
