"""queue_log rows: real ones are read with named parameters, everything else is kept aside with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.events import LedgerEvent
from routing.ledger import queue_log
from routing.ledger.rows import AcceptedRow, RejectedRow, Row

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRACE = Path(__file__).parents[3] / "traces" / "queue_log_abandons_then_talk.txt"
START = "1795302183|line1420-1795302182.1|insurance"


def read(line: str) -> LedgerEvent | str:
    """The event of one row, or the reason why it was rejected."""
    (found,) = queue_log.scan(line.encode() + b"\n", 0, NOW).rows
    return found.event if isinstance(found, AcceptedRow) else found.reason


def test_a_real_file_is_read_whole() -> None:
    data = TRACE.read_bytes()
    scan = queue_log.scan(data, 0, NOW)
    assert scan.end == len(data)
    assert all(isinstance(found, AcceptedRow) for found in scan.rows)
    assert len(scan.rows) == data.count(b"\n")


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (
            "NONE|ENTERQUEUE||0912|1",
            {"url": "", "callerid": "0912", "origposition": "1", "queue": "insurance", "agent": ""},
        ),
        ("NONE|ENTERQUEUE||0912|1|رضا", {"calleridname": "رضا"}),
        (
            "operator01|CONNECT|7|line1420-1795302183.4|3",
            {"holdtime": "7", "bridged_leg": "line1420-1795302183.4", "ringtime": "3"},
        ),
        (
            "operator01|COMPLETEAGENT|7|60|1",
            {"agent": "operator01", "holdtime": "7", "calltime": "60", "origposition": "1"},
        ),
        ("NONE|ABANDON|1|2|30", {"position": "1", "origposition": "2", "waittime": "30"}),
        ("NONE|EXITWITHKEY|2|1|1|12", {"key": "2", "position": "1", "waittime": "12"}),
        ("NONE|EXITWITHTIMEOUT|1|1|600", {"waittime": "600"}),
        ("NONE|EXITEMPTY|1|1|4", {"waittime": "4"}),
        ("operator01|RINGNOANSWER|15000", {"ringtime_ms": "15000"}),
        ("operator01|RINGCANCELED", {}),
        ("operator01|BLINDTRANSFER|s|line|3|40|1", {"extension": "s", "calltime": "40"}),
        ("operator01|ATTENDEDTRANSFER|BRIDGE|8f|3|40|1", {"method": "BRIDGE", "method_data": "8f", "calltime": "40"}),
        ("operator01|ATTENDEDTRANSFER|LINK|a-1|a-2|3|40|1", {"method_data": "a-1|a-2", "origposition": "1"}),
        ("operator01|PAUSE|lunch", {"reason": "lunch"}),
        ("NONE|SYSCOMPAT|", {}),
    ],
)
def test_parameters_get_their_names(tail: str, expected: dict[str, str]) -> None:
    event = read(f"{START}|{tail}")
    assert isinstance(event, LedgerEvent), event
    assert event.name == tail.split("|")[1]
    assert event.leg_id == "line1420-1795302182.1"
    assert event.call_id is None
    assert expected.items() <= dict(event.fields).items()


def test_a_restart_belongs_to_no_call() -> None:
    event = read("1795302158|NONE|NONE|NONE|QUEUESTART|")
    assert isinstance(event, LedgerEvent)
    assert (event.leg_id, event.fields) == (None, {"queue": "", "agent": ""})
    assert event.at == datetime(2026, 11, 21, 23, 2, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        f"{START}|NONE|ENTERQUEUE||0912|1|name|more",
        f"{START}|NONE|ENTERQUEUE||0912",
        f"{START}|NONE|ABANDON|1|1|-3",
        f"{START}|NONE|ABANDON|1|1|x",
        f"{START}|NONE|MYEVENT|1",
        f"{START}|operator01|CONNECT|7|../../etc|3",
        "now|line1420-1795302182.1|insurance|NONE|ABANDON|1|1|3",
        "1795302183|../x|insurance|NONE|ABANDON|1|1|3",
        "1795302183|a-1.1|ins urance|NONE|ABANDON|1|1|3",
        "1895302183|a-1.1|insurance|NONE|ABANDON|1|1|3",
        "garbage",
        "1795302183|a-1.1|insurance|" + "x" * 9000,
    ],
)
def test_what_does_not_fit_to_the_last_field_is_kept_aside(line: str) -> None:
    assert isinstance(read(line), str)


DATA = TRACE.read_bytes()


@given(st.lists(st.integers(0, len(DATA)), max_size=6))
def test_cut_anywhere_the_events_are_the_same(cuts: list[int]) -> None:
    whole = queue_log.scan(DATA, 0, NOW)
    found: list[Row] = []
    end = 0
    for upto in [*sorted(cuts), len(DATA)]:
        scan = queue_log.scan(DATA[end:upto], end, NOW)
        found += scan.rows
        end = scan.end
    assert tuple(found) == whole.rows


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    scan = queue_log.scan(data, 7, NOW, final=True)
    assert scan.end == 7 + len(data)


def test_a_row_without_end_is_given_up() -> None:
    scan = queue_log.scan(b"x" * 9000, 0, NOW)
    assert scan.end == 9000
    assert isinstance(scan.rows[0], RejectedRow)
