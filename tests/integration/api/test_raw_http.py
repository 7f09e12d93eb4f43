"""HTTP as no browser writes it, on the real port: never a 5xx, never two answers to what is one request, and it lives on."""

from __future__ import annotations

import contextlib
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.integration.conftest import Server
from tests.integration.test_web_process import web

HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
"""A second request inside the first: what stands in front of us and we must not see two different things."""

REQUESTS: dict[str, bytes] = {
    "length and chunks": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n" + HIDDEN,
    "a list of lengths": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 40\r\n\r\n" + HIDDEN,
    "a length with a sign": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + HIDDEN,
    "a negative length": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + HIDDEN,
    "a length of letters": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n" + HIDDEN,
    "a length beyond counting": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a length in other digits": "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: ²\r\n\r\n".encode("latin-1"),
    "chunks in other words": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and more": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a blank before the colon": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk of minus one": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + HIDDEN,
    "a chunk beyond counting": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n" + HIDDEN,
    "a folded header": b"GET /live HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n",
    "a NUL in a header": b"GET /live HTTP/1.1\r\nHost: x\r\nX-A: b\x00c\r\n\r\n",
    "no host": b"GET /live HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a host of a path": b"GET /calls HTTP/1.1\r\nHost: evil.example/x\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
    "headers without end": b"GET /live HTTP/1.1\r\n" + b"X-A: b\r\n" * 20_000,
    "a header of 200 kB": b"GET /live HTTP/1.1\r\nHost: x\r\nX-A: " + b"b" * 200_000 + b"\r\n\r\n",
    "an address of 200 kB": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a whole address": b"GET http://evil.example/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "two slashes": b"GET //evil.example/%2f.. HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
    "out of the root": b"GET /static/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "out of the root, hidden": b"GET /static/%2e%2e/%2e%2e/settings.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a version nobody has": b"GET /live HTTP/9.9\r\nHost: x\r\n\r\n",
    "no version": b"GET /live\r\n\r\n",
    "another language": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another proxy's word": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /live HTTP/1.1\r\n\r\n",
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a method of its own": b"NEWVERB /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "TRACE": b"TRACE /live HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nConnection: close\r\n\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an upgrade": b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "a web socket": b"GET /api/v1/board/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "line feeds only": b"GET /live HTTP/1.1\nHost: x\nConnection: close\n\n",
    "nothing": b"\r\n\r\n\r\n",
}  # fmt: skip
GUARDED = ("length and chunks", "two lengths", "a list of lengths", "a length with a sign", "a negative length", "a length of letters",
           "chunks in other words", "chunks and more", "a blank before the colon", "a chunk of minus one", "a chunk beyond counting")  # fmt: skip


def spoken(url: str, request: bytes) -> bytes:
    """Everything that comes back until the server closes, or is silent."""
    address = urlsplit(url)
    answer = b""
    with socket.create_connection((address.hostname or "", address.port or 0), 30) as client:
        client.settimeout(0.5)
        with contextlib.suppress(OSError):
            client.sendall(request)
        with contextlib.suppress(OSError):
            while piece := client.recv(65_536):
                answer += piece
    return answer


def test_what_no_browser_writes_is_refused_or_answered_once(
    database_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    wrong: list[str] = []
    with web(database_url, tmp_path) as (process, url, log):
        for name, request in REQUESTS.items():
            answer = spoken(url, request)
            statuses = [int(found) for found in re.findall(rb"^HTTP/1\.1 (\d{3})", answer, re.MULTILINE)]
            if any(status >= 500 for status in statuses) or len(statuses) > 1:
                wrong.append(f"{name}: {statuses}")
            if name in GUARDED and b"line1420_http" in answer:
                wrong.append(f"{name}: the hidden request was answered")
            if b"root:" in answer or b"evil.example" in answer.partition(b"\r\n\r\n")[0]:
                wrong.append(f"{name}: it leads elsewhere: {answer[:200]!r}")
        assert process.poll() is None
        assert httpx2.get(f"{url}/live", timeout=30).status_code == 200
        assert [line[:300] for line in log.read_text().splitlines() if '"level": "error"' in line] == []
    assert wrong == []
