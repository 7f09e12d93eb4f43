"""The desk over real HTTP: right answers, wrong answers, slow answers, no answers; a caller waits no longer than the limit."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from agi_scripts.http_desk import HttpDesk
from agi_scripts.settings import DoorSettings
from ivr.dialogue.replies import Advice, CaseFound, CaseNotFound, DeskUnavailable, SeatNow, SeatRefused
from ivr.dialogue.verbs import AskAdvice, AskSeat, SeatDeed
from ivr.kernel.tracking_code import TrackingCode
from tests.patience import quickest_awaited, until

CODE = TrackingCode.from_number(1420)
BODY = {"code": CODE, "state": "in_work", "opened_at": "2026-11-20T08:00:00Z", "due_at": "2026-11-27T11:30:00+03:30"}


@dataclass
class Api:
    """The written side, as far as a door sees it."""

    port: int = 0
    status: int = 200
    body: str = json.dumps(BODY)
    delay: float = 0.0
    held: asyncio.Event | None = None
    """Nobody is answered before it is set."""
    headers: str = ""
    """Further lines of the answer, each with its line end."""
    requests: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            length = re.search(r"content-length: (\d+)", self.requests[-1].lower())
            self.bodies.append((await reader.readexactly(int(length[1]) if length else 0)).decode())
        except asyncio.IncompleteReadError:
            return
        await asyncio.sleep(self.delay)
        if self.held is not None:
            await self.held.wait()
        body = self.body.encode()
        writer.write(
            f"HTTP/1.1 {self.status} X\r\n{self.headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        writer.close()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    api = Api()
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    api.port = server.sockets[0].getsockname()[1]
    yield api
    server.close()


def settings_for(api: Api, rest: float = 60.0, **more: timedelta) -> DoorSettings:
    settings = {"desk_url": f"http://127.0.0.1:{api.port}", "door_token": "door", "desk_rest": timedelta(seconds=rest)}
    return DoorSettings.model_validate({**settings, **more})


PATIENT = timedelta(seconds=30)
"""Where the limit is not what is tested: a busy machine is no slow desk."""


@pytest.fixture
async def desk(api: Api) -> AsyncIterator[HttpDesk]:
    desk = HttpDesk(settings_for(api, desk_limit=PATIENT))
    yield desk
    await desk.close()


@pytest.fixture
async def rested(api: Api) -> AsyncIterator[HttpDesk]:
    """A desk that failed three times, and whose rest is over; from now on it rests long."""
    desk = HttpDesk(settings_for(api, rest=0.1, desk_limit=PATIENT))
    api.status = 500
    for _ in range(3):
        assert await desk.look_up_case(CODE) == DeskUnavailable()
    await asyncio.sleep(0.15)
    desk._rest = 60.0  # pyright: ignore[reportPrivateUsage]
    yield desk
    await desk.close()


async def test_a_case_is_found_with_its_dates(desk: HttpDesk, api: Api) -> None:
    opened, due = datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert await desk.look_up_case(CODE) == CaseFound("in_work", opened, due)
    assert api.requests[0].startswith(f"GET /api/v1/cases/{CODE}/state ")
    assert "authorization: bearer door" in api.requests[0].lower()


async def test_an_unknown_code_is_not_found(desk: HttpDesk, api: Api) -> None:
    api.status = 404
    assert await desk.look_up_case(CODE) == CaseNotFound()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, ""), (401, "{}"), (200, "no json"), (200, "[]"), (200, '{"state": "open"}'), (302, ""),
     (200, json.dumps({**BODY, "due_at": "2026-11-27T08:00:00"})), (200, json.dumps({**BODY, "opened_at": 5}))],
)  # fmt: skip
async def test_anything_else_is_unavailable(desk: HttpDesk, api: Api, status: int, body: str) -> None:
    api.status, api.body = status, body
    assert await desk.look_up_case(CODE) == DeskUnavailable()


async def test_a_slow_desk_costs_the_caller_its_limit_and_no_more(api: Api) -> None:
    settings = settings_for(api)
    limit, api.delay = settings.desk_limit.total_seconds(), 5

    async def wait() -> float:
        desk = HttpDesk(settings)  # one that is not left alone yet
        started = time.perf_counter()
        assert await desk.look_up_case(CODE) == DeskUnavailable()
        seconds = time.perf_counter() - started
        await desk.close()
        return seconds

    assert limit == 0.3
    assert await quickest_awaited(wait, 3 * limit) < 3 * limit


async def test_after_three_failures_the_desk_is_left_alone(desk: HttpDesk, api: Api) -> None:
    api.status = 500
    for _ in range(5):
        assert await desk.look_up_case(CODE) == DeskUnavailable()
    assert len(api.requests) == 3


async def test_after_its_rest_the_desk_is_tried_again(rested: HttpDesk, api: Api) -> None:
    api.status = 200
    assert isinstance(await rested.look_up_case(CODE), CaseFound)


async def test_after_the_rest_one_caller_asks_and_the_others_do_not_wait_for_it(rested: HttpDesk, api: Api) -> None:
    api.status, api.held = 200, asyncio.Event()
    first = asyncio.create_task(rested.look_up_case(CODE))
    await until(lambda: len(api.requests) == 4)
    assert [await rested.look_up_case(CODE) for _ in range(4)] == [DeskUnavailable()] * 4
    assert not first.done()
    api.held.set()
    assert isinstance(await first, CaseFound)
    assert len(api.requests) == 4
    assert isinstance(await rested.look_up_case(CODE), CaseFound)


async def test_a_desk_that_fails_again_after_its_rest_rests_again_at_once(rested: HttpDesk, api: Api) -> None:
    assert [await rested.look_up_case(CODE) for _ in range(4)] == [DeskUnavailable()] * 4
    assert len(api.requests) == 4


async def test_a_caller_who_hangs_up_in_the_first_question_after_the_rest_does_not_close_the_desk_for_ever(
    rested: HttpDesk, api: Api
) -> None:
    api.status, api.held = 200, asyncio.Event()
    gone = asyncio.create_task(rested.look_up_case(CODE))
    await until(lambda: len(api.requests) == 4)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    api.held.set()
    assert isinstance(await rested.look_up_case(CODE), CaseFound)


async def test_nobody_listening_is_unavailable() -> None:
    desk = HttpDesk(DoorSettings(desk_url="http://127.0.0.1:1"))
    assert await desk.look_up_case(CODE) == DeskUnavailable()
    await desk.close()


PIN = "482913"


@pytest.mark.parametrize(
    ("deed", "asked"),
    [
        (SeatDeed.LOOK, "GET /api/v1/seats/seat05/duty "),
        (SeatDeed.SIGN_IN, "POST /api/v1/seats/seat05/duty "),
        (SeatDeed.SIGN_OUT, "DELETE /api/v1/seats/seat05/duty "),
        (SeatDeed.BREAK, "PUT /api/v1/seats/seat05/pause "),
        (SeatDeed.READY, "POST /api/v1/seats/seat05/ready "),
    ],
)
async def test_each_deed_at_a_seat_is_one_request_and_only_signing_in_has_a_body(
    desk: HttpDesk, api: Api, deed: SeatDeed, asked: str
) -> None:
    api.body = json.dumps({"state": "wrap_up", "agent_number": "107"})
    assert await desk.ask_seat(AskSeat("seat05", deed, number="107", pin=PIN)) == SeatNow("wrap_up", "107")
    assert api.requests[0].startswith(asked)
    assert "authorization: bearer door" in api.requests[0].lower()
    assert PIN not in api.requests[0], "an address stands in logs"
    body = json.loads(api.bodies[0]) if api.bodies[0] else None
    assert body == ({"agent_number": "107", "pin": PIN} if deed is SeatDeed.SIGN_IN else None)


@pytest.mark.parametrize(
    ("status", "code", "headers", "told"),
    [
        (404, "pin_refused", "", SeatRefused("wrong")),
        (409, "seat_taken", "", SeatRefused("taken")),
        (409, "agent_elsewhere", "Location: /api/v1/seats/seat12/duty\r\n", SeatRefused("elsewhere", seat="seat12")),
        (429, "too_many_tries", "Retry-After: 77\r\n", SeatRefused("wait", seconds=77)),
        (404, "not_on_duty", "", SeatNow("free")),
        (403, "forbidden", "", DeskUnavailable()),
        (404, "not_found", "", DeskUnavailable()),
        (503, "unavailable", "Retry-After: 5\r\n", DeskUnavailable()),
        (429, "too_many_tries", "Retry-After: soon\r\n", DeskUnavailable()),
    ],
)
async def test_refusals_at_a_seat(
    desk: HttpDesk, api: Api, status: int, code: str, headers: str, told: SeatNow | SeatRefused | DeskUnavailable
) -> None:
    api.status, api.headers = status, headers
    api.body = json.dumps({"error": {"code": code, "message": "x", "field": None}})
    assert await desk.ask_seat(AskSeat("seat05", SeatDeed.SIGN_IN, number="107", pin=PIN)) == told


async def test_signing_out_has_no_content(desk: HttpDesk, api: Api) -> None:
    api.status, api.body = 204, ""
    assert await desk.ask_seat(AskSeat("seat05", SeatDeed.SIGN_OUT)) == SeatNow("free")


@pytest.mark.parametrize(
    ("status", "body"), [(200, "no json"), (200, "[]"), (500, ""), (404, "{}"), (422, '{"error": 1}')]
)
async def test_nonsense_about_a_seat_is_unavailable(desk: HttpDesk, api: Api, status: int, body: str) -> None:
    api.status, api.body = status, body
    assert await desk.ask_seat(AskSeat("seat05", SeatDeed.LOOK)) == DeskUnavailable()


async def test_an_agent_waits_their_own_limit_and_costs_callers_no_rest(api: Api) -> None:
    api.held = asyncio.Event()
    desk = HttpDesk(settings_for(api, desk_limit=PATIENT, seat_limit=timedelta(seconds=0.05)))
    for _ in range(4):
        assert await desk.ask_seat(AskSeat("seat05", SeatDeed.LOOK)) == DeskUnavailable()
    api.held.set()
    assert isinstance(await desk.look_up_case(CODE), CaseFound)
    await desk.close()


ADVICE = {"queue": "insurance", "estimate_seconds": 247.5, "basis": "recent", "wait_limit_seconds": 600, "waiting_ahead": 3}  # fmt: skip
INSURANCE = AskAdvice("insurance")


async def test_what_a_queue_is_like_is_one_request_also_where_nothing_is_known(desk: HttpDesk, api: Api) -> None:
    api.body = json.dumps(ADVICE)
    assert await desk.advise(INSURANCE) == Advice(247.5, "recent", 600)
    assert api.requests[0].startswith("GET /api/v1/line/advice?queue=insurance ")
    assert "authorization: bearer door" in api.requests[0].lower()
    api.body = json.dumps({**ADVICE, "estimate_seconds": None, "basis": None})
    assert await desk.advise(INSURANCE) == Advice(None, "", 600)


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, ""), (403, "{}"), (404, "{}"), (200, "no json"), (200, "[]"), (200, "{}"),
     *((200, json.dumps({**ADVICE, "estimate_seconds": wrong})) for wrong in (-1, "soon", float("nan"), float("inf")))],
)  # fmt: skip
async def test_nonsense_about_a_queue_is_unavailable(desk: HttpDesk, api: Api, status: int, body: str) -> None:
    api.status, api.body = status, body
    assert await desk.advise(INSURANCE) == DeskUnavailable()


async def test_who_is_on_the_way_to_a_queue_waits_for_a_slow_desk_no_longer_than_the_limit(api: Api) -> None:
    settings = settings_for(api)
    limit, api.delay = settings.desk_limit.total_seconds(), 5

    async def wait() -> float:
        desk = HttpDesk(settings)
        started = time.perf_counter()
        assert await desk.advise(INSURANCE) == DeskUnavailable()
        seconds = time.perf_counter() - started
        await desk.close()
        return seconds

    assert await quickest_awaited(wait, 3 * limit) < 3 * limit


async def test_a_desk_that_failed_three_times_is_asked_for_nothing(desk: HttpDesk, api: Api) -> None:
    api.status = 500
    for _ in range(3):
        assert await desk.advise(INSURANCE) == DeskUnavailable()
    assert [await desk.advise(INSURANCE), await desk.look_up_case(CODE)] == [DeskUnavailable()] * 2
    assert len(api.requests) == 3
