"""The SIPp scenario of telephones that are called: answer, engaged, or ringing until the caller gives up. Pure text."""

from __future__ import annotations

from asterisk_conf.robots.crowd_script import OWN_200, SDP, log, send, whole

_ENDED, _BYE_CAME, _BUSY, _RINGS, _CANCELLED = 99, 97, 90, 91, 92


def picking_up(*, talk_seconds: float, sound: str) -> str:
    """The column of the file says what this telephone does: 1 answers after a second, 2 is engaged, 3 rings out."""
    contact = "Contact: <sip:[local_ip]:[local_port]>"
    kept = "Via:[$via]\nFrom:[$from]\nTo:[$to];tag=[pid]t[call_number]\nCall-ID: [call_id]\nCSeq:[$cseq]"
    via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
    own = f"{via}\nFrom:[$to];tag=[pid]t[call_number]\nTo:[$from]\nCall-ID: [call_id]\nMax-Forwards: 70"
    keep = '<ereg regexp=".*" search_in="hdr" header="{}:" check_it="true" assign_to="{}"/>'
    who = "[call_id]\t[$number]"
    lines = [
        '<recv request="INVITE" rrs="true"><action>',
        *(keep.format(*pair) for pair in (("From", "from"), ("To", "to"), ("Via", "via"), ("CSeq", "cseq"))),
        '<ereg regexp="sip:([0-9+]*)@" search_in="hdr" header="To:" assign_to="whole,number"/>',
        '<assignstr assign_to="s" value="[field0]"/><todouble assign_to="does" variable="s"/>',
        f'<test assign_to="busy" variable="does" compare="equal" value="2"/>{log("rang", who)}',
        '<test assign_to="rings" variable="does" compare="equal" value="3"/>',
        "</action></recv>",
        send(f"SIP/2.0 180 Ringing\n{kept}\n{contact}"),
        f'<nop next="{_BUSY}" test="busy"/>',
        f'<nop next="{_RINGS}" test="rings"/>',
        '<recv request="CANCEL" timeout="1000" ontimeout="1"/>',
        f'<nop next="{_CANCELLED}"/>',
        '<label id="1"/>',
        send(f"SIP/2.0 200 OK\n{kept}\n{contact}\nContent-Type: application/sdp", SDP, again=True),
        f'<recv request="ACK"><action>{log("answered", who)}</action></recv>',
        f'<nop><action><exec rtp_stream="{sound},-1,8"/></action></nop>',
        f'<recv request="BYE" timeout="{round(talk_seconds * 1000)}" ontimeout="2"><action>{log("ended", who)}</action></recv>',
        f'<nop next="{_BYE_CAME}"/>',
        '<label id="2"/>',
        f"<nop><action>{log('ended', who)}</action></nop>",
        send(f"BYE [next_url] SIP/2.0\n{own}\nCSeq: 2 BYE", again=True),
        f'<recv response="200" next="{_ENDED}"/>',
        f'<label id="{_BYE_CAME}"/>',
        send(OWN_200, then=_ENDED),
        f'<label id="{_RINGS}"/>',
        '<recv request="CANCEL" timeout="120000"/>',
        f'<label id="{_CANCELLED}"/>',
        send(OWN_200),
        send(f"SIP/2.0 487 Request Terminated\n{kept}"),
        f'<recv request="ACK" next="{_ENDED}"><action>{log("ended", who)}</action></recv>',
        f'<label id="{_BUSY}"/>',
        send(f"SIP/2.0 486 Busy Here\n{kept}"),
        f'<recv request="ACK"><action>{log("ended", who)}</action></recv>',
        f'<label id="{_ENDED}"/>',
        "<nop/>",
        '<Reference variables="whole"/>',
    ]
    return whole("carrier", lines)
