"""Where senders of chunks disagree, and how one of them was found to write."""

from __future__ import annotations

from typing import Literal

from rtmpscope.frozen import frozen

Extension = Literal["repeated", "omitted"]
DeltaReading = Literal["delta", "absolute"]
StepReading = Literal["timestamp", "zero"]


@frozen
class Dialect:
    """How the sender of one direction writes its timestamps (RTMP 1.0, sections 5.3.1.2 and 5.3.1.3).

    A reading is None until the bytes have told it; where they never do, the specification's is used.

    Attributes:
        continuing: whether type-3 chunks that continue a message repeat its extended timestamp, as the
            specification says.
        starting: the same of type-3 chunks that begin a message.
        extended_delta: what the extended timestamp of a type-1 or type-2 header is: a ``delta``, as the
            specification says, or the ``absolute`` timestamp.
        after_type_0: what a type-3 header that begins a message adds when the header before it was of type 0:
            its ``timestamp``, as the specification says, or ``zero``.
        timestamp_bits: 24 for a sender that cuts its timestamps instead of extending them, else 32.
    """

    continuing: Extension | None = None
    starting: Extension | None = None
    extended_delta: DeltaReading | None = None
    after_type_0: StepReading | None = None
    timestamp_bits: Literal[24, 32] = 32


#: Nothing told yet.
UNDECIDED = Dialect()
