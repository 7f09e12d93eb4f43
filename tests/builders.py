"""Make the ledger events of a call the way Asterisk writes them, one caller's act at a time.

`CallStory` keeps a clock of its own: `wait(seconds)` moves it, every other method writes what the ledgers would hold at
that moment. `events` is what a fold gets; its order carries no meaning.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

from api.calls.fold import fold
from api.calls.record import CallRecord
from ivr.kernel.ids import CallId, LegId
from routing.events import LedgerEvent, Source

NOON = datetime(2026, 11, 21, 8, 30, 0, 250_000, tzinfo=UTC)
"""12:00:00.25 in Tehran, a Saturday."""


class CallStory:
    """One caller, from the first ring of our trunk on."""

    def __init__(
        self,
        call_id: str = "line1420-1795249800.7",
        *,
        at: datetime = NOON,
        caller: str = "09121234567",
        name: str = "",
    ) -> None:
        self.call_id = CallId(call_id)
        self.now = at
        self.caller = caller
        self.name = name
        self.events: list[LedgerEvent] = []
        self.queue = ""
        self.entered = at
        self.connected = at
        self.seat = 0
        self.talks = 0

    # -- the caller's acts

    def arrives(self) -> Self:
        self.cel("CHAN_START", app="", exten="1420")
        self.wait(0.01)
        self.cel("offered", number="1420")
        return self.wait(0.02)

    def hears(self, node: str, language: str = "fa") -> Self:
        self.cel("step", node=node, language=language)
        return self.wait(1)

    def keys(self, node: str, key: str) -> Self:
        self.cel("choice", node=node, key=key)
        return self.wait(0.1)

    def decided(self, goto: str, *, open: str = "1", **fields: str) -> Self:
        self.cel("decision", door="reception", goto=goto, open=open, **fields)
        return self.wait(0.05)

    def milestone(self, name: str, **fields: str) -> Self:
        self.cel(name, **fields)
        return self.wait(0.05)

    def joins(self, queue: str) -> Self:
        """Into a queue that lets the caller in."""
        self._knocks(queue)
        self.entered = self.now
        self.queue_row("ENTERQUEUE", url="", callerid=self.caller, origposition="1")
        return self

    def is_refused(self, queue: str, status: str) -> Self:
        """FULL or JOINEMPTY: queue_log knows nothing of it."""
        self._knocks(queue)
        self.wait(0.01)
        return self.comes_back(status)

    def is_answered(self, seat: int) -> Self:
        self.seat, self.connected = seat, self.now
        leg = f"{self.call_id}{seat}"
        self.cel("CHAN_START", leg=leg, channel=self.seat_channel)
        self.cel("BRIDGE_ENTER", leg=leg, channel=self.seat_channel, bridge_id="b-1", peer="")
        self.cel("BRIDGE_ENTER", bridge_id="b-1", peer=self.seat_channel, app="Queue", app_data=self.queue)
        hold = int(self.now.timestamp()) - int(self.entered.timestamp())
        self.queue_row("CONNECT", agent=self.agent, holdtime=str(hold), bridged_leg=leg, ringtime="2")
        return self

    def operator_hangs_up(self) -> Self:
        self._talk_ends("COMPLETEAGENT")
        return self.wait(0.01).comes_back("")

    def hangs_up(self) -> Self:
        """Wherever the call is now: in the menu, or after a talk."""
        self.cel("final", cause="16", done="", phase="menu")
        self.wait(0.002)
        self.cel("HANGUP", hangupcause="16", hangupsource=self.channel)
        self.cel("CHAN_END")
        self.cel("LINKEDID_END")
        return self

    def hangs_up_waiting(self) -> Self:
        waited = int(self.now.timestamp()) - int(self.entered.timestamp())
        self.queue_row("ABANDON", position="1", origposition="1", waittime=str(waited))
        self.cel("APP_END", app="Queue", app_data=self.queue)
        return self.hangs_up()

    def hangs_up_talking(self) -> Self:
        self._talk_ends("COMPLETECALLER")
        return self.hangs_up()

    def leaves_by_key(self, key: str) -> Self:
        self.queue_row("EXITWITHKEY", key=key, position="1", origposition="1", waittime="5")
        self.cel("APP_END", app="Queue", app_data=self.queue)
        return self.wait(0.01).comes_back("KEY")

    def leaves_queue(self, row: str, status: str) -> Self:
        """EXITWITHTIMEOUT/TIMEOUT or EXITEMPTY/LEAVEEMPTY."""
        self.queue_row(row, position="1", origposition="1", waittime="5")
        return self.comes_back(status)

    def is_moved(self, to: str) -> Self:
        """A supervisor takes the caller out of the queue; the dialplan goes on into another."""
        info = f"move,{to},1,0"
        self.queue_row("WITHDRAW", position="1", origposition="1", waittime="5", info=info)
        self.cel("queue", queue=self.queue, status="MOVED", to=to)
        return self.wait(0.01)

    def is_closed_out(self) -> Self:
        """The queue is closed under the caller; the dialplan goes on to the menu, which says so."""
        self.queue_row("WITHDRAW", position="1", origposition="1", waittime="5", info="closed")
        return self.cel("queue", queue=self.queue, status="CLOSED").wait(0.01)

    def is_heard(self, by: str, mode: str, state: str = "began") -> Self:
        """A supervisor's telephone hears the talk; the row names this call, the leg is the telephone's own."""
        leg, fields = "line1420-1795249999.1", {"call": str(self.call_id), "seat": f"seat{self.seat:02d}"}
        return self.cel("listening", leg=leg, channel="PJSIP/seat16-0000000f", by=by, mode=mode, state=state, **fields)

    def records(self, message: str, *, kind: str = "complaint", code: str = "123456782") -> Self:
        self.cel("message", message=message, kind=kind, code=code, state="started")
        return self

    # -- the pieces

    def wait(self, seconds: float) -> Self:
        self.now += timedelta(seconds=seconds)
        return self

    def comes_back(self, status: str) -> Self:
        self.cel("queue", queue=self.queue, status=status)
        return self.wait(0.05)

    def fact(self, name: str, **fields: str) -> Self:
        self.events.append(LedgerEvent(Source.LINE, name, self.now, self.call_id, None, fields))
        return self

    def cel(self, event: str, *, leg: str | None = None, **fields: str) -> Self:
        row = {"channel": self.channel, "cid_num": self.caller, "cid_name": self.name, "context": "line", "extra": ""}
        leg_id = LegId(leg or self.call_id)
        self.events.append(LedgerEvent(Source.CEL, event, self.now, self.call_id, leg_id, row | fields))
        return self

    def queue_row(self, event: str, *, agent: str = "", **fields: str) -> Self:
        second = self.now.replace(microsecond=0)
        row = {"queue": self.queue, "agent": agent, **fields}
        self.events.append(LedgerEvent(Source.QUEUE_LOG, event, second, self.call_id, LegId(self.call_id), row))
        return self

    @property
    def channel(self) -> str:
        return "PJSIP/trunk-00000007"

    @property
    def seat_channel(self) -> str:
        return f"PJSIP/seat{self.seat:02d}-0000000a"

    @property
    def agent(self) -> str:
        return f"operator{self.seat:02d}"

    def _knocks(self, queue: str) -> None:
        self.queue = queue
        self.talks += 1
        self.cel("talk", recording=f"{self.call_id}-{self.talks}", queue=queue)
        self.wait(0.003)
        self.cel("APP_START", app="Queue", app_data=f"q-{queue},c,,,600")

    def _talk_ends(self, row: str) -> None:
        hold = int(self.connected.timestamp()) - int(self.entered.timestamp())
        talk = int(self.now.timestamp()) - int(self.connected.timestamp())
        self.cel("BRIDGE_EXIT", bridge_id="b-1", app="Queue", app_data=self.queue)
        self.queue_row(row, agent=self.agent, holdtime=str(hold), calltime=str(talk), origposition="1")


def a_call(call_id: str = "line1420-1795249800.7", **settings: object) -> CallStory:
    """A caller who has just arrived."""
    return CallStory(call_id, **settings).arrives()  # type: ignore[arg-type]


def a_call_in_the_menu(call_id: str = "line1420-1795249800.7", **settings: object) -> CallStory:
    """A caller who hears the main menu."""
    return a_call(call_id, **settings).hears("greeting").hears("main")


def an_answered_call(call_id: str = "line1420-1795249800.7", **settings: object) -> CallStory:
    """1, 1, twelve seconds of waiting, seat 3, forty seconds of talk, the operator hangs up, score 4, the end."""
    story = a_call_in_the_menu(call_id, **settings)
    story.keys("main", "1").hears("operators").keys("operators", "1").decided("queue", queue="insurance")
    story.joins("insurance").wait(12).is_answered(3).wait(40).operator_hangs_up()
    story.milestone("score", offered="1").wait(2).milestone("score", value="4").wait(1)
    return story.hangs_up()


def record_of(story: CallStory) -> CallRecord:
    """The fold of a story; a story always has one."""
    record = fold(story.events)
    assert record is not None
    return record
