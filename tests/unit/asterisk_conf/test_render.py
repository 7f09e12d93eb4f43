"""What rendering leaves on the disk beside the texts, which `tests/house` reads."""

from __future__ import annotations

from pathlib import Path

from asterisk_conf.render import render
from asterisk_conf.settings import ExchangeSettings


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
