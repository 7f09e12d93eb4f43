"""Those who can sit at a seat, as the house keeps them: agent number, PIN, and how well they know which queue.

In: forms and requests of who leads the floor, an agent's own new PIN. Out: `agent` and `agent_skill` rows, word to the keeper.
Read `skills` (what may be asked for), then `service` (what may happen).
"""
