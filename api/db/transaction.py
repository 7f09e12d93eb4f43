"""One request, or one job, is one transaction. Only the edge commits; no service and no repository ever does.

Routes take `Transaction`; it is committed after the handler returned and before the answer is sent, so nobody is told
of a success that the database then refuses. An exception rolls everything back, whatever kind it is. Streams (sound,
server-sent events) must not touch it while they send: it is closed by then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import Sessions


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """The transaction of this request; `app.state.sessions` is set when the application starts."""
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        yield session


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
"""What a route asks for: `async def read(session: Transaction) -> …`."""
