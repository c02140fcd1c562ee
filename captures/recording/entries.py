"""The captures: how each is recorded, and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import programs, sessions, trouble
from .stage import Stage, Truth

Scenario = Callable[[Stage], list[Truth]]


@dataclass(frozen=True)
class Entry:
    """One capture: how it is recorded, and what it shows.

    Attributes:
        file: its name.
        record: plays it, and returns what the receiving side wrote.
        interface: of the server's host.
        needs: programs that this capture alone needs.
        packets: a filter for tcpdump.
    """

    file: str
    shows: str
    record: Scenario
    interface: str = "server0"
    needs: tuple[str, ...] = ()
    packets: str = "tcp"


ENTRIES = (
    Entry(
        "publish_h264_aac.pcap",
        "ffmpeg publishes H.264 and AAC to nginx-rtmp, from connect to deleteStream",
        sessions.publish_h264_aac,
    ),
    Entry(
        "play_rtmpdump.pcap", "ffmpeg publishes, rtmpdump plays and stops after three seconds", sessions.play_rtmpdump
    ),
    Entry("play_rtmpdump_digest.pcap", "the same with the digest handshake", sessions.play_rtmpdump_digest),
    Entry("play_ffmpeg.pcapng", "ffmpeg publishes, another ffmpeg plays", sessions.play_ffmpeg),
    Entry("publish_flv1_mp3.pcap", "ffmpeg publishes Sorenson H.263 and MP3", sessions.publish_flv1_mp3),
    Entry(
        "publish_refused_same_name.pcap",
        "a second publisher of the same name is refused",
        trouble.publish_refused_same_name,
    ),
    Entry("publisher_dies.pcap", "a publisher is killed in mid-stream", trouble.publisher_dies),
    Entry(
        "ipv6_chunk128_any.pcap",
        'IPv6 on the "any" interface, chunk size 128 in both directions',
        sessions.ipv6_chunk128_any,
        "any",
    ),
    Entry(
        "timestamps_past_ffffff.pcap",
        "timestamps cross 0xFFFFFF, published and played",
        sessions.timestamps_past_ffffff,
    ),
    Entry(
        "extension_left_out.pcap",
        "timestamps above 0xFFFFFF, played from a server that leaves out the extended timestamp in type-3 chunks",
        sessions.extension_left_out,
    ),
    Entry("publish_pyav.pcap", "a Python program publishes H.264 and AAC with PyAV", programs.publish_pyav),
    Entry(
        "publish_gstreamer.pcap",
        "GStreamer's rtmp2sink publishes H.264 and AAC",
        programs.publish_gstreamer,
        needs=("gst-launch-1.0",),
    ),
    Entry(
        "publish_librtmp.pcap",
        "GStreamer's rtmpsink, which is librtmp, publishes H.264 and AAC",
        programs.publish_librtmp,
        needs=("gst-launch-1.0",),
    ),
    Entry(
        "publish_to_node_media_server.pcap",
        "ffmpeg publishes to node-media-server, rtmpdump plays until it ends; chunk size 60000",
        programs.publish_to_node_media_server,
        needs=("node", "node-media-server"),
    ),
    Entry(
        "publish_obs.pcap",
        "OBS Studio publishes H.264 and AAC",
        programs.publish_obs,
        needs=("obs", "xvfb-run", "dbus-run-session"),
    ),
    Entry(
        "idle_publisher_dropped.pcap", "a suspended publisher is dropped by the server", trouble.idle_publisher_dropped
    ),
    Entry(
        "cannot_connect.pcap",
        "connections refused, rejected by ICMP, and never answered",
        trouble.cannot_connect,
        needs=("nft",),
        packets="tcp or icmp",
    ),
    Entry(
        "path_mtu_black_hole.pcap",
        "packets above 1000 bytes vanish: C0 and C1 are sent again and again",
        trouble.path_mtu_black_hole,
        needs=("nft",),
    ),
    Entry(
        "lossy_router.pcap",
        "a router loses three packets in a hundred, both ways, and TCP sends them again",
        trouble.lossy_router,
        needs=("nft", "sysctl"),
    ),
    Entry("not_rtmp.pcap", "no RTMP at all: a download over HTTP", trouble.not_rtmp),
)
