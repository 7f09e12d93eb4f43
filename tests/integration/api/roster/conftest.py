"""A line whose clock stands, with four agents and two shifts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from api.access.permissions import Role
from api.db.engine import Sessions
from api.main import create_app
from api.settings import ApiSettings
from tests.integration.api.roster.plans_of_azar import StoppedClock, begin, key_of


@pytest.fixture
async def app(sessions: Sessions, settings: ApiSettings) -> AsyncIterator[FastAPI]:
    """The application of that line."""
    await begin(sessions)
    app = create_app(settings, StoppedClock())
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def supervisor(sessions: Sessions) -> dict[str, str]:
    """The headers of who plans."""
    async with sessions.begin() as session:
        return await key_of(session, Role.SUPERVISOR)
