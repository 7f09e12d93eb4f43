"""Asterisk's manager interface, read only: a link that notices its own death, and the words it brings.

In: bytes from port 5038. Out: ordered `Heard` messages in an `Inbox`, typed live events, snapshots.
Read `message`, `normalise` and `resync` (pure), then `protocol` and `client`.
"""
