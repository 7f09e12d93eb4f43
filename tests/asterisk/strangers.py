"""Who has no business here: raw SIP and raw AMI, so that nothing on our side is polite for them."""

from __future__ import annotations

import hashlib
import re
import socket
import uuid
from collections.abc import Iterator

from tests.patience import LIMIT


class SipStranger:
    """A UDP socket on `address` that speaks just enough SIP to be refused."""

    def __init__(self, target: str, address: str = "127.0.0.2") -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.settimeout(LIMIT)
        self.address, self.port = self._socket.getsockname()

    def ask(self, method: str, user: str, *headers: str, body: str = "", called: str = "1420") -> str:
        """One request; the first final answer, or the last provisional one."""
        host, port = self._target
        lines = [
            f"{method} sip:{called}@{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{uuid.uuid4().hex}",
            "Max-Forwards: 70",
            f"From: <sip:{user}@{host}>;tag={uuid.uuid4().hex[:8]}",
            f"To: <sip:{called}@{host}>",
            f"Call-ID: {uuid.uuid4().hex}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:{user}@{self.address}:{self.port}>",
            *headers,
            f"Content-Length: {len(body.encode())}",
        ]
        self._socket.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._target)
        while True:
            answer = self._socket.recv(65_535).decode("utf-8", "replace")
            if not answer.startswith("SIP/2.0 1"):
                return answer

    def register(self, seat: str, password: str) -> str:
        """A registration with this password; the status line of the last answer."""
        challenge = self.ask("REGISTER", seat, called=seat)
        realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge)[1] for name in ("realm", "nonce"))  # type: ignore[index]
        uri = f"sip:{seat}@{self._target[0]}:{self._target[1]}"
        one, two = (
            hashlib.md5(text.encode()).hexdigest() for text in (f"{seat}:{realm}:{password}", f"REGISTER:{uri}")
        )
        response = hashlib.md5(f"{one}:{nonce}:00000001:abc:auth:{two}".encode()).hexdigest()
        authorization = (
            f'Authorization: Digest username="{seat}", realm="{realm}", nonce="{nonce}", uri="{uri}", qop=auth, '
            f'nc=00000001, cnonce="abc", algorithm=MD5, response="{response}"'
        )
        return self.ask("REGISTER", seat, authorization, called=seat).split("\r\n", 1)[0]

    def close(self) -> None:
        self._socket.close()


class AmiVisitor:
    """One AMI connection; `ask` gives the first response as a dict."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=LIMIT)
        self._file = self._socket.makefile("rb")
        self._file.readline()

    def log_in(self, user: str, secret: str) -> dict[str, str]:
        return self.ask("Login", Username=user, Secret=secret, Events="off")

    def ask(self, action: str, **headers: str) -> dict[str, str]:
        mark = uuid.uuid4().hex
        lines = [f"Action: {action}", f"ActionID: {mark}", *(f"{name}: {value}" for name, value in headers.items())]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            message = self._message()
            if not message:
                return {"Response": "closed"}
            if message.get("ActionID") == mark and "Response" in message:
                return message

    def overhear(self) -> Iterator[dict[str, str]]:
        """Every event that comes from now on, without end."""
        assert self.ask("Events", EventMask="on")["Response"] == "Success"
        while message := self._message():
            if "Event" in message:
                yield message

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _message(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for raw in self._file:
            line = raw.decode("utf-8", "replace").strip()
            if not line:
                return found
            name, _, value = line.partition(":")
            found.setdefault(name, value.strip())
        return found
