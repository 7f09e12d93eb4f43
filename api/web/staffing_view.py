"""A day's staffing as the page shows it: figures, sentences, rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.staffing.forecast import Basis
from api.staffing.half_hours import LENGTH
from api.staffing.schemas import ErrorView, HalfHour, NeedView, StaffingDay
from api.web import shown
from api.web.figure_row import Figure
from api.web.texts import Texts
from ivr.kernel.jalali import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above everything else; `act` is for now, `look` for a glance."""

    tone: str
    title: str
    text: str


def staffing_view(day: StaffingDay, now: datetime, say: Texts) -> dict[str, Any]:
    """What the template needs beside the charts."""
    return {
        "figures": _figures(day, say),
        "notices": _notices(day, say),
        "rows": [_row(row, day, now, say) for row in day.half_hours],
        "has_actual": day.when != "ahead",
        "has_plan": any(row.planned is not None for row in day.half_hours),
        "basis": _basis(day, say),
        "assumptions": _assumptions(day, say),
        "seats": shown.number(day.seats, say.language),
        "calls_sentence": _calls_sentence(day, say),
        "operators_sentence": _operators_sentence(day, say),
    }


def busiest(day: StaffingDay) -> HalfHour | None:
    """The half hour that needs most operators, by Erlang C and then by load."""
    needing = [row for row in day.half_hours if row.erlang_c]
    return max(needing, key=lambda row: (_most(row.erlang_c), row.load_erlang or 0), default=None)


def _figures(day: StaffingDay, say: Texts) -> list[Figure]:
    language, top = say.language, busiest(day)
    figures = [
        Figure("forecast", say("staffing.forecast_calls"), shown.number(day.forecast.calls, language), _came(day, say))
    ]
    if top and top.erlang_c and top.erlang_a:
        at = shown.clock(top.starts_at, language)
        for name, need in (("erlang_c", top.erlang_c), ("erlang_a", top.erlang_a)):
            plan = say("staffing.in_plan", count=shown.number(need.scheduled, language))
            note = say("staffing.peak_note", time=at, plan=plan)
            tone = "plain" if not need.exceeds_seats else "act" if name == "erlang_a" else "look"
            figures.append(
                Figure(name, say(f"staffing.peak_{name}"), shown.number(need.operators, language), note, tone)
            )
    else:
        figures += [Figure(name, say(f"staffing.peak_{name}"), shown.UNKNOWN) for name in ("erlang_c", "erlang_a")]
    over = sum(_over(row.erlang_c) for row in day.half_hours)
    seats = say("staffing.over_note", seats=shown.number(day.seats, language))
    tone = "act" if any(_over(row.erlang_a) for row in day.half_hours) else "look" if over else "plain"
    figures.append(Figure("over", say("staffing.over"), shown.number(over if top else None, language), seats, tone))
    for name, error in (("error_day", day.error_of_day), ("error_28", day.error_of_28_days)):
        figures.append(
            Figure(name, say(f"staffing.{name}"), shown.percent(error.wape, language), _bias(error, name, day, say))
        )
    return figures


def _came(day: StaffingDay, say: Texts) -> str:
    if day.actual_calls is None:
        return ""
    key = "staffing.came" if day.when == "past" else "staffing.came_so_far"
    return say(key, count=shown.number(day.actual_calls, say.language))


def _bias(error: ErrorView, name: str, day: StaffingDay, say: Texts) -> str:
    if error.bias is None:
        return say("staffing.error_later") if name == "error_day" and day.when != "past" else say("staffing.error_none")
    amount = shown.percent(abs(error.bias), say.language)
    if round(abs(error.bias), 3) == 0:
        return say("staffing.bias_none")
    return say("staffing.bias_over" if error.bias > 0 else "staffing.bias_under", amount=amount)


def _notices(day: StaffingDay, say: Texts) -> list[Notice]:
    if not day.open:
        reason = say("staffing.closed_holiday", name=day.holiday) if day.holiday else say("staffing.closed_plain")
        return [Notice("plain", say("staffing.closed_queue" if day.queue else "staffing.closed"), reason)]
    notices: list[Notice] = []
    if (over := _over_seats(day, say)) is not None:
        notices.append(over)
    if day.forecast.basis is Basis.NOTHING:
        notices.append(Notice("look", say("staffing.no_history"), say("staffing.no_history_text")))
    elif not any(row.erlang_c for row in day.half_hours):
        notices.append(Notice("look", say("staffing.no_handling"), say("staffing.no_handling_text")))
    elif not day.forecast.enough:
        count = shown.number(len(day.forecast.days), say.language)
        notices.append(Notice("look", say("staffing.few_days", count=count), say("staffing.few_days_text")))
    return notices


def _over_seats(day: StaffingDay, say: Texts) -> Notice | None:
    """That the need passes the seats, when, by how much, and what the seats would give then."""
    over, top = [row for row in day.half_hours if _over(row.erlang_c)], busiest(day)
    if not over or top is None or top.erlang_c is None or top.erlang_a is None or top.all_seats is None:
        return None
    language = say.language
    both = any(_over(row.erlang_a) for row in over)
    text = say(
        "staffing.over_text",
        spans=_spans(over, say),
        time=shown.clock(top.starts_at, language),
        need_c=shown.number(top.erlang_c.operators, language),
        need_a=shown.number(top.erlang_a.operators, language),
        seats=shown.number(day.seats, language),
        level_a=shown.percent(top.all_seats.service_level_a, language),
        level_c=shown.percent(top.all_seats.service_level_c, language),
        seconds=shown.number(day.target.threshold_seconds, language),
        target=_hundredths(day.target.service_level, language),
        abandons=shown.percent(top.all_seats.abandons_a, language),
    )
    return Notice("act" if both else "look", say("staffing.over_title" if both else "staffing.over_title_c"), text)


def _spans(rows: Sequence[HalfHour], say: Texts) -> str:
    """«۱۰:۰۰ تا ۱۲:۳۰، ۱۷:۰۰ تا ۱۷:۳۰»: half hours that touch are one span."""
    spans: list[list[datetime]] = []
    for row in rows:
        if spans and spans[-1][1] == row.starts_at:
            spans[-1][1] = row.starts_at + LENGTH
        else:
            spans.append([row.starts_at, row.starts_at + LENGTH])
    written = [
        say("staffing.span", start=shown.clock(start, say.language), end=shown.clock(end, say.language))
        for start, end in spans
    ]
    return say("staffing.and").join(written)


def _row(row: HalfHour, day: StaffingDay, now: datetime, say: Texts) -> dict[str, Any]:
    language = say.language
    short = _over(row.erlang_c) and row.all_seats
    return {
        "time": shown.clock(row.starts_at, language),
        "current": row.starts_at <= now < row.starts_at + LENGTH,
        "outside": not row.open,
        "tone": "act" if _over(row.erlang_a) else "look" if _over(row.erlang_c) else "plain",
        "forecast": shown.number(row.forecast_calls, language, 0 if (row.forecast_calls or 0) >= 10 else 1),
        "actual": shown.number(row.actual_calls, language),
        "handling": shown.span(row.handling_seconds, language),
        "planned": shown.number(row.planned, language),
        "planned_tone": _planned_tone(row, day),
        "needs": [_shown_need(need, language) for need in (row.erlang_c, row.erlang_a)],
        "level_a": shown.percent(row.all_seats.service_level_a, language) if short and row.all_seats else "",
        "level_c": shown.percent(row.all_seats.service_level_c, language) if short and row.all_seats else "",
        "known": row.all_seats is not None,
    }


def _planned_tone(row: HalfHour, day: StaffingDay) -> str:
    """Fewer in the plan than Erlang A asks for is for now, fewer than Erlang C for a look. The need of one queue is not the
    need of those who serve all of them: there the comparison says nothing."""
    if row.planned is None or row.erlang_a is None or row.erlang_c is None or day.queue or row.ended:
        return "plain"
    return (
        "act" if row.planned < row.erlang_a.scheduled else "look" if row.planned < row.erlang_c.scheduled else "plain"
    )


def _shown_need(need: NeedView | None, language: str) -> dict[str, Any]:
    if need is None:
        return {"operators": shown.UNKNOWN, "scheduled": "", "over": False}
    scheduled = shown.number(need.scheduled, language)
    return {"operators": shown.number(need.operators, language), "scheduled": scheduled, "over": need.exceeds_seats}


def _basis(day: StaffingDay, say: Texts) -> str:
    told, language = day.forecast, say.language
    if told.basis is Basis.NOTHING:
        return ""
    values = {
        "count": shown.number(len(told.days), language),
        "weeks": shown.number(told.weeks, language),
        "weekday": WEEKDAYS[language][(day.day.weekday() + 2) % 7],
    }
    sentences = [say(f"staffing.basis_{told.basis.value}", **values)]
    if round(told.level, 2) != 1:
        sentences.append(say("staffing.basis_level", level=shown.percent(told.level, language)))
    if told.season is not None:
        sentences.append(say("staffing.basis_season", season=shown.percent(told.season, language)))
    return " ".join(sentences)


def _assumptions(day: StaffingDay, say: Texts) -> str:
    language, target = say.language, day.target
    return say(
        "staffing.assumptions",
        level=_hundredths(target.service_level, language),
        seconds=shown.number(target.threshold_seconds, language),
        shrinkage=_hundredths(target.shrinkage, language),
        patience=shown.number(target.patience_seconds, language),
    )


def _calls_sentence(day: StaffingDay, say: Texts) -> str:
    top = max(day.half_hours, key=lambda row: row.forecast_calls or 0, default=None)
    if top is None or top.forecast_calls is None:
        return say("staffing.chart_nothing")
    calls = shown.number(top.forecast_calls, say.language)
    return say("staffing.chart_calls", time=shown.clock(top.starts_at, say.language), count=calls)


def _operators_sentence(day: StaffingDay, say: Texts) -> str:
    top = busiest(day)
    if top is None:
        return say("staffing.chart_nothing")
    return say(
        "staffing.chart_operators",
        time=shown.clock(top.starts_at, say.language),
        need_c=shown.number(_most(top.erlang_c), say.language),
        need_a=shown.number(_most(top.erlang_a), say.language),
        seats=shown.number(day.seats, say.language),
    )


def _hundredths(share: float, language: str) -> str:
    """A setting as people set it: 80, not 80.0."""
    whole = round(100 * share, 1)
    return shown.number(whole, language, 0 if whole == int(whole) else 1)


def _most(need: NeedView | None) -> int:
    return need.operators if need else 0


def _over(need: NeedView | None) -> bool:
    return need is not None and need.exceeds_seats
