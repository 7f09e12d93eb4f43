"""Erlang B, C and A: how callers fare with N operators. Pure arithmetic, no factorials, nothing that overflows.

Words: the load A = λ · AHT in erlang (calls a second × seconds of handling); N operators; T the threshold in seconds.

Erlang B (nobody waits, who finds all busy is gone):  B(A, 0) = 1;  B(A, n) = A·B(A, n−1) / (n + A·B(A, n−1)).
Erlang C (everybody waits, for ever):  C = N·B / (N − A·(1 − B));  SL(T) = 1 − C·e^(−(N−A)·T/AHT);
    ASA = C·AHT / (N − A);  occupancy = A/N.  With N ≤ A the line of callers grows without end: C = 1, ASA infinite.
Erlang A (M/M/N+M: who waits hangs up after an exponential patience with mean 1/θ): a birth-death chain, up at λ, down at
    min(k, N)·μ + max(k − N, 0)·θ.  P(abandon) = θ·E[Q]/λ;  E[W] = E[Q]/λ;  occupancy = λ·(1 − P(abandon)) / (N·μ).

The service level of Erlang A is the house's SL4: served within T over all but those who hung up within T. It needs the
density of the wait V that a caller of endless patience would have, v(x) = λ·π(N−1)·exp(λ·(1 − e^(−θx))/θ − N·μ·x):
served within T = P(V = 0) + ∫₀ᵀ v(x)·e^(−θx) dx;  still waiting at T = e^(−θT)·(P(V > 0) − ∫₀ᵀ v(x) dx).

Sources: A. K. Erlang 1917; Gans, Koole & Mandelbaum 2003; Mandelbaum & Zeltyn 2005; Baccelli & Hebuterne 1981 (v).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ivr.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Outlook:
    """How it would be with so many operators. All but the mean wait are shares of 0 to 1."""

    waits: float
    """Callers who do not reach an operator at once."""
    service_level: float
    mean_wait_seconds: float
    """Of all callers, the waits of none included; infinite where the line of callers grows without end."""
    occupancy: float
    abandons: float


def erlang_b(load: float, operators: int) -> float:
    """Share of callers who find all operators busy, where nobody may wait."""
    _check(load, operators)
    blocked = 1.0
    for n in range(1, operators + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, operators: int, handling_seconds: float, threshold_seconds: float) -> Outlook:
    """Callers of endless patience. `handling_seconds` > 0."""
    blocked = erlang_b(load, operators)
    _check_spans(handling_seconds, threshold_seconds)
    return _outlook_c(blocked, load, operators, handling_seconds, threshold_seconds)


def least_operators_c(load: float, handling_seconds: float, threshold_seconds: float, service_level: float) -> int:
    """The fewest operators that reach the service level (0 to below 1); one pass of the recursion."""
    _check(load, 0)
    _check_spans(handling_seconds, threshold_seconds)
    operators, blocked = 0, 1.0
    while _outlook_c(blocked, load, operators, handling_seconds, threshold_seconds).service_level < service_level:
        operators += 1
        blocked = load * blocked / (operators + load * blocked)
    return operators


def erlang_a(
    load: float, operators: int, handling_seconds: float, threshold_seconds: float, patience_seconds: float
) -> Outlook:
    """Callers who hang up when they have waited too long; stable with any number of operators."""
    if math.isinf(patience_seconds):
        return erlang_c(load, operators, handling_seconds, threshold_seconds)
    blocked = erlang_b(load, operators)
    _check_spans(handling_seconds, threshold_seconds)
    if not patience_seconds > 0:
        raise Invalid("a mean patience is above 0 seconds")
    if load == 0 or blocked == 0:
        return Outlook(0.0, 1.0, 0.0, load / operators if operators else 0.0, 0.0)
    if operators == 0:
        return Outlook(1.0, 0.0, patience_seconds, 0.0, 1.0)
    chain = _Chain.of(load, operators, handling_seconds / patience_seconds, blocked)
    abandons = min(chain.mean_queue * handling_seconds / patience_seconds / load, 1.0)
    early, served_late = _integrals(chain, load, operators, handling_seconds, threshold_seconds, patience_seconds)
    served = 1 - chain.waits + served_late
    waiting = math.exp(-threshold_seconds / patience_seconds) * max(chain.waits - early, 0.0)
    return Outlook(
        waits=chain.waits,
        service_level=served / (served + waiting) if served > 0 else 0.0,
        mean_wait_seconds=abandons * patience_seconds,
        occupancy=min(load * (1 - abandons) / operators, 1.0),
        abandons=abandons,
    )


def _outlook_c(blocked: float, load: float, operators: int, handling: float, threshold: float) -> Outlook:
    if load == 0:
        return Outlook(0.0, 1.0, 0.0, 0.0, 0.0)
    if operators <= load:
        return Outlook(1.0, 0.0, math.inf, 1.0, 0.0)
    waits = operators * blocked / (operators - load * (1 - blocked))
    spare = operators - load
    late = waits * math.exp(-spare * threshold / handling)
    return Outlook(waits, 1 - late, waits * handling / spare, load / operators, 0.0)


_HUGE = 1e150
"""Weights of the chain are scaled down when they pass this, so that their squares are still numbers."""
_NOTHING = 1e-17
"""A weight so small beside the sum changes no digit of it."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """Stationary state of Erlang A's birth-death chain."""

    waits: float
    mean_queue: float
    log_all_busy: float
    """Natural logarithm of the probability that all operators are busy and nobody waits."""

    @classmethod
    def of(cls, load: float, operators: int, impatience: float, blocked: float) -> _Chain:
        """`impatience` is θ/μ = AHT / patience. Weights count from the state "all busy, nobody waits", which is 1."""
        start, below = 1.0, 1 / blocked
        weight, above, queue, logarithm, place = 1.0, 0.0, 0.0, 0.0, 0
        while True:
            place += 1
            down = operators + place * impatience
            weight *= load / down
            above += weight
            queue += place * weight
            if weight > _HUGE:
                start, below, weight, above, queue = (x / _HUGE for x in (start, below, weight, above, queue))
                logarithm -= math.log(_HUGE)
            # from here on each weight is at most load/down of the one before: what is left is a geometric tail
            if down > load and place * weight * down / (down - load) < _NOTHING * (below + above):
                break
        total = below + above
        return cls((start + above) / total, queue / total, logarithm - math.log(total))


def _integrals(
    chain: _Chain, load: float, operators: int, handling: float, threshold: float, patience: float
) -> tuple[float, float]:
    """∫₀ᵀ v(x) dx and ∫₀ᵀ v(x)·e^(−θx) dx by Simpson's rule, in steps shorter than any span over which v changes: its
    logarithm has the slope λ·e^(−θx) − N·μ, which itself changes at λ·θ."""
    if threshold == 0:
        return 0.0, 0.0
    arriving, leaving = load / handling, operators / handling
    slope = max(abs(arriving - leaving), abs(arriving * math.exp(-threshold / patience) - leaving))
    fastest = slope + math.sqrt(arriving / patience) + 1 / patience
    steps = 2 * min(max(16, math.ceil(5 * fastest * threshold)), 5_000)
    width = threshold / steps
    front = math.log(operators / handling) + chain.log_all_busy
    density, served = 0.0, 0.0
    for step in range(steps + 1):
        at = step * width
        weight = 1 if step in (0, steps) else 4 if step % 2 else 2
        grown = -math.expm1(-at / patience) * load * patience / handling
        value = weight * math.exp(front + grown - operators * at / handling)
        density += value
        served += value * math.exp(-at / patience)
    return min(density * width / 3, chain.waits), min(served * width / 3, chain.waits)


def _check(load: float, operators: int) -> None:
    if not 0 <= load < math.inf:
        raise Invalid(f"a load is a number of erlang from 0 up, not {load}")
    if operators < 0:
        raise Invalid(f"there are no {operators} operators")


def _check_spans(handling: float, threshold: float) -> None:
    if not (0 < handling < math.inf and 0 <= threshold < math.inf):
        raise Invalid("a handling time is above 0 seconds, a threshold at least 0 seconds")
