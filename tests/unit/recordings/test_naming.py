"""Ids, spool names and archive keys; nothing leads outside."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import MessageId, RecordingId
from recordings.naming import (
    archive_key,
    call_of_fallback,
    call_of_talk,
    checked_key,
    leg_names,
    message_of_file,
    talk_of_file,
)

MESSAGE = "m-" + "0a" * 16


def test_a_talk_knows_its_call_and_its_two_files():
    recording = RecordingId("line1420-1763750000.12-2")  # as 30-queue.conf names it: linked id and visit
    assert call_of_talk(recording) == "line1420-1763750000.12"
    rx, tx = leg_names(recording)
    assert talk_of_file(rx) == (recording, "rx")
    assert talk_of_file(tx) == (recording, "tx")


@pytest.mark.parametrize(
    "name",
    [
        "x.wav",
        "a-1.wav",
        "../a-1.rx.wav",
        "a-1.rx.wav.tmp",
        ".a-1.rx.wav",
        "a-1.rx.WAV",
        "a b-1.rx.wav",
        "a-1.rx.wav\n",
    ],
)
def test_other_names_are_no_talk(name):
    assert talk_of_file(name) is None


@pytest.mark.parametrize(
    ("name", "message", "part", "sidecar"),
    [
        (f"{MESSAGE}.wav", MESSAGE, False, False),
        (f"{MESSAGE}.part.wav", MESSAGE, True, False),
        (f"{MESSAGE}.json", MESSAGE, False, True),
        ("fallback-line1420-1763750000.12.part.wav", "fallback-line1420-1763750000.12", True, False),
    ],
)
def test_message_files(name, message, part, sidecar):
    found = message_of_file(name)
    assert found is not None
    assert (found.message, found.part, found.sidecar) == (message, part, sidecar)


@pytest.mark.parametrize(
    "name", ["m-1.wav", f"{MESSAGE}.part.json", f"../{MESSAGE}.wav", f"{MESSAGE}.wav.gz", "note.json"]
)
def test_other_names_are_no_message(name):
    assert message_of_file(name) is None


def test_a_fallback_message_carries_its_call():
    assert call_of_fallback(MessageId("fallback-line1420-1763750000.12")) == "line1420-1763750000.12"
    assert call_of_fallback(MessageId(MESSAGE)) is None


def test_the_archive_day_is_the_utc_day_in_which_the_sound_began():
    tehran_night = datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=3, minutes=30)))
    key = archive_key(RecordingId("a-1"), tehran_night)
    assert key == "2026/11/21/a-1.wav"
    assert checked_key(key) == key
    assert archive_key(RecordingId("a-1"), datetime(2026, 1, 2, tzinfo=UTC)) == "2026/01/02/a-1.wav"


@pytest.mark.parametrize(
    "key", ["/etc/passwd", "2026/11/21/../../x.wav", "2026/11/21/.x.wav", "a.wav", "2026/11/21/a/b.wav"]
)
def test_a_foreign_archive_key_is_refused(key):
    with pytest.raises(Invalid):
        checked_key(key)
