"""BFD sessions with BIRD, FRR and Debian's keepalived, and what VRRP makes of them."""

import json
import os
import re
import shutil
import signal
import sys
import time

from lab import Daemon, Lab, OURS, REFERENCE, Probe, Skip, cases, wait_until

BFDD = "/usr/lib/frr/bfdd"
ZEBRA = "/usr/lib/frr/zebra"
BIRD = "/usr/sbin/bird"

FAMILIES = {
    "IPv4": ("10.0.0.1", "10.0.0.2", ""),
    "IPv6": ("2001:db8::1", "2001:db8::2", "hoplimit 255"),
    "multihop": ("10.0.0.1", "10.0.0.2", "multihop\n max_hops 255"),
}


class Peer:
    """Somebody else's BFD on a host: a session with our address."""

    def __init__(self, host, family, rx=100, tx=100, multiplier=3):
        self.host, self.family = host, family
        self.ours, self.own, _ = FAMILIES[family]
        self.rx, self.tx, self.multiplier = rx, tx, multiplier
        self.directory = os.path.join(host.lab.directory, f"peer-{host.label}-{time.monotonic_ns()}")
        os.makedirs(self.directory)
        os.chmod(self.directory, 0o777)
        self.process = None
        self.start()

    def stop(self):
        self.process.terminate()
        self.process.wait(5)


class Bird(Peer):
    binary = BIRD

    def start(self):
        kind = "multihop" if self.family == "multihop" else "direct"
        device = ' dev "eth0"' if kind == "direct" else ""
        scope = "multihop" if kind == "multihop" else 'interface "*"'
        with open(f"{self.directory}/bird.conf", "w") as file:
            file.write(f"""router id 10.0.0.2;
protocol device {{ }}
protocol bfd {{
  {scope} {{ min rx interval {self.rx} ms; min tx interval {self.tx} ms;
    idle tx interval 1000 ms; multiplier {self.multiplier}; }};
  neighbor {self.ours}{device} local {self.own}{" multihop yes" if kind == "multihop" else ""};
}}
""")
        self.process = self.host.start(
            BIRD, "-f", "-c", f"{self.directory}/bird.conf", "-s", f"{self.directory}/ctl",
            stdout=open(f"{self.directory}/log", "w"), stderr=-2)

    def _control(self, command):
        return self.host.run("birdc", "-s", f"{self.directory}/ctl", command, check=False)

    @property
    def is_up(self):
        return bool(re.search(rf"{re.escape(self.ours)}\s+\S+\s+Up", self._control("show bfd sessions")))

    def disable(self):
        self._control("disable bfd1")

    def enable(self):
        self._control("enable bfd1")


class FRR(Peer):
    binary = BFDD

    def start(self):

        shutil.chown(self.directory, "frr", "frr")
        hops = " multihop local-address " + self.own if self.family == "multihop" else (
            " local-address " + self.own if self.family == "IPv6" else "")
        self.peer = f"peer {self.ours}{hops}"
        with open(f"{self.directory}/bfdd.conf", "w") as file:
            file.write(f"""bfd
 {self.peer}
  detect-multiplier {self.multiplier}
  receive-interval {self.rx}
  transmit-interval {self.tx}
 !
!
""")
        open(f"{self.directory}/zebra.conf", "w").close()
        log = open(f"{self.directory}/log", "w")
        common = ("-z", f"{self.directory}/z", "--vty_socket", self.directory)
        self.zebra = self.host.start(
            ZEBRA, "-f", f"{self.directory}/zebra.conf", "-i", f"{self.directory}/zebra.pid", *common,
            stdout=log, stderr=-2)
        wait_until(lambda: os.path.exists(f"{self.directory}/z"), 5, what="zebra")
        self.process = self.host.start(
            BFDD, "-f", f"{self.directory}/bfdd.conf", "-i", f"{self.directory}/bfdd.pid",
            "--bfdctl", f"{self.directory}/ctl", *common, stdout=log, stderr=-2)

    def _control(self, *commands):
        words = [word for command in commands for word in ("-c", command)]
        return self.host.run("vtysh", "--vty_socket", self.directory, *words, check=False)

    @property
    def is_up(self):
        try:
            return any(peer["status"] == "up" for peer in json.loads(self._control("show bfd peers json")))
        except ValueError:
            return False

    def disable(self):
        self._control("configure terminal", "bfd", self.peer, "shutdown")

    def enable(self):
        self._control("configure terminal", "bfd", self.peer, "no shutdown")


class Keepalived(Peer):
    binary = REFERENCE

    def start(self):
        _, _, extra = FAMILIES[self.family]
        self.daemon = Daemon(self.host, session(
            self.own, self.ours, self.rx, self.tx, self.multiplier, extra), REFERENCE)
        self.process = self.daemon.process

    @property
    def is_up(self):
        states = re.findall(r"Entering (Up|Down) state", self.daemon.log())
        return bool(states) and states[-1] == "Up"

    disable = enable = None


PEERS = {"BIRD": Bird, "FRR": FRR, "keepalived": Keepalived}


def session(source, neighbor, rx=100, tx=100, multiplier=3, extra="", name="S"):
    return f"""bfd_instance {name} {{
 neighbor_ip {neighbor}
 source_ip {source}
 min_rx {rx}
 min_tx {tx}
 multiplier {multiplier}
 {extra}
}}
"""


def transitions(daemon, name="S"):
    return re.findall(rf"\({name}\) Entering (Up|Down) state", daemon.log())


def is_up(daemon, name="S"):
    states = transitions(daemon, name)
    return bool(states) and states[-1] == "Up"


def hosts(lab):
    return (lab.host("ours", "10.0.0.1/24", "2001:db8::1/64"),
            lab.host("peer", "10.0.0.2/24", "2001:db8::2/64"))


def drop(host, on=True):
    """Drops what comes in for BFD, as a path that is dead beyond the next switch does."""
    if on:
        host.run("nft", "add table inet lab; add chain inet lab in { type filter hook input priority 0; }; "
                 "add rule inet lab in udp dport { 3784, 4784 } drop")
    else:
        host.run("nft", "delete table inet lab")


# Debian's keepalived 2.2.7 has no multihop.
@cases([f"{peer}, {family}" for peer in PEERS for family in FAMILIES
        if (peer, family) != ("keepalived", "multihop")])
def test_session(case):
    """A session comes up, notices loss in the negotiated time, and recovers"""
    peer_name, family = case.split(", ")
    if not os.path.exists(PEERS[peer_name].binary):
        raise Skip(f"{peer_name} is not installed")
    source, neighbor, extra = FAMILIES[family]
    with Lab() as lab:
        ours, theirs = hosts(lab)
        # Slower than the peer in one direction, faster in the other.
        peer = PEERS[peer_name](theirs, family, rx=150, tx=60, multiplier=4)
        daemon = Daemon(ours, session(source, neighbor, 100, 100, 3, extra))
        wait_until(lambda: is_up(daemon) and peer.is_up, 10, what="session up")
        detection = 4 * 0.1
        wait_until(lambda: f"Detection time is {int(detection * 1e6)} us" in daemon.log(), 3,
                   what="negotiated detection time")

        drop(ours)
        dropped = time.monotonic()
        wait_until(lambda: not is_up(daemon), 3, 0.001, what="loss noticed")
        elapsed = time.monotonic() - dropped
        assert detection - 0.15 <= elapsed <= detection + 0.05, f"noticed after {elapsed:.3f} s"
        assert daemon.said("Local diagnostic - Control Detection Time Expired")
        drop(ours, on=False)
        wait_until(lambda: is_up(daemon) and peer.is_up, 12, what="recovery")

        if peer.disable:
            peer.disable()
            wait_until(lambda: not is_up(daemon), 5, what="administrative down noticed")
            peer.enable()
            wait_until(lambda: is_up(daemon) and peer.is_up, 12, what="up again")
        peer.stop()
        wait_until(lambda: not is_up(daemon), 5, what="end of the peer noticed")
        peer.start()
        wait_until(lambda: is_up(daemon) and peer.is_up, 12, what="up after the peer's restart")
        daemon.stop()
        wait_until(lambda: not peer.is_up, 5, what="our end noticed by the peer")


def test_renegotiation():
    """A reload makes a session slower and faster without taking it down"""
    with Lab() as lab:
        ours, theirs = hosts(lab)
        daemon = Daemon(ours, session("10.0.0.1", "10.0.0.2", 100, 100))
        other = Daemon(theirs, session("10.0.0.2", "10.0.0.1", 100, 100))
        wait_until(lambda: is_up(daemon) and is_up(other), 10)
        for interval in (400, 50, 100):
            daemon.reload(session("10.0.0.1", "10.0.0.2", interval, interval))
            expected = 3 * max(interval, 100) * 1000
            wait_until(lambda: re.findall(r"Detection time is (\d+) us", other.log())[-1] == str(expected),
                       5, what=f"detection time for {interval} ms")
            time.sleep(0.3)
        assert transitions(daemon) == ["Up"] and transitions(other) == ["Up"]


def test_standstill():
    """Who stood still hears the packets that wait before it takes a neighbor for dead"""
    with Lab() as lab:
        ours, theirs = hosts(lab)
        peer = Bird(theirs, "IPv4", rx=100, tx=100, multiplier=3)
        # The peer waits 5 s for us, we wait 300 ms for it.
        daemon = Daemon(ours, session("10.0.0.1", "10.0.0.2", 100, 100, 50))
        wait_until(lambda: is_up(daemon) and peer.is_up, 10, what="session up")
        with open(daemon.file("bfd.pid")) as file:
            child = int(file.read())
        for pause in (2, 0.4, 3):
            os.kill(child, signal.SIGSTOP)
            time.sleep(pause)
            os.kill(child, signal.SIGCONT)
            time.sleep(0.5)
        assert transitions(daemon) == ["Up"], daemon.log()
        peer.stop()
        wait_until(lambda: not is_up(daemon), 5, what="end of the peer noticed")


def test_respawn():
    """A BFD process that is killed comes back, and its sessions with it"""
    with Lab() as lab:
        ours, theirs = hosts(lab)
        daemon = Daemon(ours, session("10.0.0.1", "10.0.0.2"))
        other = Daemon(theirs, session("10.0.0.2", "10.0.0.1"))
        wait_until(lambda: is_up(daemon) and is_up(other), 10)
        with open(daemon.file("bfd.pid")) as file:
            os.kill(int(file.read()), 9)
        wait_until(lambda: transitions(daemon).count("Up") == 2, 10)
        wait_until(lambda: is_up(other), 5)


VRRP = """vrrp_instance VI {{
 state BACKUP
 interface eth0
 virtual_router_id 51
 priority {priority}
 version 3
 advert_int 1
 {track}
 virtual_ipaddress {{ 10.0.0.100/24 }}
}}
"""


def test_handover():
    """An instance that tracks a session hands its address over when the path is dead"""
    with Lab() as lab:
        ours, theirs = hosts(lab)
        client = lab.host("client", "10.0.0.50/24")
        gateway = lab.host("gateway", "10.0.0.9/24")
        watch = session("10.0.0.1", "10.0.0.9", 50, 50, 3)
        daemon = Daemon(ours, watch + VRRP.format(priority=200, track="track_bfd { S }"))
        backup = Daemon(theirs, VRRP.format(priority=100, track=""))
        far = Daemon(gateway, session("10.0.0.9", "10.0.0.1", 50, 50, 3))
        wait_until(lambda: is_up(daemon), 10)
        probe = Probe(client, "10.0.0.100", [ours, theirs])
        wait_until(lambda: probe.holder == "ours", 15, what="the tracking master")
        lab.cut(gateway)
        cut = time.monotonic()
        wait_until(lambda: "Entering FAULT STATE" in daemon.log(), 3, 0.001, what="fault")
        elapsed = time.monotonic() - cut
        # Three intervals of 50 ms, and what the issue allows beyond.
        assert elapsed <= 0.150 + 0.020 + 0.010, f"fault after {elapsed:.3f} s"
        wait_until(lambda: probe.holder == "peer", 3, what="hand-over")
        lab.cut(gateway, down=False)
        wait_until(lambda: probe.holder == "ours", 15, what="return")


def test_dump():
    """SIGUSR1 writes the sessions into a file"""
    with Lab() as lab:
        ours, theirs = hosts(lab)
        daemon = Daemon(ours, session("10.0.0.1", "10.0.0.2"))
        other = Daemon(theirs, session("10.0.0.2", "10.0.0.1"))
        wait_until(lambda: is_up(daemon) and is_up(other), 10)
        daemon.process.send_signal(signal.SIGUSR1)
        path = daemon.file("keepalived_bfd.data")
        wait_until(lambda: os.path.exists(path), 3)
        with open(path) as file:
            lines = file.read().splitlines()
        for line in ("------< Global definitions >------", "------< BFD Data >------",
                     "------< BFD Topology >------", " BFD Instance = S", "   Neighbor IP = 10.0.0.2",
                     "   Required min RX interval = 100000 us", "   local state = Up", "   remote state = Up",
                     "   local diag = No Diagnostic", "   remote detect multiplier = 3", "   !poll, !final",
                     "   local detection time = 300000 us"):
            assert line in lines, line
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert os.path.exists(daemon.file("keepalived_parent.data"))
        wait_until(lambda: daemon.process.poll() is None and is_up(daemon), 1)


def test_vrrp_restart():
    """A VRRP process that comes back learns the state of its sessions at once"""
    with Lab() as lab:
        ours, theirs = hosts(lab)
        daemon = Daemon(ours, session("10.0.0.1", "10.0.0.2") + VRRP.format(
            priority=200, track="track_bfd { S }").replace("advert_int 1", "advert_int 0.1"))
        other = Daemon(theirs, session("10.0.0.2", "10.0.0.1"))
        wait_until(lambda: is_up(daemon) and ours.has("10.0.0.100"), 10)
        os.kill(daemon.child(), 9)
        wait_until(lambda: daemon.log().count("Entering MASTER STATE") == 2, 5, what="MASTER again")
        assert transitions(daemon) == ["Up"]


def test_hostile_packets():
    """Bad packets are discarded, and the session stays up"""
    import random
    import socket
    import struct

    with Lab() as lab:
        ours, theirs = hosts(lab)
        daemon = Daemon(ours, session("10.0.0.1", "10.0.0.2", 50, 50))
        other = Daemon(theirs, session("10.0.0.2", "10.0.0.1", 50, 50))
        wait_until(lambda: is_up(daemon) and is_up(other), 10)
        theirs.run(sys.executable, "-c", """
import os, random, socket, time
random.seed(1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
good = bytes.fromhex("20c80318") + os.urandom(8) + bytes.fromhex("0000c3500000c35000000000")
for i in range(20000):
    p = bytearray(good)
    for _ in range(random.randrange(4)): p[random.randrange(24)] = random.randrange(256)
    s.sendto(bytes(p[:random.randrange(40)]) if i % 3 else bytes(p), ("10.0.0.1", 3784))
    if i % 50 == 0: time.sleep(0.001)
""")
        assert transitions(daemon) == ["Up"], transitions(daemon)
        assert daemon.process.poll() is None
