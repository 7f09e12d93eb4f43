"""What can go wrong, as kinds and not as HTTP statuses: the same error may be shown, spoken or retried.

Each kind has a stable `code` for programs, and a `message` that says what to do. Doors and routes translate kinds
in one table each (`api/http/errors.py`, `ivr/dialogue`).
"""

from __future__ import annotations


class LineError(Exception):
    """Base of everything this house raises on purpose."""

    code: str = "line_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.field = field


class NotFound(LineError):
    """The thing asked for does not exist, or the asker may not know that it does."""

    code = "not_found"


class Conflict(LineError):
    """The thing exists already or has moved on since the asker looked."""

    code = "conflict"


class Forbidden(LineError):
    """The asker is known and may not do this."""

    code = "forbidden"


class Unauthenticated(LineError):
    """The asker is not known: log in or send a valid token."""

    code = "unauthenticated"


class Invalid(LineError):
    """What was sent breaks a rule; `field` names where, the message says what would be right."""

    code = "invalid"


class Unavailable(LineError):
    """A part we lean on does not answer now; the same request may work later."""

    code = "unavailable"
