"""Every test is run by a lane of the suite: the slow ones stand in a list that is written by hand."""

from __future__ import annotations

import re
from pathlib import Path

from tests.suite import DEFAULT, LAST, LONG, Lane

REPOSITORY = Path(__file__).resolve().parents[2]


def runs(lane: Lane, path: str) -> bool:
    """Whether the lane looks into this file."""
    ignored = [option.removeprefix("--ignore=") for option in lane.options if option.startswith("--ignore=")]
    wanted = [option for option in lane.options if option.startswith("tests")]
    return any(path.startswith(place) for place in wanted) and not any(path.startswith(place) for place in ignored)


def test_every_file_of_tests_is_in_exactly_one_lane_of_the_default_suite() -> None:
    files = [str(file.relative_to(REPOSITORY)) for file in (REPOSITORY / "tests").rglob("test_*.py")]
    assert len(files) > 100
    assert {file: n for file in files if (n := sum(runs(lane, file) for lane in DEFAULT)) != 1} == {}


def test_every_slow_test_is_in_a_long_lane() -> None:
    slow = re.compile(r"mark\.slow|@tried\(")
    for file in (REPOSITORY / "tests").rglob("test_*.py"):
        text, path = file.read_text("utf-8"), str(file.relative_to(REPOSITORY))
        if not slow.search(text) or file == Path(__file__):
            continue
        lanes = [lane for lane in (*LONG, *LAST) if runs(lane, path)]
        assert lanes, f"no lane of make test-all runs the slow tests of {path}"
        chosen = [lane.options[lane.options.index("-k") + 1] for lane in lanes if "-k" in lane.options]
        if len(chosen) == len(lanes):
            cases = re.findall(r'id="([^"]+)",\s*marks=\[[^\]]*slow', text)
            assert cases
            assert [case for case in cases if not any(word in case for word in chosen)] == []
