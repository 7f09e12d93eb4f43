"""What the caller hears, by name: the catalogue of prompts and the pieces of spoken numbers, dates and codes.

In: prompt files as text, values to speak. Out: prompt names in order. Read `catalogue`, then `speech`.
"""
