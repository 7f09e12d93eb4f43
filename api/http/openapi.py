"""What the OpenAPI document says about the whole: title, tags and who may read which part."""

from __future__ import annotations

TITLE = "Line 1420"
DESCRIPTION = """\
Calls, recordings, cases and the live board of line 1420.

* **Who may ask**: a browser with the session cookie of `POST /login`, or a program with `Authorization: Bearer <token>`;
  a token's scopes (`floor:read`, `calls:read`, `recordings:read`, `cases:read`, `case:state`,
  `reconciliations:read`, `figures:read`, `staffing:read`, `roster:read`, `callbacks:read`, `alarms:read`,
  `duty:phone`, `line:advice`) limit it.
* **Lists** answer `{"items": […], "next": cursor or null}`; send `next` as `cursor` to go on.
* **Refusals** answer `{"error": {"code", "message", "field"}}`; `code` is stable, `message` says what to do.
* **Times** are ISO 8601 with a zone; spans are seconds and their names end in `_seconds`.
"""

TAGS = [
    {"name": "calls", "description": "One record for each call, with exactly one disposition."},
    {"name": "floor", "description": "The live board: queues, waiting callers, seats."},
    {"name": "agents", "description": "Operators: agent numbers, PINs, and what they can serve."},
    {"name": "alarms", "description": "What is wrong on the floor: limits, what stands, and who has taken it."},
    {"name": "duty", "description": "Agents at their seats: signing in and out, pauses, work after a talk."},
    {"name": "figures", "description": "What was achieved in a day or month: counts, rates, waits, service levels."},
    {
        "name": "priority",
        "description": "Groups of callers who come before others, and what that does to everybody else.",
    },
    {"name": "roster", "description": "Shifts and planned turns, and how what happened agreed with them."},
    {"name": "staffing", "description": "How many callers to expect, and how many operators they need."},
    {"name": "recordings", "description": "The sound of talks and voice messages. Hearing is audited."},
    {"name": "callbacks", "description": "Call backs that keep their place in line: order, tries, ends."},
    {"name": "cases", "description": "What must be answered by a deadline."},
    {"name": "people", "description": "Logging in and out, and who I am."},
    {"name": "audit", "description": "Who did or heard what. For the administrator."},
    {"name": "reconciliations", "description": "Did the ledgers of each day and its records agree?"},
    {"name": "health", "description": "For machines that watch this machine."},
]
