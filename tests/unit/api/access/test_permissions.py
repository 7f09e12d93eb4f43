"""The permission table, said once more in the words of the people concerned."""

import pytest

from api.access.permissions import (
    DOOR_SCOPES,
    PERSON,
    READ_SCOPES,
    Permission,
    Role,
    permissions_of_role,
    permissions_of_scopes,
)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.OPERATOR, {"floor.read", "roster.read", "duty.own"}),
        (
            Role.SUPERVISOR,
            {
                "floor.read",
                "calls.read",
                "recording.hear",
                "cases.read",
                "reconciliations.read",
                "figures.read",
                "staffing.read",
                "roster.read",
                "roster.edit",
                "duty.lead",
                "callbacks.read",
                "callbacks.cancel",
                "callers.lead",
                "line.act",
                "talk.listen",
                "talk.whisper",
                "talk.barge",
                "agents.read",
                "agents.edit",
                "alarms.read",
                "alarms.take",
                "groups.keep",
            },
        ),
        (
            Role.QA,
            {
                "floor.read",
                "calls.read",
                "recording.hear",
                "cases.read",
                "figures.read",
                "callbacks.read",
                "talk.listen",
            },
        ),
        (
            Role.CASEWORK,
            {"calls.read", "recording.hear", "cases.read", "cases.work", "callbacks.read", "callbacks.cancel"},
        ),
        (
            Role.MANAGER,
            {
                "floor.read",
                "calls.read",
                "cases.read",
                "reconciliations.read",
                "figures.read",
                "staffing.read",
                "roster.read",
                "callbacks.read",
                "agents.read",
                "alarms.read",
                "alarms.rule",
                "groups.keep",
            },
        ),
        (
            Role.ADMIN,
            {
                "floor.read",
                "calls.read",
                "recording.hear",
                "cases.read",
                "people.manage",
                "audit.read",
                "reconciliations.read",
                "figures.read",
                "staffing.read",
                "roster.read",
                "roster.edit",
                "duty.lead",
                "callbacks.read",
                "callbacks.cancel",
                "callers.lead",
                "line.act",
                "agents.read",
                "agents.edit",
                "alarms.read",
                "alarms.take",
                "alarms.rule",
                "groups.keep",
            },
        ),
    ],
)
def test_what_each_role_may(role: Role, may: set[str]) -> None:
    assert {permission.value for permission in permissions_of_role(role)} == may


def test_every_permission_has_its_line_in_the_table() -> None:
    assert set(PERSON) == set(Permission)


def test_what_a_telephone_may_no_person_may() -> None:
    assert PERSON[Permission.DUTY_BY_PHONE] == frozenset()
    assert Permission.DUTY_BY_PHONE not in permissions_of_scopes(list(READ_SCOPES))


def test_what_tokens_may() -> None:
    reading = {
        "floor.read",
        "calls.read",
        "recording.hear",
        "cases.read",
        "reconciliations.read",
        "figures.read",
        "staffing.read",
        "roster.read",
        "callbacks.read",
        "alarms.read",
    }
    assert {permission.value for permission in permissions_of_scopes(list(READ_SCOPES))} == reading
    doors = {Permission.CASE_STATE, Permission.DUTY_BY_PHONE, Permission.LINE_ADVICE}
    assert permissions_of_scopes(list(DOOR_SCOPES)) == doors
    assert permissions_of_scopes(["audit:read", "nonsense"]) == frozenset()
