"""How the steps are said to Asterisk over AMI: pure headers, nothing that came from outside unchecked."""

from __future__ import annotations

from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import held_leg
from routing.queues import exchange_name


def originate(
    call_id: CallId,
    *,
    code: TrackingCode,
    n: int,
    queue: QueueName,
    prio: int,
    national: str,
    shown: str,
    unrecorded: str = "",
) -> dict[str, str]:
    """Headers of `Originate`: a Local channel, one half of which enters the queue while the other waits to dial. `shown`
    is what the operator's telephone and the ledgers are told, empty for a number that was keyed in.

    Both halves have ids of ours, so Asterisk itself refuses the same attempt a second time.
    """
    values = {
        "__LINE_CODE": code, "__LINE_ATTEMPT": str(n), "__LINE_RECORDING": f"{call_id}-1",
        "__LINE_UNRECORDED": unrecorded, "LINE_QUEUE": queue, "QUEUE_PRIO": str(prio), "LINE_NUMBER": national,
    }  # fmt: skip
    return {
        "Channel": "Local/s@line-callback-hold/n",
        "ChannelId": call_id,
        "OtherChannelId": held_leg(call_id),
        "Context": "line-callback-place",
        "Exten": "s",
        "Priority": "1",
        "CallerID": shown,
        "Variable": ",".join(f"{name}={value}" for name, value in values.items()),
        "Timeout": "10000",
        "Async": "true",
    }


def withdraw(queue: QueueName, channel: str, why: str) -> dict[str, str]:
    """Headers of `QueueWithdrawCaller`."""
    return {"Queue": exchange_name(queue), "Caller": channel, "WithdrawInfo": why}
