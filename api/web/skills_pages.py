"""`/skills`: which queues each agent serves and at which level; one form an agent, the same use case as the API's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.duty.skills import put_skills, read_skills
from api.settings import ApiSettings
from api.web import shown
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from ivr.kernel.errors import Invalid
from routing.ladder import LEVELS, Ladder

router = APIRouter(prefix="/skills", include_in_schema=False)

Lead = Annotated[Principal, Depends(require(Permission.DUTY_LEAD))]


@router.get("")
async def skills_page(
    request: Request, session: Transaction, principal: Lead, saved: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    say = texts(language_of(request))
    settings: ApiSettings = request.app.state.settings
    agents = [
        {"agent": one.agent, "name": one.name_fa if say.language == "fa" else one.name_en, "skills": one.skills}
        for one in await read_skills(session)
    ]
    context: dict[str, Any] = {
        "agents": agents,
        "queues": [(str(name), say.word("queue", name)) for name in settings.queues],
        "levels": [(level, shown.number(level, say.language)) for level in LEVELS],
        "ladders": [(say.word("queue", name), rungs_of(queue.ladder, say)) for name, queue in settings.queues.items()],
        "saved": next((one["name"] for one in agents if one["agent"] == saved), ""),
    }
    return render(request, "pages/skills.html", principal, context)


@router.post("/{agent}")
async def save_skills(
    agent: Annotated[str, Path(max_length=64)], request: Request, session: Transaction, principal: Lead
) -> Response:
    settings: ApiSettings = request.app.state.settings
    form = await request.form()
    chosen = {queue: str(form.get(f"level-{queue}", "")) for queue in settings.queues}
    if not set(chosen.values()) <= {"", *map(str, LEVELS)}:
        raise Invalid("A level is 1, 2 or 3; 1 is asked first.", code="no_such_level", field="form.level")
    skills = {str(queue): int(level) for queue, level in chosen.items() if level}
    at = request.app.state.clock.now()
    await put_skills(session, principal, agent, skills, queues=settings.queues, at=at)
    return RedirectResponse(f"/skills?saved={agent}", 303)


def rungs_of(ladder: Ladder, say: Texts) -> list[str]:
    """Who may ring from when on, in words."""
    told: list[str] = []
    for rung in ladder.rungs:
        who = (
            say("skills.rung_helper", queue=say.word("queue", rung.helper))
            if rung.helper
            else say("skills.rung_level", level=shown.number(rung.level, say.language))
        )
        when = (
            say("skills.after", span=shown.span_words(rung.after_seconds, say.language))
            if rung.after_seconds
            else say("skills.at_once")
        )
        told.append(f"{who}: {when}")
    return told
