"""What happened, append-only, and the way from there to records.

In: rows of Asterisk's ledgers (from `routing.ledger`) and facts the worker found out. Out: rows of `ledger_event`, folded
records, notifications, jobs. Read `store`, then `facts`, `folding`, `closing`; `refold` rebuilds everything.
"""
