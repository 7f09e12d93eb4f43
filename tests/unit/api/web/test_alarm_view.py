"""Alarms and their limits in words, and what people type into the form of limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.alarms.rules import first_rule, places
from api.alarms.schemas import AlarmView, RuleView
from api.web.alarm_rules_view import read_number, rule_fields, rules_typed
from api.web.alarm_view import alarm_shown, counts_of, unwatched_note
from api.web.texts import texts
from routing.alarms import UNIT, AlarmKind, Rule

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
RULES = [RuleView.of(first_rule(*place)) for place in places()]


def an_alarm(kind: AlarmKind = AlarmKind.LONGEST_WAIT, **changed: Any) -> AlarmView:
    told: dict[str, Any] = {
        "id": 7, "kind": kind, "unit": UNIT[kind], "queue": "insurance", "seat": None, "threshold": 120, "value": 121, "worst": 190,
        "began_at": NOON, "ended_at": None, "owner": None, "acknowledged_at": None, "seconds_to_acknowledge": None,
    }  # fmt: skip
    return AlarmView.model_validate(told | changed)


def shown(alarm: AlarmView, language: str = "fa") -> Any:
    return alarm_shown(alarm, {"supervisor": "مریم احمدی"}, NOON + timedelta(seconds=65), texts(language))


@pytest.mark.parametrize(
    ("alarm", "told"),
    [
        (an_alarm(), ("انتظار طولانی", "صف بیمه و حق بیمه", "بیش از ۲:۰۰", "۳:۱۰")),
        (an_alarm(AlarmKind.WAITING, threshold=5, worst=9), ("منتظران زیاد", "صف بیمه و حق بیمه", "بیش از ۵ نفر", "۹")),
        (
            an_alarm(AlarmKind.SERVICE_LEVEL, threshold=0.7, worst=0.655),
            ("سطح خدمت پایین", "صف بیمه و حق بیمه", "کمتر از ۷۰٫۰٪", "۶۵٫۵٪"),
        ),
        (an_alarm(AlarmKind.NOBODY_HERE, threshold=0), ("صف باز بدون اپراتور", "صف بیمه و حق بیمه", "", "–")),
        (
            an_alarm(AlarmKind.OVERDUE_PAUSE, queue=None, seat="seat11", threshold=60, worst=75),
            ("توقف بیش از زمان مجاز", "جایگاه ۱۱", "بیش از ۱:۰۰", "۱:۱۵"),
        ),
        (
            an_alarm(AlarmKind.STALE, queue=None, threshold=10, worst=44),
            ("دادهٔ تابلو کهنه است", "", "بیش از ۰:۱۰", "۰:۴۴"),
        ),
    ],
)
def test_an_alarm_says_what_where_and_beyond_which_limit(alarm: AlarmView, told: tuple[str, ...]) -> None:
    one = shown(alarm)
    assert (one.kind, one.place, one.limit, one.worst) == told


def test_an_alarm_that_stands_runs_until_now_and_one_that_is_over_has_lasted() -> None:
    assert shown(an_alarm()).lasted == "۱:۰۵"
    assert shown(an_alarm(ended_at=NOON + timedelta(seconds=30))).lasted == "۰:۳۰"


def test_who_took_it_is_told_by_name_and_after_how_long() -> None:
    taken = shown(an_alarm(owner="person:supervisor", acknowledged_at=NOON, seconds_to_acknowledge=42.0))
    assert (taken.taken, taken.owner, taken.taken_after) == (True, "مریم احمدی", "۰:۴۲")
    assert shown(an_alarm(owner="person:gone", seconds_to_acknowledge=1.0)).owner == "gone"


def test_how_many_stand_and_how_many_of_them_nobody_has_taken() -> None:
    two = [shown(an_alarm()), shown(an_alarm(owner="person:supervisor"))]
    assert counts_of(two, texts("en")) == "2 standing, 1 not taken"


def test_an_empty_list_that_nobody_fills_says_so() -> None:
    assert "12:00:00" in unwatched_note(NOON, texts("en"))
    assert "never" in unwatched_note(None, texts("en"))


def test_a_share_is_written_in_percent_and_read_back_as_it_was() -> None:
    fields = {field.key: field for field in rule_fields(RULES, None, texts("fa"))}
    assert fields["service_level-pensions"].threshold == "۷۰"
    assert fields["nobody_here-general"].unit == ""
    form: dict[str, str] = {}
    for field in fields.values():
        form |= {f"threshold-{field.key}": field.threshold, f"after-{field.key}": field.after} | (
            {f"on-{field.key}": "on"} if field.on else {}
        )
    typed = rules_typed(RULES, form)
    assert [(t.kind, t.queue, t.threshold, t.after_seconds, t.on) for t in typed] == [
        (r.kind, r.queue or "", r.threshold, r.after_seconds, r.on) for r in RULES
    ]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(("threshold", "after"), [(3600.0, 1800), (86_400.0, 3600), (120.0, 2.5), (99.25, 0.125)])
def test_a_form_that_is_sent_back_untouched_changes_nothing(language: str, threshold: float, after: float) -> None:
    rule = Rule(AlarmKind.LONGEST_WAIT, "insurance", threshold, timedelta(seconds=after))
    share = Rule(AlarmKind.SERVICE_LEVEL, "insurance", 0.7025, timedelta(seconds=after))
    known = [RuleView.of(rule), RuleView.of(share)]
    form: dict[str, str] = {}
    for field in rule_fields(known, None, texts(language)):
        form |= {f"threshold-{field.key}": field.threshold, f"after-{field.key}": field.after, f"on-{field.key}": "on"}
    typed = rules_typed(known, form)
    assert [(t.threshold, t.after_seconds) for t in typed] == [(threshold, after), (0.7025, after)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("۱۲۰", 120),
        (" 72.5 ", 72.5),
        ("۷۲٫۵٪", 72.5),
        ("۱٬۲۰۰", 1200),
        ("3,600", 3600),
        ("86,400.5", 86400.5),
        ("2,5", None),
        ("36,00", None),
        ("", None),
        ("two", None),
        ("9" * 13, None),
        ("1e3", 1000),
    ],
)
def test_numbers_are_read_in_any_digits(text: str, number: float | None) -> None:
    assert read_number(text) == number


def test_a_form_without_its_fields_asks_for_nothing() -> None:
    assert rules_typed(RULES, {"csrf": "x"}) == []


def test_every_kind_of_alarm_has_its_word() -> None:
    for language in ("fa", "en"):
        assert set(AlarmKind) <= texts(language).family("alarm_kind").keys()
