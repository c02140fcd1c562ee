"""The ``streams`` table: publish and play requests, what became of them, and what they carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rtmpscope.pipeline.build.assign import StreamEntry
from rtmpscope.pipeline.build.connections import connection_ending
from rtmpscope.pipeline.build.context import Context
from rtmpscope.pipeline.build.tracks import Track


def stream_rows(
    context: Context, entries: list[StreamEntry], tracks: list[Track], stream_of: Mapping[int, int]
) -> Iterator[dict[str, object]]:
    """Rows of the ``streams`` table; ``stream_of`` gives the stream of a metadata message."""
    by_stream: dict[tuple[int, str], Track] = {}
    for track in tracks:
        by_stream.setdefault((track.stream, track.kind), track)
    declared = _declared(context, stream_of)
    for entry in entries:
        video, audio = (by_stream.get((entry.number, kind)) for kind in ("video", "audio"))
        yield (_request_row(context, entry) | _video_row(video) | _audio_row(audio) | declared.get(entry.number, {}))


def _request_row(context: Context, entry: StreamEntry) -> dict[str, object]:
    request = entry.request
    end, ended_by = request.end, request.ended_by
    if end is None:
        ending = connection_ending(context.listed[entry.connection])
        end, ended_by = ending.time, ending.kind
    start = request.request.time
    stream_id = request.request.stream_id
    return {
        "stream": entry.number,
        "connection": entry.connection,
        "stream_id": None if stream_id < 0 else stream_id,
        "stream_name": None if request.name is None else context.redactor.stream_name(request.name),
        "role": request.role,
        "outcome": request.outcome,
        "start": start,
        "end": end,
        "duration_s": (end - start) / 1e9,
        "ended_by": ended_by,
        "request": request.request.key if request.is_seen else None,
        "answer": request.answer,
    }


def _video_row(track: Track | None) -> dict[str, object]:
    if track is None:
        return {}
    return {
        "video_codec": track.codec,
        "width": getattr(track.config, "width", None),
        "height": getattr(track.config, "height", None),
        "fps": track.fps,
        "video_kbps": track.kbps,
        "keyframe_interval_s": track.keyframe_interval_s,
    }


def _audio_row(track: Track | None) -> dict[str, object]:
    if track is None:
        return {}
    return {
        "audio_codec": track.codec,
        "sample_rate": getattr(track.config, "sample_rate", None),
        "channels": getattr(track.config, "channels", None),
        "audio_kbps": track.kbps,
    }


_DECLARED = {
    "declared_fps": ("framerate", "videoframerate"),
    "declared_video_kbps": ("videodatarate",),
    "declared_audio_kbps": ("audiodatarate",),
    "declared_width": ("width",),
    "declared_height": ("height",),
}


def _declared(context: Context, stream_of: Mapping[int, int]) -> dict[int, dict[str, object]]:
    """What onMetaData says of each stream; the first one counts, zeros are no statement."""
    found: dict[int, dict[str, object]] = {}
    for origin, record in context.decoded.records.metadata:
        number = stream_of.get(context.message(origin))
        if number is None or number in found or record.event != "onMetaData":
            continue
        if isinstance(record.properties, Mapping):
            found[number] = dict(_declarations(record.properties))
            encoder = record.properties.get("encoder")
            if isinstance(encoder, str):
                found[number]["encoder"] = context.redactor.text(encoder)
    return found


def _declarations(properties: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for column, names in _DECLARED.items():
        values = [properties[name] for name in names if name in properties]
        if values and isinstance(values[0], float) and 0 < values[0] < 1e9:
            whole = column in ("declared_width", "declared_height")
            yield column, int(values[0]) if whole else values[0]
