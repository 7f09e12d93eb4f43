"""Asterisk's security log, as 22.10.1 writes it."""

from __future__ import annotations

from pathlib import Path

from routing.security_log import Refusal, SecurityTail, parse

HEAD = "[2026-11-22T02:29:46.207+0000] SECURITY[21607] res_security_log.c: "
WRONG = (
    HEAD
    + 'SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-22T02:29:46.207+0000",Severity="Error",Service="PJSIP",'
    'EventVersion="1",AccountID="{account}",SessionID="52a0534539064e01b1967d90a3ed2a0c",'
    'LocalAddress="IPV4/UDP/127.0.0.1/48302",RemoteAddress="IPV4/UDP/{address}/55244",Challenge="1795314586/be83",'
    'Response="2ecd",ExpectedResponse=""\n'
)
FINE = (
    HEAD
    + 'SecurityEvent="SuccessfulAuth",EventTV="2026-11-22T02:29:46.208+0000",Severity="Informational",Service="PJSIP",'
    'EventVersion="1",AccountID="seat02",SessionID="adcd",LocalAddress="IPV4/UDP/127.0.0.1/48302",'
    'RemoteAddress="IPV4/UDP/127.0.0.2/55244",UsingPassword="1"\n'
)
NOT_ALLOWED = (
    HEAD + 'SecurityEvent="RequestNotAllowed",EventTV="2026-11-22T02:30:42.490+0000",Severity="Error",Service="AMI",'
    'EventVersion="1",AccountID="listener",SessionID="0x5637197222c0",LocalAddress="IPV4/TCP/127.0.0.1/47481",'
    'RemoteAddress="IPV4/TCP/127.0.0.1/33908",RequestType="Action: Originate",SessionTV="2026-11-22T02:30:42.489+0000"\n'
)


def wrong(account: str = "seat01", address: str = "127.0.0.2") -> str:
    return WRONG.format(account=account, address=address)


def test_a_wrong_password_names_account_and_address() -> None:
    assert parse(wrong().encode()) == Refusal("ChallengeResponseFailed", "PJSIP", "seat01", "127.0.0.2")
    assert parse(NOT_ALLOWED.encode()) == Refusal("RequestNotAllowed", "AMI", "listener", "127.0.0.1")
    assert parse(FINE.encode()) is None
    assert parse(b"[2026-11-22T02:29:42.503+0000] Asterisk 22.10.1 built by nobody") is None


def test_a_name_cannot_pretend_another_address() -> None:
    forged = 'x",SessionID="y",RemoteAddress="IPV4/UDP/10.9.9.9/1'
    found = parse(wrong(account=forged).encode())
    assert found is not None
    assert found.address == "127.0.0.2"
    assert len(found.account) <= 40
    assert parse(b"\xff\x00" + wrong(account="\x1b[2J\n").replace("\n", " ").encode()) is not None


def test_only_what_comes_after_the_first_look_is_told_and_each_line_once(tmp_path: Path) -> None:
    path = tmp_path / "security.log"
    path.write_text(wrong() + FINE, encoding="utf-8")
    tail = SecurityTail(path)
    assert not tail.read()
    with path.open("a", encoding="utf-8") as log:
        log.write(wrong() + FINE + wrong() + wrong("seat03")[:40])
    assert [(r.account, n) for r, n in tail.read().items()] == [("seat01", 2)]
    with path.open("a", encoding="utf-8") as log:
        log.write(wrong("seat03")[40:])
    assert [r.account for r in tail.read()] == ["seat03"]
    assert not tail.read()


def test_a_rotated_and_a_cut_log_are_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "security.log"
    tail = SecurityTail(path)
    assert not tail.read()
    path.write_text(wrong("seat01") * 2, encoding="utf-8")
    assert tail.read().total() == 2
    path.rename(tmp_path / "security.log.1")
    path.write_text(wrong("seat02"), encoding="utf-8")
    assert [r.account for r in tail.read()] == ["seat02"]
    path.write_text(wrong("s"), encoding="utf-8")
    assert [r.account for r in tail.read()] == ["s"]
