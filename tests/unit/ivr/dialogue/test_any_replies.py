"""Any replies in any order: every dialogue ends soon, says only what can be said, and decides what the dialplan knows.

Honest replies are of the kind that the last verb asked for, with any content a phone or a desk could bring; then each
conversation must end within its bound. Foolish ones are of any kind at all; then no step may break the rules of a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agi_scripts.conversation import STEPS_LIMIT
from ivr.dialogue.callback import Callback
from ivr.dialogue.case_status import CaseStatus
from ivr.dialogue.reception import Reception
from ivr.dialogue.replies import (
    Advice,
    CaseFound,
    CaseNotFound,
    DeskUnavailable,
    HungUp,
    Keyed,
    NoKey,
    SeatNow,
    SeatRefused,
)
from ivr.dialogue.seat_desk import SeatDesk
from ivr.dialogue.survey import Survey
from ivr.dialogue.verbs import (
    AskAdvice,
    AskSeat,
    Gather,
    Leave,
    LookUpCase,
    Mark,
    PlayMessage,
    Remember,
    Say,
    Speak,
    Step,
)
from ivr.dialogue.voice_message import VoiceMessage
from ivr.kernel.milestones import Goto, decode, encode
from ivr.kernel.phone_number import parse_caller
from ivr.kernel.tracking_code import TrackingCode
from ivr.menu.tree import KEYS
from ivr.menu.validation import KINDS, PHASES
from tests.effort import explore, tried
from tests.fakes import line_data

TREE = line_data.tree()
CATALOGUE = line_data.catalogue()
CODES = [TrackingCode.from_number(number) for number in (0, 1, 12345678, 99999999)]


@dataclass(frozen=True)
class Kind:
    """One dialogue: how it may be begun, where it may lead, and within how many steps."""

    begin: st.SearchStrategy[Any]
    leads_to: frozenset[Goto]
    steps: int


TEXT = st.one_of(
    st.text(max_size=30), st.sampled_from(["", "main", "arrival:main", "after_hours:main", ":", "main:main"])
)
CALLERS = st.one_of(st.sampled_from(["09121234567", "02188901234", "+14155550123", "1420", "", "anonymous"]), TEXT)
DIALOGUES: dict[str, Kind] = {
    "reception": Kind(
        st.builds(Reception, st.just(TREE), open_queues=st.frozensets(st.sampled_from(sorted(line_data.QUEUES))),
                  phase=st.one_of(st.sampled_from(PHASES), TEXT), language=st.sampled_from(["fa", "en", "", "xx"]),
                  node=TEXT),
        frozenset({Goto.QUEUE, Goto.VOICE_MESSAGE, Goto.CALLBACK, Goto.CASE_STATUS, Goto.GOODBYE}), 60),
    "voice_message": Kind(
        st.builds(VoiceMessage, phase=st.sampled_from(["prepare", "review", "", "x"]), message=st.just("m-" + "1" * 32),
                  code=st.sampled_from(CODES), kind=st.one_of(st.sampled_from(KINDS), TEXT),
                  status=st.sampled_from(["", "DTMF", "SILENCE", "HANGUP", "ERROR", "x"]), has_room=st.booleans()),
        frozenset({Goto.RECORD, Goto.CALLBACK, Goto.GOODBYE}), 15),
    "survey": Kind(st.builds(Survey), frozenset({Goto.GOODBYE}), 4),
    "case_status": Kind(
        st.builds(CaseStatus, is_open=st.booleans(), language=st.sampled_from(["fa", "en"])),
        frozenset({Goto.QUEUE, Goto.RECEPTION, Goto.CALLBACK, Goto.VOICE_MESSAGE, Goto.GOODBYE}), 60),
    "callback": Kind(
        st.builds(Callback, caller=CALLERS.map(parse_caller), code=st.sampled_from(CODES),
                  queue=st.sampled_from(["", *sorted(line_data.QUEUES)]), phase=st.sampled_from([*PHASES, "waiting", ""])),
        frozenset({Goto.QUEUE, Goto.GOODBYE}), 40),
    "seat_desk": Kind(
        st.builds(SeatDesk, seat=st.sampled_from(["seat01", "seat16"]), language=st.sampled_from(["fa", "en"])),
        frozenset({Goto.GOODBYE}), 20),
}  # fmt: skip

INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
FOUND = st.builds(CaseFound, state=st.one_of(st.sampled_from(["open", "in_work", "answered", "closed"]), st.text(max_size=9)),
                  opened_at=INSTANTS, due_at=INSTANTS)  # fmt: skip
LOOKED_UP = st.one_of(FOUND, st.builds(CaseNotFound), st.builds(DeskUnavailable))
ADVISED = st.one_of(
    st.builds(Advice, estimate_seconds=st.none() | st.floats(0, 1e6), basis=st.sampled_from(["", "recent", "setting"]),
              wait_limit_seconds=st.integers(1, 86_400)),
    st.builds(DeskUnavailable),
)  # fmt: skip
SEAT_WORDS = st.one_of(st.sampled_from(["free", "ready", "paused", "held", "wrap_up"]), st.text(max_size=9))
SEAT_TOLD = st.one_of(
    st.builds(SeatNow, state=SEAT_WORDS, number=st.one_of(st.just("107"), st.text(max_size=9))),
    st.builds(SeatRefused, why=st.one_of(st.sampled_from(["wrong", "taken", "elsewhere", "wait"]), st.text(max_size=9)),
              seat=st.one_of(st.just("seat07"), st.text(max_size=9)), seconds=st.integers(-(10**9), 10**12)),
    st.builds(DeskUnavailable),
)  # fmt: skip
NUMBERS = ["09121234567", "02188901234", "00000000000", *CODES, "123456789"]


def keys(most: int) -> st.SearchStrategy[Any]:
    """What `Gather` may bring: keys, or none."""
    pressed = st.text(st.sampled_from(KEYS), min_size=1, max_size=most).map(Keyed)
    whole = st.sampled_from([number for number in NUMBERS if len(number) <= most] or ["1"]).map(Keyed)
    return st.one_of(st.just(NoKey()), pressed, whole)


def check(name: str, kind: Kind, step: Step[Any]) -> Leave | None:
    """A step is legal, or this says why not. Gives the `Leave` it ends in, if it does."""
    *before, last = step.verbs
    assert isinstance(last, Gather | LookUpCase | AskAdvice | AskSeat | Leave), (
        f"{name} would leave the caller in silence after {last}"
    )
    assert not any(isinstance(verb, Gather | LookUpCase | AskSeat | Leave) for verb in before)
    spoken = [prompt for verb in step.verbs if isinstance(verb, Say | Gather) for prompt in verb.prompts]
    assert CATALOGUE.missing(spoken) == ()
    for verb in step.verbs:
        match verb:
            case Mark(_, fields):
                assert decode(encode(fields)) == {key: str(value) for key, value in fields.items()}
            case Gather(_, digits, finish, first, between):
                assert 1 <= digits <= 20
                assert finish in ("", "#")
                assert 0 < first <= 15
                assert 0 < between <= 15
            case Speak(language):
                assert language in line_data.LANGUAGES
            case Remember(node):
                entry, _, menu = node.partition(":")
                assert entry in TREE.entries
                assert TREE.menu(menu)
            case PlayMessage():
                assert name == "voice_message"
            case _:
                pass
    if not isinstance(last, Leave):
        return None
    assert last.goto in kind.leads_to
    assert last.queue in line_data.QUEUES if last.goto in {Goto.QUEUE, Goto.CALLBACK} else True
    assert last.kind in KINDS if last.goto in {Goto.RECORD, Goto.VOICE_MESSAGE} else True
    return last


def talk(name: str, draw: Callable[[Any], Any]) -> None:
    """One conversation with honest replies, to its end. A caller who hangs up is told goodbye to, and nothing more."""
    kind = DIALOGUES[name]
    dialogue = draw(kind.begin)
    step = dialogue.start()
    for _ in range(kind.steps):
        if check(name, kind, step):
            return
        last = step.verbs[-1]
        assert dialogue.advance(step.state, HungUp()).verbs[-1] == Leave(Goto.GOODBYE)
        told = {LookUpCase: LOOKED_UP, AskAdvice: ADVISED, AskSeat: SEAT_TOLD}.get(type(last))
        reply = draw(keys(last.digits) if told is None else told)
        step = dialogue.advance(step.state, reply)
        keyed = reply.digits if isinstance(reply, Keyed) and len(reply.digits) > 9 else None
        marks = [str(verb.fields) for verb in step.verbs if isinstance(verb, Mark)]
        assert not keyed or keyed not in "".join(marks), "a keyed number stands in the ledger"
    raise AssertionError(f"{name} goes on after {kind.steps} steps at {step.state}")


@tried(quick=500, thorough=50_000)
def test_every_conversation_ends_soon_and_legally(examples: int) -> None:
    @given(st.sampled_from(sorted(DIALOGUES)), st.data())
    def holds(name: str, data: st.DataObject) -> None:
        talk(name, data.draw)

    assert max(kind.steps for kind in DIALOGUES.values()) < STEPS_LIMIT
    explore(examples, holds)


FOOLISH = st.one_of(keys(3), LOOKED_UP, ADVISED, SEAT_TOLD, st.just(Keyed("")), st.text(max_size=20).map(Keyed), st.none(), st.integers(),
                    st.just(HungUp()), st.just(b"x"))  # fmt: skip


@tried(quick=300, thorough=30_000)
def test_foolish_replies_break_no_step(examples: int) -> None:
    @given(st.sampled_from(sorted(DIALOGUES)), st.data())
    def holds(name: str, data: st.DataObject) -> None:
        kind = DIALOGUES[name]
        dialogue = data.draw(kind.begin)
        step = dialogue.start()
        for reply in data.draw(st.lists(FOOLISH, max_size=25)):
            if check(name, kind, step) and not isinstance(reply, HungUp):
                return
            step = dialogue.advance(step.state, reply)
            assert step.verbs

    explore(examples, holds)
