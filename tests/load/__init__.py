"""The line under load: steady callers, bursts, and years of history. Robots call, the checker judges, figures are written.

Read `journeys` (what callers do), then `traffic` (how a run goes), then the tests.
"""
