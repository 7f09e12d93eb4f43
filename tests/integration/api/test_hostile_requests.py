"""Whatever a client sends, the API keeps its word: no 500, no undeclared answer. Requests are made from the OpenAPI document."""

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.integration.conftest import Server
from tests.integration.test_web_process import web

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
LEFT_OUT = {"/api/v1/board/stream", "/ready"}
"""A stream has no end to wait for; not ready is an answer of its own."""


def test_each_operation_keeps_its_word(
    api_token_headers: dict[str, str], postgres_server: Server, tmp_path: Path
) -> None:
    broken: dict[str, str] = {}
    with web(postgres_server.url, tmp_path) as (_, url, _log):
        schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
        operations = [result.ok() for result in schema.get_all_operations()]
        for operation in operations:
            if operation.path in LEFT_OUT:
                continue

            @settings(
                max_examples=10,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def keeps_its_word(case: schemathesis.Case) -> None:
                case.call_and_validate(headers=api_token_headers, checks=CHECKS, timeout=5, allow_redirects=False)

            try:
                keeps_its_word()
            except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 - all operations are looked at, then all failures are shown
                broken[operation.label] = str(failure)[:600]
    assert len(operations) > 6
    assert broken == {}, "\n\n".join(f"{label}:\n{text}" for label, text in broken.items())
