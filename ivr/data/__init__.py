"""The line's own words as data: the menu, the prompts in both languages, the hours.

Read at the process roots through `importlib.resources.files("ivr.data")` and handed to the loaders as text.
"""
