"""Made-up sessions with texts and secrets of one's own choice."""

from __future__ import annotations

import struct

from tests.rtmp.streams import Encoder, Sent
from tests.support.capture_write import Packet
from tests.support.session import session_packets

COMMAND, DATA, AUDIO, VIDEO = 20, 18, 8, 9


def string(text: str | bytes) -> bytes:
    """An AMF0 string."""
    data = text if isinstance(text, bytes) else text.encode()
    return b"\x02" + struct.pack(">H", len(data)) + data


def number(value: float) -> bytes:
    """An AMF0 number."""
    return b"\x00" + struct.pack(">d", value)


def structure(members: dict[str, str | bytes], marker: int = 3) -> bytes:
    """An AMF0 object, or an ECMA array with marker 8."""
    count = b"\0\0\0\0" if marker == 8 else b""
    body = b"".join(string(name)[1:] + string(text) for name, text in members.items())
    return bytes([marker]) + count + body + b"\0\0\x09"


def publish_session(
    name: str | bytes, connect: dict[str, str | bytes], metadata: dict[str, str | bytes]
) -> list[Packet]:
    """A publish of a stream by its name, with connect's members and onMetaData's."""
    up, down = Encoder(4096), Encoder(4096)
    for encoder in (up, down):
        encoder.message(Sent(csid=2, type_id=1, stream_id=0, body=(4096).to_bytes(4, "big")))
    up.message(Sent(csid=3, type_id=COMMAND, stream_id=0, body=string("connect") + number(1) + structure(connect)))
    up.message(Sent(csid=3, type_id=COMMAND, stream_id=0, body=string("createStream") + number(2) + b"\x05"))
    body = string("publish") + number(0) + b"\x05" + string(name) + string("live")
    up.message(Sent(csid=8, type_id=COMMAND, stream_id=1, body=body))
    body = string("@setDataFrame") + string("onMetaData") + structure(metadata, 8)
    up.message(Sent(csid=4, type_id=DATA, stream_id=1, body=body))
    for step in range(20):
        up.message(Sent(csid=6, time=step * 40, type_id=VIDEO, stream_id=1, body=b"\x17\x01\0\0\0" + bytes(200)))
        up.message(Sent(csid=4, time=step * 40, type_id=AUDIO, stream_id=1, body=b"\xaf\x01" + bytes(50)))
    status = {"level": "error", "code": "NetStream.Publish.BadName", "description": b"no: " + _bytes(name)}
    down.message(Sent(csid=3, type_id=COMMAND, stream_id=0, body=string("_result") + number(2) + b"\x05" + number(1)))
    body = string("onStatus") + number(0) + b"\x05" + structure(status)
    down.message(Sent(csid=5, type_id=COMMAND, stream_id=1, body=body))
    return session_packets(bytes(up.out), bytes(down.out))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
