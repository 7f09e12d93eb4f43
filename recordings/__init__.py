"""What was said: carries sound from the spool, where Asterisk wrote it, to the archive, where it can be heard again.

In: files of the spool and the facts of a call. Out: `Recording` values and the events that tell of them; nothing here
knows a database. Read `recording`, then `steps` (when may a file be taken), `quality`, and `pipeline`.
"""
