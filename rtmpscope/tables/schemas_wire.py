"""Schemas of the tables about messages, chunks, media, TCP and findings."""

from __future__ import annotations

from rtmpscope.tables.schema import Schema
from rtmpscope.tables.shorthand import (
    CONNECTION,
    DIRECTION,
    DIRECTION_NAMES,
    MAYBE_STREAM,
    MEDIA_KIND,
    MESSAGE,
    STREAM,
    TIME,
    boolean,
    category,
    integer,
    maybe_boolean,
    maybe_float,
    maybe_integer,
    maybe_time,
    text,
    time,
)

CHANNELS = Schema(
    "channels",
    "chunk stream id and direction of a connection",
    (
        CONNECTION,
        DIRECTION,
        integer("csid", "chunk stream id"),
        integer("messages", "messages it carried"),
        integer("chunk_count", "chunks it carried"),
        integer("bytes", "bytes of message bodies", "bytes"),
        integer("header_bytes", "bytes of chunk headers", "bytes"),
        integer("interleaved_chunks", "chunks that follow a chunk of another message inside their own"),
        text("types", "message types it carried"),
    ),
)

CHUNKS = Schema(
    "chunks",
    "RTMP chunk",
    (
        MESSAGE,
        CONNECTION,
        DIRECTION,
        integer("frame", "packet that brought the first byte of its header"),
        time("time", "arrival of the first byte of its header"),
        integer("csid", "chunk stream id"),
        integer("fmt", "form of its header, 0 to 3"),
        integer("header_bytes", "bytes of its header", "bytes"),
        integer("payload_bytes", "bytes of its payload", "bytes"),
        integer("offset", "position of its header in the direction's byte stream", "bytes"),
        boolean("interleaved", "whether it follows a chunk of another message inside its own"),
    ),
)

MESSAGES = Schema(
    "messages",
    "RTMP message",
    (
        MESSAGE,
        CONNECTION,
        DIRECTION,
        category("file", "capture file that holds the packet of the last-arriving byte"),
        TIME,
        time("time_start", "arrival of the first byte"),
        time("time_ready", "when all earlier bytes of the direction had arrived too: what the application saw"),
        integer("frame", "packet of the last-arriving byte"),
        integer("frame_start", "packet of the first byte"),
        integer("csid", "chunk stream id"),
        maybe_integer("stream_id", "message stream id; null where no header told it"),
        integer("type_id", "message type id"),
        category("type", "message type, by the specification's name"),
        integer("timestamp", "timestamp, unwrapped beyond 32 bits", "ms"),
        boolean(
            "timestamp_exact",
            "False where a hole may have hidden a header that the timestamp depends on; it is then estimated from "
            "what was lost, frame intervals and arrival: close for senders in real time, maybe seconds off for others",
        ),
        integer("length", "declared length of the body", "bytes"),
        integer("chunk_count", "chunks it came in"),
        integer("header_bytes", "bytes of all its chunk headers", "bytes"),
        integer(
            "offset",
            "position of its first chunk header in the direction's byte stream, holes included",
            "bytes",
        ),
        boolean("offset_exact", "False after a hole of unknown length inside an encrypted transport"),
        boolean("complete", "whether every byte of it was captured"),
        integer("missing_bytes", "bytes of its body that were not captured", "bytes"),
        text("info", "what it is, in a few words"),
    ),
)

MEDIA = Schema(
    "media",
    "audio or video frame",
    (
        MESSAGE,
        CONNECTION,
        DIRECTION,
        MAYBE_STREAM,
        MEDIA_KIND,
        category("codec", "codec, by the name ffprobe prints; null where unknown"),
        integer("track", "track number; 0 where there is only one"),
        category("frame_type", "key, inter, disposable … for video"),
        category("packet_type", "sequence_start (configuration), coded_frames, sequence_end …"),
        maybe_boolean("keyframe", "whether the header says keyframe; null for audio"),
        integer("dts", "decode timestamp", "ms"),
        maybe_integer("cts", "composition time: pts - dts, may be negative", "ms"),
        maybe_integer("pts", "presentation timestamp", "ms"),
        integer("bytes", "codec bytes after the tag header", "bytes"),
        TIME,
    ),
)

PER_SECOND = Schema(
    "per_second",
    "second, track and stream",
    (
        CONNECTION,
        DIRECTION,
        STREAM,
        MEDIA_KIND,
        integer("track", "track number"),
        time("time", "begin of the second, counted from the connection's first packet"),
        integer("bytes", "codec bytes that arrived", "bytes"),
        integer("frames", "coded frames that arrived"),
        maybe_float("lag_ms", "how far the media clock is behind its best so far", "ms"),
        category("limited_by", "sender, network or receiver, where it lags; null where it does not or cannot be told"),
    ),
)

TCP_EVENTS = Schema(
    "tcp_events",
    "notable TCP event",
    (
        CONNECTION,
        DIRECTION,
        integer("frame", "packet"),
        time("time", "arrival of the packet"),
        category(
            "event",
            "retransmission, out_of_order, duplicate_ack, zero_window, window_full, gap, keep_alive, reset, fin",
        ),
        integer("seq", "sequence number on the wire"),
        integer("length", "payload bytes; for a gap, bytes missing", "bytes"),
        maybe_boolean("acked", "for a gap, whether the receiver acknowledged the missing bytes"),
        category("file", "capture file that holds the packet"),
    ),
)

FINDINGS = Schema(
    "findings",
    "problem found",
    (
        integer("finding", "number of the finding"),
        category("code", "stable code, as in the catalogue"),
        category("severity", "error, warning or note"),
        text("title", "what is wrong"),
        maybe_integer("connection", "connection it concerns"),
        category("direction", "direction it concerns", DIRECTION_NAMES),
        maybe_integer("stream", "stream it concerns"),
        maybe_time("time", "when it was first seen"),
        maybe_integer("frame", "packet where it was first seen"),
        maybe_integer("message", "message where it was first seen"),
        integer("occurrences", "how often it was seen"),
        text("evidence", "what was measured"),
        text("advice", "what to do about it"),
        category("file", "capture file that holds the packet where it was first seen"),
    ),
)
