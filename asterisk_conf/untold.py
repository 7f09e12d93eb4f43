"""What Asterisk need not tell anybody, because nobody here listens.

For each event of the manager interface Asterisk 22 writes its whole text and wakes the thread of every session, and only
those threads look whether their session may and wants to hear it. A caller made more of them on the way to the first
prompt than the listener hears in a whole call. Events that begin as a message inside Asterisk can be stopped before even
that is made.
"""

DECLINED = (
    "agi_exec_start_type",
    "agi_exec_end_type",
    "ast_channel_varset_type",
    "ast_rtp_rtcp_sent_type",
    "ast_rtp_rtcp_received_type",
    "ast_test_suite_message_type",
)
"""Messages inside Asterisk that are never made: each command of a door twice, each variable that is set, each report on the
quality of sound, what a build with Asterisk's own test framework (Debian's) says to it. Only such as are put into words by their own kind: the ones that `manager_channels` routes by name (keys,
music, hangup handlers) would, declined, keep the manager interface from starting, and `app_queue` needs hangup requests to
know who ended a talk."""

UNHEARD = (
    "Newexten",
    "Newchannel",
    "Newstate",
    "NewCallerid",
    "NewConnectedLine",
    "NewAccountCode",
    "Hangup",
    "HangupRequest",
    "SoftHangupRequest",
    "HangupHandlerPush",
    "HangupHandlerRun",
    "HangupHandlerPop",
    "DTMFBegin",
    "DTMFEnd",
    "DialBegin",
    "DialState",
    "DialEnd",
    "BridgeCreate",
    "BridgeDestroy",
    "BridgeEnter",
    "BridgeLeave",
    "BridgeMerge",
    "LocalBridge",
    "LocalOptimizationBegin",
    "LocalOptimizationEnd",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "MixMonitorStart",
    "MixMonitorStop",
    "DeviceStateChange",
    "ContactStatus",
    "PeerStatus",
    "ChallengeSent",
    "SuccessfulAuth",
    "QueueCallerAbandon",
)
"""Events of the manager interface that are not put into words. The security log has its lines from elsewhere and keeps them."""
