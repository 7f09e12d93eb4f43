"""Readers of Asterisk's two ledgers: CEL (the call) and queue_log (queues and operators).

In: bytes of `cel-custom/line.csv` and of `queue_log`. Out: `LedgerEvent`s, each with the offset of its row.
Read `rows`, then `cel` and `queue_log` (pure), then `tail` (files and rotation) and `follower` (the loop).
"""
