"""`/api/v1/recordings/{id}` and `/audio`.

Starlette's own file answers are not used here: their range parsing was quadratic once (CVE-2025-62727), and they know
neither our archive nor the rule that a hearing is written down before its first byte.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Path, Request
from starlette.responses import Response, StreamingResponse

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.errors import error_answer, error_responses
from api.http.routers import api_router
from api.playback.repository import CommittedHearings, RecordingRows
from api.playback.schemas import RecordingView
from api.playback.service import Hearing, find, open_sound
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import RecordingId
from recordings.byte_range import NotSatisfiable
from recordings.naming import download_name

router = api_router("recordings", "/recordings")

Hearer = Annotated[Principal, Depends(require(Permission.RECORDING_HEAR))]
Id = Annotated[
    str,
    Path(
        description="Id of a talk or a voice message.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        examples=["line1420-1763750000.12-1"],
    ),
]


@router.get("/{recording_id}", response_model=RecordingView, responses=error_responses(404))
async def read_recording(recording_id: Id, session: Transaction, principal: Hearer) -> RecordingView:
    """What is known of one recording: state, length, waveform. Reading this is not hearing, and is not audited."""
    return RecordingView.of(await find(RecordingRows(session), principal, RecordingId(recording_id)))


@router.get(
    "/{recording_id}/audio",
    response_class=Response,
    responses={
        200: {"content": {"audio/wav": {}}, "description": "The whole sound."},
        206: {"content": {"audio/wav": {}}, "description": "One byte range of it."},
        **error_responses(400, 404, 416),
    },
)
async def hear_recording(
    recording_id: Id,
    request: Request,
    session: Transaction,
    principal: Hearer,
    range_: Annotated[str | None, Header(alias="Range", description="One byte range, e.g. `bytes=0-65535`.")] = None,
) -> Response:
    """The sound as wav. An audit entry `recording.heard` is committed before the first byte; without it there is no sound."""
    recording = await find(RecordingRows(session), principal, RecordingId(recording_id))
    log = CommittedHearings(request.app.state.sessions, request.app.state.clock)
    try:
        hearing = await open_sound(recording, principal, range_, archive=request.app.state.archive, log=log)
    except NotSatisfiable as error:
        headers = {"Content-Range": f"bytes */{recording.bytes or 0}"}
        return error_answer(416, error.code, error.message, error.field, headers)
    except Invalid as error:
        if error.field != "Range":
            raise
        return error_answer(400, error.code, error.message, error.field)
    return _sound(hearing)


def _sound(hearing: Hearing) -> Response:
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Length": str(hearing.part.length if hearing.part else hearing.size),
        "Content-Disposition": f'inline; filename="{download_name(hearing.recording.recording_id)}"',
        "X-Content-Type-Options": "nosniff",
    }
    if hearing.part:
        headers["Content-Range"] = hearing.part.content_range
    return StreamingResponse(
        hearing.body, status_code=206 if hearing.part else 200, headers=headers, media_type="audio/wav"
    )
