"""Writes Sources/keepalived/steady-functions.txt: what a daemon at work executes.

The linker puts these functions side by side. Where they are strewn over the program, the kernel maps
64 KiB around each one, and a process that needs 300 KiB of code holds 2 MiB of it.

First come those that adverts need, every second and for ever; then those of a take-over and of a
fault; then what else the parent and BFD need. A name that is no longer there does no harm but to
itself: renew the list (`make steady-functions`) when a test says that too many are gone.
"""

import bisect
import os
import subprocess
import sys
import tempfile
import time

TESTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Tests")
sys.path[:0] = [os.path.join(TESTS, directory) for directory in ("Lab", "Interop")]
from lab import OURS, ROOT, Daemon, Lab, run  # noqa: E402
from scenario import globals_, instance  # noqa: E402

LIST = os.path.join(ROOT, "Sources", "keepalived", "steady-functions.txt")
# Memory is given back, and code with it, so long after the start.
STARTUP = 14


def symbols(binary):
    """(offset, name) of all functions, in order."""
    found = []
    for line in run("nm", "-n", "--defined-only", binary).splitlines():
        words = line.split(maxsplit=2)
        if len(words) == 3 and words[1] in "tTwW":
            found.append((int(words[0], 16), words[2]))
    return found


class Stepper:
    def __init__(self, directory):
        self.program = os.path.join(directory, "executed")
        run("cc", "-O2", "-Wall", "-o", self.program, os.path.join(ROOT, "Benchmarks", "executed.c"))
        self.symbols = symbols(OURS)
        self.offsets = [offset for offset, _ in self.symbols]

    def executed(self, pids, seconds, meanwhile=lambda: None):
        """The functions that the processes execute, in the order of the program."""
        steppers = [subprocess.Popen([self.program, str(pid), str(seconds)], stdout=subprocess.PIPE, text=True)
                    for pid in pids]
        meanwhile()
        places = {bisect.bisect_right(self.offsets, int(line, 16)) - 1
                  for stepper in steppers for line in stepper.communicate()[0].split()}
        return [self.symbols[place][1] for place in sorted(places) if place >= 0]


def configuration(number, priority):
    other = 3 - number
    bfd = f"bfd_instance S {{\nneighbor_ip 10.0.0.{other}\nsource_ip 10.0.0.{number}\nmin_rx 100\nmin_tx 100\n}}\n"
    return globals_() + bfd + "".join(
        instance(f"V{vrid}", vrid, priority, addresses=f"10.0.1.{vrid}/24") for vrid in range(50, 58))


def main():
    with tempfile.TemporaryDirectory() as directory, Lab() as lab:
        stepper = Stepper(directory)
        daemons = []
        for number, (name, priority) in enumerate((("first", 200), ("second", 100)), 1):
            host = lab.host(name, f"10.0.0.{number}/16")
            daemons.append(Daemon(host, configuration(number, priority), OURS, (), name))
        time.sleep(STARTUP)
        first = daemons[0].host

        def misfortunes():
            time.sleep(1)
            lab.cut(first)
            time.sleep(5)
            lab.cut(first, down=False)
            time.sleep(4)
            first.ip("link", "set", "eth0", "down")
            time.sleep(3)
            first.ip("link", "set", "eth0", "up")

        routers = [daemon.child() for daemon in daemons]
        others = [process for daemon in daemons for process in (daemon.pid, daemon.child("bfd"))]
        rounds = [stepper.executed(routers, 10), stepper.executed(routers, 20, misfortunes),
                  stepper.executed(others, 5)]
    names = list(dict.fromkeys(name for each in rounds for name in each))
    with open(LIST, "w") as file:
        file.write("\n".join(names) + "\n")
    print(f"{len(names)} functions")


if __name__ == "__main__":
    main()
