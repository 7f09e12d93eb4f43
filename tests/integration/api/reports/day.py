"""A busy day for the tests of figures: calls of every kind, told as ledger events and folded as the follower folds them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.rows import rows_of, write_rows
from api.db.duty_tables import DutyPauseRow, DutyRow, WrapUpRow
from api.db.tables import Person, VisitRow
from routing.queues import QUEUES
from tests.builders import CallStory, a_call_in_the_menu, record_of

_ENDINGS = (
    ("talk", 52), ("gives_up", 14), ("gives_up_at_once", 6), ("at_once", 3), ("time_limit", 3), ("no_seats", 3),
    ("key", 3), ("full", 2), ("menu", 8), ("cut", 1), ("serves", 5),
)  # fmt: skip


def busy_hours(since: datetime, until: datetime, number: int, seed: int) -> Iterator[CallStory]:
    """`number` calls that arrive between two instants, more in the middle; the same ones for the same seed."""
    luck = random.Random(seed)
    length = (until - since).total_seconds()
    kinds, weights = zip(*_ENDINGS, strict=True)
    for n in range(number):
        at = since + timedelta(seconds=length * luck.betavariate(1.6, 2.0))
        call_id = f"line1420-{int(at.timestamp())}.{seed % 1000 * 10_000 + n}"
        story = a_call_in_the_menu(call_id, at=at, caller=f"0912{luck.randrange(10**7):07d}")
        (kind,) = luck.choices(kinds, weights)
        yield _ends(story, kind, luck.choice((*QUEUES, "insurance", "insurance")), luck)


def _ends(story: CallStory, kind: str, queue: str, luck: random.Random) -> CallStory:
    wait = luck.expovariate(1 / 16)
    match kind:
        case "menu":
            return story.hangs_up()
        case "serves":
            return story.milestone("delivered", node="info_hours").hangs_up()
        case "full":
            return story.is_refused(queue, "FULL").hangs_up()
        case "no_seats":
            return story.is_refused(queue, "JOINEMPTY").hangs_up()
        case "gives_up":
            return story.joins(queue).wait(5 + luck.expovariate(1 / 40)).hangs_up_waiting()
        case "gives_up_at_once":
            return story.joins(queue).wait(luck.uniform(0.2, 5.0)).hangs_up_waiting()
        case "time_limit":
            return story.joins(queue).wait(600).leaves_queue("EXITWITHTIMEOUT", "TIMEOUT").hangs_up()
        case "key":
            return story.joins(queue).wait(30).leaves_by_key("2").wait(2).hangs_up()
        case "cut":
            story.joins(queue).wait(wait).is_answered(luck.randrange(1, 17)).wait(20)
            return story.fact("call_lost", reason="restart")
        case "at_once":
            return story.joins(queue).is_answered(luck.randrange(1, 17)).wait(60).hangs_up_talking()
    story.joins(queue).wait(wait).is_answered(luck.randrange(1, 17)).wait(20 + luck.expovariate(1 / 160))
    if luck.random() < 0.5:
        return story.hangs_up_talking()
    return story.operator_hangs_up().milestone("score", offered="1").wait(2).milestone("score", value="4").hangs_up()


def still_going_on(now: datetime) -> Iterator[CallStory]:
    """Calls that are not over at `now`: in the menu, waiting, talking, asked for a score; and one that came from yesterday."""
    ago = (timedelta(seconds=seconds) for seconds in (9, 40, 75, 120, 200))
    yield a_call_in_the_menu("line1420-9000.1", at=now - next(ago))
    yield a_call_in_the_menu("line1420-9000.2", at=now - next(ago)).joins("pensions")
    yield a_call_in_the_menu("line1420-9000.3", at=now - next(ago)).joins("treatment")
    yield a_call_in_the_menu("line1420-9000.4", at=now - next(ago)).joins("general").wait(7).is_answered(2)
    surveyed = a_call_in_the_menu("line1420-9000.5", at=now - next(ago)).joins("insurance").wait(3).is_answered(5)
    yield surveyed.wait(80).operator_hangs_up().milestone("score", offered="1")


def over_midnight(midnight: datetime, call_id: str = "line1420-8000.1") -> CallStory:
    """Arrives a moment before midnight and joins a queue a moment after: a call of one day, a visit of the next."""
    story = a_call_in_the_menu(call_id, at=midnight - timedelta(seconds=4))
    return story.wait(6).joins("general").wait(11).is_answered(1).wait(100).hangs_up_talking()


async def at_their_seats(session: AsyncSession, since: datetime, until: datetime, seed: int = 5) -> None:
    """Sixteen agents on duty between two instants, the even ones still there, with pauses here and there."""
    luck = random.Random(seed)
    for n in range(1, 17):
        account = f"operator{n:02d}"
        person = Person(username=account, name_fa=account, name_en=account, role="operator", password_hash="x")
        session.add(person)
        await session.flush()
        began = since + timedelta(seconds=luck.uniform(-900, 3600))
        ended = None if n % 2 == 0 else until - timedelta(seconds=luck.uniform(60, 3600))
        duty = DutyRow(
            person_id=person.id, agent=account, seat=f"seat{n:02d}", began_at=began, began_by="desk", ended_at=ended,
            ended_by=None if ended is None else "agent", missed=0,
        )  # fmt: skip
        session.add(duty)
        await session.flush()
        at = began
        while (at := at + timedelta(seconds=luck.uniform(600, 7000))) < (ended or until) - timedelta(seconds=700):
            for cause in luck.sample(("break", "prayer", "training"), luck.choice((1, 1, 2))):
                over = at + timedelta(seconds=luck.uniform(30, 600))
                session.add(
                    DutyPauseRow(duty_id=duty.id, cause=cause, began_at=at, began_by="a", ended_at=over, ended_by="a")
                )
            at += timedelta(seconds=620)
        if n % 4 == 0:
            session.add(
                DutyPauseRow(duty_id=duty.id, cause="other", began_at=until - timedelta(seconds=90), began_by="a")
            )
    await session.flush()


async def works_after_talks(session: AsyncSession, seed: int = 6) -> None:
    """Some answered visits of agents on duty are followed by work, one of which goes on."""
    luck = random.Random(seed)
    duties = {duty.agent: duty for duty in await session.scalars(select(DutyRow))}
    visits = select(VisitRow).where(VisitRow.outcome == "answered", VisitRow.ended_at.is_not(None))
    for visit in await session.scalars(visits.order_by(VisitRow.ended_at)):
        duty = duties.get(visit.agent or "")
        if duty is None or visit.ended_at is None or luck.random() < 0.4:
            continue
        if visit.ended_at < duty.began_at or (duty.ended_at and visit.ended_at > duty.ended_at):
            continue
        over = visit.ended_at + timedelta(seconds=luck.uniform(1, 120))
        session.add(
            WrapUpRow(
                duty_id=duty.id, queue=visit.queue, call_id=visit.call_id, began_at=visit.ended_at,
                ended_at=min(over, duty.ended_at or over), ended_by="agent",
            )
        )  # fmt: skip
    await session.flush()


async def keep(session: AsyncSession, *stories: CallStory) -> None:
    """Their records, in the database."""
    await write_rows(session, [rows_of(record_of(story)) for story in stories])
