"""Builds the house of the doors from settings and from the line's own data. A wrong file is told before any call comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from agi_scripts.announcements import Announcements
from agi_scripts.desk import Desk
from agi_scripts.door import Door
from agi_scripts.doors import callback, case_status, ping, reception, seat_desk, survey, voice_message
from agi_scripts.house import House
from agi_scripts.opening import Opening
from agi_scripts.settings import DoorSettings
from agi_scripts.spool_box import SpoolBox
from ivr.kernel.calendar import Calendar, check_time_zone
from ivr.kernel.clock import Clock, SystemClock
from ivr.kernel.errors import Invalid
from ivr.kernel.hours import CASEWORK, load_hours
from ivr.menu.loader import load_menu
from ivr.menu.tree import MenuTree
from ivr.prompts.catalogue import load_catalogue

LANGUAGES = ("fa", "en")

DOORS: Mapping[str, Callable[[House], Door]] = {
    "reception": reception.door,
    "voice_message": voice_message.door,
    "survey": survey.door,
    "case_status": case_status.door,
    "callback": callback.door,
    "seat_desk": seat_desk.door,
    "ping": ping.door,
}
"""Every `agi://` route; the dialplan knocks at no other."""


def build_house(settings: DoorSettings, desk: Desk, clock: Clock | None = None) -> House:
    """Raises `Invalid` as `read_data` does."""
    clock = clock or SystemClock()
    tree, calendar, queues = read_data(settings)
    closures = settings.var / "closures.toml"
    opening = Opening(calendar, queues, closures, clock, settings.clock_open, settings.wait_after_closing)
    box = SpoolBox(settings.spool, settings.message_room)
    announcements = Announcements(settings.var / "announcements.json", clock)
    return House(
        tree,
        desk,
        box,
        clock,
        open_queues=opening.open_queues,
        waits_until=opening.waits_until,
        news=announcements.news,
    )


def read_data(settings: DoorSettings) -> tuple[MenuTree, Calendar, frozenset[str]]:
    """The menu, the hours, and the queues that have hours. Raises `Invalid` with every problem of the file that has them."""
    check_time_zone()
    data = files("ivr.data")
    catalogue = load_catalogue(
        {lang: (data / f"prompts_{lang}.toml").read_text(encoding="utf-8") for lang in LANGUAGES}
    )
    calendar = load_hours(_read(settings.hours or data / "hours.toml", "LINE1420_HOURS")).calendar
    queues = frozenset(calendar.sections) - {CASEWORK}
    menu = _read(settings.menu or data / "menu_1420.toml", "LINE1420_MENU")
    tree = load_menu(menu, queues=queues, prompts={lang: catalogue.names(lang) for lang in LANGUAGES})
    return tree, calendar, queues


def open_doors(house: House) -> dict[str, Door]:
    """All doors by route."""
    return {route: make(house) for route, make in DOORS.items()}


def _read(file: Traversable, setting: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{setting} points to {file}, which cannot be read: {error}") from error
