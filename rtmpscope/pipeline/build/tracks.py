"""The ``tracks`` table: what each audio or video track of a stream is, and its measured rates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.media import CODECS, KINDS, AudioConfig, VideoConfig, audio_frame, video_picture
from rtmpscope.metrics import bitrate_kbps, frame_rate, keyframe_interval_s
from rtmpscope.pipeline.build.assign import StreamAssignment, StreamEntry
from rtmpscope.pipeline.build.by_track import coded_frames
from rtmpscope.pipeline.build.context import Context

Ints = NDArray[np.int64]
Config = VideoConfig | AudioConfig


@frozen
class Track:
    """One audio or video track of a stream.

    Attributes:
        stream, kind, track: which track it is; ``kind`` is ``audio`` or ``video``.
        codec: name of its codec, None where it is unknown.
        config: profile, size, rate as far as the bitstream tells.
        frames: coded frames seen.
        kbps, fps, keyframe_interval_s: measured on the media clock.
        first_dts, last_dts: decode timestamps in ms of the first and last coded frame.
    """

    stream: int
    connection: int
    kind: str
    track: int
    codec: str | None
    config: Config | None
    frames: int
    kbps: float | None
    fps: float | None
    keyframe_interval_s: float | None
    first_dts: int
    last_dts: int

    def row(self) -> dict[str, object]:
        """The track as a row of the ``tracks`` table."""
        own = ("stream", "connection", "kind", "track", "codec", "kbps", "frames", "keyframe_interval_s")
        from_config = ("profile", "level", "width", "height", "sample_rate", "channels")
        row: dict[str, object] = {name: getattr(self, name) for name in own}
        row |= {name: getattr(self.config, name, None) for name in from_config}
        fps = self.fps if self.kind == "video" else None
        return row | {"fps": fps, "first_dts": self.first_dts, "last_dts": self.last_dts}


def tracks_of(
    context: Context, entries: list[StreamEntry], stream: NDArray[np.int32], assignment: StreamAssignment
) -> list[Track]:
    """The tracks of all streams; ``stream`` is the stream of each row of the decoded media."""
    configs = _configurations(context, assignment)
    valid = context.decoded.media["valid"]
    tracks = []
    for number, kind, frames in coded_frames(context, stream):
        rows = frames[valid[frames]]
        if len(rows):
            config = configs.get((number, KINDS[kind]))
            tracks.append(_track(context, entries[number], KINDS[kind], rows, config))
    return tracks


def _track(context: Context, entry: StreamEntry, kind: str, rows: Ints, config: Config | None) -> Track:
    media = context.decoded.media
    dts = media["timestamp"][rows].astype(np.int64)
    codec = int(media["codec"][rows[-1]])
    key = media["keyframe"][rows].astype(bool)
    return Track(
        stream=entry.number,
        connection=entry.connection,
        kind=kind,
        track=0,
        codec=CODECS[codec] if codec >= 0 else None,
        config=config or _told_by_first_frame(context, entry, kind, codec, rows),
        frames=len(rows),
        kbps=bitrate_kbps(media["bytes"][rows], dts),
        fps=frame_rate(dts),
        keyframe_interval_s=keyframe_interval_s(dts[key]) if kind == "video" else None,
        first_dts=int(dts[0]),
        last_dts=int(dts[-1]),
    )


def _configurations(context: Context, assignment: StreamAssignment) -> dict[tuple[int, str], Config]:
    """The first configuration record of each track."""
    found: dict[tuple[int, str], Config] = {}
    for origin, config in context.decoded.records.configurations:
        message = context.message(origin)
        stream = assignment.of_one(origin.flow, context.stream_id(origin), message)
        if message >= 0 and stream is not None:
            found.setdefault((stream, "video" if isinstance(config, VideoConfig) else "audio"), config)
    return found


def _told_by_first_frame(context: Context, entry: StreamEntry, kind: str, codec: int, rows: Ints) -> Config | None:
    """What the first frame says, for codecs that have no configuration record.

    It is kept once per message stream; that of an earlier request on the same one says nothing of this.
    """
    type_id = 9 if kind == "video" else 8
    heads = context.decoded.first_heads
    told = (heads.get((entry.flow, stream_id, type_id, codec)) for stream_id in (-1, entry.request.request.stream_id))
    mine = [head for ordinal, head in filter(None, told) if ordinal in context.decoded.media["ordinal"][rows]]
    if not mine or codec < 0:
        return None
    head = mine[0]
    return video_picture(CODECS[codec], head) if kind == "video" else audio_frame(CODECS[codec], head)


def track_rows(tracks: list[Track]) -> Iterator[dict[str, object]]:
    """Rows of the ``tracks`` table."""
    return (track.row() for track in tracks)
