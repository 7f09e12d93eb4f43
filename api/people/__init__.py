"""Those who can log in: their accounts, logging in and out, and the demo accounts of a fresh line.

In: login forms, an administrator's forms, the seed process. Out: `person`, `session` and `api_token` rows. Next: `login.py`,
`accounts.py`, `seed.py`.
"""
