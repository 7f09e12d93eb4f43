"""The FastAGI server: lets Asterisk in, reads what it says about the call, opens the right door, and survives the rest.

Everything that comes over the socket has a limit in bytes and in time, because one stray connection must not silence
the other callers: a port probe that connects and closes, a header without end, a client that sends a byte a minute.
A session that goes wrong is closed; Asterisk then goes on in the dialplan without `LINE_DONE`, and the fallback helps.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
from collections.abc import Mapping
from datetime import timedelta

import structlog
from panoramisk.fast_agi import Request

from agi_scripts.agi_environment import caller_of, parse_environment, route_of
from agi_scripts.agi_phone import AgiPhone
from agi_scripts.door import Door, Knock
from agi_scripts.fastagi_phone import SocketExchange
from agi_scripts.measures import CONVERSATIONS, KNOCKS
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from ivr.kernel.errors import Forbidden, Invalid, LineError, NotFound, Unavailable

log = structlog.get_logger()

CLOSE_LIMIT = timedelta(seconds=1)
"""Saying goodbye to a socket may take this long; after that it is dropped."""
BACKLOG = 1024
"""Connections the kernel keeps for us while the loop is busy; the usual hundred is less than one flood of probes."""


class DoorServer:
    """Accepts connections until stopped. `doors` by route name."""

    def __init__(self, settings: DoorSettings, doors: Mapping[str, Door], sounds: SoundShelf) -> None:
        if not settings.agi_token.get_secret_value():
            raise Invalid("LINE1420_AGI_TOKEN is empty; the doors open only to a dialplan that knows the token")
        self._settings = settings
        self._token = settings.agi_token.get_secret_value().encode()
        self._doors = doors
        self._sounds = sounds
        self._sessions: set[asyncio.Task[None]] = set()
        self._silent: dict[asyncio.Task[None], None] = {}
        """Sessions that have not said who they are, oldest first."""
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port really listened on; differs from the setting only when that is 0."""
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._accept,
            self._settings.agi_host,
            self._settings.agi_port,
            limit=self._settings.header_limit,
            backlog=BACKLOG,
        )
        log.info("doors_open", host=self._settings.agi_host, port=self.port, doors=sorted(self._doors))

    async def stop(self) -> None:
        """Take no new calls, let those under way finish within `drain`, then end them."""
        assert self._server is not None
        self._server.close()
        if self._sessions:
            log.info("doors_draining", conversations=len(self._sessions))
            await asyncio.wait(self._sessions, timeout=self._settings.drain.total_seconds())
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        log.info("doors_closed")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.get_running_loop().create_task(self._session(reader, writer))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)
        self._silent[session] = None
        session.add_done_callback(self._introduced)
        session.add_done_callback(
            lambda _: writer.close()
        )  # one that was ended before its first step closes nothing itself
        if len(self._silent) > self._settings.silent_limit:
            # Asterisk speaks at once: whoever has been silent longest is not a call, unless the loop was busy and has read nobody
            # yet; what it takes then in one go is `BACKLOG` at most, and the limit no less.
            oldest = next(iter(self._silent))
            self._introduced(oldest)
            oldest.cancel()

    def _introduced(self, session: asyncio.Task[None]) -> None:
        self._silent.pop(session, None)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ending = "cut"  # what stands when the drain's patience ends
        CONVERSATIONS.inc()
        try:
            async with asyncio.timeout(self._settings.conversation_limit.total_seconds()):
                ending = await self._converse(reader, writer)
        except TimeoutError:
            ending = "too_long"
            log.error("conversation_too_long")
        except (Forbidden, NotFound, Invalid) as refused:
            ending = "refused"
            log.warning("knock_refused", code=refused.code, reason=refused.message)
        except LineError as error:
            ending = "broken"
            log.error("conversation_broken", code=error.code, reason=error.message)
        except OSError as error:
            ending = "lost"
            log.info("connection_lost", error=type(error).__name__)
        except Exception:
            ending = "failed"
            log.exception("door_failed")
        finally:
            CONVERSATIONS.dec()
            KNOCKS.labels(ending).inc()
            await _close(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """One conversation; how it ended, as far as nothing was raised."""
        self._refuse_strangers(writer)
        raw = await self._header(reader)
        if raw is None:
            return "probe"
        environment = parse_environment(raw)
        if not hmac.compare_digest(environment.get("agi_arg_1", "").encode(), self._token):
            raise Forbidden("the first AGI argument is not the doors' token", code="agi_token")
        if (session := asyncio.current_task()) is not None:
            self._introduced(session)
        if len(self._sessions) - len(self._silent) > self._settings.connections_limit:
            raise Unavailable("all doors are taken; the dialplan's fallback helps this caller", code="agi_full")
        route = route_of(environment)
        door = self._doors.get(route)
        if door is None:
            raise NotFound(f"no door is called {route}; the doors are {', '.join(sorted(self._doors))}")
        request = Request(app=None, headers=environment, reader=reader, writer=writer)
        language = environment.get("agi_language", "")
        phone = AgiPhone(
            SocketExchange(request, self._settings.reply_slack), self._sounds, language, self._settings.lease_slack
        )
        leg = environment.get("agi_uniqueid", "")
        with structlog.contextvars.bound_contextvars(door=route, leg=leg):
            log.info("knock")
            await door(Knock(phone=phone, caller=caller_of(environment), leg=leg, language=language))
            log.info("left")
        return "left"

    def _refuse_strangers(self, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        if not peer or not ipaddress.ip_address(peer[0]).is_loopback:
            raise Forbidden("only this machine's own Asterisk may knock", code="agi_stranger")

    async def _header(self, reader: asyncio.StreamReader) -> bytes | None:
        """The environment up to its blank line; `None` when the other side closed before it was whole (a probe)."""
        try:
            async with asyncio.timeout(self._settings.header_deadline.total_seconds()):
                return (await reader.readuntil(b"\n\n"))[:-1]
        except TimeoutError:
            raise Invalid("the AGI environment did not come in time", code="agi_header_slow") from None
        except asyncio.IncompleteReadError:
            log.debug("probe")
            return None
        except asyncio.LimitOverrunError:
            raise Invalid("the AGI environment is longer than any Asterisk sends", code="agi_header_limit") from None


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_LIMIT.total_seconds()):
            await writer.wait_closed()
