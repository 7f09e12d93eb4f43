"""Writes SIPp scenarios. Pure text: what a robot does becomes messages and waits; nothing runs here.

Every pause is a wait for BYE (or CANCEL) with a time limit, so a robot notices at once when the other side ends the
call, instead of failing as SIPp does when a message comes in mid-pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_END = 99
"""Label at the end of every scenario."""
_CROSSED = 98
"""Label of the answer to a BYE that crosses a key or a BYE of ours."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing (sound goes on) for `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Info:
    """Press one key by SIP INFO."""

    key: str


@dataclass(frozen=True, slots=True)
class Event:
    """Press one key as RFC 4733 event from a pcap file (SIPp opens a raw socket for it: root only)."""

    file: str


@dataclass(frozen=True, slots=True)
class Play:
    """Stream headerless A-law from now on, instead of what was playing; `loops` −1 is for ever."""

    file: str
    loops: int = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the other side on hold, as the key of a telephone does (a new offer that says "I listen no more", and no sound), or
    take them off it."""

    on: bool


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class AwaitBye:
    """Wait at most `seconds` for the other side to end the call; then end it."""

    seconds: float


Part = Pause | Info | Event | Play | Hold | HangUp | AwaitBye

_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
_ECHO = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n{more}"
_TAG = ";tag=[pid]s[call_number]"
_CONTACT = "Contact: <sip:[local_ip]:[local_port]>"


def caller(
    parts: Sequence[Part], *, number: str, user: str, name: str, events: bool, pcap: bool, secret: str = ""
) -> str:
    """A call to `number` from `user` that does `parts` after the answer. `events` offers RFC 4733. With `secret` it is a
    telephone of the exchange's own: challenged first, and then it proves who it is."""
    own = f'From: "{name}" <sip:{user}@[local_ip]:[local_port]>;tag=[pid]c[call_number]'
    uri = f"sip:{number}@[remote_ip]:[remote_port]"
    contact = f"Contact: <sip:{user}@[local_ip]:[local_port]>"
    dialog = f"{_VIA}\n{own}\n[last_To:]\nCall-ID: [call_id]\nMax-Forwards: 70"
    port = "[media_port]" if pcap else "[rtpstream_audio_port]"
    body = _sdp(port, events)

    def invite(order: int, proof: str = "") -> str:
        rest = f"To: <{uri}>\nCall-ID: [call_id]\nCSeq: {order} INVITE\nMax-Forwards: 70\n{contact}{proof}"
        return _send(f"INVITE {uri} SIP/2.0\n{_VIA}\n{own}\n{rest}", body=body, again=True)

    order = 2 if secret else 1
    challenged = [
        invite(1),
        '<recv response="100" optional="true"/>',
        '<recv response="401" auth="true"/>',
        # of the transaction that it ends, and not of one of its own
        _send(f"ACK {uri} SIP/2.0\n[last_Via:]\n{own}\n[last_To:]\nCall-ID: [call_id]\nCSeq: 1 ACK\nMax-Forwards: 70"),
    ]
    text = [
        *(challenged if secret else ()),
        invite(order, f"\n[authentication username={user} password={secret}]" if secret else ""),
        *(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 181, 183)),
        '<recv response="200" rrs="true"/>',
        _send(f"ACK [next_url] SIP/2.0\n{dialog}\nCSeq: {order} ACK"),
        *_parts(parts, dialog, order=order, port=port),
    ]
    return _whole("caller", text)


def seat(*, ring_seconds: float, sound: str, parts: Sequence[Part]) -> str:
    """Rings each call for `ring_seconds`, answers, plays `sound` and does `parts`. A call taken back while ringing ends."""
    contact = _CONTACT
    dialog = f"{_VIA}\nFrom:[$local]{_TAG}\nTo:[$remote]\nCall-ID: [call_id]\nMax-Forwards: 70"
    keep = '<ereg regexp=".*" search_in="hdr" header="{}:" check_it="true" assign_to="{}"/>'
    refused = "Via:[$way]\nFrom:[$remote]\nTo:[$local]" + _TAG + "\nCall-ID: [call_id]\nCSeq:[$order]"
    text = [
        '<recv request="INVITE" rrs="true"><action>',
        *(keep.format(*pair) for pair in (("From", "remote"), ("To", "local"), ("Via", "way"), ("CSeq", "order"))),
        "</action></recv>",
        _send("SIP/2.0 180 Ringing\n" + _ECHO.format(tag=_TAG, more=contact)),
        f'<recv request="CANCEL" timeout="{_milliseconds(ring_seconds)}" ontimeout="1"/>',
        _send("SIP/2.0 200 OK\n" + _ECHO.format(tag="", more="")),
        _send(f"SIP/2.0 487 Request Terminated\n{refused}"),
        f'<recv request="ACK" next="{_END}"/>',
        '<label id="1"/>',
        _send(
            "SIP/2.0 200 OK\n" + _ECHO.format(tag=_TAG, more=contact),
            body=_sdp("[rtpstream_audio_port]", True),
            again=True,
        ),
        '<recv request="ACK"/>',
        *_parts([Play(sound, -1), *parts], dialog, label=2),
    ]
    return _whole("seat", text)


def register(*, user: str, secret: str, seconds: int, port: int) -> str:
    """Says where `user` is reached for `seconds` (0 signs off); `port` is where calls will be taken."""
    head = f"REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n{_VIA}\nFrom: <sip:{user}@[remote_ip]>;tag=[pid]r[call_number]"
    rest = f"To: <sip:{user}@[remote_ip]>\nCall-ID: [call_id]\nContact: <sip:{user}@[local_ip]:{port}>"
    more = f"{head}\n{rest}\nExpires: {seconds}\nMax-Forwards: 70"
    key = f"[authentication username={user} password={secret}]"
    text = [
        _send(f"{more}\nCSeq: 1 REGISTER", again=True),
        '<recv response="401" auth="true"/>',
        _send(f"{more}\nCSeq: 2 REGISTER\n{key}", again=True),
        '<recv response="200"/>',
    ]
    return _whole("register", text)


def _parts(
    parts: Sequence[Part], dialog: str, label: int = 1, order: int = 1, port: str = "[rtpstream_audio_port]"
) -> list[str]:
    """`order`: the CSeq that was used last; `port`: where this side hears."""
    lines: list[str] = []
    for part in parts:
        order += 1
        match part:
            case Pause(seconds):
                lines += [_bye(seconds, label), _answer_bye(), f'<label id="{label}"/>']
                label += 1
            case AwaitBye(seconds):
                lines += [_bye(seconds, label), _answer_bye(), f'<label id="{label}"/>', *_hang_up(dialog, order)]
                label += 1
            case HangUp():
                lines += _hang_up(dialog, order)
            case Info(key):
                head = f"INFO [next_url] SIP/2.0\n{dialog}\nCSeq: {order} INFO\nContent-Type: application/dtmf-relay"
                lines += [
                    _send(head, body=f"Signal={key}\nDuration=160\n", again=True),
                    f'<recv request="BYE" optional="true" next="{_CROSSED}"/>',
                    '<recv response="200"/>',
                ]
            case Hold(on):
                offer = _sdp(port, True, "sendonly" if on else "sendrecv", version=order)
                head = f"{{}} [next_url] SIP/2.0\n{dialog}\nCSeq: {order} {{}}"
                lines += [
                    f'<nop><action><exec rtp_stream="{"pause" if on else "resume"}"/></action></nop>',
                    _send(head.format("INVITE", "INVITE") + "\n" + _CONTACT, body=offer, again=True),
                    '<recv response="100" optional="true"/>',
                    '<recv response="200"/>',
                    _send(head.format("ACK", "ACK")),
                ]
            case Event(file):
                lines.append(f'<nop><action><exec play_pcap_audio="{file}"/></action></nop>')
            case Play(file, loops):
                lines.append(f'<nop><action><exec rtp_stream="{file},{loops},8"/></action></nop>')
    return [*lines, f'<nop next="{_END}"/>', *_crossed()]


def _bye(seconds: float, label: int) -> str:
    return f'<recv request="BYE" timeout="{_milliseconds(seconds)}" ontimeout="{label}"/>'


def _crossed() -> list[str]:
    """The other side ended the call while it was asked something: what it says to that still comes."""
    return [
        f'<label id="{_CROSSED}"/>',
        _send("SIP/2.0 200 OK\n" + _ECHO.format(tag="", more="")),
        f'<recv response="481" optional="true" next="{_END}"/>',
        '<recv response="200"/>',
    ]


def _answer_bye() -> str:
    return _send("SIP/2.0 200 OK\n" + _ECHO.format(tag="", more=""), then=_END)


def _hang_up(dialog: str, order: int) -> list[str]:
    return [
        _send(f"BYE [next_url] SIP/2.0\n{dialog}\nCSeq: {order} BYE", again=True),
        f'<recv request="BYE" optional="true" next="{_CROSSED}"/>',
        f'<recv response="200" next="{_END}"/>',
    ]


def _send(head: str, *, body: str = "", again: bool = False, then: int | None = None) -> str:
    more = (' retrans="500"' if again else "") + (f' next="{then}"' if then is not None else "")
    kind = "Content-Type: application/sdp\n" if body.startswith("v=0") else ""
    length = "[len]" if body else "0"
    return f"<send{more}><![CDATA[\n{head.rstrip()}\n{kind}Content-Length: {length}\n\n{body}\n]]></send>"


def _sdp(port: str, events: bool, direction: str = "sendrecv", version: int = 1) -> str:
    own = f"o=robot 1 {version} IN IP[local_ip_type] [local_ip]"
    lines = ["v=0", own, "s=-", "c=IN IP[media_ip_type] [media_ip]", "t=0 0"]
    lines.append(f"m=audio {port} RTP/AVP 8{' 101' if events else ''}")
    lines += ["a=rtpmap:8 PCMA/8000", "a=ptime:20", f"a={direction}"]
    if events:
        lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16"]
    return "\n".join(lines) + "\n"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _whole(name: str, lines: Sequence[str]) -> str:
    body = "\n".join(lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<scenario name="{name}">\n{body}\n<label id="{_END}"/>\n<nop/>\n</scenario>\n'
    )
