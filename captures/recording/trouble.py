"""Sessions that do not go well, and a capture without any."""

from __future__ import annotations

import signal
import sys
import time

from .network import SERVER_V4
from .senders import publisher, rtmpdump, small, url
from .stage import Stage, Truth, finish, stop, wait_at_most


def publish_refused_same_name(stage: Stage) -> list[Truth]:
    """A second publisher of a name that is taken."""
    stage.nginx()
    first = stage.start(stage.net.client, *publisher(4, url("busy-key")))
    time.sleep(1.5)
    finish(stage.start(stage.net.client, *publisher(2, url("busy-key"))), 20, fails=True)
    finish(first, 20)
    return []  # the refused publisher makes the server truncate the file it has begun


def publisher_dies(stage: Stage) -> list[Truth]:
    """A publisher that is killed in mid-stream."""
    stage.nginx()
    process = stage.start(stage.net.client, *publisher(20, url("doomed-key")))
    time.sleep(4)
    process.kill()
    process.wait()
    time.sleep(0.5)
    return [Truth(stage.recorded("doomed-key"), "publish", "doomed-key")]


def idle_publisher_dropped(stage: Stage) -> list[Truth]:
    """A publisher that is suspended until the server closes the connection."""
    stage.nginx(more="drop_idle_publisher 6s;")
    process = stage.start(stage.net.client, *small(6, "idle-key"))
    time.sleep(3)
    process.send_signal(signal.SIGSTOP)
    time.sleep(9)
    process.send_signal(signal.SIGCONT)
    process.wait(20)  # well or not: that depends on what it was about to write
    return [Truth(stage.recorded("idle-key"), "publish", "idle-key")]


def cannot_connect(stage: Stage) -> list[Truth]:
    """Three attempts: nothing listens, a firewall rejects, a firewall drops."""
    attempt = small(1, "nowhere-key")
    finish(stage.start(stage.net.client, *attempt), 10, fails=True)
    stage.firewall("tcp", "dport", "1935", "reject", "with", "icmp", "type", "admin-prohibited")
    finish(stage.start(stage.net.client, *attempt), 10, fails=True)
    stage.firewall("tcp", "dport", "1935", "drop")
    dropped = stage.start(stage.net.client, *attempt)
    wait_at_most(dropped, 4)
    dropped.kill()
    return []


def path_mtu_black_hole(stage: Stage) -> list[Truth]:
    """Packets above 1000 bytes are dropped without a word: C0 and C1 never arrive whole."""
    stage.nginx()
    stage.firewall("tcp", "dport", "1935", "meta", "length", "gt", "1000", "drop")
    process = stage.start(stage.net.client, *small(2, "stuck-key"))
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
    source = stage.start(stage.net.home, *publisher(5, url("demo-key"), "-g", "25"))
    time.sleep(1.0)
    player = stage.start(stage.net.home, *rtmpdump("demo-key", str(out)))
    wait_at_most(player, 3.5)
    stop(player)
    finish(source)
    time.sleep(2)  # what is lost at the end is sent again after the program has gone
    return [Truth(out, "play", "demo-key"), Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def not_rtmp(stage: Stage) -> list[Truth]:
    """A download over HTTP."""
    (stage.folder / "page.html").write_bytes(b"<p>nothing to see here</p>\n" * 400)
    stage.serve(sys.executable, "-m", "http.server", "8000", "--directory", str(stage.folder), seconds=1)
    get = f"import urllib.request; urllib.request.urlopen('http://{SERVER_V4}:8000/page.html').read()"
    stage.run(stage.net.client, sys.executable, "-c", get, seconds=10)
    return []
