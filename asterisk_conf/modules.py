"""Asterisk modules we load, in an order that satisfies 22.10.1. What is not here is not attack surface."""

BASE = (
    "res_timing_timerfd",
    "res_crypto",
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_sorcery_astdb",
    "res_pjproject",
    "res_statsd",
    "res_geolocation",
    "res_pjsip",
    "res_pjsip_pubsub",
    "res_pjsip_session",
    "res_pjsip_sdp_rtp",
    "res_pjsip_authenticator_digest",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_registrar",
    "res_pjsip_caller_id",
    "res_pjsip_diversion",
    "res_pjsip_dtmf_info",
    "res_pjsip_nat",
    "res_pjsip_acl",
    "res_pjsip_rfc3326",
    "res_pjsip_header_funcs",
    "res_pjsip_logger",
    "res_srtp",
    "res_rtp_asterisk",
    "chan_pjsip",
    "codec_alaw",
    "codec_ulaw",
    "codec_a_mu",
    "codec_resample",
    "format_wav",
    "format_pcm",
    "format_sln",
    "bridge_simple",
    "bridge_native_rtp",
    "bridge_builtin_features",
    "bridge_holding",
    "pbx_config",
    "res_clioriginate",
    "res_musiconhold",
    "res_security_log",
    "res_speech",
    "res_agi",
    "res_cdrel_custom",
    "cel_custom",
    "app_celgenuserevent",
    "app_dtmfstore",
    "app_queue",
    "app_playback",
    "app_record",
    "app_mixmonitor",
    "app_chanspy",
    "app_stack",
    "app_exec",
    "app_verbose",
    "func_callerid",
    "func_channel",
    "func_logic",
    "func_strings",
    "func_timeout",
    "func_env",
)
"""func_strings filters caller identity, func_timeout is the lease, app_exec gives ExecIf, app_stack the hangup
handler; app_dtmfstore keeps keys that come between two commands of a door, and SET of func_logic lets one command renew the
lease and look at them."""

CALLING_OUT = ("app_dial", "app_channelredirect", "func_groupcount")
"""Only where the line calls back by itself: without them nothing here can dial."""

BROWSER_PHONES = ("res_http_websocket", "res_pjsip_transport_websocket")
"""Only where browser phones are asked for: one frame from whoever reaches their port ends all SIP (docs/promises.md)."""

TEST_ONLY = ("func_base64", "app_dial", "app_senddtmf")
