"""Other programs than ffmpeg and nginx: PyAV, GStreamer, librtmp, OBS, node-media-server."""

from __future__ import annotations

import json
import sys
import time

from .senders import publisher, rtmpdump, url
from .stage import FILES, Stage, Truth, finish, stop, wait_at_most


def publish_pyav(stage: Stage) -> list[Truth]:
    """A Python program that publishes with PyAV."""
    stage.nginx()
    stage.run(stage.net.client, sys.executable, stage.file("sender.py", "pyav_sender.py"), url("demo-key"), "5")
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def _gstreamer(stage: Stage, sink: str, location: str) -> list[Truth]:
    """A GStreamer pipeline that publishes a test picture and a tone through the given sink."""
    stage.nginx()
    picture = "videotestsrc num-buffers=120 is-live=true ! video/x-raw,width=320,height=240,framerate=25/1"
    picture += " ! x264enc bitrate=200 key-int-max=50 speed-preset=veryfast ! h264parse ! m."
    tone = "audiotestsrc num-buffers=206 is-live=true volume=0.1 ! audio/x-raw,rate=44100,channels=2"
    tone += " ! voaacenc bitrate=48000 ! aacparse ! m."
    pipeline = f"flvmux streamable=true name=m ! {sink} location={location}".split() + picture.split() + tone.split()
    stage.run(stage.net.client, "gst-launch-1.0", "-q", "-e", *pipeline)
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def publish_gstreamer(stage: Stage) -> list[Truth]:
    """GStreamer with its own RTMP client."""
    return _gstreamer(stage, "rtmp2sink", url("demo-key"))


def publish_librtmp(stage: Stage) -> list[Truth]:
    """GStreamer with librtmp."""
    return _gstreamer(stage, "rtmpsink", url("demo-key"))


def publish_to_node_media_server(stage: Stage) -> list[Truth]:
    """Another server: published by ffmpeg, played by rtmpdump until the stream ends."""
    stage.serve("node", stage.file("server.js", "node_server.js"), seconds=1.5)
    out = stage.folder / "played.flv"
    source = stage.start(stage.net.client, *publisher(5, url("demo-key"), "-g", "25"))
    time.sleep(1.0)
    player = stage.start(stage.net.client, *rtmpdump("demo-key", str(out)))
    finish(source)
    wait_at_most(player, 4)  # the server says that the stream is over
    stop(player)
    return [Truth(out, "play", "demo-key")]


def publish_obs(stage: Stage) -> list[Truth]:
    """OBS Studio, without a screen, told to stop streaming after some seconds."""
    stage.nginx()
    home = stage.folder / "obs"
    for name, text in _obs_files().items():
        path = home / "obs-studio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = ("env", f"XDG_CONFIG_HOME={home}", f"HOME={home}", "LIBGL_ALWAYS_SOFTWARE=1")
    start = ("dbus-run-session", "--", "xvfb-run", "-a", "timeout", "--kill-after=2", "10")
    obs = ("obs", "--profile", "demo", "--collection", "demo", "--startstreaming", "--multi", "--minimize-to-tray")
    running = stage.start(stage.net.client, *settings, *start, *obs)
    until = time.monotonic() + 8
    while not stage.recorded("demo-key").exists() and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(4)
    stage.run(stage.net.client, sys.executable, stage.file("stop.py", "obs_stop.py"), seconds=10)
    running.wait(30)  # it does not end by itself, but by the time limit on it
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def _obs_files() -> dict[str, str]:
    """What OBS reads at its start, by file below its configuration folder."""
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
    return {
        "global.ini": (FILES / "obs" / "global.ini").read_text(),
        "basic/profiles/demo/basic.ini": (FILES / "obs" / "basic.ini").read_text(),
        "basic/profiles/demo/service.json": json.dumps(service),
        "basic/scenes/demo.json": json.dumps(collection),
    }
