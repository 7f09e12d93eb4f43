"""`make bench`: what our software costs beside a bare dialplan that serves the same callers. Not a test: it measures.

In: two exchanges side by side (ours, and the twin of `twin`), robots that call both in turn. Out: ratios with their
spread, printed and written into `docs/`. Read `spread` first, then `__main__`; each further file measures one thing.
"""
