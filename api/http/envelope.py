"""What surrounds every request: its id, its log line, its measures, the limits of its size, the headers of its answer.

Plain ASGI and not a response wrapper, because streams must pass through untouched.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import answer_surprise, answer_too_large, error_answer, too_large_text

log = structlog.get_logger(__name__)

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

REQUESTS = Counter("line1420_http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("line1420_http_request_seconds", "Time to the end of the answer.", ["route"])

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_QUIET = {"/live", "/ready", "/metrics"}
"""Asked every few seconds by machines: measured, not logged."""


class Envelope:
    """The outermost layer of ours; `install_envelope` puts it on."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_limit: int,
        https: bool,
        no_head: tuple[str, ...] = (),
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._larger = larger
        self._no_head = no_head
        self._body_limit = body_limit
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope)
        request_id = given.get("x-request-id", "")
        if not _GIVEN_ID.fullmatch(request_id):
            request_id = uuid.uuid4().hex
        started = time.monotonic()
        method, bodiless = scope["method"], False
        if method == "HEAD" and not scope["path"].endswith(self._no_head):
            # FastAPI's routes know GET only; proxies, monitors and download tools ask HEAD of everything.
            scope, bodiless = {**scope, "method": "GET"}, True
        status = 0
        answer_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answer_begun
            if message["type"] == "http.response.start":
                status = message["status"]
                answer_begun = True
                self._add_headers(MutableHeaders(scope=message), scope["path"], request_id)
            elif bodiless and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                refusal = self._refusal(scope, given)
                if refusal is not None:
                    await refusal(scope, receive, send_with_headers)
                    return
                await self._app(scope, _limited(receive, self._limit_of(scope)), send_with_headers)
            except Exception as surprise:
                if answer_begun:  # too late for words; the server cuts the connection
                    raise
                await answer_surprise(Request(scope), surprise)(scope, receive, send_with_headers)
            finally:
                _account(scope, method, status, time.monotonic() - started)

    def _refusal(self, scope: Scope, given: Headers) -> ASGIApp | None:
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            return error_answer(422, "invalid", "The address holds a NUL character; remove it.", "query")
        if "transfer-encoding" in given and "content-length" in given:
            # A proxy in front may believe the one and we the other; what it takes for a body would be a request to us.
            text = "The request tells its length in two ways; send Content-Length or chunks, not both."
            return error_answer(400, "malformed", text, "headers", {"Connection": "close"})
        length = given.get("content-length", "0")
        limit = self._limit_of(scope)
        if length.isdecimal() and int(length) > limit:
            return answer_too_large(Request(scope), too_large_text(limit))
        return None

    def _limit_of(self, scope: Scope) -> int:
        return self._larger.get(scope["path"], self._body_limit)

    def _add_headers(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-cache" if path.startswith("/static/") else "no-store")
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"


def _limited(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def receive_some() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:  # there was no honest Content-Length
                raise HTTPException(413, too_large_text(limit))
        return message

    return receive_some


def _account(scope: Scope, method: str, status: int, seconds: float) -> None:
    route: Any = scope.get("route")
    template = getattr(route, "path", None) or "unknown"
    REQUESTS.labels(method, template, str(status)).inc()
    SECONDS.labels(template).observe(seconds)
    if scope["path"] not in _QUIET and not scope["path"].startswith("/static/"):
        log.info("http.request", method=method, route=template, status=status, milliseconds=round(seconds * 1000))


def install_envelope(
    app: FastAPI,
    *,
    body_limit: int,
    https: bool,
    no_head: tuple[str, ...],
    larger: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Around everything, error answers included. Paths that end in one of `no_head` answer 405 to HEAD; the paths of `larger`
    take bodies of so many bytes."""
    app.add_middleware(Envelope, body_limit=body_limit, https=https, no_head=no_head, larger=larger)
