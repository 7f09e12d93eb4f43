"""Who is to sit when, by which rules, and how far what happened agrees with it.

On this floor and not in `api`, because it is about who will answer and knows neither database nor pages. In: shifts,
planned turns, what was seen of an agent (duties and pauses). Out: `Problem`s of a plan, `Measured` (adherence, conformance),
`Arrival` (late, left early, absent), agents planned at a time. Read `shifts` and `turns` (the words), then `rules`,
`stretches`, `adherence`, `coverage`.
"""
