"""Prompt files damaged in any way: refused with file and name, or complete in both languages and fit to be made."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts.catalogue import Catalogue, CatalogueInvalid, load_catalogue
from tests.effort import explore, tried
from tests.fakes import line_data
from tests.unit.ivr.menu.damage import damaged, toml

SHIPPED: dict[str, dict[str, Any]] = {
    tongue: tomllib.loads(line_data.text(f"prompts_{tongue}.toml")) for tongue in ("fa", "en")
}
PIECE = {tongue: {section: dict(list(names.items())[:4]) for section, names in list(tree.items())[:4]}
         for tongue, tree in SHIPPED.items()}  # fmt: skip
ODD = st.sampled_from(["welcome", "", " ", "../x", "A", "x" * 80, "نام", 1, 0, -1, True, None, [], {}, float("nan"), float("inf"),
                       {"silence": 0.3}, {"silence": float("nan")}, {"tone": True}, {"silence": 1e9}, {"text": "x", "voice": "fa"},
                       {"text": "x", "voice": "de"}, {"text": ""}, {"text": "x", "voice": "en", "more": 1}])  # fmt: skip


def read(texts: dict[str, str]) -> Catalogue | None:
    """The catalogue, or None when it is refused as it should be."""
    try:
        return load_catalogue(texts)
    except CatalogueInvalid as error:
        refused = error
    assert refused.problems
    assert all(problem.startswith(("prompts_fa.toml: ", "prompts_en.toml: ")) for problem in refused.problems)
    return None


@tried(quick=150, thorough=10_000)
def test_a_damaged_catalogue_is_refused_by_name_or_complete(examples: int) -> None:
    @given(st.sampled_from(["fa", "en"]), st.booleans(), st.data())
    def holds(tongue: str, both: bool, data: st.DataObject) -> None:
        tree = data.draw(damaged(PIECE[tongue], ODD))
        other = "en" if tongue == "fa" else "fa"
        catalogue = read({tongue: toml(tree), other: toml(tree if both else PIECE[other])})
        if catalogue is None:
            return
        assert catalogue.names("fa") == catalogue.names("en")
        for prompts in catalogue.languages.values():
            for name, prompt in prompts.items():
                assert prompt.name == name
                lengths = (prompt.silence, prompt.tone)
                assert bool(prompt.text.strip()) != any(0 < seconds <= 2 for seconds in lengths)
                assert prompt.voice in ("fa", "en")

    explore(examples, holds)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "[" * 3000])
def test_a_file_that_exhausts_its_reader_is_refused_as_any_other(text: str) -> None:
    assert read({"fa": text, "en": text}) is None
