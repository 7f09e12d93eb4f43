"""What a log line never shows."""

import json
import logging

import pytest
import structlog

from api.http.logs import mask, mask_everything, start_logging


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("caller +989121234567 waits", "caller …4567 waits"),
        ("09121234567", "…4567"),
        ("۰۹۱۲۱۲۳۴۵۶۷ زنگ زد", "…۴۵۶۷ زنگ زد"),
        ("national id 0012345678", "national id …5678"),
        ("0912 123 45 67", "…4567"),
        ("took 1250 ms, 12345 rows", "took 1250 ms, 12345 rows"),
        ("at 2026-11-21 08:30 and 2026-11-21", "at 2026-11-21 08:30 and 2026-11-21"),
        ("call line1420-1732212345.17", "call line1420-1732212345.17"),
        ("2026-11-21T23:17:01+00:00", "2026-11-21T23:17:01+00:00"),
        ('Ali\r\n{"event": "forged"}', 'Ali\\u000d\\u000a{"event": "forged"}'),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_text_is_made_fit_for_a_log(said: str, shown: str) -> None:
    assert mask(said) == shown


def test_secrets_are_hidden_by_their_key_wherever_they_stand() -> None:
    line = mask_everything(None, "info", {"event": "x", "password": "p", "deep": {"Token": "t", "ok": ["09121234567"]}})
    assert line == {"event": "x", "password": "***", "deep": {"Token": "***", "ok": ["…4567"]}}


def test_a_callers_name_is_hidden_by_its_key() -> None:
    line = mask_everything(None, "info", {"event": "x", "caller_name": "علی", "call": {"caller_name": "Ali"}})
    assert line == {"event": "x", "caller_name": "***", "call": {"caller_name": "***"}}


def test_a_line_is_json_and_libraries_take_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level, structlog.get_config()
    try:
        start_logging("web")
        structlog.get_logger("api.x").info("call.arrived", caller="+989121234567", queue="بیمه")
        logging.getLogger("asyncpg").warning("lost %s", "09121234567")
        try:
            raise ValueError("bad number 09121234567")
        except ValueError:
            structlog.get_logger("api.x").exception("surprise")
    finally:
        root.handlers[:], root.level = before[0], before[1]
        structlog.configure(**before[2])
        structlog.contextvars.clear_contextvars()
    ours, theirs, surprise = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (ours["event"], ours["caller"], ours["queue"], ours["process"]) == ("call.arrived", "…4567", "بیمه", "web")
    assert theirs["event"] == "lost …4567"
    assert "09121234567" not in surprise["exception"]
    assert "ValueError" in surprise["exception"]
