"""Both roles against Debian's keepalived, in every way of speaking that it has."""

import os
import time

from lab import Daemon, Lab, OURS, REFERENCE, Probe, Skip, cases, wait_until

VARIANTS = {
    # name: (configuration lines, interval, address that is probed)
    "v2 PASS": ("version 2\nadvert_int 1\nauthentication { auth_type PASS\nauth_pass secret }", 1.0, "10.0.0.100"),
    "v2 AH": ("version 2\nadvert_int 1\nauthentication { auth_type AH\nauth_pass secret }", 1.0, "10.0.0.100"),
    "v3 0.1 s": ("version 3\nadvert_int 0.1", 0.1, "10.0.0.100"),
    "v3 unicast": ("version 3\nadvert_int 0.2\nunicast_src_ip {own}\nunicast_peer {{ {other} }}", 0.2, "10.0.0.100"),
    "IPv6": ("version 3\nadvert_int 0.2", 0.2, "2001:db8::100"),
}


def configuration(variant, priority, number):
    lines, _, address = VARIANTS[variant]
    lines = lines.format(own=f"10.0.0.{number}", other=f"10.0.0.{3 - number}") if "{own}" in lines else lines
    extra = "fe80::100/64\n" if ":" in address else ""
    length = 64 if ":" in address else 24
    return f"""global_defs {{ enable_script_security }}
vrrp_instance VI {{
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority {priority}
  {lines}
  garp_master_delay 1
  virtual_ipaddress {{
    {extra}{address}/{length}
  }}
}}
"""


def skew(variant, priority):
    _, interval, _ = VARIANTS[variant]
    unit = 1.0 if variant.startswith("v2") else interval
    return (256 - priority) / 256 * unit


def holds(host, address):
    return lambda: host.has(address)


@cases([f"{variant}, {role}" for variant in VARIANTS
        for role in ("we are master", "we are backup", "we are both")])
def test_failover(case):
    """Election, clean hand-over, crash take-over, preemption; nothing is left behind"""
    variant, role = case.rsplit(", ", 1)
    _, interval, address = VARIANTS[variant]
    if role != "we are both" and not os.path.exists(REFERENCE):
        raise Skip("Debian's keepalived is not installed")
    first = OURS if role != "we are backup" else REFERENCE
    second = OURS if role != "we are master" else REFERENCE
    down = 3 * interval + skew(variant, 100)
    with Lab() as lab:
        hosts = [lab.host("one", "10.0.0.1/24", "2001:db8::1/64"),
                 lab.host("two", "10.0.0.2/24", "2001:db8::2/64")]
        client = lab.host("client", "10.0.0.50/24", "2001:db8::50/64")
        one = Daemon(hosts[0], configuration(variant, 200, 1), first)
        two = Daemon(hosts[1], configuration(variant, 100, 2), second)
        wait_until(holds(hosts[0], address), down + 5, what="election")
        probe = Probe(client, address, hosts)
        wait_until(lambda: probe.holder == "one", 5, what="the client reaches the master")
        assert not hosts[1].has(address), "two masters"
        time.sleep(2 * interval + 0.3)

        stopped = time.monotonic()
        one.stop()
        wait_until(lambda: probe.holder == "two", down + 3, what="hand-over")
        time.sleep(0.2)
        outage = probe.outage(stopped)
        limit = skew(variant, 100) + 0.1
        assert outage <= limit, f"clean hand-over took {outage:.3f} s, limit {limit:.3f} s"
        assert not hosts[0].has(address), "the stopped master kept its address"

        one = Daemon(hosts[0], configuration(variant, 200, 1), first, name="one-again")
        wait_until(lambda: probe.holder == "one", down + 5, what="preemption")
        wait_until(lambda: not hosts[1].has(address), 3, what="the preempted master lets go")
        time.sleep(2 * interval + 0.3)

        crashed = time.monotonic()
        one.crash()
        lab.cut(hosts[0])
        wait_until(lambda: probe.holder == "two", down + 3, what="take-over after a crash")
        time.sleep(0.2)
        outage = probe.outage(crashed)
        assert outage <= down + 0.05, f"crash take-over took {outage:.3f} s, limit {down + 0.05:.3f} s"

        two.stop()
        assert not hosts[1].has(address), "an address is left behind"
        for daemon in (two,):
            left = [name for name in os.listdir(daemon.directory) if name.endswith(".pid")]
            assert not left, f"left behind: {left}"
