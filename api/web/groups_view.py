"""What the pages of groups show, from what the API tells; and what was typed there. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.priority.schemas import CODE_PATTERN, LONGEST_NAME, EffectView, GroupForm, Groups, WaitsView
from api.web import shown
from api.web.texts import Texts
from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import ascii_digits, clean
from routing.priority import MOST


@dataclass(frozen=True, slots=True)
class WaitsRow:
    """One line of the table; `href` where there is a page about it."""

    name: str
    href: str
    priority: str
    members: str
    offered: str
    answered: str
    level: str
    mean: str
    p90: str


def effect_view(effect: EffectView, groups: Groups, say: Texts) -> dict[str, object]:
    """The table of waits, everybody without priority last, and the two ratios of repeated calls."""
    known = {group.code: group for group in groups.items}
    rows: list[WaitsRow] = []
    for told in effect.groups:
        group = known[told.code]
        name = told.name_fa if say.language == "fa" else told.name_en
        of_group = (shown.number(group.priority, say.language), shown.number(group.members, say.language))
        rows.append(
            _row(told, name if group.retired_at is None else say("groups.was", name=name), say, told.code, *of_group)
        )
    return {
        "period": shown.digits(effect.period.replace("-", "/"), say.language),
        "rows": rows,
        "raised": _row(effect.others_raised, say("groups.others_raised"), say),
        "rest": _row(effect.rest, say("groups.rest"), say),
        "repeat_rate": shown.percent(effect.repeat_rate.value, say.language),
        "repeat_note": say(
            "groups.repeat_note",
            part=shown.number(effect.repeat_rate.part, say.language),
            whole=shown.number(effect.repeat_rate.whole, say.language),
            days=shown.number(effect.repeat_days, say.language),
            without=shown.number(effect.without_number, say.language),
        ),
        "unserved": shown.percent(effect.unserved_repeats.value, say.language),
        "unserved_note": say(
            "groups.unserved_note",
            part=shown.number(effect.unserved_repeats.part, say.language),
            whole=shown.number(effect.unserved_repeats.whole, say.language),
        ),
    }


def promise(groups: Groups, say: Texts) -> str:
    """What a step means, and what it can never do."""
    return say(
        "groups.promise",
        step=shown.span_words(groups.step_seconds, say.language),
        longest=shown.span_words(groups.longest_ahead_seconds, say.language),
    )


def last_day(until: datetime) -> datetime:
    """An instant of the last day that a membership holds: `until` itself is the first one past it."""
    return until - timedelta(seconds=1)


def group_form(code: str, name_fa: str, name_en: str, priority: str) -> tuple[str, GroupForm]:
    """What was typed, in any digits. Raises `Invalid` that says what would be right."""
    code = ascii_digits(clean(code)).strip().lower()
    if not re.fullmatch(CODE_PATTERN, code):
        raise Invalid("A code has small Latin letters, digits and _, and begins with a letter.", code="group_code")
    names = [clean(name_fa), clean(name_en)]
    if not all(0 < len(name) <= LONGEST_NAME for name in names):
        raise Invalid(
            f"A group needs a Persian and an English name of at most {LONGEST_NAME} letters.", code="group_names"
        )
    step = ascii_digits(clean(priority)).strip()
    if not re.fullmatch("[0-9]{1,2}", step) or int(step) > MOST:
        raise Invalid(f"A priority is a whole number from 0 to {MOST}.", code="group_priority")
    return code, GroupForm(name_fa=names[0], name_en=names[1], priority=int(step))


def _row(waits: WaitsView, name: str, say: Texts, code: str = "", priority: str = "", members: str = "") -> WaitsRow:
    language = say.language
    return WaitsRow(
        name=name,
        href=f"/groups/{code}" if code else "",
        priority=priority,
        members=members,
        offered=shown.number(waits.offered, language),
        answered=shown.number(waits.answered, language),
        level=shown.percent(waits.service_level.value, language),
        mean=shown.span(waits.mean_wait.mean_seconds, language),
        p90=shown.span(waits.p90_wait_seconds, language),
    )
