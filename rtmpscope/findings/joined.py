"""What is known of the chunk size of a direction that was joined in mid-stream."""

from __future__ import annotations

from rtmpscope.frozen import frozen


@frozen
class Joined:
    """A direction whose Set Chunk Size, if there was one, came before the capture.

    Attributes:
        chunk_size: by where the headers within messages stand; None where no message was split.
        split: complete messages that were split so; ``longest`` is the length of the longest one in bytes.
    """

    connection: int
    direction: str
    chunk_size: int | None
    split: int
    longest: int

    @property
    def words(self) -> str:
        """The chunk size, and how sure it is: ``4096 (by 153 messages that were split)``."""
        if self.chunk_size is None:
            return f"at least {self.longest} (no message was longer)"
        messages = "message that was" if self.split == 1 else "messages that were"
        return f"{self.chunk_size} (by {self.split} {messages} split)"
