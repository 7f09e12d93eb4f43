"""I4 and I6: every message is one case with its sound, every talk that was recorded has one row that tells the truth."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tests.faults.checker import limits
from tests.faults.checker.evidence import Evidence, Row
from tests.faults.checker.facts import Facts, Left, Stay, message_seconds
from tests.faults.checker.report import Breach, Tell
from tests.faults.checker.timeline import timeline

_STATES = {"archived", "repaired", "truncated", "empty", "missing"}
_SPEAKS = {"archived", "repaired", "truncated"}
_TALK = re.compile(r"(?P<id>(?P<call>.+)-\d{1,4})\.(?:rx|tx)\.wav")
_MESSAGE = re.compile(r"(?P<id>m-[0-9a-f]{32}|fallback-.+?)(?:\.part)?\.(?:wav|json)")


def one_case_each(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I4. Message with speech ↔ one case; call back asked for ↔ one case; every case ↔ what led to it."""
    cases: dict[str, list[Row]] = defaultdict(list)
    for case in evidence.cases:
        cases[case["call_id"]].append(case)
    for call in evidence.judged:
        told, mine = facts[call], cases.get(call, [])

        def breach(text: str, call: str = call) -> Breach:
            return Breach("I4", call, text, timeline(evidence, call))

        messages = (row for row in evidence.recordings_of.get(call, ()) if row["kind"] == "message")
        spoken = [row for row in messages if row["state"] in _SPEAKS]
        for row in spoken:
            found = [case for case in mine if case["recording_id"] == row["recording_id"]]
            if len(found) != 1 and evidence.due(row["archived_at"]):
                yield breach(f"message {row['recording_id']} holds speech and has {len(found)} cases")
            yield from _same_code(told, found, row, breach)
        for code in told.callbacks:
            asked = max(row.at for row in told.said("callback"))
            if not any(case["code"] == code for case in mine) and evidence.due(asked):
                yield breach(f"a call back was promised with the code {code}, and there is no such case")
        ours = {row["recording_id"] for row in spoken}
        for case in mine:
            callback = case["kind"] == "callback" and case["recording_id"] is None
            # The note is on disk before the milestone: a door that dies between them leaves a wish that is kept.
            cut = len(mine) == 1 and any(row.said.get("door") == "callback" for row in told.said("fallback"))
            if case["recording_id"] not in ours and not (
                callback and (case["code"] in told.callbacks or not told.rows or cut)
            ):
                yield breach(f"case {case['code']} ({case['kind']}) comes of no message and no request of this call")
        if told.rows:
            for left in told.messages.values():
                yield from _sound_known(evidence, told, left, breach)
    yield from _cases_have_sound(evidence)


def _same_code(told: Facts, found: list[Row], row: Row, breach: Tell) -> Iterator[Breach]:
    left = told.messages.get(row["recording_id"])
    for case in found:
        spoken = str(case["details"]).find("spoken_code") >= 0
        if left and left.code and case["code"] != left.code and not spoken:
            yield breach(f"the caller was told {left.code}, the case is {case['code']}")


def _sound_known(evidence: Evidence, told: Facts, left: Left, breach: Tell) -> Iterator[Breach]:
    seconds = message_seconds(told, left)
    over = told.ended_at or told.cut_at
    if left.message in evidence.recordings_by_id or not evidence.due(over, limits.SOUND_GIVEN_UP - limits.GRACE):
        return
    if seconds is not None and seconds >= limits.MESSAGE_BEGAN:
        yield breach(f"message {left.message} was recorded for {seconds:.1f} s, and nothing is written down about it")


def _cases_have_sound(evidence: Evidence) -> Iterator[Breach]:
    for case in evidence.cases:
        if not evidence.in_span(case["opened_at"]):
            continue

        def breach(text: str, case: Row = case) -> Breach:
            return Breach("I4", f"case {case['code']}", text, timeline(evidence, case["call_id"]))

        if case["recording_id"] is not None and case["recording_id"] not in evidence.recordings_by_id:
            yield breach(f"names the sound {case['recording_id']}, which is not written down")
        if evidence.codes is not None and case["code"] not in evidence.codes:
            yield breach("has a code that was never reserved, so it may be given twice")
        if evidence.case_openings.get(case["code"], 0) != 1:
            yield breach(f"was opened {evidence.case_openings.get(case['code'], 0)} times by the audit trail")


def sound_is_true(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I6 (I4 for messages). Talk recorded ↔ one row; what is called archived is there, whole and as long as the talk."""
    for call in evidence.judged:
        told = facts[call]
        for stay in told.stays:
            row = evidence.recordings_by_id.get(stay.recording)
            over = told.ended_at or told.cut_at
            if row is None and stay.recording and stay.bridged_at and _long_enough(stay):
                if evidence.due(over, limits.SOUND_GIVEN_UP - limits.GRACE):
                    yield Breach("I6", call, f"talked, and nothing is written down about the sound {stay.recording}",
                                 timeline(evidence, call))  # fmt: skip
            elif row is not None:
                yield from _length(evidence, row, stay)
        known = {stay.recording for stay in told.stays}
        for row in evidence.recordings_of.get(call, ()) if told.rows else ():
            if row["kind"] == "talk" and row["state"] != "missing" and row["recording_id"] not in known:
                yield Breach(
                    "I6", row["recording_id"], "is a sound that the ledgers never began", timeline(evidence, call)
                )
    for row in evidence.recordings:
        if row["call_id"] in facts:
            yield from _row_is_true(evidence, row)


def _long_enough(stay: Stay) -> bool:
    return stay.talk_seconds is None or stay.talk_seconds > 0


def _row_is_true(evidence: Evidence, row: Row) -> Iterator[Breach]:
    kind = "I4" if row["kind"] == "message" else "I6"

    def breach(text: str) -> Breach:
        return Breach(kind, row["recording_id"], text, timeline(evidence, row["call_id"]))

    if row["state"] not in _STATES:
        yield breach(f"{row['state']!r} is no state of a recording")
    if row["state"] != "archived" and not row["reason"]:
        yield breach(f"is {row['state']} for no reason that is written down")
    if row["archive_key"] is None:
        if row["state"] in _SPEAKS:
            yield breach(f"is {row['state']} and lies nowhere")
        return
    file = evidence.sounds.get(row["archive_key"])
    if file is None:
        yield breach(f"is not in the archive ({row['archive_key']})")
        return
    if file.sha256 != row["sha256"]:
        yield breach("the archive's file is not the one that was stored: its SHA-256 differs")
    if file.size != row["bytes"]:
        yield breach(f"the archive's file has {file.size} bytes, the row says {row['bytes']}")
    if file.seconds is None:
        yield breach("the archive's file cannot be read as sound")
    elif abs(file.seconds - (row["seconds"] or 0.0)) > limits.FILE_LENGTH:
        yield breach(f"the sound is {file.seconds:.2f} s long, the row says {row['seconds']} s")
    if row["state"] == "empty" and file.loud_seconds >= limits.LOUD_SECONDS:
        yield breach(f"is called empty and holds {file.loud_seconds:.1f} s of loud sound")


def _length(evidence: Evidence, row: Row, stay: Stay) -> Iterator[Breach]:
    talk, seconds = stay.talk_seconds, row["seconds"]
    if row["state"] != "archived" or row["reason"] or talk is None or seconds is None:
        return
    if abs(seconds - talk) > max(limits.LENGTH, limits.LENGTH_SHARE * talk):
        yield Breach("I6", row["recording_id"], f"is called whole with {seconds:.1f} s of a talk of {talk:.1f} s",
                     timeline(evidence, row["call_id"]))  # fmt: skip


def spool_is_empty(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I4 (messages), I6 (talks), I9 (call backs): nothing waits in the spool once its call is over and settled."""
    rooms = {"messages": "I4", "calls": "I6", "callbacks": "I9"}
    of_message = {name: call for call, told in facts.items() for name in told.messages}
    for file in evidence.spool:
        if not evidence.due(file.changed_at):
            continue
        talk, message = _TALK.fullmatch(file.name), _MESSAGE.fullmatch(file.name)
        call = talk["call"] if talk else of_message.get(message["id"], "") if message else ""
        if call and evidence.cel_of.get(call) and not (evidence.end_of(call) or evidence.cut_by_boot(call)):
            continue  # the call goes on
        if call and not evidence.due(evidence.end_of(call) or evidence.cut_by_boot(call) or file.changed_at):
            continue
        never_begun = message is not None and file.name.endswith(".json") and message["id"] not in of_message
        if never_begun and not evidence.due(file.changed_at, limits.NOTE_GIVEN_UP - limits.GRACE):
            continue
        row = evidence.recordings_by_id.get(talk["id"] if talk else message["id"] if message else "")
        if row is not None and row["state"] == "truncated":
            continue  # kept on purpose: a part may still come
        yield Breach(rooms[file.folder], file.name, f"still lies in the spool ({file.folder})",
                     timeline(evidence, call or None))  # fmt: skip
