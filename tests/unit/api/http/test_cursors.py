"""Cursors: ours go around unchanged, all others are refused with a reason."""

import base64
from datetime import UTC, datetime

import pytest

from api.http.cursors import cut_page, pack_cursor, read_cursor
from ivr.kernel.errors import Invalid

AT = datetime(2026, 11, 21, 8, 30, 0, 123456, tzinfo=UTC)


def test_a_cursor_brings_back_its_sort_key() -> None:
    assert read_cursor(pack_cursor(AT, "line1420-1.2", 7), datetime, str, int) == (AT, "line1420-1.2", 7)


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "سلام",
        _packed("not json"),
        _packed("{}"),
        _packed("[1]"),
        _packed('["2026-11-21T08:30:00", "x"]'),
        _packed('["2026-11-21T08:30:00+00:00", 5]'),
        _packed('["2026-11-21T08:30:00+00:00", "a\\u0000b"]'),
        _packed('["2026-11-21T08:30:00+00:00", "\\ud800"]'),
        _packed('["0001-01-01T00:00:00+14:00", "x"]'),
        _packed('["9999-12-31T23:59:59-12:00", "x"]'),
        _packed("[" * 5000),
        pack_cursor(AT),
        pack_cursor(AT, "a", "b"),
    ],
)
def test_any_other_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid, match="Send `next` of the page before") as refused:
        read_cursor(cursor, datetime, str)
    assert refused.value.field == "query.cursor"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_a_number_beyond_the_database_is_refused(number: int) -> None:
    with pytest.raises(Invalid):
        read_cursor(pack_cursor(number), int)


def test_one_row_more_than_asked_for_means_there_is_a_next_page() -> None:
    assert cut_page([1, 2, 3], 2, lambda row: (row,)) == ([1, 2], pack_cursor(2))
    assert cut_page([1, 2], 2, lambda row: (row,)) == ([1, 2], None)
    assert cut_page([], 2, lambda row: (row,)) == ([], None)
