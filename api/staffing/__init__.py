"""The staffing of a day: forecast, operators needed, the seats as the ceiling, and how good the forecast was.

In: visits of past weeks, opening hours, the target. Out: `StaffingDay`, for GET /api/v1/staffing and the page /staffing.
Read `half_hours` (the words), then `forecast` and `accuracy` (pure), `visits` (the query), `service` (the use case), `needed` (the same for
the roster, by spans).

Here and not in `routing`, because a forecast is made from what was written down. When there is a roster, its planned
operators come beside `HalfHour.erlang_c` and `HalfHour.erlang_a`; until then no field pretends to know them.
"""
