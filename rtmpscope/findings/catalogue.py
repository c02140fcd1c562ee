"""The catalogue: what each finding means, how it is told, and what to do about it."""

from __future__ import annotations

from rtmpscope.findings.model import Severity
from rtmpscope.frozen import frozen


@frozen
class Entry:
    """One kind of finding.

    Attributes:
        code: stable code.
        severities: those that it can have, gravest first; where it has several, ``told_by`` or the title says when.
        name: what it is, in a few words.
        meaning: what it says of the stream or of the capture.
        told_by: the evidence that the rule looks for, with its thresholds.
        advice: what to do.
        section: where a specification says what should be; empty where none does.
    """

    code: str
    severities: tuple[Severity, ...]
    name: str
    meaning: str
    told_by: str
    advice: str
    section: str = ""


_ENTRIES = (
    Entry(
        "CAP01",
        ("warning",),
        "packets missing from the capture",
        "The network delivered bytes that the capture does not hold. Messages with such bytes are incomplete "
        "through no fault of the stream.",
        "A hole in the sequence numbers that the receiver acknowledged.",
        "Record again with a larger buffer (tcpdump -B 65536), a filter for the RTMP port, or on a less busy host.",
        "RFC 9293, section 3.4",
    ),
    Entry(
        "CAP02",
        ("note",),
        "connection already running when the capture began",
        "What was negotiated before is unknown: the application, the stream's name, the codec configuration.",
        "No SYN and no RTMP handshake at the start of the connection. Chunk sizes are told by where headers stand, "
        "with the number of messages that say so.",
        "Start the capture before the publisher or player connects, or make it reconnect.",
        "RTMP 1.0, section 5.2",
    ),
    Entry(
        "CAP03",
        ("note",),
        "one direction only",
        "Half of the conversation is missing, so what was answered cannot be told.",
        "Bytes from one side, and not one segment from the other.",
        "Capture on an interface that both directions pass; with mirror ports, mirror receive and transmit.",
    ),
    Entry(
        "CAP04",
        ("note",),
        "packets snapped",
        "Packets were stored in part. Headers and timing are there, bodies are not.",
        "Captured length below the length on the wire.",
        "Record whole packets: tcpdump -s 0.",
    ),
    Entry(
        "CAP05",
        ("warning",),
        "capture file damaged or cut",
        "The file ends or goes wrong at the given offset; everything before it was analyzed.",
        "A record that the file does not hold, or that claims an impossible size.",
        "If the recording was interrupted this is harmless; otherwise copy or record the file again.",
    ),
    Entry(
        "CAP06",
        ("warning", "note"),
        "packet clock not monotonic, or jumps",
        "The clock of the capturing host stepped back or jumped ahead, so durations across the step are wrong.",
        "A packet whose time is more than 1 ms before that of the packet before it; or more than 2 s after it, while "
        "the TCP timestamps of both ends of a connection say that less than half of that went by. Or, with several "
        "files, a SYN-ACK more than 1 ms before its SYN.",
        "Synchronise the host's clock before recording; reordercap sorts packets that are out of order, and editcap -t "
        "shifts the times of a file.",
        "RFC 7323, section 3",
    ),
    Entry(
        "CAP07",
        ("note",),
        "duplicate packets",
        'The capture holds packets twice, as mirror ports and the "any" interface do. They do not count as '
        "retransmissions.",
        "Segments of the same sequence and acknowledgement numbers, length and IP identification twice within 0.5 ms.",
        "Record on one interface, or mirror one direction of each port only; editcap -d removes them.",
        "RFC 6864, section 4",
    ),
    Entry(
        "TCP01",
        ("warning",),
        "retransmissions",
        "The network loses segments, or holds them back so long that they are sent again. Media waits for each of "
        "them.",
        "More than 1 % of the segments with payload of a direction (of 100 or more, and at least 5), or 20 within "
        "one second. Copies that the capture made, and keep-alives, do not count.",
        "Look for the bottleneck between the two ends: Wi-Fi, an overbooked uplink, a duplex mismatch. Lower the "
        "bitrate, or use a wired connection.",
        "RFC 9293, section 3.8.1",
    ),
    Entry(
        "CHK01",
        ("warning",),
        "type-3 chunks without the extended timestamp",
        "Past 16 777 215 ms (4 h 39 min) timestamps have four more bytes, which every further chunk of the message "
        "has to repeat. This sender leaves them out. A receiver that goes by the specification takes four bytes of "
        "payload for them, and loses the stream there.",
        "Four other bytes where the extended timestamp should be repeated, and the next header where a chunk "
        "without it ends.",
        "If streams break after 4 h 39 min, this is why. Update the sender; until then reconnect before that time, "
        "or use chunks as large as the largest message.",
        "RTMP 1.0, section 5.3.1.3",
    ),
    Entry(
        "CHK02",
        ("warning",),
        "timestamps cut to 24 bits",
        "The sender's timestamps begin again at 0 after 16 777 215 ms (4 h 39 min), where they should be extended. "
        "Receivers see time go back; players freeze or drop the stream. Timestamps are listed as they go on rising.",
        "A type-0 timestamp without extension within 10 s after the wrap, on a chunk stream that was within 10 s "
        "before it.",
        "Update the sender; until then let it reconnect every four hours.",
        "RTMP 1.0, section 5.3.1.3",
    ),
    Entry(
        "CHK03",
        ("note",),
        "ambiguous timestamp reading mattered",
        "A header can be read in two ways on which implementations disagree, and the two are a second or more apart: "
        "an extended delta may be meant as an absolute timestamp, and a type-3 header that begins a message after a "
        "type-0 header may repeat its timestamp as a delta or add nothing. A receiver that reads it the other way "
        "sees a jump in time.",
        "The reading that keeps the timestamp beside the clock of the direction, where it is not the "
        "specification's; or that neither reading does.",
        "If a receiver shows jumps in time there, look at the header with rtmpscope show and correct the sender "
        "(RTMP 1.0, sections 5.3.1.2 and 5.3.1.3).",
        "RTMP 1.0, sections 5.3.1.2.4 and 5.3.1.3",
    ),
    Entry(
        "CHK04",
        ("note",),
        "media in chunks of 128 bytes",
        "The sender kept the chunk size that RTMP begins with. It works, at the price of a header every 128 bytes "
        "and of more work at both ends.",
        "Every audio and video message longer than 128 bytes, 50 or more of them, came in chunks of 128.",
        "Let the sender announce a larger chunk size before media: 4096 is usual.",
        "RTMP 1.0, section 5.4.1",
    ),
    Entry(
        "CHK05",
        ("error", "warning"),
        "absurd chunk size",
        "Set Chunk Size carries a number that the specification forbids, or one that servers are known to refuse.",
        "Error: 0, or the top bit set. Warning: below 128 or above 10 485 760 bytes.",
        "Correct the sender: 128 to 65 536 bytes work everywhere.",
        "RTMP 1.0, section 5.4.1",
    ),
    Entry(
        "CHK06",
        ("warning",),
        "message abandoned",
        "The sender gave up a message before its last byte. Its receiver has to throw the beginning away, and many "
        "lose the stream there.",
        "A new message header on a chunk stream whose message is unfinished, or Abort of one, in a direction "
        "without holes.",
        "Look at the bytes with rtmpscope show: usually the sender counts the length of a message wrongly, or "
        "writes from two threads at once.",
        "RTMP 1.0, sections 5.3.1.2 and 5.4.2",
    ),
    Entry(
        "CHK07",
        ("warning",),
        "control message on the wrong channel",
        "Protocol control messages belong on chunk stream 2 and message stream 0; some receivers look for them "
        "nowhere else.",
        "A message of type 1 to 6 with another chunk stream id or another message stream id.",
        "Correct the sender (RTMP 1.0, section 5.4). If the receiver seems to miss it, this is why.",
        "RTMP 1.0, section 5.4",
    ),
    Entry(
        "CHK08",
        ("note",),
        "fresh chunk stream not starting with type 0",
        "The first header on a chunk stream leaves out the message stream id, so the receiver has to guess 0.",
        "The first header of a chunk stream is of type 1, in a direction captured from its handshake on. "
        "librtmp's User Control on chunk stream 2 is left out.",
        "Harmless with most servers; a strict one drops the connection. Begin each chunk stream with type 0.",
        "RTMP 1.0, section 5.3.1.2.1",
    ),
    Entry(
        "CHK09",
        ("note",),
        "unusual chunk streams",
        "Some servers support few chunk streams, or no ids above 63.",
        "A chunk stream id above 63, or more than 32 chunk streams in one direction.",
        "If the server closes the connection there, use fewer chunk streams with ids from 3 to 63.",
        "RTMP 1.0, section 5.3.1.1",
    ),
    Entry(
        "CHK10",
        ("error",),
        "bytes that are not chunks",
        "From the given offset on the bytes of this direction do not read as RTMP chunks.",
        "A chunk header that no rule allows, in a direction without holes before it.",
        "If packets are missing there, see CAP01; otherwise the sender writes chunks wrongly: "
        "look at the bytes with rtmpscope show.",
        "RTMP 1.0, section 5.3.1",
    ),
    Entry(
        "CHK11",
        ("note",),
        "interleaved chunks",
        "Chunks of different messages come in turn. The specification allows it, and hardly any sender does it; "
        "some receivers cannot read it.",
        "A chunk of another message between the chunks of one, in a direction without holes.",
        "Nothing is wrong as such. If a receiver fails on it, send each message in one go.",
        "RTMP 1.0, section 5.3",
    ),
    Entry(
        "TCP04",
        ("warning",),
        "silence in an open stream",
        "A publisher or a server stopped sending audio and video without saying so. Many servers then close the "
        "connection; who did is told.",
        "More than 5 s without audio or video in a publish or play that was accepted and is not paused, in a direction "
        "without holes. Not where the receiver had stopped reading, where a player had got as much in advance, or "
        "where a played stream's own publisher is the silent one.",
        "Without trouble in TCP, look at the sender: encoder overload, a suspended process, a source without signal. "
        "With retransmissions, look at the network.",
        "RTMP 1.0, section 7.1.7 (Stream EOF)",
    ),
    Entry(
        "TCP05",
        ("error", "warning", "note"),
        "connection ended while a stream was open",
        "The connection went away without the commands that end a publish or play.",
        "FIN or RST while a publish or play was open, not after deleteStream, closeStream, FCUnpublish, a stop or "
        "unpublish status. Not where packets of the last second are missing from the capture. Error: the server ended "
        "a publish, or a reset ended either. Warning: the publisher vanished, or the server closed on a player. Note: "
        "a player left.",
        "If the server ended it, look into its log at that time: authorisation hooks and limits act like this. "
        "If the publisher vanished, look at the encoder and its uplink.",
        "RTMP 1.0, section 7.2.2.3; RFC 9293, section 3.6",
    ),
    Entry(
        "TCP06",
        ("note",),
        "round trip long or unsteady",
        "Every answer takes that long, and a lost segment stops media for at least as long. A round trip that varies "
        "means full buffers on the way.",
        "The opening handshake took 200 ms or more; or data to acknowledgement took, at the 95th percentile, 250 ms "
        "more than in the median (50 samples or more).",
        "Use a server that is nearer. Where it varies, something fills the uplink: lower the bitrate, or stop other "
        "uploads.",
        "RFC 6298, section 3",
    ),
    Entry(
        "TCP07",
        ("error",),
        "cannot connect",
        "No TCP connection came about, so there is no RTMP either.",
        "A SYN to an expected port, answered by RST, by an ICMP error, or not at all: sent again, or followed by 3 s "
        "of capture.",
        "Check the server's address and port, that it runs, and the firewalls in between.",
        "RFC 9293, section 3.5; RFC 792",
    ),
    Entry(
        "TCP08",
        ("error",),
        "path MTU black hole",
        "Packets of full size vanish on the way and nobody says so; small ones pass. Connections open and then hang, "
        "mostly at C0C1 with its 1537 bytes.",
        "A segment of 1000 bytes or more sent again 3 times or more, never acknowledged, while the receiver is heard.",
        "Let ICMP type 3 code 4 (IPv6: type 2) through, or lower the MTU or clamp the MSS at the tunnel, VPN or PPPoE "
        "link: 1400 is a safe try.",
        "RFC 2923, section 2.1",
    ),
    Entry(
        "SES01",
        ("error",),
        "connect, publish or play refused",
        "The server said no.",
        "_error, or an onStatus of level error, in answer to the request.",
        "Read the code and the description: they name the server's reason.",
        "RTMP 1.0, sections 7.2.1.1, 7.2.2.1 and 7.2.2.6",
    ),
    Entry(
        "SES02",
        ("error",),
        "connect, publish or play never answered",
        "The server took the request and did not answer it.",
        "No answer although the connection was captured whole and lived two seconds longer, or was closed without "
        "a word.",
        "Check application and stream key, and any authorisation hook of the server: many close without a word.",
        "RTMP 1.0, sections 7.2.1.1, 7.2.2.1 and 7.2.2.6",
    ),
    Entry(
        "SES03",
        ("error",),
        "stream name already in use",
        "Another publisher holds this stream name.",
        "NetStream.Publish.BadName or a description that says so.",
        "Stop the other publisher, wait for the server to drop a dead one, or choose another stream key.",
        "RTMP 1.0, section 7.2.2.6",
    ),
)

#: Code → entry, in the order of the catalogue.
CATALOGUE: dict[str, Entry] = {entry.code: entry for entry in _ENTRIES}
