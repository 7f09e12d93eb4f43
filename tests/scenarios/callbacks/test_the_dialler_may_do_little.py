"""The manager's user that puts call backs into queues can originate and nothing else, and hears nothing."""

from __future__ import annotations

import pytest

from tests.asterisk.strangers import AmiVisitor
from tests.asterisk.test_least_rights import FORBIDDEN
from tests.line import Line

pytestmark = pytest.mark.line


def test_the_dialler_may_originate_and_do_nothing_else(calling_line: Line) -> None:
    dialler = AmiVisitor("127.0.0.1", calling_line.run["ports"]["ami"])
    try:
        secret = calling_line.environment["LINE1420_AMI_DIALLER_SECRET"]
        assert dialler.log_in("dialler", secret)["Response"] == "Success"
        others = {action: headers for action, headers in FORBIDDEN.items() if action != "Originate"}
        done = {action: dialler.ask(action, **headers)["Response"] for action, headers in others.items()}
        assert done == dict.fromkeys(others, "Error")
        for command in ("System", "AGI", "MixMonitor"):
            told = {"Channel": "Local/s@line-callback-hold/n", "Application": command, "Data": "id"}
            assert dialler.ask("Originate", **told)["Response"] == "Error"
    finally:
        dialler.close()
