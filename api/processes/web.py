"""`python -m api.processes.web`: pages and API under uvicorn. SIGTERM ends it within seconds, open streams included."""

from __future__ import annotations

import asyncio

import uvicorn

from api.floor.measures import STREAMS
from api.http.logs import start_logging
from api.main import create_app
from api.processes.vitals import Vitals
from api.settings import ApiSettings, read_settings
from ivr.kernel.calendar import check_time_zone

GRACE_SECONDS = 3
"""Open streams get this long to end by themselves; without a limit one supervisor's page would hold the process."""


def main() -> None:
    start_logging("web")
    check_time_zone()
    asyncio.run(_serve(read_settings()))


async def _serve(settings: ApiSettings) -> None:
    app = create_app(settings)
    config = uvicorn.Config(
        app,
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
