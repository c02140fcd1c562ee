"""Records the captures in this folder: real senders, servers and players, in network namespaces of their own.

Needs root, and nginx with its RTMP module, ffmpeg, rtmpdump, tcpdump and tshark (Debian: nginx-light,
libnginx-mod-rtmp, ffmpeg, rtmpdump, tcpdump, tshark, iproute2, ethtool). Everything it starts, it stops.

Some captures need more: gstreamer1.0-tools with its plugins (base, good, bad, ugly), PyAV and numpy, obs-studio with
xvfb, xauth and dbus, and node with node-media-server 2.7.4 from npm in the folder that NODE_PATH names. What is not
there leaves its capture out.

    python captures/record.py                     record all that is missing
    python captures/record.py --force NAME...     record some anew
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CLIENT, SERVER = "rtmpscope-client", "rtmpscope-server"
#: A namespace behind the client's, for what is to pass a router on its way.
HOME, HOME_NET, HOME_V4, ROUTER_V4 = "rtmpscope-home", "10.78.0.0/24", "10.78.0.1", "10.78.0.2"
CLIENT_V4, SERVER_V4, SERVER_V6 = "10.77.0.1", "10.77.0.2", "fd77::2"
#: Publishes an FLV stream with PyAV: generated pictures and a tone, in real time.
PYAV_SENDER = """
import sys, time
import av
import numpy as np

target, seconds, rate = sys.argv[1], float(sys.argv[2]), 25
output = av.open(target, "w", format="flv")
video = output.add_stream("libx264", rate=rate, options={"preset": "veryfast", "g": "50"})
video.width, video.height, video.pix_fmt, video.bit_rate = 320, 240, "yuv420p", 220_000
audio = output.add_stream("aac", rate=44100, layout="stereo")
audio.bit_rate = 48_000
began, at = time.monotonic(), 0
for number in range(int(seconds * rate)):
    x = np.arange(320)[None, :, None] + np.arange(240)[:, None, None] + np.array([0, 85, 170])
    picture = av.VideoFrame.from_ndarray(((x + 4 * number) % 256).astype(np.uint8), format="rgb24")
    picture.pts = number
    output.mux(video.encode(picture))
    while at < (number + 1) / rate * 44100:
        tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(at, at + 1024) / 44100)
        sound = av.AudioFrame.from_ndarray(np.array([tone, tone], dtype=np.float32), format="fltp", layout="stereo")
        sound.sample_rate, sound.pts = 44100, at
        output.mux(audio.encode(sound))
        at += 1024
    time.sleep(max(0, began + number / rate - time.monotonic()))
output.mux(video.encode(None))
output.mux(audio.encode(None))
output.close()
"""

#: Starts node-media-server with RTMP alone, from the folder in NODE_PATH.
NODE_SERVER = """
const NodeMediaServer = require('node-media-server');
new NodeMediaServer({
  logType: 0,
  rtmp: { port: 1935, chunk_size: 60000, gop_cache: true, ping: 30, ping_timeout: 60 },
}).run();
"""

#: What OBS reads at its start, by file below its configuration folder.
OBS_FILES = {
    "global.ini": """
[General]
FirstRun=true
Pre19Defaults=false
Pre21Defaults=false
Pre23Defaults=false
Pre24.1Defaults=false
EnableAutoUpdates=false
LastVersion=486539266
MaxLogs=10
[Basic]
Profile=demo
ProfileDir=demo
SceneCollection=demo
SceneCollectionFile=demo
[BasicWindow]
RecordWhenStreaming=false
WarnBeforeStartingStream=false
WarnBeforeStoppingStream=false
SysTrayEnabled=false
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort=4455
AuthRequired=false
AlertsEnabled=false
""",
    "basic/profiles/demo/basic.ini": """
[General]
Name=demo
[Output]
Mode=Simple
Reconnect=false
[SimpleOutput]
VBitrate=300
ABitrate=64
StreamEncoder=x264
UseAdvanced=true
Preset=veryfast
x264Settings=keyint=60
[Video]
BaseCX=320
BaseCY=240
OutputCX=320
OutputCY=240
FPSType=0
FPSCommon=30
[Audio]
SampleRate=48000
ChannelSetup=Stereo
""",
}

#: Asks OBS to stop streaming, as its own button would: OBS does nothing of the kind when it gets a signal.
OBS_STOP = """
import json, os, socket

connection = socket.create_connection(("127.0.0.1", 4455), timeout=5)
upgrade = "GET / HTTP/1.1\\r\\nHost: localhost:4455\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
upgrade += "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: ZGVtby1rZXktZGVtby1rZQ==\\r\\n\\r\\n"
connection.sendall(upgrade.encode())
for ask in ({"op": 1, "d": {"rpcVersion": 1}}, {"op": 6, "d": {"requestType": "StopStream", "requestId": "1"}}):
    connection.recv(65536)
    body, mask = json.dumps(ask).encode(), os.urandom(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
    connection.sendall(bytes([0x81, 0x80 | len(body)]) + mask + masked)
connection.recv(65536)
connection.recv(65536)
"""

TOOLS = ("nginx", "ffmpeg", "rtmpdump", "tcpdump", "tshark", "ip", "ethtool")
#: What would make packets larger, or their checksums wrong, on a virtual cable.
OFFLOADING = ("tso", "off", "gso", "off", "gro", "off", "tx", "off", "rx", "off")
#: Nothing recorded may be larger.
LARGEST = 1_000_000

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events {{ worker_connections 64; }}
rtmp {{
    server {{
        listen 1935;
        listen [::]:1935 ipv6only=on;
        chunk_size {chunk_size};
        application live {{
            live on;
            record all;
            record_path {folder}/recorded;
            record_suffix .flv;
            {more}
        }}
    }}
}}
"""


@dataclass
class Stage:
    """Two namespaces joined by a cable, and a folder for what the programs write."""

    folder: Path
    stack: ExitStack
    commands: list[str] = field(default_factory=list)

    def start(self, where: str, *command: str, quiet: bool = True) -> subprocess.Popen[bytes]:
        """Start a program in a namespace; it is stopped at the end whatever happens."""
        self.commands.append(" ".join(command).replace(str(self.folder), "DIR").replace(sys.executable, "python3"))
        output = subprocess.DEVNULL if quiet else None
        process = subprocess.Popen(
            ["ip", "netns", "exec", where, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        self.stack.callback(_stop, process)
        return process

    def nginx(self, chunk_size: int = 4096, more: str = "") -> None:
        """Start the server."""
        (self.folder / "recorded").mkdir(mode=0o777, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "recorded").chmod(0o777)
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, chunk_size=chunk_size, more=more))
        self.start(SERVER, "nginx", "-c", str(config), "-p", str(self.folder))
        time.sleep(0.7)

    def firewall(self, *rule: str) -> None:
        """Let the server's host apply one rule to what it receives, in place of any before."""
        chain = "{ type filter hook input priority 0; }"
        steps = [("flush", "ruleset"), ("add", "table", "inet", "t"), ("add", "chain", "inet", "t", "input", chain)]
        for step in (*steps, ("add", "rule", "inet", "t", "input", *rule)):
            self.start(SERVER, "nft", *step).wait(5)

    def router(self, *rule: str) -> None:
        """Make the client's host a router for the namespace ``HOME``, with one rule for what it forwards."""
        self.stack.callback(subprocess.run, ["ip", "netns", "del", HOME], capture_output=True, check=False)
        _run("ip", "netns", "add", HOME)
        _run("ip", "link", "add", "home0", "netns", HOME, "type", "veth", "peer", "name", "home1", "netns", CLIENT)
        for name, link, address in ((HOME, "home0", HOME_V4), (CLIENT, "home1", ROUTER_V4)):
            _run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", link)
            _run("ip", "-n", name, "link", "set", link, "up")
            _run("ip", "netns", "exec", name, "ethtool", "-K", link, *OFFLOADING)
        _run("ip", "-n", HOME, "route", "add", "default", "via", ROUTER_V4)
        _run("ip", "-n", SERVER, "route", "add", HOME_NET, "via", CLIENT_V4)
        _run("ip", "netns", "exec", CLIENT, "sysctl", "-w", "net.ipv4.ip_forward=1")
        chain = "{ type filter hook forward priority 0; }"
        steps = [("add", "table", "inet", "t"), ("add", "chain", "inet", "t", "forward", chain)]
        for step in (*steps, ("add", "rule", "inet", "t", "forward", *rule)):
            self.start(CLIENT, "nft", *step).wait(5)

    def recorded(self, key: str) -> Path:
        """The file that the server wrote for a stream."""
        return self.folder / "recorded" / f"{key}.flv"


@dataclass(frozen=True)
class Truth:
    """A file that the receiving side wrote: ``role`` is publish or play, ``key`` the stream's name."""

    path: Path
    role: str
    key: str


Scenario = Callable[[Stage], list[Truth]]


@dataclass(frozen=True)
class Entry:
    """One capture: how it is recorded, and what it shows."""

    file: str
    shows: str
    record: Scenario
    interface: str = "server0"
    #: Programs that this capture alone needs.
    needs: tuple[str, ...] = ()
    packets: str = "tcp"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(4)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def publisher(
    seconds: float, target: str, *options: str, video: Sequence[str] = (), audio: Sequence[str] = ()
) -> list[str]:
    """An ffmpeg that publishes a test picture and a tone in real time."""
    video = video or ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "220k", "-g", "50", "-pix_fmt", "yuv420p")
    audio = audio or ("-c:a", "aac", "-b:a", "48k", "-ar", "44100", "-ac", "2")
    sources = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-re", "-f", "lavfi", "-i"]
    sources += ["sine=frequency=440:sample_rate=44100"]
    return [
        *("ffmpeg", "-hide_banner", "-loglevel", "error", *sources, "-t", str(seconds)),
        *(*video, *audio, *options, "-f", "flv", target),
    ]


def url(key: str, host: str = SERVER_V4) -> str:
    """The address of a stream."""
    return f"rtmp://{host}/live/{key}"


def publish_h264_aac(stage: Stage) -> list[Truth]:
    """One publisher, from connect to deleteStream."""
    stage.nginx()
    stage.start(CLIENT, *publisher(6, url("demo-key"))).wait(30)
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def play(stage: Stage, *command: str, options: Sequence[str] = ()) -> None:
    """A publisher, a player of the same stream a second later; the player leaves first, after three seconds."""
    source = stage.start(CLIENT, *publisher(5, url("demo-key"), *options))
    time.sleep(1.0)
    player = stage.start(CLIENT, *command)
    with contextlib.suppress(subprocess.TimeoutExpired):
        player.wait(3)
    _stop(player)
    source.wait(30)


def play_with_rtmpdump(stage: Stage, *options: str, source: Sequence[str] = ()) -> list[Truth]:
    """Published by ffmpeg, played by rtmpdump."""
    stage.nginx()
    out = stage.folder / "played.flv"
    play(stage, "rtmpdump", "--quiet", "--live", *options, "-r", url("demo-key"), "-o", str(out), options=source)
    return [Truth(out, "play", "demo-key"), Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def play_rtmpdump(stage: Stage) -> list[Truth]:
    """With the simple handshake."""
    return play_with_rtmpdump(stage)


def play_rtmpdump_digest(stage: Stage) -> list[Truth]:
    """With the digest handshake, which rtmpdump uses when it is to answer SWF verification."""
    return play_with_rtmpdump(stage, "--swfhash", "0123456789abcdef" * 4, "--swfsize", "4096")


def timestamps_past_ffffff(stage: Stage) -> list[Truth]:
    """Timestamps that cross 16 777 215 ms, published and played."""
    return play_with_rtmpdump(stage, source=("-output_ts_offset", "16774.5"))


def extension_left_out(stage: Stage) -> list[Truth]:
    """Published with every timestamp above 16 777 215 ms; the server leaves the extended ones out of what it plays."""
    stage.nginx(chunk_size=128, more="play_time_fix off;")
    old = {"video": ("-c:v", "flv", "-b:v", "100k", "-g", "25"), "audio": ("-c:a", "libmp3lame", "-b:a", "48k")}
    source = stage.start(CLIENT, *publisher(3, url("old-key"), "-output_ts_offset", "17000", **old))
    time.sleep(1.0)
    player = stage.start(CLIENT, "rtmpdump", "--quiet", "--live", "-r", url("old-key"), "-o", os.devnull)
    source.wait(30)
    _stop(player)
    return []  # the server counts what it records from 0


def play_ffmpeg(stage: Stage) -> list[Truth]:
    """Published and played by ffmpeg."""
    stage.nginx()
    out = stage.folder / "played.flv"
    said = ("ffmpeg", "-hide_banner", "-loglevel", "error")
    quick = ("-analyzeduration", "1200000", "-rtmp_live", "live")
    play(
        stage,
        *said,
        *quick,
        "-i",
        url("demo-key"),
        "-c",
        "copy",
        "-copyts",
        "-f",
        "flv",
        str(out),
        options=("-g", "25"),
    )
    return [Truth(out, "play", "demo-key"), Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def publish_flv1_mp3(stage: Stage) -> list[Truth]:
    """Sorenson H.263 and MP3."""
    stage.nginx()
    old = {"video": ("-c:v", "flv", "-b:v", "250k", "-g", "25"), "audio": ("-c:a", "libmp3lame", "-b:a", "64k")}
    stage.start(CLIENT, *publisher(5, url("old-key"), **old)).wait(30)
    return [Truth(stage.recorded("old-key"), "publish", "old-key")]


def publish_refused_same_name(stage: Stage) -> list[Truth]:
    """A second publisher of a name that is taken."""
    stage.nginx()
    first = stage.start(CLIENT, *publisher(4, url("busy-key")))
    time.sleep(1.5)
    stage.start(CLIENT, *publisher(2, url("busy-key"))).wait(20)
    first.wait(20)
    return []  # the refused publisher makes the server truncate the file it has begun


def publisher_dies(stage: Stage) -> list[Truth]:
    """A publisher that is killed in mid-stream."""
    stage.nginx()
    process = stage.start(CLIENT, *publisher(20, url("doomed-key")))
    time.sleep(4)
    process.kill()
    process.wait()
    time.sleep(0.5)
    return [Truth(stage.recorded("doomed-key"), "publish", "doomed-key")]


def small(seconds: float, key: str) -> list[str]:
    """A publisher with a small picture and a low bitrate."""
    video = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "60k", "-g", "20", "-s", "160x120", "-r", "10")
    audio = ("-c:a", "aac", "-b:a", "24k", "-ar", "22050", "-ac", "1")
    return publisher(seconds, url(key), video=(*video, "-pix_fmt", "yuv420p"), audio=audio)


def idle_publisher_dropped(stage: Stage) -> list[Truth]:
    """A publisher that is suspended until the server closes the connection."""
    stage.nginx(more="drop_idle_publisher 6s;")
    process = stage.start(CLIENT, *small(6, "idle-key"))
    time.sleep(3)
    process.send_signal(signal.SIGSTOP)
    time.sleep(9)
    process.send_signal(signal.SIGCONT)
    process.wait(20)
    return [Truth(stage.recorded("idle-key"), "publish", "idle-key")]


def cannot_connect(stage: Stage) -> list[Truth]:
    """Three attempts: nothing listens, a firewall rejects, a firewall drops."""
    attempt = small(1, "nowhere-key")
    stage.start(CLIENT, *attempt).wait(10)
    stage.firewall("tcp", "dport", "1935", "reject", "with", "icmp", "type", "admin-prohibited")
    stage.start(CLIENT, *attempt).wait(10)
    stage.firewall("tcp", "dport", "1935", "drop")
    dropped = stage.start(CLIENT, *attempt)
    with contextlib.suppress(subprocess.TimeoutExpired):
        dropped.wait(4)
    dropped.kill()
    return []


def path_mtu_black_hole(stage: Stage) -> list[Truth]:
    """Packets above 1000 bytes are dropped without a word: C0 and C1 never arrive whole."""
    stage.nginx()
    stage.firewall("tcp", "dport", "1935", "meta", "length", "gt", "1000", "drop")
    process = stage.start(CLIENT, *small(2, "stuck-key"))
    time.sleep(5)
    process.kill()
    return []


def lossy_router(stage: Stage) -> list[Truth]:
    """A router loses three packets in a hundred between the server and both its clients; TCP sends them again.

    The server's side captures: of what it sends it sees both copies, of what it gets only the second.
    """
    stage.nginx()
    stage.router("ip", "protocol", "tcp", "numgen", "random", "mod", "100", "<", "3", "drop")
    out = stage.folder / "played.flv"
    source = stage.start(HOME, *publisher(5, url("demo-key"), "-g", "25"))
    time.sleep(1.0)
    player = stage.start(HOME, "rtmpdump", "--quiet", "--live", "-r", url("demo-key"), "-o", str(out))
    with contextlib.suppress(subprocess.TimeoutExpired):
        player.wait(3.5)
    _stop(player)
    source.wait(30)
    time.sleep(2)  # what is lost at the end is sent again after the program has gone
    return [Truth(out, "play", "demo-key"), Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def ipv6_chunk128_any(stage: Stage) -> list[Truth]:
    """IPv6 on the "any" interface (Linux cooked capture), chunk size 128 in both directions."""
    stage.nginx(chunk_size=128)
    stage.start(CLIENT, *publisher(5, url("six-key", f"[{SERVER_V6}]"))).wait(30)
    return [Truth(stage.recorded("six-key"), "publish", "six-key")]


def publish_pyav(stage: Stage) -> list[Truth]:
    """A Python program that publishes with PyAV."""
    stage.nginx()
    sender = stage.folder / "sender.py"
    sender.write_text(PYAV_SENDER)
    stage.start(CLIENT, sys.executable, str(sender), url("demo-key"), "5").wait(30)
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def gstreamer(stage: Stage, sink: str, location: str) -> list[Truth]:
    """A GStreamer pipeline that publishes a test picture and a tone through the given sink."""
    stage.nginx()
    picture = "videotestsrc num-buffers=120 is-live=true ! video/x-raw,width=320,height=240,framerate=25/1"
    picture += " ! x264enc bitrate=200 key-int-max=50 speed-preset=veryfast ! h264parse ! m."
    tone = "audiotestsrc num-buffers=206 is-live=true volume=0.1 ! audio/x-raw,rate=44100,channels=2"
    tone += " ! voaacenc bitrate=48000 ! aacparse ! m."
    pipeline = f"flvmux streamable=true name=m ! {sink} location={location}".split() + picture.split() + tone.split()
    stage.start(CLIENT, "gst-launch-1.0", "-q", "-e", *pipeline).wait(30)
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def publish_gstreamer(stage: Stage) -> list[Truth]:
    """GStreamer with its own RTMP client."""
    return gstreamer(stage, "rtmp2sink", url("demo-key"))


def publish_librtmp(stage: Stage) -> list[Truth]:
    """GStreamer with librtmp."""
    return gstreamer(stage, "rtmpsink", url("demo-key"))


def publish_to_node_media_server(stage: Stage) -> list[Truth]:
    """Another server: published by ffmpeg, played by rtmpdump until the stream ends."""
    server = stage.folder / "server.js"
    server.write_text(NODE_SERVER)
    stage.start(SERVER, "node", str(server))
    time.sleep(1.5)
    out = stage.folder / "played.flv"
    source = stage.start(CLIENT, *publisher(5, url("demo-key"), "-g", "25"))
    time.sleep(1.0)
    player = stage.start(CLIENT, "rtmpdump", "--quiet", "--live", "-r", url("demo-key"), "-o", str(out))
    source.wait(30)
    with contextlib.suppress(subprocess.TimeoutExpired):
        player.wait(4)  # the server says that the stream is over
    _stop(player)
    return [Truth(out, "play", "demo-key")]


def publish_obs(stage: Stage) -> list[Truth]:
    """OBS Studio, without a screen, told to stop streaming after some seconds."""
    stage.nginx()
    home = stage.folder / "obs"
    service = {"type": "rtmp_custom", "settings": {"server": url("").rstrip("/"), "key": "demo-key", "use_auth": False}}
    colour = {"id": "color_source", "name": "colour", "settings": {"color": 4278233600, "width": 320, "height": 240}}
    shown = {"name": "colour", "id": 1, "visible": True, "pos": {"x": 0.0, "y": 0.0}, "scale": {"x": 1.0, "y": 1.0}}
    scene = {"id": "scene", "name": "Scene", "settings": {"id_counter": 1, "custom_size": False, "items": [shown]}}
    collection = {
        "name": "demo",
        "current_scene": "Scene",
        "current_program_scene": "Scene",
        "scene_order": [{"name": "Scene"}],
        "sources": [colour, scene],
    }
    files = dict(OBS_FILES)
    files["basic/profiles/demo/service.json"] = json.dumps(service)
    files["basic/scenes/demo.json"] = json.dumps(collection)
    for name, text in files.items():
        path = home / "obs-studio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    settings = ("env", f"XDG_CONFIG_HOME={home}", f"HOME={home}", "LIBGL_ALWAYS_SOFTWARE=1")
    start = ("dbus-run-session", "--", "xvfb-run", "-a", "timeout", "--kill-after=2", "10")
    obs = ("obs", "--profile", "demo", "--collection", "demo", "--startstreaming", "--multi", "--minimize-to-tray")
    running = stage.start(CLIENT, *settings, *start, *obs)
    until = time.monotonic() + 8
    while not stage.recorded("demo-key").exists() and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(4)
    stop = stage.folder / "stop.py"
    stop.write_text(OBS_STOP)
    stage.start(CLIENT, sys.executable, str(stop)).wait(10)
    running.wait(30)
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def not_rtmp(stage: Stage) -> list[Truth]:
    """A download over HTTP."""
    (stage.folder / "page.html").write_bytes(b"<p>nothing to see here</p>\n" * 400)
    stage.start(SERVER, sys.executable, "-m", "http.server", "8000", "--directory", str(stage.folder))
    time.sleep(1)
    get = f"import urllib.request; urllib.request.urlopen('http://{SERVER_V4}:8000/page.html').read()"
    stage.start(CLIENT, sys.executable, "-c", get).wait(10)
    return []


ENTRIES = (
    Entry(
        "publish_h264_aac.pcap",
        "ffmpeg publishes H.264 and AAC to nginx-rtmp, from connect to deleteStream",
        publish_h264_aac,
    ),
    Entry("play_rtmpdump.pcap", "ffmpeg publishes, rtmpdump plays and stops after three seconds", play_rtmpdump),
    Entry("play_rtmpdump_digest.pcap", "the same with the digest handshake", play_rtmpdump_digest),
    Entry("play_ffmpeg.pcapng", "ffmpeg publishes, another ffmpeg plays", play_ffmpeg),
    Entry("publish_flv1_mp3.pcap", "ffmpeg publishes Sorenson H.263 and MP3", publish_flv1_mp3),
    Entry(
        "publish_refused_same_name.pcap", "a second publisher of the same name is refused", publish_refused_same_name
    ),
    Entry("publisher_dies.pcap", "a publisher is killed in mid-stream", publisher_dies),
    Entry(
        "ipv6_chunk128_any.pcap",
        'IPv6 on the "any" interface, chunk size 128 in both directions',
        ipv6_chunk128_any,
        "any",
    ),
    Entry("timestamps_past_ffffff.pcap", "timestamps cross 0xFFFFFF, published and played", timestamps_past_ffffff),
    Entry(
        "extension_left_out.pcap",
        "timestamps above 0xFFFFFF, played from a server that leaves out the extended timestamp in type-3 chunks",
        extension_left_out,
    ),
    Entry("publish_pyav.pcap", "a Python program publishes H.264 and AAC with PyAV", publish_pyav),
    Entry(
        "publish_gstreamer.pcap",
        "GStreamer's rtmp2sink publishes H.264 and AAC",
        publish_gstreamer,
        needs=("gst-launch-1.0",),
    ),
    Entry(
        "publish_librtmp.pcap",
        "GStreamer's rtmpsink, which is librtmp, publishes H.264 and AAC",
        publish_librtmp,
        needs=("gst-launch-1.0",),
    ),
    Entry(
        "publish_to_node_media_server.pcap",
        "ffmpeg publishes to node-media-server, rtmpdump plays until it ends; chunk size 60000",
        publish_to_node_media_server,
        needs=("node", "node-media-server"),
    ),
    Entry(
        "publish_obs.pcap",
        "OBS Studio publishes H.264 and AAC",
        publish_obs,
        needs=("obs", "xvfb-run", "dbus-run-session"),
    ),
    Entry("idle_publisher_dropped.pcap", "a suspended publisher is dropped by the server", idle_publisher_dropped),
    Entry(
        "cannot_connect.pcap",
        "connections refused, rejected by ICMP, and never answered",
        cannot_connect,
        needs=("nft",),
        packets="tcp or icmp",
    ),
    Entry(
        "path_mtu_black_hole.pcap",
        "packets above 1000 bytes vanish: C0 and C1 are sent again and again",
        path_mtu_black_hole,
        needs=("nft",),
    ),
    Entry(
        "lossy_router.pcap",
        "a router loses three packets in a hundred, both ways, and TCP sends them again",
        lossy_router,
        needs=("nft", "sysctl"),
    ),
    Entry("not_rtmp.pcap", "no RTMP at all: a download over HTTP", not_rtmp),
)


@contextmanager
def namespaces() -> Iterator[None]:
    """Two network namespaces joined by a virtual cable without offloading, so that packets are of real size."""
    for name in (CLIENT, SERVER):
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        _run("ip", "netns", "add", name)
    try:
        _run(
            "ip", "link", "add", "client0", "netns", CLIENT, "type", "veth", "peer", "name", "server0", "netns", SERVER
        )
        ends = ((CLIENT, "client0", CLIENT_V4, "fd77::1"), (SERVER, "server0", SERVER_V4, SERVER_V6))
        for name, link, v4, v6 in ends:
            _run("ip", "-n", name, "addr", "add", f"{v4}/24", "dev", link)
            _run("ip", "-n", name, "addr", "add", f"{v6}/64", "dev", link, "nodad")
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _run("ip", "-n", name, "link", "set", link, "up")
            _run("ip", "netns", "exec", name, "ethtool", "-K", link, *OFFLOADING)
        time.sleep(0.5)
        yield
    finally:
        for name in (CLIENT, SERVER):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@contextmanager
def capturing(stage: Stage, entry: Entry, path: Path) -> Iterator[None]:
    """Capture on the server's side while the block runs."""
    if path.suffix == ".pcapng":
        command = ["tshark", "-q", "-i", entry.interface, "-w", str(path)]
    else:
        command = ["tcpdump", "-i", entry.interface, "-s", "0", "-U", "-w", str(path), entry.packets]
    process = stage.start(SERVER, *command)
    time.sleep(1.5)
    try:
        yield
    finally:
        time.sleep(0.7)
        _stop(process)


def record(entry: Entry, folder: Path) -> dict[str, object]:
    """Record one capture into ``folder``; return its entry of the index."""
    with tempfile.TemporaryDirectory(prefix="rtmpscope-") as temporary, namespaces():
        work = Path(temporary)
        path = work / entry.file
        with ExitStack() as stack:
            stage = Stage(work, stack)
            with capturing(stage, entry, path):
                truths = entry.record(stage)
        size = path.stat().st_size
        if size > LARGEST:
            raise SystemExit(f"{entry.file}: {size} bytes, more than {LARGEST}; make it shorter")
        shutil.copyfile(path, folder / entry.file)
        kept = [keep_truth(entry, truth, folder) for truth in truths]
        print(f"{entry.file}: {size} bytes")
        return {"file": entry.file, "shows": entry.shows, "commands": stage.commands, "truth": kept}


def keep_truth(entry: Entry, truth: Truth, folder: Path) -> dict[str, str]:
    """Keep what the receiving side wrote beside the captures."""
    name = f"{Path(entry.file).stem}.{truth.role}.flv"
    (folder / "truth").mkdir(exist_ok=True)
    data = truth.path.read_bytes()
    (folder / "truth" / name).write_bytes(data)
    return {"file": f"truth/{name}", "role": truth.role, "key": truth.key, "sha256": hashlib.sha256(data).hexdigest()}


def versions() -> dict[str, str]:
    """What recorded the captures."""
    asked = {"ffmpeg": ["ffmpeg", "-version"], "nginx": ["nginx", "-v"], "rtmpdump": ["rtmpdump", "--help"]}
    asked |= {"gstreamer": ["gst-launch-1.0", "--version"], "obs": ["obs", "--version"], "node": ["node", "--version"]}
    asked["pyav"] = [sys.executable, "-c", "import av; print('PyAV', av.__version__)"]
    found = {}
    for name, command in asked.items():
        if shutil.which(command[0]) is None:
            continue
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [line for line in (said.stdout + said.stderr).splitlines() if line.strip()]
        found[name] = lines[0].split(" Copyright")[0].strip()
    return found


def _there(tool: str) -> bool:
    """Whether a program is installed, or a module in the folder that NODE_PATH names."""
    modules = os.environ.get("NODE_PATH")
    return shutil.which(tool) is not None or (modules is not None and (Path(modules) / tool).is_dir())


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def main() -> int:
    """Record what is asked for."""
    parser = argparse.ArgumentParser(description="Record the captures in this folder.")
    parser.add_argument("names", nargs="*", help="files to record; all by default")
    parser.add_argument("--force", action="store_true", help="record anew what is there")
    parser.add_argument("-o", dest="folder", type=Path, default=HERE, help="folder to write to")
    arguments = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        print(f"needs root and {', '.join(missing or TOOLS)}", file=sys.stderr)
        return 2
    index_path = arguments.folder / "index.json"
    index = json.loads(index_path.read_text()) if index_path.exists() else {"captures": []}
    done = {one["file"]: one for one in index["captures"]}
    for entry in ENTRIES:
        wanted = not arguments.names or entry.file in arguments.names
        there = (arguments.folder / entry.file).exists() and entry.file in done
        lacking = [tool for tool in entry.needs if not _there(tool)]
        if wanted and (arguments.force or not there) and lacking:
            print(f"{entry.file}: left out, needs {', '.join(lacking)}", file=sys.stderr)
        elif wanted and (arguments.force or not there):
            done[entry.file] = record(entry, arguments.folder)
            captures = [done[one.file] for one in ENTRIES if one.file in done]
            index = {"software": versions(), "captures": captures}
            index_path.write_text(json.dumps(index, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
