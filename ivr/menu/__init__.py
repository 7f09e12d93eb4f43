"""What the caller can choose: the tree as data, proved whole when it is loaded.

In: TOML text, the names of prompts and queues. Out: a pure `MenuTree`, or every problem at once.
Read `tree`, then `validation`, then `loader`.
"""
