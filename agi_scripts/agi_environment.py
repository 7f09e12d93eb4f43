"""What Asterisk says about the call before it listens: `agi_*` lines up to a blank line. Read strictly, taken tolerantly.

Some of these values come from the caller. A crafted identity could bring lines of its own, e.g. a second
`agi_network_script` that chooses another door; therefore only known keys, each once, and anything else ends the session.
Names cut in the middle of a Persian letter are usual (Asterisk cuts at a byte limit) and must not cost the call.
"""

from __future__ import annotations

import re

from ivr.kernel.errors import Forbidden, Invalid

_KEYS = frozenset(
    f"agi_{name}"
    for name in (
        "network",
        "network_script",
        "request",
        "channel",
        "language",
        "type",
        "uniqueid",
        "version",
        "callerid",
        "calleridname",
        "callingpres",
        "callingani2",
        "callington",
        "callingtns",
        "dnid",
        "rdnis",
        "context",
        "extension",
        "priority",
        "enhanced",
        "accountcode",
        "threadid",
    )
)
_ARGUMENT = re.compile(r"agi_arg_[1-9]\d{0,2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ROUTE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def parse_environment(raw: bytes) -> dict[str, str]:
    """Lines (without the blank one) → values by key, cleaned of control characters. Raises `Forbidden`."""
    values: dict[str, str] = {}
    for line in raw.split(b"\n"):
        if not line:
            continue
        key, sign, value = line.decode("utf-8", "replace").partition(":")
        if not sign or not (key in _KEYS or _ARGUMENT.fullmatch(key)):
            raise Forbidden(
                "a line in the AGI environment is none of Asterisk's; the session is refused", code="agi_forged"
            )
        if key in values:
            raise Forbidden(f"{key} stands twice in the AGI environment; the session is refused", code="agi_forged")
        values[key] = _CONTROL.sub("", value).strip()
    return values


def route_of(environment: dict[str, str]) -> str:
    """`agi://host/reception/?x=1` → `reception`: the door's name without query, slashes and case. Raises `Invalid`."""
    script = environment.get("agi_network_script", "")
    route = script.split("?", 1)[0].strip("/ ").lower()
    if not _ROUTE.fullmatch(route):
        raise Invalid("the dialplan knocks with agi://host/<door>; this address names no door", code="agi_no_route")
    return route


def caller_of(environment: dict[str, str]) -> str:
    """The caller's number as the network sent it; empty when Asterisk knows none."""
    number = environment.get("agi_callerid", "")
    return "" if number == "unknown" else number
