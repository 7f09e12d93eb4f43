"""The bugs of pyst2's process AGI (0.5.1) that ours stands in front of, against the bare library.

Each is expected to fail, strictly: when a new release closes one, this file says so, and a guard of ours may go. The
same bugs against our own phone are in `tests/unit/agi_scripts/test_stdio_agi`:

Y1 a hangup ends a recording with an exception · Y2 a hangup while Python starts kills it · Y3 the end of the pipe is a
ValueError · Y4 a usage reply without end is read for ever · Y5 quotes are not escaped · Y6 a dead channel is an "unknown
error" · Y7 a recording that ends by time gives a NUL · Y8 it cannot be made in a thread · Y9 callers stand in stderr ·
Y10 a name cut in mid-letter raises · Y11 its FastAGI cannot be imported · Y13 database keys are quoted twice, None is no
value, a file name with a blank is two. Y12, its manager, dies of an event with a channel variable: we never import it, and
the linter sees to that (and to Y11's module).
"""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import textwrap
import threading
import tomllib
from pathlib import Path

import pytest
from asterisk.agi import AGI, AGIError, AGIHangup, AGIUnknownError, AGIUsageError

still_broken = pytest.mark.xfail(strict=True)


def bare_agi(replies: str | bytes) -> AGI:
    agi = AGI.__new__(AGI)
    stdin = io.StringIO(replies) if isinstance(replies, str) else io.BytesIO(replies)
    agi.stdin, agi.stdout, agi.stderr, agi._got_sighup = stdin, io.StringIO(), io.StringIO(), False
    return agi


def within(seconds: float, program: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, because some of these bugs never come back. Raises when it takes longer."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], timeout=seconds, capture_output=True, text=True
    )


@still_broken
def test_y1_pyst2_takes_a_hangup_for_the_end_of_a_recording() -> None:
    bare_agi("200 result=-1 (hangup) endpos=24000\n").record_file("x")


@still_broken
def test_y2_pyst2_ignores_a_hangup_while_it_starts() -> None:
    """Nothing protects the time before its `AGI()`; the signal's default action ends the process."""
    done = within(20, "import os, signal; os.kill(os.getpid(), signal.SIGHUP); import asterisk.agi")
    assert done.returncode == 0


@still_broken
def test_y3_pyst2_takes_the_end_of_the_pipe_for_a_hangup() -> None:
    with pytest.raises(AGIHangup):
        bare_agi("").noop()


@still_broken
def test_y4_pyst2_ends_a_usage_reply_at_the_end_of_the_pipe() -> None:
    done = within(
        4,
        """
        import io
        from asterisk.agi import AGI, AGIError
        agi = AGI.__new__(AGI)
        class Nowhere(io.StringIO):
            def write(self, text): return len(text)
        agi.stdin, agi.stdout, agi.stderr, agi._got_sighup = io.StringIO("520-Invalid\\n"), Nowhere(), Nowhere(), False
        import resource; resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
        try:
            agi.noop()
        except AGIError:
            print("ended")
        """,
    )
    assert "ended" in done.stdout


@still_broken
def test_y5_pyst2_quotes_a_quote() -> None:
    assert bare_agi("")._quote('a"b') == '"a\\"b"'


@still_broken
def test_y5_pyst2_lets_no_line_break_start_a_command() -> None:
    agi = bare_agi("200 result=1\n")
    agi.set_variable("A", 'x"\nEXEC System "reboot')
    assert agi.stdout.getvalue().count("\n") == 1


@still_broken
def test_y6_pyst2_knows_a_dead_channel() -> None:
    with pytest.raises(AGIError) as told:
        bare_agi("511 Command Not Permitted on a dead channel\n").noop()
    assert not isinstance(told.value, AGIUnknownError)
    assert not isinstance(told.value, AGIUsageError)


@still_broken
def test_y7_pyst2_gives_no_key_when_a_recording_ends_by_time() -> None:
    assert bare_agi("200 result=0 (timeout) endpos=24000\n").record_file("x") == ""


@still_broken
def test_y8_pyst2_can_be_made_in_a_thread() -> None:
    made: list[AGI] = []

    def make() -> None:
        try:
            made.append(AGI(io.StringIO("\n"), io.StringIO(), io.StringIO()))
        except ValueError:
            return  # "signal only works in main thread"

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert made


@still_broken
def test_y9_pyst2_keeps_callers_out_of_stderr() -> None:
    agi = bare_agi("200 result=1\n")
    agi.set_variable("NUMBER", "09121234567")
    assert "09121234567" not in agi.stderr.getvalue()


@still_broken
def test_y10_pyst2_takes_a_name_cut_in_mid_letter() -> None:
    agi = bare_agi(b"agi_calleridname: " + "محمد".encode()[:-1] + b"\n\n")
    agi.env = {}
    agi._get_agi_env()


@still_broken
def test_y11_pyst2_can_import_its_fastagi() -> None:
    importlib.import_module("asterisk.fastagi")


@still_broken
def test_y12_pyst2_reads_an_event_with_a_channel_variable() -> None:
    done = within(
        20,
        """
        from asterisk.manager import Event, ManagerMsg
        message = ManagerMsg(["Event: Hangup\\r\\n", "ChanVariable: A=1\\r\\n"])
        assert message.headers["ChanVariable"] == {"A": "1"}
        """,
    )
    assert done.returncode == 0


@pytest.mark.parametrize("module", ["asterisk.fastagi", "asterisk.manager"])
def test_y11_y12_nothing_here_may_use_them(module: str) -> None:
    settings = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert module in settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]


@still_broken
def test_y13_pyst2_quotes_a_key_of_the_database_once() -> None:
    agi = bare_agi("200 result=1 (v)\n")
    agi.database_get("family", "key")
    assert agi.stdout.getvalue() == 'DATABASE GET "family" "key"\n'


@still_broken
def test_y13_pyst2_sets_a_variable_to_nothing() -> None:
    bare_agi("200 result=1\n").set_variable("A", None)


@still_broken
def test_y13_pyst2_keeps_a_file_name_together() -> None:
    agi = bare_agi("200 result=0 endpos=1\n")
    agi.stream_file("a b")
    assert agi.stdout.getvalue().startswith('STREAM FILE "a b" ')
