"""What every template and style sheet keeps to, because the security policy and right-to-left reading need it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from api.web.texts import texts

WEB = Path(__file__).parents[4] / "api" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
STYLES = sorted((WEB / "styles").glob("*.css"))
PYTHON = sorted(WEB.glob("*.py"))


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"https?://|//cdn", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_every_text_a_template_asks_for_exists(template: Path) -> None:
    asked = set(re.findall(r"""say\(\s*["']([a-z_]+\.[a-z_0-9]+)["']\s*[,)]""", template.read_text("utf-8")))
    assert asked <= texts("fa").keys()


@pytest.mark.parametrize("source", PYTHON, ids=name)
def test_every_text_the_code_asks_for_exists(source: Path) -> None:
    asked = set(re.findall(r"""say\(\s*["']([a-z_]+\.[a-z_0-9]+)["']\s*[,)]""", source.read_text("utf-8")))
    assert asked <= texts("fa").keys()


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_a_template_says_nothing_by_itself(template: Path) -> None:
    """All words stand in the text files, so that no page is half Persian."""
    markup = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template.read_text("utf-8"), flags=re.DOTALL)
    without_code = re.sub(r"<[^>]*>", " ", re.sub(r'"[^"]*"', "", markup))
    assert not re.findall(r"[A-Za-z\u0600-\u06ff]{2,}", without_code)


@pytest.mark.parametrize("sheet", STYLES, ids=name)
def test_styles_know_start_and_end_but_neither_left_nor_right(sheet: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    physical = re.findall(
        r"(?:^|[\s-])(?:margin|padding|border|inset)-(?:left|right)\b|text-align:\s*(?:left|right)|float:", rules
    )
    assert physical == []
    assert not re.findall(r"^\s*(?:left|right|width|height):", rules, re.MULTILINE)


def test_the_lock_file_holds_no_download_address() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    assert [package for package in lock["packages"].values() if "resolved" in package] == []
