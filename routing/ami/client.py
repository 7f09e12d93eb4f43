"""The link to AMI over time: connect, log in, watch, and when it ends, wait and come again.

panoramisk's manager says "authenticated" after the link is lost, never looks for the answer to its pings, tries a wrong
secret every two seconds for ever (and gets our own host banned), and connects again after `close()`. This one owns the
whole life: one attempt at a time, growing waits with jitter, a ping that must be answered, and an end that is an end.
"""

from __future__ import annotations

import asyncio
import random
import socket
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from ivr.kernel.clock import Clock
from routing.ami.inbox import Heard, Inbox, LinkDown, LinkUp
from routing.ami.message import AmiMessage
from routing.ami.protocol import AmiAction, AmiProtocol, LinkLost

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Where AMI is and how long to wait for it, in seconds."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    connect_limit: float = 5.0
    login_limit: float = 10.0
    """From the connection to the accepted login; a port that accepts and says nothing is not AMI."""
    ping_every: float = 2.0
    """The board's proof of life in quiet hours; must stay well below the age at which pages call it stale (6 s)."""
    ping_limit: float = 10.0
    """No answer for so long: the link is dead, whatever the kernel believes (it would need 15 minutes)."""
    first_retry: float = 1.0
    longest_retry: float = 3.0
    """However long Asterisk was away: the board is to be right within five seconds of its return, and a try costs nothing."""
    refused_retry: float = 30.0
    """The same after a refused login: nobody mends a secret within seconds, and each refusal is a row in the security log."""
    action_limit: float = 10.0


class AmiLink:
    """One AMI user's link. `run()` keeps it alive until `close()`; events go to `inbox`, in order."""

    def __init__(self, settings: LinkSettings, inbox: Inbox, clock: Clock) -> None:
        self.settings = settings
        self.inbox = inbox
        self.last_heard: datetime | None = None
        """When Asterisk last sent a whole message (event, reply or pong)."""
        self.proven: datetime | None = None
        """Everything Asterisk said up to here has been heard: when the newest answered question was *asked*. On a slow
        wire messages keep coming and are old; only an answer shows how old."""
        self.logins = 0
        self.refused_logins = 0
        self._clock = clock
        self._protocol: AmiProtocol | None = None
        self._dropped = 0
        self._closing = asyncio.Event()

    @property
    def live(self) -> bool:
        """Logged in, and not known to be lost."""
        return self._protocol is not None and not self._protocol.lost.done()

    @property
    def dropped(self) -> int:
        """Messages that could not be used, over all connections."""
        return self._dropped + (self._protocol.dropped if self._protocol is not None else 0)

    async def run(self) -> None:
        """Keep the link until `close()`."""
        lives = asyncio.create_task(self._live_again_and_again())
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({lives, closing}, return_when=asyncio.FIRST_COMPLETED)
            if lives.done():
                lives.result()
        finally:
            for task in (lives, closing):
                task.cancel()
            await asyncio.gather(lives, closing, return_exceptions=True)

    async def _live_again_and_again(self) -> None:
        failures = 0
        while True:
            refused = self.refused_logins
            reason, lived = await self._one_life()
            failures = 1 if lived else failures + 1
            longest = self.settings.longest_retry if self.refused_logins == refused else self.settings.refused_retry
            wait = min(self.settings.first_retry * 2 ** min(failures - 1, 10), longest)
            wait *= random.uniform(0.5, 1.0)  # noqa: S311 - so that listeners do not come back in step
            log.warning("ami_link_down", reason=reason, retry_seconds=round(wait, 1))
            await asyncio.sleep(wait)

    def close(self) -> None:
        """End the link for good, also in the middle of an attempt or of waiting for the next one."""
        self._closing.set()

    async def ask(
        self,
        name: str,
        headers: dict[str, str] | None = None,
        *,
        ends_with: str | None = None,
        limit: float | None = None,
    ) -> list[AmiMessage]:
        """Send an action once. Raises `LinkLost`, `TimeoutError`, or `Invalid` for headers that would smuggle."""
        action = AmiAction(name, headers or {}, ends_with=ends_with)
        if self._protocol is None:
            raise LinkLost(f"AMI is not connected; {name} was not sent")
        return await self._ask(self._protocol, action, self.settings.action_limit if limit is None else limit)

    async def _ask(self, protocol: AmiProtocol, action: AmiAction, limit: float) -> list[AmiMessage]:
        asked = self._clock.now()
        replies = await protocol.ask(action, limit)
        self.proven = asked
        return replies

    async def _one_life(self) -> tuple[str, bool]:
        """From connecting to the end; why it ended and whether it had logged in."""
        try:
            protocol = await self._connect()
        except (OSError, TimeoutError) as error:
            return f"cannot connect: {error or 'no answer'}", False
        try:
            refusal = await self._log_in(protocol)
            if refusal is not None:
                return refusal, False
            self._protocol = protocol
            self.logins += 1
            self.inbox.put(LinkUp(self._clock.now()))
            reason = await self._watch(protocol)
            self.inbox.put(LinkDown(self._clock.now(), reason))
            return reason, True
        finally:
            self._protocol = None
            protocol.end("this attempt is over")
            self._dropped += protocol.dropped

    async def _connect(self) -> AmiProtocol:
        async with asyncio.timeout(self.settings.connect_limit):
            transport, protocol = await asyncio.get_running_loop().create_connection(
                lambda: AmiProtocol(self._heard, self._alive), self.settings.host, self.settings.port
            )
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 15_000)
        return protocol

    async def _log_in(self, protocol: AmiProtocol) -> str | None:
        """None when accepted, else why not."""
        login = AmiAction("Login", {"Username": self.settings.username, "Secret": self.settings.secret, "Events": "on"})
        try:
            async with asyncio.timeout(self.settings.login_limit):
                await asyncio.shield(protocol.greeted)
                replies = await protocol.ask(login, self.settings.login_limit)
        except TimeoutError:
            return "login was not answered"
        except LinkLost as error:
            return error.message
        if replies[-1].succeeded:
            return None
        self.refused_logins += 1
        log.error(
            "ami_login_refused",
            user=self.settings.username,
            hint="compare manager.conf with LINE1420_AMI_LISTENER_SECRET",
        )
        return "Asterisk refused the login"

    async def _watch(self, protocol: AmiProtocol) -> str:
        """Ping until the link ends; the reason."""
        while True:
            done, _ = await asyncio.wait({protocol.lost}, timeout=self.settings.ping_every)
            if done:
                return protocol.lost.result()
            try:
                await self._ask(protocol, AmiAction("Ping", {}), self.settings.ping_limit)
            except TimeoutError:
                protocol.end("Asterisk did not answer a ping")
            except LinkLost as error:
                return error.message

    def _heard(self, message: AmiMessage) -> None:
        self.inbox.put(Heard(message, self._clock.now()))

    def _alive(self) -> None:
        self.last_heard = self._clock.now()
