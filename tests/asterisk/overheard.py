"""What every telephone of the exchange really hears: the RTP that Asterisk sends on loopback, decoded by our own few lines.

A recorder inside Asterisk would not do: it hears a channel before a whisper is mixed in.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import Self

import numpy as np
import pytest

_EVERY_IP = 0x0800
_ARRIVING = socket.PACKET_HOST
"""A tap for one protocol is shown packets as they arrive."""
TRIES = 3
"""As `tests/patience.py` does it: a processor that was taken meanwhile is no telephone that is sent nothing."""
WINDOWS = 8
_SEGMENTS = np.array([0, 16, 32, 64, 128, 256, 512, 1024])


class Overheard:
    """`with Overheard(first, last) as heard: …; heard.tones([440, 800], 2)` for the ports from which Asterisk sends."""

    def __init__(self, first: int, last: int) -> None:
        self._ports = range(first, last + 1)
        self._streams: dict[int, bytearray] = defaultdict(bytearray)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERY_IP))
        except PermissionError:
            pytest.skip("hearing what goes over the wire needs CAP_NET_RAW")
        self._socket.bind(("lo", 0))
        self._socket.settimeout(0.2)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def tones(self, hertz: list[float], telephones: int, seconds: float = 1.5) -> list[tuple[float, ...]]:
        """Listen for so long from now: which of these tones goes to each telephone, in the order of tones heard. Anew, as long as
        fewer telephones than these are sent enough to judge by: Asterisk may need a moment for what it was asked."""
        for _ in range(TRIES):
            time.sleep(0.3)  # what was under way before does not count
            self._streams.clear()
            time.sleep(seconds)
            enough = [data for port in list(self._streams) if len(data := bytes(self._streams[port])) > seconds * 4000]
            if len(enough) >= telephones:
                break
        return sorted(_heard(data, hertz) for data in enough)

    def until_tones(
        self, expected: list[tuple[float, ...]], hertz: list[float], seconds: float = 1.5
    ) -> list[tuple[float, ...]]:
        """What is heard once it is `expected` in two windows one after the other, or in the last one: what was asked for may come
        late, and a window begin before it; what comes and goes is not it."""
        in_a_row = 0
        for _ in range(WINDOWS):
            heard = self.tones(hertz, len(expected), seconds)
            in_a_row = in_a_row + 1 if heard == expected else 0
            if in_a_row == 2:
                break
        return heard

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                packet, where = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            if where[2] != _ARRIVING or packet[23] != socket.IPPROTO_UDP:
                continue
            udp = 14 + (packet[14] & 15) * 4
            source, target = struct.unpack("!HH", packet[udp : udp + 4])
            rtp = packet[udp + 8 :]
            if source in self._ports and len(rtp) > 12 and rtp[0] >> 6 == 2 and rtp[1] & 0x7F == 8:
                self._streams[target] += rtp[12:]


def _heard(a_law: bytes, hertz: list[float]) -> tuple[float, ...]:
    """Those tones that stand out of the rest by far."""
    samples = _linear(np.frombuffer(a_law, dtype=np.uint8))
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    at = np.fft.rfftfreq(len(samples), 1 / 8000)
    loud = {tone: float(power[np.abs(at - tone) < 4].max()) for tone in hertz}
    limit = max(max(loud.values()) / 20, 50 * float(np.median(power)), 1.0)
    return tuple(tone for tone in hertz if loud[tone] > limit)


def _linear(codes: np.ndarray) -> np.ndarray:
    """G.711 A-law → samples; only their proportions matter here."""
    code = codes ^ 0x55
    segment, low = (code >> 4) & 7, (code & 15).astype(float)
    size = np.where(segment == 0, low + 0.5, (low + 16.5) * 2.0 ** np.maximum(segment.astype(int) - 1, 0))
    return np.where(code & 0x80, size, -size)
