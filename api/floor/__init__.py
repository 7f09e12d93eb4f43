"""The floor as it is now: queues, waiting callers, seats, today's figures, and how old that picture is.

In: the board of `routing.listener`, call records. Out: `board_state`, GET /api/v1/board and its stream. Read `sink` (the
listener's side), then `opening`, `today`, `view`, `feed` and `routes` (the web's side).
"""
