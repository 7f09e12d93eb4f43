"""A day of the roster as its page shows it: figures, a row for each agent, who changed what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.roster.schemas import AgentDay, RosterDay, ShiftView
from api.roster.trail import Deed
from api.web import shown
from api.web.figure_row import Figure
from api.web.roster_view import (
    FRIDAY,
    address_of,
    coverage_view,
    holiday_name,
    hours_text,
    marks_of,
    measured_view,
    name_of,
    shift_name,
    turn_words,
)
from api.web.texts import Texts
from routing.roster.stretches import State
from routing.roster.turns import TurnKind

WORTH_A_LOOK = 5 * 60
"""Seconds late or early from which a row asks for a look; what is less is told without colour."""
WORTH_A_WORD = 10 * 60
"""Seconds outside of the plan; who signs in some minutes before a turn does what everybody does."""


def day_view(day: RosterDay, now: datetime, say: Texts, *, may_edit: bool) -> dict[str, Any]:
    """What the template needs beside the bars."""
    return {
        "figures": _figures(day, say) if day.agents else [],
        "holiday": holiday_name(day.head, say),
        "friday": day.head.weekday == FRIDAY,
        "rows": [_row(agent, day, now, say, may_edit) for agent in day.agents],
        "coverage": [
            {"name": shift_name(shift, say), **coverage_view(told, say)}
            for told in day.coverage
            for shift in day.shifts
            if shift.code_en == told.shift
        ],
        "free": [
            {"name": name_of(agent, say), "href": f"{address_of(day.head.day)}/{agent.agent}"} for agent in day.free
        ]
        if may_edit
        else [],
    }


def _figures(day: RosterDay, say: Texts) -> list[Figure]:
    told, language = measured_view(day.measured, say), say.language
    planned = sum(any(turn.kind is TurnKind.WORK for turn in agent.cell.turns) for agent in day.agents)
    came = sum(bool(agent.seen) for agent in day.agents)
    measured = day.measured
    return [
        Figure("planned", say("roster.planned_agents"), shown.number(planned, language)),
        Figure("came", say("roster.came_agents"), shown.number(came, language)),
        Figure("adherence", say("roster.adherence"), told["adherence"], say("roster.adherence_note")),
        Figure("conformance", say("roster.conformance"), told["conformance"], say("roster.conformance_note")),
        Figure(
            "late", say("roster.late"), shown.number(measured.late_turns, language), _span(measured.late_seconds, say),
            "look" if measured.late_turns else "plain",
        ),
        Figure(
            "early", say("roster.early"), shown.number(measured.early_turns, language),
            _span(measured.early_seconds, say), "look" if measured.early_turns else "plain",
        ),
        Figure(
            "absent", say("roster.absent"), shown.number(measured.absent_turns, language), "",
            "act" if measured.absent_turns else "plain",
        ),
    ]  # fmt: skip


def _span(seconds: int, say: Texts) -> str:
    return say("roster.together", span=hours_text(max(seconds, 60), say)) if seconds else ""


def _row(agent: AgentDay, day: RosterDay, now: datetime, say: Texts, may_edit: bool) -> dict[str, Any]:
    cell = agent.cell
    return {
        "agent": agent.agent.agent,
        "name": name_of(agent.agent, say),
        "marks": marks_of(cell, day.shifts, say),
        "planned": [turn_words(turn, day.shifts, say) for turn in cell.turns],
        "notes": [turn.note for turn in cell.turns if turn.note],
        "seen": _seen(agent, now, say),
        "chips": _chips(agent, say),
        "href": f"{address_of(day.head.day)}/{agent.agent.agent}" if may_edit else "",
        **measured_view(agent.measured, say),
    }


def _seen(agent: AgentDay, now: datetime, say: Texts) -> list[str]:
    """What was seen, in words: from when to when, and the pauses by cause with their lengths."""
    language, spans = say.language, list[list[datetime]]()
    for one in agent.seen:
        if spans and spans[-1][1] == one.begins_at:
            spans[-1][1] = one.ends_at
        else:
            spans.append([one.begins_at, one.ends_at])
    told = [
        say("roster.since", begins=shown.clock(first, language))
        if last >= now.replace(microsecond=0)
        else say("roster.range", begins=shown.clock(first, language), ends=shown.clock(last, language))
        for first, last in spans
    ]
    paused: dict[str, int] = {}
    for one in agent.seen:
        if one.state is not State.WORKING:
            paused[one.cause] = paused.get(one.cause, 0) + int((one.ends_at - one.begins_at).total_seconds())
    pauses = [
        say("roster.paused", cause=say.word("pause_cause", cause), span=hours_text(max(seconds, 60), say))
        for cause, seconds in sorted(paused.items())
    ]
    return told + [say("roster.comma").join(pauses)] * bool(pauses)


def _chips(agent: AgentDay, say: Texts) -> list[tuple[str, str]]:
    """Tone and words of what is out of plan."""
    told, measured = measured_view(agent.measured, say), agent.measured
    found: list[tuple[str, str]] = []
    if measured.absent_turns:
        found.append(("act", say("roster.chip_absent")))
    if measured.late_turns:
        tone = "look" if measured.late_seconds >= WORTH_A_LOOK else "plain"
        found.append((tone, say("roster.chip_late", span=hours_text(max(measured.late_seconds, 60), say))))
    if measured.early_turns:
        tone = "look" if measured.early_seconds >= WORTH_A_LOOK else "plain"
        found.append((tone, say("roster.chip_early", span=hours_text(max(measured.early_seconds, 60), say))))
    if measured.unplanned_seconds >= WORTH_A_WORD:
        found.append(("plain", say("roster.chip_unplanned", span=told["unplanned"])))
    return found


def deeds_view(
    deeds: Sequence[Deed], shifts: Sequence[ShiftView], names: Mapping[str, str], say: Texts
) -> list[dict[str, Any]]:
    """Who changed what, newest first."""
    return [
        {
            "at": deed.at,
            "by": names.get(deed.by, deed.by),
            "what": say.word("roster_deed", deed.action),
            "agent": names.get(deed.agent, deed.agent),
            "before": _told(deed.before, shifts, say),
            "after": _told(deed.after, shifts, say),
        }
        for deed in deeds
    ]


def _told(turns: Sequence[Any], shifts: Sequence[ShiftView], say: Texts) -> str:
    return say("roster.and").join(turn_words(turn, shifts, say) for turn in turns) or say("roster.nothing")
