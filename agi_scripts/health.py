"""Knocks at the `ping` door the way Asterisk does. `python -m agi_scripts.health [port]` exits 0 when the doors live."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from agi_scripts.settings import DoorSettings
from agi_scripts.variables import Variable

LIMIT = timedelta(seconds=2)
"""A door that needs longer for nothing is not healthy."""


async def doors_answer(host: str, port: int, token: str, limit: timedelta = LIMIT) -> bool:
    """Whether a conversation with the `ping` door ends with `LINE_DONE` set."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return await _converse(host, port, token)
    except (OSError, TimeoutError, ValueError):
        return False


async def _converse(host: str, port: int, token: str) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"agi_network_script: ping\nagi_language: fa\nagi_arg_1: {token}\n\n".encode())
        done = f"${{SET({Variable.DONE}=1)}}".encode()
        while line := await reader.readline():
            writer.write(b"200 result=1\n")
            if done in line:
                return True
        return False
    finally:
        writer.close()


def main() -> int:
    settings = DoorSettings()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else settings.agi_port
    healthy = asyncio.run(doors_answer(settings.agi_host, port, settings.agi_token.get_secret_value()))
    print(f"doors on port {port}: {'alive' if healthy else 'no answer'}")
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
