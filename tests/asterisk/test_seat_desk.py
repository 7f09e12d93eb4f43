"""An operator dials 10 at a seat: Asterisk says which seat it is, and no key of a PIN reaches a file of Asterisk's or ours."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from asterisk_conf.robots.caller import Caller, Keys
from asterisk_conf.robots.seat import Seat
from asterisk_conf.rootfs import ensure_root
from tests.asterisk.exchange import REPOSITORY, Exchange
from tests.patience import one_try_of_several
from tests.sounds import tone, write_wav

NUMBER, PIN = "107", "482913"


@dataclass
class WrittenSide:
    """The API, as a door sees it: says what it is told to, and keeps what it was asked."""

    port: int = 0
    asked: list[tuple[str, str, object]] = field(default_factory=list)
    answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    """By method."""

    def will(self, **answers: tuple[int, object]) -> None:
        self.answers = answers
        self.asked.clear()


@pytest.fixture(scope="module")
def written_side() -> Iterator[WrittenSide]:
    side = WrittenSide()

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            sent = json.loads(self.rfile.read(length)) if length else None
            if self.path == "/live":
                status, told = 200, {}
            else:
                side.asked.append((self.command, self.path, sent))
                status, told = side.answers[self.command]
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    side.port = server.server_address[1]
    Thread(target=server.serve_forever, daemon=True).start()
    yield side
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def desk_exchange(written_side: WrittenSide) -> Iterator[Exchange]:
    """Where agents sign in."""
    folder = Path(tempfile.mkdtemp(prefix="line1420-bench-"))
    bench = Exchange(
        folder, ensure_root(REPOSITORY / "var", None), sign_in="desk", desk_url=f"http://127.0.0.1:{written_side.port}"
    )
    try:
        yield bench.start()
    finally:
        bench.stop()


FREE, READY = {"state": "free", "agent_number": None}, {"state": "ready", "agent_number": NUMBER}
REFUSED = {"error": {"code": "pin_refused", "message": "x", "field": None}}


def telephone(exchange: Exchange, folder: Path, seat: str = "seat05") -> Seat:
    """A seat's telephone, for calls of its own; it need not be registered."""
    secret = exchange.settings.seat_secrets[seat].get_secret_value()
    return Seat(folder, exchange.target, seat=seat, secret=secret)


@one_try_of_several  # a stall between two keys cuts what they say
async def test_which_seat_it_is_asterisk_says_and_the_keys_reach_the_desk(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path
) -> None:
    desk_exchange.clear()
    written_side.will(GET=(200, FREE), POST=(201, READY))
    phone = telephone(desk_exchange, tmp_path)
    phone.done(phone.signs_in(NUMBER, PIN))
    assert written_side.asked == [
        ("GET", "/api/v1/seats/seat05/duty", None),
        ("POST", "/api/v1/seats/seat05/duty", {"agent_number": NUMBER, "pin": PIN}),
    ]


def test_a_telephone_that_calls_itself_another_is_still_the_one_whose_secret_it_knows(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path
) -> None:
    written_side.will(GET=(200, READY), DELETE=(204, None))
    secret = desk_exchange.settings.seat_secrets["seat05"].get_secret_value()
    liar = Caller(tmp_path, desk_exchange.target, number="10", user="seat05", name="seat09", secret=secret)
    liar.pause(2.5).press("1").until_bye(60).dial()
    assert liar.wait() == 0
    assert [path for _, path, _ in written_side.asked] == ["/api/v1/seats/seat05/duty"] * 2
    thief = Caller(tmp_path / "thief", desk_exchange.target, number="10", user="seat09", secret=secret)
    thief.pause(60).dial()
    desk_exchange.until(lambda: answers_to_the_proof(thief) != [], "the proof was not looked at")
    assert answers_to_the_proof(thief)[0].startswith("SIP/2.0 401")
    assert thief.answered_at is None
    thief.stop()
    assert len(written_side.asked) == 2


def answers_to_the_proof(call: Caller) -> list[str]:
    """What came after the second INVITE, which says who calls: all but 'trying'. The ACK before it ended the first."""
    met = call.sipp.messages()
    ended = next((n for n, message in enumerate(met) if message.sent and message.line.startswith("ACK")), len(met))
    return [message.line for message in met[ended:] if not message.sent and " 100 " not in message.line]


@one_try_of_several
async def test_a_wrong_pin_is_told_and_asked_for_again(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path
) -> None:
    """Heard by a recorder on the telephone's channel: the one prompt that sounds higher than all others."""
    desk_exchange.clear()
    written_side.will(GET=(200, FREE), POST=(404, REFUSED))
    prompt = desk_exchange.settings.asterisk / "sounds" / "fa" / "line" / "seat_wrong.wav"
    write_wav(prompt, tone(1.0, 1500.0, 0.3))
    phone = telephone(desk_exchange, tmp_path)
    call = phone.dial().pause(2.5).press(f"{NUMBER}#{PIN}").pause(8).hang_up().dial()
    desk_exchange.until(lambda: bool(channel_of(desk_exchange)), "no call of the seat")
    heard = desk_exchange.settings.var.resolve() / "spool" / "heard.wav"
    desk_exchange.remote(f"mixmonitor start {channel_of(desk_exchange)} {heard.with_suffix('.both.wav')},t({heard})")
    assert call.wait() == 0
    assert not call.ended_by_line, "the agent may try again"
    assert loudness_at(heard, 1500.0) > 10 * loudness_at(heard, 1100.0)
    assert [sent for method, _, sent in written_side.asked if method == "POST"] == [
        {"agent_number": NUMBER, "pin": PIN}
    ]


def loudness_at(wav: Path, hertz: float) -> float:
    """How much of a recording lies within 20 Hz of a pitch."""
    with wave.open(str(wav)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    pitches = np.fft.rfftfreq(len(samples), 1 / 8000)
    return float(np.abs(np.fft.rfft(samples))[np.abs(pitches - hertz) < 20].max())


def channel_of(exchange: Exchange) -> str:
    found = re.search(r"PJSIP/seat05-[0-9a-f]+", exchange.remote("core show channels concise"))
    return found[0] if found else ""


@pytest.mark.parametrize("number", ["11", "1420", "1", "100", "s", "seat06"])
def test_a_seat_may_dial_nothing_else(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path, number: str
) -> None:
    written_side.will()
    phone = telephone(desk_exchange, tmp_path)
    call = phone.dial(number).hang_up().dial(limit_seconds=60)
    assert call.wait() != 0
    # 484: the beginning of a number that there is
    assert any(message.line.startswith(("SIP/2.0 404", "SIP/2.0 484")) for message in call.sipp.messages())
    assert written_side.asked == []


@one_try_of_several
async def test_no_key_of_a_pin_is_in_any_file_of_asterisk_s_or_of_the_doors(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path
) -> None:
    """By SIP INFO, and as RFC 4733 where we may send it (SIPp needs a raw socket for that: root only). A console that says as
    much as it can does not say it either; what `agi set debug` is for is to show keys, and nothing of ours switches it on."""
    desk_exchange.clear()
    written_side.will(GET=(200, FREE), POST=(404, REFUSED))
    desk_exchange.remote("core set verbose 9")
    desk_exchange.remote("core set debug 9")
    before = len(desk_exchange.rows())
    secret = desk_exchange.settings.seat_secrets["seat05"].get_secret_value()
    ways = (Keys.INFO, Keys.EVENT) if os.geteuid() == 0 else (Keys.INFO,)
    calls: list[Caller] = []

    def tried() -> list[object]:
        return [sent for method, _, sent in written_side.asked if method == "POST"]

    for keys in ways:
        call = Caller(tmp_path / keys, desk_exchange.target, number="10", user="seat05", secret=secret, keys=keys)
        call.pause(2).press(f"{NUMBER}#{PIN}", between_seconds=0.6).pause(60).hang_up().dial()
        desk_exchange.until(lambda: len(tried()) > len(calls), "the desk is not asked", limit=30)
        calls.append(call)
        time.sleep(2)  # what is made of the answer might be written somewhere too
        desk_exchange.clear()
        assert call.wait() == 0
    assert tried() == [{"agent_number": NUMBER, "pin": PIN}] * len(ways)
    desk_exchange.until(
        lambda: sum(row.name == "LINKEDID_END" for row in desk_exchange.rows()[before:]) == len(ways),
        "the calls are not over",
    )
    # the digits with anything between them, as a dump of keys one by one would have them; not a fraction of a second
    keyed = re.compile(rb"(?<![\d.])" + rb"[^\d\n]{0,40}".join(digit.encode() for digit in PIN) + rb"(?!\d)")
    for file in desk_exchange.var.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.suffix not in {".wav", ".sqlite3"}:
            found = keyed.search(file.read_bytes())
            assert not found, f"{file}: {file.read_bytes()[found.start() - 300 : found.end() + 100]}"
    desk_exchange.remote("core set debug 0")
    assert "DTMF" not in {row.name for row in desk_exchange.rows()[before:]}


def test_a_seat_s_call_looks_like_no_caller_s(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path
) -> None:
    written_side.will(GET=(200, READY), PUT=(200, {"state": "paused", "agent_number": NUMBER}))
    before, log = len(desk_exchange.rows()), len(desk_exchange.queue_log())
    phone = telephone(desk_exchange, tmp_path)
    phone.done(phone.presses("2"))
    desk_exchange.until(
        lambda: any(row.name == "LINKEDID_END" for row in desk_exchange.rows()[before:]), "the call is not over"
    )
    rows = desk_exchange.rows()[before:]
    assert "USER_DEFINED" not in {row.columns["eventtype"] for row in rows}
    assert {row.columns["cid_num"] for row in rows if row.name not in {"CHAN_START"}} == {""}
    assert desk_exchange.queue_log()[log:] == []


def test_without_doors_the_agent_is_told_to_use_the_page(
    desk_exchange: Exchange, written_side: WrittenSide, tmp_path: Path
) -> None:
    """And what is written of it names a seat's channel, so that it makes no call (tests/unit/api/calls/test_fold.py)."""
    written_side.will()
    before = len(desk_exchange.rows())
    lengthen(desk_exchange, "seat_use_page")
    desk_exchange.close_doors()
    try:
        phone = telephone(desk_exchange, tmp_path)
        call = phone.dial().until_bye(60).dial(limit_seconds=90)
        desk_exchange.until(lambda: playing(desk_exchange) == "line/seat_use_page", "the page is not named")
        desk_exchange.clear()
        phone.done(call)
    finally:
        desk_exchange.open_doors()
    rows = desk_exchange.rows()[before:]
    assert [row.fields["door"] for row in rows if row.name == "fallback"] == ["seat_desk", "seat_desk"]
    assert {row.columns["channame"].partition("-")[0] for row in rows} == {"PJSIP/seat05"}


def lengthen(exchange: Exchange, prompt: str) -> None:
    """Long enough to be seen while it is played; nobody waits for its end."""
    write_wav(exchange.settings.asterisk / "sounds" / "fa" / "line" / f"{prompt}.wav", tone(20.0, 300.0, 0.1))


def playing(exchange: Exchange) -> str:
    """What the dialplan itself plays now."""
    found = re.search(r"!Playback!([^!]*)!", exchange.remote("core show channels concise"))
    return found[1] if found else ""


def test_where_a_telephone_is_enough_it_says_so(
    exchange: Exchange, new_seat: Callable[..., Seat], written_side: WrittenSide
) -> None:
    written_side.will()
    lengthen(exchange, "seat_phone_enough")
    phone = new_seat("seat03")
    call = phone.dial().until_bye(60).dial(limit_seconds=90)
    exchange.until(lambda: playing(exchange) == "line/seat_phone_enough", "it does not say so")
    exchange.clear()
    phone.done(call)
    assert written_side.asked == []
