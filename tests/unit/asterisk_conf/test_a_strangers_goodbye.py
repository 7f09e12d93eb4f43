"""A robot's port was somebody else's a moment ago, and their goodbye comes late."""

from __future__ import annotations

from pathlib import Path

from asterisk_conf.robots.sippline import of_its_own_call, read_messages

LINES = (
    ("10:00:00.100000", "sent", "INVITE sip:1420@127.0.0.1 SIP/2.0", "Call-ID: mine@robot"),
    ("10:00:00.200000", "received", "SIP/2.0 200 OK", "Call-ID: mine@robot"),
    ("10:00:02.000000", "received", "BYE sip:0912@127.0.0.1 SIP/2.0", "Call-ID: of-somebody-else"),
    ("10:00:09.000000", "sent", "BYE sip:1420@127.0.0.1 SIP/2.0", "call-id:  mine@robot"),
)


def test_the_goodbye_to_somebody_else_ends_no_call(tmp_path: Path) -> None:
    log = tmp_path / "messages.log"
    log.write_text(
        "".join(
            f"----------------------------------------------- 2026-11-30 {at}\nUDP message {way} [200] bytes:\n\n"
            f"{first}\nVia: SIP/2.0/UDP 127.0.0.1\n{call}\nCSeq: 1 X\n\n"
            for at, way, first, call in LINES
        )
    )
    everything = read_messages(log)
    assert [message.line.split()[0] for message in everything] == ["INVITE", "SIP/2.0", "BYE", "BYE"]
    own = of_its_own_call(everything)
    assert [(message.line.split()[0], message.sent) for message in own] == [
        ("INVITE", True), ("SIP/2.0", False), ("BYE", True)
    ]  # fmt: skip
