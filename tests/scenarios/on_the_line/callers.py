"""Robot callers and operators of one scenario, and the questions a test asks the line's API about them."""

from __future__ import annotations

import io
import re
import socket
import time
import uuid
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import numpy as np
from numpy.typing import NDArray

from asterisk_conf.robots.caller import Caller, Keys
from asterisk_conf.robots.seat import Seat
from tests.line import CALLER_NAME, Line

Found = TypeVar("Found")

CALL_JSON = dict[str, Any]


def eventually(ask: Callable[[], Found | None], *, seconds: float, what: str) -> Found:
    """Ask until there is an answer; the failure says what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


class Scenario:
    """Places calls on a line; each caller has a number of its own, by which its record is found again."""

    def __init__(self, line: Line, folder: Path) -> None:
        self.line = line
        self._folder = folder
        self._target = f"127.0.0.1:{line.sip_port}"
        self._seats: list[Seat] = []
        self._callers: list[Caller] = []

    def caller(self, number: str, *, name: str = CALLER_NAME, keys: Keys = Keys.INFO) -> Caller:
        """A caller to be planned and dialled; `number` in national form, used once in the whole suite."""
        caller = Caller(self._folder / f"caller-{number}", self._target, user=number, name=name, keys=keys)
        self._callers.append(caller)
        return caller

    def operator(
        self, seat: str, *, ring_seconds: float = 0.5, talk_seconds: float | None = 3.0, hertz: float = 800
    ) -> Seat:
        """A robot operator, signed in and known to Asterisk as available."""
        operator = Seat(
            self._folder / seat,
            self._target,
            seat=seat,
            secret=self.line.run["seats"][seat]["secret"],
            ring_seconds=ring_seconds,
            talk_seconds=talk_seconds,
            hertz=hertz,
        ).sign_in()
        self._seats.append(operator)
        self.seat_is(seat, "available")
        return operator

    def finish(self, *callers: Caller, seconds: float = 120) -> None:
        """Wait until each of them is done; a call that did not go as planned says what SIPp met."""
        for caller in callers:
            if caller.wait(seconds) != 0:
                met = [f"{'>' if m.sent else '<'} {m.line}" for m in caller.sipp.messages()]
                raise AssertionError(
                    "a robot's call did not go as planned:\n" + "\n".join(met[-12:] or ["SIPp sent nothing"])
                )

    def hang_up(self, *callers: Caller) -> None:
        """They hang up now, in the middle of a pause: what the test waited for has come. So a pause may be as long as a slow
        machine needs, and costs nothing on another."""
        for caller in callers:
            if not caller.is_over:
                say_goodbye(caller, self.line.sip_port)
            caller.stop()

    def wrote(self, number: str, *marks: str) -> bool:
        """Whether a row of CEL names this caller and all of `marks`; the file is there even when nobody reads it."""
        text = (self.line.var / "asterisk" / "log" / "cel-custom" / "line.csv").read_text("utf-8", "replace")
        return any(number in row and all(mark in row for mark in marks) for row in text.splitlines())

    def hang_up_after(self, caller: Caller, *marks: str) -> None:
        """The caller hangs up when Asterisk has written such a row; one who was to leave before it has come does so."""
        what = f"a row of {caller.user} with {marks}"
        eventually(lambda: caller.is_over or self.wrote(caller.user, *marks), seconds=90, what=what)
        self.hang_up(caller)

    def seat_is(self, seat: str, state: str, *, seconds: float = 60) -> None:
        """Wait until the live board shows the seat so."""

        def shown() -> bool:
            return next(s["state"] for s in self.board()["seats"] if s["seat"] == seat) == state

        eventually(shown, seconds=seconds, what=f"{seat} is {state} on the board")

    def board(self) -> CALL_JSON:
        with self.line.api() as api:
            answer = api.get("/board")
            assert answer.status_code == 200, answer.text
            return answer.json()

    def waiting(self, queue: str) -> list[CALL_JSON]:
        return next(q["waiting"] for q in self.board()["queues"] if q["name"] == queue)

    def calls_of(self, number: str) -> list[CALL_JSON]:
        with self.line.api() as api:
            answer = api.get("/calls", params={"caller": number})
            if answer.status_code == 503:
                return []  # the database is away; a scenario that stops it waits for its return
            assert answer.status_code == 200, answer.text
            return answer.json()["items"]

    def record(self, number: str, *, seconds: float = 60) -> CALL_JSON:
        """The one record of this caller, once the call has its disposition."""

        def ended() -> CALL_JSON | None:
            return next((item for item in self.calls_of(number) if item["disposition"]), None)

        record = eventually(ended, seconds=seconds, what=f"a disposition for the call of {number}\n{self.line.logs(5)}")
        assert len(self.calls_of(number)) == 1
        return record

    def archived(self, number: str, *, seconds: float = 60) -> CALL_JSON:
        """The record, once the call has its disposition and its sound has been dealt with.

        A kept message is archived while its caller is still on the line, so either may come first.
        """

        def with_sound() -> CALL_JSON | None:
            return next((item for item in self.calls_of(number) if item["disposition"] and item["recordings"]), None)

        what = f"the end and the sound of the call of {number}\n{self.line.logs(5)}"
        return eventually(with_sound, seconds=seconds, what=what)

    def sound(self, recording: str) -> tuple[int, NDArray[np.float64]]:
        """Samples per second, and the samples: a column of what the caller said, one of what they heard."""
        with self.line.api() as api:
            answer = api.get(f"/recordings/{recording}/audio")
        assert answer.status_code == 200, answer.text
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert sound.getnchannels() == 2
            samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
            return sound.getframerate(), samples.reshape(-1, 2).astype(float)

    def timeline(self, call_id: str) -> list[CALL_JSON]:
        with self.line.api() as api:
            answer = api.get(f"/calls/{call_id}/timeline")
            assert answer.status_code == 200, answer.text
            return answer.json()["items"]

    def close(self) -> None:
        for caller in self._callers:
            caller.stop()
        for seat in self._seats:
            seat.sign_out()
        for seat in self._seats:
            self.seat_is(seat.seat, "offline")


def say_goodbye(caller: Caller, port: int) -> None:
    """Ends the call in the caller's name, from a socket of our own: SIPp cannot be told to hang up before its pause is over."""
    log = caller.sipp.log.read_text("utf-8", "replace")
    answer = next(
        part for part in reversed(log.split("UDP message received")) if re.search(r"^SIP/2\.0 200", part, re.M)
    )
    dialog = [row.strip() for row in answer.splitlines() if row.startswith(("From:", "To:", "Call-ID:"))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(0.5)
        via = f"Via: SIP/2.0/UDP 127.0.0.1:{phone.getsockname()[1]};branch=z9hG4bK{uuid.uuid4().hex}"
        bye = [f"BYE sip:1420@127.0.0.1:{port} SIP/2.0", via, *dialog, "CSeq: 9000 BYE", "Max-Forwards: 70"]
        message = "\r\n".join([*bye, "Content-Length: 0", "", ""]).encode()

        def heard() -> bytes | None:
            phone.sendto(message, ("127.0.0.1", port))
            try:
                return phone.recv(65_535)
            except TimeoutError:
                return None

        told = eventually(heard, seconds=60, what=f"Asterisk hears that {caller.user} hangs up")
    assert told.startswith((b"SIP/2.0 200", b"SIP/2.0 481")), told  # 481: the line hung up just before


@contextmanager
def signed_in(line: Line, account: str) -> Iterator[httpx2.Client]:
    """A browser's session, signed in through the form."""
    with httpx2.Client(base_url=line.web, timeout=30, follow_redirects=True) as browser:
        form = {"username": account, "password": line.password(account), "next": "/"}
        answer = browser.post("/login", data=form)
        assert answer.status_code == 200, answer.text
        yield browser


@contextmanager
def scenario(line: Line, folder: Path) -> Iterator[Scenario]:
    """A scenario whose robots have all gone at its end."""
    play = Scenario(line, folder)
    try:
        yield play
    finally:
        play.close()
