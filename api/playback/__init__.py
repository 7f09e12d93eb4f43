"""Hearing what was said: what is known of each recording, and its sound, one byte range at a time.

In: `Recording` values from the worker; requests of people and programs. Out: rows, and audited sound. Next: `service.py`.
"""
