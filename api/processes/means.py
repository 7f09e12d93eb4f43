"""What the reactions of a process work with, made of the real adapters."""

from __future__ import annotations

from api.cases.adapters.hours_file import HoursFile
from api.cases.adapters.spool_notes import SpoolCodes
from api.reactions import Means
from api.settings import ApiSettings
from ivr.kernel.clock import Clock


def means_of(settings: ApiSettings, clock: Clock) -> Means:
    """What the reactions of this process work with."""
    codes, hours = SpoolCodes(settings.spool.absolute()), HoursFile(settings.var / "closures.toml")
    return Means(clock, codes, hours, settings.callbacks, bool(settings.sms_hook))
