"""The roster: shifts, planned turns, who changed them, and the plan beside what happened, by day and by Jalali month.

In: forms, API bodies, spreadsheets; duties and pauses as they were written down. Out: `RosterMonth`, `RosterDay`, XLSX, the
planned operators for the staffing (through its port). The rules and figures are `routing/roster`. Read `plans` (what a cell
of the roster says), `repository`, then `reading` and `changing` (the use cases), `sheets/` (spreadsheets).
"""
