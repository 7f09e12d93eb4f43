"""The record of each call: what the caller did, whom they reached, how it ended.

In: the ledger events of one call. Out: a `CallRecord` with exactly one disposition, its rows, and the calls API.
Read `record`, then `fold`, then `repository`, `service` and `routes`.
"""
