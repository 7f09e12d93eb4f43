"""What was written down, and what is done about it: records, cases, people, pages and the JSON API.

In: ledger events, commands from people. Out: pages, JSON, jobs. Read `main`, then `reactions`, then a feature.
"""
