"""What a codec's configuration, or its first frame, says of a track."""

from __future__ import annotations

from rtmpscope.frozen import frozen


@frozen
class VideoConfig:
    """A video track; None where the bitstream does not say.

    Attributes:
        codec: name as ffprobe prints it.
        profile, level: in words: ``Constrained Baseline``, ``3.1``.
        width, height: size of the picture in pixels, after cropping.
        fps: frame rate that the bitstream declares.
        length_size: bytes of the length before each NAL unit.
    """

    codec: str
    profile: str | None = None
    level: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    length_size: int | None = None


@frozen
class AudioConfig:
    """An audio track; None where the bitstream does not say.

    Attributes:
        codec: name as ffprobe prints it.
        profile: in words: ``LC``, ``HE-AAC``.
        sample_rate: of the output, in Hz.
        channels: of the output.
        kbps: bitrate that the bitstream declares.
        core_sample_rate: of the core that spectral band replication doubles; the same as sample_rate without.
    """

    codec: str
    profile: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    kbps: float | None = None
    core_sample_rate: int | None = None
