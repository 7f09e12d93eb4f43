"""The words of the pages: both languages say the same things with the same gaps."""

from __future__ import annotations

import re

import pytest

from api.calls.record import Disposition, VisitOutcome
from api.web.desk_view import IN_CALL
from api.web.texts import texts
from ivr.kernel.area_codes import PROVINCES
from routing.agents import SeatState
from routing.duty import WRAP_UP, PauseCause
from routing.queues import QUEUES


def test_both_languages_have_the_same_keys() -> None:
    assert texts("fa").keys() == texts("en").keys()


@pytest.mark.parametrize("key", sorted(texts("fa").keys()))
def test_a_text_has_the_same_gaps_in_both_languages(key: str) -> None:
    gaps = [set(re.findall(r"\{(\w+)\}", texts(language)(key))) for language in ("fa", "en")]
    assert gaps[0] == gaps[1]


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("disposition", list(Disposition)),
        ("outcome", list(VisitOutcome)),
        ("seat_state", list(SeatState)),
        ("seat_cause", [*PauseCause, WRAP_UP]),
        ("desk_state", [*IN_CALL, "available", "wrap_up", "offline", "unknown"]),
        ("queue", list(QUEUES)),
        ("province", list(PROVINCES.values())),
    ],
)
def test_every_value_of_the_house_has_a_name(family: str, values: list[str]) -> None:
    assert set(values) <= texts("fa").family(family).keys()


def test_persian_texts_use_persian_letters() -> None:
    for key in sorted(texts("fa").keys()):
        said = texts("fa")(key).replace("MP3", "")  # a name, not a number
        assert not set("يكىۀة0123456789") & set(said), key
