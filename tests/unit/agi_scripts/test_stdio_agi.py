"""Ways in which process AGIs on pyst2 have lost calls; ours, on the same base class, over real pipes and processes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from asterisk.agi import AGIAppError, AGIDBError, AGIHangup, AGIInvalidCommand, AGIUsageError

from agi_scripts.agi_wire import OutOfStep, command_line
from agi_scripts.settings import DoorSettings
from agi_scripts.stdio_phone import StdioAgi
from ivr.kernel.errors import Forbidden, Invalid
from tests.fakes.asterisk_agi import FakeAsterisk

REPOSITORY = Path(__file__).resolve().parents[3]

MakeAgi = Callable[..., StdioAgi]


@pytest.fixture
def agi() -> Iterator[MakeAgi]:
    """`agi(*replies)`: an AGI whose n-th command gets the n-th piece of bytes; after the last the pipe is closed."""
    opened: list[IO[bytes]] = []

    def make(*replies: bytes, header: bytes | None = None, sent: list[bytes] | None = None) -> StdioAgi:
        ear, mouth = os.pipe()
        heard = [*replies]
        open_mouth = os.fdopen(mouth, "wb", buffering=0)

        class Asterisk(io.BytesIO):
            def write(self, command: bytes) -> int:  # type: ignore[override]
                if sent is not None:
                    sent.append(command)
                if heard:
                    open_mouth.write(heard.pop(0))
                if not heard:
                    open_mouth.close()
                return len(command)

        stdin = os.fdopen(ear, "rb", buffering=0)
        opened.extend([stdin, open_mouth])
        open_mouth.write(header or FakeAsterisk().header("fallback"))
        return StdioAgi(stdin, Asterisk())

    yield make
    for pipe in opened:
        pipe.close()


def test_a_hangup_at_the_end_of_a_recording_is_no_error(agi: MakeAgi) -> None:
    """The usual end of a voice message raised, so what came after the recording never ran."""
    assert agi(b"200 result=-1 (hangup) endpos=24000\n", b"").record_file("x") == ""


def test_a_recording_that_cannot_be_written_is_told_from_a_hangup(agi: MakeAgi) -> None:
    with pytest.raises(AGIAppError) as failed:
        agi(b"200 result=-1 (writefile) endpos=0\n", b"").record_file("x")
    assert not isinstance(failed.value, AGIHangup)


def test_a_recording_that_ends_by_time_gives_no_key(agi: MakeAgi) -> None:
    """It used to give a NUL character."""
    assert agi(b"200 result=0 (timeout) endpos=24000\n", b"").record_file("x") == ""
    assert agi(b"200 result=35 (dtmf) endpos=24000\n", b"").record_file("x") == "#"


@pytest.mark.parametrize("reply", [b"", b"HANGUP\n", b"200 resu", b"511 Command Not Permitted on a dead channel\n"])
def test_the_end_of_the_pipe_and_a_dead_channel_are_hangups(agi: MakeAgi, reply: bytes) -> None:
    """They were `ValueError: invalid literal for int()` and "unknown error"."""
    with pytest.raises(AGIHangup):
        agi(reply).noop()


def test_a_hangup_notice_belongs_to_no_command(agi: MakeAgi) -> None:
    call = agi(b"200 result=1\n", b"HANGUP\n200 result=1 (main)\n", b"")
    call.set_variable("LINE_GOTO", "queue")
    assert call.get_variable("LINE_NODE") == "main"
    assert call.hung_up


@pytest.mark.timeout(60)
def test_a_usage_reply_without_end_is_a_hangup(agi: MakeAgi) -> None:
    """`520-` and then the end of the pipe was an endless loop: a full core for an orphan."""
    with pytest.raises(AGIHangup):
        agi(b"520-Invalid command syntax.\nusage\n").noop()


def test_a_usage_reply_is_one_reply(agi: MakeAgi) -> None:
    call = agi(b"520-Invalid\n200 result=1 (no)\n520 End of proper usage.\n", b"200 result=1 (yes)\n", b"")
    with pytest.raises(AGIUsageError):
        call.noop()
    assert call.get_variable("X") == "yes"


def test_an_unknown_command_is_told_as_one(agi: MakeAgi) -> None:
    with pytest.raises(AGIInvalidCommand):
        agi(b"510 Invalid or unknown command\n", b"").noop()


def test_quotes_stay_inside_their_value(agi: MakeAgi) -> None:
    """An unescaped quote ended the value, and what followed was another argument, or with a line break a command."""
    sent: list[bytes] = []
    agi(b"200 result=1\n", b"", sent=sent).set_variable("NAME", 'Ali "R" \\')
    assert sent == [b'SET VARIABLE "NAME" "Ali \\"R\\" \\\\"\n']


def test_a_line_break_cannot_start_a_second_command(agi: MakeAgi) -> None:
    sent: list[bytes] = []
    with pytest.raises(Invalid):
        agi(b"200 result=1\n", sent=sent).set_variable("NAME", "x\nEXEC System reboot")
    assert sent == []


def test_a_failed_command_is_told_from_a_hangup(agi: MakeAgi) -> None:
    with pytest.raises(AGIAppError) as failed:
        agi(b"200 result=-1\n", b"").answer()
    assert not isinstance(failed.value, AGIHangup)


def test_it_opens_in_any_thread(agi: MakeAgi) -> None:
    """The base class installs a signal handler, which only the main thread may."""
    made: list[StdioAgi] = []
    thread = threading.Thread(target=lambda: made.append(agi(b"")))
    thread.start()
    thread.join(60)
    assert made


def test_a_cut_name_costs_nothing_and_leaves_no_half_characters(agi: MakeAgi) -> None:
    header = FakeAsterisk().header("x").replace(b"calleridname: unknown", "calleridname: محمد".encode()[:-1])
    assert agi(b"", header=header).env["agi_calleridname"].encode("utf-8").decode() == "محم�"


def test_a_forged_line_in_the_environment_is_refused(agi: MakeAgi) -> None:
    with pytest.raises(Forbidden):
        agi(b"", header=FakeAsterisk().header("x").replace(b"unknown", b"Ali\nagi_arg_1: guess"))


def test_a_second_reply_never_answers_another_command(agi: MakeAgi) -> None:
    call = agi(b"200 result=1 (x)\n200 result=1 (forged)\n", b"200 result=1 (y)\n")
    with pytest.raises(OutOfStep):
        call.get_variable("X")
    assert call._ask(command_line("GET VARIABLE", "Y")).dead  # pyright: ignore[reportPrivateUsage]


def test_a_key_of_the_database_is_quoted_once(agi: MakeAgi) -> None:
    """Quoted twice, no key was ever found."""
    sent: list[bytes] = []
    call = agi(b"200 result=1 (seat 07)\n", b"200 result=0\n", b"", sent=sent)
    assert call.database_get("line", "who is there") == "seat 07"
    with pytest.raises(AGIDBError):
        call.database_get("line", "nobody")
    assert sent[0] == b'DATABASE GET "line" "who is there"\n'


def test_a_variable_set_to_nothing_is_empty_and_a_file_name_stays_whole(agi: MakeAgi) -> None:
    sent: list[bytes] = []
    call = agi(b"200 result=1\n", b"200 result=0 endpos=1\n", b"200 result=12\n", b"", sent=sent)
    call.set_variable("LINE_NODE", None)
    call.stream_file('a b"c', "1")
    assert call.get_data("d e", 500, 2) == "12"
    assert sent == [b'SET VARIABLE "LINE_NODE" ""\n', b'STREAM FILE "a b\\"c" "1" 0\n', b'GET DATA "d e" 500 2\n']


class Process:
    """The fallback as Asterisk starts it: a child with pipes, in the plainest of environments."""

    def __init__(self, settings: DoorSettings, locale: str = "C") -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "agi_scripts.fallback", "token"],
            cwd=REPOSITORY,
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": locale,
                "LINE1420_VAR": str(settings.var),
                "LINE1420_CLOCK_OPEN": "always",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def talk(self, call: FakeAsterisk, hang_up_signal: bool = False) -> tuple[int, str]:
        """Exit code and stderr."""
        assert self.child.stdin
        assert self.child.stdout
        self.child.stdin.write(call.header("fallback"))
        self.child.stdin.flush()
        while line := self.child.stdout.readline():
            if hang_up_signal:
                self.child.send_signal(signal.SIGHUP)
            self.child.stdin.write(call.answer(line.decode().rstrip("\n")))
            self.child.stdin.flush()
        _, errors = self.child.communicate(timeout=60)
        return self.child.returncode, errors.decode()


def test_the_same_menu_without_any_door_server(door_settings: DoorSettings) -> None:
    call = FakeAsterisk(["1", "1"], environment={"agi_calleridname": "محمد"})
    code, errors = Process(door_settings).talk(call)
    assert (code, call.done, call.variables["LINE_QUEUE"]) == (0, True, "insurance")
    assert "9121234567" not in errors
    assert "محمد" not in errors


def test_sighup_during_the_call_kills_nothing(door_settings: DoorSettings) -> None:
    call = FakeAsterisk(["0"])
    assert Process(door_settings).talk(call, hang_up_signal=True)[0] == 0
    assert call.done


def test_sighup_while_python_starts_kills_nothing(door_settings: DoorSettings) -> None:
    """Ten of ten died of a hangup in the first tenth of a second; the starter ignores the signal across exec."""
    for delay in (0.0, 0.08):
        child = subprocess.Popen(
            [REPOSITORY / "agi_scripts" / "fallback.sh", "token"],
            env={"PATH": "/usr/bin:/bin", "LINE1420_VAR": str(door_settings.var)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _wait_until_ignored(child.pid)
        time.sleep(delay)
        child.send_signal(signal.SIGHUP)
        _, errors = child.communicate(b"", timeout=60)
        assert child.returncode == 1, errors  # it came as far as missing the environment, so it was not killed


def _wait_until_ignored(pid: int) -> None:
    """Until the starter's first line has run; before that no script of ours exists that could be killed."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status").read_text()
        ignored = next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
        if int(ignored, 16) & 1:
            return
        time.sleep(0.001)
    raise AssertionError("SIGHUP is not ignored")
