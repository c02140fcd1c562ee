"""Network namespaces joined by virtual cables without offloading, so that packets are of real size."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CLIENT_V4, SERVER_V4, CLIENT_V6, SERVER_V6 = "10.77.0.1", "10.77.0.2", "fd77::1", "fd77::2"
#: The network behind the client's host, for what is to pass a router on its way.
HOME_NET, HOME_V4, ROUTER_V4 = "10.78.0.0/24", "10.78.0.1", "10.78.0.2"
#: What would make packets larger, or their checksums wrong, on a virtual cable.
_OFFLOADING = ("tso", "off", "gso", "off", "gro", "off", "tx", "off", "rx", "off")


@dataclass(frozen=True)
class Network:
    """The names of the namespaces: two joined by a cable, and one that may be put behind the client's.

    They are those of this process, so that two recordings do not meet.
    """

    client: str = f"rtmpscope-client-{os.getpid()}"
    server: str = f"rtmpscope-server-{os.getpid()}"
    home: str = f"rtmpscope-home-{os.getpid()}"

    def add_home(self) -> None:
        """Make the client's host a router for ``home``."""
        ip("netns", "add", self.home)
        ip("link", "add", "home0", "netns", self.home, "type", "veth", "peer", "name", "home1", "netns", self.client)
        for name, link, address in ((self.home, "home0", HOME_V4), (self.client, "home1", ROUTER_V4)):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", link)
            _up(name, link)
        ip("-n", self.home, "route", "add", "default", "via", ROUTER_V4)
        ip("-n", self.server, "route", "add", HOME_NET, "via", CLIENT_V4)
        ip("netns", "exec", self.client, "sysctl", "-w", "net.ipv4.ip_forward=1")


@contextmanager
def network() -> Iterator[Network]:
    """Client and server, each in a namespace of its own; all namespaces are gone at the end."""
    net = Network()
    try:
        for name in (net.client, net.server):
            ip("netns", "add", name)
        ip(
            "link",
            "add",
            "client0",
            "netns",
            net.client,
            "type",
            "veth",
            "peer",
            "name",
            "server0",
            "netns",
            net.server,
        )
        ends = ((net.client, "client0", CLIENT_V4, CLIENT_V6), (net.server, "server0", SERVER_V4, SERVER_V6))
        for name, link, v4, v6 in ends:
            ip("-n", name, "addr", "add", f"{v4}/24", "dev", link)
            ip("-n", name, "addr", "add", f"{v6}/64", "dev", link, "nodad")
            ip("-n", name, "link", "set", "lo", "up")
            _up(name, link)
        time.sleep(0.5)
        yield net
    finally:
        for name in (net.client, net.server, net.home):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _up(name: str, link: str) -> None:
    ip("-n", name, "link", "set", link, "up")
    ip("netns", "exec", name, "ethtool", "-K", link, *_OFFLOADING)


def ip(*arguments: str) -> None:
    """Run ``ip``, which has to succeed."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
