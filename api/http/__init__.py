"""How the house speaks HTTP: error bodies, cursors, headers, request log. Knows no feature.

In: kinds of `ivr.kernel.errors`, rows from features. Out: answers of one shape. Next: `errors.py`, then `pages_of.py`.
"""
