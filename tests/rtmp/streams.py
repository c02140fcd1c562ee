"""An encoder of chunk streams for these tests: messages to bytes, interleaved as told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sent:
    """One message as the test wants it on the wire; ``time`` is the 32-bit timestamp or delta field."""

    csid: int = 4
    fmt: int = 0
    time: int = 0
    type_id: int = 9
    stream_id: int = 1
    body: bytes = b""


@dataclass
class Encoder:
    """Writes chunks as RTMP 1.0 section 5.3 says; keeps only what a sender must remember.

    One that ``omits`` leaves the extended timestamp out of type-3 headers.
    """

    chunk_size: int = 128
    out: bytearray = field(default_factory=bytearray)
    omits: bool = False

    def message(self, sent: Sent) -> None:
        for chunk in self.chunks(sent):
            self.out += chunk

    def interleave(self, messages: list[Sent]) -> None:
        """One chunk of each message in turn."""
        queues = [self.chunks(sent) for sent in messages]
        while queues:
            for queue in list(queues):
                if queue:
                    self.out += queue.pop(0)
            queues = [queue for queue in queues if queue]

    def chunks(self, sent: Sent) -> list[bytes]:
        extended = sent.time >= 0xFFFFFF
        extension = sent.time.to_bytes(4, "big") if extended else b""
        repeated = b"" if self.omits else extension
        first = basic(sent.fmt, sent.csid) + message_fields(sent) + (extension if sent.fmt < 3 else repeated)
        later = basic(3, sent.csid) + repeated
        size = self.chunk_size
        parts = [sent.body[at : at + size] for at in range(0, len(sent.body), size)] or [b""]
        return [(later if place else first) + part for place, part in enumerate(parts)]


def message_fields(sent: Sent) -> bytes:
    parts = [
        min(sent.time, 0xFFFFFF).to_bytes(3, "big"),
        len(sent.body).to_bytes(3, "big") + bytes((sent.type_id,)),
        sent.stream_id.to_bytes(4, "little"),
    ]
    return b"".join(parts[: 3 - sent.fmt])


def basic(fmt: int, csid: int) -> bytes:
    if csid < 64:
        return bytes((fmt << 6 | csid,))
    if csid < 320:
        return bytes((fmt << 6, csid - 64))
    return bytes((fmt << 6 | 1,)) + (csid - 64).to_bytes(2, "little")


def wire(*messages: Sent, chunk_size: int = 128, omits: bool = False) -> bytes:
    encoder = Encoder(chunk_size, omits=omits)
    for sent in messages:
        encoder.message(sent)
    return bytes(encoder.out)


def body(length: int, seed: int = 0) -> bytes:
    """Bytes without a short period, so that misplaced ones show."""
    return bytes((seed + 7 * place + place // 251) & 0xFF for place in range(length))
