"""Whatever a caller calls themselves, no ledger gets a row that Asterisk did not mean.

The identity is set inside Asterisk by a test context, which proves the same defence as one from outside.
"""

from __future__ import annotations

import base64
import itertools
import re

import pytest

from tests.asterisk.exchange import Exchange

NAMES = {
    "persian": "محمد رضایی",
    "long": "ب" * 100,
    "quotes": '"Ali" \\"R\\" \\\\',
    "lines": 'Ali\r\nEvent: Forged\r\n"USER_DEFINED","1.000000","final"\n1|x|general|NONE|ABANDON|1|1|1',
    "bars": "a|b,c;d${SHELL(id)}&e",
    "door": "x\nagi_network_script: survey\n\n",
}
WAYS = ("direct", "dialled")
NUMBER = '0912\r\n"forged"|${EPOCH},\x00\x1b'.replace("\x00", "")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def calls(exchange: Exchange) -> dict[tuple[str, str], str]:
    """Every name by every way, all calls at once: kind and way → call. Fails when one does not end."""
    made: dict[tuple[str, str], str] = {}
    known = {row.call for row in exchange.rows()}
    for name, value in {"KEYS": "0", "WAIT": "0.5", "STAY": "0.5", "NUMBER": encoded(NUMBER)}.items():
        exchange.remote(f"dialplan set global TEST_{name} {value}")
    for kind, way in itertools.product(NAMES, WAYS):
        exchange.remote(f"dialplan set global TEST_NAME {encoded(NAMES[kind])}")
        exchange.remote(f"channel originate Local/{way}@test-caller extension s@test-keys")

        def arrived() -> set[str]:
            return {row.call for row in exchange.rows() if row.name == "offered"} - known

        exchange.until(lambda: bool(arrived()), 10, f"the {kind} call did not arrive")
        (made[kind, way],) = arrived()
        known.add(made[kind, way])

    def ended() -> bool:
        return set(made.values()) <= {row.call for row in exchange.rows() if row.name == "LINKEDID_END"}

    exchange.until(ended, 15, "not every call ended")
    return made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", NAMES)
def test_an_identity_forges_nothing(exchange: Exchange, calls: dict[tuple[str, str], str], kind: str, way: str) -> None:
    rows = [row for row in exchange.rows() if row.call == calls[kind, way]]
    assert [row.name for row in rows].count("offered") == 1
    assert [row.name for row in rows].count("final") == 1
    offered = next(row for row in rows if row.name == "offered")
    assert re.fullmatch(r"[0-9+]*", offered.columns["cid_num"])
    assert not re.search(r"[\x00-\x1f,|]", offered.columns["cid_name"])
    if kind in ("persian", "long"):
        assert offered.columns["cid_name"] == NAMES[kind]


def test_no_ledger_has_a_row_of_another_call(exchange: Exchange, calls: dict[tuple[str, str], str]) -> None:
    """What a name brings along must not look like a row, neither of a call that never was nor of one that is."""
    assert {row.call.partition("-")[0] for row in exchange.rows()} == {"bench"}
    assert len({row.call for row in exchange.rows() if row.name == "offered"} & set(calls.values())) == len(calls)
    events = {"ENTERQUEUE", "JOINEMPTY", "ABANDON"}
    for line in exchange.queue_log():
        assert re.fullmatch(r"\d{10}", line[0])
        if line[1] in calls.values():
            assert (line[2], line[3], line[4] in events) == ("q-general", "NONE", True)
        else:
            assert line[1] == "NONE" or line[1].startswith("bench-")
