"""Routes through tunnels and tables of which not every kernel knows."""

from lab import wait_until
from scenario import Scene, both, instance

NEEDS = ["mpls", "vrf"]

LINES = """
virtual_routes {
  192.0.2.0/24 encap mpls 100/200 via 10.0.0.9 dev eth0
  2001:db8:6::/80 encap ila 1:2:3:4 via 2001:db8::9 dev eth0 metric 1024
  192.0.4.0/24 via 10.0.0.9 dev eth0 vrf red
  192.0.5.0/24 via 10.0.0.9 dev eth0 ttl-propagate disabled
}
virtual_rules {
  iif red l3mdev priority 500
}
"""


def test_tunnels():
    """Routes with MPLS and ILA, in a VRF, and rules of VRFs"""
    def prepare(scene):
        scene.host.run("modprobe", "-a", "mpls_iptunnel", "ila")
        scene.host.ip("link", "add", "red", "type", "vrf", "table", "77")
        scene.host.ip("link", "set", "red", "up")

    def held(scene):
        lists = [scene.host.ip(family, "-d", "route", "show", "table", "all", "protocol", "keepalived")
                 for family in ("-4", "-6")]
        return [line.strip() for text in lists + [scene.host.ip("rule")] for line in text.splitlines()]

    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=200, interval=1, lines=LINES), prepare=prepare)
        scene.fifo.wait_state("MASTER", timeout=20)
        wait_until(lambda: "500:" in scene.host.ip("rule"), 20)
        there = held(scene)
        assert any("encap mpls" in line and "100/200" in line for line in there), there
        scene.daemon.stop()
        return there, held(scene)
    there, left = both(scenario)
    assert any("table 77" in line for line in there) and any("l3mdev" in line for line in there), there
    assert not any("192.0." in line or line.startswith("500:") for line in left), left
