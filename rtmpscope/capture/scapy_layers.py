"""What Scapy is to know here: its modules of tunnels and link layers, and bindings that they leave out.

Only these modules are loaded, not ``scapy.all``: the protocols above TCP and UDP would cost time, and
nothing here looks at them.
"""

from __future__ import annotations

import importlib
import logging
from typing import Literal

# On machines without a configured network Scapy warns while it is imported; that matters to senders only.
_runtime = logging.getLogger("scapy.runtime")
_level = _runtime.level
_runtime.setLevel(logging.ERROR)

from scapy.config import conf  # noqa: E402
from scapy.contrib import erspan, etherip, geneve, gtp, mpls, tzsp  # noqa: E402, F401
from scapy.layers import l2tp, vxlan  # noqa: E402, F401
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    IPv46,
)
from scapy.layers.l2 import GRE, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, Loopback  # noqa: E402
from scapy.layers.ppp import PPPoE  # noqa: E402
from scapy.packet import Packet, Raw, bind_bottom_up  # noqa: E402

from rtmpscope.capture.linktypes import DISSECTED, ENC, FRELAY, LOOP, NFLOG, NULL, PFLOG, RAW  # noqa: E402

_runtime.setLevel(_level)


class _Shim(Packet):
    """A header that names what is behind it, which is all that counts."""

    name = "shim"
    _following: type[Packet] = Raw

    def guess_payload_class(self, payload: bytes) -> type[Packet]:  # noqa: ARG002
        return self._following


class _Macsec(_Shim):
    """MACsec (IEEE 802.1AE section 9), stepped over unless it is encrypted."""

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header."""
        if len(s) < 16 or s[0] & 0x0C:
            return s[1:]
        size = 14 if s[0] & 0x20 else 6
        self._following = _ETHERTYPES.get(int.from_bytes(s[size : size + 2], "big"), Raw)
        return s[size + 2 :]


class _Nsh(_Shim):
    """Service chaining (RFC 8300), stepped over."""

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header."""
        size = 4 * (int.from_bytes(s[:2], "big") & 0x3F)
        if len(s) < 8 or size < 8:
            return s[1:]
        self._following = {1: IP, 2: IPv6, 3: Ether, 5: mpls.MPLS}.get(s[3], Raw)
        return s[size:]


_VLAN, _VLAN_AD, _QINQ = 0x8100, 0x88A8, 0x9100
_ETHERTYPES = {
    0x0800: IP,
    0x86DD: IPv6,
    0x8864: PPPoE,
    0x8847: mpls.MPLS,
    0x8848: mpls.MPLS,
    0x6558: Ether,
    _VLAN: Dot1Q,
    _VLAN_AD: Dot1AD,
    _QINQ: Dot1Q,
    0x9200: Dot1Q,
    0x88E5: _Macsec,
    0x894F: _Nsh,
}
#: Layers that name what follows by EtherType, and the field in which they do.
_NAMING = {Ether: "type", Dot1Q: "type", Dot1AD: "type", CookedLinux: "proto", CookedLinuxV2: "proto", SNAP: "code"}

_GTP_HEADER, _G_PDU = 8, 255
_NFLOG_PACKET = 9
_AUTHENTICATION, _LEAST_AUTHENTICATION = 51, 12
_BY_PROTOCOL: dict[int, type[Packet]] = {4: IP, 6: TCP, 17: UDP, 41: IPv6, 47: GRE, 60: IPv6ExtHdrDestOpt}


class _GtpU(Packet):
    """GTP-U (3GPP TS 29.281 section 5): Scapy's own class takes each extension header for a container of 5G."""

    name = "GTP-U"

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header and its extension headers; over all that is no G-PDU."""
        if len(s) < _GTP_HEADER or s[0] >> 4 != 3 or s[1] != _G_PDU:
            return b""
        size = _GTP_HEADER + (4 if s[0] & 7 else 0)
        extended = bool(s[0] & 4)
        while extended and 0 < size <= len(s) and s[size - 1]:
            words = s[size] if size < len(s) else 0
            size = size + 4 * words if words else len(s)
        return s[size:]

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        return IPv46 if payload[0] >> 4 in (4, 6) else Raw


class _Authentication(Packet):
    """The authentication header (RFC 4302), stepped over; Scapy's own class names nothing behind it."""

    name = "AH"
    _following = 0

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header."""
        if len(s) < _LEAST_AUTHENTICATION:
            return b""
        self._following = s[0]
        return s[4 * (s[1] + 2) :]

    def guess_payload_class(self, payload: bytes) -> type[Packet]:  # noqa: ARG002
        return _BY_PROTOCOL.get(self._following, Raw)


#: Tunnels in UDP by either of its ports.
_TUNNELS = {2152: _GtpU, 6081: geneve.GENEVE, 6635: mpls.MPLS, tzsp.TZSP_PORT_DEFAULT: tzsp.TZSP}


def _bind_all() -> None:
    """Bindings that Scapy has for some layers, for all of them: users capture every combination."""
    for layer, field in _NAMING.items():
        for number, follows in _ETHERTYPES.items():
            bind_bottom_up(layer, follows, {field: number})
    IP.payload_guess.insert(0, ({"frag": 0, "proto": _AUTHENTICATION}, _Authentication))
    for header in (IPv6, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment):
        header.payload_guess = [({"nh": _AUTHENTICATION}, _Authentication), *header.payload_guess]
    UDP.payload_guess = [one for one in UDP.payload_guess if one[1] is not gtp.GTP_U_Header]
    # Type I of ERSPAN has no header, which Scapy would tell by a byte of the MAC address.
    GRE.payload_guess.insert(0, ({"proto": 0x88BE, "seqnum_present": 0}, Ether))
    for port, tunnel in _TUNNELS.items():
        bind_bottom_up(UDP, tunnel, {"sport": port})
        bind_bottom_up(UDP, tunnel, {"dport": port})


_bind_all()

#: Whatever stands uninterpreted right behind these is no IP in a wrapping.
NOT_IP_BELOW = (IP, IPv6, TCP, UDP, ICMP, _GtpU)


class _Family(Loopback):
    """BSD loopback: the family's number and byte order depend on the system, the version of IP does not."""

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        return IPv46 if payload[0] >> 4 in (4, 6) else Raw


class _Enc(Packet):
    """IPsec of OpenBSD: twelve bytes before IP."""

    name = "ENC"

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header."""
        return s[12:]

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        return IPv46 if payload[0] >> 4 in (4, 6) else Raw


class _Pflog(_Enc):
    """Packet filter of OpenBSD: the first byte tells the header's length without its padding."""

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header."""
        return s[s[0] + 3 & ~3 :] if s else b""


class _FrameRelay(_Enc):
    """Frame relay (RFC 2427) with IP right behind its header."""

    def do_dissect(self, s: bytes) -> bytes:
        """Step over the header; over all where it is not IP's."""
        return s[4:] if s[2:4] in (b"\x03\xcc", b"\x03\x8e") else b""


class _Nflog(_Enc):
    """Linux's packet log: attributes, one of which is the packet."""

    def do_dissect(self, s: bytes) -> bytes:
        """Step over all before the packet."""
        at = 4
        while at + 4 <= len(s):
            order: Literal["big", "little"] = "big" if s[at + 2] == 0 and s[at + 3] else "little"
            length, kind = (int.from_bytes(s[place : place + 2], order) for place in (at, at + 2))
            if kind == _NFLOG_PACKET:
                return s[at + 4 :]
            at += max(length + 3 & ~3, 4)
        return b""


_OWN = {ENC: _Enc, PFLOG: _Pflog, FRELAY: _FrameRelay, NFLOG: _Nflog}


def link_layer(linktype: int) -> type[Packet] | None:
    """The class that takes packets of a link type apart; None if Scapy has none."""
    if linktype in DISSECTED:
        importlib.import_module(DISSECTED[linktype])
    if linktype in _OWN:
        return _OWN[linktype]
    if linktype in (NULL, LOOP):
        return _Family
    if linktype in RAW:
        return IPv46
    layer: type[Packet] | None = conf.l2types.num2layer.get(linktype)
    return layer
