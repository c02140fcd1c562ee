"""A second RTMP chunk decoder, written from the specification alone and as plainly as can be.

It takes one direction's bytes, walks them once, and returns messages. It shares no code with the package.
"""

from __future__ import annotations

from typing import NamedTuple

HANDSHAKE = 1 + 1536 + 1536


class Wire(NamedTuple):
    """One message as it was found on the wire."""

    offset: int
    csid: int
    type_id: int
    stream_id: int
    timestamp: int
    length: int
    body: bytes
    chunks: int
    header_bytes: int


def decode(data: bytes, start: int = HANDSHAKE) -> list[Wire]:  # noqa: C901, PLR0912, PLR0915  (one plain walk)
    """All whole messages in ``data`` from ``start`` on, in order of completion."""
    found: list[Wire] = []
    state: dict[int, dict[str, int]] = {}
    parts: dict[int, dict[str, object]] = {}
    size = 128
    at = start

    def number(place: int, count: int, order: str = "big") -> int:
        if place + count > len(data):
            raise IndexError
        return int.from_bytes(data[place : place + count], order)  # type: ignore[arg-type]

    while at < len(data):
        here = at
        try:
            first = number(at, 1)
            form, csid = divmod(first, 64)
            at += 1
            if csid == 0:
                csid, at = 64 + number(at, 1), at + 1
            elif csid == 1:
                csid, at = 64 + number(at, 1) + 256 * number(at + 1, 1), at + 2
            channel = state.setdefault(csid, {"ts": 0, "delta": 0, "len": 0, "type": 0, "sid": -1, "raw": 0, "ext": 0})
            fresh = csid not in parts
            field = 0
            if form < 3:
                field = number(at, 3)
                at += 3
            if form < 2:
                channel["len"], channel["type"] = number(at, 3), number(at + 3, 1)
                at += 4
            if form == 0:
                channel["sid"] = number(at, 4, "little")
                at += 4
            if form < 3:
                channel["ext"] = int(field == 0xFFFFFF)
            if channel["ext"]:
                field = number(at, 4)
                at += 4
            if form == 0:
                channel["raw"] = field
                channel["delta"] = field
            elif form < 3:
                channel["delta"] = field
            if fresh:
                if form == 0:
                    channel["ts"] = channel["raw"]
                else:
                    channel["ts"] = (channel["ts"] + channel["delta"]) % (1 << 32)
            take = min(size, channel["len"] - (0 if fresh else len(parts[csid]["body"])))  # type: ignore[arg-type]
            if at + take > len(data):
                break
        except IndexError:
            break
        part = parts.setdefault(csid, {"at": here, "body": bytearray(), "chunks": 0, "head": 0})
        part["chunks"] += 1  # type: ignore[operator]
        part["head"] += at - here  # type: ignore[operator]
        part["body"] += data[at : at + take]  # type: ignore[operator]
        at += take
        body = bytes(part["body"])  # type: ignore[call-overload]
        if len(body) < channel["len"]:
            continue
        del parts[csid]
        message = Wire(
            part["at"],  # type: ignore[arg-type]
            csid,
            channel["type"],
            channel["sid"],
            channel["ts"],
            channel["len"],
            body,
            part["chunks"],  # type: ignore[arg-type]
            part["head"],  # type: ignore[arg-type]
        )
        found.append(message)
        if message.type_id == 1:
            size = min(int.from_bytes(body[:4], "big") & 0x7FFFFFFF, 0xFFFFFF)
        elif message.type_id == 2:
            parts.pop(int.from_bytes(body[:4], "big"), None)
    return found
