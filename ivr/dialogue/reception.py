"""The reception: greeting, a walk through the menu, and where the call goes from there.

Pure. It takes what is known when the dialplan knocks (why, which queues are open, where another door stopped) and
asks for one key at a time. Wrong and empty replies count together, three of them lead to the entry's `give_up` exit;
a caller who only walks in circles is taken there too, so every conversation ends. Who goes to a queue is told how long the
wait will be, as far as the desk can say it at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ivr.dialogue.news import NOTHING_NEW, News, marks_of, prompts_of
from ivr.dialogue.replies import HungUp, Keyed
from ivr.dialogue.verbs import AskAdvice, Gather, Leave, Mark, Remember, Say, Speak, Step, Verb
from ivr.dialogue.way_out import WayOut, go_on
from ivr.kernel.milestones import Goto, Milestone
from ivr.menu.tree import Act, Entry, Exit, Menu, MenuTree

MISSES = 3
"""Wrong or empty replies in a row until the caller is taken to a person."""

TURNS = 40
"""Replies of one conversation; nobody needs more, and a stuck handset must not hold a line for hours."""

LANGUAGES = ("fa", "en")

CLOSED_SECTION = "section_closed"


@dataclass(frozen=True, slots=True)
class ReceptionState:
    """Where the caller is. `hearing`: information is being told, its end is not reached yet. `way`: to the queue
    that the caller goes out to."""

    entry: str
    node: str
    language: str
    misses: int = 0
    turns: int = 0
    hearing: bool = False
    way: WayOut | None = None


ReceptionStep = Step[ReceptionState]


class Reception:
    """One visit to the menu.

    `news` are emergency announcements: for everybody before the greeting (a key ends them, as it ends a greeting), for who is
    sent to a queue before they enter it.

    `phase` is why the dialplan knocks, `open_queues` the queues that are open at this instant, `node` what an earlier
    `Remember` kept (empty at first). The line itself is open while the queue of the arrival's `give_up` exit is.
    """

    def __init__(
        self,
        tree: MenuTree,
        *,
        open_queues: Collection[str],
        phase: str = "arrival",
        language: str = "fa",
        node: str = "",
        key_seconds: float = 5.0,
        caller: str = "",
        news: News = NOTHING_NEW,
    ) -> None:
        self._tree = tree
        self._open = frozenset(open_queues)
        self._phase = phase if phase in tree.entries else "arrival"
        self._language = language if language in LANGUAGES else LANGUAGES[0]
        self._node = node
        self._key_seconds = key_seconds
        self._caller = caller
        self._news = news

    @property
    def is_open(self) -> bool:
        """Whether the line takes calls to operators now."""
        return self._tree.exit(self._tree.entries["arrival"].give_up).queue in self._open

    def start(self) -> ReceptionStep:
        if state := self._resumed():
            return self._enter(state, ())
        phase = "after_hours" if self._phase == "arrival" and not self.is_open else self._phase
        entry = self._tree.entries[phase]
        state = ReceptionState(phase, entry.node, self._language)
        # Written before the first word: a caller who hangs up while hearing that we are closed has called after hours.
        closed = () if self.is_open else (self._decision(Goto.RECEPTION),)
        news = self._news.everybody if self._phase == "arrival" else ()
        return self._enter(state, (*prompts_of(news), *entry.say), (*closed, *marks_of(news)))

    def advance(self, state: ReceptionState, reply: object) -> ReceptionStep:
        if isinstance(reply, HungUp):
            return Step(state, (Leave(Goto.GOODBYE),))
        if state.way is not None:
            return self._on_the_way(state, state.way, reply)
        menu = self._tree.menu(state.node)
        if menu is None:
            return self._give_up(state, ())
        state = replace(state, turns=state.turns + 1)
        if isinstance(reply, Keyed):
            return self._keyed(state, menu, reply.digits[:1])
        if state.hearing:
            told = Mark(Milestone.DELIVERED, {"what": menu.name, "result": "heard"})
            return self._ask(replace(state, hearing=False), menu, (), (told,))
        return self._silent(state, menu)

    def _resumed(self) -> ReceptionState | None:
        """The place that an earlier door remembered, if it belongs to this phase and to this menu."""
        entry, _, node = self._node.partition(":")
        belongs = entry == self._phase or (entry == "after_hours" and self._phase == "arrival")
        if not belongs or entry not in self._tree.entries or self._tree.menu(node) is None:
            return None
        return ReceptionState(entry, node, self._language)

    def _enter(self, state: ReceptionState, before: tuple[str, ...], marks: tuple[Verb, ...] = ()) -> ReceptionStep:
        """Go to the menu `state.node`: milestone, place kept, then its prompts after those of `before`."""
        menu = self._tree.menu(state.node)
        if menu is None:
            return self._give_up(state, marks)
        verbs: tuple[Verb, ...] = (
            *marks,
            Mark(Milestone.STEP, {"node": menu.name, "language": state.language}),
            Remember(f"{state.entry}:{menu.name}"),
        )
        if menu.tell:
            state = replace(state, hearing=True)
            return Step(state, (*verbs, Gather((*before, *menu.say, *menu.tell), first_seconds=0.1)))
        return self._ask(state, menu, before, verbs)

    def _ask(
        self, state: ReceptionState, menu: Menu, before: tuple[str, ...], verbs: tuple[Verb, ...]
    ) -> ReceptionStep:
        announced = tuple(option.prompt for option in menu.options if option.prompt)
        said = () if menu.tell else menu.say
        gather = Gather((*before, *said, *announced), first_seconds=self._key_seconds)
        return Step(replace(state, hearing=False), (*verbs, gather))

    def _keyed(self, state: ReceptionState, menu: Menu, key: str) -> ReceptionStep:
        option = menu.option(key)
        if option is None:
            return self._missed(state, menu, "wrong", ("wrong_key",))
        mark = Mark(Milestone.CHOICE, {"node": menu.name, "key": key})
        if state.turns >= TURNS:
            return self._give_up(state, (mark,))
        state = replace(state, misses=0)
        if option.act is Act.LANGUAGE:
            other = LANGUAGES[1 - LANGUAGES.index(state.language)]
            return self._enter(replace(state, language=other), (), (mark, Speak(other)))
        if option.act is Act.AGAIN:
            return self._enter(state, (), (mark,))
        return self._go(state, option.to, (mark,))

    def _silent(self, state: ReceptionState, menu: Menu) -> ReceptionStep:
        if not menu.no_key:
            return self._missed(state, menu, "none", ("no_key",))
        state = replace(state, misses=state.misses + 1)
        mark = Mark(Milestone.CHOICE, {"node": menu.name, "key": "none"})
        if state.misses >= MISSES and not self._lets_out(menu.no_key):
            return self._give_up(state, (mark,))  # silence may lead from menu to menu in a circle
        return self._go(state, menu.no_key, (mark,))

    def _missed(self, state: ReceptionState, menu: Menu, key: str, sorry: tuple[str, ...]) -> ReceptionStep:
        state = replace(state, misses=state.misses + 1)
        mark = Mark(Milestone.CHOICE, {"node": menu.name, "key": key})
        if state.misses >= MISSES or state.turns >= TURNS:
            return self._give_up(state, (mark,))
        return self._ask(state, menu, sorry, (mark,))

    def _lets_out(self, name: str) -> bool:
        """Whether a caller who is led there leaves the menu now; a closed queue sends them back into it."""
        target = self._tree.nodes[name]
        return isinstance(target, Exit) and not self._is_closed(target)

    def _is_closed(self, exit_: Exit) -> bool:
        return exit_.goto is Goto.QUEUE and exit_.queue not in self._open

    def _give_up(self, state: ReceptionState, marks: tuple[Verb, ...]) -> ReceptionStep:
        entry: Entry = self._tree.entries[state.entry]
        return self._exit(state, self._tree.exit(entry.give_up), marks)

    def _go(self, state: ReceptionState, name: str, marks: tuple[Verb, ...]) -> ReceptionStep:
        target = self._tree.nodes[name]
        if isinstance(target, Menu):
            return self._enter(replace(state, node=target.name), (), marks)
        return self._exit(state, target, marks)

    def _exit(self, state: ReceptionState, exit_: Exit, marks: tuple[Verb, ...]) -> ReceptionStep:
        if self._is_closed(exit_):
            closed = self._tree.entries["after_hours"]
            misses = (
                state.misses if state.entry == "after_hours" else 0
            )  # told before that it is closed: no new patience
            state = replace(state, entry="after_hours", node=closed.node, misses=misses)
            return self._enter(state, (CLOSED_SECTION,), (*marks, self._decision(Goto.RECEPTION, exit_)))
        news = self._news.before(exit_.queue) if exit_.goto is Goto.QUEUE else ()
        prompts = (*exit_.say, *prompts_of(news))
        said = (*marks_of(news), Say(prompts)) if prompts else ()
        decided = (*marks, self._decision(exit_.goto, exit_), *said)
        if exit_.goto is Goto.QUEUE:
            asked = AskAdvice(exit_.queue, self._caller)
            return Step(replace(state, way=WayOut(exit_.queue)), (*decided, asked))
        return Step(state, (*decided, Leave(exit_.goto, exit_.queue, exit_.kind)))

    def _on_the_way(self, state: ReceptionState, way: WayOut, reply: object) -> ReceptionStep:
        way, verbs = go_on("reception", way, reply)
        return Step(replace(state, way=way), verbs)

    def _decision(self, goto: Goto, exit_: Exit | None = None) -> Mark:
        queue, kind = (exit_.queue, exit_.kind) if exit_ else ("", "")
        is_open = self.is_open and (goto is not Goto.RECEPTION)
        fields = {"door": "reception", "goto": goto.value, "queue": queue, "kind": kind, "open": int(is_open)}
        return Mark(Milestone.DECISION, fields)
