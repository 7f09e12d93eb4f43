"""The people's pages: server-rendered Persian and English, small islands where something moves.

In: the same services as the JSON API. Out: HTML for people. Next: `pages.py` (all routes), `rendering.py` (how a page is
made), `shown.py` (how a number, a date or a caller looks on it); styles and islands are built by Vite into `static/`.
"""
