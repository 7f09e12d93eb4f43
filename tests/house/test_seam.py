"""The seam between dialplan and doors: every name on one side exists on the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agi_scripts.variables import Variable
from asterisk_conf.render import LABELS, texts
from asterisk_conf.settings import ExchangeSettings
from ivr.kernel.errors import Invalid
from ivr.kernel.milestones import Goto, Milestone

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_KNOCKED_BY_CALLS = {"__init__", "ping"}
"""`ping` is the health check of a door server."""


def settings(**changes: object) -> ExchangeSettings:
    return ExchangeSettings.model_validate(
        {"agi_token": "t", "ami_listener_secret": "l", "seat_secrets": {"seat01": "s"}} | changes
    )


@pytest.fixture(scope="module")
def dialplan() -> str:
    return "\n".join(text for name, text in texts(settings()).items() if name.startswith("extensions"))


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


def test_each_milestone_is_in_the_list(dialplan: str) -> None:
    written = set(re.findall(r"CELGenUserEvent\((\w+),", dialplan))
    assert written <= {milestone.value for milestone in Milestone}
    assert {"offered", "final", "talk", "queue", "message", "fallback"} <= written


def test_each_prompt_of_the_dialplan_exists(dialplan: str) -> None:
    queues = texts(settings())["queues.conf"]
    played = set(re.findall(r"line/([a-z_]+)", dialplan + queues))
    persian = (REPOSITORY / "ivr" / "data" / "prompts_fa.toml").read_text(encoding="utf-8")
    assert [name for name in sorted(played) if not re.search(rf"^\[?{name}\b", persian, re.MULTILINE)] == []


@pytest.mark.parametrize("secret", ["a\nb", "a;b", "a,b", 'a"b', "${X}"])
def test_a_setting_that_would_change_what_asterisk_reads_is_refused(secret: str) -> None:
    with pytest.raises(Invalid, match="cannot stand in Asterisk's configuration"):
        texts(settings(ami_listener_secret=secret))


def test_test_contexts_are_not_there_unless_asked_for() -> None:
    assert not any("test-" in text for name, text in texts(settings()).items() if name.startswith("extensions"))
    assert "extensions/99-test.conf" in texts(settings(test_contexts=True))
