"""TCP07: connections that never came about."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.findings.cells import whole, whole_or_none
from rtmpscope.findings.model import Evidence, Finding, PacketName, Place, Row, TcpFacts

_SERVER_RST = "server_rst"


def cannot_connect(evidence: Evidence) -> Iterator[Finding]:
    """TCP07: a SYN that was refused, rejected by ICMP, or never answered; attempts at one server are one finding."""
    found: dict[tuple[object, ...], list[tuple[Row, str]]] = {}
    for row in evidence.rows("connections"):
        facts = evidence.tcp(whole(row["connection"]))
        how = _failure(evidence, row, facts) if facts.syns and not facts.answered else None
        if how is not None:
            found.setdefault((row["server"], row["server_port"], how[0]), []).append((row, how[1]))
    for (server, port, verb), attempts in found.items():
        row, seen = attempts[0]
        place = Place(whole(row["connection"]), "s2c", None, whole(row["start"]), whole_or_none(row["start_frame"]))
        title = f"{server} port {port} {verb}"
        yield Finding("TCP07", "error", title, place, seen, len(attempts), _ADVICE[str(verb).split()[0]])


_ADVICE = {
    "refuses": "Nothing listens there: check the server's address and port, and that the RTMP server runs.",
    "is": "A firewall or router says so by ICMP: open the port there, or correct the route.",
    "does": "Packets are dropped on the way: check address, routing, and firewalls for the port.",
}


def _failure(evidence: Evidence, row: Row, facts: TcpFacts) -> tuple[str, str] | None:
    """What happened to the attempt, and how that is known; None where the capture does not tell."""
    unreachable = [one for one in facts.rejections if not one.mtu]
    if unreachable:
        first = unreachable[0]
        after = (first.time - whole(row["start"])) / 1e6
        return (
            f"is out of reach: {first.reason}",
            f"ICMP error in {evidence.name(first.packet)}, {after:.1f} ms after the SYN",
        )
    tried = f"{facts.syns} SYN" + ("" if facts.syns == 1 else " segments")
    if row["ended_by"] == _SERVER_RST:
        packet = evidence.name(PacketName(str(row["end_file"]), whole(row["end_frame"])))
        return "refuses connections", f"{tried}, answered by RST in {packet}"
    # A client that got an answer would have acknowledged it, whatever the capture shows of the server.
    only_syns = not row["s2c_packets"] and row["c2s_packets"] == facts.syns
    waited = (evidence.capture.end - whole(row["start"])) / 1e9
    if only_syns and (facts.syns > 1 or waited >= evidence.limits.answer_wait_s):
        return "does not answer", f"{tried} without an answer, over {waited:.1f} s of the capture"
    return None


RULES = (cannot_connect,)
