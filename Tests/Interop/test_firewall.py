"""Packets that are filtered for virtual routers, beside the reference, after each step."""

import errno
import os
import socket

from data_plane import (
    Scenario, all_of, command, compare, interface, ip, kill_and_start, master, reload, settled, state, stop)
from lab import OURS, Lab, cases, wait_until
from scenario import Scene, instance

WHOLE = "nftables\n"


def refusing(addresses="10.0.0.100/24\n10.0.0.101", lines="", **more):
    return instance(priority=200, lines=f"no_accept\n{lines}", addresses=addresses, **more)


def accepting(**more):
    return instance(priority=200, lines="accept", **more)


def of(family, word):
    """There is a table of the family, with the word in it."""
    return lambda lines: any(f'"family": "{family}"' in line and word in line for line in lines)


def nothing(lines):
    return not lines


MASTER = ("master", master)
EXCLUDED = "virtual_ipaddress_excluded {\n2001:db8::100/64\n}"
SIX = "2001:db8::100\n2001:db8::101/64"
LOCAL = "fe80::100\nfe80::101 dev eth1\nfe80::102 dev eth1 no_track\n2001:db8::100"
TWO = instance(name="VJ", vrid=52, priority=200, addresses="10.0.0.200", lines="no_accept")


def second(scene):
    interface("eth1", 2)(scene)


SCENARIOS = {
    "IPv4": Scenario(refusing(), [MASTER]),
    "IPv6": Scenario(refusing(SIX), [MASTER]),
    "link-local addresses, on other interfaces": Scenario(refusing(LOCAL), [MASTER], prepare=second),
    "link-local addresses of a primary interface that is not tracked": Scenario(
        refusing(LOCAL, "dont_track_primary"), [MASTER], prepare=second),
    "the same by index, with counters, a name and a priority": Scenario(
        refusing(LOCAL, "dont_track_primary"), [MASTER], prepare=second,
        global_lines="nftables mytab\nnftables_priority 5\nnftables_ifindex\nnftables_counters"),
    "addresses of both families": Scenario(
        refusing(lines="virtual_ipaddress_excluded {\n2001:db8::100\n10.0.0.102\n}"), [MASTER]),
    "an owner": Scenario(refusing(lines="priority 255"), [MASTER]),
    "strict": Scenario(instance(priority=200, lines="strict_mode on", version=3), [MASTER]),
    "down and up": Scenario(
        refusing() + TWO,
        [MASTER, ("down", ip("link", "set", "eth0", "down")), ("up", ip("link", "set", "eth0", "up"))]),
    "addresses that change": Scenario(
        refusing(), [MASTER, ("changed", reload(refusing("10.0.0.100/24\n10.0.0.103")))]),
    "refusing at a reload, then accepting": Scenario(
        accepting(), [MASTER, ("refusing", reload(refusing("10.0.0.100/24"))), ("accepting", reload(accepting()))],
        deliberate={("accepting", "nftables"): nothing, ("stop", "nftables"): nothing}),
    "another priority, and counters": Scenario(
        refusing(), [MASTER, ("changed", reload(refusing(), "nftables\nnftables_priority 7\nnftables_counters"))],
        global_lines=WHOLE,
        deliberate={("changed", "nftables"):
                    lambda lines: of("ip", '"prio": 7')(lines) and of("ip", '"counter"')(lines)}),
    "killed": Scenario(
        refusing(SIX) + TWO, [MASTER, ("killed", all_of(kill_and_start, master))]),
    "a foreign table beside ours": Scenario(
        refusing(), [MASTER],
        prepare=lambda scene: scene.host.run("nft", "add table ip other; add chain ip other in")),
    "flushed by hand": Scenario(
        refusing(), [MASTER, ("flushed", command("nft", "flush", "ruleset"))],
        deliberate={("flushed", "nftables"): of("ip", "10.0.0.101")}),
    "addresses that are kept": Scenario(
        refusing(), [MASTER], arguments=("--dont-release-vrrp",),
        deliberate={("stop", "nftables"): of("ip", "10.0.0.101")}),
}


@cases(list(SCENARIOS))
def test_kernel_state(name):
    """The kernel filters what it filters with the reference, after each step"""
    compare(SCENARIOS[name])


def answer(host, address):
    """What a host gets that asks for a port where nobody listens."""
    with host.inside():
        asking = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    with asking:
        asking.settimeout(0.3)
        try:
            return errno.errorcode[asking.connect_ex((address, 9))]
        except TimeoutError:
            return "nothing"


def test_dropped():
    """Nobody reaches an address that is not accepted, until it is, and others all the time"""
    with Lab() as lab:
        client = lab.host("two", "10.0.0.2/24", "2001:db8::2/64")
        scene = Scene(lab, OURS, refusing(lines=EXCLUDED))
        master(scene)
        scene.wait_address("2001:db8::100")
        for address in ("10.0.0.100", "2001:db8::100"):
            assert answer(client, address) in ("EAGAIN", "nothing"), address
        for address in ("10.0.0.1", "2001:db8::1"):
            assert answer(client, address) == "ECONNREFUSED", address
        scene.reload(instance(priority=200, lines=f"accept\n{EXCLUDED}"))
        for address in ("10.0.0.100", "2001:db8::100"):
            wait_until(lambda: answer(client, address) == "ECONNREFUSED", 3, what=address)


# ---- iptables, which the reference of Debian is built without

IPTABLES = {"with sets": "vrrp_iptables", "of its own chains": "vrrp_iptables IN OUT\nvrrp_ipsets one two6",
            "without sets": "vrrp_iptables\nvrrp_ipsets"}
RULES = {
    "with sets": {
        "-A INPUT -m set --match-set keepalived dst -j DROP",
        "-A OUTPUT -m set --match-set keepalived src -j DROP",
        "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m set --match-set keepalived_if6 dst,src -j ACCEPT",
        "-A OUTPUT -m set --match-set keepalived6 src -j DROP", "add keepalived 10.0.0.100",
        "add keepalived6 2001:db8::100", "add keepalived_if6 fe80::100,eth0"},
    "of its own chains": {
        "-A IN -m set --match-set one dst -j DROP", "-A OUT -m set --match-set two_if6 src,dst -j DROP",
        "add one 10.0.0.100", "add two6 2001:db8::100", "add two_if6 fe80::100,eth0"},
    "without sets": {
        "-A INPUT -d 10.0.0.100/32 -j DROP", "-A OUTPUT -s 10.0.0.100/32 -j DROP",
        "-A INPUT -d 2001:db8::100/128 -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT",
        "-A INPUT -d 2001:db8::100/128 -j DROP", "-A OUTPUT -s fe80::100/128 -o eth0 -j DROP"},
}
TOOLS = ("iptables", "ip6tables")


def legacy(lab):
    """Makes `iptables` the program of the old kind."""
    for name in TOOLS:
        os.symlink(f"/usr/sbin/{name}-legacy", os.path.join(lab.directory, name))
    os.environ["PATH"] = f"{lab.directory}:{os.environ['PATH']}"


def filters(host, read=settled):
    """The rules and the elements; the order of matches is the tools' own."""
    seen = read(host, ("iptables", "ipset"))
    return [line for part in ("iptables", "ipset") for line in seen[part] if line.startswith(("-A", "add", "create"))]


@cases(list(IPTABLES))
def test_iptables(name):
    """iptables filters as it is configured, after a kill no more than before, and nothing after the stop"""
    before = []

    def prepare(scene):
        for tool in TOOLS if "IN OUT" in IPTABLES[name] else ():
            for chain in ("IN", "OUT"):
                scene.host.run(tool, "-N", chain)
            # The chains of the two families are told apart by it.
            scene.host.run(tool, "-A", "INPUT", "-i", "eth0" if tool == "iptables" else "eth+", "-j", "IN")
        scene.host.run("iptables", "-A", "INPUT", "-s", "192.0.2.1", "-j", "DROP")
        before.extend(filters(scene.host, state))

    with Lab() as lab:
        legacy(lab)
        client = lab.host("two", "10.0.0.2/24", "2001:db8::2/64")
        excluded = "virtual_ipaddress_excluded {\n2001:db8::100/64\nfe80::100\n}"
        scene = Scene(lab, OURS, refusing("10.0.0.100/24", excluded), prepare=prepare,
                      global_lines=IPTABLES[name])
        master(scene)
        scene.wait_address("2001:db8::100")
        during = filters(scene.host)
        assert RULES[name] <= set(during), "\n".join(during)
        assert len(during) == len(set(during)), during
        for address in ("10.0.0.100", "2001:db8::100"):
            assert answer(client, address) in ("EAGAIN", "nothing"), address
        assert not scene.daemon.said("error"), scene.daemon.log()
        all_of(kill_and_start, lambda scene: scene.fifo.wait_state("MASTER", count=2))(scene)
        assert filters(scene.host) == during
        stop(scene)
        assert any("192.0.2.1" in line for line in before)
        assert filters(scene.host) == before


def test_iptables_of_nftables():
    """An iptables that writes to nftables is not used; neither is a chain that is not there"""
    with Lab() as lab:
        os.symlink("/usr/sbin/iptables-nft", os.path.join(lab.directory, "iptables"))
        os.environ["PATH"] = f"{lab.directory}:{os.environ['PATH']}"
        scene = Scene(lab, OURS, refusing(), global_lines="vrrp_iptables")
        master(scene)
        assert scene.daemon.said("Not using iptables since iptables uses nf_tables")
        assert of("ip", "10.0.0.101")(settled(scene.host)["nftables"])
    with Lab() as lab:
        legacy(lab)
        scene = Scene(lab, OURS, refusing(), global_lines="vrrp_iptables NONE")
        master(scene)
        assert scene.daemon.said("iptables chain NONE doesn't exist")
        assert not filters(scene.host)
