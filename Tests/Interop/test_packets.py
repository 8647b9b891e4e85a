"""Packets that nobody should send: refused without harm, while adverts go out on time."""

import os
import random
import socket
import struct
import time

from lab import Lab, OURS, cases, wait_until
from scenario import Injector, Scene, Sniffer, both, checksum, globals_, instance, ipv4, said, vrrp


def malformed():
    """Every kind of advert over IPv4 that must not count, by name."""
    good = dict(priority=250, interval=10)
    many = tuple(f"10.1.{i // 256}.{i % 256}" for i in range(255))
    return {
        "TTL": ipv4(vrrp(**good), ttl=254),
        "checksum": ipv4(vrrp(**good, wrong_sum=0x101)),
        "version 1": ipv4(vrrp(**good, version=1)),
        "version 2": ipv4(vrrp(250, version=2, interval=1)),
        "version 4": ipv4(vrrp(**good, version=4)),
        "type 2": ipv4(vrrp(**good, kind=2)),
        "type 0": ipv4(vrrp(**good, kind=0)),
        "no addresses": ipv4(vrrp(**good, addresses=())),
        "count too high": ipv4(vrrp(**good, count=9)),
        "count too low": ipv4(vrrp(**good, addresses=("10.0.0.100", "10.0.0.1"), count=1)),
        "other addresses": ipv4(vrrp(**good, addresses=("10.9.9.9",))),
        "more addresses": ipv4(vrrp(**good, addresses=("10.0.0.100", "10.9.9.9"))),
        "255 addresses": ipv4(vrrp(**good, addresses=many)),
        "trailing octets": ipv4(vrrp(**good, trailer=b"12345678")),
        "cut header": ipv4(vrrp(**good)[:7]),
        "only a header": ipv4(vrrp(**good)[:8]),
        "empty": ipv4(b""),
        "one octet": ipv4(b"\x31"),
        "authentication header": ipv4(struct.pack("!BBHII", 112, 4, 0, 1, 1) + b"\0" * 12 + vrrp(**good), protocol=51),
        "short authentication header": ipv4(b"\x70\x04", protocol=51),
        "from ourselves": ipv4(vrrp(**good, source="10.0.0.1"), source="10.0.0.1"),
        "options": ipv4(vrrp(**good, wrong_sum=1), options=b"\x01" * 40),
        "cut options": ipv4(b"", options=b"\x01" * 40),
        "long": ipv4(vrrp(**good, trailer=os.urandom(1300))),
        "unknown VRID": ipv4(vrrp(**good, vrid=99)),
        "VRID 0": ipv4(vrrp(**good, vrid=0)),
    }


# Lists of addresses that differ from ours are noted and accepted (2.2.7: not an empty one).
ACCEPTED = ("no addresses", "other addresses", "more addresses", "255 addresses")


def test_malformed():
    """No malformed advert takes a MASTER down or keeps a BACKUP quiet; adverts stay on time"""
    with Lab() as lab:
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, OURS, instance(priority=100))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        begin = time.time()
        refused = {name: packet for name, packet in malformed().items() if name not in ACCEPTED}
        for name, packet in refused.items():
            for _ in range(20):
                other.send(packet)
            time.sleep(0.03)
            assert len(scene.fifo.lines) == 2, (name, scene.fifo.lines)
        wait_until(lambda: sniffer.adverts()[-1].time > time.time() - 0.05, 1)
        assert sniffer.longest_gap(since=begin) < 0.16, sniffer.longest_gap(since=begin)
        # A BACKUP is not kept from becoming MASTER by any of them.
        for _ in range(3):
            other.advert(250)
        scene.fifo.wait_state("BACKUP", count=2)
        until = time.monotonic() + 0.7
        packets = list(refused.values())
        while time.monotonic() < until and len(scene.fifo.lines) < 4:
            for packet in packets:
                other.send(packet)
            time.sleep(0.02)
        scene.fifo.wait_state("MASTER", count=2, timeout=0.5)
        assert scene.daemon.process.poll() is None and not scene.daemon.said("died")


def test_refused_alike():
    """Each malformed advert has the same consequence as with the reference"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, instance(priority=100))
        scene.fifo.wait_state("MASTER")
        result = {}
        for name, packet in malformed().items():
            before = len(scene.fifo.lines)
            # 2.2.7 refuses lists of addresses that differ.
            if name in ACCEPTED:
                if binary == OURS:
                    other.send(packet)
                    count = len([line for line in scene.fifo.lines if " MASTER " in line])
                    scene.fifo.wait_state("MASTER", count=count + 1)
                continue
            other.send(packet)
            time.sleep(0.05)
            result[name] = scene.fifo.lines[before:]
        return result
    both(scenario)


def test_random_packets():
    """Ten thousand random and half-right packets of both families: no crash, adverts on time"""
    with Lab() as lab:
        host = lab.host("other", "10.0.0.9/24", "2001:db8::9/64")
        other = Injector(host)
        with host.inside():
            six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 112)
            six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
            index = socket.if_nametoindex("eth0")
        configuration = instance(priority=200) \
            + instance("P", 52, 200, version=2, interval=1, addresses="10.0.0.101/24",
                       lines="authentication {\nauth_type PASS\nauth_pass secret\n}") \
            + instance("A", 53, 200, version=2, interval=1, addresses="10.0.0.102/24",
                       lines="authentication {\nauth_type AH\nauth_pass secret\n}") \
            + instance("H", 54, 200, addresses="10.0.0.103/24",
                       lines="auth_hmac {\nkey 1 0123456789abcdef0123456789abcdef\nactive_key 1\n}") \
            + instance("SIX", 55, 200, addresses="fe80::100\n2001:db8::100/64")
        scene = Scene(lab, OURS, configuration)
        sniffer = Sniffer(scene.host)
        for name in ("VI", "H", "SIX", "P", "A"):
            scene.fifo.wait_state("MASTER", name, timeout=6)
        generator = random.Random(7)
        begin = time.time()
        for number in range(10000):
            kind = number % 4
            body = bytearray(vrrp(generator.randrange(200), vrid=generator.randrange(51, 56),
                                  version=generator.choice((2, 3)), trailer=os.urandom(generator.randrange(40))))
            if kind:
                for _ in range(kind):
                    body[generator.randrange(len(body))] = generator.randrange(256)
            if kind == 3:
                body = os.urandom(generator.randrange(64))
            protocol = 51 if number % 7 == 0 else 112
            packet = ipv4(bytes(body), protocol=protocol)
            if number % 11 == 0:
                packet = packet[:20] + os.urandom(generator.randrange(8, 60))
            try:
                if number % 5 == 0:
                    six.sendto(bytes(body) or b"\0", ("ff02::12", 0, 0, index))
                else:
                    other.send(packet)
            except OSError:
                pass
            if number % 200 == 0:
                time.sleep(0.01)
        end = time.time()
        wait_until(lambda: sniffer.adverts()[-1].time > end + 0.2, 3)
        assert sniffer.longest_gap(since=begin) < 0.25, sniffer.longest_gap(since=begin)
        assert not scene.daemon.said("died") and scene.daemon.process.poll() is None
        assert not [line for line in scene.fifo.lines if " FAULT " in line]


def test_flood():
    """A flood of lower and of wrong adverts from one host delays no advert and fills no log"""
    with Lab() as lab:
        host = lab.host("other", "10.0.0.9/24")
        scene = Scene(lab, OURS, instance(priority=200) + instance("B", 52, addresses="10.0.0.101/24"))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "B")
        other = Injector(host)
        wrong = ipv4(vrrp(250, vrid=52, wrong_sum=1))
        until, count = time.monotonic() + 1.5, 0
        begin = time.time()
        while time.monotonic() < until:
            for _ in range(50):
                other.send(wrong)
                count += 1
            time.sleep(0.001)
        wait_until(lambda: sniffer.adverts(52)[-1].time > time.time() - 0.05, 1)
        for vrid in (51, 52):
            assert sniffer.longest_gap(vrid, since=begin) < 0.3, (count, sniffer.longest_gap(vrid, since=begin))
        lines = len(scene.daemon.log().splitlines())
        assert lines < 500, f"{lines} lines for {count} packets"


def test_mixed_versions():
    """Routers of version 2 and 3 on one VRID ignore each other, as the reference does"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, instance(priority=100))
        scene.fifo.wait_state("MASTER")
        for _ in range(10):
            other.advert(250, version=2, interval=1)
            time.sleep(0.02)
        time.sleep(0.1)
        return scene.fifo.lines
    both(scenario)


def test_many_interfaces():
    """The same VRID on two interfaces and in both families, each on its own"""
    def scenario(lab, binary):
        def prepare(scene):
            for number in (1, 2, 3):
                lab.lan.ip("link", "add", f"br{number}", "type", "bridge", "mcast_snooping", "0")
                lab.lan.ip("link", "set", f"br{number}", "up")
                lab.add_interface(scene.host, f"eth{number}", f"10.{number}.0.1/24", f"fe80::{number}:1/64",
                                  bridge=f"br{number}")
        configuration = "".join(
            instance(f"V{n}", 51, 100 + n, interface=f"eth{n}", addresses=f"10.{n}.0.100/24")
            + instance(f"S{n}", 51, 100 + n, interface=f"eth{n}", addresses=f"fe80::100\n2001:db8:{n}::100/64")
            for n in range(4))
        scene = Scene(lab, binary, configuration, prepare=prepare)
        sniffers = [Sniffer(scene.host, f"eth{n}") for n in range(4)]
        for n in range(4):
            scene.fifo.wait_state("MASTER", f"V{n}")
            scene.fifo.wait_state("MASTER", f"S{n}")
        other = Injector(lab.host("other", "10.0.0.9/24"))
        other.advert(250, source="10.0.0.200")
        scene.fifo.wait_state("BACKUP", "V0", count=2)
        scene.fifo.wait_state("MASTER", "V0", count=2)
        result = {f"eth{n}": sorted({(p.source, p.priority) for p in s.adverts()}) for n, s in enumerate(sniffers)}
        scene.daemon.stop()
        return result | {f"after{n}": scene.host.addresses(f"eth{n}") for n in range(4)} \
            | {"fifo": sorted(line for line in scene.fifo.lines if "BACKUP" in line)}
    both(scenario)
