"""CEL rows: what Asterisk really wrote, what a hostile caller may put into it, and any way of cutting it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.events import LedgerEvent, Source
from routing.ledger import cel
from routing.ledger.rows import AcceptedRow, RejectedRow, Row

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRACE = Path(__file__).parents[3] / "traces" / "cel_hostile_name_rings_then_talks.csv"


def row(event: str = "CHAN_START", **columns: str) -> bytes:
    values = {
        "eventtype": event,
        "eventtime": "1795302182.881332",
        "uniqueid": "line1420-1795302182.1",
        "linkedid": "line1420-1795302182.0",
    } | columns
    quoted = ('"' + values.get(column, "").replace('"', '""') + '"' for column in cel.COLUMNS)
    return (",".join(quoted) + "\n").encode("utf-8", "surrogatepass")


def events(rows: tuple[Row, ...]) -> list[LedgerEvent]:
    return [found.event for found in rows if isinstance(found, AcceptedRow)]


def rejects(rows: tuple[Row, ...]) -> list[RejectedRow]:
    return [found for found in rows if isinstance(found, RejectedRow)]


def test_every_row_of_a_real_call_is_read() -> None:
    data = TRACE.read_bytes()
    scan = cel.scan(data, 0, NOW)
    assert scan.end == len(data)
    assert rejects(scan.rows) == []
    assert len(scan.rows) == data.count(b"\n")
    assert {event.name for event in events(scan.rows)} >= {
        "CHAN_START",
        "ANSWER",
        "APP_START",
        "BRIDGE_ENTER",
        "HANGUP",
        "choice",
    }


def test_a_milestone_carries_its_fields_beside_the_columns() -> None:
    (event,) = events(
        cel.scan(row("USER_DEFINED", userdeftype="choice", extra='{"extra":"node=main&key=1"}'), 0, NOW).rows
    )
    assert (event.source, event.name) == (Source.CEL, "choice")
    assert event.at == datetime(2026, 11, 21, 23, 3, 2, 881332, tzinfo=UTC)
    assert (event.call_id, event.leg_id) == ("line1420-1795302182.0", "line1420-1795302182.1")
    assert (event.fields["node"], event.fields["key"]) == ("main", "1")


def test_the_token_that_asterisk_shows_the_doors_goes_no_further() -> None:
    data = row("HANGUP", appname="AGI", appdata="agi://127.0.0.1:4573/reception,s3cret")
    (event,) = events(cel.scan(data, 0, NOW).rows)
    assert event.fields["app_data"] == "agi://127.0.0.1:4573/reception"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"eventtime": "1999999999.000000"},  # the future
        {"userdeftype": "no such name!", "eventtype": "USER_DEFINED"},
    ],
)
def test_a_rejected_row_is_kept_aside_without_the_token(spoilt: dict[str, str]) -> None:
    data = row("HANGUP", **{"appdata": "agi://127.0.0.1:4573/reception,s3cret", **spoilt})
    for found in (cel.scan(data, 0, NOW), cel.scan(data[:-5], 0, NOW, final=True)):
        (reject,) = rejects(found.rows)
        assert b"agi://127.0.0.1:4573/reception" in reject.raw
        assert b"s3cret" not in reject.raw


def test_a_milestone_cannot_overwrite_a_column() -> None:
    data = row(
        "USER_DEFINED", userdeftype="choice", channel="x", channame="PJSIP/a", extra='{"extra":"channel=forged"}'
    )
    (event,) = events(cel.scan(data, 0, NOW).rows)
    assert event.fields["channel"] == "PJSIP/a"


def test_the_hangup_cause_is_a_field() -> None:
    (event,) = events(
        cel.scan(row("HANGUP", extra='{"hangupcause":16,"hangupsource":"PJSIP/a","dialstatus":""}'), 0, NOW).rows
    )
    assert (event.fields["hangupcause"], event.fields["hangupsource"]) == ("16", "PJSIP/a")


def test_an_unknown_user_event_keeps_its_own_name() -> None:
    (event,) = events(cel.scan(row("USER_DEFINED", userdeftype="hello", extra='{"extra":"x=1"}'), 0, NOW).rows)
    assert event.name == "user.hello"


@pytest.mark.parametrize("name", ["", "evil\nname", "a b", "x" * 61])
def test_a_user_event_without_a_decent_name_is_rejected(name: str) -> None:
    (found,) = cel.scan(row("USER_DEFINED", userdeftype=name), 0, NOW).rows
    assert isinstance(found, RejectedRow)


@pytest.mark.parametrize(
    "name",
    [
        'Ali "R"',
        'back\\slash \\" quote',
        "سلام، «۱۴۲۰»",
        row("USER_DEFINED", userdeftype="score").decode(),
        "\n" + row("USER_DEFINED", userdeftype="score").decode(),
        '"\n"USER_DEFINED","1795302182.881332","score","a-1.1","a-1.1"' + ',""' * 14 + "\n",
        '","x\n"CHAN_START","1795302182.000000",',
    ],
)
def test_no_caller_name_can_forge_a_row(name: str) -> None:
    data = row() + row(cid_name=name) + row("HANGUP")
    scan = cel.scan(data, 0, NOW)
    assert [event.name for event in events(scan.rows)] == ["CHAN_START", "CHAN_START", "HANGUP"]
    assert rejects(scan.rows) == []
    # nor after garbage, when the reader has to look for the next row
    scan = cel.scan(b'half a row","' + data, 0, NOW)
    assert [event.name for event in events(scan.rows)] == ["CHAN_START", "CHAN_START", "HANGUP"]


@given(st.text(max_size=80))
def test_any_name_survives_or_is_cleaned_but_never_splits(name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    (event,) = events(cel.scan(row(cid_name=name), 0, NOW).rows)
    if name.isprintable():
        assert event.fields["cid_name"] == name or "\ufffd" in event.fields["cid_name"]
    assert "\x00" not in event.fields["cid_name"]


def test_a_name_cut_in_mid_character_is_kept_readable() -> None:
    data = row(cid_name="رضا").replace("رضا".encode(), "رضا".encode()[:-1])
    (event,) = events(cel.scan(data, 0, NOW).rows)
    assert event.fields["cid_name"].startswith("رض")


GOOD = (
    row("CHAN_START", cid_name='a "b"\nc')
    + row("USER_DEFINED", userdeftype="choice")
    + row("HANGUP", cid_name="سلام")
    + row("CHAN_END")
)


@given(st.lists(st.integers(0, len(GOOD)), max_size=6))
def test_cut_anywhere_the_events_are_the_same(cuts: list[int]) -> None:
    whole = cel.scan(GOOD, 0, NOW)
    found: list[Row] = []
    end = 0
    for upto in [*sorted(cuts), len(GOOD)]:
        scan = cel.scan(GOOD[end:upto], end, NOW)
        found += scan.rows
        end = scan.end
    assert tuple(found) == whole.rows
    assert end == len(GOOD)


@given(st.integers(1, len(GOOD) - 1), st.binary(max_size=40))
def test_after_garbage_the_next_whole_rows_are_found(cut: int, junk: bytes) -> None:
    """Asterisk was killed in mid-row and came back."""
    after = row("ANSWER") + row("LINKEDID_END")
    scan = cel.scan(GOOD[:cut] + junk + after, 0, NOW)
    assert [event.name for event in events(scan.rows)][-1] == "LINKEDID_END"
    assert scan.end == cut + len(junk) + len(after)


@given(st.binary(max_size=3000), st.booleans())
def test_no_bytes_break_the_reader(data: bytes, final: bool) -> None:
    scan = cel.scan(data, 100, NOW, final=final)
    assert 100 <= scan.end <= 100 + len(data)
    assert not final or scan.end == 100 + len(data)


def test_a_half_row_waits_unless_the_file_is_finished() -> None:
    data = row() + row("HANGUP")[:-10]
    assert cel.scan(data, 0, NOW).end == len(row())
    last = cel.scan(data, 0, NOW, final=True)
    assert last.end == len(data)
    assert [found.reason for found in rejects(last.rows)] == ["cut off"]


def test_garbage_without_end_does_not_stop_the_reader_for_ever() -> None:
    scan = cel.scan(b'"' + b"x" * (cel.MAX_ROW + 10), 0, NOW)
    assert scan.end == cel.MAX_ROW + 11
    assert len(rejects(scan.rows)) == 1


def test_a_row_from_the_future_is_kept_aside() -> None:
    (found,) = cel.scan(row(eventtime="1895302182.881332"), 0, NOW).rows
    assert isinstance(found, RejectedRow)


def test_offsets_are_row_starts_in_the_file() -> None:
    scan = cel.scan(row() + row("HANGUP"), 5000, NOW)
    assert [found.offset for found in scan.rows] == [5000, 5000 + len(row())]


def test_a_supervisors_telephone_tells_of_the_call_that_it_hears() -> None:
    told = "call=line1420-1795302182.0&seat=seat03&by=supervisor&mode=listen&state=began"
    heard = row("USER_DEFINED", userdeftype="listening", linkedid="line1420-1795309999.5", extra='{"extra":"' + told + '"}')  # fmt: skip
    (event,) = events(cel.scan(heard, 0, NOW).rows)
    assert (event.call_id, event.leg_id, event.fields["mode"]) == ("line1420-1795302182.0", "line1420-1795302182.1", "listen")  # fmt: skip
    nobody = row("USER_DEFINED", userdeftype="listening", linkedid="line1420-1795309999.5", extra='{"extra":"mode=listen"}')  # fmt: skip
    assert events(cel.scan(nobody, 0, NOW).rows)[0].call_id == "line1420-1795309999.5"
    other = row("USER_DEFINED", userdeftype="choice", extra='{"extra":"call=line1420-1.1"}')
    assert events(cel.scan(other, 0, NOW).rows)[0].call_id == "line1420-1795302182.0", "no other row may say so"
