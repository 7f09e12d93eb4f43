"""What Asterisk is believed to hold of members, when news of it is older than what we have just said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ivr.kernel.ids import QueueName, SeatName
from routing.ami.message import AmiMessage
from routing.duty import Place
from routing.live import MemberChanged, MemberRemoved, Snapshot
from routing.members import Members
from tests.unit.routing.test_board import SEAT, T0, member

INSURANCE = QueueName("insurance")
KEY = (INSURANCE, SEAT)
FREE, RESTS = Place("operator01", 0, ""), Place("operator01", 0, "wrap_up")
FREE_AGAIN = MemberChanged(member(), T0)
RESTING = MemberChanged(member(paused=True, pause_reason="wrap_up"), T0)


@dataclass
class Link:
    """A manager link that takes every step."""

    said: list[str] = field(default_factory=list)
    live: bool = True

    async def ask(self, name: str, headers: dict[str, str], **_: Any) -> list[AmiMessage]:
        self.said.append(f"{name} {headers.get('Reason', '')}".strip())
        return [AmiMessage({"Response": "Success"})]


class Now:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def members() -> Members:
    found = Members(Link(), seconds=Now())  # pyright: ignore[reportArgumentType] - as much of a link as is asked for
    found.pictured(Snapshot((INSURANCE,), (member(),), (), T0), ())
    return found


async def test_news_of_a_pause_that_we_have_ended_since_does_not_bring_it_back(members: Members) -> None:
    await members.bring_about({KEY: RESTS})
    await members.bring_about({KEY: FREE})
    for late in (RESTING, FREE_AGAIN, RESTING):
        members.heard(late)
    await members.bring_about({KEY: FREE})
    assert members.link.said == ["QueuePause wrap_up", "QueuePause"]  # pyright: ignore[reportAttributeAccessIssue]


async def test_a_picture_that_was_taken_before_does_not_either(members: Members) -> None:
    await members.bring_about({KEY: RESTS})
    members.pictured(Snapshot((INSURANCE,), (member(),), (), T0), ())
    assert members.actual == {KEY: RESTS}


async def test_who_joined_a_moment_ago_is_there_though_the_picture_is_of_before(members: Members) -> None:
    await members.bring_about({})
    await members.bring_about({KEY: RESTS})
    members.pictured(Snapshot((INSURANCE,), (), (), T0), ())
    said = members.link.said  # pyright: ignore[reportAttributeAccessIssue]
    before = list(said)
    await members.bring_about({KEY: RESTS})
    assert said == before == ["QueueRemove", "QueueAdd", "QueuePause wrap_up"]


async def test_what_is_still_so_when_it_has_settled_is_put_right(members: Members) -> None:
    await members.bring_about({KEY: RESTS})
    members.seconds.at = 2.0  # pyright: ignore[reportFunctionMemberAccess]
    members.heard(FREE_AGAIN)
    corrected = await members.bring_about({KEY: RESTS})
    assert len(corrected) == 1


async def test_who_was_taken_out_is_not_there_because_of_old_news(members: Members) -> None:
    await members.bring_about({})
    members.heard(FREE_AGAIN)
    assert members.actual == {}
    await members.bring_about({KEY: FREE})
    members.heard(MemberRemoved(INSURANCE, SEAT, T0))
    assert members.actual == {KEY: FREE}


async def test_what_nobody_of_us_said_is_believed_at_once(members: Members) -> None:
    other = replace(member(), queue=QueueName("pensions"))
    members.heard(MemberChanged(other, T0))
    assert members.actual["pensions", SeatName("seat01")] == FREE


async def test_after_the_link_was_lost_only_the_picture_counts(members: Members) -> None:
    await members.bring_about({KEY: RESTS})
    members.lost()
    members.pictured(Snapshot((INSURANCE,), (member(),), (), T0), ())
    assert members.actual == {KEY: FREE}
