"""Failpoints: nothing without the setting, once and in one process with it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ivr.kernel import failpoints
from ivr.kernel.clock import SystemClock

PASSES = "import sys; from ivr.kernel import failpoints; failpoints.hit('here'); print('went on')"


def passer(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PASSES], env={failpoints.SETTING: str(folder)}, stdout=subprocess.PIPE
    )


def test_without_the_setting_a_place_is_passed_and_its_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(failpoints.SETTING, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text("raise")
    failpoints.hit("here")
    assert (tmp_path / "here").exists()


async def test_another_place_is_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.SETTING, str(tmp_path))
    (tmp_path / "elsewhere").write_text("raise")
    failpoints.hit("here")
    await failpoints.hit_here("here")
    assert (tmp_path / "elsewhere").exists()


def test_raise_happens_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.SETTING, str(tmp_path))
    (tmp_path / "here").write_text("raise\n")
    with pytest.raises(failpoints.Struck):
        failpoints.hit("here")
    failpoints.hit("here")
    assert not (tmp_path / "here").exists()


async def test_sleep_holds_up_its_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.SETTING, str(tmp_path))
    for passes in (lambda: failpoints.hit("here"), None):
        (tmp_path / "here").write_text("sleep 0.05")
        began = time.monotonic()
        if passes:
            passes()
        else:
            await failpoints.hit_here("here")
        assert time.monotonic() - began >= 0.05


def test_a_word_nobody_knows_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.SETTING, str(tmp_path))
    (tmp_path / "here").write_text("explode")
    with pytest.raises(ValueError, match="kill, freeze, raise or sleep"):
        failpoints.hit("here")


def test_kill_ends_the_process_on_the_spot(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("kill")
    process = passer(tmp_path)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, b"")
    assert not (tmp_path / "here").exists()


def test_freeze_holds_the_process_until_it_is_thawed(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("freeze")
    process = passer(tmp_path)
    deadline = time.monotonic() + 60
    while (tmp_path / "here").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"went on\n")


def test_a_clock_is_wrong_only_in_the_process_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.SETTING, str(tmp_path))
    monkeypatch.setenv("LINE1420_PROCESS", "worker")
    (tmp_path / "clock.web").write_text("86400")
    right = SystemClock().now()
    (tmp_path / "clock.worker").write_text("-3600\n")
    assert abs((right - SystemClock().now()).total_seconds() - 3600) < 60
    (tmp_path / "clock.worker").unlink()
    assert abs((right - SystemClock().now()).total_seconds()) < 60
