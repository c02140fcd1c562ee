"""Schemas of the tables about connections, streams and what was said in them."""

from __future__ import annotations

from rtmpscope.tables.schema import Schema
from rtmpscope.tables.shorthand import (
    CONNECTION,
    DIRECTION,
    MAYBE_STREAM,
    MEDIA_KIND,
    MESSAGE,
    STREAM,
    TIME,
    category,
    integer,
    json,
    maybe_boolean,
    maybe_float,
    maybe_integer,
    maybe_time,
    text,
    time,
)

_INFERRED = (
    "chunk size of the {} where it was joined in mid-stream, told by where headers stand; null if no message was split"
)

CONNECTIONS = Schema(
    "connections",
    "RTMP connection: a TCP connection whose content is RTMP, or that goes to an expected port",
    (
        CONNECTION,
        category("transport", "rtmp, rtmpt, rtmps, rtmpts or rtmpe"),
        category("transport_confidence", "what told the transport: content, or the port alone"),
        text("client", "address of the client"),
        integer("client_port", "TCP port of the client"),
        text("server", "address of the server"),
        integer("server_port", "TCP port of the server"),
        category("direction_basis", "what told which end is the client: syn, handshake, commands or port"),
        category(
            "capture_point",
            "where the capture was taken, by the halves of the round trip: client, middle, server",
        ),
        integer("tcp_stream", "number of the TCP connection, as Wireshark's tcp.stream"),
        time("start", "first packet"),
        time("end", "last packet"),
        maybe_float("duration_s", "from the first to the last packet", "s"),
        category("ended_by", "client_fin, server_fin, client_rst, server_rst or capture_end, whichever came first"),
        maybe_float("rtt_ms", "round trip of the TCP handshake: SYN to SYN-ACK to ACK", "ms"),
        category("handshake", "kind of RTMP handshake, as in the handshakes table"),
        text("app", "application that connect names"),
        text("tc_url", "address that connect names, secrets masked"),
        text("flash_ver", "software that connect names"),
        integer("c2s_bytes", "bytes of the client's stream, holes included", "bytes"),
        integer("s2c_bytes", "bytes of the server's stream, holes included", "bytes"),
        integer("missing_bytes", "bytes of both streams that are not in the capture", "bytes"),
        integer("retransmitted_bytes", "bytes that were sent again, both directions", "bytes"),
        integer("c2s_packets", "TCP segments from the client"),
        integer("s2c_packets", "TCP segments from the server"),
        category("start_file", "capture file that holds the first packet"),
        maybe_integer("c2s_chunk_size_inferred", _INFERRED.format("client"), "bytes"),
        maybe_integer("s2c_chunk_size_inferred", _INFERRED.format("server"), "bytes"),
        integer("start_frame", "number of the first packet"),
        category("end_file", "capture file that holds the packet that ended it"),
        maybe_integer("end_frame", "number of the packet that ended it, or of its last one"),
    ),
)

STREAMS = Schema(
    "streams",
    "publish or play request, refused ones too, and media whose request was not captured",
    (
        STREAM,
        CONNECTION,
        maybe_integer("stream_id", "message stream id; null where no header told it"),
        text(
            "stream_name",
            "name asked for, masked if published anywhere in the capture; null if not captured",
        ),
        category("role", "publish or play"),
        category(
            "outcome",
            "accepted, refused, unanswered; unseen where neither request nor answer is in the capture",
        ),
        time("start", "arrival of the request; of the first media where the request was not captured"),
        maybe_time("end", "arrival of what ended it, or the end of the connection"),
        maybe_float("duration_s", "from start to end", "s"),
        category("video_codec", "codec, by the name ffprobe prints"),
        maybe_integer("width", "width of the picture, from the bitstream", "pixels"),
        maybe_integer("height", "height of the picture, from the bitstream", "pixels"),
        maybe_float("fps", "measured frame rate, on the media clock", "1/s"),
        maybe_float("video_kbps", "measured bitrate of the video, on the media clock", "kbit/s"),
        category("audio_codec", "codec, by the name ffprobe prints"),
        maybe_integer("sample_rate", "sample rate of the audio, from the bitstream", "Hz"),
        maybe_integer("channels", "channels of the audio, from the bitstream"),
        maybe_float("audio_kbps", "measured bitrate of the audio, on the media clock", "kbit/s"),
        maybe_float("keyframe_interval_s", "median distance of keyframes, on the media clock", "s"),
        text("ended_by", "command that ended it, refused, or how the connection ended"),
        maybe_integer("request", "message of the publish or play command; null where it was not captured"),
        maybe_integer("answer", "message of the status that answered it"),
        text("encoder", "software that onMetaData names"),
        maybe_float("declared_fps", "frame rate that onMetaData declares", "1/s"),
        maybe_float("declared_video_kbps", "video bitrate that onMetaData declares", "kbit/s"),
        maybe_float("declared_audio_kbps", "audio bitrate that onMetaData declares", "kbit/s"),
        maybe_integer("declared_width", "width that onMetaData declares", "pixels"),
        maybe_integer("declared_height", "height that onMetaData declares", "pixels"),
    ),
)

TRACKS = Schema(
    "tracks",
    "audio or video track of a stream",
    (
        STREAM,
        CONNECTION,
        MEDIA_KIND,
        integer("track", "track number; 0 where there is only one"),
        category("codec", "codec, by the name ffprobe prints"),
        text("profile", "profile of the codec"),
        text("level", "level of the codec"),
        maybe_integer("width", "width of the picture", "pixels"),
        maybe_integer("height", "height of the picture", "pixels"),
        maybe_float("fps", "measured frame rate, on the media clock", "1/s"),
        maybe_integer("sample_rate", "sample rate", "Hz"),
        maybe_integer("channels", "audio channels"),
        maybe_float("kbps", "measured bitrate, on the media clock", "kbit/s"),
        integer("frames", "coded frames; configuration and empty messages do not count"),
        maybe_float("keyframe_interval_s", "median distance of keyframes, on the media clock", "s"),
        maybe_integer("first_dts", "decode timestamp of the first coded frame", "ms"),
        maybe_integer("last_dts", "decode timestamp of the last coded frame", "ms"),
    ),
)

HANDSHAKES = Schema(
    "handshakes",
    "connection",
    (
        CONNECTION,
        maybe_integer("version_c2s", "version byte C0; 3 is plain RTMP"),
        maybe_integer("version_s2c", "version byte S0"),
        category("kind", "simple, digest0, digest1, encrypted or absent"),
        maybe_boolean("c1_digest_valid", "whether C1's digest verifies; null without one"),
        maybe_boolean("s1_digest_valid", "whether S1's digest verifies; null without one"),
        maybe_boolean("c2_digest_valid", "whether C2's digest verifies; null without one"),
        maybe_boolean("s2_digest_valid", "whether S2's digest verifies; null without one"),
        maybe_boolean("c2_echo", "whether C2 repeats S1's time and random bytes"),
        maybe_boolean("s2_echo", "whether S2 repeats C1's time and random bytes"),
        maybe_float("duration_ms", "from the first to the last packet of the handshake", "ms"),
    ),
)

CONTROLS = Schema(
    "controls",
    "protocol control or user control message",
    (
        MESSAGE,
        CONNECTION,
        DIRECTION,
        TIME,
        category(
            "kind",
            "set_chunk_size, abort, acknowledgement, window_ack_size, set_peer_bandwidth, stream_begin …",
        ),
        maybe_integer("value", "its number: a size, a sequence number, a message stream id, a time"),
        text("detail", "what else it says"),
    ),
)

COMMANDS = Schema(
    "commands",
    "AMF command",
    (
        MESSAGE,
        CONNECTION,
        DIRECTION,
        TIME,
        text("command", "its name"),
        maybe_float("transaction_id", "its transaction id"),
        json("object", "the command object"),
        json("arguments", "the values after it, as a list"),
        maybe_integer("reply_to", "message of the request that it answers"),
        maybe_float("latency_ms", "from the request to this answer; null where misordered packets put it first", "ms"),
        text("code", "status code of an answer"),
        text("level", "level of an answer: status, warning or error"),
        text("description", "what an answer says for people"),
    ),
)

METADATA = Schema(
    "metadata",
    "AMF data message",
    (
        MESSAGE,
        CONNECTION,
        DIRECTION,
        MAYBE_STREAM,
        TIME,
        text("event", "its name, such as onMetaData; that inside @setDataFrame"),
        json("properties", "the value after the name; a list where there are several"),
    ),
)
