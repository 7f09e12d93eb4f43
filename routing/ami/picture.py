"""Asking Asterisk how things stand: all queues, and which talks are on hold.

A hold is told when it happens and is in no list of queues, so who comes late, or has missed something, asks the channel of
each seat.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from ivr.kernel.clock import Clock
from ivr.kernel.ids import CallId, SeatName
from routing.ami.client import AmiLink
from routing.ami.message import AmiMessage
from routing.ami.resync import COMPLETE, snapshot
from routing.live import Snapshot
from routing.seats import seat_of

UP = "6"
"""`ChannelState` of a telephone that has answered."""
HELD = "CHANNEL(rtp,hold)"
"""`1` while the telephone at the other end of this channel has stopped its sound (22.10.1, chan_pjsip)."""

log = structlog.get_logger()


async def picture(link: AmiLink, clock: Clock, limit: float, *, holds: bool) -> Snapshot:
    """All queues at this moment; with `holds` also every talk that is on hold, which takes a question for each talk. Raises
    `LinkLost`, `TimeoutError` (each answer has `limit` seconds) or `Malformed`."""
    seen = snapshot(await link.ask("QueueStatus", ends_with=COMPLETE, limit=limit), clock.now())
    return replace(seen, holds=await talks_on_hold(link, limit)) if holds else seen


async def talks_on_hold(link: AmiLink, limit: float) -> dict[SeatName, set[CallId]]:
    """One question for the list of channels and one for each seat in a talk. Raises `LinkLost` or `TimeoutError`; a channel
    that is gone meanwhile holds nobody."""
    told = await link.ask("Status", ends_with="StatusComplete", limit=limit)
    if told[-1].get("Response") == "Error":
        log.warning(
            "holds_unknown", hint="Asterisk refused Status: compare manager.conf of user listener (write = reporting)"
        )
        return {}
    talks = [(seat, channel) for channel in told if (seat := _talks(channel)) is not None]
    # All at once: one after the other, a slow exchange would keep the board from being whole for as many limits as talks.
    asked = (link.ask("Getvar", {"Channel": channel["Channel"], "Variable": HELD}, limit=limit) for _, channel in talks)
    answers = await asyncio.gather(*asked)
    holds: dict[SeatName, set[CallId]] = {}
    for (seat, channel), answer in zip(talks, answers, strict=True):
        if answer[-1].get("Value") == "1":
            holds.setdefault(seat, set()).add(CallId(channel["Linkedid"]))
    return holds


def _talks(channel: AmiMessage) -> SeatName | None:
    if channel.event != "Status" or channel.get("ChannelState") != UP:
        return None
    return seat_of(channel["Channel"])
