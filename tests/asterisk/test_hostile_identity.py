"""Whatever a caller calls themselves, no ledger gets a row that Asterisk did not mean.

The identity is set inside Asterisk by a test context, which proves the same defence as one from outside.
"""

from __future__ import annotations

import base64
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
NUMBER = '0912\r\n"forged"|${EPOCH},\x00\x1b'.replace("\x00", "")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("way", ["direct", "dialled"])
@pytest.mark.parametrize("kind", NAMES)
def test_an_identity_forges_nothing(exchange: Exchange, kind: str, way: str) -> None:
    before = {row.call for row in exchange.rows()}
    log_before = len(exchange.queue_log())
    for name, value in {"NAME": encoded(NAMES[kind]), "NUMBER": encoded(NUMBER)}.items():
        exchange.remote(f"dialplan set global TEST_{name} {value}")
    exchange.remote("dialplan set global TEST_KEYS 0")
    exchange.remote("dialplan set global TEST_WAIT 0.5")
    exchange.remote("dialplan set global TEST_STAY 0.5")
    exchange.remote(f"channel originate Local/{way}@test-caller extension s@test-keys")

    def ended() -> bool:
        names = [row.name for row in exchange.rows() if row.call not in before]
        return "LINKEDID_END" in names

    exchange.until(ended, 10, f"the {kind} call did not end")
    rows = [row for row in exchange.rows() if row.call not in before]
    assert len({row.call for row in rows}) == 1
    assert [row.name for row in rows].count("offered") == 1
    assert [row.name for row in rows].count("final") == 1
    offered = next(row for row in rows if row.name == "offered")
    assert re.fullmatch(r"[0-9+]*", offered.columns["cid_num"])
    assert not re.search(r"[\x00-\x1f,|]", offered.columns["cid_name"])
    if kind in ("persian", "long"):
        assert offered.columns["cid_name"] == NAMES[kind]
    for line in exchange.queue_log()[log_before:]:
        assert re.fullmatch(r"\d{10}", line[0])
        assert line[1].startswith("bench-")
        assert line[2] == "q-general"
