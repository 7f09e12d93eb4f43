"""What may stand in no log: whole telephone numbers, names of the test's callers, secrets. Ledgers are not logs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.checker.evidence import Leak

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_NUMBER = re.compile(r"(?<![\w.:/-])(?:\+98|0098|98|0)(?:9\d{9}|[1-8]\d{9})(?![\w.:-])")
"""Iranian numbers whole: mobile and geographic, national or international form; parts of ids and instants are none."""


def read_leaks(
    folders: Iterable[Path], *, since: datetime, secrets: Iterable[str] = (), names: Iterable[str] = ()
) -> tuple[list[Leak], int]:
    """Leaks in every log written to since `since` (a log is judged whole), and how many lines were read."""
    wanted = [("a secret", word) for word in secrets] + [("a caller's name", word) for word in names if word]
    found: list[Leak] = []
    lines = 0
    for folder in folders:
        for path in sorted(folder.glob("*.log*")):
            if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) >= since:
                for number, line in enumerate(_text(path).translate(_DIGITS).splitlines(), 1):
                    lines += 1
                    found += [Leak(path.name, number, what) for what in _seen(line, wanted)]
    return found, lines


def _seen(line: str, wanted: list[tuple[str, str]]) -> list[str]:
    numbers = [f"the number …{match.group()[-4:]}" for match in _NUMBER.finditer(line)]
    return numbers + [what for what, word in wanted if word.translate(_DIGITS) in line]


def _text(path: Path) -> str:
    if path.suffix == ".gz":
        with gzip.open(path) as packed:
            return packed.read().decode("utf-8", "replace")
    return path.read_text(encoding="utf-8", errors="replace")
