"""Whether two byte streams are those of the sides they were given for: each side says and signs things of its own."""

from __future__ import annotations

from collections.abc import Sequence

from rtmpscope.capture import CaptureError
from rtmpscope.pipeline.run import Decoded
from rtmpscope.rtmp import verify
from rtmpscope.rtmp.commands import Command

_CLIENT_ASKS = ("connect", "createStream", "publish", "play")
_SERVER_SAYS = ("NetConnection.Connect.", "NetStream.Publish.", "NetStream.Play.")
#: The option that gives a side, and the side.
_SIDES = (("--c2s", "client"), ("--s2c", "server"))


def check_sides(decoded: Decoded, names: tuple[str | None, str | None]) -> None:
    """Refuse streams that the other side sent.

    Args:
        decoded: what was decoded of them.
        names: the file of what the client sent, and that of what the server sent; None for one that is missing.

    Raises:
        CaptureError: a file holds what the other side sent; the text says how to give it.
    """
    for side, (name, judge) in enumerate(zip(names, (_server_sent, _client_sent), strict=True)):
        flow = decoded.flows.get(side)
        why = judge(_said(decoded, side), flow.handshake if flow else b"")
        if name is not None and why:
            option, sender = _SIDES[1 - side]
            swapped = f"swap them: --c2s {names[1]} --s2c {names[0]}"
            other = names[1 - side]
            remedy = f"give it with {option}" if other in (None, name) else swapped
            raise CaptureError(name, None, f"holds what the {sender} sent: {why}", remedy)


def _said(decoded: Decoded, side: int) -> list[Command]:
    return [command for origin, command in decoded.records.commands if origin.flow & 1 == side]


def _client_sent(said: Sequence[Command], handshake: bytes) -> str:
    """Why these are a client's bytes; empty if nothing says so."""
    asked = next((one.name for one in said if one.name in _CLIENT_ASKS), None)
    if asked is not None:
        return f"it asks for {asked}"
    return "its handshake has a client's digest" if verify(handshake, b"").c1_digest_valid else ""


def _server_sent(said: Sequence[Command], handshake: bytes) -> str:
    """The same of a server's."""
    code = next((one.code for one in said if one.code and one.code.startswith(_SERVER_SAYS)), None)
    if code is not None:
        return f"it answers {code}"
    return "its handshake has a server's digest" if verify(b"", handshake).s1_digest_valid else ""
