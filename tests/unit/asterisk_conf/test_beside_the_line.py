"""Commands that somebody types beside a line find it, with whatever ports it was started."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import ApiSettings
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage import handshake
from asterisk_conf.stage.settings import StageSettings
from asterisk_conf.stage.within import environment


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a private cluster, in which a line runs on ports of its own; this shell knows the folder alone."""
    for name in ("LINE1420_DATABASE_URL", "LINE1420_DATABASE_PORT", "LINE1420_AMI_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINE1420_VAR", str(tmp_path))
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    (tmp_path / "postgres" / "line1420.password").write_text("secret\n")
    document = handshake.handshake(
        stage=StageSettings(database_port=15420), exchange=ExchangeSettings(ami_port=15038, agi_ports=(14573, 14574)),
        api=ApiSettings(), passwords={}, pids={}, root=tmp_path / "root",
    )  # fmt: skip
    handshake.write(tmp_path / "run.json", document)
    return tmp_path


def test_a_running_line_is_found_by_its_own_ports(var: Path) -> None:
    found = environment()
    assert ":15420/" in found["LINE1420_DATABASE_URL"]
    assert (found["LINE1420_AMI_PORT"], found["LINE1420_AGI_PORTS"]) == ("15038", "[14573, 14574]")
    assert found["LINE1420_ASTERISK_ROOT"] == str(var / "root")
    assert ExchangeSettings().ami_port == 5038, "nothing is set for this process itself"


def test_a_disk_that_takes_nothing_leaves_the_handshake_as_it_was(var: Path) -> None:
    before = (var / "run.json").read_text("utf-8")
    (var / "run.part").mkdir()  # nothing can be written there, not even by root
    assert handshake.rewrite(var / "run.json", {"pids": {"worker": 1}}) is False
    assert (var / "run.json").read_text("utf-8") == before


def test_what_somebody_set_by_hand_wins(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINE1420_DATABASE_PORT", "25420")
    assert ":25420/" in environment()["LINE1420_DATABASE_URL"]


def test_where_nothing_runs_the_settings_are_as_they_stand(var: Path) -> None:
    (var / "run.json").unlink()
    found = environment()
    assert ":5420/" in found["LINE1420_DATABASE_URL"]
    assert "LINE1420_AMI_PORT" not in found
