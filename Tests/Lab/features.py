"""Whether the kernel of a guest has what guests.py says of it."""

import os
import subprocess

import guests
from lab import Host, Lab

# How each feature shows itself, in a network namespace of its own.
LINK = "ip link add under type veth peer other && ip link add {}"
PROBES = {
    "8021q": LINK.format("link under name x type vlan id 5"),
    "conntrack": "nft 'add table ip x; add chain ip x y { type filter hook input priority 0; };"
                 " add rule ip x y ct state new counter'",
    "dummy": "ip link add x type dummy",
    "ip_vs": "ipvsadm -A -f 1",
    "ipip": "ip link add x type ipip local 10.0.0.1 remote 10.0.0.2",
    "ipvlan": LINK.format("link under name x type ipvlan mode l2"),
    "macvlan": LINK.format("link under name x type macvlan mode private"),
    "mpls": "modprobe mpls_iptunnel; ip link set lo up && ip route add 10.0.0.0/8 encap mpls 100 dev lo",
    "nftables": "nft 'add table ip x; add chain ip x y { type filter hook prerouting priority 0; };"
                " add rule ip x y ip daddr 10.0.0.1 meta mark set 1; add table ip6 x'",
    "systemd": "test $(cat /proc/1/comm) = systemd && systemctl is-active systemd-journald",
    "vrf": "ip link add x type vrf table 10",
}


def test_features():
    """The kernel of the guest has each feature that is said of it"""
    guest = guests.named(os.environ["KEEPALIVED_GUEST"])
    with Lab() as lab:
        lacking = []
        for feature in sorted(guest.features):
            host = Host(lab, feature)
            lab.hosts[feature] = host
            done = subprocess.run(host.command("sh", "-c", PROBES[feature]), capture_output=True, text=True)
            if done.returncode != 0:
                lacking.append(f"{feature}: {done.stdout}{done.stderr}")
        assert not lacking, "\n".join(lacking)
