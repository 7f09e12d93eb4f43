"""Callers who come at moments of their own, lose patience, and hear when an operator has answered."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.crowd import Crowd, HangUp, Patience, Press, PressUntilEnd, Wait
from asterisk_conf.robots.crowd_script import written
from asterisk_conf.robots.ear import Ear, Growing

STEPS = (Wait(1, 3), Press(("12", "34")), Patience(9, 20), HangUp())
TALK = (PressUntilEnd(("4", "5"), times=2),)


def row(who: str, said: str, *more: str) -> str:
    return "\t".join([who, "2026-11-22", "02:01:15.131130", "1795312875.131130", said, *more]) + "\n"


def parts(script: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(script))


def column_waits(folder: Path, steps: Sequence[Wait | Patience], count: int) -> list[float]:
    crowd = Crowd(folder, "some", "127.0.0.1:9", steps, seed=3)
    drawn = [crowd.row(n, f"{n:011d}", None) for n in range(count)]
    return [int(text.split(";")[1]) / 1000 for text in drawn]


def test_who_comes_at_a_moment_waits_for_it_before_dialling(tmp_path: Path) -> None:
    script = parts(written(STEPS, dialled="1420", at_moments=True))
    kinds = [part.tag for part in script]
    assert kinds.index("pause") < kinds.index("send")
    assert next(part for part in script if part.tag == "pause").get("variable") == "w1"
    crowd = Crowd(tmp_path, "some", "127.0.0.1:9", STEPS, rate=10)
    told = [crowd.row(n, "0", [1.0, 2.0, 0.1]).split(";")[1] for n in range(3)]
    assert told == ["1000", "1900", "1"], "less the tenth that each is made later than the one before"


def test_what_is_drawn_for_a_talk_stands_behind_all_other_columns(tmp_path: Path) -> None:
    script = written(STEPS, dialled="1420", with_operator=TALK, at_moments=True)
    assert [f"Signal=[field{n}]" in script for n in (2, 3, 4, 5, 6)] == [False, True, True, False, True]
    crowd = Crowd(tmp_path, "some", "127.0.0.1:9", STEPS, with_operator=TALK)
    columns = crowd.row(0, "0", [5.0]).rstrip(";\n").split(";")
    assert len(columns) == 7
    assert columns[6] in {"4", "5"}


def test_who_hears_an_operator_goes_on_with_the_talk_and_then_hangs_up() -> None:
    script = parts(written(STEPS, dialled="1420", with_operator=TALK))
    heard = next(part for part in script if part.get("request") == "NOTIFY")
    label = next(n for n, part in enumerate(script) if part.tag == "label" and part.get("id") == heard.get("next"))
    end = next(part for part in script[label:] if part.tag == "nop" and part.get("next"))
    goes = next(n for n, part in enumerate(script) if part.tag == "label" and part.get("id") == end.get("next"))
    assert "bye caller" in ElementTree.tostring(script[goes + 1], "unicode")
    assert not any(part.get("request") == "NOTIFY" for part in parts(written(STEPS, dialled="1420")))


def test_patience_is_exponential_and_ends(tmp_path: Path) -> None:
    waits = column_waits(tmp_path, [Patience(9, 20)], 4000)
    assert max(waits) == 20
    assert 0.08 < sum(wait == 20 for wait in waits) / len(waits) < 0.14, "e^(−20/9) is 0.108"
    assert 0.6 < sum(wait < 9 for wait in waits) / len(waits) < 0.66, "1 − 1/e is 0.632"


def test_talks_have_the_lengths_that_were_given(tmp_path: Path) -> None:
    crew = Crew(tmp_path, "127.0.0.1:9", {"seat01": "x"}, lengths=[2.5, 7.0])
    assert [*crew.milliseconds()] == [2500, 7000]
    drawn = [*Crew(tmp_path, "127.0.0.1:9", {"seat01": "x"}, talk_seconds=(3, 4)).milliseconds()]
    assert len(drawn) > 100
    assert all(3000 <= length <= 4000 for length in drawn)


def test_the_caller_who_was_answered_is_told_in_their_own_call(tmp_path: Path) -> None:
    crowd, crew_log = Crowd(tmp_path, "some", "127.0.0.1:9", STEPS, with_operator=TALK), tmp_path / "crew.events.log"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", crowd.port))
        phone.settimeout(30)
        to = "To: <sip:1420@127.0.0.1:5060>;tag=exchange"
        crowd.log.write_text(
            row("0911", "dialled") + row("0911", "answered", "1-77@127.0.0.1", to) + row("0912", "answered", "2-77", to)
        )
        with Ear(crew_log, [crowd]) as ear:
            crew_log.write_text(row("leg-1\t0911", "answered"))
            told = phone.recv(2000).decode()
            with crew_log.open("a") as more:
                more.write(row("leg-1\t0911", "bye agent") + row("leg-2\t0999", "answered"))
        assert told.startswith("NOTIFY ")
        assert "Call-ID: 1-77@127.0.0.1\r\n" in told
        assert f"{to}\r\n" in told
        assert ear.told == 1


def test_half_a_line_of_a_growing_log_waits_for_its_rest(tmp_path: Path) -> None:
    log = Growing(tmp_path / "log")
    assert [*log.lines()] == []
    (tmp_path / "log").write_text("a\tb\nc")
    assert [*log.lines()] == [["a", "b"]]
    (tmp_path / "log").write_text("a\tb\nc\td\n")
    assert [*log.lines()] == [["c", "d"]]
