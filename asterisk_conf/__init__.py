"""The exchange's own words: renders dialplan and configuration, and sets the stage the line runs on.

In: settings. Out: a folder Asterisk starts from, and all processes of the line under one supervisor.
Read `settings`, then `render`, then `stage/run`.
"""
