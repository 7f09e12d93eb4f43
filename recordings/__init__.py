"""What was said: sound on its way from Asterisk's spool to the archive, and back to a listener.

In: wav files and sidecars in the spool. Out: checked sound in the archive, `RecordingArchived` facts.
Read `steps`, then `pipeline`, then `replay`.
"""
