"""Rules about the house itself that no linter knows: file shape, names, docstring-only packages, a lock without hosts."""

from __future__ import annotations

import ast
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("ivr", "agi_scripts", "routing", "recordings", "api", "asterisk_conf")
TOP_LEVEL = {
    *ROOMS,
    "tests",
    "docs",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "requirements.lock",
}


def kept_files() -> list[Path]:
    """Files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [REPOSITORY / name for name in listed if (REPOSITORY / name).is_file()]


KEPT = kept_files()
SOURCES = [path for path in KEPT if path.suffix in {".py", ".ts"}]


def test_the_top_level_holds_only_what_was_agreed() -> None:
    names = {path.relative_to(REPOSITORY).parts[0] for path in KEPT}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_no_source_file_is_longer_than_300_lines() -> None:
    long = {str(p.relative_to(REPOSITORY)): n for p in SOURCES if (n := len(p.read_text("utf-8").splitlines())) > 300}
    assert long == {}


def test_no_file_is_named_for_nothing() -> None:
    assert [str(p) for p in SOURCES if p.stem in {"utils", "util", "common", "helpers", "misc", "base"}] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_package_says_what_it_is_for_and_nothing_else(room: str) -> None:
    for path in (REPOSITORY / room).rglob("__init__.py"):
        if "node_modules" in path.parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        assert ast.get_docstring(tree), f"{path} has no docstring"
        assert len(tree.body) == 1, f"{path} holds more than its docstring"


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_why_it_exists(room: str) -> None:
    bare = [
        str(path.relative_to(REPOSITORY))
        for path in SOURCES
        if path.suffix == ".py"
        and path.is_relative_to(REPOSITORY / room)
        and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert bare == []


def test_locks_name_no_registry() -> None:
    for name in ("requirements.lock", "asterisk_conf/stage/uv.lock", "api/web/package-lock.json"):
        text = (REPOSITORY / name).read_text("utf-8")
        # Home pages of authors and funding links are not download addresses.
        assert not re.search(r'"resolved"|--index-url|--find-links|https?://[^\s"]*(/simple|\.tgz|\.whl)', text), name


def test_no_hidden_direction_marks_in_sources() -> None:
    """Bidirectional controls can make code read otherwise than it runs; the two isolates that pages need are written as escapes."""
    hidden = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    guilty = [str(p) for p in SOURCES if hidden & set(p.read_text("utf-8"))]
    assert guilty == []


def test_imports_are_not_hidden_in_functions() -> None:
    """An import inside a function, or only while type checking, is how a floor is secretly climbed."""
    guilty: list[str] = []
    for path in SOURCES:
        if path.suffix != ".py" or path.parts[len(REPOSITORY.parts)] == "tests":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            inside = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ()
            if any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in inside):
                guilty.append(f"{path.relative_to(REPOSITORY)}: {getattr(node, 'name', '')}")
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                guilty.append(f"{path.relative_to(REPOSITORY)}: TYPE_CHECKING")
    assert guilty == []


def test_texts_are_normalised() -> None:
    """Persian data files are NFC and use Persian letters, so that two equal-looking words are equal."""
    for path in KEPT:
        if path.suffix == ".toml" and "fa" in path.stem.split("_"):
            text = path.read_text("utf-8")
            assert text == unicodedata.normalize("NFC", text), path
            assert not set("يكﻻ") & set(text), f"{path} holds Arabic yeh or kaf"
