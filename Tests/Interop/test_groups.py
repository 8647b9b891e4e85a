"""Sync groups: they move together, whatever happens to a member."""

import os
import re
import time

from lab import Lab, OURS, cases, wait_until
from scenario import Injector, Scene, Sniffer, both, group, instance, said
from test_tracking import INTERVAL, script_block, set_switch, switch, track


def two(lines="", first="", second="", priorities=(200, 100)):
    return group("G", ["A", "B"], lines) \
        + instance("A", 51, priorities[0], lines=first) \
        + instance("B", 52, priorities[1], interface="eth1", addresses="10.2.0.100/24", lines=second)


def second_interface(scene):
    scene.lab.add_interface(scene.host, "eth1", "10.2.0.1/24", "fe80::2:1/64")


def test_election_of_group():
    """A group waits for its last timer; a higher advert for one member takes all to BACKUP"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, two(), prepare=second_interface)
        sniffers = [Sniffer(scene.host), Sniffer(scene.host, "eth1")]
        scene.fifo.wait_state("BACKUP", "A")
        until = time.monotonic() + 1
        while time.monotonic() < until:
            other.advert(250)
            time.sleep(0.05)
        refused = scene.fifo.lines[:]
        scene.fifo.wait('GROUP "G" MASTER 0')
        for _ in range(8):
            other.advert(250)
            time.sleep(0.05)
        scene.fifo.wait('GROUP "G" MASTER 0', count=2)
        return {"refused": refused, "fifo": scene.fifo.lines, "log": said(scene.daemon),
                "zero": [len(s.adverts(vrid, priority=0)) for s, vrid in zip(sniffers, (51, 52))]}
    both(scenario)


def test_member_interface():
    """One member's interface goes down and comes back: all FAULT, all BACKUP, all MASTER"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, two(), prepare=second_interface)
        sniffers = [Sniffer(scene.host), Sniffer(scene.host, "eth1")]
        scene.fifo.wait('GROUP "G" MASTER 0')
        for turn in (1, 2):
            scene.host.ip("link", "set", "eth1", "down")
            scene.fifo.wait('GROUP "G" FAULT 0', count=turn)
            scene.wait_address(present=False)
            scene.host.ip("link", "set", "eth1", "up")
            scene.fifo.wait('GROUP "G" MASTER 0', count=turn + 1)
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon),
                "zero": len(sniffers[0].adverts(51, priority=0))}
    both(scenario)


def test_both_members_down():
    """Both members' interfaces go down; the group comes back with the last of them"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, two(), prepare=second_interface)
        scene.fifo.wait('GROUP "G" MASTER 0')
        for interface in ("eth0", "eth1"):
            scene.host.ip("link", "set", interface, "down")
            time.sleep(0.2)
        scene.host.ip("link", "set", "eth0", "up")
        time.sleep(0.6)
        between = scene.fifo.lines[:]
        scene.host.ip("link", "set", "eth1", "up")
        scene.fifo.wait('GROUP "G" MASTER 0', count=2)
        return {"between": between, "fifo": scene.fifo.lines, "log": said(scene.daemon)}
    both(scenario)


def test_reasons_of_fault():
    """At the start and at a reload the log says why a group is at fault"""
    def prepare(scene):
        second_interface(scene)
        scene.host.ip("link", "set", "eth1", "down")
    def scenario(lab, binary):
        scene = Scene(lab, binary, two(), prepare=prepare)
        scene.fifo.wait('GROUP "G" FAULT 0')
        scene.reload(two("notify_master /bin/true"))
        reason = "(B): entering FAULT state (interface eth1 down)"
        wait_until(lambda: scene.daemon.log().count(reason) == 2, 5)
        time.sleep(0.3)
        return said(scene.daemon)
    both(scenario)


def test_start_with_fault():
    """A group that starts with one member at fault: its members are told, then the group"""
    def prepare(scene):
        second_interface(scene)
        scene.host.ip("link", "set", "eth1", "down")
    def scenario(lab, binary):
        scene = Scene(lab, binary, two(), prepare=prepare)
        scene.fifo.wait('GROUP "G" FAULT 0')
        scene.fifo.wait_state("FAULT", "A")
        time.sleep(0.5)
        scene.host.ip("link", "set", "eth1", "up")
        scene.fifo.wait('GROUP "G" MASTER 0')
        return scene.fifo.lines
    both(scenario)


@cases(["weight 20", "weight 20 reverse", "weight -20", "weight -20 reverse"])
def test_weight_of_member(weight):
    """The weight of a member's track_interface counts in a group, and is no fault"""
    def scenario(lab, binary):
        configuration = two(first=f"notify_priority_changes\ntrack_interface {{\neth2 {weight}\n}}")
        def prepare(scene):
            second_interface(scene)
            scene.lab.add_interface(scene.host, "eth2", "10.3.0.1/24")
        scene = Scene(lab, binary, configuration, prepare=prepare)
        sniffer = Sniffer(scene.host)
        scene.fifo.wait('GROUP "G" MASTER 0')
        for state in ("down", "up"):
            scene.host.ip("link", "set", "eth2", state)
            time.sleep(0.5)
        return scene.fifo.lines, sorted({advert.priority for advert in sniffer.adverts()})
    both(scenario)


def test_group_script():
    """A script of the group fails: all FAULT; it returns: all come back; priorities with weights"""
    def scenario(lab, binary):
        states = {}
        def prepare(scene):
            second_interface(scene)
            states["check"], states["weight"] = switch(scene, "check"), switch(scene, "weight")
        configuration = script_block("check", f"{lab.directory}/check", "", INTERVAL) \
            + script_block("weight", f"{lab.directory}/weight", "weight 15", INTERVAL) \
            + two(track("check", "weight"), first="notify_priority_changes")
        scene = Scene(lab, binary, configuration, prepare=prepare)
        scene.fifo.wait('GROUP "G" MASTER 0')
        scene.fifo.text = b""
        set_switch(states["check"], 1)
        scene.fifo.wait('GROUP "G" FAULT 0')
        set_switch(states["check"], 0)
        scene.fifo.wait('GROUP "G" MASTER 0')
        set_switch(states["weight"], 1)
        scene.fifo.wait('INSTANCE "A" MASTER_PRIORITY 200')
        return scene.fifo.lines
    both(scenario)


def test_group_of_owners():
    """A group of explicit owners is MASTER at once; with one who is not, it elects"""
    def scenario(lab, binary):
        owner = "version 3\n  state MASTER\n"
        configuration = two(priorities=(255, 255)).replace("state BACKUP", "state MASTER") \
            + group("H", ["C", "D"]) \
            + instance("C", 53, 255, addresses="10.0.0.101/24").replace("state BACKUP", "state MASTER") \
            + instance("D", 54, 100, addresses="10.0.0.102/24")
        scene = Scene(lab, binary, configuration, prepare=second_interface)
        for name in "AB":
            scene.fifo.wait_state("MASTER", name)
        scene.fifo.wait('GROUP "H" MASTER 0')
        # The reference never says that the first group is MASTER.
        return {name: [line for line in scene.fifo.lines if f'"{name}"' in line] for name in "ABCDH"}
    both(scenario)


def test_three_groups():
    """Groups do not disturb each other, and one member more or less is no difference"""
    def scenario(lab, binary):
        configuration = group("G1", ["A", "B", "C"]) + group("G2", ["D"]) + group("G3", ["E", "F"]) + "".join(
            instance(name, 60 + i, 100 + 10 * i, addresses=f"10.0.0.{110 + i}/24",
                     interface="eth1" if name in "BF" else "eth0")
            for i, name in enumerate("ABCDEF"))
        scene = Scene(lab, binary, configuration, prepare=second_interface)
        for name in ("G1", "G2", "G3"):
            scene.fifo.wait(f'GROUP "{name}" MASTER 0')
        scene.host.ip("link", "set", "eth1", "down")
        for name in ("G1", "G3"):
            scene.fifo.wait(f'GROUP "{name}" FAULT 0')
        scene.host.ip("link", "set", "eth1", "up")
        for name in ("G1", "G3"):
            scene.fifo.wait(f'GROUP "{name}" MASTER 0', count=2)
        scene.daemon.stop()
        stops = [line for line in scene.fifo.lines if " STOP " in line]
        return {"stops": stops, **{
            key: [line for line in scene.fifo.lines if re.search(f'"[{names}]"|"{key}"', line)]
            for key, names in (("G1", "ABC"), ("G2", "D"), ("G3", "EF"))}}
    both(scenario)
