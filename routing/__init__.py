"""Who will answer: seats, queues, the live board, and the readers of Asterisk's ledgers.

In: AMI events, lines of CEL and queue_log. Out: a `Board` for the page, `LedgerEvent`s for the record.
Read `events`, then `board`, then `listener` (live) or `ledger/follower` (record).
"""
