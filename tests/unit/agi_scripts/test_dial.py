"""A call in the terminal goes through the same doors as a real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agi_scripts.dial import dial, main, read_catalogue
from agi_scripts.settings import DoorSettings
from agi_scripts.terminal_phone import TerminalPhone
from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather


def keyboard(*lines: str) -> Iterator[str]:
    yield from lines


async def call(folder: Path, *lines: str, caller: str = "09121234567", clock_open: str = "always") -> str:
    typed = keyboard(*lines)
    shown: list[str] = []

    def read(question: str) -> str:
        line = next(typed, None)
        if line is None:
            raise EOFError
        return line

    settings = DoorSettings(var=folder, clock_open=clock_open)  # type: ignore[arg-type]
    await dial(settings, caller, read, shown.append)
    return "\n".join(shown)


async def test_insurance_an_operator_and_a_score(tmp_path: Path) -> None:
    shown = await call(tmp_path, "11", "a", "4")
    assert "welcome" in shown
    assert "= Welcome to line fourteen twenty." in shown
    assert "waiting in queue 'insurance'" in shown
    assert "score value=4" in shown
    assert shown.endswith("-- the call has ended")


async def test_a_voice_message_is_redone_heard_and_kept(tmp_path: Path) -> None:
    shown = await call(tmp_path, "2", "1", "", "3", "", "2", "1")
    assert "state=redone" in shown
    assert "your message" in shown
    assert "state=kept" in shown
    assert len(list((tmp_path / "spool" / "messages").glob("m-*.wav"))) == 1


async def test_a_hangup_in_mid_message_keeps_it(tmp_path: Path) -> None:
    shown = await call(tmp_path, "2", "2", "h")
    assert "what was said is kept" in shown
    assert list((tmp_path / "spool" / "messages").glob("*.part.wav"))


async def test_nobody_answers_and_the_caller_asks_for_a_call_back(tmp_path: Path) -> None:
    shown = await call(tmp_path, "0", "n", "2", "1")
    assert "sorry_no_agents" in shown
    assert "callback code=" in shown
    assert "09121234567" not in shown


async def test_waiting_keys_lead_out_of_the_queue(tmp_path: Path) -> None:
    assert "when=keep_place" in await call(tmp_path, "1", "2", "?", "1", "1")
    assert "message_after_beep" in await call(tmp_path, "0", "2", "h")


async def test_case_status_without_a_desk_leads_to_an_operator(tmp_path: Path) -> None:
    shown = await call(tmp_path, "3", "000000000", "h")
    assert "desk_unavailable" in shown
    assert "waiting in queue 'general'" in shown


async def test_closed_and_in_english(tmp_path: Path) -> None:
    shown = await call(tmp_path, "8", "h", clock_open="never")
    assert "closed_now" in shown
    assert "We are closed now." in shown
    assert "To be called when we are open, press two." in shown
    assert "the caller has hung up" in shown


async def test_end_of_input_is_a_hangup(tmp_path: Path) -> None:
    assert (await call(tmp_path)).endswith("-- the caller has hung up\n-- the call has ended")


async def test_keys_typed_ahead_are_pressed_one_after_the_other() -> None:
    typed = keyboard("x", "12345#9", "t")
    phone = TerminalPhone(read_catalogue(), lambda question: next(typed), lambda line: None)
    assert await phone.gather(Gather((), digits=9, finish="#")) == Keyed("12345")
    assert await phone.gather(Gather(())) == Keyed("9")
    assert await phone.gather(Gather(())) == NoKey()


async def test_after_a_hangup_nothing_is_said() -> None:
    shown: list[str] = []
    phone = TerminalPhone(read_catalogue(), lambda question: "h", shown.append)
    assert await phone.gather(Gather(("welcome",))) == HungUp()
    shown.clear()
    assert await phone.say(("goodbye",)) == HungUp()
    assert shown == []


def test_a_wrong_option_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--open", "sometimes"])
    assert "invalid choice" in capsys.readouterr().err
