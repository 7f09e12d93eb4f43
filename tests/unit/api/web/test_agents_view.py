"""Agents as their pages tell them."""

from __future__ import annotations

from datetime import UTC, datetime

from api.agents.schemas import AgentCard, AtSeatNow
from api.agents.trail import Deed
from api.duty.schemas import SkillNow
from api.web.agents_view import chosen_levels, deeds_view, row_of, typed_levels
from api.web.texts import texts
from routing.queues import QUEUES

T0 = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
FA = texts("fa")


def a_card(**changed: object) -> AgentCard:
    known = {"agent": "operator03", "name_fa": "سارا", "name_en": "Sara", "number": "103", "pin_set": True, "skills": [], "usual_seat": None, "on_duty": None}  # fmt: skip
    return AgentCard.model_validate(known | changed)


def test_an_agent_of_all_queues_is_told_in_one_word() -> None:
    row = row_of(a_card(), QUEUES, FA)
    assert (row.name, row.number, row.alike, len(row.serves)) == ("سارا", "۱۰۳", True, 4)
    assert (row.seat, row.since, row.usual_seat) == ("", None, "")


def test_skills_are_told_in_the_order_of_the_line_with_words_for_levels() -> None:
    skills = [SkillNow(queue="pensions", level=2), SkillNow(queue="general", level=1)]
    row = row_of(a_card(skills=skills, usual_seat="seat07", on_duty=AtSeatNow(seat="seat11", since=T0)), QUEUES, FA)
    assert [(one.queue, one.level) for one in row.serves] == [("عمومی", "اصلی"), ("مستمری و بازنشستگی", "کمکی")]
    assert (row.usual_seat, row.seat, row.since) == ("۷", "۱۱", T0)


def test_the_form_shows_what_is_and_again_what_was_typed() -> None:
    card = a_card(skills=[SkillNow(queue="insurance", level=3)])
    assert chosen_levels(card, QUEUES, None) == {"general": "0", "insurance": "3", "pensions": "0", "treatment": "0"}
    assert chosen_levels(card, QUEUES, {"level-general": "2"})["general"] == "2"
    assert set(chosen_levels(a_card(), QUEUES, None).values()) == {"1"}


def test_a_level_that_is_none_is_left_to_the_use_case_to_refuse() -> None:
    assert typed_levels({"level-general": "1", "level-insurance": "0", "level-x": "1"}, QUEUES) == {"general": 1}
    assert typed_levels({"level-general": "²"}, QUEUES) == {"general": -1}


def test_changes_are_told_before_and_after_and_of_a_pin_no_digit() -> None:
    deeds = [
        Deed(T0, "sara", "skills_changed", {"general": 1}, {"general": 2, "pensions": 3}),
        Deed(T0, "sara", "number_changed", None, "103"),
        Deed(T0, "operator03", "pin_changed", "none", "set"),
        Deed(T0, "operator03", "pin_refused", None, None),
    ]
    told = [(one["by"], one["before"], one["after"]) for one in deeds_view(deeds, {"sara": "سارا"}, FA)]
    assert told == [
        ("سارا", "عمومی: اصلی", "عمومی: کمکی، مستمری و بازنشستگی: ذخیره"),
        ("سارا", "–", "۱۰۳"),
        ("operator03", "بدون رمز", "دارای رمز"),
        ("operator03", "–", "–"),
    ]
