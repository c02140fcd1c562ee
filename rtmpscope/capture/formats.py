"""Which kind of file this is, told by its first bytes; and what to do with the kinds that are not read."""

from __future__ import annotations

from rtmpscope.capture.errors import CaptureError
from rtmpscope.capture.pcap import FILE_HEADER, PcapParser, is_pcap
from rtmpscope.capture.pcapng import PcapngParser, is_pcapng

_EDITCAP = "convert it with: editcap -F pcapng IN OUT.pcapng"

# magic at offset 0, what it is, what to do
_FOREIGN = (
    (b"BZh", "is compressed with bzip2", "decompress it first: bunzip2 -k FILE"),
    (b"\xfd7zXZ\x00", "is compressed with xz", "decompress it first: xz -dk FILE"),
    (b"PK\x03\x04", "is a zip archive", "unpack it first"),
    (b"\x34\xcd\xb2\xa1", "is a modified pcap file (Kuznetzov)", _EDITCAP),
    (b"\xa1\xb2\xcd\x34", "is a modified pcap file (Kuznetzov)", _EDITCAP),
    (b"snoop\x00\x00\x00", "is a Solaris snoop file", _EDITCAP),
    (b"GMBU", "is a Microsoft Network Monitor 2 file", _EDITCAP),
    (b"RTSS", "is a Microsoft Network Monitor 1 file", _EDITCAP),
    (b"FLV\x01", "is an FLV file, not a packet capture", "give the capture of the network traffic"),
)

Parser = PcapParser | PcapngParser


def parser_for(head: bytes, name: str) -> Parser:
    """The parser of the format that ``head`` shows.

    Raises:
        CaptureError: the file is empty, cut in its header, or of a kind that is not read.
    """
    if not head:
        raise CaptureError(name, None, "is empty", "check that the capture has been written to it")
    if is_pcapng(head):
        return PcapngParser()
    if is_pcap(head):
        if len(head) < FILE_HEADER:
            reason = f"ends within the pcap file header of {FILE_HEADER} bytes"
            raise CaptureError(name, len(head), reason, "record it again")
        return PcapParser(head)
    for magic, reason, remedy in _FOREIGN:
        if head.startswith(magic):
            raise CaptureError(name, 0, reason, remedy)
    shown = head[:4].hex(" ")
    reason = f"is no packet capture of a known kind (it begins with {shown})"
    raise CaptureError(name, 0, reason, f"give a pcap or pcapng file; if Wireshark can open this one, {_EDITCAP}")
