"""The checker: joins what robot callers saw with ledgers, files, database and Asterisk's own answers, and says what was lost.

A witness, not a friend: it reads every file and table itself and imports neither our readers nor our fold.
In: a line (its folder, its database, its manager interface), witnesses, a span of time. Out: a `Report` of breaches of
I1–I12, each with the merged timeline of the call it concerns. Read `report`, then `check`; tolerances stand in `limits`.
"""
