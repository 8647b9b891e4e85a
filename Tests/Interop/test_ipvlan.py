"""IPVLANs, beside the reference: one long scenario, since such a guest is slow."""

from data_plane import Scenario, all_of, compare, interface, ip, master
from scenario import instance
from test_vmac import has, wait_for_ours

NEEDS = ["ipvlan"]

CONFIGURATION = instance(priority=200, lines="use_ipvlan private ipv0 10.0.0.51/24") + instance(
    "B", 52, 200, "eth1", lines="use_ipvlan 10.7.0.52/24", addresses="10.7.0.100/24")


def test_ipvlan():
    """Links, addresses and settings of ipvlans: at the start, after their loss, at the stop"""
    compare(Scenario(
        CONFIGURATION,
        [("master", all_of(master, lambda scene: scene.fifo.wait_state("MASTER", "B"))),
         ("deleted", all_of(ip("link", "delete", "ipv0"), wait_for_ours))],
        prepare=interface("eth1", 7), without=("nftables",), deliberate={
            ("deleted", "fifo"): lambda lines: lines[-1] == 'INSTANCE "VI" MASTER 200',
            ("deleted", "addresses"): has(r'^link .*"ifname": "ipv0"', r"^ipv0 .*10\.0\.0\.51",
                                          r"^eth0 .*10\.0\.0\.100"),
            ("deleted", "settings"): has("ipv6/conf/ipv0/disable_ipv6:1")}))
