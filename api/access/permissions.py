"""The one permission table. A route names a permission; which roles and which token scopes hold it stands only here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the line."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    QA = "qa"
    CASEWORK = "casework"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """What may be done."""

    FLOOR_READ = "floor.read"
    CALLS_READ = "calls.read"
    RECORDING_HEAR = "recording.hear"
    CASES_READ = "cases.read"
    CASES_WORK = "cases.work"
    CASE_STATE = "case.state"
    PEOPLE_MANAGE = "people.manage"
    AUDIT_READ = "audit.read"
    RECONCILIATIONS_READ = "reconciliations.read"
    FIGURES_READ = "figures.read"
    STAFFING_READ = "staffing.read"
    DUTY_OWN = "duty.own"
    DUTY_LEAD = "duty.lead"
    ROSTER_READ = "roster.read"
    ROSTER_EDIT = "roster.edit"
    DUTY_BY_PHONE = "duty.by_phone"
    CALLERS_LEAD = "callers.lead"
    LINE_ACT = "line.act"
    TALK_LISTEN = "talk.listen"
    TALK_WHISPER = "talk.whisper"
    TALK_BARGE = "talk.barge"
    LINE_ADVICE = "line.advice"
    GROUPS_KEEP = "groups.keep"
    CALLBACKS_READ = "callbacks.read"
    CALLBACKS_CANCEL = "callbacks.cancel"
    AGENTS_READ = "agents.read"
    AGENTS_EDIT = "agents.edit"
    ALARMS_READ = "alarms.read"
    ALARMS_TAKE = "alarms.take"
    ALARMS_RULE = "alarms.rule"


PERSON: Mapping[Permission, frozenset[Role]] = {
    Permission.FLOOR_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN, Role.OPERATOR, Role.QA}),
    # casework sees only calls that led to a case, and hears only what callers left: see `visibility`
    Permission.CALLS_READ: frozenset({Role.SUPERVISOR, Role.QA, Role.MANAGER, Role.ADMIN, Role.CASEWORK}),
    Permission.RECORDING_HEAR: frozenset({Role.SUPERVISOR, Role.QA, Role.ADMIN, Role.CASEWORK}),
    Permission.CASES_READ: frozenset({Role.CASEWORK, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN, Role.QA}),
    Permission.CASES_WORK: frozenset({Role.CASEWORK}),
    Permission.CASE_STATE: frozenset(),
    Permission.PEOPLE_MANAGE: frozenset({Role.ADMIN}),
    Permission.AUDIT_READ: frozenset({Role.ADMIN}),
    Permission.RECONCILIATIONS_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}),
    # who reads all calls may count them; casework sees only some
    Permission.FIGURES_READ: frozenset({Role.SUPERVISOR, Role.QA, Role.MANAGER, Role.ADMIN}),
    Permission.STAFFING_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}),
    Permission.DUTY_OWN: frozenset({Role.OPERATOR}),
    Permission.DUTY_LEAD: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    # an operator sees only their own turns: see `visibility`
    Permission.ROSTER_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN, Role.OPERATOR}),
    Permission.ROSTER_EDIT: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    # who is in a group may tell of their health: no more people than keep the groups
    Permission.GROUPS_KEEP: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}),
    Permission.CALLBACKS_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN, Role.QA, Role.CASEWORK}),
    Permission.CALLBACKS_CANCEL: frozenset({Role.SUPERVISOR, Role.ADMIN, Role.CASEWORK}),
    # the doors', for whoever is at a seat's telephone
    Permission.DUTY_BY_PHONE: frozenset(),
    # waiting callers: to another queue, to the front, more or less urgent
    Permission.CALLERS_LEAD: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    # queues closed or opened out of their hours, and what every caller is told
    Permission.LINE_ACT: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    # quality judges talks and takes no part in them
    Permission.TALK_LISTEN: frozenset({Role.SUPERVISOR, Role.QA}),
    Permission.TALK_WHISPER: frozenset({Role.SUPERVISOR}),
    Permission.TALK_BARGE: frozenset({Role.SUPERVISOR}),
    # the doors', for whoever is about to wait
    Permission.LINE_ADVICE: frozenset(),
    Permission.AGENTS_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}),
    # whoever plans turns and leads the floor also says who can do what
    Permission.AGENTS_EDIT: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    # everybody who sees the floor sees what stands there now; this is the list of all, with who took which
    Permission.ALARMS_READ: frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}),
    Permission.ALARMS_TAKE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Permission.ALARMS_RULE: frozenset({Role.MANAGER, Role.ADMIN}),
}

SCOPE: Mapping[str, Permission] = {
    "floor:read": Permission.FLOOR_READ,
    "calls:read": Permission.CALLS_READ,
    "recordings:read": Permission.RECORDING_HEAR,
    "cases:read": Permission.CASES_READ,
    "case:state": Permission.CASE_STATE,
    "reconciliations:read": Permission.RECONCILIATIONS_READ,
    "figures:read": Permission.FIGURES_READ,
    "staffing:read": Permission.STAFFING_READ,
    "roster:read": Permission.ROSTER_READ,
    "callbacks:read": Permission.CALLBACKS_READ,
    "duty:phone": Permission.DUTY_BY_PHONE,
    "line:advice": Permission.LINE_ADVICE,
    "alarms:read": Permission.ALARMS_READ,
}
"""What a program's token may be given; managing people and agents, reading the audit trail and planning turns are for people only."""

READ_SCOPES = (
    "floor:read",
    "calls:read",
    "recordings:read",
    "cases:read",
    "reconciliations:read",
    "figures:read",
    "staffing:read",
    "roster:read",
    "callbacks:read",
    "alarms:read",
)
DOOR_SCOPES = ("case:state", "duty:phone", "line:advice")


def permissions_of_role(role: Role) -> frozenset[Permission]:
    """All that a person of this role may do."""
    return frozenset(permission for permission, roles in PERSON.items() if role in roles)


def permissions_of_scopes(scopes: list[str]) -> frozenset[Permission]:
    """All that a token with these scopes may do; a scope that no longer exists gives nothing."""
    return frozenset(SCOPE[scope] for scope in scopes if scope in SCOPE)
