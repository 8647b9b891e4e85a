"""Two routers and a client: a master that is killed, another that is stopped, and how long the
client notices. Runs the daemon on the shipped sample configuration."""

import os
import subprocess
import sys
import time

import guests
from lab import Daemon, Lab, OURS, Probe, ROOT, is_privileged

SAMPLE = os.path.join(ROOT, "etc", "keepalived", "keepalived.conf.sample")
ADDRESS = "192.0.2.100"
INTERVAL = 1.0
DOWN_TIMER_ADVERTS = 3


def configuration(priority):
    with open(SAMPLE) as file:
        return file.read().replace("priority 100", f"priority {priority}")


def skew(priority):
    return (256 - priority) / 256 * INTERVAL


def show(probe, seconds, until=None):
    """Says who answers, whenever that changes."""
    last = "nobody yet"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        holder = probe.holder or "nobody"
        if holder != last:
            print(f"  {time.strftime('%H:%M:%S')}  {ADDRESS} is on: {holder}", flush=True)
            last = holder
        if until and holder == until:
            return
        time.sleep(0.01)
    if until:
        raise TimeoutError(f"{ADDRESS} did not come to {until}")


def main():
    if not os.path.exists(OURS):
        sys.exit("build the program first: make")
    if is_privileged():
        routers()
    else:
        # A user namespace gives the rights over its own networks, and nothing else.
        here = os.path.dirname(os.path.abspath(__file__))
        act = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--mount-proc",
             "sh", "-c", "mount -t tmpfs tmpfs /run && mkdir -p /run/netns && mount -t sysfs sysfs /sys; "
             f"cd {here} && exec {sys.executable} -c 'import demo; demo.perform(demo.routers)'"], check=False)
        if act.returncode != 0:
            sys.exit(act.returncode)
    balance()


def routers():
    fail_over()
    keep_hardware_address()


def fail_over():
    """The first act: two routers."""
    with Lab() as lab:
        first = lab.host("router1", "192.0.2.1/24")
        second = lab.host("router2", "192.0.2.2/24")
        client = lab.host("client", "192.0.2.50/24")
        print("Two routers share 192.0.2.100; a client asks every 5 ms who has it.\n")
        one = Daemon(first, configuration(150))
        two = Daemon(second, configuration(100))
        probe = Probe(client, ADDRESS, [first, second])
        show(probe, 8, until="router1")
        time.sleep(0.7)

        # A daemon that is killed leaves the address behind; a router that dies takes it along.
        print("\nrouter1 (priority 150) dies: its daemon gets SIGKILL, its cable is out:", flush=True)
        killed = time.monotonic()
        one.crash()
        lab.cut(first)
        show(probe, 8, until="router2")
        time.sleep(0.3)
        crash = probe.outage(killed)

        lab.cut(first, down=False)
        print("\nrouter1 starts again, preempts, and is stopped cleanly:", flush=True)
        one = Daemon(first, configuration(150), name="router1-again")
        show(probe, 8, until="router1")
        time.sleep(1.2)
        stopped = time.monotonic()
        one.stop()
        show(probe, 8, until="router2")
        time.sleep(0.3)
        clean = probe.outage(stopped)
        two.stop()

        longest = DOWN_TIMER_ADVERTS * INTERVAL + skew(100)
        print(f"""
                 outage of the client   predicted by the timers
  master killed  {crash * 1000:8.0f} ms            {(longest - INTERVAL) * 1000:.0f} to {longest * 1000:.0f} ms (Master_Down_Interval after its last advert)
  clean stop     {clean * 1000:8.0f} ms            {skew(100) * 1000:.0f} ms (Skew_Time after its farewell)
""", flush=True)


def keep_hardware_address():
    """The second act: the same with the virtual MAC address (use_vmac)."""
    with Lab() as lab:
        first = lab.host("router1", "192.0.2.1/24")
        second = lab.host("router2", "192.0.2.2/24")
        client = lab.host("client", "192.0.2.50/24")
        print("The same with use_vmac: what the client's neighbour table says of 192.0.2.100.\n")
        daemons = []
        for router, priority in ((first, 150), (second, 100)):
            text = configuration(priority).replace(f"priority {priority}", f"priority {priority}\n use_vmac")
            daemons.append(Daemon(router, text))
        probe = Probe(client, ADDRESS, [first, second])
        for holder in ("router1", "router2"):
            show(probe, 8, until=holder)
            print(f"            {client.ip('neigh', 'show', ADDRESS).strip()}", flush=True)
            if holder == "router1":
                daemons[0].crash()
                lab.cut(first)
        daemons[1].stop()
        print()


def balance():
    """The third act, in a guest: this kernel need not have IPVS."""
    print("A director with IPVS, in a guest kernel:", flush=True)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "balancing.py")
    try:
        act = guests.run(["ip_vs"], sys.executable, script, timeout=90)
    except guests.Failure as failure:
        print(f"Two real servers behind a director cannot be shown here: {failure}.")
        return
    if act.status != 0:
        sys.exit(f"The director did not come to its end:\n{act.output}")
    print(act.output, flush=True)


def perform(act):
    try:
        act()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    perform(main)
