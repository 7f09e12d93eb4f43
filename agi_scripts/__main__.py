"""One door server: `python -m agi_scripts`. Two of them run side by side on two ports; each ends cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import structlog
import structlog.tracebacks
import uvloop
from pydantic import ValidationError

from agi_scripts.http_desk import HttpDesk
from agi_scripts.measures import Report
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from ivr.kernel.errors import LineError
from ivr.kernel.watchdog import Watchdog

log = structlog.get_logger()


async def serve(settings: DoorSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    desk = HttpDesk(settings)
    watchdog = Watchdog(settings.stall_limit, warn=_stalled)
    report = Report(settings.measures, settings.process, watchdog)
    server = DoorServer(settings, open_doors(build_house(settings, desk)), SoundShelf(settings.sounds))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await desk.warm_up()
    await server.start()
    watchdog.start()
    report.start()
    try:
        await stopping.wait()
        await server.stop()
    finally:
        await report.stop()
        await watchdog.stop()
        await desk.close()


def main() -> int:
    """Exit code 2 when settings or data are wrong: the supervisor must not try again for ever."""
    configure_log()
    try:
        uvloop.run(serve(DoorSettings()))
    except (LineError, ValidationError) as error:
        log.error("doors_cannot_open", reason=str(error))
        return 2
    except OSError as error:
        log.error("doors_cannot_open", reason=f"the port cannot be opened: {error}")
        return 1
    return 0


def _stalled(place: str) -> None:
    log.warning("loop_stalled", place=place, hint="callers hear silence meanwhile; the watchdog ends it")


tracebacks_without_values = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
"""Where an exception came from, and not what the variables held: they hold callers' numbers."""


def configure_log() -> None:
    """JSON lines on stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tracebacks_without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
