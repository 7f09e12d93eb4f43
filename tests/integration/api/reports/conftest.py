"""A line whose clock stands still, for the tests of figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from api.db.engine import Sessions
from api.main import create_app
from api.reports.periods import today
from api.settings import ApiSettings

NOW = datetime(2026, 11, 28, 13, 10, tzinfo=UTC)
"""16:40 in Tehran, a Saturday: 7 Azar 1405."""
MIDNIGHT = today(NOW).since
OPENS = MIDNIGHT + timedelta(hours=8)
FIGURES = "/api/v1/figures"


@dataclass
class Stopped:
    """A clock that stands still."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def ask(
    sessions: Sessions, settings: ApiSettings, api_token_headers: dict[str, str]
) -> AsyncIterator[Callable[..., Any]]:
    """`await ask("/api/v1/figures", day="1405-09-07")`: the answer, by an application whose clock stands still."""
    app = create_app(settings, Stopped())
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://line.test") as client:

            async def get(path: str = FIGURES, status: int = 200, **asked: str) -> dict[str, Any]:
                answer = await client.get(path, params=asked, headers=api_token_headers)
                assert answer.status_code == status, answer.text
                return answer.json()

            yield get
