"""How a feature offers operations: an `APIRouter` under /api/v1 that declares our refusals for each of them."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.errors import error_responses


def api_router(tag: str, prefix: str = "") -> APIRouter:
    """`api_router("calls", "/calls")` → operations at /api/v1/calls. Add `responses=error_responses(404)` where it fits."""
    return APIRouter(prefix=f"/api/v1{prefix}", tags=[tag], responses=error_responses(401, 403, 422, 503))
