"""`/live`, `/ready`, `/metrics`: without a login, because who watches must see a line that is broken.

They name no caller and no secret. The web process listens on loopback only; where a proxy stands in front of it, these
three are for the watching machine and not for the public (docs/runbook/README.md).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY
from pydantic import BaseModel

from api.health.exposition import page
from api.health.files import MeasureFiles, Written
from api.health.ready import Ready, look
from api.health.surroundings import facts
from api.settings import ApiSettings

router = APIRouter(tags=["health"])

PROCESS = "web"


class Live(BaseModel):
    """The process answers, so its loop turns; it says nothing about anything else."""

    live: bool = True


@router.get("/live", summary="Does the process answer")
async def live() -> Live:
    return Live()


@router.get(
    "/ready", summary="Does the written side work", responses={503: {"model": Ready, "description": "Not ready."}}
)
async def ready(request: Request, response: Response) -> Ready:
    answer = await _look(request, _others(request))
    response.status_code = 200 if answer.ready else 503
    return answer


@router.get("/metrics", summary="Measures for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    others = _others(request)
    await _look(request, others)
    settings: ApiSettings = request.app.state.settings
    return Response(page(PROCESS, REGISTRY, others, facts(settings.var)), media_type=CONTENT_TYPE_LATEST)


async def _look(request: Request, others: list[Written]) -> Ready:
    state = request.app.state
    return await look(state.sessions, state.settings, state.clock.now(), others)


def _others(request: Request) -> list[Written]:
    state = request.app.state
    if not hasattr(state, "measure_files"):
        state.measure_files = MeasureFiles(state.settings.measures)
    return [written for written in state.measure_files.read(state.clock.now()) if written.process != PROCESS]
