"""Writes the SIPp scenarios of crowds and crews: many robots in one process, what differs comes from an injection file.

Pure text. Unlike a single robot's script, one rule stands in it for a BYE of the line, valid at every later moment
(SIPp's `optional="global"`), so that pauses can come from the file: SIPp's waits for a message know no variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

REFUSALS = (403, 404, 408, 480, 486, 488, 500, 503, 603)
"""Answers to an INVITE that are written down as a refusal; any other fails the call and stands in SIPp's error log."""
_ENDED, _REFUSED, _BYE_CAME, _GOES, _HEARS_AN_OPERATOR = 99, 98, 97, 96, 95


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait between `low` and `high` seconds, each caller otherwise; `high=None`: all the same."""

    low: float
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """Wait as long as this caller's patience lasts: exponential with this mean (seconds), and no longer than `most`."""

    mean: float
    most: float


@dataclass(frozen=True, slots=True)
class Press:
    """Press these keys by SIP INFO; of a tuple of equally long texts each caller gets one."""

    keys: str | tuple[str, ...]
    between_seconds: float = 0.4


@dataclass(frozen=True, slots=True)
class PressUntilEnd:
    """Press a key (each caller one of `keys`) every `every_seconds` until the line ends the call, at most `times`."""

    keys: tuple[str, ...]
    every_seconds: float = 2.5
    times: int = 40


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound this headerless A-law file from now on, round and round; what sounded before falls silent."""

    file: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Step = Wait | Patience | Press | PressUntilEnd | Sound | HangUp
Choice = tuple[float, float] | tuple[str, ...] | Patience
"""What a caller is given out of: between two numbers, one of several texts, a patience."""

_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
_FROM = "From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]"
_DIALOG = f"{_VIA}\n{_FROM}\n[last_To:]\nCall-ID: [call_id]\nMax-Forwards: 70"
OWN_200 = "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]"
_CALL = "[call_id]\t[$number]"
SDP = (
    "v=0\no=robot 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\n"
    "m=audio [rtpstream_audio_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=ptime:20\na=sendrecv\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\n"
)


def choices(steps: Sequence[Step]) -> list[Choice]:
    """What differs after the number, in the order of the steps; a text of several keys fills as many columns."""
    columns: list[Choice] = []
    for step in steps:
        match step:
            case Wait(low, high) if high is not None:
                columns.append((low, high))
            case Patience():
                columns.append(step)
            case Press(keys) if isinstance(keys, tuple):
                columns.append(keys)
            case PressUntilEnd(keys, _, _):
                columns.append(keys)
            case _:
                pass
    return columns


def written(
    steps: Sequence[Step], *, dialled: str, with_operator: Sequence[Step] | None = None, at_moments: bool = False
) -> str:
    """The scenario of callers who dial `dialled` and do `steps` after the answer; at the end they hang up.

    `with_operator`: what they do instead from the moment in which `robots.ear` tells them that an operator has answered.
    `at_moments`: the file's first column after the number says how many milliseconds each waits before dialling.
    """
    body, waits, column = _body(steps, after=int(at_moments))
    talk, more_waits, _ = _body(with_operator or (), after=column)
    waits = [*([1] if at_moments else []), *waits, *more_waits]
    answered = log("answered") if with_operator is None else _KEEP_TO + log("answered\t[call_id]\tTo:[$to]")
    invite = f"INVITE sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0\n{_VIA}\n{_FROM}\n"
    invite += f"To: <sip:{dialled}@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\nCSeq: [cseq] INVITE\n"
    invite += "Contact: <sip:[field0]@[local_ip]:[local_port]>\nMax-Forwards: 70\nContent-Type: application/sdp"
    drawn = "".join(
        f'<assignstr assign_to="s{column}" value="[field{column}]"/><todouble assign_to="w{column}" variable="s{column}"/>'
        for column in waits
    )
    lines = [
        f"<nop><action>{drawn}</action></nop>" if drawn else "",
        '<pause variable="w1"/>' if at_moments else "",
        f"<nop><action>{log('dialled')}</action></nop>",
        send(invite, SDP, again=True),
        *(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 181, 183)),
        *(_recv_refusal(code) for code in REFUSALS),
        f'<recv response="200" rrs="true"><action>{answered}</action></recv>',
        send(f"ACK [next_url] SIP/2.0\n{_DIALOG}\nCSeq: [cseq] ACK"),
        # Never come to in order: the rule for a BYE of the line at any later moment, and what SIPp wants behind it.
        '<nop next="1"/>',
        f'<recv request="BYE" optional="global" next="{_BYE_CAME}"><action>{log("bye line")}</action></recv>',
        _HEARD if with_operator is not None else "",
        '<recv request="NOTHING"/>',
        '<label id="1"/>',
        *body,
        f'<label id="{_GOES}"/>',
        f"<nop><action>{log('bye caller')}</action></nop>",
        send(f"BYE [next_url] SIP/2.0\n{_DIALOG}\nCSeq: [cseq] BYE", again=True),
        f'<recv response="200" next="{_ENDED}"/>',
        *_talking(talk, with_operator),
        f'<label id="{_BYE_CAME}"/>',
        send(OWN_200, then=_ENDED),
        f'<label id="{_REFUSED}"/>',
        send(f"ACK sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0\n{_DIALOG}\nCSeq: [cseq] ACK"),
        f'<label id="{_ENDED}"/>',
        "<nop/>",
    ]
    return whole("crowd", lines)


_KEEP_TO = '<ereg regexp=".*" search_in="hdr" header="To:" check_it="true" assign_to="to"/>'
_HEARD = f'<recv request="NOTIFY" optional="global" next="{_HEARS_AN_OPERATOR}"/>'


def _talking(lines: Sequence[str], with_operator: Sequence[Step] | None) -> list[str]:
    """Where a caller goes on who hears an operator; after the last step they hang up as anybody does."""
    if with_operator is None:
        return []
    return [f'<label id="{_HEARS_AN_OPERATOR}"/>', *lines, f'<nop next="{_GOES}"/>']


def answering(*, ring_seconds: float, sound: str) -> str:
    """The scenario of operators who ring, answer, sound `sound` and hang up after the milliseconds in the file's column."""
    contact = "Contact: <sip:[local_ip]:[local_port]>"
    echo = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]"
    tagged = echo.format(tag=";tag=[pid]s[call_number]")
    own = f"{_VIA}\nFrom:[$to];tag=[pid]s[call_number]\nTo:[$from]\nCall-ID: [call_id]\nMax-Forwards: 70"
    kept = "Via:[$via]\nFrom:[$from]\nTo:[$to];tag=[pid]s[call_number]\nCall-ID: [call_id]\nCSeq:[$cseq]"
    keep = '<ereg regexp=".*" search_in="hdr" header="{}:" check_it="true" assign_to="{}"/>'
    lines = [
        '<recv request="INVITE" rrs="true"><action>',
        *(keep.format(*pair) for pair in (("From", "from"), ("To", "to"), ("Via", "via"), ("CSeq", "cseq"))),
        '<ereg regexp="sip:([0-9+]*)@" search_in="hdr" header="From:" assign_to="whole,number"/>',
        '<assignstr assign_to="s" value="[field0]"/><todouble assign_to="talk" variable="s"/>',
        "</action></recv>",
        send(f"SIP/2.0 180 Ringing\n{tagged}\n{contact}"),
        f'<recv request="CANCEL" timeout="{max(1, round(ring_seconds * 1000))}" ontimeout="1"/>',
        send(f"SIP/2.0 200 OK\n{echo.format(tag='')}"),
        send(f"SIP/2.0 487 Request Terminated\n{kept}"),
        f'<recv request="ACK" next="{_ENDED}"/>',
        '<label id="1"/>',
        send(f"SIP/2.0 200 OK\n{kept}\n{contact}\nContent-Type: application/sdp", SDP, again=True),
        f'<recv request="ACK"><action>{log("answered", _CALL)}</action></recv>',
        f'<nop><action><exec rtp_stream="{sound},-1,8"/></action></nop>',
        '<nop next="2"/>',
        f'<recv request="BYE" optional="global" next="{_BYE_CAME}"><action>{log("bye line", _CALL)}</action></recv>',
        '<recv request="NOTHING"/>',
        '<label id="2"/>',
        '<pause variable="talk"/>',
        f"<nop><action>{log('bye agent', _CALL)}</action></nop>",
        send(f"BYE [next_url] SIP/2.0\n{own}\nCSeq: 2 BYE", again=True),
        f'<recv response="200" next="{_ENDED}"/>',
        f'<label id="{_BYE_CAME}"/>',
        send(OWN_200, then=_ENDED),
        f'<label id="{_ENDED}"/>',
        "<nop/>",
        '<Reference variables="whole"/>',
    ]
    return whole("crew", lines)


def registering(*, seconds: int, port: int) -> str:
    """Seats (columns: name, SIPp's `[authentication …]` with their secret) say that they take calls at `port` for `seconds`; 0 signs off."""
    head = f"REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n{_VIA}\nFrom: <sip:[field0]@[remote_ip]>;tag=[pid]r[call_number]"
    head += "\nTo: <sip:[field0]@[remote_ip]>\nCall-ID: [call_id]\n"
    head += f"Contact: <sip:[field0]@[local_ip]:{port}>\nExpires: {seconds}\nMax-Forwards: 70"
    lines = [
        send(f"{head}\nCSeq: 1 REGISTER", again=True),
        '<recv response="401" auth="true"/>',
        send(f"{head}\nCSeq: 2 REGISTER\n[field1]", again=True),
        '<recv response="200"/>',
    ]
    return whole("register", lines)


def _body(steps: Sequence[Step], *, after: int) -> tuple[list[str], list[int], int]:
    """The steps' lines, which columns of the file they read as waits, and the last column; theirs begin behind `after`."""
    lines: list[str] = []
    waits: list[int] = []
    column = after
    for step in steps:
        match step:
            case Wait(low, None):
                lines.append(f'<pause milliseconds="{max(1, round(low * 1000))}"/>')
            case Wait() | Patience():
                column += 1
                waits.append(column)
                lines.append(f'<pause variable="w{column}"/>')
            case Press(keys, between):
                for key in keys if isinstance(keys, str) else keys[0]:
                    if not isinstance(keys, str):
                        column += 1
                        key = f"[field{column}]"
                    lines += _keys(key, between)
            case PressUntilEnd(_, every, times):
                column += 1
                # Written out, no loop: SIPp makes the branch of a request from its place in the script, and Asterisk
                # takes a second request of one branch for a repeat.
                lines += _keys(f"[field{column}]", every) * times
            case Sound(file):
                lines.append(f'<nop><action><exec rtp_stream="{file},-1,8"/></action></nop>')
            case HangUp():
                break
    return lines, waits, column


def _keys(key: str, between: float) -> list[str]:
    head = f"INFO [next_url] SIP/2.0\n{_DIALOG}\nCSeq: [cseq] INFO\nContent-Type: application/dtmf-relay"
    return [
        send(head, f"Signal={key}\nDuration=160\n", again=True),
        f'<recv response="200"><action>{log(f"key {key}")}</action></recv>',
        f'<pause milliseconds="{max(1, round(between * 1000))}"/>',
    ]


def _recv_refusal(code: int) -> str:
    return f'<recv response="{code}" optional="true" next="{_REFUSED}"><action>{log(f"refused {code}")}</action></recv>'


def log(event: str, who: str = "[field0]") -> str:
    """A line of SIPp's log of events: who, local date and time, seconds since 1970, event."""
    return f'<log message="{who}\t[timestamp]\t{event}"/>'


def whole(name: str, lines: Sequence[str]) -> str:
    body = "\n".join(line for line in lines if line)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n{body}\n</scenario>\n'


def send(head: str, body: str = "", *, again: bool = False, then: int | None = None) -> str:
    more = (' retrans="500"' if again else "") + (f' next="{then}"' if then is not None else "")
    length = "[len]" if body else "0"
    return f"<send{more}><![CDATA[\n{head}\nContent-Length: {length}\n\n{body}\n]]></send>"
