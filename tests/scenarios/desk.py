"""An agent's or a supervisor's browser, as far as its requests go."""

from __future__ import annotations

from typing import Any

import httpx2


class Desk:
    """One person's browser, signed in to the pages; the seat is another matter."""

    def __init__(self, browser: httpx2.Client, account: str) -> None:
        self.account = account
        self._browser = browser
        self._csrf = browser.get("/api/v1/me").json()["csrf"]

    def ask(self, method: str, path: str, **body: object) -> httpx2.Response:
        headers = {"X-CSRF-Token": self._csrf}
        return self._browser.request(method, f"/api/v1{path}", headers=headers, json=body or None)

    def do(self, method: str, path: str, **body: object) -> Any:
        """The answer's JSON; a refusal fails the test."""
        answer = self.ask(method, path, **body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    @property
    def duty(self) -> Any:
        return self.do("GET", "/duty")

    def show(self) -> None:
        """What an open page does by itself every few seconds: the sign that somebody is there."""
        assert self._browser.get("/desk/panel").status_code == 200
