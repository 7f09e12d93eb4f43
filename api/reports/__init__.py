"""The figures of a day or month, computed by us from call records and visits, never taken from Asterisk's averages.

In: a Jalali day or month, a queue. Out: counts, rates, waits and service levels with their parts; the live floor takes
today's from here too, so that both say the same. Read `standard`, `counts`, `formulas`, then `repository` and `service`.
"""
