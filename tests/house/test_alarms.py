"""Alarms and their pages: each alarm has one, each page an alarm, and what a page tells to type exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
RUNBOOK = REPOSITORY / "docs" / "runbook"
PAGES = sorted(path for path in RUNBOOK.glob("*.md") if path.name != "README.md")
GROUPS: list[dict[str, Any]] = yaml.safe_load((REPOSITORY / "docs" / "alarms.yml").read_text(encoding="utf-8"))[
    "groups"
]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
PARTS = ["## What it means for callers", "## Look here", "## Do this", "## It is over when"]
SOURCES = [path for room in ("api", "agi_scripts") for path in (REPOSITORY / room).rglob("*.py")]


def page_of(alarm: str) -> str:
    """`LineSpoolWaits` → `spool-waits`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", alarm.removeprefix("Line")).lower()


def test_each_alarm_has_its_page_and_each_page_its_alarm() -> None:
    alarms = [rule["alert"] for rule in RULES]
    assert len(alarms) == len(set(alarms))
    assert all(alarm.startswith("Line") for alarm in alarms)
    assert {page_of(alarm) for alarm in alarms} == {page.stem for page in PAGES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_is_whole(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"call", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
    expression = rule["expr"]
    assert expression.count("(") == expression.count(")")
    assert expression.count("{") == expression.count("}")
    assert expression.count('"') % 2 == 0
    assert re.search(r"(>|==|>=) [\d.]|absent\(", expression)


def test_the_code_has_every_measure_that_a_rule_looks_at() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    # the listener's figures are named in two tables and joined
    written = {f"line1420_listener_{name}" for name in re.findall(r'^    "([a-z_]+)": "', code, re.MULTILINE)} | set(
        re.findall(r'"(line1420_[a-z0-9_]+)"', code)
    )
    asked = {name for rule in RULES for name in re.findall(r"line1420_[a-z0-9_]+", rule["expr"])}
    missing = {
        name for name in asked if not {name, name.removesuffix("_total"), name.removesuffix("_bucket")} & written
    }
    assert missing == set()
    assert len(asked) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_whole(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert page_of(lines[0].removeprefix("# ")) == page.stem
    assert re.match(r"> [^a-zA-Z]*[\u0600-\u06ff]", lines[2]), (
        "one Persian line on top, for who does not read English at night"
    )
    assert [line for line in lines if line.startswith("## ")] == PARTS
    assert len(lines) <= 40, "nobody reads more at night"
    for link in re.findall(r"\]\(([a-z./-]+)\)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", [*PAGES, RUNBOOK / "README.md"], ids=lambda page: page.stem)
def test_what_a_page_tells_to_type_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    for module in re.findall(r"python -m ([a-z_.]+)", text):
        assert importlib.util.find_spec(module), module
    programs = {"postgres", "doors-a", "doors-b", "asterisk", "follower", "worker", "listener", "web"}
    for verb, program in re.findall(r"stage\.supervision (\w+)(?: ([a-z-]+))?", text):
        assert verb in {"start", "stop", "kill", "freeze", "thaw", "status"}
        assert program in programs or verb == "status"
    assert set(re.findall(r"var/log/([a-z-]+)\.log", text)) <= programs
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    measures = set(re.findall(r"line1420_[a-z0-9_]+", text))
    for name in measures:
        stem = name.removesuffix("_total").removeprefix("line1420_listener_")
        assert stem in code, name


def test_words_that_pages_look_for_in_logs_are_really_written() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("api", "agi_scripts", "routing")
        for path in (REPOSITORY / room).rglob("*.py")
    )
    for page in PAGES:
        for words in re.findall(r"grep (?:-h )?\"?([a-z_.|\\]+)\"? var/log", page.read_text(encoding="utf-8")):
            for word in words.split("\\|"):
                assert f'"{word}"' in code or word.startswith("alarm"), (page.stem, word)
