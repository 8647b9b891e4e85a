"""IPVLANs, beside the reference: one long scenario, since such a guest is slow."""

from data_plane import Scenario, all_of, compare, interface, ip, master
from scenario import instance

NEEDS = ["ipvlan"]

CONFIGURATION = instance(priority=200, lines="use_ipvlan private ipv0 10.0.0.51/24 group 7") + instance(
    "B", 52, 200, "eth1", lines="use_ipvlan 10.7.0.52/24", addresses="10.7.0.100/24")


def test_ipvlan():
    """Links, addresses and settings of ipvlans: at the start, after their loss, at the stop"""
    compare(Scenario(
        CONFIGURATION,
        [("master", all_of(master, lambda scene: scene.fifo.wait_state("MASTER", "B"))),
         ("deleted", all_of(ip("link", "delete", "ipv0"), lambda scene: scene.fifo.wait_state("MASTER", count=2)))],
        prepare=interface("eth1", 7), without=("nftables",)))
