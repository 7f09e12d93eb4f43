"""The figures as the page shows them: words and numbers in the reader's language, each with the name of its definition. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.reports.periods import Kind, Period
from api.reports.schemas import FiguresView, HalfHourFigures, IntervalFigures, MeanView, RatioView, State, VisitFigures
from api.web import shown
from api.web.figure_row import Figure
from api.web.figures_chart import Chart, chart_of
from api.web.texts import Texts
from api.web.told_view import told_view
from ivr.kernel import jalali

NOTHING_TO_SEE = {State.FUTURE, State.BEFORE_FIRST_CALL, State.NO_CALLS}
_WAITS = ("mean_wait", "mean_delay", "time_to_abandon", "talk_time", "after_call_work")
_PERCENTILES = ("p50", "p80", "p90", "p95")
_RATES = ("answer_rate", "unanswered_rate", "abandonment_rate", "abandonment_without_short")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its word, the name of its definition (empty without one), its value, and what it is made of."""

    title: str
    definition: str
    value: str
    note: str = ""


def figures_view(figures: FiguresView, period: Period, say: Texts) -> dict[str, Any]:
    """What the template needs besides `figures` itself."""
    show_calls = figures.calls is not None and figures.state not in NOTHING_TO_SEE
    return {
        "title": title_of(period, say.language),
        "notice": notice_of(figures, say),
        "empty": figures.state in NOTHING_TO_SEE,
        "headline": headline(figures.visits, say),
        "charts": charts(figures, say),
        "waits": _waits(figures.visits, say),
        "rates": _rates(figures.visits, say),
        "exits": _exits(figures.visits, say),
        "calls": _calls(figures, say) if show_calls else [],
        "told": told_view(figures, say),
        "definitions": definitions(say),
    }


def title_of(period: Period, language: str) -> str:
    """«شنبه ۷ آذر ۱۴۰۵» or «آذر ۱۴۰۵»."""
    if period.kind is Kind.MONTH:
        return jalali.month_text(period.first, language)
    return jalali.day_text(period.first, language, weekday=True)


def notice_of(figures: FiguresView, say: Texts) -> str:
    """Why there is nothing, or that it is not the end yet; empty for a period that is over and was lived."""
    if figures.state is not State.OVER:
        at = figures.counted_at
        words = {"date": shown.long_date(at, say.language), "time": shown.clock(at, say.language)}
        return say(f"figures.{figures.state}_{figures.kind}", **words)
    return "" if figures.visits.offered else say("figures.no_visits")


def headline(visits: VisitFigures, say: Texts) -> list[Figure]:
    """The row on top; each named for its definition."""
    language = say.language
    level = visits.service_level
    p90 = visits.wait_percentiles.p90_seconds
    return [
        Figure("offered", say("figures.offered"), shown.number(visits.offered, language), _waiting(visits, say)),
        _counted("answered", visits.answered, visits.answer_rate, say),
        _counted("abandoned", visits.abandoned, visits.abandonment_rate, say),
        Figure(
            "service_level",
            say("figures.service_level"),
            shown.percent(level.value, language),
            say(
                "figures.level_note",
                variant=level.variant,
                seconds=shown.number(level.threshold_seconds, language),
                part=shown.number(level.part, language),
                whole=shown.number(level.whole, language),
            ),
        ),
        Figure(
            "asa",
            say("figures.asa"),
            shown.span(visits.speed_of_answer.mean_seconds, language),
            say("figures.asa_note", count=shown.number(visits.speed_of_answer.count, language)),
        ),
        Figure(
            "longest",
            say("figures.longest"),
            shown.span(visits.longest_wait_seconds, language),
            "" if p90 is None else say("figures.longest_note", span=shown.span(p90, language)),
        ),
        Figure(
            "handle_time",
            say("figures.handle_time"),
            shown.span(visits.handle_time.mean_seconds, language),
            say("figures.handle_note" if visits.handle_time_lacks else "figures.handle_note_whole"),
        ),
    ]


def charts(figures: FiguresView, say: Texts) -> list[dict[str, Any]]:
    """Of a month by day and by half hour of the day, of a day by half hour; none where nobody entered."""
    if not figures.visits.offered:
        return []
    goal, language = figures.standard.goal, say.language
    halves = [
        shown.digits(half.start[:2], language) if _is_labelled(half, figures) else "" for half in figures.half_hours
    ]
    times = [shown.digits(half.start, language) for half in figures.half_hours]
    drawn = [_chart("chart_of_day", figures.half_hours, halves, times, goal, say)]
    if figures.days:
        numbers = [shown.digits(str(int(day.day[-2:])), language) for day in figures.days]
        names = [jalali.day_text(day.date, language) for day in figures.days]
        drawn.insert(0, _chart("chart_of_month", figures.days, numbers, names, goal, say))
    return drawn


def definitions(say: Texts) -> dict[str, tuple[str, str]]:
    """Name → word and meaning, in the order in which people meet them."""
    words = say.family("definition")
    titles = {"percentiles": say("figures.p90")}
    return {name: (titles.get(name) or say(f"figures.{name}"), meaning) for name, meaning in words.items()}


def _chart(
    name: str,
    intervals: Sequence[IntervalFigures],
    labels: Sequence[str],
    names: Sequence[str],
    goal: float,
    say: Texts,
) -> dict[str, Any]:
    most = max(range(len(intervals)), key=lambda n: intervals[n].offered)
    drawing: Chart = chart_of(intervals, labels, goal)
    described = say(
        "figures.chart_described", most=shown.number(intervals[most].offered, say.language), when=names[most]
    )
    return {"name": name, "title": say(f"figures.{name}"), "described": described, "drawing": drawing}


def _is_labelled(half: HalfHourFigures, figures: FiguresView) -> bool:
    """Full hours, and only every second one when the drawing would be crowded."""
    return half.start.endswith(":00") and (len(figures.half_hours) <= 32 or int(half.start[:2]) % 2 == 0)


def _counted(name: str, number: int, share: RatioView, say: Texts) -> Figure:
    note = say("figures.percent_of_offered", percent=shown.percent(share.value, say.language)) if share.whole else ""
    return Figure(name, say(f"figures.{name}"), shown.number(number, say.language), note)


def _waiting(visits: VisitFigures, say: Texts) -> str:
    pairs = ((name, getattr(visits, name)) for name in ("other_exits", "waiting"))
    return " · ".join(
        f"{say(f'figures.{name}')} {shown.number(number, say.language)}" for name, number in pairs if number
    )


def _waits(visits: VisitFigures, say: Texts) -> list[Line]:
    lines: list[Line] = []
    for name in _WAITS:
        mean: MeanView = getattr(visits, name)
        count = say("figures.mean_of", count=shown.number(mean.count, say.language)) if mean.count else ""
        lines.append(Line(say(f"figures.{name}"), name, shown.span(mean.mean_seconds, say.language), count))
    for name in _PERCENTILES:
        seconds = getattr(visits.wait_percentiles, f"{name}_seconds")
        lines.append(Line(say(f"figures.{name}"), "percentiles", shown.span(seconds, say.language)))
    return lines


def _rates(visits: VisitFigures, say: Texts) -> list[Line]:
    lines: list[Line] = []
    for name in _RATES:
        share: RatioView = getattr(visits, name)
        parts = {"part": shown.number(share.part, say.language), "whole": shown.number(share.whole, say.language)}
        note = say("figures.parts", **parts) if share.whole else ""
        lines.append(Line(say(f"figures.{name}"), name, shown.percent(share.value, say.language), note))
    short = shown.number(visits.short_abandoned, say.language)
    return [*lines, Line(say("figures.short_abandoned"), "short_abandoned", short)]


def _exits(visits: VisitFigures, say: Texts) -> list[Line]:
    whole = Line(say("figures.all"), "other_exits", shown.number(visits.other_exits, say.language))
    named = [Line(say.word("outcome", name), "", shown.number(n, say.language)) for name, n in visits.exits.items()]
    full = Line(say("figures.refused_full"), "refused_full", shown.number(visits.refused_full, say.language))
    return [whole, *named, *([full] if visits.refused_full else [])]


def _calls(figures: FiguresView, say: Texts) -> list[Line]:
    calls = figures.calls
    if calls is None:
        return []
    rows = sorted(calls.by_disposition.items(), key=lambda pair: -pair[1])
    lines = [Line(say("figures.received"), "received", shown.number(calls.received, say.language))]
    lines += [Line(say.word("disposition", name), "", shown.number(number, say.language)) for name, number in rows]
    return [*lines, *([Line(say("figures.open"), "", shown.number(calls.open, say.language))] if calls.open else [])]
