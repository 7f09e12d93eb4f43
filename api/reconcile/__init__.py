"""Each night: did everything that Asterisk wrote down for a day arrive where people look for it?

In: the ledger files of a day, read again from their first byte, and what the database holds of it. Out: one row of
`reconciliation` with what was counted and every difference. Independent of the fold. Read `service`, then `comparing`.
"""
