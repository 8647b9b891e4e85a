"""Short sequences of misfortunes; what they lead to is compared with the reference line by line."""

import time

from lab import cases, wait_until
from scenario import Injector, Scene, Sniffer, both, group, instance


def ip(*words):
    return lambda scene: scene.host.ip(*words, check=False)


def wait(seconds):
    return lambda _: time.sleep(seconds)


def reload(text):
    return lambda scene: scene.reload(text)


def send(priority, count=1, gap=0.05, **fields):
    def action(scene):
        if not hasattr(scene, "injector"):
            scene.injector = Injector(scene.lab.host("other", "10.0.0.9/24"))
        for _ in range(count):
            scene.injector.advert(priority, **fields)
            time.sleep(gap)
    return action


def add(interface, number):
    return lambda scene: scene.lab.add_interface(
        scene.host, interface, f"10.{number}.0.1/24", f"fe80::{number}:1/64")


ONE = instance(priority=200)
PAIR = group("G", ["VI", "B"]) + ONE + instance("B", 52, 100, interface="eth1", addresses="10.2.0.100/24")
NEAR = group("G", ["VI", "B"]) + ONE + instance("B", 52, 100, addresses="10.0.0.101/24")
UNICAST = "unicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.9\n}"
SECOND = instance(priority=200, interface="eth1", addresses="10.2.0.100/24") + instance("B", 52, 100)
ETH1, ETH9 = add("eth1", 2), add("eth9", 9)
DOWN = [ip("link", "set", "eth0", "down"), wait(0.25), ip("link", "set", "eth0", "up")]

# name: (configuration, global lines, before the start, steps); the last step leaves time to settle.
SEQUENCES = {
    "all IPv6 addresses flushed": (
        instance(priority=200, addresses="fe80::100\n2001:db8::100/64"), "", None,
        [wait(0.6), ip("-6", "address", "flush", "dev", "eth0"), wait(0.6),
         ip("address", "add", "fe80::1/64", "dev", "eth0", "nodad"), wait(0.8)]),
    "address on an interface to come": (
        instance(priority=200, addresses="10.0.0.100/24\n10.9.0.100/24 dev eth9"), "dynamic_interfaces", None,
        [wait(0.4), ETH9, wait(0.8), ip("link", "delete", "eth9"), wait(0.5), ETH9, wait(0.8)]),
    "tracked interface to come": (
        instance(lines="notify_priority_changes\ntrack_interface {\neth9 weight 20\n}"), "dynamic_interfaces", None,
        [wait(0.5), ETH9, wait(0.4), ip("link", "set", "eth9", "down"), wait(0.3), ip("link", "set", "eth9", "up"),
         wait(0.3), ip("link", "delete", "eth9"), wait(0.4), ETH9, wait(0.4)]),
    "negatively tracked interface to come": (
        instance(lines="notify_priority_changes\ntrack_interface {\neth9 weight -20\n}"), "dynamic_interfaces", None,
        [wait(0.5), ETH9, wait(0.4), ip("link", "set", "eth9", "down"), wait(0.3), ip("link", "set", "eth9", "up"),
         wait(0.3)]),
    "slower master": (instance(), "", None, [wait(0.6), send(200, 3, interval=50), wait(2.6)]),
    "faster master": (instance(interval=1), "", None, [send(200, 30, 0.02, interval=5), wait(1.3)]),
    "backup goes down": (instance(priority=50), "", None, [send(200, 6), *DOWN, send(200, 10), wait(0.8)]),
    "nopreempt after a fault": (
        instance(priority=200, lines="nopreempt"), "", None,
        [wait(0.6), *DOWN, send(100, 12), send(0), wait(0.5)]),
    "member without source": (
        PAIR, "", ETH1,
        [wait(0.8), ip("address", "delete", "10.2.0.1/24", "dev", "eth1"), wait(0.4),
         ip("address", "add", "10.2.0.7/24", "dev", "eth1"), wait(0.9)]),
    "reload without interface": (
        SECOND, "dynamic_interfaces", ETH1,
        [wait(0.7), ip("link", "delete", "eth1"), wait(0.3), reload(SECOND.replace("priority 200", "priority 210")),
         wait(0.4), ETH1, wait(0.9)]),
    "unicast source goes": (
        instance(priority=200, lines=UNICAST), "", None,
        [wait(0.6), ip("address", "delete", "10.0.0.1/24", "dev", "eth0"), wait(0.5),
         ip("address", "add", "10.0.0.1/24", "dev", "eth0"), wait(0.6)]),
    "static addresses": (
        "static_ipaddress {\n10.4.0.1/24 dev eth1\n2001:db8:4::1/64 dev eth1\n}\n" + ONE, "dynamic_interfaces", ETH1,
        [wait(0.6), ip("link", "set", "eth1", "down"), wait(0.2), ip("link", "set", "eth1", "up"), wait(0.3),
         ip("address", "flush", "dev", "eth1"), wait(0.3)]),
    "excluded IPv6 address": (
        instance(priority=200, lines="virtual_ipaddress_excluded {\n2001:db8:3::1/64\n}"), "", None,
        [wait(0.6), *DOWN, wait(0.8)]),
    "address elsewhere": (
        instance(priority=200, addresses="10.0.0.100/24\n10.2.0.100/24 dev eth1"), "", ETH1,
        [wait(0.6), ip("address", "delete", "10.2.0.100/24", "dev", "eth1"), wait(0.5),
         ip("address", "delete", "10.2.0.1/24", "dev", "eth1"), wait(0.5)]),
    "reloads at once": (
        ONE, "", None,
        [reload(instance(priority=210)), wait(0.9), reload(instance(priority=210, lines="nopreempt")), wait(0.3)]),
    "group in and out": (
        NEAR, "", None,
        [wait(0.8), reload(group("G", ["VI"]) + ONE), wait(0.5), reload(NEAR), wait(1), reload(ONE), wait(0.4)]),
    "other version": (
        ONE, "", None,
        [wait(0.6), reload(instance(priority=200, version=2, interval=1)), wait(0.7), reload(ONE), wait(0.5)]),
    "primary among virtual addresses": (
        instance(priority=200, addresses="10.5.0.100/24\n10.5.0.101/24"), "", None,
        [wait(0.6), ip("address", "delete", "10.5.0.100/24", "dev", "eth0"), wait(0.5)]),
    "other hardware address": (
        ONE, "", None, [wait(0.6), ip("link", "set", "eth0", "address", "02:11:22:33:44:55"), wait(0.3)]),
}


@cases(list(SEQUENCES))
def test_sequence(name):
    """What a sequence of events leads to is what it leads to with the reference"""
    def scenario(lab, binary):
        configuration, global_lines, prepare, steps = SEQUENCES[name]
        scene = Scene(lab, binary, configuration, global_lines=global_lines, prepare=prepare)
        sniffer = Sniffer(scene.host)
        interfaces = ("eth0", "eth1", "eth9")
        # The steps begin when it has started.
        wait_until(lambda: scene.fifo.lines, 3)
        for step in steps:
            step(scene)
        result = {"fifo": scene.fifo.lines, "zero": [len(sniffer.adverts(n, priority=0)) for n in (51, 52)],
                  "addresses": [sorted(scene.host.addresses(name)) for name in interfaces]}
        scene.daemon.stop()
        return result | {"left": [sorted(scene.host.addresses(name)) for name in interfaces]}
    both(scenario)
