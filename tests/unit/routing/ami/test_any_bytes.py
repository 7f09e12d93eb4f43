"""Any bytes from Asterisk, cut anywhere, and any words of ours to it: what goes in comes out, and as one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from routing.ami.message import AmiMessage, MessageCutter
from routing.ami.protocol import MAX_LINE, AmiAction
from tests.effort import explore, tried

PERSIAN = st.text(st.sampled_from("سلام‌گچپژ رضا محمدی ی‌ک٪۱۲۳۴۵۶۷۸۹۰"), max_size=20)
TEXT = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=30) | PERSIAN
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters=":"), min_size=1, max_size=12)
MESSAGES = st.lists(st.dictionaries(NAMES, TEXT, min_size=1, max_size=6), max_size=6)
CUTS = st.lists(st.integers(0, 400), max_size=30)
LONGEST = 200
"""A small limit, so that examples cross it; the product's is a quarter of a MiB."""


def on_the_wire(messages: list[dict[str, str]]) -> bytes:
    return "".join(
        "".join(f"{name}: {value}\r\n" for name, value in message.items()) + "\r\n" for message in messages
    ).encode()


def fed(data: bytes, cuts: list[int], longest: int) -> tuple[list[Mapping[str, str]], bool]:
    """What a cutter makes of these bytes, cut at these places."""
    cutter, found = MessageCutter(longest), []
    for begin, end in pieces(data, cuts):
        found += [message.headers for message in cutter.feed(data[begin:end])]
    return found, cutter.too_long


def pieces(data: bytes, cuts: list[int]) -> Iterator[tuple[int, int]]:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    yield from itertools.pairwise(places)


def lowered(message: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.items():
        found.setdefault(name.lower(), value)  # of two names that differ in case only, the first counts
    return found


@tried(quick=300, thorough=20_000)
def test_messages_come_out_as_they_went_in_however_they_were_cut(examples: int) -> None:
    @given(MESSAGES, CUTS)
    def holds(messages: list[dict[str, str]], cuts: list[int]) -> None:
        assert fed(on_the_wire(messages), cuts, 1 << 18) == ([lowered(message) for message in messages], False)

    explore(examples, holds)


@tried(quick=200, thorough=10_000)
def test_every_single_split_is_survived(examples: int) -> None:
    @given(MESSAGES)
    def holds(messages: list[dict[str, str]]) -> None:
        data = on_the_wire(messages[:2])
        whole = fed(data, [], 1 << 18)
        assert all(fed(data, [cut], 1 << 18) == whole for cut in range(len(data)))

    explore(examples, holds)


@tried(quick=400, thorough=20_000)
def test_any_bytes_at_all_are_read_alike_however_they_were_cut_and_never_kept_without_limit(examples: int) -> None:
    parts = st.sampled_from([b"\r\n\r\n", b"\r\n", b"\r", b"\n", b"Event: X", b": ", "ی".encode(), b"\xff", b"x" * 150])

    @given(st.lists(parts | st.binary(max_size=20), max_size=30), CUTS)
    def holds(found: list[bytes], cuts: list[int]) -> None:
        data = b"".join(found)
        assert fed(data, cuts, LONGEST) == fed(data, [], LONGEST)
        cutter = MessageCutter(LONGEST)
        for begin, end in pieces(data, cuts):
            cutter.feed(data[begin:end])
            assert len(cutter._buffer) <= LONGEST + 3

    explore(examples, holds)


def test_the_longest_message_passes_and_one_byte_more_does_not() -> None:
    for size, passes in ((LONGEST, True), (LONGEST + 1, False)):
        body = b"Event: " + b"x" * (size - 7)
        for cuts in ([], list(range(0, size + 4, 7))):
            found, too_long = fed(b"Event: Before\r\n\r\n" + body + b"\r\n\r\nEvent: After\r\n\r\n", cuts, LONGEST)
            assert (len(found), too_long) == ((3, False) if passes else (1, True))


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An action holds a future, which wants a loop."""
    found = asyncio.new_event_loop()
    yield found
    found.close()


@tried(quick=500, thorough=20_000)
def test_one_action_is_one_action_on_the_wire_or_is_refused(examples: int, loop: asyncio.AbstractEventLoop) -> None:
    anything = st.text(max_size=12) | st.sampled_from(["Action", "actionid", "Queue", "x\r\ny", "\0", "a:b", "\ud800"])

    async def written(name: str, headers: dict[str, str]) -> tuple[AmiAction, bytes] | None:
        try:
            action = AmiAction(name, headers)
        except Invalid:
            return None
        return action, str(action).encode()

    @given(anything, st.dictionaries(anything, anything | st.just("x" * 1200), max_size=4))
    def holds(name: str, headers: dict[str, str]) -> None:
        result = loop.run_until_complete(written(name, headers))
        smuggles = any(c in "\r\n\0" for text in (name, *headers, *headers.values()) for c in text)
        if result is None:
            return
        assert not smuggles
        action, wire = result
        (read,) = MessageCutter().feed(wire)
        assert wire.endswith(b"\r\n\r\n")
        assert read.headers == {
            "action": name, "actionid": action.id, **{key.lower(): value for key, value in headers.items()}
        }  # fmt: skip
        assert max(len(line) for line in wire.split(b"\r\n")) <= MAX_LINE

    explore(examples, holds)


@pytest.mark.parametrize("name", ["Action", "ACTION", "actionid"])
async def test_what_makes_an_action_an_action_is_not_for_callers_to_set(name: str) -> None:
    with pytest.raises(Invalid):
        AmiAction("Ping", {name: "Originate"})


async def test_a_line_that_asterisk_would_throw_away_is_refused() -> None:
    with pytest.raises(Invalid):
        AmiAction("QueuePause", {"Reason": "ن" * 500})


def test_empty_values_and_odd_lines_are_kept_or_dropped_as_ever() -> None:
    assert AmiMessage.parse("Event: X\r\nPausedReason: \r\nno colon here\r\n: no name").headers == {
        "event": "X",
        "pausedreason": "",
    }
