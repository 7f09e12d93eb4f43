"""The reason with which a caller is taken to another queue: what the dialplan needs, in the room that Asterisk leaves."""

from __future__ import annotations

import pytest

from ivr.kernel.ids import QueueName
from routing.leading import LONGEST_INFO, words_of_move
from routing.priority import MOST, queue_prio
from routing.queues import QUEUES

NOW = 1_796_000_000


@pytest.mark.parametrize("queue", QUEUES)
def test_place_and_closing_time_of_our_queues_always_find_room(queue: QueueName) -> None:
    words = words_of_move(queue, queue_prio(NOW, MOST, 120), NOW + 4200)
    assert words == ("move", queue, str(queue_prio(NOW, MOST, 120)), str(NOW + 4200))
    assert len(",".join(words)) <= LONGEST_INFO
    assert words_of_move(queue, 5, None) == ("move", queue, "5")


def test_a_long_name_is_moved_to_without_a_closing_time() -> None:
    queue = QueueName("q" * 20)
    assert words_of_move(queue, queue_prio(NOW, 0, 30), NOW) == ("move", queue, str(queue_prio(NOW, 0, 30)))
