"""What must be answered by a deadline: a voice message or a call back that was asked for, with the code its caller heard.

In: archived messages and call-back notes (through `api/reactions.py`), the deeds of caseworkers. Out: cases, audit
entries. Next: `case.py`, `deadlines.py`, then `service.py`.
"""
