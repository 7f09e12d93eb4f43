"""Asks the written side over HTTP how a case stands or how long a wait will be. A caller waits for it, so it has 300 ms and not
one more.

After three failures in a row the desk is left alone for a few seconds and callers are told at once: an overloaded
service gets well faster when nobody knocks, and callers do not pay the limit each. Agents at a seat's telephone are asked
for by name and are few: they have a longer limit and no such rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import httpx2
import structlog

from agi_scripts.measures import DESK_RESTS, LOOK_UPS, SEAT_ASKS
from agi_scripts.settings import DoorSettings
from ivr.dialogue.replies import Advice, CaseFound, CaseNotFound, DeskUnavailable, SeatNow, SeatRefused
from ivr.dialogue.verbs import AskAdvice, AskSeat, SeatDeed
from ivr.kernel.clock import aware
from ivr.kernel.tracking_code import TrackingCode

log = structlog.get_logger()

Answer = TypeVar("Answer")

FAILURES = 3
"""In a row, until the desk is left alone."""

_DEEDS = {
    SeatDeed.LOOK: ("GET", "duty"),
    SeatDeed.SIGN_IN: ("POST", "duty"),
    SeatDeed.SIGN_OUT: ("DELETE", "duty"),
    SeatDeed.BREAK: ("PUT", "pause"),
    SeatDeed.READY: ("POST", "ready"),
}
_REFUSALS = {"pin_refused": "wrong", "too_many_tries": "wait", "seat_taken": "taken", "agent_elsewhere": "elsewhere"}


class HttpDesk:
    """`agi_scripts.desk.Desk` on `GET {desk_url}/api/v1/cases/{code}/state`, `…/line/advice` and `…/seats/{seat}/…`."""

    def __init__(self, settings: DoorSettings) -> None:
        self.seat_seconds = settings.seat_limit.total_seconds()
        self._limit = settings.desk_limit.total_seconds()
        self._rest = settings.desk_rest.total_seconds()
        token = settings.door_token.get_secret_value()
        self._client = httpx2.AsyncClient(
            base_url=settings.desk_url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=self._limit,
            trust_env=False,
            # loading certificate authorities takes longer than a caller may wait; without TLS nobody needs them
            verify=settings.desk_url.startswith("https:"),
        )
        self._failures = 0
        self._rests_until = 0.0
        self._asking_again = False
        """One caller is finding out whether a desk that failed answers again; nobody else need wait for it."""

    async def look_up_case(self, code: TrackingCode) -> CaseFound | CaseNotFound | DeskUnavailable:
        answer = await self._look_up(f"/api/v1/cases/{code}/state", {}, _read)
        if not isinstance(answer, DeskUnavailable):
            LOOK_UPS.labels("found" if isinstance(answer, CaseFound) else "not_found").inc()
        return answer

    async def advise(self, asked: AskAdvice) -> Advice | DeskUnavailable:
        answer = await self._look_up("/api/v1/line/advice", {"queue": asked.queue}, _read_advice)
        if isinstance(answer, Advice):
            LOOK_UPS.labels("advised" if answer.estimate_seconds is not None else "silent").inc()
        return answer

    async def _look_up(
        self, path: str, query: Mapping[str, str], read: Callable[[httpx2.Response], Answer]
    ) -> Answer | DeskUnavailable:
        now = asyncio.get_running_loop().time()
        if now < self._rests_until or self._asking_again:
            LOOK_UPS.labels("resting").inc()
            return DeskUnavailable()
        first_again = self._failures >= FAILURES
        self._asking_again = first_again
        try:
            async with asyncio.timeout(self._limit):
                response = await self._client.get(path, params=query)
            answer = read(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, KeyError, TypeError) as error:
            LOOK_UPS.labels("unavailable").inc()
            self._failed(now, type(error).__name__)
            return DeskUnavailable()
        finally:
            if first_again:
                self._asking_again = False
        self._failures = 0
        DESK_RESTS.set(0)
        return answer

    async def ask_seat(self, asked: AskSeat) -> SeatNow | SeatRefused | DeskUnavailable:
        method, what = _DEEDS[asked.deed]
        body = {"agent_number": asked.number, "pin": asked.pin} if asked.deed is SeatDeed.SIGN_IN else None
        try:
            async with asyncio.timeout(self.seat_seconds):
                response = await self._client.request(
                    method, f"/api/v1/seats/{asked.seat}/{what}", json=body, timeout=self.seat_seconds
                )
            answer = _read_seat(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, KeyError, TypeError) as error:
            SEAT_ASKS.labels(asked.deed.value, "unavailable").inc()
            log.warning("seat_desk_unavailable", deed=asked.deed.value, reason=type(error).__name__)
            return DeskUnavailable()
        SEAT_ASKS.labels(asked.deed.value, "refused" if isinstance(answer, SeatRefused) else "answered").inc()
        return answer

    async def warm_up(self) -> None:
        """One request before the first caller: what the client loads on first use would eat that caller's limit."""
        with contextlib.suppress(httpx2.HTTPError, httpx2.InvalidURL):
            await self._client.get("/live")

    async def close(self) -> None:
        await self._client.aclose()

    def _failed(self, now: float, reason: str) -> None:
        self._failures += 1
        log.warning("desk_unavailable", reason=reason, failures=self._failures)
        if self._failures >= FAILURES:
            # one caller after the rest tries again; a further failure rests again at once
            self._rests_until = now + self._rest
            DESK_RESTS.set(1)


def _read(response: httpx2.Response) -> CaseFound | CaseNotFound:
    if response.status_code == 404:
        return CaseNotFound()
    if response.status_code != 200:
        raise ValueError(f"status {response.status_code}")
    body: dict[str, Any] = response.json()
    return CaseFound(
        state=str(body["state"]),
        opened_at=aware(datetime.fromisoformat(body["opened_at"])),
        due_at=aware(datetime.fromisoformat(body["due_at"])),
    )


def _read_advice(response: httpx2.Response) -> Advice:
    if response.status_code != 200:
        raise ValueError(f"status {response.status_code}")
    body: dict[str, Any] = response.json()
    seconds = None if body["estimate_seconds"] is None else float(body["estimate_seconds"])
    if seconds is not None and not 0 <= seconds < math.inf:
        raise ValueError("a wait that is none")
    return Advice(
        estimate_seconds=seconds,
        basis=str(body["basis"] or ""),
        wait_limit_seconds=int(body["wait_limit_seconds"]),
    )


def _read_seat(response: httpx2.Response) -> SeatNow | SeatRefused:
    if response.is_success:
        if response.status_code == 204:
            return SeatNow("free")
        body: dict[str, Any] = response.json()
        return SeatNow(str(body["state"]), str(body["agent_number"] or ""))
    refusal = response.json()["error"]["code"]
    if refusal == "not_on_duty":
        return SeatNow("free")
    return SeatRefused(
        _REFUSALS[refusal],
        seat=response.headers.get("location", "").removeprefix("/api/v1/seats/").removesuffix("/duty"),
        seconds=int(response.headers.get("retry-after", "0")),
    )
