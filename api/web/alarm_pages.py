"""`/floor/alarms`: all alarms with who took them and when, taking one, and the limits, through the use cases of the JSON API."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.alarms.repository import page_of_rows
from api.alarms.routes import AlarmId
from api.alarms.rules import MOST, MOST_AFTER, asked_rule, change_rule, hold_rules, rules_in_force
from api.alarms.schemas import AlarmView, RuleView
from api.alarms.service import take_alarm
from api.db.transaction import Transaction
from api.http.errors import within_page
from api.web import shown
from api.web.alarm_rules_view import RuleField, RuleTyped, key_of, overtaken, rule_fields, rules_typed
from api.web.alarm_view import alarm_shown
from api.web.people_names import names_of
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from ivr.kernel.errors import Invalid
from routing.alarms import Rule, Unit

router = APIRouter(prefix="/floor/alarms", include_in_schema=False)

Reader = Annotated[Principal, Depends(require(Permission.ALARMS_READ))]
Taker = Annotated[Principal, Depends(require(Permission.ALARMS_TAKE))]
Ruler = Annotated[Principal, Depends(require(Permission.ALARMS_RULE))]
Which = Literal["", "standing", "over"]

ROWS = 50
_STANDING = {"": None, "standing": True, "over": False}
_PERCENT = 100


@router.get("")
async def alarms(
    request: Request,
    session: Transaction,
    principal: Reader,
    only: Annotated[Which, Query()] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    say, now = texts(language_of(request)), request.app.state.clock.now()
    rows, following = await page_of_rows(session, standing=_STANDING[only], limit=ROWS, cursor=cursor)
    told = [AlarmView.of(row) for row in rows]
    owners = {alarm.owner.partition(":")[2] for alarm in told if alarm.owner}
    people = await names_of(session, say.language, owners)
    asked = {"only": only} if only else {}
    context = {
        "rows": [alarm_shown(alarm, people, now, say) for alarm in told],
        "only": only,
        "choices": [("", say("alarms.only_all")), ("standing", say("alarms.only_standing")), ("over", say("alarms.only_over"))],
        "next": f"/floor/alarms?{urlencode(asked | {'cursor': following})}" if following else "",
    }  # fmt: skip
    return render(request, "pages/alarms.html", principal, context)


@router.post("/{alarm_id}/take")
async def take(alarm_id: AlarmId, request: Request, session: Transaction, principal: Taker) -> Response:
    await take_alarm(session, alarm_id, at=request.app.state.clock.now(), by=principal)
    return Response(status_code=204) if within_page(request) else RedirectResponse("/floor", 303)


@router.get("/rules")
async def rules(
    request: Request, session: Transaction, principal: Reader, changed: Annotated[int | None, Query(ge=0, le=99)] = None
) -> Response:
    return await _rules_page(request, session, principal, changed=changed)


@router.post("/rules")
async def change_rules(request: Request, session: Transaction, principal: Ruler) -> Response:
    """All of them or none: a number that cannot be read keeps every limit as it was."""
    say = texts(language_of(request))
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    await hold_rules(session)  # what the form leaves alone is kept as it stands, so it may not change meanwhile
    known = await _known(session)
    typed = rules_typed(known, form)
    if not typed:  # half a form must not pass for a wish to switch everything off
        raise Invalid("The form came without its fields; load the page again.", code="form_incomplete")
    names = {field.key: field for field in rule_fields(known, None, say)}
    wanted, problems = list[Rule](), list[str]()
    for rule in typed:
        field = names[f"{rule.kind}-{rule.queue or 'line'}"]
        if overtaken(field, form):
            del form[f"was-{field.key}"]  # told of it, a second press wins
            now_stands = say("alarms.stands", threshold=field.threshold, unit=field.unit, after=field.after)
            problems.append(say("alarms.moved_on", rule=field.name, stands=now_stands))
            continue
        try:
            wanted.append(_asked(rule))
        except Invalid as error:
            problems.append(_problem(error, field, rule, known, say))
    if problems:
        return await _rules_page(request, session, principal, typed=form, problems=problems)
    now = request.app.state.clock.now()
    changed = sum([await change_rule(session, rule, at=now, by=principal) for rule in wanted])
    return RedirectResponse(f"/floor/alarms/rules?changed={changed}", 303)


def _asked(rule: RuleTyped) -> Rule:
    if rule.threshold is None or rule.after_seconds is None:
        raise Invalid("Write a number.", code="alarm_number")
    return asked_rule(rule.kind, rule.queue, rule.threshold, rule.after_seconds, on=rule.on)


def _problem(error: Invalid, field: RuleField, rule: RuleTyped, known: list[RuleView], say: Texts) -> str:
    """What to write instead, in the reader's language."""
    if error.code == "alarm_threshold":
        unit = next(one.unit for one in known if key_of(one) == field.key)
        most = MOST[unit] * (_PERCENT if unit is Unit.SHARE else 1)
        return say("alarms.wrong_threshold", rule=field.name, most=shown.number(most, say.language))
    if error.code == "alarm_after":
        return say("alarms.wrong_after", rule=field.name, most=shown.number(MOST_AFTER, say.language))
    return say("alarms.wrong_number", rule=field.name)


async def _known(session: AsyncSession) -> list[RuleView]:
    return [RuleView.of(rule) for rule in (await rules_in_force(session)).values()]


async def _rules_page(
    request: Request,
    session: AsyncSession,
    principal: Principal,
    *,
    typed: dict[str, str] | None = None,
    problems: list[str] | None = None,
    changed: int | None = None,
) -> Response:
    say = texts(language_of(request))
    context: dict[str, Any] = {
        "fields": rule_fields(await _known(session), typed, say),
        "problems": problems or [],
        "may_change": principal.may(Permission.ALARMS_RULE),
        "saved": _saved(changed, say),
    }
    return render(request, "pages/alarm_rules.html", principal, context, status=422 if problems else 200)


def _saved(changed: int | None, say: Texts) -> str:
    if changed is None:
        return ""
    return say("alarms.saved", count=shown.number(changed, say.language)) if changed else say("alarms.saved_same")
