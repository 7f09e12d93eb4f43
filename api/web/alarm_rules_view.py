"""The form of the alarms' limits: what stands in its fields, and what was typed into them. Pure.

People write a share in percent, and any digits; the rest of the house knows shares of 0 to 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from api.alarms.schemas import RuleView
from api.web import shown
from api.web.alarm_view import place_of
from api.web.texts import Texts
from ivr.kernel.persian_text import ascii_digits
from routing.alarms import Unit

_PERCENT = 100
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class RuleField:
    """One row of the form. `key` names its fields."""

    key: str
    kind: str
    place: str
    unit: str
    """Empty where there is no threshold."""
    threshold: str
    after: str
    calm: str
    on: bool
    first: bool
    """Of its kind."""
    name: str
    was: str
    """What the page was opened with, as `was_text` writes it: a colleague may change the limit before this one is saved."""


@dataclass(frozen=True, slots=True)
class RuleTyped:
    """What somebody wants one limit to be; a number that cannot be read is None. What they left alone is as it stands."""

    kind: str
    queue: str
    threshold: float | None
    after_seconds: float | None
    on: bool


def rule_fields(rules: list[RuleView], typed: Mapping[str, str] | None, say: Texts) -> list[RuleField]:
    """The rows, with what stands or (after a refusal) what was typed."""
    found: list[RuleField] = []
    for rule in rules:
        key = key_of(rule)
        place = place_of(rule.queue, None, say) or say("alarms.of_line")
        kind = say.word("alarm_kind", rule.kind)
        threshold = shown.typed(_as_written(rule.unit, rule.threshold), say.language)
        after = shown.typed(rule.after_seconds, say.language)
        was = was_text(threshold, after, on=rule.on)
        if typed is not None:
            threshold, after = typed.get(f"threshold-{key}", ""), typed.get(f"after-{key}", "")
            was = typed.get(f"was-{key}", was)
        found.append(
            RuleField(
                key=key,
                kind=kind,
                place=place,
                unit="" if rule.unit is Unit.NOTHING else say(f"alarms.unit_{rule.unit}"),
                threshold=threshold,
                after=after,
                calm=_calm(rule, say),
                on=rule.on if typed is None else f"on-{key}" in typed,
                first=not found or found[-1].kind != kind,
                name=say("alarms.rule_of", kind=kind, place=place),
                was=was,
            )
        )
    return found


def _calm(rule: RuleView, say: Texts) -> str:
    """In the unit of the field beside it. People are whole: whoever is calm at 0.8 of them is calm at none."""
    if rule.unit is Unit.NOTHING:
        return shown.UNKNOWN
    calm_at = math.floor(rule.calm_at + 1e-9) if rule.unit is Unit.NUMBER else _as_written(rule.unit, rule.calm_at)
    return f"{shown.typed(calm_at, say.language)} {say(f'alarms.unit_{rule.unit}')}"


def rules_typed(rules: list[RuleView], form: Mapping[str, str]) -> list[RuleTyped]:
    """What the form says of each rule that it holds; `rules` are as they stand now. Of a rule only that is taken which its
    reader changed: a form holds all of them, and would else undo what colleagues did since it was opened."""
    return [_typed(rule, form) for rule in rules if f"after-{key_of(rule)}" in form]


def overtaken(stands: RuleField, form: Mapping[str, str]) -> bool:
    """Whether a colleague has changed, since the form was opened, the same number that its reader changed, to another one."""
    was = form.get(f"was-{stands.key}", "").split("|")
    if len(was) != 3:
        return False
    key = stands.key
    typed = (form.get(f"threshold-{key}", was[0]), form.get(f"after-{key}", ""), "on" if f"on-{key}" in form else "")
    each = zip(map(ascii_digits, was), map(ascii_digits, stands.was.split("|")), map(ascii_digits, typed), strict=True)
    return any(mine != before and now not in (before, mine) for before, now, mine in each)


def was_text(threshold: str, after: str, *, on: bool) -> str:
    """A rule's fields in one: `«۱۲۰»|«۰»|on`."""
    return f"{threshold}|{after}|{'on' if on else ''}"


def _typed(rule: RuleView, form: Mapping[str, str]) -> RuleTyped:
    key = key_of(rule)
    threshold, after, on = form.get(f"threshold-{key}", ""), form[f"after-{key}"], f"on-{key}" in form
    was = form.get(f"was-{key}", "").split("|")
    if len(was) != 3:  # a form that does not say what it was opened with wants all that it says
        was = ["", "", "" if on else "on"]
    return RuleTyped(
        kind=rule.kind,
        queue=rule.queue or "",
        threshold=rule.threshold
        if rule.unit is Unit.NOTHING or (threshold and threshold == was[0])
        else _threshold(rule, threshold),
        after_seconds=rule.after_seconds if after and after == was[1] else read_number(after),
        on=rule.on if on == bool(was[2]) else on,
    )


def key_of(rule: RuleView) -> str:
    return f"{rule.kind}-{rule.queue or 'line'}"


def read_number(text: str) -> float | None:
    """«۱۲۰», `120`, «۷۲٫۵», `3,600`; None for what is no number, and for `2,5`, which may mean two different ones."""
    cleaned = ascii_digits(text).replace("٬", "").replace("٫", ".").replace("٪", "").replace("%", "").strip()
    if _GROUPED.fullmatch(cleaned):
        cleaned = cleaned.replace(",", "")
    try:
        return float(cleaned) if cleaned and len(cleaned) <= 12 else None
    except ValueError:
        return None


def _threshold(rule: RuleView, text: str) -> float | None:
    number = read_number(text)
    if number is not None and rule.unit is Unit.SHARE:
        return round(number / _PERCENT, 6)
    return number


def _as_written(unit: Unit, threshold: float) -> float:
    return threshold * _PERCENT if unit is Unit.SHARE else threshold
