"""Conversations as pure state machines: (state, reply) → (state, verbs).

In: a `Reply` (what the caller did, what a look-up found). Out: a `Step` with the next state and the verbs a phone
carries out in order. The same dialogue runs behind FastAGI, process AGI, a terminal and the test that walks every
branch. Read `verbs`, then `replies`, then `reception`.
"""
