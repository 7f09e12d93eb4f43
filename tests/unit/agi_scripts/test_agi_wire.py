"""Commands never become two, replies never change places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_scripts.agi_wire import COMMAND_LIMIT, OutOfStep, ReplyStream, command_line
from ivr.kernel.errors import Invalid
from tests.fakes.asterisk_agi import words


@given(st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=("Cs",)), max_size=200))
def test_asterisk_reads_back_what_we_quoted(value: str) -> None:
    line = command_line("SET VARIABLE", "LINE_NODE", value)
    assert line.count(b"\n") == 1
    assert words(line.decode().rstrip("\n"))[3] == value


@pytest.mark.parametrize("value", ["a\nEXEC System x", "a\rb", "a\0b"])
def test_a_value_cannot_become_a_second_command(value: str) -> None:
    with pytest.raises(Invalid):
        command_line("SET VARIABLE", "LINE_NODE", value)


def test_a_command_asterisk_would_cut_is_refused() -> None:
    with pytest.raises(Invalid):
        command_line("SET VARIABLE", "LINE_NODE", "ش" * COMMAND_LIMIT)


def plain(number: int) -> bytes:
    return f"200 result=1 (value {number})\n".encode()


MUTATIONS = st.sampled_from(
    [
        "plain",
        "hangup before",
        "trying before",
        "usage",
        "dead",
        "unknown",
        "line break in value",
        "bracket in value",
        "junk before",
        "twice",
        "cut",
    ]
)


def on_the_wire(number: int, mutation: str, cut: int) -> bytes:
    reply = plain(number)
    match mutation:
        case "hangup before":
            return b"HANGUP\n" + reply
        case "trying before":
            return b"100 result=0 Trying...\n" + reply
        case "usage":
            return b"520-Invalid command syntax.\n" + plain(number + 1) + b"HANGUP\n520 End of proper usage.\n"
        case "dead":
            return b"511 Command Not Permitted on a dead channel or intercept routine\n"
        case "unknown":
            return b"510 Invalid or unknown command\n"
        case "line break in value":
            return f"200 result=1 (value {number}\n200 result=1 (value {number + 1})\n)\n".encode()
        case "bracket in value":
            return f"200 result=1 (value {number})\n200 result=1 (value {number + 1})\n".encode()
        case "junk before":
            return b"\x00\xff{}\n" + reply
        case "twice":
            return reply + reply
        case "cut":
            return reply[: cut % len(reply)]
        case _:
            return reply


@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_no_reply_ever_answers_another_command(data: st.DataObject) -> None:
    """Ask a row of questions; each answer is the question's own, an error, or the end of the session."""
    stream = ReplyStream()
    for number in range(8):
        arrived = on_the_wire(number, data.draw(MUTATIONS), data.draw(st.integers(0, 40)))
        reply = None
        try:
            while arrived and reply is None:
                size = data.draw(st.integers(1, len(arrived)))
                chunk, arrived = arrived[:size], arrived[size:]
                stream.feed(chunk)
                reply = stream.reply()
        except OutOfStep:
            return
        if reply is None:
            return  # the reply was cut: the session waits for its deadline
        assert reply.code != 200 or reply.data in (f"value {number}", f"value {number}\n")
        if arrived:
            # the rest of this reply comes after we believed it whole: it must be seen before it answers the next
            stream.feed(arrived)
            with pytest.raises(OutOfStep):
                stream.next_command()
            return
        stream.next_command()


@given(st.binary(max_size=400))
def test_any_bytes_are_a_reply_or_out_of_step_but_no_crash(junk: bytes) -> None:
    stream = ReplyStream()
    stream.feed(junk)
    try:
        reply = stream.reply()
    except OutOfStep:
        return
    assert reply is None or reply.code >= 100


def test_a_line_without_end_is_given_up() -> None:
    stream = ReplyStream()
    stream.feed(b"2" * 20_000)
    with pytest.raises(OutOfStep):
        stream.reply()


def test_a_usage_reply_without_end_is_given_up() -> None:
    stream = ReplyStream()
    stream.feed(b"520-Invalid\n" + b"usage\n" * 1000)
    with pytest.raises(OutOfStep):
        stream.reply()


def test_a_hangup_said_twice_is_one_hangup() -> None:
    # Asterisk 22.10.1 with AGIEXITONHANGUP=yes: the reply, then the notice two times, then the end of the connection.
    stream = ReplyStream()
    stream.feed(b"200 result=-1\nHANGUP\nHANGUP\n")
    reply = stream.reply()
    assert reply is not None
    assert reply.result == "-1"
    assert stream.hung_up
