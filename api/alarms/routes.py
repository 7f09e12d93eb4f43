"""`/api/v1/alarms`: reading them, taking one, and their limits."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.alarms.repository import looked_at, page_of_rows
from api.alarms.rules import asked_rule, change_rule, rules_in_force
from api.alarms.schemas import AlarmView, RuleAsked, Rules, RuleView
from api.alarms.service import take_alarm
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.pages_of import Cursor, Limit, Page
from api.http.routers import api_router

router = api_router("alarms", "/alarms")

Reader = Annotated[Principal, Depends(require(Permission.ALARMS_READ))]
Taker = Annotated[Principal, Depends(require(Permission.ALARMS_TAKE))]
Ruler = Annotated[Principal, Depends(require(Permission.ALARMS_RULE))]
AlarmId = Annotated[int, Path(ge=1, lt=2**63, description="`id` of the alarm.")]


@router.get("", summary="Alarms of the floor, newest first")
async def list_alarms(
    session: Transaction,
    _principal: Reader,
    standing: Annotated[bool | None, Query(description="Only those that stand, or only those that are over.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AlarmView]:
    rows, following = await page_of_rows(session, standing=standing, limit=limit, cursor=cursor)
    return Page(items=[AlarmView.of(row) for row in rows], next=following)


@router.post("/{alarm_id}/take", summary="Take an alarm", responses=error_responses(404, 409))
async def take(alarm_id: AlarmId, request: Request, session: Transaction, principal: Taker) -> AlarmView:
    """From then on it is yours and acknowledged. One that is another's, or is over, is refused with 409."""
    return AlarmView.of(await take_alarm(session, alarm_id, at=request.app.state.clock.now(), by=principal))


@router.get("/rules", summary="The limits in force")
async def read_rules(session: Transaction, _principal: Reader) -> Rules:
    rules = await rules_in_force(session)
    return Rules(looked_at=await looked_at(session), items=[RuleView.of(rule) for rule in rules.values()])


@router.put("/rules/{kind}", summary="Change a limit", responses=error_responses(400, 413))
async def put_rule(
    kind: Annotated[str, Path(max_length=40, description="Kind of alarm, e.g. `longest_wait`.")],
    asked: RuleAsked,
    request: Request,
    session: Transaction,
    principal: Ruler,
) -> RuleView:
    """In force from the next look on, within two seconds. Audited with before and after."""
    wanted = asked_rule(kind, asked.queue, asked.threshold, asked.after_seconds, on=asked.on)
    await change_rule(session, wanted, at=request.app.state.clock.now(), by=principal)
    return RuleView.of(wanted)
