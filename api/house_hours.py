"""The hours of this house: the file that LINE1420_HOURS names, or the one that is shipped."""

from __future__ import annotations

from importlib.resources import files

from api.settings import ApiSettings
from ivr.kernel.errors import Invalid
from ivr.kernel.hours import Hours, load_hours


def hours_of(settings: ApiSettings) -> Hours:
    """Read anew. Raises `Invalid` with every problem of the file."""
    if settings.hours is None:
        return load_hours((files("ivr.data") / "hours.toml").read_text("utf-8"))
    try:
        return load_hours(settings.hours.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"LINE1420_HOURS points to {settings.hours}, which cannot be read: {error}") from error
