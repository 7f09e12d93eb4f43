"""Addresses, ranges, cursors, filters, bodies and cookies made to hurt: a 4xx within bounds, and nothing else happens."""

from __future__ import annotations

import base64
import functools
import html
import itertools
import json
import re
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import quote

import httpx2
import pytest

from api.access.permissions import READ_SCOPES, Role
from api.access.secrets_of import hash_of
from api.access.sessions import open_session
from api.db.engine import Sessions
from api.db.tables import ApiToken, CaseRow, Person
from api.people.routes import own_path
from ivr.kernel.clock import SystemClock
from ivr.kernel.tracking_code import TrackingCode
from tests.patience import quickest_awaited

CPU_SECONDS = 0.1
"""Of one request; measured in this process, where the application runs."""

TRAVERSALS = [
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/", "%2e%2e%2f%2e%2e%2fetc", "....//....//", "..\\..\\",
    "%5c..%5c", "..;/", "%252e%252e%252f", "%c0%ae%c0%ae/", "%uff0e%uff0e/", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd",
    "/proc/self/environ", "%2fproc%2fself%2fmem", "file:%2f%2f%2fetc%2fpasswd", "C:%5cwindows", "a/../../b", "a%00.wav", "%00",
    "a%0d%0aSet-Cookie:x=1", "a%0a", "~root", "-rf", "$(id)", "`id`", ";id", "|id", "'%20or%201=1--", "%22%3e%3cscript%3e", "{{7*7}}",
    "${7*7}", "%7b%7b7*7%7d%7d", "*", "%25", "%ff%fe", "%ed%a0%80", "م", "%e2%80%ae", "0" * 5000, "a" * 121, "%f0%9f%92%a9",
]  # fmt: skip
PLACES = [
    "/api/v1/recordings/{}", "/api/v1/recordings/{}/audio", "/api/v1/calls/{}", "/api/v1/calls/{}/timeline", "/api/v1/cases/{}",
    "/api/v1/cases/{}/state", "/calls/{}", "/cases/{}", "/static/{}", "/{}",
]  # fmt: skip


@pytest.fixture
async def keys(sessions: Sessions) -> dict[str, dict[str, str]]:
    """A reading token, a door's, and the session of casework with its form token."""
    async with sessions.begin() as session:
        session.add(ApiToken(token_hash=hash_of("r"), name="reader", scopes=list(READ_SCOPES)))
        session.add(ApiToken(token_hash=hash_of("d"), name="door", scopes=["case:state"]))
        person = Person(
            username="casework", name_fa="x", name_en="x", role=Role.CASEWORK.value, password_hash="x", active=True
        )
        session.add(person)
        await session.flush()
        now = SystemClock().now()
        token, csrf = await open_session(session, person, now=now, limit=timedelta(hours=1), address="test")
    return {
        "reader": {"authorization": "Bearer r"},
        "door": {"authorization": "Bearer d"},
        "casework": {"cookie": f"line1420_session={token}", "x-csrf-token": csrf},
    }


async def asked(ask: Callable[[], Awaitable[httpx2.Response]], enough: float) -> tuple[httpx2.Response, float]:
    """The first answer, and the CPU seconds of the quickest of several tries: a collection of garbage is no request's."""
    answers: list[httpx2.Response] = []

    async def spent() -> float:
        began = time.process_time()
        answers.append(await ask())
        return time.process_time() - began

    seconds = await quickest_awaited(spent, enough)
    return answers[0], seconds


async def refused(client: httpx2.AsyncClient, address: str, headers: dict[str, str]) -> str:
    """What is wrong about the answer to a hostile address; empty when nothing is."""
    url = httpx2.URL("http://line.test").copy_with(raw_path=address.encode())
    answer, spent = await asked(lambda: client.get(url, headers=headers), CPU_SECONDS)
    problems = []
    if answer.status_code == 307:  # a slash too many at the end: the same place without it
        if httpx2.URL(answer.headers["location"]).host != "line.test":
            problems.append(f"led to {answer.headers['location']}")
    elif not 400 <= answer.status_code < 500:
        problems.append(f"status {answer.status_code}")
    if b"root:" in answer.content or "set-cookie" in answer.headers:
        problems.append("it gave something away")
    if spent > CPU_SECONDS:
        problems.append(f"{spent:.2f} s of CPU")
    return f"{address[:80]}: {', '.join(problems)}" if problems else ""


@pytest.mark.timeout(900)
async def test_no_address_leads_out_of_its_room(client: httpx2.AsyncClient, keys: dict[str, dict[str, str]]) -> None:
    await client.get("/api/v1/calls", headers=keys["reader"])  # the first request loads what the others share
    wrong = []
    for place, path in itertools.product(PLACES, TRAVERSALS):
        written = place.format(
            quote(path, safe="%/\\.;:~$`'|*-()={}") if not path.isascii() else path.replace("\\", "%5c")
        )
        if written in {"/%2e", "/.", "/static/.", "/static/%2e", "/.."}:
            continue  # the place itself
        headers = keys["door"] if written.endswith("/state") else keys["reader"]
        if problem := await refused(client, written, headers):
            wrong.append(problem)
    assert wrong == []


RANGES = [
    "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)), "bytes=" + ",".join("0-" for _ in range(20)), "bytes=5-1", "bytes=-0",
    "bytes=" + "9" * 5000 + "-", "bytes=0-" + "9" * 5000, "bytes=--1", "bytes=-1-", "bytes=0-0,-1", "bytes= ", "bytes=\t0-1,2-3", "bytes",
    "bytes=0x0-0xff", "bytes=1e3-", "bytes=-99999999999999999999", "=0-1", "bytes==0-1", "bytes=0-1;q=1", "bytes=\u0660-\u0661",
]  # fmt: skip


@pytest.mark.parametrize("wanted", RANGES)
async def test_no_range_costs_time_or_says_too_much(
    client: httpx2.AsyncClient, keys: dict[str, dict[str, str]], wanted: str
) -> None:
    """There is no such recording: a range must not be worth more than that. (What ranges do to sound: test_playback.)"""
    headers = {**keys["reader"], "range": wanted}
    sent = {key: value.encode("utf-8") for key, value in headers.items()}
    path = "/api/v1/recordings/line1420-1.1-1/audio"
    answer, spent = await asked(lambda: client.get(path, headers=sent), 0.5)
    assert 400 <= answer.status_code < 500
    assert spent < 0.5


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


CURSORS = [
    "", "x", "====", "null", packed(None), packed([]), packed({}), packed([1]), packed(["x", "y"]), packed([10**30]), packed([-1, "x"]),
    packed(["2026-11-21T00:00:00+00:00"]), packed(["9999-12-31T23:59:59-23:59", "x"]), packed(["2026-11-21T00:00:00", "x"]),
    packed(["0001-01-01T00:00:00+23:59", "x"]), packed(["2026-11-21T00:00:00+00:00", "\ud800"]), packed(["2026-11-21T00:00:00+00:00", "\0"]),
    packed(["2026-11-21T00:00:00+00:00", ["x"]]), packed([float("nan")]), packed([True]), packed(["2026-W47-6", "x"]),
    base64.urlsafe_b64encode(b"[" * 300).decode(), base64.urlsafe_b64encode(b"[" + b"9" * 300 + b"]").decode(), "%00", "é", "A" * 501,
]  # fmt: skip


async def test_a_cursor_that_is_not_ours_is_refused_everywhere(
    client: httpx2.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    wrong = []
    for path, cursor in itertools.product(["/api/v1/calls", "/api/v1/cases", "/calls", "/cases"], CURSORS):
        answer = await client.get(path, params={"cursor": cursor}, headers=keys["casework"])
        harmless = answer.status_code == 200 and cursor in {packed(["2026-W47-6", "x"]), packed([-1, "x"])}
        if not (400 <= answer.status_code < 500 or harmless):
            wrong.append(f"{path} {cursor[:60]}: {answer.status_code}")
    assert wrong == []


ODD_TEXT = ["\u202e0912", "\u200b", "\ufeff", "०", "ﷺ", "²", "\U0001f4a9", "e\u0301" * 10, "'; DROP TABLE call_record; --", "%", "_", "\\",
            "=1+1", "@SUM(A1)", "<script>", "{{7*7}}", "${jndi:ldap://x}", "\x1b[31m", "\r\nx: y", "a" * 79, "ي", "ك", "9" * 39]  # fmt: skip
FILTERS = [("/api/v1/calls", ("caller", "queue", "agent", "disposition", "from", "to", "limit")),
           ("/api/v1/cases", ("caller", "state", "kind", "overdue", "limit")),
           ("/calls", ("caller", "queue", "agent", "disposition", "from", "to")), ("/cases", ("state", "kind"))]  # fmt: skip


async def test_odd_text_in_a_filter_finds_nothing_or_is_refused(
    client: httpx2.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    wrong = []
    for path, names in FILTERS:
        for number, (name, value) in enumerate(itertools.product(names, ODD_TEXT)):
            if number % 3 and name not in {"caller", "queue"}:
                continue
            answer = await client.get(path, params={name: value}, headers=keys["casework"])
            if answer.status_code not in {200, 422}:
                wrong.append(f"{path}?{name}={value!r}: {answer.status_code}")
            if "<script>" in answer.text.replace('<script type="module"', "").replace("<script src", ""):
                wrong.append(f"{path}?{name}={value!r} comes back as a script")
    assert wrong == []


BODIES: dict[str, tuple[str, bytes]] = {
    "no text": ("application/json", b"{}"),
    "another kind": ("application/json", b'{"text": 5}'),
    "a NUL": ("application/json", b'{"text": "a\\u0000b"}'),
    "half a surrogate": ("application/json", b'{"text": "a\\ud800b"}'),
    "only what one cannot see": ("application/json", '{"text": "\u200b\u202e\ufeff "}'.encode()),
    "deep": ("application/json", b'{"text": ' + b"[" * 100_000),
    "deep and whole": ("application/json", b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "a long number": ("application/json", b'{"text": ' + b"9" * 10_000 + b"}"),
    "not a number": ("application/json", b'{"text": NaN}'),
    "twice": ("application/json", b'{"text": 1, "text": 2}'),
    "other letters": ("application/json; charset=utf-16", '{"text": "x"}'.encode("utf-16")),
    "no JSON at all": ("application/json", b"\x89PNG\r\n\x1a\n"),
    "XML": ("application/xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><text>&e;</text>"),
    "a form without end": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=text\r\n\r\n"),
    "a form without its line": ("multipart/form-data", b"--x\r\n"),
    "a form of many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(20_000))),
    "a form of many parts": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 3000 + b"--x--\r\n"),
    "a file for a text": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"; filename="x"\r\n\r\n1\r\n--x--\r\n'),
    "a NUL in a form": ("application/x-www-form-urlencoded", b"text=a%00b"),
    "too much": ("application/json", b'{"text": "' + b"x" * 1_100_000 + b'"}'),
}  # fmt: skip


CLEANED = {"a NUL", "a NUL in a form", "half a surrogate", "other letters"}
"""Taken, without what one cannot see in them; JSON may be written in UTF-16."""


@pytest.mark.parametrize("place", ["/api/v1/cases/{}/answer", "/cases/{}/answer"])
async def test_a_body_made_to_hurt_is_refused_or_made_harmless(
    client: httpx2.AsyncClient, keys: dict[str, dict[str, str]], sessions: Sessions, place: str
) -> None:
    now = SystemClock().now()
    codes = {name: TrackingCode.from_number(number) for number, name in enumerate(BODIES)}
    async with sessions.begin() as session:
        session.add_all(
            CaseRow(code=code, kind="complaint", state="in_work", caller="", call_id="line1420-1.1", opened_at=now, due_at=now,
                    deadline={"allowance_seconds": 60, "intervals": [], "left_out": []}, details={"taken_by": "casework"})
            for code in codes.values()
        )  # fmt: skip
    wrong, taken = [], set()
    for name, (content_type, body) in BODIES.items():
        headers = {**keys["casework"], "content-type": content_type}
        post = functools.partial(client.post, place.format(codes[name]), content=body, headers=headers)
        answer, spent = await asked(post, 1.0)
        if answer.status_code in {200, 303}:
            taken.add(name)
        elif not 400 <= answer.status_code < 500 or spent > 1.0:
            wrong.append(f"{name}: {answer.status_code} after {spent:.2f} s of CPU")
    assert wrong == []
    assert taken <= CLEANED
    async with sessions() as session:
        for name in taken:
            written = (await session.get_one(CaseRow, codes[name])).details["answer"]
            assert written.isprintable(), name


COOKIES = [
    "",
    "=",
    "x",
    "A" * 43,
    "A" * 8000,
    "%00",
    "é",
    "'; DROP TABLE session",
    "line1420_session",
    "../../x",
    '"x"',
    "\\x00",
    "A" * 42 + "=",
    "null",
]


async def test_a_cookie_that_is_not_ours_is_nobody(client: httpx2.AsyncClient, keys: dict[str, dict[str, str]]) -> None:
    real = keys["casework"]["cookie"].partition("=")[2]
    twisted = [
        real[:-1],
        real + "A",
        real.swapcase(),
        real[::-1],
        f"{real}; line1420_session=x",
        f"x; line1420_session={real[:-1]}",
    ]
    for value in [*COOKIES, *twisted]:
        answer = await client.get("/api/v1/me", headers={"cookie": f"line1420_session={value}".encode()})
        assert answer.status_code == 401, value
    assert (await client.get("/api/v1/me", headers={"cookie": f"line1420_session={real}"})).status_code == 200


ELSEWHERE = ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example",
             "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example",
             "/x\r\nSet-Cookie: a=b", "evil.example", "", "?next=//evil.example", "/\u2028/evil.example", "http:///evil.example",
             "//evil.example@line.test", "/\\/evil.example", "/..//evil.example", "/.//evil.example", "/%09/evil.example", "/%5cevil.example",
             "/%2f/evil.example", "HtTpS://evil.example", "//\u0000evil.example", "/x//evil.example"]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
async def test_nobody_is_led_elsewhere(client: httpx2.AsyncClient, target: str) -> None:
    """What a browser makes of the address decides: joined to our own page, it must stay on our site."""
    for written in (target, quote(target, safe="")):
        answer = await client.get("/preferences", params={"back": written})
        if answer.status_code == 422:
            continue
        there = httpx2.URL("http://line.test/preferences").join(answer.headers["location"])
        assert there.host == "line.test"
        assert not answer.headers["location"].startswith(("//", "/\\", "\\"))
        assert own_path(answer.headers["location"]) == answer.headers["location"] or answer.headers["location"] == "/"
    login = await client.get("/login", params={"next": target})
    kept = re.findall(r'name="next" value="([^"]*)"', login.text)
    assert [html.unescape(path) for path in kept] == ([own_path(target)] if login.status_code == 200 else [])
