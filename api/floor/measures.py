"""What the web process counts of the screens that watch the floor."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

STREAMS = Gauge("line1420_floor_streams", "Screens that watch the board now.")
DROPPED = Counter("line1420_floor_streams_dropped_total", "Screens cut off because they took no picture in time.")
