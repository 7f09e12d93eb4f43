"""Each alarm as Prometheus itself evaluates it (`promtool test rules`): it fires at what it is for, and not a little below."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.house.test_alarms import REPOSITORY, RULES

SCRAPED = "15s"
"""How often docs/alarms.yml asks Prometheus to look."""
ALARMS = {rule["alert"]: rule for rule in RULES}

Series = Mapping[str, str]
"""A measure with its labels, without `line1420_` → its samples, in promtool's notation (`0+1x40`: 0, 1, … 40)."""

NONE, ONE_MORE = "5+0x60", "0+0x20 1+0x40"
"""A counter that stands still, and one that counts the first time after five minutes."""


def always(value: float) -> str:
    return f"{float(value)}+0x60"


def raised(by: int) -> str:
    """A counter that jumps after five minutes."""
    return f"0+0x20 {by}+0x40"


@dataclass(frozen=True)
class Case:
    """What Prometheus has seen, and the alert's labels so long after the first look; no alert is expected without them."""

    seen: Series
    labels: Mapping[str, str] | None = field(default_factory=dict)
    after: str = "8m"
    every: str = SCRAPED


def quiet(seen: Series, after: str = "8m") -> Case:
    return Case(seen, None, after)


def fires(seen: Series, after: str = "8m", **labels: str) -> Case:
    return Case(seen, labels, after)


def counted(name: str, *also: str) -> list[Case]:
    """An alarm at the first of something in any of these counters."""
    return [quiet(dict.fromkeys((name, *also), NONE)), *(fires({one: ONE_MORE}) for one in (name, *also))]


def above(name: str, most: float, held: int = 0) -> list[Case]:
    """An alarm when a measure has stood above `most` for `held` seconds."""
    return [quiet({name: always(most)}), *held_for(held, {name: always(most + 1)})]


def held_for(seconds: int, seen: Series, **labels: str) -> list[Case]:
    """An alarm when all this has been so for so long."""
    sooner = [quiet(seen, f"{seconds - 15}s")] if seconds else []
    return [*sooner, fires(seen, f"{seconds}s", **labels)]


def in_days(told: bool, **seen: str) -> Case:
    """After three of them, looked at every hour."""
    return Case(seen, {} if told else None, "72h", "1h")


RUNNING = ("doors-a", "doors-b", "follower", "listener", "worker", "web")
AGE = {f'process_age_seconds{{process="{name}"}}': always(30) for name in RUNNING}
SLOW, SWIFT = 95, 100
CASES: dict[str, list[Case]] = {
    "LineCallersUnserved": [
        quiet({'doors_fallbacks_total{door="reception",reason="failed"}': ONE_MORE}),
        fires({'doors_fallbacks_total{door="box",reason="exhausted"}': ONE_MORE}, door="box", reason="exhausted"),
    ],
    "LineFallbackUsed": [
        quiet({'doors_fallbacks_total{reason="failed"}': raised(2), 'doors_fallbacks_total{reason="gone"}': raised(1)}),
        fires({'doors_fallbacks_total{reason="failed"}': raised(2), 'doors_fallbacks_total{reason="gone"}': raised(2)}),
    ],
    "LineDoorsSlow": [
        Case(
            {
                f'doors_round_trip_seconds_bucket{{le="{le}"}}': f"0+{count}x60"
                for le, count in (("0.01", 90), ("0.05", within), ("0.1", 100), ("+Inf", 100))
            },
            labels,
            after,
        )
        for within, after, labels in ((SWIFT, "14m", None), (SLOW, "5m", None), (SLOW, "5m15s", {}))
    ],
    "LineDoorFailed": [
        quiet({'doors_knocks_total{ending="left"}': ONE_MORE}),
        *(fires({f'doors_knocks_total{{ending="{ending}"}}': ONE_MORE}) for ending in ("failed", "broken", "too_long")),
    ],
    "LineDialplanAlarm": counted("doors_alarms_total"),
    "LineDeskUnavailable": [
        quiet({'doors_desk_resting{process="doors-a"}': always(0)}),
        *held_for(120, {f'doors_desk_resting{{process="doors-{n}"}}': always(n == "b") for n in "ab"}),
    ],
    "LineExchangeRestarted": counted("exchange_starts_total"),
    "LineLedgerLate": above("ledger_lag_seconds", 30, held=30),
    "LineLedgerRowsRejected": counted("ledger_rejected_rows_total"),
    "LineLedgerFileLost": above("ledger_lost_files", 0),
    "LineCallsNotEnded": [
        quiet({"calls_forgotten_total": NONE, "calls_open_too_long": always(0)}, "14m"),
        fires({"calls_forgotten_total": ONE_MORE}, "14m"),
        *held_for(300, {"calls_open_too_long": always(1)}),
    ],
    "LineReconcileDiffers": [
        in_days(False, reconcile_alarm="0+0x90", reconcile_ran_timestamp_seconds="0+3600x90"),
        in_days(False, reconcile_alarm="0+0x90", reconcile_ran_timestamp_seconds="0+0x90"),
        in_days(True, reconcile_alarm="0+0x90", reconcile_ran_timestamp_seconds="60+0x90"),
        in_days(True, reconcile_alarm="1+0x90", reconcile_ran_timestamp_seconds="0+3600x90"),
    ],
    "LineSpoolWaits": above("spool_oldest_seconds", 600, held=60),
    "LineJobsWait": above("jobs_oldest_seconds", 60, held=60),
    "LineJobsDead": [
        quiet({'jobs{state="queued"}': always(9), 'jobs{state="dead"}': always(0), "worker_dead_pieces": always(0)}),
        fires({'jobs{state="dead"}': always(1)}),
        fires({"worker_dead_pieces": always(1)}),
    ],
    "LineRecordingDamaged": [
        quiet({'recordings_total{kind="talk",state="archived"}': ONE_MORE}),
        *(fires({f'recordings_total{{kind="talk",state="{state}"}}': ONE_MORE}) for state in ("truncated", "missing")),
    ],
    "LineDiskNearlyFull": [
        quiet({'disk_alarm{volume="spool"}': always(0)}),
        fires({'disk_alarm{volume="spool"}': always(0), 'disk_alarm{volume="archive"}': always(1)}, volume="archive"),
    ],
    "LineDatabaseDown": [
        quiet({'database_up{process="web"}': always(0), 'database_up{process="worker"}': always(1)}),
        *held_for(30, {'database_up{process="web"}': always(0), 'database_up{process="worker"}': always(0)}),
    ],
    "LinePoolExhausted": [
        quiet({'database_pool_timeouts_total{process="web"}': NONE}),
        fires({'database_pool_timeouts_total{process="web"}': ONE_MORE}, process="web"),
    ],
    "LineManagerLinkDown": above("listener_ami_age_seconds", 15),
    "LineBoardWrong": counted("listener_snapshot_differences_total"),
    "LineCallbacksRefused": counted("dialler_refused_total"),
    "LineAgentsReasserted": counted("keeper_reasserted_total", "keeper_refused_total"),
    "LineListenerFellBehind": counted("listener_resyncs_total", "listener_rejected_messages_total"),
    "LineScreensDropped": [quiet({"floor_streams_dropped_total": raised(5)}), fires({"floor_streams_dropped_total": raised(6)})],
    "LineProcessSilent": [
        quiet(AGE),
        *held_for(30, {**AGE, 'process_age_seconds{process="web"}': always(31)}, process="web"),
        *(
            fires({series: told for series, told in AGE.items() if name not in series}, process=name)
            for name in RUNNING
            if name != "web"
        ),
    ],
    "LineCrashLoop": [
        quiet({'process_starts{process="worker"}': "1+0x20 3+0x40"}),
        fires({'process_starts{process="worker"}': "1+0x20 4+0x40"}, process="worker"),
    ],
    "LineLoopStalled": [
        quiet({'process_stalls_total{process="web"}': NONE}),
        fires({'process_stalls_total{process="web"}': ONE_MORE}, process="web"),
    ],
    "LineWebDown": [
        quiet({'up{job="line1420"}': always(1)}),
        quiet({'up{job="another"}': always(0)}),
        *held_for(60, {'up{job="line1420"}': always(0)}, job="line1420"),
    ],
    "LineErrorsAnswered": [
        quiet({'http_requests_total{status="503",route="/ready"}': "0+9x60", 'http_requests_total{status="200"}': "0+9x60"}, "14m"),
        quiet({'http_requests_total{status="500",route="/"}': "0+1x60", 'http_requests_total{status="200"}': "0+100x60"}, "14m"),
        fires({'http_requests_total{status="500",route="/"}': "0+2x60", 'http_requests_total{status="200"}': "0+100x60"}, "14m"),
    ],
    "LineRefusedLogins": [
        quiet({'exchange_refusals_total{service="AMI",kind="InvalidPassword"}': raised(20)}),
        fires(
            {'exchange_refusals_total{service="AMI",kind="InvalidPassword"}': raised(21)}, service="AMI", kind="InvalidPassword"
        ),
    ],
}  # fmt: skip


def promtool() -> str:
    """Of Debian's `prometheus`; `make setup-test` lays that one program aside where the package is not installed."""
    aside = Path(os.environ.get("LINE1420_VAR", REPOSITORY / "var")) / "tools" / "bin" / "promtool"
    found = shutil.which("promtool") or (str(aside) if aside.exists() else "")
    assert found, "no promtool: run `make setup-test`, or install the Debian package prometheus"
    return found


def as_promtool_wants(alert: str, case: Case) -> dict[str, object]:
    rule, expected = ALARMS[alert], list[dict[str, object]]()
    if (labels := case.labels) is not None:
        said = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda asked: labels[asked[1]], rule["annotations"]["summary"])
        expected.append({"exp_labels": {**rule["labels"], **labels}, "exp_annotations": {"summary": said}})
    series = [
        {"series": name if name.startswith("up{") else f"line1420_{name}", "values": values}
        for name, values in case.seen.items()
    ]
    asked = {"eval_time": case.after, "alertname": alert, "exp_alerts": expected}
    return {"interval": case.every, "input_series": series, "alert_rule_test": [asked]}


def test_each_alarm_has_its_cases() -> None:
    assert CASES.keys() == ALARMS.keys()
    for alert, cases in CASES.items():
        assert {case.labels is None for case in cases} == {True, False}, alert


@pytest.mark.parametrize("every", [SCRAPED, "1h"])
def test_an_alarm_fires_at_what_it_is_for_and_not_a_little_below(every: str, tmp_path: Path) -> None:
    """All in one run: the program takes half a second to start. It names the alert of what it finds."""
    told = {
        "rule_files": [str(REPOSITORY / "docs" / "alarms.yml")],
        "evaluation_interval": every,
        "tests": [
            as_promtool_wants(alert, case) for alert, cases in CASES.items() for case in cases if case.every == every
        ],
    }
    file = tmp_path / "cases.yml"
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    done = subprocess.run(
        [promtool(), "test", "rules", str(file)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
