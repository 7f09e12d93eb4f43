"""The staffing of a day: forecast, operators needed, the seats as the ceiling, and how good the forecast was.

In: visits of past weeks, opening hours, the target. Out: `StaffingDay`, for GET /api/v1/staffing and the page /staffing.
Read `half_hours` (the words), then `forecast` and `accuracy` (pure), `visits` (the query), `service` (the use case).

Here and not in `routing`, because a forecast is made from what was written down. `HalfHour.planned` comes from the roster
through the port `PlannedOperators`; in the other direction `needed` tells the roster what a span of time needs.
"""
