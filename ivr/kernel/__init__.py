"""The words everyone shares: ids, numbers, times, errors and the milestones of a call.

The foundation of the house: imports nothing of ours. Read `ids` first, then `milestones`.
"""
