"""Whatever a caller calls themselves, the environment says what Asterisk meant, or the session is refused."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from agi_scripts.agi_environment import caller_of, parse_environment, route_of
from ivr.kernel.errors import Forbidden, Invalid
from ivr.kernel.phone_number import parse_caller, stored_form
from tests.effort import explore, tried

HONEST = {
    "agi_network": "yes",
    "agi_network_script": "reception",
    "agi_request": "agi://127.0.0.1:4573/reception",
    "agi_channel": "PJSIP/trunk-00000001",
    "agi_language": "fa",
    "agi_type": "PJSIP",
    "agi_uniqueid": "line1420-1795302425.1",
    "agi_version": "22.10.1",
    "agi_callerid": "09121234567",
    "agi_calleridname": "unknown",
    "agi_callingpres": "0",
    "agi_callingani2": "0",
    "agi_callington": "0",
    "agi_callingtns": "0",
    "agi_dnid": "1420",
    "agi_rdnis": "unknown",
    "agi_context": "line-reception",
    "agi_extension": "s",
    "agi_priority": "9",
    "agi_enhanced": "0.0",
    "agi_accountcode": "",
    "agi_threadid": "140245",
    "agi_arg_1": "open-sesame",
}
"""As Asterisk 22.10.1 sends it, in its order."""

FROM_THE_CALLER = ("agi_callerid", "agi_calleridname", "agi_dnid", "agi_rdnis")
DECIDE = ("agi_network_script", "agi_arg_1", "agi_uniqueid", "agi_language", "agi_channel")

_FORGED_KEY = st.sampled_from(
    [*HONEST, "agi_arg_2", "agi_arg_0", "agi_arg_1000", "AGI_ARG_1", " agi_arg_1", "agi_x", ""]
)
_FORGED_LINE = st.builds(lambda key, sign, value: f"\n{key}{sign}{value}".encode(), _FORGED_KEY,
                         st.sampled_from([": ", ":", "", "::"]), st.sampled_from(["survey", "x", "guess", ""]))  # fmt: skip
_JUNK = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r", b"\n", b"\x00", b"\x85", "\u2028".encode(), "\u202e".encode(), b"\xff",
                     "محمد".encode()[:-1], b"HANGUP\n", b"200 result=0\n", b"${SHELL(id)}", b"a" * 4000]),
)  # fmt: skip
HOSTILE = st.lists(st.one_of(_JUNK, _FORGED_LINE), max_size=4).map(b"".join)


@tried(quick=500, thorough=100_000)
def test_a_hostile_identity_is_refused_or_changes_nothing(examples: int) -> None:
    @given(st.dictionaries(st.sampled_from(FROM_THE_CALLER), HOSTILE, min_size=1))
    def holds(hostile: dict[str, bytes]) -> None:
        lines = [key.encode() + b": " + hostile.get(key, value.encode()) for key, value in HONEST.items()]
        raw = (b"\n".join(lines) + b"\n\n").partition(b"\n\n")[0]  # the server reads up to the first blank line
        try:
            read = parse_environment(raw)
            route = route_of(read)
        except (Forbidden, Invalid):
            return
        if read.get("agi_arg_1") != HONEST["agi_arg_1"]:
            return  # a blank line cut the environment short: without the token no door opens
        assert route == "reception"
        assert {key: read.get(key) for key in DECIDE} == {key: HONEST[key] for key in DECIDE}
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "".join(read.values()))
        assert re.fullmatch(r"[0-9+]{0,20}", stored_form(parse_caller(caller_of(read))))

    explore(examples, holds)


@tried(quick=300, thorough=50_000)
def test_any_bytes_are_an_environment_or_a_refusal(examples: int) -> None:
    @given(st.lists(st.one_of(_JUNK, _FORGED_LINE, st.just(b"\n")), max_size=8).map(b"".join))
    def holds(raw: bytes) -> None:
        try:
            read = parse_environment(raw)
        except Forbidden:
            return
        assert all(key in HONEST or re.fullmatch(r"agi_arg_[1-9][0-9]{0,2}", key) for key in read)
        try:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", route_of(read))
        except Invalid:
            return

    explore(examples, holds)
