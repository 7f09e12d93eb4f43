"""`python -m api.processes.seed`: the accounts, tokens, groups of callers and shifts a line starts with. Doing it twice changes nothing."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import text

from api.db.engine import connect, sessions_of
from api.http.logs import start_logging
from api.people.seed import fingerprint, seed
from api.priority.seed import seed_groups
from api.roster.seed import seed_shifts
from api.settings import ApiSettings, read_settings

log = structlog.get_logger(__name__)


async def sow(settings: ApiSettings) -> None:
    """In one transaction, however long the passwords take to hash: nobody waits for it. `var/seeded` remembers what was sown."""
    remembered = settings.var / "seeded"
    engine = connect(settings.database_url, application="line1420-seed", pool=1)
    try:
        async with sessions_of(engine).begin() as session:
            await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            await seed(session, settings, sown=remembered.read_text("ascii") if remembered.exists() else "")
            await seed_shifts(session)
            await seed_groups(session)
            sown = await fingerprint(session, settings)
        remembered.touch(mode=0o600)
        remembered.write_text(sown, "ascii")
    finally:
        await engine.dispose()


def main() -> None:
    start_logging("seed")
    settings = read_settings()
    asyncio.run(sow(settings))
    log.info("seed.done", accounts=len(settings.demo_passwords) if settings.demo_accounts else 0)


if __name__ == "__main__":
    main()
