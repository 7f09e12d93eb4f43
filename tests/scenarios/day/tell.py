"""`python -m tests.scenarios.day.tell`: write what the last replays found into docs/day.md, between its marks."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.line import REPOSITORY
from tests.scenarios.day.test_a_day_replayed import FOLDER
from tests.told import put_between

PAGE = REPOSITORY / "docs" / "day.md"
BEGIN, END = "<!-- replays: begin -->", "<!-- replays: end -->"


def told(run: dict[str, Any]) -> list[str]:
    """One replay as a paragraph and its tables."""
    trouble_rows = [
        f"| {one['day_time']} | {one['kind']} | {_seconds(one['stale'])} | {_seconds(one['back'])} "
        f"| {_seconds(one['right'])} | {_seconds(one['agents'])} |"
        for one in run["troubles"]
    ]
    received, messages = run["received"], run["messages"]
    return [
        f"### {run['from']} to {run['to']}, {run['speed']:g} ×, {run['minutes']:g} minutes",
        "",
        f"{run['at'][:16].replace('T', ' ')} UTC, commit `{run['commit']}`, seed {run['seed']}: **{run['calls']} calls, "
        f"{run['checks']} checks of the board, {len(run['differences'])} differences** ({len(run['healed'])} things were "
        f"behind by more than a second and right in the next); {run['figures compared']} figures compared, "
        f"**{len(run['figures that differ'])} differ**; {run['apart']} of {run['stays']} stays in queues counted apart; "
        f"checker: {len(run['checker']['breaches'])} breaches over {run['checker']['calls']} calls; adherence "
        f"{run['adherence']['adherence']:.1%}.",
        "",
        "| the whole line | ours | counted from the robots' logs |",
        "|---|---|---|",
        f"| calls | {received[0]} | {received[1]}–{received[2]} |",
        f"| voice messages | {messages[0]} | {messages[1]}–{messages[2]} |",
        *(f"| {name} | {ours} | {counted} |" for name, ours, counted in run["summary"]),
        "",
        "| time of the day | broken | page says stale after | back after | page right after that | agents as they were |",
        "|---|---|---|---|---|---|",
        *trouble_rows,
        "",
    ]


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def main() -> int:
    runs = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    if not runs:
        print(f"no replay has left anything in {FOLDER}; run: pytest tests/scenarios/day", file=sys.stderr)
        return 1
    body = "\n".join(line for run in sorted(runs, key=lambda run: run["minutes"]) for line in told(run)).rstrip()
    put_between(PAGE, BEGIN, END, body)
    print(f"{len(runs)} replays told in {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
