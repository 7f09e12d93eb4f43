"""All routes of the pages, and the two pages that other rooms ask for: the login form and the refusals.

`api.main` includes `router` and hands `login_page` and `error_page` to the rooms that show them.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from api.access.guard import Anyone
from api.web import (
    agents_pages,
    alarm_pages,
    callbacks_pages,
    calls_pages,
    cases_pages,
    desk_pages,
    emergency_pages,
    figures_pages,
    floor_pages,
    floor_parts,
    groups_pages,
    leading_pages,
    own_pin_pages,
    people_pages,
    preferences_pages,
    roster_cell_pages,
    roster_pages,
    roster_sheet_pages,
    shift_pages,
    staffing_pages,
    wall_pages,
)
from api.web.login_page import error_page, login_page
from api.web.rendering import first_page

__all__ = ["error_page", "login_page", "router"]

router = APIRouter(include_in_schema=False)
router.include_router(preferences_pages.router)
router.include_router(desk_pages.router)
router.include_router(own_pin_pages.router)
router.include_router(floor_pages.router)
router.include_router(leading_pages.router)
router.include_router(emergency_pages.router)
router.include_router(floor_parts.router)
router.include_router(alarm_pages.router)
router.include_router(wall_pages.router)
router.include_router(figures_pages.router)
router.include_router(staffing_pages.router)
router.include_router(roster_pages.router)
router.include_router(roster_cell_pages.router)
router.include_router(roster_sheet_pages.router)
router.include_router(groups_pages.router)
router.include_router(shift_pages.router)
router.include_router(agents_pages.router)
router.include_router(calls_pages.router)
router.include_router(cases_pages.router)
router.include_router(callbacks_pages.router)
router.include_router(people_pages.router)


@router.get("/")
async def home(principal: Anyone) -> RedirectResponse:
    """To where this person's work is."""
    return RedirectResponse(first_page(principal), 303)
