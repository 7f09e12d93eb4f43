"""The WebSocket of the browser phones, met by who is no browser: refused, cut off or ignored, and phones still get in.

One frame is not tried, because Asterisk 22.10.1 does not survive it: one that claims 2**64 - 1 bytes makes a thread turn for
ever, and half a minute later no SIP is answered any more (docs/promises.md).
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.rootfs import ensure_root
from tests.asterisk.exchange import REPOSITORY, Exchange
from tests.patience import LIMIT

TEXT, MORE, CLOSE, PING = 0x1, 0x0, 0x8, 0x9
MASK = b"\x01\x02\x03\x04"
KEY = base64.b64encode(os.urandom(16)).decode()
RIGHT = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "sip",
}
"""What a browser sends."""


def frame(opcode: int, payload: bytes, *, last: bool = True, masked: bool = True, length: int | None = None) -> bytes:
    """One frame of a client; `length` is what it claims, when that is not the truth."""
    size = len(payload) if length is None else length
    mark = 0x80 if masked else 0
    if size < 126:
        head = bytes([mark | size])
    elif size < 1 << 16:
        head = bytes([mark | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([mark | 127]) + size.to_bytes(8, "big")
    body = bytes(byte ^ MASK[n % 4] for n, byte in enumerate(payload)) if masked else payload
    return bytes([(0x80 if last else 0) | opcode]) + head + (MASK if masked else b"") + body


class Visitor:
    """A connection to the HTTP port."""

    def __init__(self, exchange: Exchange) -> None:
        self.socket = socket.create_connection(("127.0.0.1", exchange.settings.http_port), timeout=LIMIT)

    def knock(self, headers: dict[str, str], method: str = "GET") -> int:
        """Ask for the upgrade; the status of the answer, 0 when there is none."""
        lines = [f"{method} /ws HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        found = re.match(rb"HTTP/1\.1 (\d{3})", self.heard(until=b"\r\n\r\n"))
        return int(found[1]) if found else 0

    def heard(self, until: bytes) -> bytes:
        """What comes until that word, the end, or half a minute of silence."""
        heard = b""
        with contextlib.suppress(OSError):
            while until not in heard and (piece := self.socket.recv(65_536)):
                heard += piece
        return heard


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    """Of its own, where browser phones are asked for."""
    root = ensure_root(REPOSITORY / "var", None)
    bench = Exchange(Path(tempfile.mkdtemp(prefix="line1420-browser-")), root, browser_phones=True)
    try:
        yield bench.start()
    finally:
        bench.stop()


@pytest.fixture
def visitor(exchange: Exchange) -> Iterator[Visitor]:
    exchange.clear()  # of what the cases before have left
    visitor = Visitor(exchange)
    yield visitor
    visitor.socket.close()


def phones_get_in(exchange: Exchange) -> bool:
    """Whether a telephone that comes now is asked who it is."""
    phone = Visitor(exchange)
    try:
        register = (
            "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/WS phone.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
            "From: <sip:seat01@127.0.0.1>;tag=1\r\nTo: <sip:seat01@127.0.0.1>\r\nCall-ID: hostile\r\nCSeq: 1 REGISTER\r\n"
            "Contact: <sip:seat01@phone.invalid;transport=ws>\r\nContent-Length: 0\r\n\r\n"
        )
        if phone.knock(RIGHT) != 101:
            return False
        phone.socket.sendall(frame(TEXT, register.encode()))
        return b"SIP/2.0 401" in phone.heard(until=b"\r\n\r\n")
    finally:
        phone.socket.close()


@pytest.mark.parametrize(
    ("changes", "method", "refused"),
    [
        pytest.param({"Upgrade": "h2c"}, "GET", 426, id="another upgrade"),
        pytest.param({"Sec-WebSocket-Key": ""}, "GET", 400, id="no key"),
        pytest.param({"Sec-WebSocket-Version": "99"}, "GET", 400, id="a version of the future"),
        pytest.param({"Sec-WebSocket-Protocol": "chat"}, "GET", 400, id="another protocol"),
        pytest.param({"Sec-WebSocket-Protocol": "x," * 3_000 + "y"}, "GET", 400, id="thousands of protocols"),
        pytest.param({}, "POST", 501, id="no GET"),
    ],
)
def test_who_does_not_ask_as_a_browser_phone_is_refused(
    exchange: Exchange, visitor: Visitor, changes: dict[str, str], method: str, refused: int
) -> None:
    assert visitor.knock(RIGHT | changes, method) == refused
    assert phones_get_in(exchange)


FRAMES = {
    "a frame without a mask": frame(TEXT, b"hello", masked=False),
    "a frame of a kind that is none": frame(0x3, b"hello"),
    "a frame as long as nothing is": frame(TEXT, b"x" * 100, length=2**63 - 1),
    "a frame of a megabyte": frame(TEXT, b"x" * 1_000_000),
    "ten thousand pings": frame(PING, b"x") * 10_000,
    "ten thousand texts that say nothing": frame(TEXT, b"\r\n") * 10_000,
    "text that is no text": frame(TEXT, b"\xff\xfe\x00" * 500),
    "fragments without end": frame(TEXT, b"x" * 1_000, last=False) + frame(MORE, b"x" * 1_000, last=False) * 500,
    "a header without end": frame(TEXT, b"INVITE sip:1420@127.0.0.1 SIP/2.0\r\n" + b"X-Long: y\r\n" * 5_000),
    "a call without a Via": frame(TEXT, b"INVITE sip:1420@127.0.0.1 SIP/2.0\r\nContent-Length: 0\r\n\r\n"),
    "a goodbye of one byte": frame(CLOSE, b"x"),
    "the first byte of a frame": b"\x81",
}  # fmt: skip


@pytest.mark.parametrize("what", FRAMES)
def test_whatever_is_said_on_it_makes_no_call_and_keeps_no_phone_out(
    exchange: Exchange, visitor: Visitor, what: str
) -> None:
    assert visitor.knock(RIGHT) == 101
    with contextlib.suppress(OSError):  # it may have been cut off by then
        visitor.socket.sendall(FRAMES[what])
    assert phones_get_in(exchange)
    exchange.until(exchange.is_idle, "a channel is left")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ari/channels",
        "/ari/asterisk/info",
        "/rawman",
        "/mxml",
        "/manager",
        "/httpstatus",
        "/static/x",
        "/uploads",
    ],
)
def test_http_has_the_phones_websocket_and_nothing_else(exchange: Exchange, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{exchange.settings.http_port}{path}", timeout=LIMIT)
    assert refused.value.code in {403, 404}
    refused.value.close()
