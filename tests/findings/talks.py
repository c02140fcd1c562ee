"""Conversations of a client and a server, message by message, at times of one's own choice."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from tests.findings.sessions import findings
from tests.report.sessions import number, string, structure
from tests.support.rtmp_encode import Encoder, Message
from tests.support.session import ACK, FIN, HANDSHAKE, Session

COMMAND, DATA, CONTROL = 20, 18, 4
NULL, FALSE, TRUE = b"\x05", b"\x01\0", b"\x01\1"


@dataclass
class Talk:
    """One connection: each message goes out in its own segment, and the other side acknowledges it."""

    session: Session = field(default_factory=Session)
    up: Encoder = field(default_factory=Encoder)
    down: Encoder = field(default_factory=Encoder)

    def open(self) -> Talk:
        """TCP's and RTMP's handshakes, connect and createStream."""
        self.session.open()
        self.session.stream(True, HANDSHAKE[:1537])
        self.session.stream(False, HANDSHAKE)
        self.session.stream(True, HANDSHAKE[1537:])
        for to_server, size in ((True, 4096), (False, 4096)):
            self.say(to_server, Message(2, 0, 1, 0, size.to_bytes(4, "big")))
            (self.up if to_server else self.down).chunk_size = size
        self.command(True, 0, string("connect") + number(1) + structure({"app": "live"}))
        self.command(False, 0, string("_result") + number(1) + structure({}) + structure(CONNECTED))
        self.command(True, 0, string("createStream") + number(2) + NULL)
        self.command(False, 0, string("_result") + number(2) + NULL + number(1))
        return self

    def ask(self, role: str = "publish", name: str = "one", accepted: bool = True) -> Talk:
        """Publish or play, and its answer."""
        self.command(True, 1, string(role) + number(3) + NULL + string(name))
        if accepted:
            self.status(f"NetStream.{role.capitalize()}.Start")
        return self

    def status(self, code: str) -> None:
        """onStatus from the server."""
        self.command(False, 1, string("onStatus") + number(0) + NULL + structure({"level": "status", "code": code}))

    def command(self, to_server: bool, stream_id: int, body: bytes) -> None:
        """A command."""
        self.say(to_server, Message(3 if stream_id == 0 else 8, 0, COMMAND, stream_id, body))

    def say(self, to_server: bool, message: Message) -> None:
        """A message, acknowledged by the other side."""
        encoder = self.up if to_server else self.down
        encoder.send(message)
        self.session.stream(to_server, bytes(encoder.out))
        encoder.offset += len(encoder.out)
        encoder.out.clear()
        self.session.send(not to_server, b"")

    def media(self, seconds: float, to_server: bool = True, start_ms: int = 0, every_ms: int = 40) -> Talk:
        """Video in real time."""
        for timestamp in range(start_ms, start_ms + int(seconds * 1000), every_ms):
            self.say(to_server, Message(6, timestamp, 9, 1, b"\x27\x01\0\0\0" + bytes(100)))
            self.wait(every_ms / 1000 - 0.002)
        return self

    def wait(self, seconds: float) -> Talk:
        """Nothing happens."""
        self.session.time_ns += int(seconds * 1e9)
        return self

    def close(self, by_client: bool = True) -> Talk:
        """FIN of one side, then of the other."""
        self.session.send(by_client, b"", FIN | ACK)
        self.session.seq[by_client] += 1
        self.session.send(not by_client, b"", FIN | ACK)
        return self

    def found(self, **options: object) -> dict[str, pd.Series]:
        """Code → finding."""
        return {row.code: row for _, row in findings(self.session.packets, **options).iterrows()}


CONNECTED = {"level": "status", "code": "NetConnection.Connect.Success"}
