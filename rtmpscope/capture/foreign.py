"""Files that are no capture that is read: what they are, told by their first bytes, and what to do with them."""

from __future__ import annotations

from pathlib import PurePath

from rtmpscope.capture.errors import CaptureError

EDITCAP = "convert it with: editcap -F pcapng IN OUT.pcapng"
_TWICE = "is compressed twice"
_ONCE = "decompress it once"

# bytes at offset 0, what it is, what to do
_FOREIGN = (
    (b"\x1f\x8b", _TWICE, _ONCE),
    (b"\x28\xb5\x2f\xfd", _TWICE, _ONCE),
    (b"\x04\x22\x4d\x18", _TWICE, _ONCE),
    (b"BZh", "is compressed with bzip2", "decompress it first: bunzip2 -k FILE"),
    (b"\xfd7zXZ\x00", "is compressed with xz", "decompress it first: xz -dk FILE"),
    (b"PK\x03\x04", "is a zip archive", "unpack it first: unzip FILE"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "unpack it first: 7z x FILE"),
    (b"Rar!\x1a\x07", "is a RAR archive", "unpack it first"),
    (b"\x34\xcd\xb2\xa1", "is a modified pcap file (Kuznetzov)", EDITCAP),
    (b"\xa1\xb2\xcd\x34", "is a modified pcap file (Kuznetzov)", EDITCAP),
    (b"snoop\x00\x00\x00", "is a Solaris snoop file", EDITCAP),
    (b"btsnoop\x00", "is a Bluetooth snoop file, which holds no IP packets", "record on an Ethernet or IP interface"),
    (b"GMBU", "is a Microsoft Network Monitor 2 file", EDITCAP),
    (b"RTSS", "is a Microsoft Network Monitor 1 file", EDITCAP),
    (b"TRSNIFF data", "is a Sniffer file", EDITCAP),
    (b"XCP\x00", "is a Sniffer or NetXRay file", EDITCAP),
    (b"ObserverPktBuffe", "is an Observer file", EDITCAP),
    (b"\x05VNF", "is a Visual Networks file", EDITCAP),
    (b"\xaa\xaa\xaa\xaa", "is a 5View file", EDITCAP),
    (b"FLV\x01", "is an FLV file, not a packet capture", "give the capture of the network traffic"),
)
# the same, by the ending of the file's name: these have no bytes that tell them
_BY_ENDING = {
    ".erf": ("is an Endace ERF file", EDITCAP),
    ".etl": ("is a Windows event trace", "convert it with: pktmon etl2pcap IN --out OUT.pcapng"),
    ".ncf": ("is a CommView file", EDITCAP),
    ".ncfx": ("is a CommView file", EDITCAP),
}
_TAR_AT, _TAR = 257, b"ustar"
_TEXT = frozenset((*b"\t\n\f\r", *range(32, 127)))
_RAW_STREAMS = "bytes of RTMP without their packets are given with --c2s FILE --s2c FILE"


def refusal(head: bytes, name: str) -> CaptureError:
    """Why a file that begins with ``head`` is not read, and what to do."""
    return CaptureError(name, 0, *_kind(head, PurePath(name).suffix.lower()))


def _kind(head: bytes, ending: str) -> tuple[str, str]:
    for magic, reason, remedy in _FOREIGN:
        if head.startswith(magic):
            return reason, remedy
    if head.startswith(_TAR, _TAR_AT):
        return "is a tar archive", "unpack it first: tar -xf FILE"
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    reason = f"is no packet capture of a known kind (it begins with {head[:4].hex(' ')})"
    if head.lstrip()[:1] in (b"[", b"{") and _TEXT.issuperset(head):
        return f"{reason}: it looks like JSON", "give the capture itself, not what a program printed of it"
    if len(head) > 1 and _TEXT.issuperset(head):
        return f"{reason}: it is text", "a hex dump becomes a capture with: text2pcap IN OUT.pcap"
    if head[0] == 3:  # C0 and S0, the version of RTMP
        return reason, f"give a pcap or pcapng file; {_RAW_STREAMS}"
    return reason, f"give a pcap or pcapng file; if Wireshark can open this one, {EDITCAP}"
