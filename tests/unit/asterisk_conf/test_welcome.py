"""The first words of a line that is ready: nothing is named that is not there."""

from __future__ import annotations

from api.settings import ApiSettings
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.handshake import handshake
from asterisk_conf.stage.run import welcome
from asterisk_conf.stage.settings import StageSettings


def told(passwords: dict[str, str]) -> str:
    document = handshake(
        stage=StageSettings(), exchange=ExchangeSettings(), api=ApiSettings(), pids={}, passwords=passwords
    )
    return "\n".join(welcome(document, ExchangeSettings()))


def test_with_demo_accounts_it_names_one() -> None:
    words = told({"supervisor": "s3cret", "operator01": "x"})
    assert "as supervisor, password s3cret" in words
    assert "make demo" in words


def test_without_them_it_says_how_to_get_the_first_account() -> None:
    words = told({})
    assert "make administrator NAME=" in words
    assert "operator01" not in words
    assert "make demo" not in words, "its robots sign in as demo operators"
