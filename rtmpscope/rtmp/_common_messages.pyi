from collections.abc import Container

from rtmpscope.rtmp.chunk_header import Channel
from rtmpscope.rtmp.common_messages import Stand

def common_messages(
    data: bytes, at: int, rows: bytearray, channels: dict[int, Channel], partials: Container[int], stand: Stand
) -> int: ...
