"""Interfaces that go down, lose their carrier, vanish, come back, change name or address."""

import os
import re
import signal
import time

from lab import Daemon, Lab, OURS, cases, run, wait_until
from scenario import Injector, Scene, Sniffer, both, group, instance, said


def carrier(lab, host, interface, up):
    lab.lan.ip("link", "set", host.ports[interface], "up" if up else "down")


def extra(*interfaces):
    """Further interfaces of the router under test."""
    def prepare(scene):
        for number, interface in enumerate(interfaces, 2):
            scene.lab.add_interface(scene.host, interface, f"10.{number}.0.1/24", f"fe80::{number}:1/64")
    return prepare


def down_and_up(how, lab, host, interface, up):
    if how == "carrier":
        carrier(lab, host, interface, up)
    else:
        host.ip("link", "set", interface, "up" if up else "down")


@cases(["admin", "carrier"])
def test_own_interface(how):
    """The own interface goes down and comes up: two priority 0, FAULT, BACKUP, MASTER again"""
    def scenario(lab, binary):
        configuration = instance(priority=200, lines="virtual_ipaddress_excluded {\n10.3.0.1/24\n}")
        scene = Scene(lab, binary, configuration)
        scene.fifo.wait_state("MASTER")
        for turn in (1, 2):
            down_and_up(how, lab, scene.host, "eth0", False)
            scene.fifo.wait_state("FAULT", count=turn)
            scene.wait_address(present=False)
            down_and_up(how, lab, scene.host, "eth0", True)
            scene.fifo.wait_state("MASTER", count=turn + 1)
            scene.wait_address()
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon),
                "addresses": sorted(scene.host.addresses())}
    both(scenario)


def test_own_interface_ipv6():
    """An IPv6 instance whose interface goes down, which takes its link-local address along"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=200, addresses="fe80::100\n2001:db8::100/64"))
        scene.fifo.wait_state("MASTER")
        scene.host.ip("link", "set", "eth0", "down")
        scene.fifo.wait_state("FAULT")
        scene.host.ip("link", "set", "eth0", "up")
        time.sleep(0.3)
        faulty = scene.fifo.lines[:]
        scene.host.ip("address", "add", "fe80::77/64", "dev", "eth0", "nodad")
        scene.fifo.wait_state("MASTER", count=2)
        return {"faulty": faulty, "fifo": scene.fifo.lines, "addresses": sorted(scene.host.addresses())}
    both(scenario)


def test_tracked_interfaces():
    """track_interface: unweighted, positive, negative and reversed weights, several down at once"""
    def scenario(lab, binary):
        configuration = instance(priority=100, lines="""notify_priority_changes
          track_interface {
            eth1
            eth2 weight 20
            eth3 weight -30
            eth4 weight 5 reverse
            eth5 weight 0 reverse
          }""")
        scene = Scene(lab, binary, configuration,
                      prepare=lambda scene: (extra("eth1", "eth2", "eth3", "eth4", "eth5")(scene),
                                             scene.host.ip("link", "set", "eth5", "down")))
        def set_link(interface, state, line, count=1):
            scene.host.ip("link", "set", interface, state)
            scene.fifo.wait(line, count=count)
        scene.fifo.wait('INSTANCE "VI" MASTER 115')
        set_link("eth2", "down", 'INSTANCE "VI" MASTER_PRIORITY 95')
        set_link("eth3", "down", 'INSTANCE "VI" MASTER_PRIORITY 65')
        set_link("eth4", "down", 'INSTANCE "VI" MASTER_PRIORITY 70')
        set_link("eth1", "down", 'INSTANCE "VI" FAULT 70')
        set_link("eth2", "up", 'INSTANCE "VI" BACKUP_PRIORITY 90')
        set_link("eth1", "up", 'INSTANCE "VI" MASTER 90')
        set_link("eth3", "up", 'INSTANCE "VI" MASTER_PRIORITY 120')
        set_link("eth4", "up", 'INSTANCE "VI" MASTER_PRIORITY 115')
        set_link("eth5", "up", 'INSTANCE "VI" FAULT 115')
        set_link("eth5", "down", 'INSTANCE "VI" MASTER 115', count=2)
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon)}
    both(scenario)


def test_two_down():
    """With two tracked interfaces down the fault ends with the second, not with the first"""
    with Lab() as lab:
        scene = Scene(lab, OURS, group("G", ["VI", "B"]) + instance(
            priority=200, lines="track_interface {\neth1\neth2\n}")
            + instance("B", 52, addresses="10.0.0.101/24"), prepare=extra("eth1", "eth2"))
        scene.fifo.wait('GROUP "G" MASTER 0')
        for turn in (1, 2):
            for interface in ("eth1", "eth0", "eth2"):
                scene.host.ip("link", "set", interface, "down")
            scene.fifo.wait('GROUP "G" FAULT 0', count=turn)
            for interface in ("eth0", "eth2"):
                scene.host.ip("link", "set", interface, "up")
            time.sleep(0.6)
            assert scene.fifo.lines[-1] == 'GROUP "G" FAULT 0'
            assert not scene.host.has("10.0.0.100")
            scene.host.ip("link", "set", "eth1", "up")
            scene.fifo.wait('GROUP "G" MASTER 0', count=turn + 1)
        assert scene.fifo.lines.count('INSTANCE "VI" FAULT 200') == 2, scene.fifo.lines


def test_delays():
    """interface_up_down_delays hold a change back, and a reverse change cancels it"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, "interface_up_down_delays {\neth1 0.3 0.4\n}\n" + instance(
            interval=1, lines="track_interface {\neth1 weight 10\n}\nnotify_priority_changes"),
            prepare=extra("eth1"))
        scene.fifo.wait('INSTANCE "VI" BACKUP 110')
        def change(state, line, count=1):
            begin = time.monotonic()
            scene.host.ip("link", "set", "eth1", state)
            scene.fifo.wait(line, count=count)
            return time.monotonic() - begin
        down = change("down", 'INSTANCE "VI" BACKUP_PRIORITY 100')
        scene.host.ip("link", "set", "eth1", "up")
        time.sleep(0.1)
        scene.host.ip("link", "set", "eth1", "down")
        time.sleep(0.5)
        up = change("up", 'INSTANCE "VI" BACKUP_PRIORITY 110', count=2)
        assert 0.28 < down < 0.5 and 0.38 < up < 0.6, (down, up)
        # The reference 2.2.7 does not say that it cancels.
        return {"fifo": scene.fifo.lines,
                "log": [line for line in said(scene.daemon) if not line.startswith(("Delay", "eth1:"))]}
    both(scenario)


def test_addresses_of_source():
    """The source address is deleted, changed, and added again"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=200))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        scene.host.ip("address", "add", "10.7.0.1/24", "dev", "eth0")
        scene.host.ip("address", "add", "10.8.0.1/24", "dev", "eth0")
        time.sleep(0.15)
        scene.host.ip("address", "delete", "10.0.0.1/24", "dev", "eth0")
        # The primary address takes the virtual one along, so BACKUP and MASTER come again.
        scene.fifo.wait_state("MASTER", count=2)
        wait_until(lambda: sniffer.adverts(source="10.8.0.1"), 3, what="the last one is the source")
        scene.host.ip("address", "delete", "10.8.0.1/24", "dev", "eth0")
        wait_until(lambda: sniffer.adverts(source="10.7.0.1"), 3, what="the other one")
        sniffer.clear()
        scene.host.ip("address", "delete", "10.7.0.1/24", "dev", "eth0")
        scene.fifo.wait_state("FAULT")
        zeroes = [p.source for p in sniffer.adverts(priority=0)]
        scene.host.ip("address", "add", "10.9.0.1/24", "dev", "eth0")
        scene.fifo.wait_state("MASTER", count=3)
        wait_until(lambda: sniffer.adverts(source="10.9.0.1"), 3)
        scene.daemon.stop()
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon), "zeroes": zeroes,
                "addresses": sorted(scene.host.addresses())}
    both(scenario)


def test_source_ipv6():
    """The link-local source is deleted and added; another one is used if there is one"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=200, addresses="fe80::100\n2001:db8::100/64"))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        wait_until(lambda: sniffer.adverts(), 3)
        first = sniffer.adverts()[0].source
        scene.host.ip("address", "add", "fe80::77/64", "dev", "eth0", "nodad")
        scene.host.ip("address", "delete", f"{first}/64", "dev", "eth0")
        wait_until(lambda: sniffer.adverts(source="fe80::77"), 3, what="the other one is the source")
        sniffer.clear()
        scene.host.ip("address", "delete", "fe80::77/64", "dev", "eth0")
        scene.fifo.wait_state("FAULT")
        time.sleep(0.15)
        zeroes = len(sniffer.adverts(priority=0))
        scene.host.ip("address", "add", "fe80::78/64", "dev", "eth0", "nodad")
        scene.fifo.wait_state("MASTER", count=2)
        # The reference says that it sent a priority 0 that nobody sees.
        log = [line for line in said(scene.daemon) if "sent 0" not in line]
        return {"fifo": scene.fifo.lines, "log": log, "zeroes": zeroes,
                "addresses": sorted(scene.host.addresses())}
    both(scenario)


def test_missing_source():
    """Without an address at the start: FAULT until there is one; a configured source needs none"""
    def scenario(lab, binary):
        configuration = instance(priority=200) + instance(
            "SRC", 52, priority=200, lines="mcast_src_ip 10.0.0.77", addresses="10.0.0.101/24")
        scene = Scene(lab, binary, configuration, addresses=())
        scene.fifo.wait_state("MASTER", "SRC")
        before = scene.fifo.lines[:]
        scene.host.ip("address", "add", "10.0.0.1/24", "dev", "eth0")
        scene.fifo.wait_state("MASTER")
        return {"before": before, "fifo": scene.fifo.lines, "log": said(scene.daemon)}
    both(scenario)


@cases(["with", "without"])
def test_deleted(dynamic):
    """The interface is deleted and made anew, with dynamic_interfaces and without"""
    def scenario(lab, binary):
        scene = Scene(
            lab, binary, instance(interface="eth1", addresses="10.2.0.100/24", priority=200)
            + instance("TWO", 52, addresses="10.0.0.100/24") + "static_ipaddress {\n10.4.0.1/24 dev eth1\n}\n",
            prepare=extra("eth1"),
            global_lines="dynamic_interfaces" if dynamic == "with" else "")
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "TWO")
        port = scene.host.ports["eth1"]
        for turn in (1, 2):
            scene.host.ip("link", "delete", "eth1")
            scene.fifo.wait_state("FAULT", count=turn)
            time.sleep(0.1)
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24", "fe80::2:1/64")
            if dynamic == "without":
                time.sleep(0.7)
                break
            scene.fifo.wait_state("MASTER", count=turn + 1)
            scene.wait_address("10.2.0.100", interface="eth1")
        return {"fifo": scene.fifo.lines,
                "addresses": [a for a in scene.host.addresses("eth1") if a != "10.4.0.1"]}
    both(scenario)


def test_missing_at_start():
    """With dynamic_interfaces an interface may come after the start"""
    def scenario(lab, binary):
        scene = Scene(
            lab, binary, instance(interface="eth1", addresses="10.2.0.100/24\nfe80::100", priority=200).replace("\nfe80::100", "")
            + instance("SIX", 61, interface="eth1", addresses="fe80::100\n2001:db8::100/64"),
            global_lines="dynamic_interfaces")
        scene.fifo.wait_state("FAULT")
        scene.fifo.wait_state("FAULT", "SIX")
        lab.add_interface(scene.host, "eth1", "10.2.0.1/24", "fe80::2:1/64")
        sniffer = Sniffer(scene.host, "eth1")
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "SIX")
        wait_until(lambda: sniffer.adverts() and sniffer.adverts(61), 3)
        return {"instance": [line for line in scene.fifo.lines if "VI" in line],
                "six": [line for line in scene.fifo.lines if "SIX" in line],
                "addresses": sorted(scene.host.addresses("eth1"))}
    both(scenario)


def test_hardware_address():
    """Another hardware address under a MASTER's addresses is announced at once"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        sniffer = Sniffer(host)
        daemon = Daemon(host, instance()
                        + instance("V6", 52, addresses="fe80::100/64\n2001:db8::100/64"))
        addresses = ("10.0.0.100", "fe80::100", "2001:db8::100")
        wait_until(lambda: all(host.has(address) for address in addresses), 5)
        wait_until(lambda: all(sniffer.announcements(address) for address in addresses), 5)
        time.sleep(0.3)
        sniffer.clear()
        host.ip("link", "set", "eth0", "address", "02:00:00:00:77:77")
        new = bytes.fromhex("020000007777")
        wait_until(lambda: all(len(sniffer.announcements(address)) == 5 for address in addresses), 3,
                   what="five announcements of each")
        assert all(packet.frame[6:12] == new for address in addresses
                   for packet in sniffer.announcements(address))
        assert daemon.log().count("(eth0) MAC Address changed from ") == 1
        assert daemon.log().count("Entering MASTER STATE") == 2
        assert daemon.stop() == 0


def test_renamed():
    """A renamed interface counts as deleted; with its old name it is used again"""
    def scenario(lab, binary):
        scene = Scene(
            lab, binary, instance(interface="eth1", addresses="10.2.0.100/24", priority=200),
            prepare=extra("eth1"), global_lines="dynamic_interfaces")
        scene.fifo.wait_state("MASTER")
        for command in (("down",), ("name", "ethX"), ("up",)):
            scene.host.ip("link", "set", "eth1" if command != ("up",) else "ethX", *command)
        scene.fifo.wait_state("FAULT")
        time.sleep(0.3)
        away = scene.fifo.lines[:]
        for command in (("down",), ("name", "eth1")):
            scene.host.ip("link", "set", "ethX", *command)
        scene.host.ip("link", "set", "eth1", "up")
        return {"away": away}
    both(scenario)
    with Lab() as lab:
        scene = Scene(
            lab, OURS, instance(interface="eth1", addresses="10.2.0.100/24", priority=200),
            prepare=extra("eth1"), global_lines="dynamic_interfaces")
        scene.fifo.wait_state("MASTER")
        for name, other in (("eth1", "ethX"), ("ethX", "eth1")):
            scene.host.ip("link", "set", name, "down")
            scene.host.ip("link", "set", name, "name", other)
            scene.host.ip("link", "set", other, "up")
            scene.fifo.wait_state("FAULT")
        scene.fifo.wait_state("MASTER", count=2)
        scene.wait_address("10.2.0.100", interface="eth1")


def test_renamed_while_stopped():
    """Going down and its new name are heard together: farewell, no address stays, FAULT"""
    with Lab() as lab:
        scene = Scene(
            lab, OURS, instance(interface="eth1", addresses="10.2.0.100/24", priority=200),
            prepare=extra("eth1"))
        scene.fifo.wait_state("MASTER")
        sniffer = Sniffer(scene.host, "eth1")
        child = scene.daemon.child()
        os.kill(child, signal.SIGSTOP)
        for name, change in (("eth1", ("down",)), ("eth1", ("name", "ethX")), ("ethX", ("up",))):
            scene.host.ip("link", "set", name, *change)
        os.kill(child, signal.SIGCONT)
        scene.fifo.wait_state("FAULT")
        wait_until(lambda: "10.2.0.100" not in scene.host.addresses("ethX"), 2)
        assert "10.2.0.1" in scene.host.addresses("ethX")
        assert sniffer.adverts(priority=0)


@cases(["deleted", "renamed", "moved to another namespace"])
def test_untracked_comes_back(how):
    """A MASTER by unicast that does not track its interface has its addresses there again"""
    with Lab() as lab:
        peer = lab.host("peer", "10.0.0.9/24")
        text = instance(
            interface="eth1", addresses="10.2.0.100/24\n10.2.0.101/24", priority=200,
            lines="dont_track_primary\nunicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.9\n}\n"
            "virtual_ipaddress_excluded {\n10.2.0.102/24\n}")
        scene = Scene(lab, OURS, text, prepare=extra("eth1"))
        scene.fifo.wait_state("MASTER")
        scene.wait_address("10.2.0.102", interface="eth1")
        if how == "deleted":
            scene.host.ip("link", "delete", "eth1")
            time.sleep(0.3)
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24")
        elif how == "renamed":
            for name, change in (("eth1", ("down",)), ("eth1", ("name", "ethX")), ("ethX", ("up",))):
                scene.host.ip("link", "set", name, *change)
            wait_until(lambda: "10.2.0.100" not in scene.host.addresses("ethX"), 2)
            for name, change in (("ethX", ("down",)), ("ethX", ("name", "eth1")), ("eth1", ("up",))):
                scene.host.ip("link", "set", name, *change)
        else:
            scene.host.ip("link", "set", "eth1", "netns", peer.name)
            time.sleep(0.3)
            peer.ip("link", "set", "eth1", "netns", scene.host.name)
            scene.host.ip("link", "set", "eth1", "up")
        for address in ("10.2.0.100", "10.2.0.101", "10.2.0.102"):
            scene.wait_address(address, interface="eth1")
        assert scene.fifo.lines[-1] == 'INSTANCE "VI" MASTER 200'


def test_untracked():
    """dont_track_primary stays MASTER on a dead interface and sends again when it is back"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=200, lines="dont_track_primary"))
        scene.fifo.wait_state("MASTER")
        carrier(lab, scene.host, "eth0", False)
        time.sleep(0.3)
        carrier(lab, scene.host, "eth0", True)
        sniffer = Sniffer(scene.host)
        wait_until(lambda: sniffer.adverts(), 2)
        return scene.fifo.lines, scene.host.has("10.0.0.100")
    both(scenario)


def test_other_interface():
    """An address on another interface makes that one count; no_track frees it"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(
            addresses="10.0.0.100/24\n10.2.0.100/24 dev eth1\n10.3.0.100/24 dev eth2 no_track"),
            prepare=extra("eth1", "eth2"))
        scene.fifo.wait_state("MASTER")
        sniffer = Sniffer(scene.host)
        scene.host.ip("link", "set", "eth2", "down")
        time.sleep(0.3)
        scene.host.ip("link", "set", "eth1", "down")
        scene.fifo.wait_state("FAULT")
        time.sleep(0.1)
        zero = len(sniffer.adverts(priority=0))
        scene.host.ip("link", "set", "eth1", "up")
        scene.fifo.wait_state("MASTER", count=2)
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon), "zero": zero,
                "addresses": [sorted(scene.host.addresses(name)) for name in ("eth0", "eth1", "eth2")]}
    both(scenario)


def test_storm():
    """An interface that flaps a hundred times ends where it should, with a clean kernel"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(priority=200), prepare=extra("eth1"))
        scene.fifo.wait_state("MASTER")
        commands = "\n".join(
            f"link set eth0 {state}" for _ in range(100) for state in ("down", "up"))
        run("ip", "-n", scene.host.name, "-batch", "-", input=commands)
        wait_until(lambda: scene.fifo.lines[-1] == 'INSTANCE "VI" MASTER 200' and scene.host.has("10.0.0.100"),
                   5, what="MASTER after the storm")
        assert scene.daemon.stop() == 0
        assert not scene.host.has("10.0.0.100")


def test_lost_messages():
    """What the kernel said while nobody listened is found out afterwards"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(priority=200, addresses="10.0.0.100/24\n10.3.0.1/24")
                      + instance("B", 52, interface="eth1", addresses="10.2.0.100/24", lines="mcast_src_ip 10.2.0.1"),
                      prepare=extra("eth1"), global_lines="vrrp_netlink_monitor_rcv_bufs 4096")
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "B")
        child = scene.daemon.child()
        os.kill(child, signal.SIGSTOP)
        commands = "".join(f"address add 10.8.{n // 250}.{n % 250 + 1}/32 dev lo\n" for n in range(3000))
        commands += "address delete 10.3.0.1/24 dev eth0\nlink set eth1 down\n"
        commands += "".join(f"address delete 10.8.{n // 250}.{n % 250 + 1}/32 dev lo\n" for n in range(3000))
        run("ip", "-n", scene.host.name, "-batch", "-", input=commands)
        os.kill(child, signal.SIGCONT)
        scene.fifo.wait_state("FAULT", "B")
        scene.fifo.wait_state("MASTER", count=2)
        scene.wait_address("10.3.0.1")
        assert scene.daemon.said("Receive buffer overrun on monitor socket")
        scene.host.ip("link", "set", "eth1", "up")
        scene.fifo.wait_state("MASTER", "B", count=2)


def test_duplicate_detection():
    """A tentative address is no source yet; when it is no longer tentative it is"""
    with Lab() as lab:
        def prepare(scene):
            scene.host.sysctl("net/ipv6/conf/eth0/accept_dad", "1")
            scene.host.ip("address", "flush", "dev", "eth0", "scope", "link")
        scene = Scene(lab, OURS, instance(addresses="fe80::100\n2001:db8::100/64"), prepare=prepare)
        scene.fifo.wait_state("FAULT")
        scene.host.ip("address", "add", "fe80::55/64", "dev", "eth0")
        time.sleep(0.3)
        assert len(scene.fifo.lines) == 1, scene.fifo.lines
        scene.fifo.wait_state("MASTER")


def test_larger_packets():
    """An interface whose MTU grows delivers larger adverts; one that shrinks does no harm"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(priority=100))
        scene.fifo.wait_state("MASTER")
        other = Injector(lab.host("other", "10.0.0.9/24"))
        many = tuple(f"10.1.0.{n}" for n in range(255)) + ("10.0.0.100",)
        for size in ("9000", "1300", "68", "1500"):
            scene.host.ip("link", "set", "eth0", "mtu", size)
            time.sleep(0.15)
        # 2.4.3 accepts other lists of addresses.
        for _ in range(3):
            other.advert(250, addresses=many[:255])
        scene.fifo.wait_state("BACKUP", count=2)
        scene.fifo.wait_state("MASTER", count=2)


@cases(["", "ETHTOOL", "MII", "IOCTL"])
def test_polling(method):
    """linkbeat_interfaces: the link is polled each second, by a method that works"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, f"linkbeat_interfaces {{\neth1 {method}\n}}\n" + instance(
            priority=200, lines="track_interface {\neth1\n}"), prepare=extra("eth1"))
        scene.fifo.wait_state("MASTER")
        for turn, how in enumerate(("carrier", "admin"), 1):
            down_and_up(how, lab, scene.host, "eth1", False)
            scene.fifo.wait_state("FAULT", count=turn)
            down_and_up(how, lab, scene.host, "eth1", True)
            scene.fifo.wait_state("MASTER", count=turn + 1)
        scene.reload(instance(priority=200, lines="track_interface {\neth1\n}"))
        time.sleep(0.3)
        scene.host.ip("link", "set", "eth1", "down")
        scene.fifo.wait_state("FAULT", count=3)
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon, re.compile(
            "Entering|Linkbeat reports|Netlink reports|not supported"))}
    both(scenario)
