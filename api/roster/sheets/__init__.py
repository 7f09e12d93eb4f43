"""Spreadsheets (XLSX) of a Jalali month: written, opened with suspicion, understood cell by cell.

In: a `RosterMonth`, or the bytes of a file from anywhere. Out: the bytes of a workbook, or the plans of each cell with every
bad one named. `form` is what both directions share; then `writing`, `opening`, `understanding`.
"""
