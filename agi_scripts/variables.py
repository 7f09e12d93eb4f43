"""Every channel variable shared by the dialplan and the doors. `asterisk_conf/templates/extensions` uses no other name.

Written by the dialplan before it knocks (IN), by a door before it leaves (OUT), or kept by both (BOTH).
"""

from __future__ import annotations

from enum import StrEnum


class Variable(StrEnum):
    """Name of a channel variable."""

    DONE = "LINE_DONE"
    """OUT. `1`, set last of all: the only proof that the door finished. Cleared by the dialplan before each knock."""
    GOTO = "LINE_GOTO"
    """OUT. A value of `ivr.kernel.milestones.Goto`: the label the dialplan continues at."""
    QUEUE = "LINE_QUEUE"
    """OUT. Queue name, when GOTO is `queue` or `callback`."""
    KIND = "LINE_KIND"
    """BOTH. `complaint`, `question`, `suggestion`: kind of a voice message, chosen in the menu."""
    MESSAGE = "LINE_MESSAGE"
    """OUT of the voice_message door before recording: MessageId. The dialplan records to
    `<spool>/messages/<MessageId>.part.wav`."""
    CODE = "LINE_CODE"
    """OUT. Tracking code that belongs to the message or call back."""
    NODE = "LINE_NODE"
    """BOTH. Last place in the conversation, so that another door server goes on there."""
    PHASE = "LINE_PHASE"
    """IN. Which half of a door is wanted: `prepare` | `review` (voice_message); `arrival` | `waiting` | `after_hours` |
    `no_agents` | `timed_out` | `refused_full` | `closed` (reception, callback): why the dialplan knocks. The reception door itself says
    `waiting` for a caller who takes a call back instead of the wait they were told of."""
    KEYS = "LINE_KEYS"
    """BOTH. Every key the caller has pressed, kept by Asterisk (`StoreDTMF`) from the arrival on; a door empties it where keys
    are ignored, and reads there what fell between two of its commands. Private as keyed digits are: never written
    anywhere."""
    RECORD_STATUS = "RECORD_STATUS"
    """IN of the voice_message door. Asterisk's own, set by Record()."""
    LINKED = "CHANNEL(linkedid)"
    """IN. Asterisk's own: the linked id, which is our CallId."""
    ENDPOINT = "CHANNEL(endpoint)"
    """IN. Asterisk's own: whose telephone this is, `seat07`, as it proved by its secret; nothing the telephone says of itself."""
    LANGUAGE = "CHANNEL(language)"
    """BOTH. `fa` or `en`; a door sets it through the channel function."""
    PLACE = "LINE_PLACE"
    """Dialplan only. Where the call is, for the `final` milestone: greeting, menu, waiting, talking, survey, message."""
    SERVER = "LINE_SERVER"
    """Dialplan only. Which door server is being tried, 1 or 2."""
    VISIT = "LINE_VISIT"
    """Dialplan only. How often the call has entered a queue."""
    RECORDING = "LINE_RECORDING"
    """Dialplan only. RecordingId of the talk: `<linked id>-<visit>`."""
    UNRECORDED = "LINE_UNRECORDED"
    """OUT of the reception door. Unset, or why the next talk is not recorded: `disk` (no room in the spool). A queue whose
    talks must be recorded does not ask; the dialplan clears it after each visit."""
    UNTIL = "LINE_UNTIL"
    """OUT of doors that lead to a queue. Unset, or the second (since 1970) at which a wait in the chosen queue ends, because the
    queue closes; who moves a caller tells that of the new queue; the dialplan clears it after each visit from which nobody comes back to it."""
    RANK = "LINE_RANK"
    """OUT of the same doors. Unset, or the caller's priority, 0 to 10 (`routing.priority`); the dialplan takes anything else
    for 0 and clears it in the same way."""
    COUNTED = "LINE_COUNTED"
    """Dialplan only. So many seconds the caller counts as having waited at the entry: by their priority, and what lies behind
    who is moved or called back."""
    RUNG = "LINE_RUNG"
    """Dialplan only. The same in whole grains of the queue's ladder: which rule of queuerules.conf they climb by."""
    AHEAD = "LINE_AHEAD"
    """Dialplan only. The same grains in seconds."""
    WAIT = "LINE_WAIT"
    """Dialplan only. Longest wait of this visit in seconds."""
    CROWD = "LINE_CROWD"
    """Dialplan only. How many wait in the queue that the caller is about to enter; 0 for who has a place already."""
    ANNOUNCED = "LINE_ANNOUNCED"
    """OUT of the reception door. `1` once the caller has been told the emergency announcements for everybody."""
    LED = "LINE_LED"
    """Dialplan only. Why a caller was taken out of a queue: `move` or `closed`, the first word of QUEUE_WITHDRAW_INFO. `move`
    means that they keep their place; so it is for who leaves to ask for a call back, should they come back."""
    MOVE_TO = "LINE_MOVE_TO"
    """Dialplan only. The queue to which a supervisor moved the caller."""
    MOVE_PRIO = "LINE_MOVE_PRIO"
    """Dialplan only. The place (QUEUE_PRIO) that a moved caller had and keeps."""
    SPIED = "LINE_SPIED"
    """Dialplan only, on a supervisor's telephone. The operator's channel whose talk is heard."""
    SPIED_CALL = "LINE_SPIED_CALL"
    """Dialplan only. The call that this talk belongs to."""
    SPIED_SEAT = "LINE_SPIED_SEAT"
    """Dialplan only. The operator's seat."""
    SPY = "LINE_SPY"
    """Dialplan only. The account of who listens."""
    SPYING = "LINE_SPYING"
    """Dialplan only. The three before in one, `<call>/<seat>/<account>`, as the manager interface is asked for it."""
    SPY_MODE = "LINE_SPY_MODE"
    """Dialplan only. `listen`, `whisper` or `barge`."""
    FALLBACK = "LINE_FALLBACK"
    """Dialplan only. `1` once the call was carried on without a door server; then the message box needs none either."""
    JOINED = "LINE_JOINED"
    """IN of the callback door. The second (since 1970) at which the caller entered the queue; a call back keeps that place. Unset
    once the visit is over, but for who leaves it to ask for a call back."""
    JOINED_RANK = "LINE_JOINED_RANK"
    """IN of the callback door. The priority, 0 to 10, with which the caller entered it; unset is 0."""
    NUMBER = "LINE_NUMBER"
    """Dialplan only, as the next ones: of a call back's attempt. Whom to ring, as dialled in Iran; never written anywhere."""
    ATTEMPT = "LINE_ATTEMPT"
    """Which attempt it is, from 1."""
    HELD = "LINE_HELD"
    """Name of the half that waits to dial."""
    DIALLED = "LINE_DIALLED"
    """`1` once that half has dialled: it does so once."""
