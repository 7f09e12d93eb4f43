"""Every tolerance of the checker, in one place, with its reason. Seconds unless the name says otherwise."""

from __future__ import annotations

GRACE = 60.0
"""A call that is over, a kept message, a job: all must be dealt with this long after the fault ended."""
PATIENCE = 180.0
"""So long a test looks for that: its machine may have no processor to give for a while. What it really took is told."""
SOUND_GIVEN_UP = 85.0
"""Sound that never came is written down as missing 60 s after its call, by a sweep every 10 s; then the rest is work."""
NOTE_GIVEN_UP = 120.0
"""The note of a message that never began (its caller left before the beep) goes as absent sound does; the caller may have
listened for half a minute before."""
SPOOL_UNTOUCHED = 60.0
"""A file of the spool that nobody writes any more and whose call is over may lie there this long."""
CALL_OPEN = 4 * 3600.0
"""No call lives longer (`LINE1420_CALL_OPEN_LIMIT`); only an older silent one may be `lost_unknown`."""
WHOLE_SECOND = 1.0
"""queue_log cuts the fraction off its instants."""
SAME_ENTRY = 2.5
"""queue_log's whole second and CEL's instant of one entry into one queue lie closer together than this."""
WITNESS_CLOCK = 5.0
"""A robot and the exchange may see the same message this far apart: retransmission, a frozen process, a busy machine."""
LOST_WITH_ASTERISK = 2.0
"""Rows of the last instants before a kill -9 of Asterisk may never have reached the file: it is not fsynced."""
RESTART = 6.0
"""An Asterisk that was told to restart is there again within this."""
LENGTH = 1.0
"""Sound may differ from its talk by the larger of this …"""
LENGTH_SHARE = 0.02
"""… and this share of the talk, when it is called whole."""
FILE_LENGTH = 0.05
"""The length written in the row against the length of the file itself."""
LONGEST = 24 * 3600.0
"""No span in a record may be longer, or negative."""
CLOCKS = 0.001
"""Two instants of one row may be out of order by no more: they come from one clock."""
FLOOR_SETTLES = 5.0
"""The board shows what Asterisk says after this long."""
OWN_REST = 3.5
"""Where agents sign in, a queue lets a seat rest for two seconds after a talk, counted in whole ones; then a pause keeps it."""
BOARD_FRESH = 10.0
"""The board's proof of life is no older while Asterisk answers."""
LOUD_DBFS = -40.0
"""Above this somebody spoke or played something …"""
LOUD_SECONDS = 1.0
"""… and a message that holds this much of it is not empty."""
MESSAGE_BEGAN = 2.0
"""A message that was recorded this long by the ledger must have left a row about its sound."""
SAME_EFFECT = 10.0
"""The same change of a queue member twice within this time was sent twice."""
WARM_UP = 60.0
"""Samples of this first stretch do not count for growth."""
SHORTEST_RUN = 120.0
"""Below this (warm-up not counted) growth cannot be told from noise."""
GROWTH_SHARE_AN_HOUR = 0.01
MEMORY_NOISE_BYTES = 6 * 1024 * 1024
"""An allocator's arenas come and go by this much."""
HANDLE_NOISE = 6
"""File handles and threads of pools that breathe."""
