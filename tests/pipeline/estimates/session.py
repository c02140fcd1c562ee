"""A sender's audio and video in real time, of which some messages are lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtmpscope.pipeline.growing import Columns

AUDIO_MS, VIDEO_MS = 23.22, 40.0
#: Messages that are there in any case.
FIRST = 20


@dataclass(frozen=True)
class Session:
    """Columns of the messages that are left, and their true timestamps."""

    columns: Columns
    true: np.ndarray

    def left(self, keep: np.ndarray) -> Session:
        """Some of the messages, otherwise unchanged."""
        return Session({name: column[keep] for name, column in self.columns.items()}, self.true[keep])


def session(seconds: int, lost: float, *, seed: int = 1, shared: bool = False, jitter_ms: int = 10) -> Session:
    """A session, a share of whose messages is lost; ``shared``: audio and video use one chunk stream."""
    chance = np.random.default_rng(seed)
    audio, video = np.arange(0, seconds * 1000, AUDIO_MS), np.arange(0, seconds * 1000, VIDEO_MS)
    order = np.argsort(np.concatenate([video, audio]), kind="stable")
    true = np.rint(np.concatenate([video, audio])[order]).astype(np.int64)
    type_id = np.repeat([9, 8], [len(video), len(audio)])[order]
    length = np.where(type_id == 8, chance.integers(140, 160, len(true)), chance.integers(500, 2000, len(true)))
    keep = (chance.random(len(true)) >= lost) | (np.arange(len(true)) < FIRST)
    csid = np.where((type_id == 8) & (not shared), 4, 6)
    end = np.cumsum(length + 8)
    columns = {
        "flow": np.zeros(len(true), np.int32),
        "offset": end - length - 8,
        "end": end,
        "csid": csid.astype(np.int32),
        "fmt": np.ones(len(true), np.uint8),
        "type_id": type_id.astype(np.uint8),
        "length": length.astype(np.int32),
        "header_bytes": np.full(len(true), 8, np.int32),
        "chunk_count": np.ones(len(true), np.int32),
        "frame_start": np.arange(1, len(true) + 1),
        "time_start": (true + chance.integers(0, jitter_ms, len(true)) + 10**12) * 1_000_000,
        "timestamp": by_deltas(true, csid, keep),
        "timestamp_exact": np.cumsum(~keep) == 0,
    }
    return Session(columns, true).left(keep)


def by_deltas(true: np.ndarray, csid: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Timestamps that lack the deltas of lost messages."""
    out = true.copy()
    for channel in np.unique(csid):
        own = csid == channel
        out[own] = np.cumsum(np.where(keep[own], np.diff(true[own], prepend=0), 0))
    return out
