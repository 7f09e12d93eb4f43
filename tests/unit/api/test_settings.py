"""Settings: a wrong value ends the process with the variable's name and what is wrong with it."""

import pytest

from api.settings import read_settings


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LINE1420_WEB_PORT", "eighty", "LINE1420_WEB_PORT: Input should be a valid integer"),
        ("LINE1420_SESSION_IDLE", "soon", "LINE1420_SESSION_IDLE: "),
        ("LINE1420_DEMO_PASSWORDS", "{broken", "demo_passwords"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        read_settings()
    assert says in str(end.value)


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINE1420_API_TOKEN", "very-secret-token")
    monkeypatch.setenv("LINE1420_DEMO_PASSWORDS", '{"qa": {"very-secret-password": 1}}')
    with pytest.raises(SystemExit) as end:
        read_settings()
    assert "very-secret-password" not in str(end.value)
    monkeypatch.delenv("LINE1420_DEMO_PASSWORDS")
    assert "very-secret-token" not in repr(read_settings())
