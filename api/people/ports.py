"""What logging in needs from the pages' room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from fastapi import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class LoginProblem:
    """Why the form is shown again. `wrong`: name or password; `wait`: too many tries, `seconds` to go."""

    kind: Literal["wrong", "wait"]
    seconds: int = 0


class LoginPage(Protocol):
    """The form. Fields: `username`, `password`, `next` (hidden; a path of ours). POST to /login."""

    def __call__(
        self, request: Request, *, next_path: str, username: str = "", problem: LoginProblem | None = None
    ) -> Response:
        """The page with status 200; logging in sets the right status on it."""
        ...
