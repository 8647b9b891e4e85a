"""VMACs: the links, addresses and settings of the kernel beside the reference, step by step."""

import contextlib
import re
import subprocess

from data_plane import (Scenario, all_of, command, compare, interface, ip, kill_and_start, known_hardware_address,
                        master, reload, stop, sysctl)
from lab import Daemon, Lab, OURS, Probe, cases, wait_until
from scenario import Scene, Sniffer, both, globals_, instance

# Scenarios whose packet filters differ: those of IPv6 have more than with 2.2.7, and one of IPv4 is
# a new one's, whoever made it, and goes when it does. `test_firewall` and FilterKernelTests judge them.
OTHER_FILTERS = {
    "IPv6", "both families with one VRID", "vmac_xmit_base", "killed IPv6", "deleted IPv6", "down and up IPv6",
    "its own under another name", "of another parent", "gains and loses it", "addresses stay"}


def one(lines="use_vmac", name="VI", vrid=51, addresses="10.0.0.100/24", **others):
    return instance(name, vrid, 200, lines=lines, addresses=addresses, **others)


IPV4 = one()
IPV6 = one(addresses="fe80::100\n2001:db8::100/64")


def scenario(configuration, *steps, **others):
    return Scenario(configuration, [("master", master), *steps], **others)


# ---- What is better than with the reference (doc/differences.md)

def has(*patterns):
    """Each pattern is found in a line."""
    return lambda lines: all(any(re.search(pattern, line) for line in lines) for pattern in patterns)


def parent_restored(*parents):
    """The settings of parents are what they were, and no VMAC is left."""
    wanted = [f"ipv4/conf/{parent}/{name}:0" for parent in parents or ("eth0",)
              for name in ("arp_ignore", "arp_filter")]
    return lambda lines: all(line in lines for line in wanted) and not any("vrrp" in line for line in lines)


RESTORED = {("stop", "settings"): parent_restored()}


# 2.2.7 leaves arp_ignore of a VMAC for IPv6 alone; 2.4.3 sets it.
ARP_OF_IPV6 = r"^ipv4/conf/vrrp[\d.]*/arp_ignore:"


# ---- What is there before the start

def macvlan(name, address="00:00:5e:00:01:33", parent="eth0", mode="private", up=True):
    def action(scene):
        scene.host.ip("link", "add", name, "link", parent, "address", address, "type", "macvlan", "mode", mode)
        # As the daemon leaves it.
        scene.host.ip("link", "set", name, "addrgenmode", "none")
        if up:
            scene.host.ip("link", "set", name, "up")
    return action


def bridge(name, port):
    def action(scene):
        interface(port, 7)(scene)
        scene.host.ip("link", "add", name, "address", "02:00:00:00:00:0b", "type", "bridge", "mcast_snooping", "0")
        scene.host.ip("link", "set", port, "master", name)
        scene.host.ip("link", "set", name, "up")
        scene.host.ip("address", "add", "10.8.0.1/24", "dev", name)
        known_hardware_address(scene.host, name, 11)
    return action


def lower_macvlan(scene):
    macvlan("mv0", "02:00:00:00:00:0c", mode="bridge")(scene)
    scene.host.ip("address", "add", "10.8.0.1/24", "dev", "mv0")


def rename(old, new):
    return all_of(ip("link", "set", old, "down"), ip("link", "set", old, "name", new))


def wait_again(scene):
    scene.fifo.wait_state("MASTER", count=2)


def wait_for_ours(scene):
    """The reference 2.2.7 stays at fault."""
    with contextlib.suppress(TimeoutError):
        scene.fifo.wait_state("MASTER", count=2, timeout=4)


def mended_ipv6(label):
    return {(label, "addresses"): has(r"^vrrp.51 .*fe80::1\"", r"^vrrp.51 .*fe80::100\"", "^vrrp.51 .*2001:db8::100"),
            (label, "fifo"): lambda lines: lines[-1] == 'INSTANCE "VI" MASTER 200'}


SCENARIOS = {
    # What the words of use_vmac say.
    "IPv4": scenario(IPV4, deliberate=RESTORED),
    "IPv6": scenario(IPV6, ignored=ARP_OF_IPV6),
    "names, groups and addresses": scenario(
        one("use_vmac vmac0") + one("use_vmac 02:11:22:33:44:55", "B", 52, "10.0.0.101/24")
        + one("use_vmac 02:11:22:33:44:", "C", 53, "10.0.0.102/24"), deliberate=RESTORED),
    # 2.2.7 knows no group.
    "group": scenario(one("use_vmac vmac0 group 7 netlink_notify_msg"), deliberate=RESTORED | {
        ("master", "addresses"): has('^link .*"group": "7", "ifname": "vmac0"', r"^vmac0 .*10\.0\.0\.100",
                                     '"group": "default", "ifname": "eth0"')}),
    "prefixes": scenario(
        one("use_vmac\nuse_vmac_addr", addresses="10.0.0.100/24\n10.7.0.100/24 dev eth1"),
        prepare=interface("eth1", 7), global_lines="vmac_prefix a_long_vmac_prefix\nvmac_addr_prefix kva",
        deliberate={("stop", "settings"): parent_restored("eth0", "eth1")}),
    "both families with one VRID": scenario(
        IPV4 + one(name="B", addresses="fe80::101\n2001:db8::101/64"), ignored=ARP_OF_IPV6, deliberate=RESTORED),
    # Where adverts and addresses go.
    "vmac_xmit_base": scenario(
        one("use_vmac\nvmac_xmit_base") + one(
            "use_vmac\nvmac_xmit_base", "B", 52, "fe80::101\n2001:db8::101/64"),
        ignored=ARP_OF_IPV6, deliberate=RESTORED),
    "use_vmac of addresses": scenario(
        one("", addresses="10.0.0.100/24 use_vmac\n10.0.0.102/24\n10.7.0.100/24 dev eth1 use_vmac"),
        prepare=interface("eth1", 7), deliberate={("stop", "settings"): parent_restored("eth0", "eth1")}),
    "use_vmac of IPv6 addresses": scenario(
        one("", addresses="fe80::100 use_vmac\n2001:db8::100/64 dev eth1 use_vmac"),
        prepare=interface("eth1", 7), ignored=ARP_OF_IPV6),
    "over a bridge": scenario(one(interface="br5"), prepare=bridge("br5", "eth5"),
                              deliberate={("stop", "settings"): parent_restored("br5")}),
    "over a macvlan": scenario(one(interface="mv0"), prepare=lower_macvlan, deliberate=RESTORED),
    # What is there already.
    "killed": scenario(IPV4, ("killed", all_of(kill_and_start, wait_again))),
    "killed IPv6": scenario(IPV6, ("killed", all_of(kill_and_start, wait_again)), ignored=ARP_OF_IPV6),
    "its own under another name": scenario(one("use_vmac one"), prepare=macvlan("two")),
    "of another parent": scenario(
        one("use_vmac one"), prepare=all_of(interface("eth1", 7), macvlan("one", parent="eth1")),
        deliberate=RESTORED),
    "with another address": scenario(one("use_vmac one"), prepare=macvlan("one", "02:00:00:00:00:77"),
                                     deliberate=RESTORED),
    "the standard name is taken": scenario(
        IPV4, prepare=command(
            "ip", "link", "add", "vrrp.51", "address", "02:00:00:00:00:0d", "type", "bridge"), deliberate={
            ("stop", "settings"): has("ipv4/conf/eth0/arp_ignore:0", "ipv4/conf/eth0/arp_filter:0")}),
    # What others do.
    "deleted": scenario(IPV4, ("deleted", all_of(ip("link", "delete", "vrrp.51"), wait_again)), deliberate=RESTORED),
    "deleted IPv6": scenario(IPV6, ("deleted", all_of(ip("link", "delete", "vrrp.51"), wait_for_ours)),
                             ignored=ARP_OF_IPV6, deliberate=mended_ipv6("deleted")),
    "down and up": scenario(
        IPV4, ("down", ip("link", "set", "vrrp.51", "down")),
        ("up", all_of(ip("link", "set", "vrrp.51", "up"), wait_again)), deliberate=RESTORED),
    "down and up IPv6": scenario(
        IPV6, ("down", ip("link", "set", "vrrp.51", "down")),
        ("up", all_of(ip("link", "set", "vrrp.51", "up"), wait_for_ours)),
        ignored=ARP_OF_IPV6, deliberate=mended_ipv6("up")),
    "moved to another namespace": scenario(
        IPV4, ("moved", all_of(lambda scene: scene.host.ip("link", "set", "vrrp.51", "netns", scene.lab.lan.name),
                               wait_again)), deliberate=RESTORED),
    "parent down and up": scenario(
        IPV4, ("down", ip("link", "set", "eth0", "down")),
        ("up", all_of(ip("link", "set", "eth0", "up"), wait_again)), deliberate=RESTORED),
    "parent gone and back": scenario(
        one(interface="eth1"), ("gone", ip("link", "delete", "eth1")),
        ("back", all_of(interface("eth1", 7), wait_again)), prepare=interface("eth1", 7),
        global_lines="dynamic_interfaces", deliberate={("stop", "settings"): parent_restored("eth1")}),
    "a parent that comes later": Scenario(
        one(interface="eth1"),
        [("absent", lambda scene: scene.fifo.wait_state("FAULT")), ("came", all_of(interface("eth1", 7), master))],
        global_lines="dynamic_interfaces",
        deliberate={("stop", "settings"): parent_restored("eth1")}),
    # Reload.
    "gains and loses it": scenario(
        one(""), ("gained", all_of(reload(IPV4), wait_again)),
        ("lost", all_of(reload(one("")), lambda scene: scene.fifo.wait_state("MASTER", count=3))),
        deliberate=RESTORED | {("lost", "settings"): parent_restored()}),
    "one comes and goes": scenario(
        IPV4, ("came", reload(IPV4 + one(name="B", vrid=52, addresses="10.0.0.101/24"))),
        ("went", reload(IPV4)), deliberate=RESTORED),
    "addresses come and go": scenario(
        IPV4, ("came", reload(one(addresses="10.0.0.100/24\n10.0.0.101/24"))),
        ("went", reload(one(addresses="10.0.0.101/24"))), deliberate=RESTORED),
    # Settings, and the end.
    "rp_filter": scenario(
        IPV4, prepare=all_of(sysctl("net/ipv4/conf/all/rp_filter", "2"), sysctl("net/ipv4/conf/default/rp_filter", "1")),
        deliberate=RESTORED),
    "the parent has its settings": scenario(
        IPV4, prepare=all_of(sysctl("net/ipv4/conf/eth0/arp_ignore", "1"), sysctl("net/ipv4/conf/eth0/arp_filter", "1"))),
    "addresses stay": scenario(IPV4, ("stop", stop), arguments=("-V",)),
    # Better on purpose.
    "renamed": scenario(
        IPV4, ("renamed", rename("vrrp.51", "stolen")), deliberate={
            ("renamed", "addresses"): lambda lines: has(r"^vrrp.51 .*10\.0\.0\.100")(lines) and not has("stolen")(lines),
            ("renamed", "settings"): has("ipv4/conf/vrrp.51/accept_local:1"),
            ("stop", "addresses"): lambda lines: not has("stolen")(lines),
        } | RESTORED),
    "another name": scenario(
        IPV4, ("named", reload(one("use_vmac two"))), deliberate={
            ("named", "addresses"): lambda lines: has(r"^two .*10\.0\.0\.100")(lines) and not has(r"vrrp\.51")(lines)}
        | RESTORED),
}


@cases(list(SCENARIOS))
def test_vmac(name):
    """The kernel holds what it holds with the reference, after each step"""
    compare(SCENARIOS[name]._replace(without=("nftables",) if name in OTHER_FILTERS else ()))


# ---- Packets

VIRTUAL4, VIRTUAL6 = bytes.fromhex("00005e000133"), bytes.fromhex("00005e000233")


@cases([("IPv4", VIRTUAL4, "10.0.0.1"), ("IPv6", VIRTUAL6, "fe80::1")])
def test_senders(case):
    """Adverts leave with the virtual MAC address, or with vmac_xmit_base with the parent's; announcements always"""
    name, virtual, source = case
    addresses = "10.0.0.100/24" if name == "IPv4" else "fe80::100\n2001:db8::100/64"
    own = bytes.fromhex("020000000001")
    for lines, sender in (("use_vmac", virtual), ("use_vmac\nvmac_xmit_base", own)):
        def play(lab, binary):
            scene = Scene(lab, binary, one(lines, addresses=addresses),
                          prepare=lambda scene: known_hardware_address(scene.host, "eth0", 1))
            sniffer = Sniffer(scene.host)
            scene.fifo.wait_state("MASTER")
            wait_until(lambda: len(sniffer.adverts()) > 2 and len(sniffer.announcements(address)) > 4, 3,
                       what="adverts and announcements")
            adverts, announced = sniffer.adverts(), sniffer.announcements(address)
            scene.daemon.stop()
            assert sniffer.adverts(priority=0), "the farewell leaves by the VMAC too"
            return {"adverts": sorted({(p.frame[6:12].hex(), p.source) for p in adverts}),
                    "announcements": sorted({p.frame[6:12].hex() for p in announced}),
                    # The body of a neighbour advertisement and of an ARP message.
                    "bodies": sorted({p.frame[14:].hex() for p in announced})}
        address = addresses.split("\n")[-1].split("/")[0]
        seen = both(play)
        assert seen["adverts"] == [(sender.hex(), source)], seen
        assert seen["announcements"] == [virtual.hex()], seen


@cases(["10.0.0.100", "2001:db8::100"])
def test_neighbour(address):
    """A client keeps what its neighbour table says of the address when another router takes over"""
    with Lab() as lab:
        addresses = "10.0.0.100/24" if "." in address else "fe80::100\n2001:db8::100/64"
        virtual = "00:00:5e:00:01:33" if "." in address else "00:00:5e:00:02:33"
        routers = [lab.host(name, f"10.0.0.{number}/24", f"2001:db8::{number}/64")
                   for number, name in enumerate(("one", "two"), 1)]
        client = lab.host("client", "10.0.0.9/24", "2001:db8::9/64")
        daemons = [Daemon(router, globals_() + instance(priority=200 - number, lines="use_vmac", addresses=addresses),
                          OURS, (), name=f"daemon{number}") for number, router in enumerate(routers)]
        wait_until(lambda: routers[0].has(address, "vrrp.51"), 5, what="the first is MASTER")
        probe = Probe(client, address, routers)
        wait_until(lambda: probe.holder == "one", 5, what="the first one answers")

        def neighbour():
            return re.findall(r"lladdr (\S+)", client.ip("neighbour", "show", address))

        assert neighbour() == [virtual], neighbour()
        changes = client.start("ip", "monitor", "neigh", stdout=subprocess.PIPE, text=True)
        daemons[0].crash()
        lab.cut(routers[0])
        wait_until(lambda: routers[1].has(address, "vrrp.51"), 5, what="the second is MASTER")
        wait_until(lambda: probe.holder == "two", 5, what="the second one answers")
        assert neighbour() == [virtual], neighbour()
        changes.terminate()
        told = changes.stdout.read()
        assert not re.findall(rf"{re.escape(address)} .*lladdr (?!{virtual})", told), told
