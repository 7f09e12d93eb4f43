"""Where a list goes on: the sort key of the last item, packed so that clients take it as it is.

It is checked and not signed: with any cursor a client sees only what its own filters and rights let it see.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from ivr.kernel.errors import Invalid

Row = TypeVar("Row")
Key = datetime | int | str


def pack_cursor(*keys: Key) -> str:
    """Sort key of the last item → cursor."""
    values = [key.isoformat() if isinstance(key, datetime) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str, *kinds: type[Any]) -> tuple[Any, ...]:
    """Cursor → sort key, e.g. `read_cursor(cursor, datetime, str)`; `Invalid` for anything that we did not make."""
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError("another list's cursor")
        return tuple(_as(kind, value) for kind, value in zip(kinds, values, strict=True))
    except (ValueError, OverflowError, binascii.Error, RecursionError) as error:
        raise Invalid(
            "This cursor does not belong to this list. Send `next` of the page before unchanged, or no cursor.",
            field="query.cursor",
        ) from error


def cut_page(
    rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[Key, ...]]
) -> tuple[Sequence[Row], str | None]:
    """Of `limit + 1` rows asked for: the page's rows, and the cursor if there are more."""
    if len(rows) <= limit:
        return rows, None
    shown = rows[:limit]
    return shown, pack_cursor(*key(shown[-1]))


def _as(kind: type[Any], value: object) -> Any:
    if kind is datetime and isinstance(value, str):
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise ValueError("an instant without its zone")
        return instant.astimezone(UTC)  # the database cannot hold an instant that has no UTC form
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    if kind is str and isinstance(value, str) and "\0" not in value:
        value.encode()  # half a surrogate pair is a ValueError here, and a broken query later
        return value
    raise ValueError(f"not {kind.__name__}")
