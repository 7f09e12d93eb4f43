"""The OpenAPI document tells all: who may ask, what each part means, how each operation refuses."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from ivr.kernel.tracking_code import TrackingCode

PUBLIC = {"/live", "/ready", "/metrics", "/login"}


@pytest.fixture
async def document(client: httpx2.AsyncClient) -> dict[str, Any]:
    return (await client.get("/api/v1/openapi.json")).json()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, operation) for path, item in document["paths"].items() for method, operation in item.items()]


async def test_every_operation_is_described_and_tagged(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    undescribed = [
        f"{method} {path}"
        for method, path, operation in operations(document)
        if not operation.get("summary") or not set(operation.get("tags", [])) or not set(operation["tags"]) <= tags
    ]
    assert undescribed == []


async def test_every_operation_that_is_not_public_says_how_to_identify_oneself_and_how_it_refuses(
    document: dict[str, Any],
) -> None:
    assert set(document["components"]["securitySchemes"]) == {"session", "token"}
    lacking = []
    for method, path, operation in operations(document):
        if path in PUBLIC:
            continue
        missing = {"401", "403", "422", "503"} - set(operation["responses"])
        if missing or {next(iter(one)) for one in operation.get("security", [])} != {"session", "token"}:
            lacking.append((method, path, missing))
    assert lacking == []


async def test_every_refusal_has_the_one_shape(document: dict[str, Any]) -> None:
    strange = []
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")) and path not in {"/ready", "/login"}:
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                if schema != {"$ref": "#/components/schemas/ErrorBody"}:
                    strange.append((method, path, status))
    assert strange == []


async def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    bare = [
        f"{method} {path} {parameter['name']}"
        for method, path, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert bare == []


async def test_lists_are_pages(document: dict[str, Any]) -> None:
    page = document["components"]["schemas"]["Page_AuditItem_"]
    assert set(page["required"]) == {"items", "next"}


async def test_nothing_is_open_that_nobody_decided_to_open(app: FastAPI, client: httpx2.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    for method, path, _ in operations(document):
        if path in PUBLIC:
            continue
        filled = path.replace("{", "").replace("}", "")
        answer = await client.request(method, filled)
        assert answer.status_code in {401, 422}, f"{method} {path} answered {answer.status_code} to nobody"
        if answer.status_code == 422:
            continue  # a body or parameter is missing, which is said before who asks; the guard is declared (above)


async def test_the_examples_are_taken_by_the_rules_that_they_explain(document: dict[str, Any]) -> None:
    """The example of a tracking code had a wrong last digit: whoever tried it was told to check it."""
    shown = {
        example
        for _, _, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "tracking_code"
        for example in [*parameter["schema"].get("examples", []), *parameter.get("examples", [])]
    }
    code = document["components"]["schemas"]["CaseView"]["properties"]["code"]
    for example in [*shown, *code["examples"]]:
        assert TrackingCode.parse(example)
    assert shown
