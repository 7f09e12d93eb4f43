"""A floor that grows: new seats get secrets and accounts, those that exist keep theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.duty.pins import check_pin
from api.people.seed import demo_number
from api.settings import ApiSettings
from asterisk_conf.render import texts
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.handshake import handshake
from asterisk_conf.stage.keys import ensure_keys
from asterisk_conf.stage.settings import StageSettings


def pins(keys: dict[str, str]) -> dict[str, str]:
    return json.loads(keys["LINE1420_DEMO_PINS"])


def secrets(keys: dict[str, str]) -> dict[str, str]:
    return json.loads(keys["LINE1420_SEAT_SECRETS"])


def test_new_seats_get_secrets_and_the_old_ones_keep_theirs(tmp_path: Path) -> None:
    before = ensure_keys(tmp_path / "line.env")
    after = ensure_keys(tmp_path / "line.env", 30)
    assert (len(secrets(before)), len(secrets(after))) == (16, 30)
    assert secrets(before).items() < secrets(after).items()
    assert json.loads(after["LINE1420_DEMO_PASSWORDS"]).keys() >= {"operator30", "supervisor"}
    assert after["LINE1420_AGI_TOKEN"] == before["LINE1420_AGI_TOKEN"]


def test_each_operator_gets_a_pin_that_nobody_tries_first_and_keeps_it(tmp_path: Path) -> None:
    before = pins(ensure_keys(tmp_path / "line.env"))
    after = pins(ensure_keys(tmp_path / "line.env", 99))
    assert (len(before), len(after)) == (16, 99)
    assert before.items() < after.items()
    for operator, pin in after.items():
        check_pin(pin, demo_number(operator))
    assert len(set(after.values())) > 90, "they are drawn, not counted"


@pytest.mark.parametrize(("sign_in", "told"), [("desk", True), ("telephone", False)])
def test_the_handshake_tells_number_and_pin_where_they_are_keyed(tmp_path: Path, sign_in: str, told: bool) -> None:
    keys = ensure_keys(tmp_path / "line.env", 2)
    api = ApiSettings.model_validate({"sign_in": sign_in, "demo_pins": pins(keys)})
    document = handshake(
        stage=StageSettings(), exchange=ExchangeSettings(), api=api, pids={},
        passwords=json.loads(keys["LINE1420_DEMO_PASSWORDS"]),
    )  # fmt: skip
    accounts = document["accounts"]
    assert isinstance(accounts, dict)
    keyed = {name: (account["agent_number"], account["pin"]) for name, account in accounts.items() if "pin" in account}
    assert keyed == ({name: (demo_number(name), pin) for name, pin in pins(keys).items()} if told else {})


def test_a_smaller_floor_keeps_all_secrets_for_the_day_it_grows_again(tmp_path: Path) -> None:
    before = ensure_keys(tmp_path / "line.env", 30)
    assert ensure_keys(tmp_path / "line.env", 4) == before


def test_a_broken_collection_names_the_file_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "line.env").write_text("LINE1420_SEAT_SECRETS=[1]\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"line\.env: LINE1420_SEAT_SECRETS must be a JSON object"):
        ensure_keys(tmp_path / "line.env")


@pytest.mark.parametrize("seats", [1, 16, 30])
@pytest.mark.parametrize(("sign_in", "lists"), [("telephone", 4), ("desk", 1)])
def test_the_exchange_knows_as_many_seats_as_are_set(tmp_path: Path, seats: int, sign_in: str, lists: int) -> None:
    """In each queue where a telephone is enough; else in the roll call alone, and the keeper moves agents in and out."""
    keys = ensure_keys(tmp_path / "line.env", 30)
    settings = ExchangeSettings.model_validate(
        {"var": tmp_path, "seats": seats, "seat_secrets": secrets(keys), "sign_in": sign_in}
    )
    files = texts(settings)
    assert files["pjsip.conf"].count("](seat-key)") == seats
    assert files["queues.conf"].count("member => ") == seats * lists
