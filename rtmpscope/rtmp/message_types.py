"""Message types by their number (RTMP 1.0, sections 5.4, 6 and 7.1)."""

from __future__ import annotations

SET_CHUNK_SIZE, ABORT, ACKNOWLEDGEMENT, USER_CONTROL, WINDOW_ACK_SIZE, SET_PEER_BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO = 8, 9
DATA_AMF3, SHARED_OBJECT_AMF3, COMMAND_AMF3 = 15, 16, 17
DATA_AMF0, SHARED_OBJECT_AMF0, COMMAND_AMF0 = 18, 19, 20
AGGREGATE = 22

#: Number → name; every other number is ``unknown``.
TYPE_NAMES: dict[int, str] = {
    SET_CHUNK_SIZE: "set_chunk_size",
    ABORT: "abort",
    ACKNOWLEDGEMENT: "acknowledgement",
    USER_CONTROL: "user_control",
    WINDOW_ACK_SIZE: "window_ack_size",
    SET_PEER_BANDWIDTH: "set_peer_bandwidth",
    AUDIO: "audio",
    VIDEO: "video",
    DATA_AMF3: "data_amf3",
    SHARED_OBJECT_AMF3: "shared_object_amf3",
    COMMAND_AMF3: "command_amf3",
    DATA_AMF0: "data_amf0",
    SHARED_OBJECT_AMF0: "shared_object_amf0",
    COMMAND_AMF0: "command_amf0",
    AGGREGATE: "aggregate",
}

UNKNOWN = "unknown"
#: Every name once, in order of the numbers and ``unknown`` last: the categories of a column of types.
TYPE_CATEGORIES: tuple[str, ...] = (*TYPE_NAMES.values(), UNKNOWN)
#: For each number from 0 to 255 the place of its name in ``TYPE_CATEGORIES``; ``np.frombuffer`` makes it a table.
TYPE_CODES: bytes = bytes(TYPE_CATEGORIES.index(TYPE_NAMES.get(number, UNKNOWN)) for number in range(256))


def type_name(type_id: int) -> str:
    """The specification's name of a message type, in snake case; ``unknown`` for others."""
    return TYPE_NAMES.get(type_id, UNKNOWN)
