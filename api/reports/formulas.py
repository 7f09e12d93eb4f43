"""The figures of a contact centre from what was counted, each with its parts. Pure; definitions after ICMI, COPC, ISO 18295.

Over several intervals the counts are added first and divided then: the ratio of the sums, never the mean of
percentages. `An`, `Ab`, `X` … stand in `standard.FORMULA`.
"""

from __future__ import annotations

from api.reports.counts import AgentTime, VisitCounts
from api.reports.standard import PUBLISHED, Variant
from ivr.kernel.measures import Mean, Ratio


def service_level(counts: VisitCounts, variant: Variant = PUBLISHED) -> Ratio:
    """Share answered in time. Other exits stand in the denominator as not answered; who still waits stands nowhere.

    SL2 divides by the answered alone. ICMI's and Cisco's examples have no other exits and come out as printed there.
    """
    in_time, early, short = counts.answered_in_time, counts.abandoned_in_time, counts.abandoned_short
    ended = counts.answered + counts.abandoned + counts.other_exits
    match variant:
        case Variant.SL1:
            return Ratio(in_time + early, ended)
        case Variant.SL2:
            return Ratio(in_time, counts.answered)
        case Variant.SL3:
            return Ratio(in_time, ended)
        case Variant.SL4:
            return Ratio(in_time, ended - early)
        case Variant.SL5:
            return Ratio(in_time + short, ended)
        case Variant.SL6:
            return Ratio(in_time, ended - short)


def answer_rate(counts: VisitCounts) -> Ratio:
    """An / offered."""
    return Ratio(counts.answered, counts.offered)


def unanswered_rate(counts: VisitCounts) -> Ratio:
    """(offered − An) / offered. Who still waits is not answered, yet."""
    return Ratio(counts.offered - counts.answered, counts.offered)


def abandonment_rate(counts: VisitCounts) -> Ratio:
    """Ab / offered."""
    return Ratio(counts.abandoned, counts.offered)


def abandonment_without_short(counts: VisitCounts) -> Ratio:
    """(Ab − Ab(s)) / (offered − Ab(s)): who hung up at once was hardly ours to keep."""
    short = counts.abandoned_short
    return Ratio(counts.abandoned - short, counts.offered - short)


def speed_of_answer(counts: VisitCounts) -> Mean:
    """ASA: Σ wait of answered / An. From entering the queue, not the menu, to the first word; at once counts as well."""
    return Mean(counts.answered_waited_seconds, counts.answered)


def mean_wait(counts: VisitCounts) -> Mean:
    """Σ wait / number, of all offered visits whose wait is over, however it ended."""
    return Mean(counts.waited_seconds, counts.waits)


def mean_delay(counts: VisitCounts) -> Mean:
    """Σ wait / number with wait > 0: how long who had to wait at all waited."""
    return Mean(counts.waited_seconds if counts.delayed else 0.0, counts.delayed)


def time_to_abandon(counts: VisitCounts) -> Mean:
    """Σ wait of abandoned / Ab."""
    return Mean(counts.abandoned_waited_seconds, counts.abandoned)


def told_error(counts: VisitCounts) -> Mean:
    """Mean absolute error: Σ |told − waited| / answered visits whose caller was told a wait. Who gave up has no such wait."""
    return Mean(counts.told_off_seconds, counts.told_answered)


def told_bias(counts: VisitCounts) -> Mean:
    """Σ (told − waited) / the same visits. Above zero the waits were shorter than told."""
    return Mean(counts.told_over_seconds, counts.told_answered)


def told_right(counts: VisitCounts) -> Ratio:
    """Of the same visits those with |told − waited| ≤ max(60 s, waited / 4)."""
    return Ratio(counts.told_right, counts.told_answered)


def talk_time(counts: VisitCounts) -> Mean:
    """Σ (end − connect) / answered visits whose talk is over; holding the line is part of it."""
    return Mean(counts.talked_seconds, counts.talks)


def handle_time(counts: VisitCounts) -> Mean:
    """AHT: (Σ talk with hold + Σ work after the talk) / talks. Where nobody signs in no such work is measured, and none is
    added."""
    return Mean(counts.talked_seconds + counts.wrapped_seconds, counts.talks)


def after_call_work(counts: VisitCounts) -> Mean:
    """ACW as it lasted: Σ / number of those measured."""
    return Mean(counts.wrapped_seconds, counts.wraps)


def occupancy(time: AgentTime) -> Ratio:
    """handling / (handling + available), handling = talk + hold + work after the talk, in seconds; ringing is available time.
    Of several agents or days the seconds are added first. What Erlang's formulas call A / N."""
    return Ratio(time.handling, time.handling + time.available)
