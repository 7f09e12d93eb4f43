"""Robot callers and robot operators over real SIP: SIPp does the signalling and sends sound. Demo and tests use them.

In: where the exchange is, what a robot shall do. Out: what it met, with times from SIPp's own log.
Read `caller`, then `seat`; `scenario` writes what SIPp reads, `sippline` runs it, `sound` makes what is heard.
"""
