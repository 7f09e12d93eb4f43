"""One byte range, and waveforms."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from recordings.byte_range import NotSatisfiable, parse_range
from recordings.waveform import peaks
from tests.patience import quickest
from tests.sounds import silence, tone


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 999),
        ("bytes=10-19", 10, 19),
        ("bytes=990-5000", 990, 999),
        ("bytes=-1", 999, 999),
        ("bytes=-5000", 0, 999),
        ("Bytes = 5 - 6", 5, 6),
        ("bytes=0-9999999999999999999", 0, 999),
    ],
)
def test_one_range(header, first, last):
    found = parse_range(header, 1000)
    assert found is not None
    assert (found.first, found.last) == (first, last)
    assert found.content_range == f"bytes {first}-{last}/1000"


@pytest.mark.parametrize("header", [None, "lines=1-2", "seconds=0-"])
def test_no_range_of_bytes_means_the_whole(header):
    assert parse_range(header, 1000) is None


@pytest.mark.parametrize(
    "header", ["bytes=0-1,5-6", "bytes=9-3", "bytes=1000-", "bytes=-0", "bytes=0-0,", "bytes=1000-1001"]
)
def test_cannot_be_satisfied(header):
    with pytest.raises(NotSatisfiable):
        parse_range(header, 1000)


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=--1", "bytes=0x0-0x9", "bytes=۱-۲", "bytes=1-2-3",
     "bytes=" + "9" * 200 + "-", "bytes=0-" + "9" * 30],
)  # fmt: skip
def test_no_range_at_all(header):
    with pytest.raises(Invalid) as caught:
        parse_range(header, 1000)
    assert not isinstance(caught.value, NotSatisfiable)


def test_an_empty_file_has_no_ranges():
    for header in ("bytes=0-", "bytes=-1"):
        with pytest.raises(NotSatisfiable):
            parse_range(header, 0)


def test_thousands_of_ranges_cost_nothing():
    header = "bytes=" + ",".join(f"{n}-" for n in range(20_000))

    def seconds() -> float:
        began = time.perf_counter()
        with pytest.raises(Invalid):
            parse_range(header, 1_000_000)
        return time.perf_counter() - began

    assert quickest(seconds, 0.01) < 0.01


@given(st.text(max_size=60), st.integers(0, 10_000))
def test_whatever_is_sent_the_range_lies_inside(header, size):
    try:
        found = parse_range(header, size)
    except Invalid:
        return
    assert found is None or 0 <= found.first <= found.last < size


def test_peaks_follow_the_loudness_of_each_channel():
    samples = np.stack([np.concatenate([silence(1), tone(1, level=0.5)]), silence(2)], axis=1)
    left, right = peaks(samples, 100)
    assert len(left) == len(right) == 100
    assert max(left[:49]) == 0
    assert min(left[51:]) == pytest.approx(0.5, abs=0.01)
    assert set(right) == {0.0}


def test_peaks_of_full_scale_and_of_nothing():
    assert peaks(np.array([[-32768], [32767]], dtype=np.int16)) == [[1.0, 1.0]]
    assert peaks(np.zeros((0, 2), dtype=np.int16)) == [[], []]
