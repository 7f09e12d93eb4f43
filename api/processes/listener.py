"""`python -m api.processes.listener`: hears Asterisk's live events and keeps the board of this node.

The board is a hint and never the record: what is missed while this process is away comes back with the next snapshot,
and meanwhile the board's age says that nobody is looking.
"""

from __future__ import annotations

import asyncio
import gc

import structlog
import uvloop

from api.db.engine import connect, sessions_of
from api.floor.sink import PostgresBoard
from api.http.logs import start_logging
from api.processes.calling_back import CallingBack
from api.processes.keeping import Keeping
from api.processes.leading import Leading
from api.processes.listener_watch import ListenerFigures, RefusalWatch
from api.processes.signals import stop_on_signals
from api.processes.vitals import Vitals
from api.processes.watchers import Watchers
from api.settings import ApiSettings, read_settings
from ivr.kernel.clock import SystemClock
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.board import Board
from routing.listener import Listener
from routing.queues import rest_seconds
from routing.seats import seat_names

log = structlog.get_logger(__name__)


async def run(settings: ApiSettings, stop: asyncio.Event) -> None:
    """Listen until `stop`."""
    clock = SystemClock()
    engine = connect(settings.database_url, application="line1420-listener", pool=3)
    link = AmiLink(
        LinkSettings(
            settings.ami_host,
            settings.ami_port,
            settings.ami_listener_user,
            settings.ami_listener_secret.get_secret_value(),
        ),
        Inbox(),
        clock,
    )
    rests = {
        name: queue.model_copy(update={"wrapup_seconds": rest_seconds(queue, settings.sign_in)})
        for name, queue in settings.queues.items()
    }
    board = Board(settings=rests, places=seat_names(settings.seats))
    keeping = Keeping(settings, sessions_of(engine), clock) if settings.sign_in == "desk" else None
    calling = CallingBack(settings, board, sessions_of(engine), clock) if settings.callbacks.on else None
    watcher = Watchers([*((keeping.keeper,) if keeping else ()), *((calling.dialler,) if calling else ())])
    listener = Listener(link, board, PostgresBoard(sessions_of(engine), settings.systemname), clock, watcher=watcher)
    figures = ListenerFigures(
        listener, clock, keeping.keeper if keeping else None, calling.dialler.counts if calling else None
    )
    log.info("listener.started", host=settings.ami_host, port=settings.ami_port, sign_in=settings.sign_in)
    leading = Leading(settings, listener, clock) if settings.ami_lead_secret.get_secret_value() else None
    parts = [part for part in (keeping, calling, leading) if part is not None]
    works = [listener.run(), *(work for part in parts for work in part.works())]
    tasks = [asyncio.create_task(work) for work in works]
    stopping = asyncio.create_task(stop.wait())
    try:
        async with Vitals("listener", settings, collector=figures, look=RefusalWatch(settings.asterisk_log).look):
            await asyncio.wait((*tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()  # it ends by itself only when something is broken: say what, and be started anew
    finally:
        listener.close()
        for task in (*tasks, stopping):
            task.cancel()
        await asyncio.gather(*tasks, stopping, return_exceptions=True)
        await engine.dispose()
    log.info("listener.stopped")


async def _main() -> None:
    await run(read_settings(), stop_on_signals())


def main() -> None:
    start_logging("listener")
    gc.freeze()  # what was imported lives as long as we do and need not be looked through again and again
    uvloop.run(_main())


if __name__ == "__main__":
    main()
