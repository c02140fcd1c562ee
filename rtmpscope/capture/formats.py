"""Which kind of capture file this is, told by its first bytes."""

from __future__ import annotations

from rtmpscope.capture.errors import NoPacketsError
from rtmpscope.capture.foreign import refusal
from rtmpscope.capture.pcap import FILE_HEADER, PcapParser, is_pcap
from rtmpscope.capture.pcapng import PcapngParser, is_pcapng

Parser = PcapParser | PcapngParser


def parser_for(head: bytes, name: str) -> Parser:
    """The parser of the format that ``head`` shows.

    Raises:
        CaptureError: the file is empty, cut in its header, or of a kind that is not read.
    """
    if not head:
        raise NoPacketsError(name, None, "is empty", "check that the capture has been written to it")
    if is_pcapng(head):
        return PcapngParser()
    if is_pcap(head):
        if len(head) < FILE_HEADER:
            reason = f"ends within the pcap file header of {FILE_HEADER} bytes"
            raise NoPacketsError(name, len(head), reason, "record it again")
        return PcapParser(head)
    raise refusal(head, name)
