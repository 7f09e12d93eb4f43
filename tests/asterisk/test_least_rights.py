"""What strangers, callers and our own listener may not do, asked of the real exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from routing.ami.normalise import EVENTS
from routing.security_log import parse
from tests.asterisk.exchange import Exchange, answers
from tests.asterisk.strangers import AmiVisitor, SipStranger

FORBIDDEN: dict[str, dict[str, str]] = {
    "Originate": {"Channel": "Local/1420@from-trunk", "Application": "Wait", "Data": "1"},
    "Command": {"Command": "core show version"},
    "GetConfig": {"Filename": "manager.conf"},
    "GetConfigJSON": {"Filename": "../../../etc/passwd"},
    "UpdateConfig": {"SrcFilename": "manager.conf", "DstFilename": "manager.conf"},
    "ListCategories": {"Filename": "../manager.conf"},
    "Getvar": {"Variable": "SHELL(id)"},
    "Setvar": {"Variable": "X", "Value": "1"},
    "MixMonitor": {"Channel": "x", "Command": "id"},
    "QueueAdd": {"Queue": "q-general", "Interface": "PJSIP/seat01"},
    "QueuePause": {"Interface": "PJSIP/seat01", "Paused": "true"},
    "Redirect": {"Channel": "x", "Context": "from-trunk", "Exten": "1420", "Priority": "1"},
    "Hangup": {"Channel": "/.*/"},
    "ModuleLoad": {"LoadType": "reload"},
    "Reload": {},
    "DBPut": {"Family": "a", "Key": "b", "Val": "c"},
    "UserEvent": {"UserEvent": "x"},
    "PJSIPShowEndpoints": {},
}


@pytest.fixture
def listener(exchange: Exchange) -> Iterator[AmiVisitor]:
    visitor = AmiVisitor("127.0.0.1", exchange.settings.ami_port)
    secret = exchange.settings.ami_listener_secret.get_secret_value()
    assert visitor.log_in("listener", secret)["Response"] == "Success"
    yield visitor
    visitor.close()


@pytest.fixture
def stranger(exchange: Exchange) -> Iterator[SipStranger]:
    visitor = SipStranger(exchange.target)
    yield visitor
    visitor.close()


def refusals(exchange: Exchange) -> list[str]:
    log = exchange.settings.asterisk / "log" / "security.log"
    return [found.kind for line in log.read_bytes().splitlines() if (found := parse(line)) is not None]


LOOKS = ("Ping", "QueueStatus", "Status")


def test_the_listener_may_look_and_do_nothing(listener: AmiVisitor) -> None:
    done = {action: listener.ask(action, **headers)["Response"] for action, headers in FORBIDDEN.items()}
    assert done == dict.fromkeys(FORBIDDEN, "Error")
    assert {action: listener.ask(action)["Response"] for action in LOOKS} == dict.fromkeys(LOOKS, "Success")


def test_the_listener_hears_of_queues_and_holds_and_of_nothing_else(
    listener: AmiVisitor, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    """Its class `call` would tell it every channel's life."""
    new_seat(talk=2.0, holds=(1.0, 2.0))
    new_caller().pause(2).press("11").until_bye(60).dial()
    told: list[str] = []
    for event in listener.overhear():
        told.append(event["Event"])
        if event["Event"] == "AgentComplete":
            break
    assert [name for name in told if not name.startswith("QueueMember")] == [
        "QueueCallerJoin", "AgentCalled", "QueueCallerLeave", "AgentConnect", "Hold", "Unhold", "AgentComplete",
    ]  # fmt: skip
    assert set(told) <= EVENTS.keys()


def test_asterisk_tells_nothing_that_nobody_hears(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    """Each event wakes every session of the manager interface, whatever its rights: in a rush that is a good part of the cost."""
    witness = AmiVisitor("127.0.0.1", exchange.settings.ami_port)
    assert witness.log_in("witness", exchange.settings.ami_listener_secret.get_secret_value())["Response"] == "Success"
    new_seat(talk=2.0, holds=(1.0, 2.0))
    new_caller().pause(2).press("11").until_bye(60).dial()
    told: list[str] = []
    for event in witness.overhear():
        told.append(event["Event"])
        if event["Event"] == "AgentComplete":
            break
    witness.close()
    assert told[-1:] == ["AgentComplete"], "it heard the talk to its end"
    assert set(told) - EVENTS.keys() <= {"FullyBooted"}


def test_a_wrong_secret_is_refused_and_logged(exchange: Exchange) -> None:
    before = refusals(exchange).count("InvalidPassword")
    visitor = AmiVisitor("127.0.0.1", exchange.settings.ami_port)
    assert visitor.log_in("listener", "guess")["Response"] == "Error"
    visitor.close()
    exchange.until(lambda: refusals(exchange).count("InvalidPassword") == before + 1, "the refusal is not logged")


def test_a_call_from_an_unknown_address_gets_nowhere(exchange: Exchange, stranger: SipStranger) -> None:
    assert stranger.ask("INVITE", "09120000000").startswith("SIP/2.0 401")
    exchange.until(exchange.is_idle, "a channel is left")
    assert exchange.rows("09120000000") == []


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "PUBLISH", "REFER", "OPTIONS", "NOTIFY", "INFO"])
def test_nothing_but_a_call_is_taken(exchange: Exchange, stranger: SipStranger, method: str) -> None:
    headers = ("Content-Type: text/plain",) if method == "MESSAGE" else ("Event: presence",)
    carrier = SipStranger(exchange.target, "127.0.0.1")
    try:
        for asking in (stranger, carrier):
            status = int(asking.ask(method, "0912", *headers, body="hello" if method == "MESSAGE" else "").split()[1])
            # the carrier may ask whether we are alive; nobody may have anything else done
            assert status >= 400 or (method == "OPTIONS" and asking is carrier), (method, asking.address, status)
    finally:
        carrier.close()


def test_the_carrier_reaches_our_number_and_no_other(exchange: Exchange) -> None:
    carrier = SipStranger(exchange.target, "127.0.0.1")
    try:
        for called in ("1421", "00982112345678", "s", "1420&1421", "seat01"):
            assert carrier.ask("INVITE", "09120000001", called=called).split()[1] in {"404", "403", "484"}
    finally:
        carrier.close()
    exchange.until(exchange.is_idle, "a channel is left")


def test_a_registration_that_fails_is_refused_and_logged(exchange: Exchange, stranger: SipStranger) -> None:
    before = refusals(exchange)
    assert "401" in stranger.register("seat01", "guess")
    assert "401" in stranger.register("seat99", "guess")
    exchange.until(
        lambda: {"ChallengeResponseFailed", "InvalidAccountID"} <= set(refusals(exchange)[len(before) :]),
        "not logged",
    )
    log = (exchange.settings.asterisk / "log" / "security.log").read_text(encoding="utf-8")
    for secret in exchange.settings.seat_secrets.values():
        assert secret.get_secret_value() not in log


def test_nobody_listens_for_browser_phones_unless_they_are_asked_for(exchange: Exchange) -> None:
    assert not answers(exchange.settings.http_port)
    loaded = exchange.remote("module show")
    assert "app_queue" in loaded
    assert "websocket" not in loaded


def test_no_module_that_we_do_not_name_is_loaded(exchange: Exchange) -> None:
    loaded = exchange.remote("module show")
    for module in ("res_ari", "res_xmpp", "res_config_", "func_shell", "app_system", "res_pjsip_messaging", "cel_pgsql",
                   "app_originate", "res_manager_presencestate", "chan_iax2", "app_voicemail"):  # fmt: skip
        assert module not in loaded, module
