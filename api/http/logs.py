"""JSON log lines on stderr, one processor away from leaking anything.

Whatever a line holds, digits that look like a phone number or a national id are masked to their last four, and control
and bidi characters are escaped, so that a caller's name can neither forge a line nor turn it around. Keys that hold
secrets are never written, whoever puts them there.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_LONG_NUMBER = re.compile(r"(?<![\w.:-])(\+?(?:[0-9۰-۹٠-٩][ -]?){9,}[0-9۰-۹٠-٩])(?![\w.:-])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")
_SECRET_KEYS = {"password", "token", "secret", "cookie", "authorization", "csrf", "digits", "caller_name"}


def mask(text: str) -> str:
    """Text made fit for a log: numbers cut to `…1234`, characters one cannot see as `\\u…`."""
    shown = _LONG_NUMBER.sub(lambda match: "…" + re.sub("[ -]", "", match.group())[-4:], text)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", shown)


def _mask_value(value: Any) -> Any:
    if isinstance(value, str):
        # a traceback keeps its line breaks as `\n` when JSON is written; other text has no business with them
        return mask(value)
    if isinstance(value, dict):
        return {str(key): _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask_value(inner) for inner in value]
    if isinstance(value, int | float | bool) or value is None:
        return value
    return mask(str(value))


def _masked(key: str, value: Any) -> Any:
    return "***" if key.lower() in _SECRET_KEYS else _mask_value(value)


def mask_everything(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The one masking processor; it stands last before the JSON writer."""
    return {key: value if key in _PLAIN else _masked(key, value) for key, value in event.items()}


_PLAIN = {"timestamp", "level"}


def start_logging(process: str, level: int = logging.INFO) -> None:
    """Called once by each process root of `api`; libraries' own log lines take the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask_everything,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.contextvars.bind_contextvars(process=process)
