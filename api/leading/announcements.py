"""Emergency announcements: taking a sound, making it prompts, letting it run from one instant to another, ending it at once.

Doors know `<var>/announcements.json` and the sounds beside all other prompts, and need no database. The sounds are in place
before the file names them. Trail and file belong together, as with closures.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import wave
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.leading.files import read_text, write_whole
from ivr.kernel.announcements import KEPT, LONGEST_SECONDS, Announcement, load_announcements, text_of
from ivr.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from ivr.kernel.persian_text import is_one_line
from recordings.adapters.uploads import telephone_sound
from recordings.pieces import RATE, Samples, levelled, pieces

LANGUAGES = ("fa", "en")
LONGEST = timedelta(days=30)
SLOW_HAND = timedelta(minutes=5)
"""A start may lie so far back: the form was filled in meanwhile."""
LONGEST_TEXT = 500
_LOCK = 14_200_038


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where announcements lie on this machine."""

    var: Path

    @property
    def file(self) -> Path:
        return self.var / "announcements.json"

    def sound(self, language: str, prompt: str) -> Path:
        return self.var / "asterisk" / "sounds" / language / "line" / f"{prompt}.wav"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants told. `queues` empty: to everybody. `starts_at` None: from now on."""

    sound: bytes
    text: str
    queues: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime


async def announcements(shelf: Shelf) -> Sequence[Announcement]:
    """All that are remembered, the newest first."""
    return await asyncio.to_thread(_read, shelf)


async def announce(
    session: AsyncSession, shelf: Shelf, asked: Asked, *, queues: Collection[str], at: datetime, by: Principal
) -> Announcement:
    """Take the sound and let it run. Raises `Invalid` that says what is wrong with the sound, the words or the times."""
    if asked.starts_at is not None and asked.starts_at < at - SLOW_HAND:
        raise Invalid("The start lies in the past; leave it empty for now.", code="starts_in_past", field="starts_at")
    start = asked.starts_at or at
    said = " ".join(asked.text.split())
    if not said or len(said) > LONGEST_TEXT or not is_one_line(said):
        raise Invalid(
            f"Write what is said, in at most {LONGEST_TEXT} characters.", code="announcement_text", field="text"
        )
    if unknown := [queue for queue in asked.queues if queue not in queues]:
        raise Invalid(f"There is no queue {unknown[0][:40]!r}.", code="no_such_queue", field="queues")
    if asked.ends_at <= max(start, at):
        raise Invalid("The end must be later than the start, and than now.", code="ends_too_soon", field="ends_at")
    if asked.ends_at - at > LONGEST:
        raise Invalid(f"It may run {LONGEST.days} days at most.", code="lasts_too_long", field="ends_at")
    parts = pieces(levelled(await telephone_sound(asked.sound, LONGEST_SECONDS)))
    made = Announcement(
        id=secrets.token_hex(6), text=said, queues=tuple(dict.fromkeys(asked.queues)), starts_at=start,
        ends_at=asked.ends_at, pieces=len(parts), seconds=round(sum(map(len, parts)) / RATE, 1), made_at=at, made_by=by.actor,
    )  # fmt: skip
    await _one_at_a_time(session)
    known = await announcements(shelf)
    details = {"before": None, "after": _told(made), "text": said, "seconds": made.seconds}
    await write_audit(session, at=at, actor=by, action="announcement.made", target=_target(made), details=details)
    await asyncio.to_thread(_put, shelf, made, parts, known)
    return made


async def end(session: AsyncSession, shelf: Shelf, wanted: str, *, at: datetime, by: Principal) -> Announcement:
    """Told to nobody any more. Raises `NotFound`, `Conflict` when it was over."""
    await _one_at_a_time(session)
    known = await announcements(shelf)
    one = next((one for one in known if one.id == wanted), None)
    if one is None:
        raise NotFound("There is no such announcement.", code="no_announcement")
    if one.over_at <= at:
        raise Conflict("This announcement is over already.", code="announcement_over")
    done = one.model_copy(update={"ended_at": at, "ended_by": by.actor})
    details = {"before": _told(one), "after": _told(done), "text": one.text}
    await write_audit(session, at=at, actor=by, action="announcement.ended", target=_target(one), details=details)
    changed = text_of([done if other.id == wanted else other for other in known])
    await asyncio.to_thread(write_whole, shelf.file, changed.encode())
    return done


def _read(shelf: Shelf) -> Sequence[Announcement]:
    try:
        found = read_text(shelf.file)
        return load_announcements(found) if found else ()
    except (OSError, UnicodeDecodeError, Invalid) as error:
        raise Unavailable(
            f"announcements.json cannot be read ({type(error).__name__}); mend it or move it away.",
            code="announcements_unreadable",
        ) from error


def _put(shelf: Shelf, made: Announcement, parts: Sequence[Samples], known: Sequence[Announcement]) -> None:
    for prompt, samples in zip(made.prompts, parts, strict=True):
        sound = _wav(samples)
        for language in LANGUAGES:
            write_whole(shelf.sound(language, prompt), sound)
    write_whole(shelf.file, text_of([made, *known[: KEPT - 1]]).encode())
    for forgotten in known[KEPT - 1 :]:
        for prompt in forgotten.prompts:
            for language in LANGUAGES:
                shelf.sound(language, prompt).unlink(missing_ok=True)


def _wav(samples: Samples) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def _told(one: Announcement) -> dict[str, object]:
    return {"from": one.starts_at.isoformat(), "until": one.over_at.isoformat(), "queues": list(one.queues)}


def _target(one: Announcement) -> str:
    return f"announcement:{one.id}"


async def _one_at_a_time(session: AsyncSession) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
