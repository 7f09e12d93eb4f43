"""SIP messages as no honest phone sends them: one text a case, after the ideas of RFC 4475's torture tests, in our own words.

`cases(caller, line)` gives `(name, bytes)`; each carries its own Call-ID and branch. Most are INVITEs, because an INVITE
is what makes a call. None of them plays the caller's identity against the line: those are set inside Asterisk, in
`test_hostile_identity`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
_numbers = count(1)


def message(
    target: str,
    *,
    method: str = "INVITE",
    first: str | None = None,
    body: str | bytes = SDP,
    length: str | None = None,
    without: tuple[str, ...] = (),
    change: dict[str, str] | None = None,
    more: str = "",
) -> bytes:
    """A well-formed request to 1420 with what is to be wrong about it: headers left out, changed or added."""
    number = next(_numbers)
    content = body.encode() if isinstance(body, str) else body
    headers = {
        "Via": f"SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-bad-{number};rport",
        "Max-Forwards": "70",
        "From": f"<sip:0999000{number:04d}@127.0.0.1>;tag=bad{number}",
        "To": f"<sip:1420@{target}>",
        "Call-ID": f"bad-{number}@127.0.0.1",
        "CSeq": f"1 {method}",
        "Contact": "<sip:bad@127.0.0.1:9>",
        "Content-Type": "application/sdp",
        "Content-Length": length if length is not None else str(len(content)),
    } | (change or {})
    lines = [f"{name}: {value}" for name, value in headers.items() if name not in without]
    start = first if first is not None else f"{method} sip:1420@{target} SIP/2.0"
    return ("\r\n".join([start, *lines]) + f"\r\n{more}\r\n").encode("utf-8", "surrogateescape") + content


def cases(target: str) -> Iterator[tuple[str, bytes]]:
    """Every case once."""
    yield from _lengths(target)
    yield from _headers(target)
    yield from _descriptions(target)
    yield from _first_lines(target)
    yield from _others(target)


def _lengths(target: str) -> Iterator[tuple[str, bytes]]:
    for length in ("0", "1", "-1", "99999", "4294967296", "18446744073709551616", "abc", "1e3", " ", "0x10", "12 12"):
        yield f"a length of {length!r}", message(target, length=length)
    yield "two lengths", message(target, more="Content-Length: 5\r\n")
    yield "a body cut short", message(target, length="400", body=SDP[:40])


def _headers(target: str) -> Iterator[tuple[str, bytes]]:
    for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Type", "Content-Length"):
        yield f"no {name}", message(target, without=(name,))
    yield "none at all", f"INVITE sip:1420@{target} SIP/2.0\r\n\r\n".encode()
    yield "a header of 20 kB", message(target, more=f"Subject: {'x' * 20_000}\r\n")
    yield "a thousand headers", message(target, more="".join(f"X-{n}: y\r\n" for n in range(1000)))
    yield (
        "sixty Vias",
        message(target, more="".join(f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-{n}\r\n" for n in range(60))),
    )
    yield "a folded header", message(target, more="Subject: one\r\n two\r\n\tthree\r\n")
    yield "a header without its colon", message(target, more="Subject one\r\n")
    yield "a header without its name", message(target, more=": one\r\n")
    yield "a NUL in a header", message(target, more="Subject: a\x00b\r\n")
    yield "bytes that are no UTF-8", message(target, more="Subject: \udcff\udcfe\udcc0\udcae\r\n")
    yield "only line feeds", message(target).replace(b"\r\n", b"\n")
    yield "an open quote", message(target, change={"From": '"open <sip:1@127.0.0.1>;tag=1'})
    yield "brackets in brackets", message(target, change={"From": "<<sip:1@127.0.0.1>>;tag=1"})
    yield "no address at all", message(target, change={"From": ";tag=1"})
    yield "an address of 8 kB", message(target, change={"From": f"<sip:{'9' * 8000}@127.0.0.1>;tag=1"})
    yield "a CSeq beyond its range", message(target, change={"CSeq": "99999999999 INVITE"})
    yield "a CSeq of another method", message(target, change={"CSeq": "1 BYE"})
    yield "no hop left", message(target, change={"Max-Forwards": "0"})
    yield "hops beyond any count", message(target, change={"Max-Forwards": "99999999999"})
    yield "two of what comes once", message(target, more="Call-ID: other\r\nCSeq: 2 INVITE\r\n")
    yield "an extension nobody has", message(target, more="Require: nothing-we-know\r\n")
    yield "a reply of a dialogue that never was", message(target, change={"To": f"<sip:1420@{target}>;tag=never"})


def _descriptions(target: str) -> Iterator[tuple[str, bytes]]:
    numbers = " ".join(str(n) for n in range(200))
    codecs = "".join(f"a=rtpmap:{n} X{n}/8000\r\n" for n in range(200))
    yield "no description", message(target, body="")
    yield "200 codecs", message(target, body=SDP.replace("8 101", numbers) + codecs)
    yield "codecs nobody has", message(target, body=SDP.replace("8 101", "97").replace("8 PCMA", "97 NONE"))
    yield "port 0", message(target, body=SDP.replace("40000", "0"))
    yield "port 99999", message(target, body=SDP.replace("40000", "99999"))
    yield "port -1", message(target, body=SDP.replace("40000", "-1"))
    yield "no address", message(target, body=SDP.replace("c=IN IP4 127.0.0.1\r\n", ""))
    yield "an address that is none", message(target, body=SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 999.1.1.1"))
    yield "fifty streams", message(target, body=SDP + "m=audio 40000 RTP/AVP 8\r\n" * 50)
    yield "a description of bytes", message(target, body=bytes(range(256)) * 4)
    yield "a long line", message(target, body=SDP + "a=" + "x" * 15_000 + "\r\n")
    yield "another kind of body", message(target, change={"Content-Type": "application/octet-stream"})
    yield "a kind without its half", message(target, change={"Content-Type": "application/"})
    parts = "--x\r\nContent-Type: application/sdp\r\n\r\n"
    yield "parts without end", message(target, body=parts * 40, change={"Content-Type": "multipart/mixed;boundary=x"})
    yield "parts without boundary", message(target, body=parts, change={"Content-Type": "multipart/mixed"})


def _first_lines(target: str) -> Iterator[tuple[str, bytes]]:
    for first in (f"INVITE sip:1420@{target} SIP/9.9", f"INVITE sip:1420@{target}", "INVITE  SIP/2.0", f"invite sip:1420@{target} SIP/2.0",
                  "INVITE sip:%00@x SIP/2.0", f"INVITE sip:{'1' * 9000}@{target} SIP/2.0", "INVITE tel:1420 SIP/2.0",
                  "INVITE http://127.0.0.1/ SIP/2.0", "SIP/2.0 200 OK", "SIP/2.0 99999 ?", ""):  # fmt: skip
        yield f"begins with {first[:24]!r}", message(target, first=first)


def _others(target: str) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "line feeds", b"\r\n" * 30
    yield "noise", bytes(n * 37 % 256 for n in range(3000))
    yield "the largest datagram", b"INVITE " + b"x" * 60_000
    for method in (
        "BYE",
        "CANCEL",
        "ACK",
        "REFER",
        "SUBSCRIBE",
        "NOTIFY",
        "PUBLISH",
        "MESSAGE",
        "INFO",
        "PRACK",
        "UPDATE",
        "NEWVERB",
    ):
        yield f"{method} out of nowhere", message(target, method=method, body="")
    yield "REGISTER as a seat", message(target, method="REGISTER", body="", first=f"REGISTER sip:{target} SIP/2.0",
                                        change={"To": f"<sip:seat01@{target}>", "From": f"<sip:seat01@{target}>;tag=1"})  # fmt: skip
