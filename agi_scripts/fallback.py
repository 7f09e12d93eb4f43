# ruff: noqa: E402 - SIGHUP must be ignored before anything else is imported
"""The reception as a process AGI, for the minutes in which both door servers are gone: `python -m agi_scripts.fallback`.

The dialplan starts `agi_scripts/fallback.sh`, which ignores SIGHUP before Python begins. It needs an Asterisk that sees
this Python: the host's own. Inside a packaged root without it `AGI()` answers NOTFOUND and the dialplan's fixed prompts
take over, so nothing is lost but the menu. Each start costs a fraction of a second of CPU; it is no way to serve a day.
"""

from __future__ import annotations

import signal

signal.signal(signal.SIGHUP, signal.SIG_IGN)  # before the imports: Asterisk sends it at the hangup, at any moment

import asyncio
import logging
import sys

import structlog

from agi_scripts.agi_environment import caller_of
from agi_scripts.agi_phone import AgiPhone
from agi_scripts.desk import NoDesk
from agi_scripts.door import Knock
from agi_scripts.doors import reception
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.stdio_phone import StdioAgi
from agi_scripts.wiring import build_house
from ivr.kernel.errors import LineError

log = structlog.get_logger()


def main() -> int:
    """Exit code 0 when a decision was left; anything else is the dialplan's business, as `LINE_DONE` is."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),  # stdout belongs to Asterisk
    )
    settings = DoorSettings()
    # an orphan must end: the default action of SIGALRM does it even when Python is stuck
    signal.alarm(int(settings.conversation_limit.total_seconds()))
    try:
        asyncio.run(_receive(settings))
    except LineError as error:
        log.error("fallback_failed", code=error.code, reason=error.message)
        return 1
    return 0


async def _receive(settings: DoorSettings) -> None:
    agi = StdioAgi(sys.stdin.buffer, sys.stdout.buffer)
    language = agi.env.get("agi_language", "")
    phone = AgiPhone(agi, SoundShelf(settings.sounds), language, settings.lease_slack)
    door = reception.door(build_house(settings, NoDesk()))
    await door(Knock(phone=phone, caller=caller_of(agi.env), leg=agi.env.get("agi_uniqueid", ""), language=language))


if __name__ == "__main__":
    sys.exit(main())
