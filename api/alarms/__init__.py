"""Alarms of the floor: what is measured against which limits, what stands, and who has taken it.

In: the listener's board, today's visits, the roster's plan, limits. Out: rows of `alarm` with beginning, end, value and owner,
for the floor, the wall, the list and GET /api/v1/alarms. Read `readings` (what is measured), `rules`, `rounds` (one look of the
one process that watches), then `service` (taking) and `routes`. When an alarm begins and ends says `routing.alarms`.
"""
