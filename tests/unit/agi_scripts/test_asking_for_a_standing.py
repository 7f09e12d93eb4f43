"""The door asks who a caller is to the line, over real HTTP, in the one request it makes before the queue."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from agi_scripts.http_desk import HttpDesk
from ivr.dialogue.replies import Advice, DeskUnavailable
from ivr.dialogue.verbs import AskAdvice
from tests.unit.agi_scripts.test_http_desk import ADVICE, INSURANCE, Api, api, desk

__all__ = ["api", "desk"]


async def test_the_caller_goes_along_and_their_standing_comes_back(desk: HttpDesk, api: Api) -> None:
    api.body = json.dumps({**ADVICE, "priority": 6, "group": "chronic", "repeat": 1, "province": "ilam"})
    found = await desk.advise(AskAdvice("insurance", "+98 84&queue=x" + "9" * 100))
    assert found == Advice(247.5, "recent", 600, 6, "chronic", 1, "ilam")
    asked = api.requests[0].split(" ")[1]
    assert parse_qs(urlsplit(asked).query)["queue"] == ["insurance"], "the number can ask for nothing"
    assert len(parse_qs(urlsplit(asked).query)["caller"][0]) == 40


@pytest.mark.parametrize("wrong", [{"priority": -1}, {"priority": "9"}, {"repeat": 10**9}, {"priority": True}])
async def test_a_standing_that_is_none_is_no_answer(desk: HttpDesk, api: Api, wrong: dict[str, object]) -> None:
    api.body = json.dumps(ADVICE | wrong)
    assert await desk.advise(INSURANCE) == DeskUnavailable()
