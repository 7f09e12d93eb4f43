"""The rules that a roster keeps, each broken one named with agent, day and what is in the way. Pure.

* No two turns of one agent overlap, whatever they are for: who is on leave all day has no shift on it.
* No seat is planned for two agents at a time.
* Weekly rest: nobody works or learns on more than six days in a row. Iran's labour law (article 62) gives one day of rest
  in each week, Friday or another; a run of six keeps it in whichever way the week is counted.
* At most four turns of an agent begin on one day; more is a slip of the pen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from routing.roster.turns import ON_DUTY, Turn

LONGEST_RUN = 6
MOST_TURNS = 4
REACH = timedelta(days=LONGEST_RUN)
"""How far around a changed day other turns can matter to the rules."""

Cell = tuple[str, date]
"""What one cell of the roster holds: the turns of an agent that begin on a day."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: `turns_overlap`, `seat_taken`, `no_weekly_rest` or `too_many_turns`."""

    code: str
    agent: str
    day: date
    other: str = ""
    """For `seat_taken` the agent who has the seat already."""
    seat: str = ""

    @property
    def message(self) -> str:
        return _MESSAGES[self.code].format(agent=self.agent, day=self.day, other=self.other, seat=self.seat)


_MESSAGES = {
    "turns_overlap": "Two turns of {agent} overlap on {day}; remove or shorten one of them.",
    "seat_taken": "{seat} is planned for {agent} and for {other} at the same time on {day}; take another seat.",
    "no_weekly_rest": f"{{agent}} would work more than {LONGEST_RUN} days in a row around {{day}}; leave a day of rest.",
    "too_many_turns": f"More than {MOST_TURNS} turns of {{agent}} begin on {{day}}; join or remove some.",
}


def problems_of(turns: Iterable[Turn], touched: set[Cell]) -> list[Problem]:
    """What is wrong with a plan because of the cells that were touched. `turns` are all within `REACH` of them."""
    of_agent: dict[str, list[Turn]] = defaultdict(list)
    for turn in sorted(turns, key=lambda turn: (turn.begins, turn.ends)):
        of_agent[turn.agent].append(turn)
    agents = sorted({agent for agent, _ in touched})
    found: list[Problem] = []
    for agent in agents:
        days = {day for who, day in touched if who == agent}
        found += _own_clashes(of_agent[agent], days)
        found += _without_rest(of_agent[agent], days)
    return found + _seat_clashes([turn for mine in of_agent.values() for turn in mine], touched)


def _own_clashes(turns: Sequence[Turn], days: set[date]) -> list[Problem]:
    found: dict[tuple[str, date], Problem] = {}
    for place, turn in enumerate(turns):
        for later in turns[place + 1 :]:
            if turn.overlaps(later) and {turn.day, later.day} & days:
                day = later.day if later.day in days else turn.day
                found.setdefault(("turns_overlap", day), Problem("turns_overlap", turn.agent, day))
    for day in sorted(days):
        if sum(turn.day == day for turn in turns) > MOST_TURNS:
            found["too_many_turns", day] = Problem("too_many_turns", turns[0].agent, day)
    return list(found.values())


def _without_rest(turns: Sequence[Turn], days: set[date]) -> list[Problem]:
    """Runs of working days that are too long and hold a touched day; each run is told once, at its first such day."""
    working = {turn.day for turn in turns if turn.kind in ON_DUTY}
    found: list[Problem] = []
    told_until: date | None = None
    for day in sorted(days & working):
        first, last = day, day
        while first - timedelta(days=1) in working:
            first -= timedelta(days=1)
        while last + timedelta(days=1) in working:
            last += timedelta(days=1)
        if (last - first).days >= LONGEST_RUN and (told_until is None or day > told_until):
            found.append(Problem("no_weekly_rest", turns[0].agent, day))
            told_until = last
    return found


def _seat_clashes(turns: Sequence[Turn], touched: set[Cell]) -> list[Problem]:
    of_seat: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        if turn.seat is not None:
            of_seat[turn.seat].append(turn)
    found: list[Problem] = []
    for seat, sitting in sorted(of_seat.items()):
        for place, turn in enumerate(sitting):
            for other in sitting[place + 1 :]:
                if turn.agent == other.agent or not turn.overlaps(other):
                    continue
                mine, theirs = (turn, other) if (turn.agent, turn.day) in touched else (other, turn)
                if (mine.agent, mine.day) in touched:
                    found.append(Problem("seat_taken", mine.agent, mine.day, theirs.agent, seat))
    return found
