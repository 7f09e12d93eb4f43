"""Call backs that keep their place in line. In: what was asked for, what Asterisk's queues hold, what the ledger says of our
own calls. Out: the steps that are missing, and what became of each attempt. Pure; read `rule` first, then `judging`.
"""
