"""The robots themselves: what they do when the other side is quicker, as a real telephone would."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"


class Hasty:
    """Answers a call and ends it at the first key, or when the caller does: its BYE goes out before its answer to that."""

    def __init__(self, says: str) -> None:
        self._says = says
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(60)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard: list[str] = []
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        while "SIP/2.0" not in (self.heard[-1:] or [""])[0]:
            raw, peer = self._socket.recvfrom(65536)
            text = raw.decode()
            self.heard.append(text.split(maxsplit=1)[0])
            if text.startswith("INVITE"):
                self._socket.sendto(_reply(text, "200 OK", SDP), peer)
            elif text.startswith(("INFO", "BYE")):
                self._socket.sendto(_bye(text, self.address), peer)
                self._socket.sendto(_reply(text, self._says), peer)

    def close(self) -> None:
        self._thread.join(timeout=60)
        self._socket.close()


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.+?)\r?$", text, re.M)
    assert found
    return found[1]


def _tagged(to: str) -> str:
    return to if "tag=" in to else f"{to};tag=hasty"


def _reply(text: str, status: str, body: str = "") -> bytes:
    kept = [f"{name}: {_header(text, name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
    more = [f"To: {_tagged(_header(text, 'To'))}", "Contact: <sip:1420@127.0.0.1>"]
    kind = ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([f"SIP/2.0 {status}", *kept, *more, *kind, f"Content-Length: {len(body)}", "", body]).encode()


def _bye(text: str, address: str) -> bytes:
    head = [f"BYE sip:robot@{address} SIP/2.0", f"Via: SIP/2.0/UDP {address};branch=z9hG4bKhasty", f"From: {_tagged(_header(text, 'To'))}",
            f"To: {_header(text, 'From')}", f"Call-ID: {_header(text, 'Call-ID')}", "CSeq: 7 BYE", "Content-Length: 0"]  # fmt: skip
    return "\r\n".join([*head, "", ""]).encode()


@pytest.fixture(params=["200 OK", "481 Call/Transaction Does Not Exist"], ids=["taken", "unknown"])
def hasty(request: pytest.FixtureRequest) -> Iterator[Hasty]:
    line = Hasty(request.param)
    yield line
    line.close()


def in_order(heard: list[str]) -> list[str]:
    """A robot that waits half a second for its answer says a thing again."""
    return list(dict.fromkeys(heard))


def test_a_key_that_crosses_the_end_of_the_call_is_no_mishap(hasty: Hasty, tmp_path: Path) -> None:
    caller = Caller(tmp_path / "caller", hasty.address, user="09120000000").pause(0.3).press("5").pause(1).until_bye(30)
    assert caller.dial().wait() == 0
    assert in_order(hasty.heard) == ["INVITE", "ACK", "INFO", "SIP/2.0"], "the BYE was answered"


def test_two_who_hang_up_in_the_same_moment_are_no_mishap(hasty: Hasty, tmp_path: Path) -> None:
    caller = Caller(tmp_path / "caller", hasty.address, user="09120000000").pause(0.3).hang_up()
    assert caller.dial().wait() == 0
    assert in_order(hasty.heard) == ["INVITE", "ACK", "BYE", "SIP/2.0"]
