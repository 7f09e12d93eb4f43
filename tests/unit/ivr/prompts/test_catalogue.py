"""The prompt catalogue: complete in both languages, problems by name."""

import pytest

from ivr.prompts import speech
from ivr.prompts.catalogue import CatalogueInvalid, load_catalogue
from tests.fakes import line_data


def test_the_shipped_catalogue_has_every_piece_of_speech_in_both_languages() -> None:
    catalogue = line_data.catalogue()
    assert catalogue.names("fa") == catalogue.names("en")
    assert catalogue.missing(speech.every_piece()) == ()


def test_persian_texts_are_persian_and_english_ones_english() -> None:
    for language, prompts in line_data.catalogue().languages.items():
        for prompt in prompts.values():
            persian = any("\u0600" <= char <= "\u06ff" for char in prompt.text)
            assert not prompt.text or persian == (prompt.voice == "fa"), f"{language}/{prompt.name}"
            assert not set(prompt.text) & set("يكىة\u00a0\u200f\u200e"), f"{language}/{prompt.name} has Arabic letters"


def test_nine_is_never_written_like_no() -> None:
    """Both are «نه»; a synthesiser says the other word, and a tracking code with a nine cannot be written down."""
    persian = line_data.catalogue().languages["fa"]
    assert persian["digit_9"].text == "نُه"
    assert [p.name for p in persian.values() if "نه" in p.text.replace("،", " ").replace(".", " ").split()] == []


def test_texts_silences_tones_and_other_voices() -> None:
    catalogue = load_catalogue(
        {"fa": '[a]\nx = "سلام"\ny = { text = "hi", voice = "en" }\nz = { silence = 0.5 }\nb = { tone = 1 }'}
    )
    assert catalogue.prompt("fa", "y").voice == "en"
    assert catalogue.prompt("fa", "z").silence == 0.5
    assert catalogue.prompt("fa", "b").tone == 1.0
    assert catalogue.missing(["x", "w", "v"]) == ("fa/v", "fa/w")


@pytest.mark.parametrize(
    ("fa", "told"),
    [
        ('[a]\nx = "سلام"', "prompts_fa.toml: 'w' is missing; another language has it"),
        ('[a]\nw = ""', "'w' needs a text"),
        ("[a]\nw = { silence = 9 }", "'w' needs a text"),
        ('[a]\nw = { text = "x", voice = "de" }', "'w' needs a text"),
        ('w = "سلام"', "'w' stands outside a section"),
        ('[a]\nw = "س"\n[b]\nw = "س"', "'w' stands in two sections"),
        ('[a]\nw = "س"\nw = "س"', "is a name written twice"),
        ('[a]\n"../w" = "س"\nw = "س"', "'../w' is no prompt name"),
    ],
)
def test_problems_are_told_by_name(fa: str, told: str) -> None:
    with pytest.raises(CatalogueInvalid) as caught:
        load_catalogue({"fa": fa, "en": '[a]\nw = "hello"'})
    assert told in caught.value.message
