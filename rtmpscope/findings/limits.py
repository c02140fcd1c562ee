"""The numbers that rules judge by: thresholds, smallest samples, and their units, all in one place."""

from __future__ import annotations

from rtmpscope.frozen import frozen


@frozen
class Limits:
    """Thresholds of the rules; replace any of them through ``Options(limits=Limits(...))``.

    Attributes:
        clock_back_ms: CAP06: a packet this much before the one before it is a step back of the clock.
        clock_ahead_s: CAP06: a stretch without packets that is compared with the hosts' own clocks.
        loss_share: TCP01: retransmissions among the segments with payload of a direction, as a share.
        loss_sample, loss_least: TCP01: segments, and retransmissions, that the share needs to mean anything.
        loss_burst: TCP01: retransmissions within one second that are a burst whatever their share.
        silence_s: TCP04: seconds without audio or video in an open stream.
        farewell_s: TCP05: seconds before the end of a connection that must be captured without holes.
        rtt_high_ms: TCP06: round trip of the opening handshake that is high.
        rtt_spread_ms: TCP06: from the median to the 95th percentile of data to acknowledgement.
        rtt_sample: TCP06: data segments whose acknowledgement must have been seen for that.
        answer_wait_s: TCP07: seconds after a lone SYN in which the capture must go on.
        large_segment: TCP08: payload bytes of a segment that may be too large for a path.
        large_tries: TCP08: times that such a segment was sent again, all in vain.
        small_chunks_sample: CHK04: messages longer than 128 bytes, of audio and video, that a direction must have.
        chunk_size_lowest, chunk_size_highest: CHK05: bytes; chunk sizes outside are refused by some servers.
        chunk_stream_highest: CHK09: the largest chunk stream id that has a header of one byte.
        chunk_streams_most: CHK09: chunk streams in one direction that every server takes.
    """

    clock_back_ms: float = 1.0
    clock_ahead_s: float = 2.0
    loss_share: float = 0.01
    loss_sample: int = 100
    loss_least: int = 5
    loss_burst: int = 20
    silence_s: float = 5.0
    farewell_s: float = 1.0
    rtt_high_ms: float = 200.0
    rtt_spread_ms: float = 250.0
    rtt_sample: int = 50
    answer_wait_s: float = 3.0
    large_segment: int = 1000
    large_tries: int = 3
    small_chunks_sample: int = 50
    chunk_size_lowest: int = 128
    chunk_size_highest: int = 10_485_760
    chunk_stream_highest: int = 63
    chunk_streams_most: int = 32
