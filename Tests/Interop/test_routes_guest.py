"""Routes through tunnels and tables of which not every kernel knows."""

from data_plane import Scenario, all_of, command, compare, ip, master
from scenario import instance

NEEDS = ["mpls", "vrf"]

LINES = """
virtual_routes {
  192.0.2.0/24 encap mpls 100/200 via 10.0.0.9 dev eth0
  192.0.3.0/24 nexthop via 10.0.0.8 dev eth0 encap mpls 300 nexthop via 10.0.0.9 dev eth0 encap mpls 400
  2001:db8:6::/48 encap ila 1:2:3:4 via 2001:db8::9 dev eth0 metric 1024
  192.0.4.0/24 via 10.0.0.9 dev eth0 vrf red
  192.0.5.0/24 via 10.0.0.9 dev eth0 ttl-propagate disabled
}
virtual_rules {
  l3mdev iif red priority 500
}
"""


def test_tunnels():
    """Routes with MPLS and ILA, in a VRF, and rules of VRFs"""
    vrf = all_of(ip("link", "add", "red", "type", "vrf", "table", "77"), ip("link", "set", "red", "up"),
                 command("modprobe", "-a", "mpls_iptunnel", "ila"))
    compare(Scenario(
        instance(priority=200, lines=LINES),
        [("master", master), ("deleted", ip("route", "delete", "192.0.4.0/24", "table", "77")),
         ("again", lambda scene: scene.fifo.wait_state("MASTER", count=2))], prepare=vrf))
