"""Short sequences of misfortunes; what they lead to is compared with the reference line by line."""

import time

from lab import cases, wait_until
from scenario import Injector, Scene, Sniffer, both, group, instance


def ip(*words):
    return lambda scene: scene.host.ip(*words, check=False)


def wait(seconds):
    return lambda _: time.sleep(seconds)


def reload(text):
    return lambda scene: scene.reload(text.replace("@directory@", scene.lab.directory))


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
        [wait(0.8), reload(group("G", ["VI"]) + ONE), wait(0.5), reload(ONE), wait(0.4)]),
    "other version": (
        ONE, "", None,
        [wait(0.6), reload(instance(priority=200, version=2, interval=1)), wait(0.7), reload(ONE), wait(0.5)]),
    "primary among virtual addresses": (
        instance(priority=200, addresses="10.5.0.100/24\n10.5.0.101/24"), "", None,
        [wait(0.6), ip("address", "delete", "10.5.0.100/24", "dev", "eth0"), wait(0.5)]),
    "other hardware address": (
        ONE, "", None, [wait(0.6), ip("link", "set", "eth0", "address", "02:11:22:33:44:55"), wait(0.3)]),
}

NOTIFIED = "notify_priority_changes\n"
BAD = """vrrp_script bad {
  script "@directory@/bad"
  interval 1
}
"""
FILE = """track_file number {
  file @directory@/number
  weight 1
}
"""


def files(scene):
    """A script that fails, a file to track, a second interface."""
    scene.script("bad", "#!/bin/sh\nexit 1\n")
    put(0)(scene)
    ETH1(scene)


def put(value):
    def action(scene):
        with open(f"{scene.lab.directory}/number", "w") as file:
            file.write(f"{value}\n")
    return action


def track(kind, name):
    return f"track_{kind} {{\n{name}\n}}\n"


def pair(lines="", first=""):
    return group("G", ["VI", "B"], lines) + instance(priority=200, lines=first) \
        + instance("B", 52, 100, addresses="10.0.0.101/24", lines=first)


def vip(*addresses):
    return instance(priority=200, addresses="\n".join(addresses))


SEQUENCES |= {
    "script of a group fails from the start": (BAD + pair(track("script", "bad")), "", files, [wait(1)]),
    "script of a member fails from the start": (
        BAD + group("G", ["VI", "B"]) + instance(priority=200, lines=track("script", "bad"))
        + instance("B", 52, 100, addresses="10.0.0.101/24"), "", files, [wait(1)]),
    "failing script comes and goes": (
        ONE, "", files,
        [wait(0.6), reload(BAD + instance(priority=200, lines=track("script", "bad"))), wait(0.8), reload(ONE),
         wait(0.8)]),
    "weighted file of a group": (
        FILE + pair(track("file", "number"), NOTIFIED), "", files,
        [wait(0.8), put(10), wait(0.2), put(-254), wait(0.4), put(3), wait(0.9)]),
    "interface down while a weighted file is a fault": (
        FILE + instance(lines=NOTIFIED + track("file", "number")), "", files,
        [wait(0.6), put(20), wait(0.3), put(-254), wait(0.3), *DOWN, wait(0.3), put(0), wait(0.8)]),
    "weighted interface of a group": (
        pair(track("interface", "eth1 weight 20"), NOTIFIED), "", files,
        [wait(0.8), ip("link", "set", "eth1", "down"), wait(0.4), ip("link", "set", "eth1", "up"), wait(0.5)]),
    "preempt_delay interrupted": (
        instance(priority=200, lines="preempt_delay 1"), "", None,
        [send(100, 8), send(200, 2, source="10.0.0.200"), send(100, 16), wait(0.8)]),
    "preempt_delay of a group": (
        pair(first="preempt_delay 1"), "", None, [send(100, 22), wait(1)]),
    "lower and last adverts to a group": (
        pair(), "", None, [wait(0.8), send(50, 2), wait(0.2), send(0, 2), wait(0.3)]),
    "owner by reload": (
        ONE, "", None, [wait(0.6), reload(instance(priority=255)), wait(0.3), reload(instance(priority=50)), wait(0.5)]),
    "reload while down": (
        ONE, "", None,
        [wait(0.6), ip("link", "set", "eth0", "down"), wait(0.2), reload(instance(priority=210)), wait(0.3),
         ip("link", "set", "eth0", "up"), wait(0.7)]),
    "address changes its looks": (
        ONE, "", ETH1,
        [wait(0.6), reload(vip("10.0.0.100/25")), wait(0.4), reload(vip("10.0.0.100/25 label eth0:a")), wait(0.4),
         reload(vip("10.0.0.100/24 dev eth1")), wait(0.4), reload(ONE), wait(0.4)]),
    "names change places": (
        instance("VI", 51, 200) + instance("B", 52, 100, addresses="10.0.0.101/24"), "", None,
        [wait(0.7), reload(instance("B", 51, 200) + instance("VI", 52, 100, addresses="10.0.0.101/24")), wait(0.6)]),
    "other VRID": (ONE, "", None, [wait(0.6), reload(instance(vrid=52, priority=200)), wait(0.9)]),
    "track_group": (
        "track_group TG {\ngroup {\nVI\n}\n}\nstatic_ipaddress {\n10.4.0.1/24 dev eth1 track_group TG\n}\n" + ONE,
        "", ETH1,
        [wait(0.6), ip("address", "delete", "10.4.0.1/24", "dev", "eth1"), wait(0.4),
         ip("link", "set", "eth1", "down"), wait(0.4), ip("link", "set", "eth1", "up"), wait(0.7)]),
}


@cases(list(SEQUENCES))
def test_sequence(name):
    """What a sequence of events leads to is what it leads to with the reference"""
    def scenario(lab, binary):
        configuration, global_lines, prepare, steps = SEQUENCES[name]
        configuration = configuration.replace("@directory@", lab.directory)
        scene = Scene(lab, binary, configuration, global_lines=global_lines, prepare=prepare)
        sniffer = Sniffer(scene.host)
        interfaces = ("eth0", "eth1", "eth9")
        # The steps begin when it has started.
        wait_until(lambda: scene.daemon.said("Startup complete"), 3)
        for step in steps:
            step(scene)
        result = {"fifo": scene.fifo.lines, "zero": [len(sniffer.adverts(n, priority=0)) for n in (51, 52)],
                  "addresses": [sorted(scene.host.addresses(name)) for name in interfaces]}
        scene.daemon.stop()
        return result | {"left": [sorted(scene.host.addresses(name)) for name in interfaces]}
    both(scenario)
