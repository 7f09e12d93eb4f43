"""One connection to AMI: panoramisk's protocol and action, with what 1.4 gets wrong done our way.

panoramisk decodes every TCP chunk alone (a Persian letter cut in two vanished), keeps a message without end for ever,
dies of an exception in a callback, guesses from a reply's text whether more will follow, and queues unanswered actions
to send them again. Here messages are cut from bytes and decoded whole, have a longest size, an action says itself what
ends its reply, and what is unanswered when the connection ends fails at once and is never sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol

from ivr.kernel.errors import Invalid, Unavailable
from routing.ami.message import MAX_MESSAGE, AmiMessage, MessageCutter

__all__ = ["BANNER", "MAX_LINE", "MAX_MESSAGE", "AmiAction", "AmiProtocol", "LinkLost"]

MAX_LINE = 1_000
"""Longest line of an action in bytes: Asterisk throws a line of more than 1,024 away and acts on the rest."""

BANNER = b"Asterisk Call Manager/"
_RESERVED = {"action", "actionid"}


class LinkLost(Unavailable):
    """The connection to AMI ended, or was not there."""

    code = "ami_link_lost"


class AmiAction(Action):
    """A question to Asterisk. `ends_with` names the event that ends a list; without it the response is the whole reply."""

    def __init__(self, name: str, headers: dict[str, str], *, ends_with: str | None = None) -> None:
        _check("Action", name, name)
        for key, value in headers.items():
            _check(key, value, name)
            if key.lower() in _RESERVED:
                raise Invalid(f"header {key!r} of AMI action {name[:40]!r} is ours to set", field=key)
        if len({key.lower() for key in headers}) < len(headers):
            raise Invalid(f"AMI action {name[:40]!r} has one header twice", field="headers")
        super().__init__({"Action": name, **headers})
        self.ends_with = ends_with
        self.name = name

    def add_message(self, message: AmiMessage) -> bool:
        """Take one message of the reply; True when it was the last."""
        self.responses.append(message)
        over = message.event == self.ends_with if self.ends_with else not message.event
        if message.get("Response") == "Error":
            over = True
        if over and not self.future.done():
            self.future.set_result(list(self.responses))
        return over


def _check(key: str, value: str, action: str) -> None:
    """`Invalid` for a header that would not arrive as this one header."""
    line = f"{key}: {value}"
    reason = None
    if any(c in "\r\n\0" for c in line):
        reason = "may not hold line breaks or NUL"
    elif not key or ":" in key or key != key.strip():
        reason = "needs a name without colon and without blanks around it"
    elif any("\ud800" <= c <= "\udfff" for c in line) or len(line.encode()) > MAX_LINE:
        reason = f"must be text of at most {MAX_LINE} bytes"
    if reason is not None:
        raise Invalid(f"header {key[:40]!r} of AMI action {action[:40]!r} {reason}", field=key[:40])


class AmiProtocol(AMIProtocol):
    """Bytes in, messages out. `heard` is called for every event that answers no question; it must not wait."""

    encoding = "utf-8"

    def __init__(self, heard: Callable[[AmiMessage], None], alive: Callable[[], None]) -> None:
        self._heard = heard
        self._alive = alive
        self._banner = bytearray()
        self._cutter = MessageCutter()
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done, with the reason, when the connection has ended."""
        self.dropped = 0
        """Messages that could not be used: without any header, replies nobody waits for any more, or a failing reader."""

    def data_received(self, data: bytes) -> None:
        if self.lost.done():
            return
        if not self.greeted.done():
            self._banner += data
            if not self._greet():
                return
            data = bytes(self._banner)
            self._banner.clear()
        for message in self._cutter.feed(data):
            if self.lost.done():
                return
            self._take(message)
        if self._cutter.too_long:
            self.end("a message longer than the longest allowed")

    def _greet(self) -> bool:
        banner, newline, rest = self._banner.partition(b"\r\n")
        if not newline and len(banner) < 200:
            return False
        if not banner.startswith(BANNER):
            self.end("the other side does not speak AMI")
            return False
        self._banner = bytearray(rest)
        self.greeted.set_result(None)
        return True

    def _take(self, message: AmiMessage) -> None:
        if not message.headers:
            self.dropped += 1
            return
        self._alive()
        try:
            self.handle_message(message)
        except Exception:  # a broken message or reader must not cost the link
            self.dropped += 1
            self.log.exception("AMI message dropped: %s", message.kind)

    def handle_message(self, message: AmiMessage) -> None:
        action = self.responses.get(message.action_id)
        if action is not None:
            if action.add_message(message):
                self.responses.pop(message.action_id, None)
        elif message.action_id or not message.event:
            self.dropped += 1  # the reply to a question that was given up
        else:
            self._heard(message)

    async def ask(self, action: AmiAction, limit: float) -> list[AmiMessage]:
        """Send once and wait for the whole reply, at most `limit` seconds. Raises `LinkLost` when the connection ends,
        `TimeoutError` when no answer comes; in both cases nobody knows whether Asterisk acted."""
        if self.closed or self.lost.done():
            raise LinkLost(f"AMI is not connected; {action.name} was not sent")
        future: asyncio.Future[list[AmiMessage]] = self.send(action)
        try:
            async with asyncio.timeout(limit):  # not wait_for: on 3.11 it can swallow a cancellation
                return await future
        finally:
            self.responses.pop(action.id, None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end("Asterisk closed the connection" if exc is None else f"the connection broke: {exc}")

    def end(self, reason: str) -> None:
        """Cut the connection and fail whatever waits for it. Doing it twice is doing it once."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if not self.greeted.done():
            self.greeted.set_exception(LinkLost(reason))
            self.greeted.exception()  # seen: the reason stands in `lost` too
        for action in list(self.responses.values()):
            if not action.future.done():
                action.future.set_exception(LinkLost(f"{reason}; no answer to {action.name}"))
        self.responses.clear()
        self.close()

    def close(self) -> None:
        """Cut the transport. panoramisk's own version keeps unanswered actions to send them again later."""
        self.closed = True
        transport: Any = getattr(self, "transport", None)
        if transport is not None:
            transport.abort()
