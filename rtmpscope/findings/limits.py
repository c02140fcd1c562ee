"""The numbers that rules judge by: thresholds, smallest samples, and their units, all in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of the rules; replace any of them through ``Options(limits=Limits(...))``.

    Attributes:
        small_chunks_sample: CHK04: messages longer than 128 bytes, of audio and video, that a direction must have.
        chunk_size_lowest, chunk_size_highest: CHK05: bytes; chunk sizes outside are refused by some servers.
        chunk_stream_highest: CHK09: the largest chunk stream id that has a header of one byte.
        chunk_streams_most: CHK09: chunk streams in one direction that every server takes.
    """

    small_chunks_sample: int = 50
    chunk_size_lowest: int = 128
    chunk_size_highest: int = 10_485_760
    chunk_stream_highest: int = 63
    chunk_streams_most: int = 32
