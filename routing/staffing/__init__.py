"""How many operators a load of calls needs: Erlang's models and the target they are asked for.

On this floor and not in `api`, because it is about who will answer and knows neither database nor pages: the staffing
page and the roster ask it. In: a load, a handling time, a `StaffingTarget`. Out: `Outlook` (how it would be with
N operators) and `Need` (how many it takes). Read `erlang`, then `need`.
"""
