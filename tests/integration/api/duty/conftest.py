"""One agent at a seat."""

from __future__ import annotations

import pytest

from api.access.permissions import Role
from api.duty.service import sign_in
from tests.integration.api.duty.floor import SEAT, SEATS, T0


@pytest.fixture
async def at_seat(sessions, add_person):
    """operator03 at seat05, since T0."""
    await add_person(Role.OPERATOR, "operator03")
    await add_person(Role.OPERATOR, "operator04")
    async with sessions.begin() as session:
        await sign_in(session, "operator03", SEAT, seats=SEATS, at=T0, by="person:operator03")
    return sessions
