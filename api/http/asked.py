"""What queries ask for by name, the same for every room that answers them."""

from __future__ import annotations

from ivr.kernel.errors import Invalid
from routing.queues import QUEUES


def asked_queue(name: str | None) -> str | None:
    """A queue of the line, or None for all of them. Raises `Invalid` that names them."""
    if name and name not in QUEUES:
        raise Invalid(
            f"There is no queue of this name; take one of {', '.join(QUEUES)}.",
            code="unknown_queue",
            field="query.queue",
        )
    return name or None
