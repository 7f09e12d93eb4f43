"""Ledger events in words, for people who want to know what happened in one call. Pure.

Only fields named here leave the ledger: menu keys and our own ids, never digits that a caller keyed for anything else,
never numbers or names of callers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from api.calls.ordering import seat_of
from api.calls.schemas import TimelineItem
from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent, Source

_Words = tuple[str, str, tuple[str, ...]]
"""English, Persian, fields that may be shown."""

_WORDS: dict[str, _Words] = {
    "CHAN_START": ("A channel began", "یک کانال آغاز شد", ()),
    "offered": ("The call arrived", "تماس رسید", ("number",)),
    "ANSWER": ("A channel was answered", "یک کانال پاسخ داد", ()),
    "step": ("Heard a part of the menu", "بخشی از منو پخش شد", ("node", "language")),
    "choice": ("Chose in the menu", "انتخاب در منو", ("node", "key")),
    "decision": ("Was sent on", "تماس هدایت شد", ("door", "goto", "queue", "kind", "open")),
    "routing": ("Was given a place", "جایگاه در صف معلوم شد", ("queue", "priority", "repeat", "province")),
    "delivered": ("Heard what was asked for", "اطلاعات خواسته‌شده پخش شد", ("what", "result")),
    "estimate": ("Was told of the wait", "زمان انتظار اعلام شد", ("queue", "told", "seconds", "basis")),
    "talk": ("Was put into a queue", "به صف فرستاده شد", ("recording", "queue")),
    "ENTERQUEUE": ("Entered the queue", "وارد صف شد", ("queue", "origposition")),
    "RINGNOANSWER": (
        "A seat rang and was not answered",
        "یک جایگاه زنگ خورد و پاسخ نداد",
        ("queue", "agent", "ringtime_ms"),
    ),
    "RINGCANCELED": (
        "The caller left while a seat rang",
        "تماس‌گیرنده هنگام زنگ‌خوردن قطع کرد",
        ("queue", "agent", "ringtime_ms"),
    ),
    "CONNECT": ("An operator answered", "کارشناس پاسخ داد", ("queue", "agent", "holdtime", "ringtime_ms", "ringtime")),
    "BRIDGE_ENTER": ("Began to talk", "گفت‌وگو آغاز شد", ()),
    "BRIDGE_EXIT": ("Stopped talking", "گفت‌وگو پایان یافت", ()),
    "COMPLETECALLER": ("The caller hung up", "تماس‌گیرنده قطع کرد", ("queue", "agent", "holdtime", "calltime")),
    "COMPLETEAGENT": ("The operator hung up", "کارشناس قطع کرد", ("queue", "agent", "holdtime", "calltime")),
    "BLINDTRANSFER": ("The operator handed the call on", "کارشناس تماس را واگذار کرد", ("queue", "agent", "calltime")),
    "ATTENDEDTRANSFER": (
        "The operator handed the call on",
        "کارشناس تماس را واگذار کرد",
        ("queue", "agent", "calltime"),
    ),
    "ABANDON": ("Hung up while waiting", "در انتظار قطع کرد", ("queue", "position", "waittime")),
    "EXITWITHTIMEOUT": ("Waited to the limit", "مهلت انتظار به پایان رسید", ("queue", "position", "waittime")),
    "EXITWITHKEY": ("Left the queue by a key", "با فشردن کلید از صف بیرون رفت", ("queue", "key", "waittime")),
    "EXITEMPTY": ("No operator was left", "کارشناسی در صف نمانده بود", ("queue", "waittime")),
    "SYSCOMPAT": ("The exchange could not connect the call", "مرکز نتوانست تماس را وصل کند", ("queue", "agent")),
    "queue": ("Came back from the queue", "از صف بازگشت", ("queue", "status", "to")),
    "WITHDRAW": ("Was taken out of the queue", "از صف بیرون آورده شد", ("queue", "waittime")),
    "announced": ("Heard an emergency announcement", "اطلاعیهٔ اضطراری پخش شد", ("announcement", "queue")),
    "listening": ("Somebody listened to the talk", "شنود گفت‌وگو", ("seat", "by", "mode", "state")),
    "score": ("The survey", "نظرسنجی", ("offered", "value")),
    "message": ("The voice message", "پیام صوتی", ("message", "kind", "state", "seconds", "status")),
    "callback": ("Asked to be called back", "درخواست تماس دوباره", ("queue", "when")),
    "fallback": ("The exchange went on without a door", "مرکز بدون سامانهٔ گفت‌وگو ادامه داد", ("door", "reason")),
    "alarm": ("Something to look at", "موردی برای بررسی", ("what", "which")),
    "final": ("The call is being closed", "تماس در حال بسته‌شدن است", ("cause", "done", "phase")),
    "HANGUP": ("A channel hung up", "یک کانال قطع شد", ("hangupcause",)),
    "LINKEDID_END": ("The call is over", "تماس پایان یافت", ()),
    "recording_archived": ("Sound was archived", "صدا بایگانی شد", ("recording", "kind", "state", "seconds")),
    "case_opened": ("A case was opened", "پرونده گشوده شد", ("code", "recording")),
    "call_lost": ("Nobody ended this call; it was closed", "پایانی ثبت نشد؛ تماس بسته شد", ("reason",)),
}

_WITHIN_SECOND = timedelta(microseconds=999_999)


def told(events: Iterable[LedgerEvent], language: str) -> list[TimelineItem]:
    """Events worth telling, in the order of time. A queue_log row stands at the end of its whole second."""
    known = [event for event in events if event.name in _WORDS]
    return [_item(event, language) for event in sorted(known, key=_moment)]


def _moment(event: LedgerEvent) -> tuple[datetime, str]:
    return (event.at + _WITHIN_SECOND if event.source is Source.QUEUE_LOG else event.at, event.name)


def _item(event: LedgerEvent, language: str) -> TimelineItem:
    english, persian, shown = _WORDS[event.name]
    details = {name: event.fields[name][:200] for name in shown if event.fields.get(name)}
    if event.name == "routing" and event.fields.get("group"):
        details["in_group"] = "yes"  # not which: that may tell of somebody's health
    if event.name != Milestone.LISTENING and (seat := seat_of(event.fields.get("channel", ""))):
        details["seat"] = seat
    return TimelineItem(
        at=event.at,
        source=event.source.value,
        event=event.name,
        text=persian if language == "fa" else english,
        details=details,
    )
