"""Emergency announcements as they lie on disk: `<var>/announcements.json`, written by the pages, read by the doors.

Takes and gives text, never a path. The sound of each is cut into pieces that are prompts like all others,
`announcement-<id>-01` …, in both languages' folders; so a door plays them without knowing what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ivr.kernel.errors import Invalid

LONGEST_SECONDS = 60.0
"""Of one announcement: whoever calls in an emergency waits for it to end."""
MOST_PIECES = 40
KEPT = 100
"""So many are remembered, the newest; the sound of older ones is removed."""


class Announcement(BaseModel):
    """One announcement. It is told from `starts_at` up to, but not including, `ends_at`, or until somebody ended it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[0-9a-f]{12}$")
    text: str = Field(min_length=1, max_length=500, description="What is said, for people who read.")
    queues: tuple[str, ...] = Field(default=(), max_length=40, description="Empty: everybody who calls.")
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    pieces: int = Field(ge=1, le=MOST_PIECES)
    seconds: float = Field(gt=0, le=LONGEST_SECONDS + 1)
    made_at: AwareDatetime
    made_by: str
    ended_at: AwareDatetime | None = None
    ended_by: str | None = None

    @property
    def over_at(self) -> datetime:
        """When it stops, or stopped."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)

    def runs(self, now: datetime) -> bool:
        """Whether callers are told it at this instant."""
        return self.starts_at <= now < self.over_at

    @property
    def prompts(self) -> tuple[str, ...]:
        """Names of its pieces, in order."""
        return tuple(f"announcement-{self.id}-{number:02d}" for number in range(1, self.pieces + 1))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    announcements: tuple[Announcement, ...] = ()


def load_announcements(text: str) -> tuple[Announcement, ...]:
    """Read the file. Raises `Invalid` that lists every problem."""
    try:
        return _File.model_validate_json(text).announcements
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise Invalid("the announcements file has problems:\n  " + "\n  ".join(problems)) from None


def text_of(announcements: Sequence[Announcement]) -> str:
    """The file's text; the newest stand first."""
    return _File(announcements=tuple(announcements)).model_dump_json(indent=1) + "\n"
