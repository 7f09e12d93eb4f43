"""`/roster/day/{day}/{agent}`: planning one agent's turns of one day, and swapping them. The same use cases as the API's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.roster.asking import asked_day
from api.roster.cells import Change, RosterRefused, held
from api.roster.changing import change_cell, swap_cells
from api.roster.notices import notices_of
from api.roster.repository import RosterRows
from api.roster.routes import roster_line_of
from api.roster.schemas import NoticeView, ShiftView
from api.roster.trail import deeds_of
from api.roster.view import cell_view
from api.web import shown
from api.web.login_page import refusal_text
from api.web.people_names import names_of_everybody
from api.web.rendering import language_of, render
from api.web.roster_day_view import deeds_view
from api.web.roster_form import lines_of, lines_typed, plans_typed
from api.web.roster_view import address_of, cell_words, shift_name
from api.web.texts import Texts, texts
from ivr.kernel.errors import Conflict, Invalid, NotFound
from ivr.kernel.jalali import day_short, day_text, month_begins, month_text
from routing.roster.rules import Problem
from routing.roster.shifts import Shift
from routing.roster.turns import TurnKind

router = APIRouter(prefix="/roster/day", include_in_schema=False)

Planner = Annotated[Principal, Depends(require(Permission.ROSTER_EDIT))]
AgentName = Annotated[str, Path(max_length=64)]


@router.get("/{day}/{agent}")
async def cell_page(
    day: str,
    agent: AgentName,
    request: Request,
    session: Transaction,
    principal: Planner,
    saved: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    cell = await _cell(session, principal, agent, asked_day(day, request.app.state.clock.now()))
    return await _page(request, session, principal, cell, saved=saved)


@router.post("/{day}/{agent}")
async def plan(day: str, agent: AgentName, request: Request, session: Transaction, principal: Planner) -> Response:
    say, now = texts(language_of(request)), request.app.state.clock.now()
    cell = await _cell(session, principal, agent, asked_day(day, now))
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    if "kind-0" not in form:  # half a form must not pass for a wish to remove everything
        raise Invalid("The form came without its fields; load the page again.", code="form_incomplete")
    lines = lines_typed(form)
    try:
        plans = plans_typed(lines, [*cell["shifts"], *cell["old_shifts"]], roster_line_of(request).seats)
        key = (agent, cell["day"])
        changes = await change_cell(session, principal, key, plans, now=now, expected=form.get("expected") or None)
    except (Invalid, Conflict) as error:
        problems = await _problems(session, error, say)
        if isinstance(error, Conflict):  # what was typed stays; what stands there now is read again
            cell, expected, status = await _cell(session, principal, agent, cell["day"]), "", 409
        else:
            expected, status = form.get("expected", ""), 422
        return await _page(
            request, session, principal, cell | {"lines": lines, "expected": expected}, problems=problems, status=status
        )
    return RedirectResponse(f"{address_of(cell['day'])}/{agent}?saved={'yes' if changes else 'same'}", 303)


@router.post("/{day}/{agent}/swap")
async def swap(
    day: str,
    agent: AgentName,
    request: Request,
    session: Transaction,
    principal: Planner,
    other: Annotated[str, Form(max_length=64)] = "",
    other_day: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    say, now = texts(language_of(request)), request.app.state.clock.now()
    cell = await _cell(session, principal, agent, asked_day(day, now))
    try:
        there = asked_day(other_day or day, now, "form.other_day")
        changes = await swap_cells(session, principal, (agent, cell["day"]), (other, there), now=now)
    except (Invalid, NotFound) as error:
        problems = await _problems(session, error, say)
        typed = {"swap_problems": problems, "swap_with": other, "swap_day": other_day}
        return await _page(request, session, principal, cell | typed, status=422)
    return RedirectResponse(f"{address_of(cell['day'])}/{agent}?saved={'swapped' if changes else 'same'}", 303)


async def _cell(session: AsyncSession, principal: Principal, agent: str, day: date) -> dict[str, Any]:
    """What stands in the cell now. `NotFound` when nobody of this name can be planned."""
    rows = RosterRows(session)
    agents = await rows.agents(principal, day, day)
    found = next((one for one in agents if one.username == agent), None)
    if found is None:
        raise NotFound("There is no operator of this name.")
    turns = held(await rows.turns(principal, day, day)).get((agent, day), ())
    shifts = await rows.shifts()
    old = [turn.shift for turn in turns if turn.shift and turn.shift not in shifts]
    return {"agent": found, "agents": agents, "day": day, "turns": turns, "shifts": shifts, "old_shifts": old}


async def _page(
    request: Request,
    session: AsyncSession,
    principal: Principal,
    cell: Mapping[str, Any],
    *,
    problems: list[str] | None = None,
    saved: str = "",
    status: int = 200,
) -> Response:
    say, line = texts(language_of(request)), roster_line_of(request)
    day, agent, turns = cell["day"], cell["agent"], cell["turns"]
    told = cell_view(agent.username, day, turns)
    shifts = [ShiftView.of(shift) for shift in cell["shifts"]]
    names = await names_of_everybody(session, say.language)
    name = names.get(agent.username, agent.username)
    context = {
        "agent": agent.username,
        "name": name,
        "title": day_text(day, say.language, weekday=True),
        "href": f"{address_of(day)}/{agent.username}",
        "day_href": address_of(day),
        "month_href": f"/roster?month={day_short(month_begins(day), 'en')[:7].replace('/', '-')}",
        "month_name": month_text(day, say.language),
        "lines": cell.get("lines") or lines_of(told, say.language),
        "expected": cell.get("expected") or told.fingerprint,
        "now_words": cell_words(told, shifts, say) if turns else say("roster.nothing"),
        "shifts": [*((one.code_en, shift_name(one, say)) for one in shifts), *_given_up(cell["old_shifts"], say)],
        "kinds": [(kind.value, say.word("turn_kind", kind)) for kind in TurnKind],
        "seats": [(seat, shown.seat_number(seat, say.language)) for seat in line.seats],
        "problems": problems or [],
        "swap_problems": cell.get("swap_problems", []),
        "swap_with": cell.get("swap_with", ""),
        "swap_day": cell.get("swap_day", "") or day_short(day, say.language),
        "others": [(one.username, names[one.username]) for one in cell["agents"] if one.username != agent.username],
        "saved": saved if saved in {"yes", "same", "swapped"} else "",
        "notices": notice_texts(notices_of([Change(agent.username, day, (), tuple(turns))], line.calendar), names, say),
        "deeds": deeds_view(await deeds_of(session, principal, day, agent.username), shifts, names, say),
    }
    return render(request, "pages/roster_cell.html", principal, context, status=status)


def notice_texts(notices: Sequence[NoticeView], names: Mapping[str, str], say: Texts) -> list[str]:
    """What is allowed but may be a slip, in the reader's language."""
    return [
        say(
            f"roster_notice.{notice.code}",
            agent=names.get(notice.agent, notice.agent),
            day=day_text(notice.day, say.language, weekday=True),
            holiday=notice.holiday,
            shift=notice.shift,
        )
        for notice in notices
    ]


def _given_up(shifts: Sequence[Shift], say: Texts) -> list[tuple[str, str]]:
    """Shifts of turns that are there, from which no other turn is made any more."""
    named = {shift.code_en: shift.name_fa if say.language == "fa" else shift.name_en for shift in shifts}
    return [(code, say("roster.given_up", name=name)) for code, name in named.items()]


async def _problems(session: AsyncSession, error: Invalid | NotFound | Conflict, say: Texts) -> list[str]:
    """Each broken rule in the reader's language."""
    if isinstance(error, RosterRefused):
        names = await names_of_everybody(session, say.language)
        return [rule_text(problem, names, say) for problem in error.problems]
    if isinstance(error, NotFound):
        return [say("refusal.agent_unknown")]
    return [refusal_text(error, say) or say("error.invalid")]


def rule_text(problem: Problem, names: Mapping[str, str], say: Texts) -> str:
    """A broken rule with the people and the day it is about."""
    return say(
        f"roster_rule.{problem.code}",
        agent=names.get(problem.agent, problem.agent),
        other=names.get(problem.other, problem.other),
        day=day_text(problem.day, say.language, weekday=True),
        seat=shown.seat_number(problem.seat, say.language),
    )
