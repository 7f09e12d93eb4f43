"""What rendering leaves on the disk beside the texts, which `tests/house` reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from asterisk_conf.render import render, texts
from asterisk_conf.settings import ExchangeSettings
from routing.callbacks.settings import CallbackSettings
from routing.queues import QUEUES


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def test_ledgers_voices_and_secrets_are_for_the_owner_only(tmp_path: Path) -> None:
    settings = ExchangeSettings(var=tmp_path, agi_token="t", ami_listener_secret="l")  # pyright: ignore[reportArgumentType]
    for _ in range(2):  # a second start finds the files of the first
        render(settings)
        log = tmp_path / "asterisk" / "log"
        assert [mode(path) for path in (log, tmp_path / "spool", tmp_path / "asterisk" / "etc")] == ["700"] * 3
        ledgers = (log / "cel-custom" / "line.csv", log / "queue_log")
        assert [mode(path) for path in ledgers] == ["600"] * 2
        for path in ledgers:
            path.chmod(0o644)


def test_a_ledger_that_is_there_keeps_its_rows(tmp_path: Path) -> None:
    settings = ExchangeSettings(var=tmp_path, agi_token="t", ami_listener_secret="l")  # pyright: ignore[reportArgumentType]
    render(settings)
    ledger = tmp_path / "asterisk" / "log" / "queue_log"
    ledger.write_text("1795306427|x\n", encoding="utf-8")
    render(settings)
    assert ledger.read_text(encoding="utf-8") == "1795306427|x\n"


def test_where_agents_sign_in_no_seat_serves_a_queue_by_itself_and_all_are_on_the_roll(tmp_path: Path) -> None:
    secrets = {"seat01": "s1", "seat02": "s2"}
    told = ExchangeSettings.model_validate(
        {
            "var": tmp_path,
            "agi_token": "t",
            "ami_listener_secret": "l",
            "ami_keeper_secret": "k",
            "seat_secrets": secrets,
        }
    )
    at_desk, by_telephone = texts(told), texts(told.model_copy(update={"sign_in": "telephone"}))
    assert members_of(at_desk["queues.conf"]) == {"all-seats": ["seat01", "seat02"]}
    assert members_of(by_telephone["queues.conf"]) == {f"q-{name}": ["operator01", "operator02"] for name in QUEUES}
    assert "[keeper]\nsecret = k\n" in at_desk["manager.conf"]
    assert "[keeper]" not in by_telephone["manager.conf"]
    assert "[keeper]" not in texts(told.model_copy(update={"ami_keeper_secret": SecretStr("")}))["manager.conf"]


def test_the_line_can_dial_nobody_unless_a_carrier_is_named(tmp_path: Path) -> None:
    told = ExchangeSettings.model_validate(
        {"var": tmp_path, "agi_token": "t", "ami_listener_secret": "l", "ami_dialler_secret": "d", "seat_secrets": {}}
    )
    out = CallbackSettings(carrier="sip.carrier.example:5070", allowed=("021", "0912"))
    for quiet in (told, told.model_copy(update={"callbacks": out.model_copy(update={"automatic": False})})):
        rendered = texts(quiet)
        assert "app_dial" not in rendered["modules.conf"]
        assert "[carrier]" not in rendered["pjsip.conf"]
        assert "[dialler]" not in rendered["manager.conf"]
    rendered = texts(told.model_copy(update={"callbacks": out}))
    assert "contact = sip:sip.carrier.example:5070" in rendered["pjsip.conf"]
    assert {"load = app_dial.so", "load = app_channelredirect.so"} <= set(rendered["modules.conf"].splitlines())
    user = rendered["manager.conf"].partition("[dialler]")[2].partition("[")[0]
    assert "read =\nwrite = originate\n" in user
    dialplan = rendered["extensions/75-callback-out.conf"]
    assert dialplan.count("n,Dial(") == 1, "one way out"
    assert re.findall(r"LINE_NUMBER:0:(\d)\}\"=\"(\d+)\"", dialplan) == [("3", "021"), ("4", "0912")]


def test_a_menu_that_asterisk_starts_as_a_process_outlives_the_hangup_of_its_caller(tmp_path: Path) -> None:
    """Asterisk sends SIGHUP to such a process at a hangup, and pyst2 dies of it. The process ignores it too."""
    told = ExchangeSettings.model_validate(
        {"var": tmp_path, "agi_token": "t", "ami_listener_secret": "l", "process_agi": True}
    )
    before, started, _ = texts(told)["extensions/90-fallback.conf"].partition("n,AGI(")
    assert started
    assert " same => n,Set(AGISIGHUP=no)\n" in before


@pytest.mark.parametrize("carrier", ["a b", "x;y", "sip:1@x", "x\ny", "x,y", "${X}", "host:123456"])
def test_a_carrier_that_is_no_host_is_refused(carrier: str) -> None:
    with pytest.raises(ValidationError):
        CallbackSettings(carrier=carrier)


def members_of(queues: str) -> dict[str, list[str]]:
    """Section → names of its members, of those that have any."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in queues.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.startswith("member => "):
            found.setdefault(section, []).append(line.split(",")[2])
    return found
