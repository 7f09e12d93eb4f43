"""The outer edge of recordings: the spool on disk, the audio tools, the archive store.

Each file fulfils one protocol of `recordings/ports.py`; `tests/contract/recordings` holds it and its fake to one behaviour.
"""
