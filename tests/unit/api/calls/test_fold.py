"""Laws of the fold that hold for every call: order and doubling change nothing, one disposition, no negative span."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from api.calls.fold import fold
from tests.builders import CallStory, a_call, an_answered_call

_ACTS = (
    "menu",
    "wrong",
    "served",
    "queue_talk",
    "queue_timeout",
    "queue_key",
    "refused",
    "moved",
    "closed_out",
    "message",
    "callback",
    "fallback",
)
_ENDS = ("hangup", "waiting", "talking", "recording", "lost", "open")


@st.composite
def stories(draw: st.DrawFn) -> CallStory:
    """Any caller's way through the line, sane and insane ones."""
    story = a_call(f"line1420-{draw(st.integers(1, 9_999))}.1")
    pause = st.floats(0, 90, allow_nan=False)
    for n, act in enumerate(draw(st.lists(st.sampled_from(_ACTS), max_size=5))):
        _act(story, act, n, draw(pause))
    _end(story, draw(st.sampled_from(_ENDS)), draw(pause))
    if draw(st.booleans()):
        story.wait(3).fact("recording_archived", recording="m-0", kind="message", state="empty", seconds="2")
    return story


def _act(story: CallStory, act: str, n: int, seconds: float) -> None:
    story.wait(1)  # one queue entered twice within one second would leave two equal rows in queue_log
    match act:
        case "menu":
            story.hears("main").keys("main", "1")
        case "wrong":
            story.hears("main").wait(seconds).keys("main", "wrong")
        case "served":
            story.milestone("delivered", what="information")
        case "queue_talk":
            story.joins("general").wait(seconds).is_answered(n + 1).wait(seconds).operator_hangs_up()
            story.milestone("score", offered="1").milestone("score", value=str(n))
        case "queue_timeout":
            story.joins("insurance").wait(seconds).leaves_queue("EXITWITHTIMEOUT", "TIMEOUT")
        case "queue_key":
            story.joins("general").wait(seconds).leaves_by_key("2").hears("message")
        case "moved":
            story.joins("insurance").wait(seconds).is_moved("pensions").joins("pensions").wait(2).leaves_by_key("2")
        case "closed_out":
            story.joins("insurance").wait(seconds).is_closed_out()
        case "refused":
            story.is_refused("pensions", "FULL" if n % 2 else "JOINEMPTY")
        case "message":
            story.records(f"m-{n}").wait(seconds).milestone(
                "message", message=f"m-{n}", state="kept", seconds=str(seconds)
            )
        case "callback":
            story.milestone("callback", code="123456782", when="keep_place")
        case _:
            story.milestone("fallback", door="reception", reason="not_done")


def _end(story: CallStory, end: str, seconds: float) -> None:
    story.wait(1)
    match end:
        case "hangup":
            story.wait(seconds).hangs_up()
        case "waiting":
            story.joins("treatment").wait(seconds).hangs_up_waiting()
        case "talking":
            story.joins("treatment").wait(seconds).is_answered(16).wait(seconds).hangs_up_talking()
        case "recording":
            story.records("m-9").wait(seconds).hangs_up()
        case "lost":
            story.wait(seconds).fact("call_lost", reason="restart")
        case _:
            story.wait(seconds)


@given(story=stories(), seed=st.integers())
def test_order_and_doubling_change_nothing(story: CallStory, seed: int):
    record = fold(story.events)
    shuffled = [*story.events, *random.Random(seed).choices(story.events, k=5)]
    random.Random(seed).shuffle(shuffled)
    assert fold(shuffled) == record


@given(story=stories())
def test_every_ended_call_has_one_disposition_and_every_open_call_none(story: CallStory):
    record = fold(story.events)
    assert record is not None
    assert (record.disposition is None) == (record.ended_at is None)


@given(story=stories(), missing=st.data())
def test_no_span_is_negative_even_when_rows_are_missing(story: CallStory, missing: st.DataObject):
    kept = missing.draw(st.lists(st.sampled_from(story.events), unique_by=id))
    record = fold(kept)
    if record is None:
        return
    assert (record.disposition is None) == (record.ended_at is None)
    assert record.ended_at is None or record.ended_at >= record.arrived_at
    for visit in record.visits:
        assert visit.waited_seconds is None or visit.waited_seconds >= 0
        assert visit.talked_seconds is None or visit.talked_seconds >= 0


@given(story=stories())
def test_whole_ledgers_agree_with_each_other(story: CallStory):
    record = fold(story.events)
    assert record is not None
    assert not [problem for problem in record.problems if problem.startswith("visit_")]


def test_a_seat_that_rings_by_itself_is_no_call():
    story = (
        CallStory("line1420-1.1").cel("CHAN_START", channel="PJSIP/seat01-00000001").cel("HANGUP").cel("LINKEDID_END")
    )
    assert fold(story.events) is None
    assert fold([]) is None


def test_an_operator_who_dials_at_a_seat_makes_no_call_whatever_goes_wrong_in_it():
    """A missing prompt and a door that did not answer are told in the ledger, of a seat's telephone as of a caller's."""
    phone = {"channel": "PJSIP/seat05-00000001", "cid_num": ""}
    story = CallStory("line1420-1.1", caller="").cel("CHAN_START", exten="10", **phone).cel("ANSWER", **phone)
    story.cel("fallback", door="seat_desk", reason="lease", **phone).cel("alarm", what="prompt missing", **phone)
    assert fold(story.cel("HANGUP", **phone).cel("LINKEDID_END", **phone).events) is None


def test_what_goes_wrong_at_the_seat_of_a_call_is_no_problem_of_the_caller():
    story = an_answered_call()
    story.cel("alarm", leg="line1420-9.9", channel="PJSIP/seat03-0000000a", what="prompt missing")
    record = fold(story.events)
    assert record is not None
    assert (record.disposition, record.problems) == ("answered", ())


def test_a_score_out_of_range_is_counted_as_a_problem_and_never_taken():
    story = an_answered_call()
    good = fold(story.events)
    assert good is not None
    story.now = good.ended_at or story.now
    story.wait(-1).cel("score", value="9").cel("score", value="x")
    record = fold(story.events)
    assert record is not None
    assert record.score == 4
    assert record.problems == ("score_invalid",)


def test_a_score_after_the_end_is_not_taken():
    record = fold(an_answered_call().wait(5).cel("score", value="1").events)
    assert record is not None
    assert (record.score, record.problems) == (4, ("score_after_end",))


def test_ledgers_that_disagree_are_named():
    story = an_answered_call()
    for event in list(story.events):
        if event.name == "CONNECT":
            story.events.remove(event)
            story.events.append(
                type(event)(
                    event.source, event.name, event.at, event.call_id, event.leg_id, {**event.fields, "holdtime": "30"}
                )
            )
    record = fold(story.events)
    assert record is not None
    assert record.problems == ("visit_1_wait_disagrees",)


def test_a_visit_is_known_from_queue_log_alone():
    story = an_answered_call()
    record = fold(
        [event for event in story.events if event.source == "queue_log" or event.name in ("offered", "HANGUP")]
    )
    assert record is not None
    [visit] = record.visits
    assert (visit.agent, visit.waited_seconds, visit.talked_seconds) == ("operator03", 12.0, 40.0)
    assert record.problems == ("visit_1_not_in_cel",)


def test_a_visit_is_known_from_cel_alone():
    record = fold([event for event in an_answered_call().events if event.source != "queue_log"])
    assert record is not None
    [visit] = record.visits
    assert (visit.agent, visit.seat, visit.ended_by, visit.outcome) == (None, "seat03", "agent", "answered")
