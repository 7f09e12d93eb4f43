"""What the caller hears and chooses: the pure floor of line 1420.

In: keys and facts (what time it is, what a look-up found). Out: verbs (say, gather, mark, leave).
Nothing here opens a file, a socket or a clock. Read `kernel` for the words, then `menu`, then `dialogue`.
"""
