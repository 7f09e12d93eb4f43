"""The bugs of panoramisk and pyst2 that our phones stand in front of, against the bare libraries.

Each is expected to fail, strictly: when a new release closes one, this file says so, and a guard of ours may go.
"""

from __future__ import annotations

import asyncio
import importlib
import io

import pytest
from asterisk.agi import AGI, AGIHangup
from panoramisk.fast_agi import Application
from panoramisk.utils import parse_agi_result

still_broken = pytest.mark.xfail(strict=True)


def bare_agi(replies: str) -> AGI:
    agi = AGI.__new__(AGI)
    agi.stdin, agi.stdout, agi.stderr, agi._got_sighup = io.StringIO(replies), io.StringIO(), io.StringIO(), False
    return agi


@still_broken
def test_panoramisk_takes_the_word_hangup_for_a_value() -> None:
    assert "error" not in parse_agi_result("200 result=1 (hangup)")


@still_broken
def test_panoramisk_survives_the_end_of_the_stream() -> None:
    parse_agi_result("")


@still_broken
def test_panoramisk_knows_a_dead_channel() -> None:
    assert parse_agi_result("511 Command Not Permitted on a dead channel")["error"] != "AGIUnknownError"


@still_broken
async def test_panoramisk_takes_a_plain_function_for_a_route() -> None:
    Application(loop=asyncio.get_running_loop()).add_route("x", lambda request: None)


@still_broken
def test_pyst2_quotes_a_quote() -> None:
    assert bare_agi("")._quote('a"b') == '"a\\"b"'


@still_broken
def test_pyst2_takes_the_end_of_the_pipe_for_a_hangup() -> None:
    with pytest.raises(AGIHangup):
        bare_agi("").noop()


@still_broken
def test_pyst2_takes_a_hangup_for_the_end_of_a_recording() -> None:
    bare_agi("200 result=-1 (hangup) endpos=24000\n").record_file("x")


@still_broken
def test_pyst2_gives_no_key_when_a_recording_ends_by_time() -> None:
    assert bare_agi("200 result=0 (timeout) endpos=24000\n").record_file("x") == ""


@still_broken
def test_pyst2_keeps_callers_out_of_stderr() -> None:
    agi = bare_agi("200 result=1\n")
    agi.set_variable("NUMBER", "09121234567")
    assert "09121234567" not in agi.stderr.getvalue()


@still_broken
def test_pyst2_can_import_its_fastagi() -> None:
    importlib.import_module("asterisk.fastagi")
