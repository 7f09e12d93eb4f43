"""An agent at a seat's telephone: signing in right and wrong, what the desk may refuse, and what an agent on duty may do."""

import pytest

from ivr.dialogue.replies import DeskUnavailable, HungUp, Keyed, NoKey, Reply, SeatNow, SeatRefused
from ivr.dialogue.seat_desk import SeatDesk, SeatDeskState
from ivr.dialogue.verbs import AskSeat, Gather, Leave, Mark, Say, SeatDeed, Step
from ivr.kernel.milestones import Goto
from tests.fakes import line_data

PIN = "482913"
FREE, READY = SeatNow("free"), SeatNow("ready", "107")
BYE = Leave(Goto.GOODBYE)


def talk(*replies: Reply, language: str = "fa") -> list[Step[SeatDeskState]]:
    dialogue = SeatDesk(seat="seat05", language=language)
    steps = [dialogue.start()]
    for reply in replies:
        steps.append(dialogue.advance(steps[-1].state, reply))
    return steps


def said(step: Step[SeatDeskState]) -> list[str]:
    return [name for verb in step.verbs if isinstance(verb, Say | Gather) for name in verb.prompts]


def words(step: Step[SeatDeskState], language: str) -> str:
    return " ".join(line_data.catalogue().prompt(language, name).text for name in said(step))


def test_number_and_pin_are_asked_for_and_shown_to_the_desk() -> None:
    steps = talk(FREE, Keyed("107"), Keyed(PIN), READY)
    assert steps[0].verbs == (AskSeat("seat05", SeatDeed.LOOK),)
    assert said(steps[1])[0] == "seat_number"
    assert said(steps[2]) == ["seat_pin"]
    assert steps[3].verbs[-1] == AskSeat("seat05", SeatDeed.SIGN_IN, number="107", pin=PIN)
    assert said(steps[4]) == ["seat_signed_in", "seat_ready"]
    assert steps[4].verbs[-1] == BYE


def test_the_pin_is_in_no_state_and_shown_by_nothing_that_may_be_logged() -> None:
    steps = talk(FREE, Keyed("107"), Keyed(PIN), SeatRefused("wrong"), Keyed("107"), Keyed(PIN))
    assert [str(vars_of(step.state)) for step in steps if PIN in str(vars_of(step.state))] == []
    assert [step for step in steps if PIN in repr(step)] == []
    assert PIN not in repr(Keyed(PIN))
    assert not any(isinstance(verb, Mark) for step in steps for verb in step.verbs)


def vars_of(state: SeatDeskState) -> dict[str, object]:
    return {name: getattr(state, name) for name in SeatDeskState.__slots__}


def test_a_wrong_number_and_a_wrong_pin_sound_alike_and_may_be_put_right() -> None:
    steps = talk(FREE, Keyed("107"), Keyed("000000"), SeatRefused("wrong"), Keyed("107"), Keyed(PIN), READY)
    assert said(steps[4])[:2] == ["seat_wrong", "seat_number"]
    assert isinstance(steps[4].verbs[0], Say), "keys that belonged to the wrong try must not answer the new question"
    assert said(steps[-1])[0] == "seat_signed_in"


@pytest.mark.parametrize(
    "replies",
    [
        [NoKey()] * 3,
        [Keyed("107"), NoKey(), NoKey(), NoKey()],
        [Keyed("107"), Keyed("1*")] * 3,
        [Keyed("107"), Keyed("000000"), SeatRefused("wrong")] * 3,
        [NoKey(), Keyed("107"), NoKey(), Keyed("000000"), SeatRefused("wrong")],
    ],
)
def test_three_misses_end_the_call(replies: list[Reply]) -> None:
    assert talk(FREE, *replies)[-1].verbs[-1] == BYE


@pytest.mark.parametrize(
    ("refused", "heard"),
    [
        (SeatRefused("taken"), "Another agent is signed in at this seat."),
        (SeatRefused("elsewhere", seat="seat12"), "You are still signed in at seat twelve"),
        (SeatRefused("wait", seconds=40), "There were too many wrong tries. Please wait: forty seconds"),
        (SeatRefused("wait", seconds=61), "There were too many wrong tries. Please wait: two minutes"),
        (SeatRefused("something new"), "Not possible now. Please use the desk page."),
        (SeatRefused("elsewhere", seat="?"), "Not possible now. Please use the desk page."),
    ],
)
def test_what_the_desk_refuses_is_told_and_ends_the_call(refused: SeatRefused, heard: str) -> None:
    step = talk(FREE, Keyed("107"), Keyed(PIN), refused, language="en")[-1]
    assert words(step, "en").startswith(heard)
    assert step.verbs[-1] == BYE


def test_in_persian_the_other_seat_is_named() -> None:
    step = talk(FREE, Keyed("107"), Keyed(PIN), SeatRefused("elsewhere", seat="seat12"))[-1]
    assert "جایگاهِ دوازده" in words(step, "fa")


@pytest.mark.parametrize("at", [0, 3])
def test_without_a_desk_the_page_is_named(at: int) -> None:
    before: list[Reply] = [FREE, Keyed("107"), Keyed(PIN)]
    step = talk(*before[:at], DeskUnavailable())[-1]
    assert said(step) == ["seat_use_page"]
    assert step.verbs[-1] == BYE


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        (READY, ["seat_agent", "digit_1", "digit_0", "digit_7", "pause", "seat_ready"]),
        (SeatNow("wrap_up", "107"), ["seat_agent", "digit_1", "digit_0", "digit_7", "pause", "seat_wrap_up"]),
        (SeatNow("paused"), ["seat_somebody", "seat_paused"]),
        (SeatNow("held"), ["seat_somebody", "seat_held"]),
    ],
)
def test_where_somebody_is_signed_in_who_and_how_is_told_and_three_things_are_offered(
    now: SeatNow, heard: list[str]
) -> None:
    assert said(talk(now)[-1]) == [*heard, "seat_1", "seat_2", "seat_3"]


@pytest.mark.parametrize(
    ("key", "deed", "then", "heard"),
    [
        ("1", SeatDeed.SIGN_OUT, FREE, ["seat_signed_out"]),
        ("2", SeatDeed.BREAK, SeatNow("paused", "107"), ["seat_break"]),
        ("3", SeatDeed.READY, READY, ["seat_ready"]),
        ("3", SeatDeed.READY, SeatNow("held", "107"), ["seat_held"]),
        ("2", SeatDeed.BREAK, FREE, ["seat_nobody"]),
        ("3", SeatDeed.READY, FREE, ["seat_nobody"]),
    ],
)
def test_each_key_is_one_deed_and_its_outcome_is_told(
    key: str, deed: SeatDeed, then: SeatNow, heard: list[str]
) -> None:
    steps = talk(READY, Keyed(key), then)
    assert steps[2].verbs == (AskSeat("seat05", deed),)
    assert said(steps[3]) == heard
    assert steps[3].verbs[-1] == BYE


def test_nobody_signs_in_where_somebody_is() -> None:
    asked = [verb.deed for step in talk(READY, Keyed("9"), Keyed("107"), NoKey()) for verb in step.verbs if isinstance(verb, AskSeat)]  # fmt: skip
    assert SeatDeed.SIGN_IN not in asked


@pytest.mark.parametrize("before", [[], [FREE], [FREE, Keyed("107")], [FREE, Keyed("107"), Keyed(PIN)], [READY]])
def test_hanging_up_anywhere(before: list[Reply]) -> None:
    assert talk(*before, HungUp())[-1].verbs == (BYE,)


@pytest.mark.parametrize("language", line_data.LANGUAGES)
def test_every_prompt_exists(language: str) -> None:
    signing_in: list[Reply] = [FREE, Keyed("107"), Keyed(PIN)]
    steps = talk(FREE, NoKey(), Keyed("**"), NoKey(), language=language)
    for last in (READY, SeatNow("?"), SeatRefused("taken"), SeatRefused("wrong"), SeatRefused("elsewhere", "seat99"),
                 SeatRefused("wait", seconds=10**9), DeskUnavailable()):  # fmt: skip
        steps += talk(*signing_in, last, language=language)
    for state in ("ready", "paused", "held", "wrap_up"):
        for key in "1239":
            steps += talk(SeatNow(state, "107"), Keyed(key), SeatNow(state), language=language)
    steps += talk(READY, Keyed("1"), FREE, language=language) + talk(READY, Keyed("3"), FREE, language=language)
    assert line_data.catalogue().missing(name for step in steps for name in said(step)) == ()
