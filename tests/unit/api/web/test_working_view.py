"""Agents' time in the report: by name, all of them last, and nothing where nobody signs in."""

from __future__ import annotations

from typing import Any

from api.reports.counts import AgentTime
from api.reports.schemas import AgentFigures, FiguresView, WorkFigures
from api.web.texts import texts
from api.web.working_view import working_rows


def figures(**times: AgentTime) -> FiguresView:
    work = WorkFigures.of(sum(times.values(), AgentTime())) if times else None
    agents = [
        AgentFigures.model_validate({"agent": name, **WorkFigures.of(t).model_dump()}) for name, t in times.items()
    ]
    told: dict[str, Any] = {"work": work, "agents": agents}
    return FiguresView.model_construct(**told)


def test_each_agent_by_name_and_all_of_them_last() -> None:
    told = figures(operator02=AgentTime(7200, 3600, 1200), operator01=AgentTime(3600, 0, 3600))
    rows = working_rows(told, {"operator01": "سارا", "operator02": "امید"}, texts("fa"))
    assert [(row.name, row.signed_in, row.paused, row.occupancy) for row in rows] == [
        ("امید", "۲:۰۰:۰۰", "۴۰:۰۰", "۷۵٫۰٪"),
        ("سارا", "۱:۰۰:۰۰", "۰:۰۰", "۰٫۰٪"),
        ("همه", "۳:۰۰:۰۰", "۴۰:۰۰", "۴۲٫۹٪"),
    ]


def test_a_former_agent_is_told_by_account() -> None:
    assert working_rows(figures(gone=AgentTime(60, 30, 30)), {}, texts("en"))[0].name == "gone"


def test_where_nobody_signs_in_there_is_no_table() -> None:
    assert working_rows(figures(), {}, texts("fa")) == []


def test_who_was_only_on_a_break_has_no_occupancy() -> None:
    assert working_rows(figures(a=AgentTime(60)), {}, texts("fa"))[0].occupancy == "–"
