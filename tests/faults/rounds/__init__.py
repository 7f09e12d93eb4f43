"""Rounds: one fault at a time, while robot callers stand at every step of a call, and the checker's word afterwards.

A round puts a `cohort` of callers on a whole line, each at another step, strikes one process (`hurts`), waits until the
line is back, lets everybody finish and asks the checker. Each caller that was seen at its step is one cell of the matrix
"what is struck × when". `tally` counts; `tell` writes the counts of the last run into docs/faults.md.
"""
