"""`python -m tests.faults.rounds.tell`: write the counts of the last runs into docs/faults.md, between its marks.

Each kind of run (see `NAMES`) leaves one file; the newest of each is told.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from tests.faults.rounds.tally import FOLDER
from tests.line import REPOSITORY
from tests.told import put_between

PAGE = REPOSITORY / "docs" / "faults.md"
BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"
NAMES = {
    "rounds": "the worst rounds, in every `make test`",
    "database": "the database goes away, under load, in every `make test`",
    "all_database": "the database goes away, in the other ways",
    "all_rounds": "every fault on a whole cohort, `make test-all`",
    "all_desks": "agents who signed in at the desk, `make test-all`",
}


def told(run: dict[str, Any]) -> list[str]:
    """One run as a paragraph and a table."""
    lines = [
        f"### {NAMES.get(run['kind'], run['kind'])}",
        "",
        f"{run['at'][:16].replace('T', ' ')} UTC, commit `{run['commit']}`, seed {run['seed']}: "
        f"**{run['cells']} cells, {run['calls']} calls placed, {run['faults']} faults injected, "
        f"{run['breaches']} breaches.**",
        "",
        "| struck | how | callers stood at | line back after | records right after | longest silence |",
        "|---|---|---|---|---|---|",
    ]
    for one in run["rounds"]:
        steps = sorted(one["steps"], key=lambda step: int(step[1:]))
        cells = [one["process"], one["action"], " ".join(steps) or "–"]
        cells += [_seconds(one[name]) for name in ("back_seconds", "settled_seconds", "silence_seconds")]
        lines.append("| " + " | ".join(cells) + " |")
    endings = Counter(end for one in run["rounds"] for ends in one["endings"].values() for end in ends)
    calls = ", ".join(f"{name} {count}" for name, count in sorted(endings.items()) if ":" not in name)
    return [*lines, "", f"How the calls of the cohorts ended: {calls}." if calls else "", ""]


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def main() -> int:
    runs = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    if not runs:
        print(f"no run has left its counts in {FOLDER}; run: pytest tests/faults/rounds", file=sys.stderr)
        return 1
    runs.sort(key=lambda run: list(NAMES).index(run["kind"]) if run["kind"] in NAMES else len(NAMES))
    total = [sum(run[name] for run in runs) for name in ("cells", "calls", "faults", "breaches")]
    head = "In all: {} cells, {} calls placed, {} faults injected, {} breaches.".format(*total)
    body = "\n".join([head, "", *(line for run in runs for line in told(run))]).rstrip()
    put_between(PAGE, BEGIN, END, body)
    print(head)
    return 0


if __name__ == "__main__":
    sys.exit(main())
