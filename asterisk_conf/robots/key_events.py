"""Keys as RFC 4733 events in pcap files, the only form SIPp 3.6.1 sends them in.

The files Debian ships carry one fixed RTP timestamp a key: the same key pressed twice is then one event to Asterisk, which
drops it as a repeat (measured). So each press gets a file of its own with its own timestamp and sequence numbers.
"""

from __future__ import annotations

import struct
from pathlib import Path

_EVENTS = {**{str(n): n for n in range(10)}, "*": 10, "#": 11}
_PAYLOAD = 101
_SSRC = 0x1420
_PACKETS = 7
"""Packets of 20 ms; three more with the end bit follow."""


def write_press(path: Path, key: str, press: int) -> Path:
    """The `press`-th key of a call (0, 1, …) as a pcap file; returns `path`."""
    stamp, first = 8000 + press * 16_000, 100 + press * 20
    packets: list[bytes] = []
    for step in range(_PACKETS + 3):
        ended = step >= _PACKETS
        duration = 160 * (min(step, _PACKETS - 1) + 1)
        flags = _PAYLOAD | (0x80 if step == 0 else 0)
        rtp = struct.pack("!BBHII", 0x80, flags, first + step, stamp, _SSRC)
        packets.append(rtp + struct.pack("!BBH", _EVENTS[key], 0x80 | 10 if ended else 10, duration))
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    path.write_bytes(header + b"".join(_record(step * 20_000, packet) for step, packet in enumerate(packets)))
    return path


def _record(microseconds: int, payload: bytes) -> bytes:
    udp = struct.pack("!HHHH", 6000, 6000, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1") + udp
    frame = b"\0" * 12 + b"\x08\x00" + ip
    return struct.pack("<IIII", 1, microseconds, len(frame), len(frame)) + frame
