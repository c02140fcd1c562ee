"""Audio and video message bodies: tag headers, codec configurations, first frames, fields."""

from rtmpscope.media.columns import MediaColumns, media_columns
from rtmpscope.media.configs import AudioConfig, VideoConfig
from rtmpscope.media.configuration import audio_configuration, video_configuration
from rtmpscope.media.fields import audio_fields, video_fields
from rtmpscope.media.frames import audio_frame
from rtmpscope.media.headers import TagHeader, decode_audio, decode_video
from rtmpscope.media.multitrack import TrackPart, TrackParts, decode_tracks
from rtmpscope.media.names import CODECS, FRAME_TYPES, KINDS, PACKET_TYPES
from rtmpscope.media.pictures import video_picture

__all__ = [
    "CODECS",
    "FRAME_TYPES",
    "KINDS",
    "PACKET_TYPES",
    "AudioConfig",
    "MediaColumns",
    "TagHeader",
    "TrackPart",
    "TrackParts",
    "VideoConfig",
    "audio_configuration",
    "audio_fields",
    "audio_frame",
    "decode_audio",
    "decode_tracks",
    "decode_video",
    "media_columns",
    "video_configuration",
    "video_fields",
    "video_picture",
]
