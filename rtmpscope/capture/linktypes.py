"""Link types by number (the registry at tcpdump.org/linktypes.html), and which of them are read."""

from __future__ import annotations

ETHERNET, LINUX_SLL, LINUX_SLL2 = 1, 113, 276
NULL, LOOP = 0, 108
IEEE802_11, RADIOTAP = 105, 127
FRELAY, ENC, PFLOG, NFLOG = 107, 109, 117, 239
#: The packet begins with the IP header. 12 and 14 are what BSD systems wrote for it.
RAW = frozenset((12, 14, 101, 228, 229))
#: Link type of a packet whose interface the file does not describe; no registered number.
NO_LINKTYPE = 0xFFFF

#: Read by the fast lane.
FAST = frozenset((ETHERNET, LINUX_SLL, LINUX_SLL2, NULL, LOOP, FRELAY, ENC, PFLOG, NFLOG)) | RAW
#: Declined by the fast lane, but they may carry IP and Scapy dissects them: the module of it that does.
DISSECTED = {
    9: "scapy.layers.ppp",
    50: "scapy.layers.ppp",
    51: "scapy.layers.ppp",
    104: "scapy.contrib.chdlc",
    105: "scapy.layers.dot11",
    119: "scapy.layers.dot11",
    127: "scapy.layers.dot11",
    144: "scapy.layers.l2",
    163: "scapy.contrib.avs",
    192: "scapy.layers.ppi",
    204: "scapy.layers.ppp",
    274: "scapy.layers.l2",
}

_NAMES = {
    0: "NULL",
    1: "ETHERNET",
    3: "AX25",
    6: "IEEE802_5",
    7: "ARCNET_BSD",
    8: "SLIP",
    9: "PPP",
    10: "FDDI",
    12: "RAW",
    14: "RAW",
    50: "PPP_HDLC",
    51: "PPP_ETHER",
    99: "SYMANTEC_FIREWALL",
    100: "ATM_RFC1483",
    101: "RAW",
    104: "C_HDLC",
    105: "IEEE802_11",
    107: "FRELAY",
    108: "LOOP",
    109: "ENC",
    113: "LINUX_SLL",
    114: "LTALK",
    117: "PFLOG",
    119: "IEEE802_11_PRISM",
    122: "IP_OVER_FC",
    123: "SUNATM",
    127: "IEEE802_11_RADIOTAP",
    129: "ARCNET_LINUX",
    138: "APPLE_IP_OVER_IEEE1394",
    140: "MTP2",
    141: "MTP3",
    143: "DOCSIS",
    144: "LINUX_IRDA",
    **{147 + number: f"USER{number}" for number in range(16)},
    163: "IEEE802_11_AVS",
    165: "BACNET_MS_TP",
    166: "PPP_PPPD",
    169: "GPRS_LLC",
    177: "LINUX_LAPD",
    182: "MFR",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    192: "PPI",
    195: "IEEE802_15_4_WITHFCS",
    197: "ERF",
    201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    203: "LAPD",
    204: "PPP_WITH_DIR",
    205: "C_HDLC_WITH_DIR",
    220: "USB_LINUX_MMAPPED",
    224: "FC_2",
    226: "IPNET",
    227: "CAN_SOCKETCAN",
    228: "IPV4",
    229: "IPV6",
    230: "IEEE802_15_4_NOFCS",
    231: "DBUS",
    239: "NFLOG",
    240: "NETANALYZER",
    243: "MPEG_2_TS",
    248: "SCTP",
    249: "USBPCAP",
    251: "BLUETOOTH_LE_LL",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    254: "BLUETOOTH_LINUX_MONITOR",
    256: "BLUETOOTH_LE_LL_WITH_PHDR",
    258: "PKTAP",
    266: "USB_DARWIN",
    274: "ETHERNET_MPACKET",
    276: "LINUX_SLL2",
}


def is_readable(number: int) -> bool:
    """Whether packets of a link type can be looked into."""
    return number in FAST or number in DISSECTED


def linktype_name(number: int) -> str:
    """A link type as ``105 (IEEE802_11)``; the bare number where it has no known name."""
    name = _NAMES.get(number)
    return f"{number} ({name})" if name else str(number)
