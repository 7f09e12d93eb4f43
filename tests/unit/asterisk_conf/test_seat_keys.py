"""A floor that grows: new seats get secrets and accounts, those that exist keep theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asterisk_conf.render import texts
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.keys import ensure_keys


def secrets(keys: dict[str, str]) -> dict[str, str]:
    return json.loads(keys["LINE1420_SEAT_SECRETS"])


def test_new_seats_get_secrets_and_the_old_ones_keep_theirs(tmp_path: Path) -> None:
    before = ensure_keys(tmp_path / "line.env")
    after = ensure_keys(tmp_path / "line.env", 30)
    assert (len(secrets(before)), len(secrets(after))) == (16, 30)
    assert secrets(before).items() < secrets(after).items()
    assert json.loads(after["LINE1420_DEMO_PASSWORDS"]).keys() >= {"operator30", "supervisor"}
    assert after["LINE1420_AGI_TOKEN"] == before["LINE1420_AGI_TOKEN"]


def test_a_smaller_floor_keeps_all_secrets_for_the_day_it_grows_again(tmp_path: Path) -> None:
    before = ensure_keys(tmp_path / "line.env", 30)
    assert ensure_keys(tmp_path / "line.env", 4) == before


def test_a_broken_collection_names_the_file_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "line.env").write_text("LINE1420_SEAT_SECRETS=[1]\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"line\.env: LINE1420_SEAT_SECRETS must be a JSON object"):
        ensure_keys(tmp_path / "line.env")


@pytest.mark.parametrize("seats", [1, 16, 30])
def test_the_exchange_knows_as_many_seats_as_are_set(tmp_path: Path, seats: int) -> None:
    keys = ensure_keys(tmp_path / "line.env", 30)
    settings = ExchangeSettings.model_validate({"var": tmp_path, "seats": seats, "seat_secrets": secrets(keys)})
    files = texts(settings)
    assert files["pjsip.conf"].count("](seat-key)") == seats
    assert files["queues.conf"].count("member => ") == seats * len(settings.queues)
