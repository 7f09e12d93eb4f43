"""What runs measured, on its way into the documents: of which commit it is, and between which marks of a page it stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.first_start import REPOSITORY


def head_commit() -> str:
    """The commit in hand, short; empty where there is no repository."""
    head = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(head, cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout.strip()


def put_between(page: Path, begin: str, end: str, body: str) -> None:
    """Replace what stands in `page` between its two marks."""
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n\n{body.strip()}\n\n{end}{after}", encoding="utf-8")
