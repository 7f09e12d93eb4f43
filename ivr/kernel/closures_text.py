"""Changing the text of the closures file as a careful person would: one block more, one line other, the rest as it was.

The file is written by hand as well, with comments. So nothing is written anew from what was read: text is added or changed
where it stands, and then read again; when it does not say exactly what it should, it is left alone (`Invalid`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime

from ivr.kernel.calendar import SuddenChange
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Conflict, Invalid, NotFound
from ivr.kernel.hours import load_closures
from ivr.kernel.persian_text import is_one_line

LONGEST_REASON = 200


def id_of(change: SuddenChange) -> str:
    """Names a change by what it says; one that was changed is another."""
    said = [change.open, change.section, change.reason, *_instants(change)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def find(changes: Sequence[SuddenChange], wanted: str) -> SuddenChange:
    """The change of this id. Raises `NotFound`."""
    for change in changes:
        if id_of(change) == wanted:
            return change
    raise NotFound("This closure is not in the file any more; look again.", code="closure_gone")


def added(text: str, change: SuddenChange, note: str) -> str:
    """The file with one change more, at its end under a comment. Raises `Invalid` for a reason or a file it cannot write."""
    if not is_one_line(change.reason) or len(change.reason) > LONGEST_REASON:
        raise Invalid(
            f"A reason is one line of at most {LONGEST_REASON} characters.", code="reason_unwritable", field="reason"
        )
    start, end = _instants(change)
    block = [
        f"# {note}",
        f"[[{_kind(change)}]]",
        f"from = {start}",
        f"to = {end}",
        f"reason = {json.dumps(change.reason, ensure_ascii=False)}",
        *([f"section = {json.dumps(change.section)}"] if change.section else []),
    ]
    before = text if not text or text.endswith("\n") else text + "\n"
    after = before + ("\n" if before else "") + "\n".join(block) + "\n"
    return _proved(after, [*load_closures(text), change])


def ended(text: str, change: SuddenChange, now: datetime, note: str) -> str:
    """The file in which this change ends now; one that has not begun is turned into comments. Raises `Conflict` when it is
    over already, `Invalid` when it is written in a way that only a person should change."""
    changes = list(load_closures(text))
    if change.interval.end <= now:
        raise Conflict("It is over already.", code="closure_over")
    kind = [one for one in changes if one.open is change.open]
    lines = text.splitlines()
    first, last = _block(lines, _kind(change), kind.index(change))
    end = now.replace(microsecond=0)
    if change.interval.start < end:
        place = next((n for n in range(first, last) if re.match(r"\s*to\s*=", lines[n])), None)
        if place is None:
            raise _by_hand()
        lines[place] = f"to = {_told(end)} # {note}"
        changes[changes.index(change)] = SuddenChange(
            type(change.interval)(change.interval.start, end), change.open, change.reason, change.section
        )
    else:
        lines[first:last] = [f"# {note}", *(f"# {line}" if line.strip() else line for line in lines[first:last])]
        changes.remove(change)
    return _proved("\n".join(lines) + "\n", changes)


def _block(lines: Sequence[str], kind: str, number: int) -> tuple[int, int]:
    """First line and the one after the last of the n-th block of a kind, from 0."""
    heads = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{kind}\s*\]\]", line)]
    if number >= len(heads):
        raise _by_hand()
    first = heads[number]
    end = next((n for n in range(first + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1  # comments before the next block belong to that one
    return first, end


def _proved(text: str, wanted: Sequence[SuddenChange]) -> str:
    try:
        said = load_closures(text)
    except Invalid:
        raise _by_hand() from None
    if sorted(map(id_of, said)) != sorted(map(id_of, wanted)):
        raise _by_hand()
    return text


def _by_hand() -> Invalid:
    return Invalid(
        "closures.toml is written in a way that cannot be changed from here. Change it by hand; nothing was written.",
        code="closures_by_hand",
    )


def _kind(change: SuddenChange) -> str:
    return "opening" if change.open else "closure"


def _instants(change: SuddenChange) -> tuple[str, str]:
    return _told(change.interval.start), _told(change.interval.end)


def _told(instant: datetime) -> str:
    return instant.astimezone(TEHRAN).isoformat()
