"""The listener and a real Asterisk with a broken wire between them.

What must hold whatever happens: a dead link is found within 15 s, a page calls its picture stale within 10 s, and 5 s after
the next login board and page are exactly what Asterisk itself says of members, pauses, reasons, states and callers. Each is
measured in one try of several; nothing is promised about the rest, which is waited for.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ivr.kernel.clock import SystemClock
from routing.listener import ListenerPace
from tests.asterisk.exchange import LIMIT, Exchange
from tests.faults.ami_proxy import Shares
from tests.faults.second_opinion import Manager, Storm
from tests.faults.watched_floor import WatchedFloor
from tests.patience import one_try_of_several

DEAD_LINK_SECONDS = 15.0
STALE_SECONDS = 10.0
REASONS = ("نماز و ناهار", "آموزش", "بریک")


class Floor:
    """The exchange's manager port, and pauses to tell one moment from another."""

    def __init__(self, exchange: Exchange) -> None:
        self.port = exchange.settings.ami_port
        self.secret = exchange.settings.ami_listener_secret.get_secret_value()
        self.pauses = 0

    def watched(self, **changes: object) -> WatchedFloor:
        return WatchedFloor(self.port, self.secret, **changes)  # type: ignore[arg-type]

    def tester(self) -> Manager:
        return Manager(self.port, self.secret)

    def storm(self, per_second: float) -> Storm:
        return Storm(self.port, self.secret, per_second)

    def change(self) -> None:
        """Something happens that a board without a link cannot know."""
        self.pauses += 1
        with self.tester() as tester:
            for number in range(1, 9):
                tester.pause(f"seat{number:02d}", f"{REASONS[self.pauses % 3]} {self.pauses}")
            tester.pause("seat09", "", paused=False, queue="insurance")


@pytest.fixture
async def floor(exchange: Exchange) -> AsyncIterator[Floor]:
    found = Floor(exchange)
    yield found
    with found.tester() as tester:
        for number in range(1, 17):
            tester.pause(f"seat{number:02d}", "", paused=False)


@one_try_of_several
async def dropped_and_reset(floor: Floor) -> None:
    async with floor.watched() as watched:
        await watched.until(lambda: watched.live, LIMIT, "the first login")
        for end in (watched.proxy.drop, watched.proxy.reset):
            logins = watched.link.logins
            end()
            await watched.until(lambda: not watched.live or watched.link.logins > logins, LIMIT, "noticing the end")  # noqa: B023
            await asyncio.to_thread(floor.change)
            await watched.until(lambda: watched.link.logins > logins, LIMIT, "the next login")  # noqa: B023 - awaited at once
            await watched.is_right()


@one_try_of_several
async def stalled(floor: Floor) -> None:
    async with floor.watched() as watched:
        await watched.until(lambda: watched.live and not watched.page().stale, LIMIT, "the first picture")
        watched.proxy.stalled = True
        stale = asyncio.create_task(watched.until(lambda: watched.page().stale, STALE_SECONDS, "the word stale"))
        await watched.until(lambda: not watched.link.live, DEAD_LINK_SECONDS, "finding the dead link")
        assert await stale <= STALE_SECONDS
        watched.proxy.drop()
        watched.proxy.heal()
        await watched.until(lambda: watched.link.logins == 2, LIMIT, "the next login")
        await watched.is_right()


@one_try_of_several
async def slowed_to_a_drip(floor: Floor) -> None:
    """Messages keep coming all the time, only ever later: that alone must not look like life."""
    async with floor.watched() as watched:
        await watched.until(lambda: watched.live and not watched.page().stale, LIMIT, "the first picture")
        watched.proxy.bytes_per_second = 300
        await asyncio.to_thread(floor.change)
        await watched.until(lambda: watched.page().stale, STALE_SECONDS, "the word stale")
        assert watched.shown
        assert SystemClock().now() - watched.shown.as_of > timedelta(seconds=3), "not before the picture is old"
        await watched.until(lambda: not watched.link.live, DEAD_LINK_SECONDS, "finding the dead link")
        watched.proxy.drop()
        watched.proxy.heal()
        await watched.until(lambda: watched.live and watched.link.logins >= 2, LIMIT, "the next snapshot")
        await watched.is_right()


@one_try_of_several
async def sliced(floor: Floor) -> None:
    """Persian reasons in segments of one to seven bytes."""
    async with floor.watched() as watched:
        watched.proxy.slices = 7
        await watched.until(lambda: watched.live, LIMIT, "the first login")
        await asyncio.to_thread(floor.change)
        await watched.is_right()
        # The cases beside this one set reasons too; each must have come through letter by letter.
        assert watched.page().seats[0].pause_reason in {f"{REASONS[n % 3]} {n}" for n in range(1, floor.pauses + 1)}
        assert watched.listener.figures()["rejected_messages"] == 0


@one_try_of_several
async def wrong_secret(floor: Floor) -> None:
    async with WatchedFloor(floor.port, "wrong") as watched:
        await asyncio.sleep(14)
        assert 3 <= watched.link.refused_logins <= 5  # after 1, 2, 4, 8 s, each shortened by up to a half
        times = watched.proxy.connected
        gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
        assert len(times) - watched.link.refused_logins in (0, 1)  # one may be under way
        for gap, wait in zip(gaps, (1, 2, 4, 8), strict=False):
            assert wait / 2 <= gap <= wait + 2
        assert watched.shown is None


@one_try_of_several
async def refused(floor: Floor) -> None:
    async with floor.watched() as watched:
        await watched.until(lambda: watched.live and not watched.page().stale, LIMIT, "the first picture")
        watched.proxy.refuse = True
        watched.proxy.drop()
        await watched.until(lambda: watched.page().stale, STALE_SECONDS, "the word stale")
        assert 2 <= len(watched.proxy.connected) <= 7
        watched.proxy.heal()
        await watched.until(lambda: watched.live, LIMIT, "the next login")
        await watched.is_right()


async def test_whatever_happens_to_the_wire_the_page_knows_and_is_right_again(floor: Floor) -> None:
    """All faults at once, each with a listener and a wire of its own: most of each is waiting."""
    cases = (dropped_and_reset, stalled, slowed_to_a_drip, sliced, wrong_secret, refused)
    results = await asyncio.gather(*(case(floor) for case in cases), return_exceptions=True)
    failed = {case.__name__: result for case, result in zip(cases, results, strict=True) if result is not None}
    assert failed == {}


@pytest.mark.parametrize(
    ("flaps", "first_retry"),
    [(100, 0.02), pytest.param(100, 1.0, marks=[pytest.mark.slow, pytest.mark.timeout(400)], id="at the real pace")],
)
async def test_a_hundred_flaps_leave_one_link_and_a_right_board(
    exchange: Exchange, floor: Floor, flaps: int, first_retry: float
) -> None:
    def sessions() -> int:
        return exchange.remote("manager show connected").count("listener")

    await asyncio.to_thread(exchange.until, lambda: sessions() == 0, "a link of another case is left")
    async with floor.watched(first_retry=first_retry) as watched:
        for flap in range(1, flaps + 1):
            await watched.until(lambda: watched.link.logins == flap and watched.link.live, LIMIT, "a login")  # noqa: B023
            (watched.proxy.reset if flap % 2 else watched.proxy.drop)()
            await watched.until(lambda: watched.link.logins == flap + 1, LIMIT, "the next login")  # noqa: B023
        await asyncio.to_thread(floor.change)
        await watched.is_right(LIMIT)
        assert watched.link.logins == flaps + 1
        await asyncio.to_thread(exchange.until, lambda: sessions() == 1, "not one link is left")


async def test_what_is_not_of_the_floor_never_reaches_the_listener(floor: Floor) -> None:
    """Its user may read queue events only, so a flood of any other kind is nothing to it."""
    async with floor.watched() as watched:
        await watched.until(lambda: watched.live, LIMIT, "the first login")
        heard: list[str] = []
        put = watched.link.inbox.put
        watched.link.inbox.put = lambda item: (heard.append(str(item)), put(item))[1]  # type: ignore[method-assign]
        with floor.tester() as tester:
            for number in range(500):
                tester.send("UserEvent", UserEvent="Flood", Number=str(number))
            tester.pause("seat16", "after the flood")
        await watched.is_right(LIMIT)
        assert heard
        assert not [item for item in heard if "Flood" in item]


async def test_broken_messages_are_counted_and_the_next_check_puts_all_right(floor: Floor) -> None:
    """Twice, swapped, lost or garbled: 2 % of each, while 250 events come in a second."""
    pace = ListenerPace(snapshot_every=3.0, snapshot_limit=2.0)
    async with floor.watched(pace=pace, ping_limit=2.0, first_retry=0.1) as watched:
        await watched.until(lambda: watched.live, LIMIT, "the first login")
        watched.proxy.shares = Shares(duplicated=0.02, reordered=0.02, lost=0.02, corrupted=0.02)

        def enough() -> bool:
            figures, done = watched.listener.figures(), watched.proxy.done
            least = min(done[fault] for fault in ("duplicated", "reordered", "lost", "corrupted"))
            return least >= 10 and figures["rejected_messages"] + figures["snapshots_failed"] >= 5

        async with floor.storm(250) as storm:
            await watched.until(
                lambda: storm.made >= 1000 and enough(), LIMIT, "a thousand events, enough of them broken"
            )
        logins = watched.link.logins
        watched.proxy.heal()
        watched.proxy.drop()  # what the wire still holds is broken too
        await watched.until(lambda: watched.link.logins > logins and watched.live, LIMIT, "the next login")
        await watched.is_right(LIMIT)

        known, lost = watched.listener.counts.differences, watched.proxy.done["lost"]
        watched.proxy.shares = Shares(lost=1.0)
        with floor.tester() as tester:
            tester.pause("seat05", "nobody hears of this")
        await watched.until(lambda: watched.proxy.done["lost"] >= lost + 4, LIMIT, "losing four events")
        watched.proxy.heal()
        await watched.is_right(LIMIT)
        assert watched.listener.counts.differences > known


async def test_an_asterisk_that_forgot_everything_is_shown_as_it_is(exchange: Exchange, floor: Floor) -> None:
    """It dies, its small database is lost, and it comes again: pauses and members that only lived there are gone."""
    with floor.tester() as tester:
        tester.pause("seat03", "ناهار")
        for queue in ("q-general", "q-pensions"):
            reply = tester.ask(
                "QueueAdd", Queue=queue, Interface="PJSIP/seat17", StateInterface="PJSIP/nobody", MemberName="guest"
            )
            assert reply["Response"] == "Success", reply
    async with floor.watched() as watched:
        await watched.until(lambda: watched.live, LIMIT, "the first login")
        await watched.is_right(LIMIT)
        guest = watched.page().seats[-1]
        assert (guest.seat, guest.agent, guest.state) == ("seat17", "guest", "offline")  # its device is not known
        exchange.kill_asterisk()
        # how soon is measured where only the wire breaks
        await watched.until(lambda: watched.page().stale, LIMIT, "the word stale")
        for path in (exchange.settings.asterisk / "db").glob("astdb*"):
            path.unlink()
        await asyncio.to_thread(exchange.start_asterisk)
        await watched.until(lambda: watched.link.logins == 2, LIMIT, "the next login")
        await watched.is_right(LIMIT)
        figures = watched.listener.figures()
        assert figures["changed_while_away"] >= 11  # a pause in four queues before and after, two members, a seat
        assert figures["snapshot_differences"] == 0
        assert watched.page().seats[2].pause_reason is None
        assert [seat.seat for seat in watched.page().seats] == list(watched.listener.board.places)
