"""A director, two real servers behind NAT and a client, in network namespaces.

It needs a kernel with IPVS: run inside a guest (guest.py) it tells how one server dies and returns,
as the table and the client see it.
"""

import os
import subprocess
import sys
import threading
import time

from lab import Daemon, Lab, OURS, run, wait_until

ADDRESS = "192.0.2.100"

# Answers each connection with its name. `GET /stream` gets a line every 50 ms.
SERVER = r"""
import socket, sys, threading, time
name = sys.argv[1].encode()
listener = socket.create_server(("", 80), backlog=512)
def answer(peer):
    try:
        request = peer.recv(4096)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(name) + name)
        while request.startswith(b"GET /stream"):
            peer.sendall(name + b"\n")
            time.sleep(0.05)
    except OSError: pass
    finally: peer.close()
while True:
    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
"""

# Asks again and again, a connection each; says who answered, `-` for nobody.
CLIENT = r"""
import socket, sys, time
while True:
    started = time.monotonic()
    try:
        with socket.create_connection((sys.argv[1], 80), 1) as s:
            s.settimeout(1)
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            data = b""
            while block := s.recv(4096): data += block
            name = data.rpartition(b"\r\n\r\n")[2].decode() or "-"
    except OSError: name = "-"
    print(started, name, flush=True)
    time.sleep(0.02)
"""

CONFIGURATION = """
vrrp_instance SERVICE {{
    interface eth0
    virtual_router_id 51
    priority 200
    advert_int 1
    virtual_ipaddress {{
        {address}/24
    }}
}}
virtual_server {address} 80 {{
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    warmup 0
    retry 1
    delay_before_retry 0.5
    connect_timeout 1
{servers}}}
"""

REAL_SERVER = """    real_server 10.1.0.{number} 80 {{
        weight 1
        HTTP_GET {{
            url {{
                path /
                status_code 200
            }}
        }}
    }}
"""


def configuration(servers=(11, 12)):
    return CONFIGURATION.format(
        address=ADDRESS, servers="".join(REAL_SERVER.format(number=number) for number in servers))


class Balancing:
    """The hosts, the daemon and a client that asks all the time."""

    def __init__(self, lab, binary=OURS, servers=(11, 12), text=None):
        self.director = lab.host("director", "192.0.2.1/24")
        lab.add_interface(self.director, "eth1", "10.1.0.1/24")
        self.director.sysctl("net/ipv4/ip_forward", "1")
        self.client = lab.host("client", "192.0.2.50/24")
        self.servers, self.processes = {}, {}
        for number in servers:
            server = lab.host(f"server{number}", f"10.1.0.{number}/24")
            server.ip("route", "add", "default", "via", "10.1.0.1")
            self.servers[number] = server
            self.start(number)
        self.daemon = Daemon(self.director, text or configuration(servers), binary)
        self.answers = []

    def start(self, number):
        server = self.servers[number]
        self.processes[number] = server.start(sys.executable, "-c", SERVER, server.label)

    def kill(self, number):
        """The server's process ends: its host refuses connections from now on."""
        self.processes[number].kill()
        self.processes[number].wait()

    def ask(self, address=ADDRESS):
        """Begins to ask; `answers` are (moment of the question, who answered)."""
        asking = self.client.start(
            sys.executable, "-c", CLIENT, address, stdout=subprocess.PIPE, text=True)

        def read():
            for line in asking.stdout:
                moment, name = line.split()
                self.answers.append((float(moment), name))
        threading.Thread(target=read, daemon=True).start()

    def since(self, moment):
        return [name for asked, name in list(self.answers) if asked >= moment]

    def table(self):
        return self.director.run("ipvsadm", "-Ln")

    def serves(self, number):
        return f"10.1.0.{number}:80" in self.table()


def summary(names):
    counts = {name: names.count(name) for name in sorted(set(names))}
    return ", ".join(f"{'nobody' if name == '-' else name} {count}" for name, count in counts.items())


def show(scene, title, seconds=1.5):
    moment = time.monotonic()
    time.sleep(seconds)
    print(f"\n{title}")
    for line in scene.table().splitlines()[1:]:
        print(f"  {line.rstrip()}")
    print(f"  who answered the client in the last {seconds} s: {summary(scene.since(moment))}", flush=True)


def main():
    with Lab() as lab:
        scene = Balancing(lab)
        wait_until(lambda: scene.serves(11) and scene.serves(12), 15)
        wait_until(lambda: scene.director.has(ADDRESS), 15)
        scene.ask()
        wait_until(lambda: len(scene.since(0)) > 5, 15)
        show(scene, "Two real servers behind NAT, round robin:")
        scene.kill(11)
        wait_until(lambda: not scene.serves(11), 15)
        show(scene, "server11 is dead, its check has failed:")
        scene.start(11)
        wait_until(lambda: scene.serves(11), 15)
        show(scene, "server11 is back:")
        scene.daemon.stop()


if __name__ == "__main__":
    main()
