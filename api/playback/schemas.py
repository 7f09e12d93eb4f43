"""What the API tells of a recording."""

from __future__ import annotations

from pydantic import BaseModel, Field

from recordings.recording import Recording


class RecordingView(BaseModel):
    """One piece of sound, or the reason why there is none."""

    recording_id: str
    call_id: str | None = Field(description="The call it belongs to; null for a message whose call is unknown.")
    kind: str = Field(description="`talk` (caller left, operator right) or `message` (one channel).")
    state: str = Field(
        description="`archived`, `repaired` (header was unfinished), `truncated` (shorter than the talk, or one voice only), "
        "`empty` (a message without speech), `missing`."
    )
    reason: str | None = Field(description="Why it is not simply archived, in English; null when nothing is to say.")
    seconds: float | None = Field(description="Length of the sound.")
    expected_seconds: float | None = Field(description="Length of the talk by the ledger; null for messages.")
    channels: int | None = Field(description="2 for a talk, 1 for a message.")
    bytes: int | None = Field(description="Size of the wav file.")
    sha256: str | None = Field(description="Hash of the wav file, as read back from the archive.")
    peaks: list[list[float]] = Field(
        description="Waveform: one list for each channel, loudest value (0 to 1) of each slice."
    )
    audio_url: str | None = Field(description="Where to hear it; null when there is no sound.")

    @classmethod
    def of(cls, recording: Recording) -> RecordingView:
        sound = recording.archive_key is not None
        return cls(
            recording_id=recording.recording_id,
            call_id=recording.call_id,
            kind=recording.kind.value,
            state=recording.state.value,
            reason=recording.reason,
            seconds=recording.seconds,
            expected_seconds=recording.expected_seconds,
            channels=recording.channels,
            bytes=recording.bytes,
            sha256=recording.sha256,
            peaks=recording.peaks,
            audio_url=f"/api/v1/recordings/{recording.recording_id}/audio" if sound else None,
        )
