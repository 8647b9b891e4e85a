"""Addresses: what the kernel shows, what is cleared, what happens when somebody takes one away."""

import os
import time

from lab import Lab, OURS, cases, wait_until
from scenario import Injector, Scene, Sniffer, both, group, instance, said

OPTIONS = """10.0.0.100/24
    10.0.0.101
    10.4.0.102/24 brd + scope link
    10.0.0.103/24 brd 10.0.0.254 label eth0:x
    10.5.0.104/24 dev eth1 scope host
    10.6.0.106/24 dev eth1 noprefixroute
    10.7.0.107/24 scope 200 no_track
    10.0.0.108/24 brd -
    10.8.0.109/24 dev eth1 label eth1:lbl brd +
    10.8.0.110/24 dev eth1 home autojoin"""
OPTIONS6 = """fe80::100
    2001:db8::100/64
    2001:db8::101
    2001:db8::102/64 preferred_lft 0
    2001:db8::103/64 preferred_lft 1000
    2001:db8::104/64 -nodad
    2001:db8::105/64 home noprefixroute
    2001:db8::106/64 mngtmpaddr
    2001:db8::107/128 deprecated
    2001:db8::108/64 preferred_lft forever
    2001:db8::109/64 dev eth1 scope site
    fe80::200/64 dev eth1"""
STATIC = """static_ipaddress {
  10.1.0.1/24 dev eth0
  10.1.0.2/24 brd + dev eth1 scope link label eth1:s
  2001:db8:1::1/64 dev eth1 -nodad
  2001:db8:1::2/128 dev eth0 preferred_lft 0
}
"""


def settled(scene, *interfaces):
    """Lifetimes count down; they are compared to the nearest ten."""
    import json
    result = []
    for interface, text in scene.kernel_addresses(*interfaces):
        entry = json.loads(text)
        for field in ("preferred_life_time", "valid_life_time"):
            if 0 < entry.get(field, 0) < 4294967295:
                entry[field] = round(entry[field], -1)
        result.append(f"{interface} {json.dumps(entry, sort_keys=True)}")
    return result


def test_options():
    """Every option of an address gives the kernel state that the reference gives; all is removed"""
    def scenario(lab, binary):
        def prepare(scene):
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24")
        four = instance(addresses=OPTIONS, lines="""virtual_ipaddress_excluded {
            10.3.0.1/24
            2001:db8:3::1/64
            10.3.0.2 dev eth1
          }""")
        six = instance("SIX", 61, addresses=OPTIONS6, lines="""virtual_ipaddress_excluded {
            10.3.0.9/24 dev eth1
            2001:db8:3::2
          }""")
        scene = Scene(lab, binary, STATIC + four + six, prepare=prepare)
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "SIX")
        master = settled(scene, "eth0", "eth1")
        assert len(master) > 30, master
        scene.daemon.stop()
        return {"master": master, "stopped": settled(scene, "eth0", "eth1")}
    both(scenario)


def test_peer():
    """An address with a peer is set with it and removed at the end, without one left behind"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(addresses="10.0.0.105 peer 10.9.9.9\n2001:db8::5 peer 2001:db8::6"
                                          .split("\n")[0]))
        scene.fifo.wait_state("MASTER")
        assert "10.0.0.105 peer 10.9.9.9/32" in scene.host.ip("address", "show", "dev", "eth0")
        assert scene.daemon.stop() == 0
        assert not scene.host.has("10.0.0.105")


def test_leftovers():
    """What a crash left is cleared; an adopted address is removed, another prefix length stays"""
    def scenario(lab, binary):
        def prepare(scene):
            for address in ("10.0.0.100/24", "10.0.0.101/16", "10.0.0.102/24"):
                scene.host.ip("address", "add", address, "dev", "eth0")
        configuration = instance(
            addresses="10.0.0.100/24\n10.0.0.101/24\n", priority=200,
            lines="virtual_ipaddress_excluded {\n10.0.0.103/24\n}")
        scene = Scene(lab, binary, configuration, prepare=prepare)
        scene.fifo.wait_state("BACKUP")
        start = sorted(scene.host.addresses())
        scene.fifo.wait_state("MASTER")
        master = sorted(scene.host.addresses())
        scene.daemon.crash()
        crashed = sorted(scene.host.addresses())
        scene.fifo.text = b""
        # A zombie that nobody reaps would count as a running daemon.
        for name in ("keepalived.pid", "vrrp.pid"):
            os.unlink(scene.daemon.file(name))
        scene.daemon.start()
        scene.fifo.wait_state("BACKUP")
        again = sorted(scene.host.addresses())
        scene.fifo.wait_state("MASTER")
        scene.daemon.stop()
        return {"start": start, "master": master, "crashed": crashed, "again": again,
                "stopped": sorted(scene.host.addresses()), "fifo": scene.fifo.lines}
    both(scenario)


def test_adopted_while_backup():
    """An address that somebody adds while we are BACKUP stays, is adopted by MASTER, then removed"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=50))
        scene.fifo.wait_state("BACKUP")
        other = Injector(lab.host("other", "10.0.0.9/24"))
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            other.advert(200)
            if time.monotonic() > until - 0.4:
                scene.host.ip("address", "replace", "10.0.0.100/24", "dev", "eth0")
            time.sleep(0.05)
        assert scene.host.has("10.0.0.100")
        assert len(scene.fifo.lines) == 1, scene.fifo.lines
        scene.fifo.wait_state("MASTER")
        scene.daemon.stop()
        return scene.host.addresses(), scene.fifo.lines
    both(scenario)


def test_taken_away():
    """A VIP or eVIP that somebody deletes: BACKUP, one priority 0, back after skew; no_track: nothing"""
    def scenario(lab, binary):
        configuration = instance(
            priority=200, addresses="10.0.0.100/24\n10.0.0.101/24 no_track",
            lines="virtual_ipaddress_excluded {\n10.3.0.1/24\n2001:db8:3::1/64\n}")
        configuration += instance(
            "SIX", 61, priority=200, addresses="fe80::100\n2001:db8::100/64")
        configuration += "static_ipaddress {\n10.4.0.1/24 dev eth0\n10.4.0.2/24 dev eth0 no_track\n}\n"
        scene = Scene(lab, binary, configuration)
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "SIX")
        sniffer = Sniffer(scene.host)
        for count, address in enumerate(("10.0.0.100/24", "10.3.0.1/24", "2001:db8:3::1/64"), 2):
            scene.host.ip("address", "delete", address, "dev", "eth0")
            scene.fifo.wait_state("MASTER", count=count)
        for count, address in enumerate(("2001:db8::100/64", "fe80::100/128"), 2):
            scene.host.ip("address", "delete", address, "dev", "eth0")
            scene.fifo.wait_state("MASTER", "SIX", count=count)
        scene.host.ip("address", "delete", "10.0.0.101/24", "dev", "eth0")
        scene.host.ip("address", "delete", "10.4.0.2/24", "dev", "eth0")
        scene.host.ip("address", "delete", "10.4.0.1/24", "dev", "eth0")
        scene.wait_address("10.4.0.1")
        time.sleep(0.25)
        result = {
            "fifo": scene.fifo.lines,
            "log": [line for line in said(scene.daemon) if "no longer" not in line],
            "addresses": sorted(scene.host.addresses()),
            "zero": [len(sniffer.adverts(vrid, priority=0)) for vrid in (51, 61)],
        }
        zero = sniffer.adverts(51, priority=0)[0].time
        back = min(p.time for p in sniffer.adverts(51, priority=200) if p.time > zero)
        assert 0.015 < back - zero < 0.15, back - zero
        return result
    both(scenario)


def test_taken_away_in_group():
    """The whole sync group lets go with the one that lost an address, and comes back"""
    def scenario(lab, binary):
        configuration = group("G", ["A", "B"]) + instance("A", 51, 200) \
            + instance("B", 52, 150, addresses="10.0.0.101/24")
        scene = Scene(lab, binary, configuration)
        scene.fifo.wait("GROUP \"G\" MASTER 0")
        sniffer = Sniffer(scene.host)
        scene.host.ip("address", "delete", "10.0.0.100/24", "dev", "eth0")
        scene.fifo.wait("GROUP \"G\" MASTER 0", count=2)
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon),
                "zero": [len(sniffer.adverts(vrid, priority=0)) for vrid in (51, 52)]}
    both(scenario)


def test_nothing_comes_back():
    """After a stop all own addresses are gone, foreign ones stay; -V keeps them and says nothing"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, STATIC.replace("eth1", "eth0") + instance(addresses="10.0.0.100/24\n10.0.0.101"),
                      arguments=("-V",))
        scene.fifo.wait_state("MASTER")
        sniffer = Sniffer(scene.host)
        scene.daemon.stop()
        return {"addresses": sorted(scene.host.addresses()), "fifo": scene.fifo.lines,
                "zero": len(sniffer.adverts(priority=0))}
    both(scenario)


@cases(["10.0.0.1/24", "10.0.0.1", "fe80::1/64"])
def test_address_owner(address):
    """The interface's own address as the virtual one of an owner: it is the source, and stays"""
    with Lab() as lab:
        text = instance(priority=255, addresses=address)
        scene = Scene(lab, OURS, text)
        plain = address.split("/")[0]
        before = scene.host.addresses("eth0")
        assert plain in before, before
        sniffer = Sniffer(scene.host)
        for turn in (1, 2):
            scene.fifo.wait_state("MASTER", count=turn, timeout=2)
            wait_until(lambda: sniffer.adverts(priority=255), 2)
            assert {advert.source for advert in sniffer.adverts()} == {plain}
            scene.reload(text + instance("B", 52, 100, addresses="10.0.0.150/24"))
            scene.fifo.wait_state("MASTER", "B", count=turn)
            assert plain in scene.host.addresses("eth0")
            if turn == 1:
                scene.daemon.crash()
                scene.daemon.write(scene.text(text))
                scene.daemon.start()
        assert not [line for line in scene.fifo.lines if "FAULT" in line]
        scene.daemon.stop()
        assert sorted(scene.host.addresses("eth0")) == sorted(before)
