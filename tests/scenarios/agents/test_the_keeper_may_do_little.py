"""The manager's user that moves seats in and out of queues can do that and nothing else, and hears nothing."""

from __future__ import annotations

import pytest

from tests.asterisk.strangers import AmiVisitor
from tests.asterisk.test_least_rights import FORBIDDEN
from tests.line import Line

pytestmark = pytest.mark.line

ITS_WORK = {"QueueAdd", "QueuePause"}


def test_the_keeper_may_move_seats_and_do_nothing_else(desk_line: Line) -> None:
    keeper = AmiVisitor("127.0.0.1", desk_line.run["ports"]["ami"])
    try:
        assert keeper.log_in("keeper", desk_line.environment["LINE1420_AMI_KEEPER_SECRET"])["Response"] == "Success"
        others = {action: headers for action, headers in FORBIDDEN.items() if action not in ITS_WORK}
        done = {action: keeper.ask(action, **headers)["Response"] for action, headers in others.items()}
        assert done == dict.fromkeys(others, "Error")
    finally:
        keeper.close()
