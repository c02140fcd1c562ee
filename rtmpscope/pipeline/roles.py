"""Which TCP connections are listed as RTMP, and which end of each is the client.

A connection is listed if its content is RTMP, or if it targets an expected port, attempts that failed
included. The client is told by, in this order: who sent SYN, whose handshake came first, who sent the
commands that only clients send, the expected port, the lower port.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.flows import DirectionFlow
from rtmpscope.pipeline.records import Records
from rtmpscope.tcp import ConnectionRecord
from rtmpscope.transport import Opening

#: Commands that only the client sends (RTMP 1.0, sections 7.2.1 and 7.2.2).
_CLIENT_COMMANDS = frozenset(
    (
        "connect",
        "createStream",
        "publish",
        "play",
        "play2",
        "deleteStream",
        "releaseStream",
        "FCPublish",
        "FCUnpublish",
    )
)
_RTMP = frozenset((Opening.RTMP, Opening.RTMPE))


@frozen
class Listed:
    """One listed connection.

    Attributes:
        number: its number in the tables.
        record: what the TCP layer knows of it.
        client: the side (0 or 1) of the TCP record that is the client.
        basis: how that was decided: ``syn`` ``handshake`` ``commands`` ``port``.
    """

    number: int
    record: ConnectionRecord
    client: int
    basis: str

    @property
    def server(self) -> int:
        """The side of the TCP record that is the server."""
        return 1 - self.client

    def flow(self, direction: int) -> int:
        """The flow key of direction 0 (``c2s``) or 1 (``s2c``)."""
        return 2 * self.record.id + (self.client if direction == 0 else self.server)


def listed_connections(
    connections: Sequence[ConnectionRecord],
    flows: Mapping[int, DirectionFlow],
    records: Records,
    ports: Collection[int],
) -> list[Listed]:
    """The connections that the tables show, in order of their first packet."""
    votes = _command_votes(records)
    listed: list[Listed] = []
    for record in connections:
        if _is_rtmp(record, flows) or _targets_expected_port(record, ports):
            client, basis = _client_side(record, flows, votes, ports)
            listed.append(Listed(len(listed), record, client, basis))
    return listed


def _is_rtmp(record: ConnectionRecord, flows: Mapping[int, DirectionFlow]) -> bool:
    openings = [flows[key].opening for key in (2 * record.id, 2 * record.id + 1) if key in flows]
    if any(opening in _RTMP for opening in openings):
        return True
    # A handshake that was begun and answered, whatever became of it.
    sizes = [len(flows[key].handshake) for key in (2 * record.id, 2 * record.id + 1) if key in flows]
    return openings == [Opening.HANDSHAKE] * 2 and min(sizes) > 1536


def _targets_expected_port(record: ConnectionRecord, ports: Collection[int]) -> bool:
    if record.syn_side is not None:
        return record.port(1 - record.syn_side) in ports
    return record.port(0) in ports or record.port(1) in ports


def _command_votes(records: Records) -> Counter[int]:
    return Counter(origin.flow for origin, command in records.commands if command.name in _CLIENT_COMMANDS)


def _client_side(
    record: ConnectionRecord,
    flows: Mapping[int, DirectionFlow],
    votes: Counter[int],
    ports: Collection[int],
) -> tuple[int, str]:
    if record.syn_side is not None:
        return record.syn_side, "syn"
    first = [_handshake_start(flows.get(2 * record.id + side)) for side in (0, 1)]
    if first[0] is not None and first[1] is not None:
        return (0 if first[0] <= first[1] else 1), "handshake"
    mine, theirs = votes[2 * record.id], votes[2 * record.id + 1]
    if mine != theirs:
        return (0 if mine > theirs else 1), "commands"
    expected = [record.port(side) in ports for side in (0, 1)]
    if expected[0] != expected[1]:
        return (0 if expected[1] else 1), "port"
    return (0 if record.port(0) >= record.port(1) else 1), "port"


def _handshake_start(flow: DirectionFlow | None) -> tuple[int, int] | None:
    if flow is None or flow.opening not in _RTMP or flow.handshake_span is None:
        return None
    return flow.handshake_span.first_time, flow.handshake_span.first_frame
