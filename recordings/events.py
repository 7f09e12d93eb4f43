"""What recordings tells the rest of the house, as past-tense facts. `api/reactions.py` says what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.kernel.spool_notes import Sidecar
from recordings.recording import Recording, State


@dataclass(frozen=True, slots=True)
class RecordingArchived:
    """Sound is in the archive and its hash was read back; or it is known to be missing. Not yet written down."""

    recording: Recording
    sidecar: Sidecar | None = None

    def fields(self) -> dict[str, str]:
        """The fields of the `recording_archived` fact in the ledger."""
        made = self.recording
        fields = {"recording": str(made.recording_id), "kind": made.kind.value, "state": made.state.value}
        if made.seconds is not None:
            fields["seconds"] = f"{made.seconds:.3f}"
        return fields

    @property
    def speaks(self) -> bool:
        """True when there is something to hear."""
        return self.recording.state not in (State.EMPTY, State.MISSING)
