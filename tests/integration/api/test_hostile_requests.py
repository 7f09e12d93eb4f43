"""Whatever a client sends, the API keeps its word: no 500, no undeclared answer. Requests are made from the OpenAPI document.

Two ways: by default each operation gets a handful of requests, each from somebody else (every role, both tokens,
nobody), and casework, who may change things, goes through all phases with all checks once; the long suite does that
for everybody with two hundred examples an operation.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from api.access.permissions import DOOR_SCOPES, READ_SCOPES, Role
from api.access.secrets_of import hash_of
from api.access.sessions import open_session
from api.db.engine import Sessions
from api.db.tables import ApiToken, Person
from ivr.kernel.clock import SystemClock
from tests.integration.conftest import Server
from tests.integration.test_web_process import web

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
SHEET = "/api/v1/roster/months/{month}/sheet"
HEARING = tuple(
    f"/api/v1/listening{path}" for path in ("", "/{seat}", "/{seat}/muted", "/{seat}/whisper", "/{seat}/barge")
)
LEFT_OUT = ("/api/v1/board/stream", "/ready", "/logout", SHEET, *HEARING)
"""A stream has no end to wait for; not ready is an answer of its own; who logs out is nobody afterwards; what a spreadsheet may
hold is tried in tests/unit/api/roster/test_hostile_files.py. Who hears a talk is asked of an exchange, and here is none
(tests/integration/api/leading/test_hearing_talks.py has one)."""
FORMS = ("/login",)
"""For people: the page that GET gives is no operation of the API, but shares its address."""
EXAMPLES = 200
AT_ONCE = 2
"""Clients; they act on the same line, as people do."""
PHASES = "examples,coverage,fuzzing,stateful"
BEYOND_THE_DOCUMENT = "positive_data_acceptance"
"""Not checked: a caller, a cursor, a tracking code or a pair of instants can be of the right form and still be wrong."""

ONE_PROOF_IS_ENOUGH = "ignored_auth"
"""Not asked of programs: it sends a wrong cookie beside their right token, which is a proof by itself."""

Everybody = dict[str, dict[str, str]]


def not_asked_of(who: str) -> str:
    """Checks to leave out for this role or token."""
    return ",".join([BEYOND_THE_DOCUMENT, *([ONE_PROOF_IS_ENOUGH] if who in ("reader", "door") else [])])


@pytest.fixture
async def everybody(sessions: Sessions) -> Everybody:
    """The headers that each role, each token and nobody sends."""
    now = SystemClock().now()
    known: Everybody = {
        "nobody": {},
        "reader": {"Authorization": "Bearer reader"},
        "door": {"Authorization": "Bearer door"},
    }
    async with sessions.begin() as session:
        for role in Role:
            person = Person(
                username=role.value, name_fa="x", name_en="x", role=role.value, password_hash="x", active=True
            )
            session.add(person)
            await session.flush()
            token, csrf = await open_session(session, person, now=now, limit=timedelta(hours=4), address="test")
            known[role.value] = {"Cookie": f"line1420_session={token}", "X-CSRF-Token": csrf}
        for name, scopes in (("reader", READ_SCOPES), ("door", DOOR_SCOPES)):
            session.add(ApiToken(token_hash=hash_of(name), name=name, scopes=list(scopes)))
    return known


def surprises(log: Path) -> list[str]:
    """What the web process itself called an error."""
    return [f"{line[:300]} … {line[-900:]}" for line in log.read_text().splitlines() if '"level": "error"' in line]


@pytest.mark.timeout(900)
def test_each_operation_keeps_its_word_to_everybody(
    everybody: Everybody, postgres_server: Server, tmp_path: Path
) -> None:
    broken: dict[str, str] = {}
    with web(postgres_server.url, tmp_path) as (_, url, log):
        schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
        operations = [result.ok() for result in schema.get_all_operations()]
        for operation in operations:
            if operation.path in LEFT_OUT:
                continue

            @settings(
                max_examples=5,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(), who=st.sampled_from(sorted(everybody)))
            def keeps_its_word(case: schemathesis.Case, who: str) -> None:
                case.call_and_validate(headers=everybody[who], checks=CHECKS, timeout=90, allow_redirects=False)

            try:
                keeps_its_word()
            except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 - all operations are looked at, then all failures are shown
                broken[operation.label] = str(failure)[:600]
        assert surprises(log) == []
    assert len(operations) > 6
    assert broken == {}, "\n\n".join(f"{label}:\n{text}" for label, text in broken.items())


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_every_check_in_every_phase(everybody: Everybody, postgres_server: Server, tmp_path: Path) -> None:
    with web(postgres_server.url, tmp_path) as (_, url, log):

        def run_as(who: str) -> str:
            command = [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"{url}/api/v1/openapi.json",
                "--no-color",
            ]
            command += [
                "--checks=all",
                f"--exclude-checks={not_asked_of(who)}",
                f"--phases={PHASES}",
                f"--max-examples={EXAMPLES}",
            ]
            command += [
                "--continue-on-failure",
                "--request-timeout=20",
                "--warnings=off",
                "--seed=1420",
                "--generation-database=none",
            ]
            command += [f"--exclude-path={path}" for path in (*LEFT_OUT, *FORMS)]
            command += [f"--header={name}: {value}" for name, value in everybody[who].items()]
            run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
            return f"as {who}:\n{run.stdout[-4000:]}{run.stderr[-1000:]}" if run.returncode != 0 else ""

        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = [said for said in pool.map(run_as, (*Role, "reader", "door", "nobody")) if said]
        assert surprises(log) == []
    assert not told, "\n\n".join(told)
