"""Telling a caller by SMS: not sent by us, but handed to whoever sends them, by one POST to a URL (`LINE1420_SMS_HOOK`).

    POST <hook>   {"code": "123456786", "number": "+989121234567", "kind": "promised" | "missed" | "given_up"}

Any answer of the 200s means taken; anything else is tried again by the worker with growing waits, so the same message may
come twice: `code` and `kind` (and for `missed` the time) tell the receiver. Off without a URL.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import httpx2
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.callback_tables import CallbackRow
from ivr.kernel.errors import Unavailable

ANSWER_SECONDS = 5.0
"""A receiver that takes longer is asked again later."""


class TextKind(StrEnum):
    """What is to be told."""

    PROMISED = "promised"
    """We call back; the place is kept."""
    MISSED = "missed"
    """We rang and nobody answered; there will be another try."""
    GIVEN_UP = "given_up"
    """No try more; a person has the case."""


class TextMessages(Protocol):
    """Somebody who sends them. Raises `Unavailable` when it may work later."""

    async def send(self, code: str, number: str, kind: TextKind) -> None: ...


class HttpTextMessages:
    """`TextMessages` over the hook."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, code: str, number: str, kind: TextKind) -> None:
        body = {"code": code, "number": number, "kind": kind.value}
        try:
            async with httpx2.AsyncClient(timeout=ANSWER_SECONDS) as client:
                answer = await client.post(self._url, json=body)
        except httpx2.HTTPError as error:
            raise Unavailable(f"the SMS hook does not answer ({type(error).__name__})") from error
        if not answer.is_success:
            raise Unavailable(f"the SMS hook answered {answer.status_code}")


async def number_of(session: AsyncSession, code: str) -> str:
    """Whom a message about this request goes to; empty when the request is gone."""
    row = await session.get(CallbackRow, code)
    return row.number if row is not None else ""
