"""What the reactions of a process work with, made of the real adapters."""

from __future__ import annotations

from api.cases.adapters.hours_file import HoursFile
from api.cases.adapters.spool_notes import SpoolCodes
from api.house_hours import hours_of
from api.reactions import Means
from api.settings import ApiSettings
from ivr.kernel.clock import Clock


def means_of(settings: ApiSettings, clock: Clock) -> Means:
    """What the reactions of this process work with."""
    codes = SpoolCodes(settings.spool.absolute())
    hours = HoursFile(settings.var / "closures.toml", hours_of(settings))
    return Means(clock, codes, hours, settings.callbacks, bool(settings.sms_hook))
