"""The life of the processes: whom they heed, what they leave behind, what their end means to others."""

import contextlib
import os
import signal
import subprocess
import time

from lab import Daemon, Lab, OURS, cases, run, wait_until
from scenario import Fifo, both, globals_, instance

FAR = "bfd_instance far { neighbor_ip 10.0.0.9 }\n"
OF_KERNEL = {signal.SIGKILL, signal.SIGSTOP}
FAULTS = {signal.SIGILL, signal.SIGFPE, signal.SIGSEGV, signal.SIGBUS}
HEEDED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
# The C library's own, which the reference leaves as they are.
OF_LIBRARY = {32, 33}


def children(pid):
    return [int(line) for line in run("pgrep", "-P", str(pid), check=False).split()]


def signals(pid):
    """What the kernel knows of a process: the numbers that are ignored, caught, blocked."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {name: {number for number in range(1, 65) if int(fields[name], 16) >> (number - 1) & 1}
            for name in ("SigIgn", "SigCgt", "SigBlk")}


# ---- Signals

def test_every_signal():
    """No signal but those that ask for it or report a fault ends the parent or a child"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance() + FAR)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        processes = [daemon.pid, *children(daemon.pid)]
        assert len(processes) == 3, processes
        for number in range(1, 65):
            if number in OF_KERNEL | FAULTS | HEEDED:
                continue
            for pid in processes:
                os.kill(pid, number)
        time.sleep(0.3)
        assert [daemon.pid, *children(daemon.pid)] == processes
        assert host.has("10.0.0.100") and "died" not in daemon.log()
        assert daemon.stop() == 0


def test_dispositions():
    """Who ignores and who blocks which signal is as in the reference"""
    def scenario(lab, binary):
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance() + FAR, binary)
        wait_until(lambda: host.has("10.0.0.100"), 8)
        result = []
        for pid in (daemon.pid, *sorted(children(daemon.pid))):
            of = signals(pid)
            # What is read is blocked; the reference ignores SIGXCPU until there is a limit, and some
            # children ignore what ours read and make nothing of.
            result.append({
                "ends the process": sorted(
                    set(range(1, 65)) - of["SigIgn"] - of["SigBlk"] - of["SigCgt"] - OF_LIBRARY),
                "caught": sorted(of["SigCgt"]),
                "read": sorted(of["SigBlk"] & {1, 2, 10, 15, 17}),
            })
        daemon.stop()
        return result
    both(scenario)


def test_ignored_interrupt():
    """With --ignore-sigint nobody heeds SIGINT"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance(), arguments=("--ignore-sigint",))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        for pid in (daemon.pid, daemon.child()):
            os.kill(pid, signal.SIGINT)
            assert signal.SIGINT in signals(pid)["SigIgn"]
        time.sleep(0.3)
        assert host.has("10.0.0.100")
        assert daemon.stop() == 0


def test_signals_of_scripts():
    """Scripts of all kinds begin with default dispositions and nothing blocked"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        trace = os.path.join(lab.directory, "trace")
        path = os.path.join(lab.directory, "script")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\ngrep -E '^Sig(Blk|Ign|Cgt)' /proc/$$/status | sed \"s/^/$1 /\" >>{trace}\n")
        os.chmod(path, 0o755)
        configuration = globals_(f'startup_script "{path} startup"\nshutdown_script "{path} shutdown"') \
            + f'vrrp_script s {{\n script "{path} track"\n interval 1\n}}\n' \
            + instance(lines=f'track_script {{ s }}\n notify "{path} notify"')
        daemon = Daemon(host, configuration)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        assert daemon.stop() == 0
        with open(trace) as file:
            lines = file.read().splitlines()
        assert {line.split()[0] for line in lines} == {"startup", "track", "notify", "shutdown"}
        for line in lines:
            kind, name, mask = line.split()
            # The shell itself catches SIGINT or SIGCHLD.
            assert name == "SigCgt:" or int(mask, 16) == 0, line
