"""`python -m tests.load.tell`: write what the last runs under load measured into docs/load.md, between its marks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.line import REPOSITORY, SHARED_VAR
from tests.told import put_between

PAGE = REPOSITORY / "docs" / "load.md"
BEGIN, END = "<!-- load: begin -->", "<!-- load: end -->"
_SAID_APART = ("at", "commit", "checked", "breaches", "memory MB", "processor shares", "calls by journey")


def told(name: str, run: Mapping[str, Any]) -> list[str]:
    """One run: what was measured, in the run's own words."""
    lines = [f"### {name.replace('-', ' ')}", ""]
    if "commit" in run:
        lines += [f"{run['at'][:16].replace('T', ' ')} UTC, commit `{run['commit']}`", ""]
    lines += ["| measured | |", "|---|---|"]
    lines += [f"| {what} | {_plain(value)} |" for what, value in run.items() if what not in _SAID_APART]
    if shares := run.get("processor shares"):
        lines.append(f"| processors used | {_plain(shares)}; in all {sum(shares.values()):.2f} |")
    if checked := run.get("checked"):
        seen = {what: count for what, count in checked.items() if count}
        lines.append(f"| the checker read | {_plain(seen)} |")
        lines.append(f"| **breaches** | **{run['breaches']}** |")
    return [*lines, ""]


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " → ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def main() -> None:
    files: list[Path] = sorted((SHARED_VAR / "load").glob("*.json"))
    if not files:
        raise SystemExit("no run under load has been kept; run `pytest tests/load` first")
    runs = [told(file.stem, json.loads(file.read_text("utf-8"))) for file in files]
    put_between(PAGE, BEGIN, END, "\n".join(line for run in runs for line in run))
    print(f"{len(runs)} runs told in {PAGE}")


if __name__ == "__main__":
    main()
