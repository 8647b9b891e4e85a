"""The life of virtual servers, beside the reference: after each step tables and notifications are equal."""

import socket
import subprocess
import sys
import time

from lab import Daemon, Lab, OURS, cases, wait_until
from scenario import Fifo, both, said

NEEDS = ["ip_vs"]

LISTENER = r"""
import socket, sys
listener = socket.create_server((sys.argv[1], 80), backlog=64)
while True: listener.accept()[0].close()
"""

GLOBALS = "global_defs {{\nscript_user root\nlvs_notify_fifo {fifo}\n}}\n"


def check(lines=""):
    return f"TCP_CHECK {{\nconnect_timeout 2\nwarmup 0\nretry 0\ndelay_loop 1\n{lines}\n}}"


def real(number, lines="", checker=None):
    return f"real_server 127.0.1.{number} 80 {{\n{lines}\n{check() if checker is None else checker}\n}}\n"


def virtual(servers, address="10.0.0.1 80", lines="", algorithm="rr"):
    return (f"virtual_server {address} {{\ndelay_loop 1\nlb_algo {algorithm}\nlb_kind NAT\n"
            f"protocol TCP\n{lines}\n{servers}\n}}\n")


class Scene:
    """A daemon, listeners that come and go, and what was seen after each step."""

    def __init__(self, lab, binary, configuration, listening, fail=()):
        self.lab = lab
        self.host = lab.host("director", "192.0.2.1/24")
        self.listeners = {}
        for number in listening:
            self.listen(number)
        for number in listening:
            wait_until(lambda: self.answers(number), 20, 0.1, f"listener {number}")
        self.fifo = Fifo(lab.directory)
        self.steps = {}
        self.daemon = Daemon(self.host, self.text(configuration), binary, ("-C",), name="daemon")

    def text(self, configuration):
        return GLOBALS.format(fifo=self.fifo.path) + configuration

    def listen(self, number):
        self.listeners[number] = self.host.start(
            sys.executable, "-c", LISTENER, f"127.0.1.{number}", stderr=subprocess.DEVNULL)

    def answers(self, number):
        with self.host.inside(), socket.socket() as probe:
            return probe.connect_ex((f"127.0.1.{number}", 80)) == 0

    def fail(self, number):
        self.listeners.pop(number).kill()

    def reload(self, configuration):
        self.daemon.reload(self.text(configuration))

    @property
    def table(self):
        return sorted(self.host.run("ipvsadm", "-Sn").splitlines())

    @property
    def told(self):
        return [line.strip("\0") for line in self.fifo.lines if line.strip("\0")]

    def step(self, name, *expected, timeout=25, absent=()):
        """Waits until the table has these parts, and notes table and notifications."""
        def is_there():
            text = "\n".join(self.table)
            return all(part in text for part in expected) and not any(part in text for part in absent)
        wait_until(is_there, timeout, 0.1, f"{name}: {expected} in {self.table}, {self.daemon.log()[-3000:]}")
        time.sleep(1.5)
        self.steps[name] = {"table": self.table, "told": self.told}

    def stop(self):
        self.steps["exit status"] = self.daemon.stop(20)
        self.steps["after the stop"] = {"table": self.table, "told": self.told}
        return self.steps


def test_failures():
    """A server fails, all fail, all return: quorum, sorry server, notifications"""
    def scenario(lab, binary):
        servers = "sorry_server 127.0.1.9 80\n" + "".join(real(number, f"weight {number}") for number in (1, 2, 3))
        scene = Scene(lab, binary, virtual(servers, lines="quorum 4\nhysteresis 1"), (1, 2, 3))
        scene.step("start", "127.0.1.3:80")
        scene.fail(1)
        scene.step("one failed", "127.0.1.2:80", absent=["127.0.1.1:80"])
        scene.fail(3)
        scene.step("below the quorum", "127.0.1.9:80")
        scene.fail(2)
        wait_until(lambda: scene.daemon.said("Removing service [127.0.1.2]:tcp:80"), 20)
        scene.step("none left", "127.0.1.9:80")
        scene.listen(3)
        wait_until(lambda: scene.daemon.said("Adding service [127.0.1.3]:tcp:80"), 20)
        scene.step("not enough", "127.0.1.9:80")
        for number in (1, 2):
            scene.listen(number)
            wait_until(lambda: scene.daemon.said(f"Adding service [127.0.1.{number}]:tcp:80"), 20)
        scene.step("all returned", "127.0.1.1:80", "127.0.1.2:80", "127.0.1.3:80")
        return scene.stop()
    both(scenario)


def test_alpha():
    """Alpha mode: nothing serves before its check; a dead server is told at its first check"""
    def scenario(lab, binary):
        servers = real(1) + real(2)
        scene = Scene(lab, binary, virtual(servers, lines="alpha\nomega"), (1,))
        scene.step("start", "127.0.1.1:80")
        wait_until(lambda: any("127.0.1.2" in line for line in scene.told), 20)
        scene.step("the other is down", "127.0.1.1:80")
        return scene.stop()
    both(scenario)


@cases(["", "lvs_flush_on_stop VS", "lvs_flush_on_stop"])
def test_omega(flush):
    """With omega the stop tells once more of a virtual server that is down already"""
    def scenario(lab, binary):
        kinds = ("omega", "omega\nalpha", "", "omega\nsorry_server 127.0.1.9 80", "omega\ninhibit_on_failure")
        services = "".join(virtual(real(number), f"10.0.0.{number} 80", lines)
                           for number, lines in enumerate(kinds, 1))
        # This one is up to the end.
        services += virtual(real(6), "10.0.0.6 80", "omega")
        scene = Scene(lab, binary, f"global_defs {{\n{flush}\n}}\n" + services, (6,))
        wait_until(lambda: sum(line.startswith("RS ") for line in scene.told) == 5, 30, 0.1, "five are down")
        time.sleep(1)
        scene.steps["start"] = {"table": scene.table, "told": scene.told}
        return scene.stop()
    seen = both(scenario)
    told = seen["after the stop"]["told"][len(seen["start"]["told"]):]
    down = [line for line in told if line.startswith("VS ")]
    assert down == [f"VS [10.0.0.{number}]:tcp:80 DOWN" for number in (1, 2, 4, 5, 6)], told


def test_quorum_lines():
    """The lines of the log about quorums with hysteresis"""
    def scenario(lab, binary):
        sorry = "sorry_server 127.0.1.9 80\n"
        services = virtual(sorry + real(1, "weight 3"), lines="alpha\nquorum 2\nhysteresis 1")
        services += virtual(
            sorry + real(2, "weight 7") + real(3, "weight 7"), "10.0.0.2 80", "quorum 7\nhysteresis 6")
        scene = Scene(lab, binary, services, (1,))
        wait_until(lambda: scene.daemon.said("Lost quorum"), 25, 0.1)
        wait_until(lambda: scene.daemon.log().count("Gained quorum") == 2, 25, 0.1)
        scene.fail(1)
        wait_until(lambda: scene.daemon.log().count("Lost quorum") == 2, 25, 0.1)
        return said(scene.daemon, "quorum")
    lines = both(scenario)
    assert "Starting with quorum down 2-1=3 > 0 for VS [10.0.0.1]:tcp:80" in lines, lines


def test_inhibition():
    """inhibit_on_failure keeps a failed server in the table, with weight 0"""
    def scenario(lab, binary):
        servers = real(1, "weight 5\ninhibit_on_failure") + real(2, "weight 6")
        scene = Scene(lab, binary, virtual(servers), (1, 2))
        scene.step("start", "127.0.1.1:80 -m -w 5")
        scene.fail(1)
        scene.step("failed", "127.0.1.1:80 -m -w 0")
        scene.listen(1)
        scene.step("returned", "127.0.1.1:80 -m -w 5")
        return scene.stop()
    both(scenario)


def test_reload_of_services():
    """Virtual servers, schedulers, persistence, weights, methods and servers change by a reload"""
    def scenario(lab, binary):
        first = virtual(real(1) + real(2, "weight 2")) + virtual(real(3), "10.0.0.2 80", algorithm="wlc")
        scene = Scene(lab, binary, first, (1, 2, 3))
        scene.step("start", "127.0.1.3:80")
        scene.reload(
            virtual(real(1, "weight 7") + real(3), lines="persistence_timeout 60", algorithm="wrr")
            + virtual(real(2, "lvs_method DR"), "10.0.0.3 80", algorithm="sh"))
        scene.step("reloaded", "10.0.0.3:80", "127.0.1.1:80 -m -w 7", absent=["10.0.0.2:80"])
        scene.reload(first)
        scene.step("back again", "10.0.0.2:80", "127.0.1.1:80 -m -w 1", absent=["10.0.0.3:80"])
        return scene.stop()
    both(scenario)


def test_reload_keeps_failures():
    """A server that is down stays down over a reload, also the sorry server in its place"""
    def scenario(lab, binary):
        servers = "sorry_server 127.0.1.9 80\n" + real(1) + real(2)
        scene = Scene(lab, binary, virtual(servers, lines="quorum 2"), (1, 2))
        scene.step("start", "127.0.1.1:80", "127.0.1.2:80")
        scene.fail(2)
        scene.step("failed", "127.0.1.9:80")
        scene.reload(virtual(servers.replace("127.0.1.2 80 {", "127.0.1.2 80 {\nweight 3"), lines="quorum 2"))
        time.sleep(3)
        scene.step("reloaded", "127.0.1.9:80")
        scene.listen(2)
        scene.step("returned", "127.0.1.2:80 -m -w 3")
        return scene.stop()
    both(scenario)


def test_reload_of_group():
    """Addresses and marks of a group change by a reload (2.2.7 leaves empty services behind)"""
    def text(*entries):
        return "virtual_server_group G {\n" + "\n".join(entries) + "\n}\n" + virtual(
            real(1) + real(2), "group G")
    with Lab() as lab:
        scene = Scene(lab, OURS, text("10.0.0.1 80", "10.0.0.2-3 80", "fwmark 5"), (1, 2))
        scene.step("start", "-f 5 -r 127.0.1.2:80")
        scene.reload(text("10.0.0.2-3 80", "10.0.0.7 80"))
        scene.step("reloaded", "10.0.0.7:80 -r 127.0.1.2:80", absent=["-f 5", "10.0.0.1:80"])
        scene.fail(1)
        scene.step("failed", "10.0.0.7:80 -r 127.0.1.2:80", absent=["127.0.1.1:80"])
        assert scene.stop()["after the stop"]["table"] == []
