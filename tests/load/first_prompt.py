"""How long a caller waits for the first sound: a caller of few lines that looks at packets, not at SIPp's log."""

from __future__ import annotations

import re
import socket
import struct
import threading
import uuid
from dataclasses import dataclass, field
from time import perf_counter

from ivr.kernel.clock import SystemClock
from tests.faults.checker.witness import Witness

_CLOCK = SystemClock()

_LIMIT = 5.0
"""Seconds until an answer or a first packet counts as never."""
_AGAIN = 1.0
"""Seconds after which the same INVITE is sent again, as a telephone does where a packet was lost."""
_PACKET = 0.02


@dataclass
class Probe:
    """Dials every `every` seconds, hears the first packet, hangs up: `with Probe(port) as probe: … probe.waits`."""

    port: int
    every: float = 5.0
    first_digits: str = "091209"
    waits: list[float] = field(default_factory=list)
    """Seconds from the answer to the first packet of sound, one a call; `_LIMIT` when none came."""
    witnesses: list[Witness] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Probe:
        self._thread = threading.Thread(target=self._run, name="first-prompt", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(3 * _LIMIT)

    def _run(self) -> None:
        while not self._stop.wait(self.every):
            self._call(f"{self.first_digits}{len(self.witnesses):05d}")

    def _call(self, number: str) -> None:
        with _udp(_LIMIT) as sip, _udp(_PACKET) as rtp:
            call = _Call(sip, self.port, number, rtp.getsockname()[1])
            dialled = _CLOCK.now()
            if not call.answered():
                self.waits.append(_LIMIT)
                self.witnesses.append(Witness(number, "probes the first prompt", dialled))
                return
            answered, began = _CLOCK.now(), perf_counter()
            self.waits.append(_LIMIT)
            for packet in range(int(_LIMIT / _PACKET)):
                # Asterisk waits half a second for the caller's own sound before it goes on.
                rtp.sendto(struct.pack("!BBHII", 0x80, 8, packet, packet * 160, 1420) + b"\xd5" * 160, call.sound_at)
                try:
                    rtp.recv(2048)
                    self.waits[-1] = perf_counter() - began
                    break
                except TimeoutError:
                    continue
            ended = _CLOCK.now()
            call.hang_up()
            self.witnesses.append(
                Witness(
                    number,
                    "probes the first prompt",
                    dialled,
                    answered,
                    ended,
                    "caller",
                    may_end_as=frozenset({"menu_abandoned"}),
                )
            )


def _udp(limit: float) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(limit)
    return made


class _Call:
    def __init__(self, sip: socket.socket, port: int, number: str, rtp_port: int) -> None:
        self._sip, self._target = sip, ("127.0.0.1", port)
        self._here = f"127.0.0.1:{sip.getsockname()[1]}"
        self._id, self._to = uuid.uuid4().hex, f"<sip:1420@127.0.0.1:{port}>"
        self._from = f"<sip:{number}@{self._here}>;tag={self._id[:8]}"
        self._contact = f"<sip:{number}@{self._here}>"
        self._uri = f"sip:1420@127.0.0.1:{port}"
        self.sound_at = ("127.0.0.1", 9)
        self._body = (
            f"v=0\r\no=probe 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {rtp_port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )

    def answered(self) -> bool:
        """Dial and wait for the answer, which is acknowledged."""
        self._sip.settimeout(_AGAIN)
        for _ in range(round(_LIMIT / _AGAIN)):
            self._send("INVITE", 1, self._body)
            try:
                return self._final_answer()
            except TimeoutError:
                continue
        return False

    def _final_answer(self) -> bool:
        """Whether it is a yes, which is acknowledged. Raises `TimeoutError` when none has come yet."""
        while True:
            text = self._sip.recv(65_536).decode("utf-8", "replace")
            if text.startswith("SIP/2.0 200"):
                self._to = next(line[4:] for line in text.splitlines() if line.startswith("To: "))
                found = re.search(r"^m=audio (\d+) ", text, re.MULTILINE)
                self.sound_at = ("127.0.0.1", int(found[1]) if found else 9)
                self._send("ACK", 1)
                return True
            if not text.startswith("SIP/2.0 1"):
                return False

    def hang_up(self) -> None:
        self._send("BYE", 2)
        try:
            self._sip.recv(65_536)
        except TimeoutError:
            return

    def _send(self, method: str, order: int, body: str = "") -> None:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._sip.sendto(
            f"{method} {self._uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self._here};branch=z9hG4bK{self._id[:12]}{method}\r\n"
            f"From: {self._from}\r\nTo: {self._to}\r\nCall-ID: {self._id}\r\nCSeq: {order} {method}\r\n"
            f"Contact: {self._contact}\r\nMax-Forwards: 70\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode(),
            self._target,
        )
