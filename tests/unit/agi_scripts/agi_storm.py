"""An Asterisk that answers as no Asterisk should: each command gets a reply that carries the command's own marker, mutated.

`Storm.reply(command)` gives the bytes in the pieces in which they arrive. The marker is the command's last word, so
whoever gets another command's reply is found out.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

KINDS = (
    "hangup before", "hangup after", "hangups", "trying", "usage", "usage cut", "endless usage",
    "dead", "unknown", "break in value", "break and bracket", "bracket in value", "junk before", "twice", "cut", "nothing",
    "long line", "no code", "odd result", "odd digits", "nul", "carriage return", "halves of letters", "half a notice",
)  # fmt: skip


def mutated(kind: str, marker: str, cut: int) -> bytes:
    """The reply to the command with this marker."""
    plain = f"200 result=1 ({marker})\n".encode()
    other = b"200 result=1 (forged)\n"
    replies: dict[str, bytes] = {
        "hangup before": b"HANGUP\n" + plain,
        "hangup after": plain + b"HANGUP\n",
        "hangups": plain + b"HANGUP\nHANGUP\n",
        "trying": b"100 result=0 Trying...\n" + plain,
        "usage": b"520-Invalid command syntax.\n" + other + b"HANGUP\n520 End of proper usage.\n",
        "usage cut": b"520-Invalid command syntax.\nusage\n"[: cut + 1],
        "endless usage": b"520-Invalid\n" + b"usage\n" * 400,
        "dead": b"511 Command Not Permitted on a dead channel or intercept routine\n",
        "unknown": b"510 Invalid or unknown command\n",
        "break in value": f"200 result=1 ({marker}\n200 result=1 (forged)\n)\n".encode(),
        "break and bracket": f"200 result=1 ({marker})\n200 result=1 (forged)\n".encode(),
        "bracket in value": f"200 result=1 ({marker} (x) hangup)\n".encode(),
        "junk before": b"\x00\xff{}\n" + plain,
        "twice": plain + plain,
        "cut": plain[: cut % len(plain)],
        "nothing": b"",
        "long line": b"200 result=1 (" + b"x" * 65_536 + b")\n",
        "no code": f"result=1 ({marker})\n".encode(),
        "odd result": (b"200 result=-\n", b"200 result=--1\n", b"200 result=1 1\n", b"200 result=" + b"9" * 6000 + b"\n",
                       b"200 \n", b"200 result=1 (\n", b"200 result=+1\n")[cut % 7],
        "odd digits": ("٢٠٠ result=1\n", "200 result=٤٩\n", "200 result=²\n", "200 result=१\n")[cut % 4].encode(),
        "nul": b"200 result=1 (" + marker.encode() + b"\x00)\n",
        "carriage return": plain.replace(b"\n", b"\r\n"),
        "halves of letters": b"200 result=1 (" + marker.encode() + "م".encode()[:1] + b")\n",
        "half a notice": plain + b"HANGUP\n"[: cut % 7],
    }  # fmt: skip
    return replies.get(kind, plain)


_KIND = st.one_of(st.just("plain"), st.just("plain"), st.sampled_from(KINDS))
"""Mostly plain, so that conversations get somewhere."""

REPLIES = st.tuples(_KIND, st.integers(0, 40), st.sampled_from((1, 2, 3, 7, 100, 4095, 4096, 100_000)))
"""One reply: its kind, where it is cut, and how many bytes arrive at a time."""


class Storm:
    """Gives the drawn replies one after the other, then plain ones."""

    def __init__(self, replies: Iterable[tuple[str, int, int]]) -> None:
        self._replies = iter(replies)

    def reply(self, command: bytes) -> list[bytes]:
        """The pieces that arrive after this command; an empty list: none will."""
        marker = command.split()[-1].decode().strip('"')
        kind, cut, size = next(self._replies, ("plain", 0, 100))
        arrives = mutated(kind, marker, cut)
        size = max(size, 4095) if len(arrives) > 2000 else size
        # Asterisk writes a reply at once, so what a value smuggles in after its first line arrives together with that
        # line's end; only a notice is a write of its own
        whole = kind in ("break and bracket", "twice")
        first = arrives.find(b"\n") if whole else len(arrives)
        pieces = [arrives[at : min(at + size, first)] for at in range(0, first, size)]
        return [*pieces, arrives[first:]] if whole else pieces
