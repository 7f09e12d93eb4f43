"""What a person on call sees of the running line: measures of every process, alarms that look at real ones, tools that work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable

import httpx2

from tests.asterisk.strangers import SipStranger
from tests.house.test_alarms import RULES
from tests.line import REPOSITORY, Line
from tests.patience import TRIES

PROCESSES = {"doors-a", "doors-b", "follower", "listener", "worker", "web"}


def page(line: Line) -> str:
    return httpx2.get(f"{line.web}/metrics", timeout=30).text


def samples(line: Line, name: str) -> dict[str, float]:
    """Samples called `name` by their labels."""
    found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", page(line), re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def until(true: Callable[[], bool], seconds: float, otherwise: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.3)


def command(line: Line, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as a person types it: with the line's folder and ports, and none of its secrets."""
    secret = re.compile(r"LINE1420_.*(SECRET|TOKEN|PASSWORD|DATABASE_URL)")
    environment = {name: value for name, value in line.environment.items() if not secret.match(name)}
    environment["PATH"] = f"{REPOSITORY}/.venv/bin:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", *arguments], env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip


def test_every_process_stands_on_the_page_and_every_alarm_looks_at_a_measure_that_is_there(line: Line) -> None:
    until(lambda: len(samples(line, "line1420_process_age_seconds")) == len(PROCESSES), 60, lambda: page(line))
    ages = samples(line, "line1420_process_age_seconds")
    assert set(ages) == {f'process="{process}"' for process in PROCESSES}
    assert max(ages.values()) < 90
    text = page(line)
    there = set(re.findall(r"^(?:# TYPE )?(line1420_[a-z0-9_]+)", text, re.MULTILINE))
    asked = {name for rule in RULES for name in re.findall(r"line1420_[a-z0-9_]+", rule["expr"])}
    assert asked - there == set()


def test_a_process_that_dies_is_counted_and_comes_back(line: Line) -> None:
    def starts() -> float:
        return samples(line, "line1420_process_starts").get('process="doors-b"', 0)

    until(lambda: starts() >= 1, 60, lambda: page(line))
    before = starts()
    line.supervision.signal("doors-b", "KILL")
    until(lambda: starts() == before + 1, 60, lambda: line.logs())


def test_a_phone_with_a_wrong_secret_shows_within_seconds(line: Line) -> None:
    name = "line1420_exchange_refusals_total"
    key = 'kind="ChallengeResponseFailed",process="listener",service="PJSIP"'
    until(lambda: key in samples(line, name), 60, lambda: page(line))
    before = samples(line, name)[key]
    stranger = SipStranger(f"127.0.0.1:{line.sip_port}")
    try:
        assert "401" in stranger.register("seat16", "guess")
    finally:
        stranger.close()
    until(lambda: samples(line, name)[key] > before, 60, lambda: line.logs())
    told = (line.var / "log" / "listener.log").read_text(encoding="utf-8")
    assert re.search(r'"seat16".*exchange\.refused|exchange\.refused.*"seat16"', told)


def test_the_tools_of_the_runbook_work_without_secrets_in_the_shell(line: Line) -> None:
    status = command(line, "asterisk_conf.stage.supervision", "status")
    assert "follower   RUNNING" in status.stdout
    port = str(line.run["ports"]["agi"][0])
    for _ in range(TRIES):  # a door has two seconds, on a machine that may have other work
        health = command(line, "asterisk_conf.stage.within", sys.executable, "-m", "agi_scripts.health", port)
        if health.returncode == 0:
            break
    assert health.returncode == 0, health
    console = command(line, "asterisk_conf.exchange", "core show channels count")
    assert "active channels" in console.stdout, console
    compared = command(line, "asterisk_conf.stage.within", sys.executable, "-m", "api.processes.reconcile")
    assert compared.returncode in {0, 1}, compared
    assert "Traceback" not in compared.stderr
