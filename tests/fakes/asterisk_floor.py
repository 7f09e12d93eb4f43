"""The scripted Asterisk with callers in its queues and telephones that talk: it answers who leads the floor as 22.10.1 does."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.kernel.clock import SystemClock
from routing.priority import queue_prio
from tests.fakes.asterisk_ami import FakeAmi, Headers, Session


@dataclass
class Entry:
    """A caller in a queue."""

    leg: str
    priority: int = 0
    """As Asterisk has it."""
    wait: int = 10

    @classmethod
    def joined(cls, leg: str, seconds: int, priority: int = 0) -> Entry:
        """Somebody who has waited so long, with a priority of 0 to 10 and the usual step."""
        return cls(leg, queue_prio(int(SystemClock().now().timestamp()) - seconds, priority, 30), seconds)

    @property
    def channel(self) -> str:
        return f"PJSIP/trunk-{self.leg.rpartition('.')[2]}"


@dataclass
class FloorAmi(FakeAmi):
    """`queues` by our names, callers in order."""

    queues: dict[str, list[Entry]] = field(default_factory=dict)
    said: list[Headers] = field(default_factory=list)
    """Every deed that was accepted."""
    breaks: str = ""
    """The link breaks `before` the next deed on a caller, which is then not done, or `after` it, before its answer."""

    def __post_init__(self) -> None:
        super().__init__()
        self.on_action = self._act

    def talks(self, seat: str, call: str) -> None:
        self.channels.append({"Channel": f"PJSIP/{seat}-0000002a", "Linkedid": call, "Context": "line-waiting"})

    def hears(self, phone: str, seat: str, call: str, by: str, mode: str = "listen") -> None:
        told = {"Linkedid": f"x-{phone}", "Context": "line-listening", "Variable": f"LINE_SPYING={call}/{seat}/{by}"}
        self.channels.append({"Channel": f"PJSIP/{phone}-0000002b", "Exten": mode, **told})

    async def _act(self, session: Session, action: Headers) -> bool:
        name, number = action["Action"], action.get("ActionID", "")
        queue = action.get("Queue", "").removeprefix("q-")
        if name == "QueueStatus" and queue:
            entries = self.queues.get(queue, [])
            session.reply(action, EventList="start")
            for place, entry in enumerate(entries, 1):
                session.send(
                    Event="QueueEntry", ActionID=number, Queue=f"q-{queue}", Position=str(place), Channel=entry.channel,
                    Uniqueid=entry.leg, CallerIDNum="09121234567", Wait=str(entry.wait), Priority=str(entry.priority),
                )  # fmt: skip
            session.send(Event="QueueStatusComplete", ActionID=number, ListItems=str(len(entries)))
        elif name in ("QueueWithdrawCaller", "QueueChangePriorityCaller"):
            self._queue(session, action, queue)
        elif name in ("Redirect", "Hangup"):
            channel = next((one for one in self.channels if one["Channel"] == action["Channel"]), None)
            if channel is None:
                session.send(Response="Error", ActionID=number, Message="Channel does not exist")
            else:
                if name == "Redirect":
                    channel["Exten"] = action["Exten"]
                else:
                    self.channels.remove(channel)
                self._accept(session, action)
        elif name == "Originate":
            self._accept(session, action)
        else:
            return False
        return True

    def _queue(self, session: Session, action: Headers, queue: str) -> None:
        breaks, self.breaks = self.breaks, ""
        if breaks == "before":
            session.drop()
            return
        entries = self.queues.get(queue, [])
        entry = next((one for one in entries if one.channel == action["Caller"]), None)
        if entry is None:
            session.send(Response="Error", ActionID=action["ActionID"], Message="No such caller")
            return
        if action["Action"] == "QueueWithdrawCaller":
            entries.remove(entry)
        else:
            entry.priority = int(action["Priority"])
            entries.sort(key=lambda one: -one.priority)
        if breaks == "after":
            self.said.append(action)
            session.drop()
            return
        self._accept(session, action)

    def _accept(self, session: Session, action: Headers) -> None:
        self.said.append(action)
        session.reply(action, Message="done")
