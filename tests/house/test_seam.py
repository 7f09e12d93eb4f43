"""The seam between dialplan and doors: every name on one side exists on the other."""

from __future__ import annotations

import os
import re
import resource
from configparser import ConfigParser
from datetime import timedelta
from pathlib import Path

import pytest

from agi_scripts.server import BACKLOG
from agi_scripts.settings import DoorSettings
from agi_scripts.variables import Variable
from api.settings import ApiSettings
from asterisk_conf.render import LABELS, texts
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.programs import FILES, supervisor_config
from ivr.kernel.errors import Invalid
from ivr.kernel.milestones import Goto, Milestone

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_KNOCKED_BY_CALLS = {"__init__", "ping"}
"""`ping` is the health check of a door server."""


def settings(**changes: object) -> ExchangeSettings:
    return ExchangeSettings.model_validate(
        {"agi_token": "t", "ami_listener_secret": "l", "seat_secrets": {"seat01": "s"}} | changes
    )


@pytest.fixture(scope="module", params=[False, True], ids=["packaged_root", "own_asterisk"])
def dialplan(request: pytest.FixtureRequest) -> str:
    rendered = texts(settings(process_agi=request.param))
    return "\n".join(text for name, text in rendered.items() if name.startswith("extensions"))


def test_doors_and_call_backs_serve_who_waits_at_closing_time_equally_long() -> None:
    told = [room.model_fields["wait_after_closing"].default for room in (DoorSettings, ApiSettings)]
    assert told == [timedelta(minutes=10)] * 2


def test_each_agi_path_has_a_door_and_each_door_is_knocked_at(dialplan: str) -> None:
    knocked = set(re.findall(r"agi://[^/]+/([a-z_]+)", dialplan))
    doors = {path.stem for path in (REPOSITORY / "agi_scripts" / "doors").glob("*.py")}
    assert knocked == doors - NOT_KNOCKED_BY_CALLS


def test_dialplan_and_doors_share_their_variables(dialplan: str) -> None:
    used = set(re.findall(r"\bLINE_[A-Z_]+", dialplan))
    shared = {variable.value for variable in Variable if variable.value.startswith("LINE_")}
    # LINE_NODE is kept on the channel by a door for the next one; the dialplan never reads it
    assert used | {Variable.NODE.value} == shared


def test_each_goto_and_each_jump_has_a_label(dialplan: str) -> None:
    contexts = set(re.findall(r"^\[([\w-]+)\]", dialplan, re.MULTILINE))
    assert set(LABELS) == set(Goto)
    assert set(LABELS.values()) <= contexts
    jumps = set(re.findall(r"[?:(](line-[\w-]+),s,1", dialplan))
    assert jumps <= contexts
    assert {"line-fallback", "line-box", "line-thanks"} <= jumps


@pytest.mark.parametrize("sign_in", ["desk", "telephone"])
def test_a_seat_may_dial_one_number_and_every_jump_from_it_leads_somewhere(sign_in: str) -> None:
    rendered = texts(settings(sign_in=sign_in))
    dialplan = "\n".join(text for name, text in rendered.items() if name.startswith("extensions"))
    contexts = re.split(r"^\[([\w-]+)\]$", dialplan, flags=re.MULTILINE)
    body = dict(zip(contexts[1::2], contexts[2::2], strict=True))
    assert re.findall(r"^exten => ([^,]+),", body["from-seat"], re.MULTILINE) == ["10"]
    assert "include" not in body["from-seat"]
    assert set(re.findall(r"[?:(](line-[\w-]+),s,1", dialplan)) <= body.keys()
    assert ("seat_desk" in dialplan) is (sign_in == "desk")
    assert ("seat_phone_enough" in dialplan) is (sign_in == "telephone")
    # a call of a seat must not look like a caller's
    assert "CELGenUserEvent(offered" not in body["line-seat-desk"]
    assert "line-final" not in body["line-seat-desk"]


def test_each_milestone_is_in_the_list(dialplan: str) -> None:
    written = set(re.findall(r"CELGenUserEvent\((\w+),", dialplan))
    assert written <= {milestone.value for milestone in Milestone}
    assert {"offered", "final", "talk", "queue", "message", "fallback"} <= written


@pytest.mark.parametrize("secret", ["a\nb", "a;b", "a,b", 'a"b', "${X}"])
def test_a_setting_that_would_change_what_asterisk_reads_is_refused(secret: str) -> None:
    with pytest.raises(Invalid, match="cannot stand in Asterisk's configuration"):
        texts(settings(ami_listener_secret=secret))


def test_the_menu_is_started_as_a_process_only_where_asterisk_sees_our_python() -> None:
    assert "fallback.sh" not in texts(settings())["extensions/90-fallback.conf"]
    script = re.search(r"AGI\((/[^,]+),t\)", texts(settings(process_agi=True))["extensions/90-fallback.conf"])
    assert script
    assert os.access(script[1], os.X_OK)


def test_test_contexts_are_not_there_unless_asked_for() -> None:
    assert not any("[test-" in text for name, text in texts(settings()).items() if name.startswith("extensions"))
    assert "extensions/99-test.conf" in texts(settings(test_contexts=True))
    for user in ("[tester]", "[witness]"):
        assert user not in texts(settings())["manager.conf"]
        assert user in texts(settings(test_contexts=True))["manager.conf"]


def test_one_door_server_has_room_for_every_caller_whom_the_exchange_can_carry() -> None:
    """Else a rush is turned away by the first server, then by the second, while the machine has processors left."""
    pairs = (settings().rtp_last - settings().rtp_first + 1) // 2
    assert DoorSettings.model_fields["connections_limit"].default >= pairs
    assert DoorSettings.model_fields["silent_limit"].default >= BACKLOG, "taken in one go, and not read yet"


def test_every_program_may_have_as_much_open_as_the_machine_allows(tmp_path: Path) -> None:
    """A shell of Debian allows 1,024, which two hundred callers and a rush of connections reach."""
    text = supervisor_config([], run=tmp_path, logs=tmp_path, socket=tmp_path / "s", user=None)
    allowed = ConfigParser(interpolation=None, strict=True)
    allowed.read_string(text)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    assert allowed.getint("supervisord", "minfds") == wanted
