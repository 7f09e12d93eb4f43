"""Who did or heard what, written in the same transaction as the deed; nobody can change it afterwards.

In: `write_audit(...)` from any feature. Out: `GET /api/v1/audit` for the administrator. Next: `trail.py`.
"""
