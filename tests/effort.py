"""How hard a property is tried: a fixed small choice of examples in the default suite, many fresh ones in the long one.

The quick examples are the same in every run, so that a red run means a change and not bad luck; the thorough ones are
drawn anew each time, and what they find becomes a case of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings

QUICK = "quick"
THOROUGH = "thorough"


def tried(*, quick: int, thorough: int) -> pytest.MarkDecorator:
    """The test gets `examples` twice: `quick` of them always, `thorough` of them only where long tests run."""
    return pytest.mark.parametrize(
        "examples",
        [
            pytest.param(quick, id=QUICK, marks=pytest.mark.timeout(600)),  # ten seconds of work, on a tenth of a core
            pytest.param(thorough, id=THOROUGH, marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
        ],
    )


def explore(examples: int, holds: Callable[[], None]) -> None:
    """Try a property (`@given`) with so many examples. More than a thousand are drawn at random, fewer are fixed."""
    effort = settings(
        max_examples=examples,
        derandomize=examples <= 1000,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    effort(holds)()
