"""Asks Asterisk itself how the floor is, over a plain socket and with none of our readers, and moves the floor for tests.

Uses the manager user `tester`, which exists only where test contexts are rendered.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any, Self

from routing.board import Board

Headers = dict[str, str]


@dataclass(frozen=True)
class Truth:
    """Asterisk's own word: members as (queue, seat) → (status, paused, reason), callers as queue → uniqueids in order."""

    members: dict[tuple[str, str], tuple[int, bool, str]]
    waiting: dict[str, list[str]]
    available: dict[str, int]
    """QueueSummary's count of seats that can be called."""


class Manager:
    """`with Manager(port, secret) as tester`: one manager session; not for two threads at once."""

    def __init__(self, port: int, secret: str) -> None:
        self._port, self._secret = port, secret
        self._number = 0

    def __enter__(self) -> Self:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        self._file = self._socket.makefile("rb")
        try:
            self._file.readline()
            reply = self.ask("Login", Username="tester", Secret=self._secret, Events="off")
            assert reply["Response"] == "Success", reply
        except BaseException:  # Asterisk may be dying: nobody leaves what nobody has entered
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # whoever reads in another thread lets go
        self._file.close()
        self._socket.close()

    def send(self, action: str, **headers: str) -> str:
        """Send without waiting; the action's id."""
        self._number += 1
        lines = {"Action": action, "ActionID": str(self._number), **headers}
        self._socket.sendall("".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n")
        return str(self._number)

    def read(self) -> Headers:
        found: Headers = {}
        while line := self._file.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text:
                return found
            name, _, value = text.partition(": ")
            found[name.rstrip(":")] = value
        raise ConnectionError("Asterisk closed the tester's connection")

    def ask(self, action: str, **headers: str) -> Headers:
        number = self.send(action, **headers)
        while True:
            message = self.read()
            if message.get("ActionID") == number and "Response" in message:
                return message

    def items(self, action: str, complete: str) -> list[Headers]:
        number, found = self.send(action), []
        while True:
            message = self.read()
            if message.get("ActionID") == number and message.get("Response") == "Error":
                # Asterisk answers while it is still starting, and knows no queues yet: nothing more would come.
                raise ConnectionError(f"Asterisk refused {action}: {message.get('Message')}")
            if message.get("ActionID") != number or "Event" not in message:
                continue
            if message["Event"] == complete:
                return found
            found.append(message)

    def pause(self, seat: str, reason: str, *, paused: bool = True, queue: str | None = None) -> None:
        where = {} if queue is None else {"Queue": f"q-{queue}"}
        reply = self.ask("QueuePause", Interface=f"PJSIP/{seat}", Paused=str(paused).lower(), Reason=reason, **where)
        assert reply["Response"] == "Success", reply

    def truth(self) -> Truth:
        members: dict[tuple[str, str], tuple[int, bool, str]] = {}
        waiting: dict[str, list[tuple[int, str]]] = {}
        for item in self.items("QueueStatus", "QueueStatusComplete"):
            queue = item["Queue"].removeprefix("q-")
            if item["Event"] == "QueueParams":
                waiting[queue] = []
            elif item["Event"] == "QueueMember":
                seat = item["Location"].removeprefix("PJSIP/")
                paused = item["Paused"] == "1"
                members[queue, seat] = (int(item["Status"]), paused, item["PausedReason"] if paused else "")
            elif item["Event"] == "QueueEntry":
                waiting[queue].append((int(item["Position"]), item["Uniqueid"]))
        summary = self.items("QueueSummary", "QueueSummaryComplete")
        available = {item["Queue"].removeprefix("q-"): int(item["Available"]) for item in summary}
        return Truth(members, {q: [leg for _, leg in sorted(rows)] for q, rows in waiting.items()}, available)


def believed(board: Board) -> Truth:
    """What our board holds, in the same form (`available` is Asterisk's own reckoning and left empty)."""
    members = {
        (str(queue), str(seat)): (
            int(board.seats[seat].device),
            queue in board.seats[seat].paused_in,
            board.seats[seat].paused_in.get(queue, ""),
        )
        for queue, seats in board.members.items()
        for seat in seats
    }
    return Truth(members, {str(q): [str(leg) for leg in line.legs] for q, line in board.lines.items()}, {})


def disagreements(board: Board, shown: dict[str, Any], truth: Truth) -> list[str]:
    """Everything in which the board (the fold and what it shows) is not Asterisk's own picture; empty when it is."""
    ours, found = believed(board), []
    for key in sorted({*ours.members, *truth.members}):
        if ours.members.get(key) != truth.members.get(key):
            found.append(f"member {key}: {ours.members.get(key)}, Asterisk says {truth.members.get(key)}")
    for queue in sorted({*ours.waiting, *truth.waiting}):
        if ours.waiting.get(queue, []) != truth.waiting.get(queue, []):
            found.append(f"waiting in {queue}: {ours.waiting.get(queue)}, Asterisk says {truth.waiting.get(queue)}")
    for queue in shown["queues"]:
        legs = [caller["leg_id"] for caller in queue["waiting"]]
        total = sum(name == queue["name"] for name, _ in truth.members)
        if legs != truth.waiting.get(queue["name"], []) or queue["members_total"] + queue["helpers_total"] != total:
            found.append(f"page of {queue['name']}: {legs}, {queue['members_total']} members")
    return found


def seat_of(number: int, seats: int = 16) -> str:
    """The seat that a storm's pause `number` is for."""
    return f"seat{number % seats + 1:02d}"


class Storm:
    """Pauses of all seats, one after the other and again, from a thread of its own, so that Asterisk sends `per_second` events.

    One pause of a seat in all its queues is one event for each queue. `made` counts them.
    """

    def __init__(self, port: int, secret: str, per_second: float, *, seats: int = 16, queues: int = 4) -> None:
        self._port, self._secret = port, secret
        self.per_second, self._seats, self._queues = per_second, seats, queues
        self.made = 0
        self.sent: dict[int, float] = {}
        """Number of the pause (its reason) → monotonic time at which it was sent."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Returns when Asterisk has taken the last one."""
        self._stop.set()
        self._thread.join(20)

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def _run(self) -> None:
        with Manager(self._port, self._secret) as tester:
            reader = threading.Thread(target=self._read_replies, args=(tester,), daemon=True)
            reader.start()
            began = time.monotonic()
            first = number = int(began * 1000)  # newer than any number of a storm before this one
            while not self._stop.is_set():
                while number - first < int((time.monotonic() - began) * self.per_second / self._queues):
                    number += 1
                    self.sent[number] = time.monotonic()
                    tester.send(
                        "QueuePause",
                        Interface=f"PJSIP/{seat_of(number, self._seats)}",
                        Paused="true",
                        Reason=str(number),
                    )
                    self.made += self._queues
                time.sleep(0.01)
            time.sleep(0.5)

    @staticmethod
    def _read_replies(tester: Manager) -> None:
        try:
            while True:
                tester.read()
        except (OSError, ValueError):
            return
