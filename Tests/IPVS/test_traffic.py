"""What the client of a virtual server sees: real connections through NAT."""

import subprocess
import sys
import threading
import time

from balancing import Balancing, configuration, ADDRESS
from lab import Lab, wait_until

NEEDS = ["ip_vs"]

# Keeps one connection open and says when each line came.
STREAM = r"""
import socket, sys, time
with socket.create_connection((sys.argv[1], 80), 5) as s:
    s.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
    while s.recv(4096): print(time.monotonic(), flush=True)
"""


def serving(scene, *numbers):
    wait_until(lambda: all(scene.serves(number) for number in numbers)
               and scene.director.has(ADDRESS), 25, 0.1)
    scene.ask()
    wait_until(lambda: len(set(scene.since(0)) - {"-"}) == len(numbers), 25, 0.1)


def test_no_request_reaches_a_failed_server():
    """From the failed check on each request goes to a server that works"""
    with Lab() as lab:
        scene = Balancing(lab)
        serving(scene, 11, 12)
        scene.kill(11)
        wait_until(lambda: not scene.serves(11), 20, 0.02)
        removed = time.monotonic()
        wait_until(lambda: len(scene.since(removed)) >= 40, 20, 0.1)
        assert set(scene.since(removed)) == {"server12"}, scene.since(removed)
        scene.start(11)
        wait_until(lambda: scene.serves(11), 20, 0.1)
        added = time.monotonic()
        wait_until(lambda: len(scene.since(added)) >= 40, 20, 0.1)
        assert set(scene.since(added)) == {"server11", "server12"}, scene.since(added)


def test_connections_survive_a_reload():
    """A reload that changes other servers leaves the connections of a server alone"""
    with Lab() as lab:
        scene = Balancing(lab, servers=(11, 12, 13))
        serving(scene, 11, 12, 13)
        scene.daemon.reload(configuration((12,)))
        wait_until(lambda: not scene.serves(11) and not scene.serves(13), 20, 0.1)
        stream = scene.client.start(
            sys.executable, "-c", STREAM, ADDRESS, stdout=subprocess.PIPE, text=True)
        moments = []
        threading.Thread(target=lambda: moments.extend(map(float, stream.stdout)), daemon=True).start()
        wait_until(lambda: len(moments) > 5, 20, 0.1)
        for servers in ((11, 12), (12, 13), (12,)):
            before = len(moments)
            text = configuration(servers).replace("lb_algo rr", "lb_algo wrr", len(servers) % 2)
            scene.daemon.reload(text)
            wait_until(lambda: all(scene.serves(number) for number in servers), 20, 0.1)
            wait_until(lambda: len(moments) > before + 10, 20, 0.1, "lines after the reload")
        assert stream.poll() is None
