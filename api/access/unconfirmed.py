"""The answer of the JSON API to who did not know their own password."""

from __future__ import annotations

from starlette.responses import Response

from api.access.confirm import NotConfirmed
from api.http.errors import error_answer
from ivr.kernel.errors import Invalid


def answer_unconfirmed(refused: NotConfirmed) -> Response:
    """429 with `Retry-After` when there were too many tries; raises `Invalid` for a wrong password."""
    if refused.kind == "wrong":
        raise Invalid("This is not your password.", code="password_wrong", field="body.password")
    message = "There were too many wrong passwords; wait as long as Retry-After says."
    return error_answer(429, "too_many_tries", message, headers={"Retry-After": str(refused.seconds)})
