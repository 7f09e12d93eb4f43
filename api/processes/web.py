"""`python -m api.processes.web`: pages and API under uvicorn. SIGTERM ends it within seconds, open streams included."""

from __future__ import annotations

import asyncio
import gc
import socket

import structlog
import uvicorn
import uvloop
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.floor.measures import STREAMS
from api.floor.routes import CUT
from api.http.logs import start_logging
from api.main import create_app
from api.processes.vitals import Vitals
from api.settings import ApiSettings, read_settings
from api.web.rendering import built
from ivr.kernel.calendar import check_time_zone

log = structlog.get_logger()

GRACE_SECONDS = 3
"""Open streams get this long to end by themselves; without a limit one supervisor's page would hold the process."""

SEND_BUFFER = 1 << 15
"""Bytes that the kernel may keep for one connection (it doubles them). Left alone it would grow to megabytes, and a
screen that takes nothing would not be noticed for minutes."""
WRITE_BUFFER = 1 << 14
"""Bytes that may wait in this process before the writer has to wait."""


class Connection(H11Protocol):
    """uvicorn's own, with a bounded buffer and a way for a stream to cut off who does not read."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self.app_state = {**self.app_state, CUT: transport.abort}


def main() -> None:
    start_logging("web")
    check_time_zone()
    uvloop.run(_serve(read_settings()))


async def _serve(settings: ApiSettings) -> None:
    app = create_app(settings)
    if not built("islands/desk.ts")["js"]:
        log.error(
            "pages_not_built",
            hint="pages have no styles until they are built; make run does it, or npm run build in api/web",
        )
    # What was imported and built lives as long as we do; looking it all through again and again held every page up for
    # a tenth of a second on a busy machine.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        http=Connection,
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,  # the envelope writes one line for each request, masked
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )

    def measure() -> None:
        if hasattr(app.state, "board_feed"):  # the application has begun
            STREAMS.set(app.state.board_feed.watchers.total())

    async with Vitals("web", settings, measure=measure):
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    main()
