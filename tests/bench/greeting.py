"""From the answer to the first packet of the greeting, as a caller's telephone meets it: a small SIP phone of our own.

It sends sound from the answer on, because Asterisk waits up to half a second for the caller's first packet.
"""

from __future__ import annotations

import secrets
import select
import socket
import time

LIMIT_SECONDS = 10.0
_PACKET_EVERY = 0.02
_SOUND = b"\xd5" * 160


def first_packet(sip_port: int, user: str) -> float:
    """Call, hear the first packet, hang up; seconds from 200 OK to it. Raises `AssertionError` when none comes."""
    with _udp() as sip, _udp() as rtp:
        call = _Call(sip, rtp, sip_port, user)
        call.send("INVITE", 1, body=call.offer())
        answered = call.await_answer()
        try:
            return call.await_sound(answered)
        finally:
            call.hang_up()


class _Call:
    def __init__(self, sip: socket.socket, rtp: socket.socket, port: int, user: str) -> None:
        self._sip, self._rtp, self._far = sip, rtp, ("127.0.0.1", port)
        self._near = f"127.0.0.1:{sip.getsockname()[1]}"
        self._user, self._id, self._to = user, secrets.token_hex(8), ""
        self._sound: tuple[str, int] | None = None

    def offer(self) -> str:
        port = self._rtp.getsockname()[1]
        lines = ("v=0", "o=b 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", f"m=audio {port} RTP/AVP 8")
        return "\r\n".join((*lines, "a=rtpmap:8 PCMA/8000", "a=ptime:20", ""))

    def send(self, method: str, order: int, body: str = "") -> None:
        target = f"sip:1420@127.0.0.1:{self._far[1]}"
        head = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._near};branch=z9hG4bK{secrets.token_hex(6)}",
            f"From: <sip:{self._user}@{self._near}>;tag={self._id}",
            f"To: <{target}>{self._to}",
            f"Call-ID: {self._id}",
            f"CSeq: {order} {method}",
            f"Contact: <sip:{self._user}@{self._near}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto("\r\n".join([*head, "", body]).encode(), self._far)

    def await_answer(self) -> float:
        deadline = time.monotonic() + LIMIT_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._sip], [], [], left)[0]:
                text, at = self._sip.recv(65_535).decode("utf-8", "replace"), time.monotonic()
                if text.startswith("SIP/2.0 200"):
                    self._to = next(r.partition(">")[2] for r in text.splitlines() if r.lower().startswith("to:"))
                    media = next(row for row in text.splitlines() if row.startswith("m=audio "))
                    self._sound = ("127.0.0.1", int(media.split()[1]))
                    self.send("ACK", 1)
                    return at
        raise AssertionError("the call was not answered")

    def await_sound(self, answered: float) -> float:
        assert self._sound is not None
        number, due = 0, 0.0
        while (now := time.monotonic()) - answered < LIMIT_SECONDS:
            if now >= due:
                number, due = number + 1, now + _PACKET_EVERY
                head = (
                    bytes((0x80, 8)) + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"\0\0\x14\x20"
                )
                self._rtp.sendto(head + _SOUND, self._sound)
            if select.select([self._rtp], [], [], max(0.0, due - time.monotonic()))[0]:
                self._rtp.recv(2048)
                return time.monotonic() - answered
        raise AssertionError("no sound came")

    def hang_up(self) -> None:
        self.send("BYE", 2)
        if select.select([self._sip], [], [], 2.0)[0]:
            self._sip.recv(65_535)


def _udp() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    return made


def greetings(line_port: int, twin_port: int, calls: int) -> tuple[list[float], list[float]]:
    """Seconds of `calls` calls to each side, in turn: ours, the twin's."""
    ours: list[float] = []
    twins: list[float] = []
    for n in range(calls):
        twins.append(first_packet(twin_port, f"0913{n:07d}"))
        ours.append(first_packet(line_port, f"0913{n:07d}"))
    return ours, twins
