"""What is known of a queue before somebody enters it: how long the wait will be, from the floor as it is now.

In: the newest board, the newest talks, call backs that keep a place. Out: an estimate for each queue, for the doors
(GET /api/v1/line/advice) and for the floor. Read `routing.estimate` for the arithmetic, then `facts`, `picture`, `service`.
"""
