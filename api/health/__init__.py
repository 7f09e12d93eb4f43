"""For machines that watch this machine: `/live`, `/ready`, `/metrics`.

Every process writes its measures into a text file; this room reads them, adds what only the web process can see, and
says in sentences what is not right. Next: `ready.py`, then `files.py`. Alarms on these measures: `docs/alarms.yml`.
"""
