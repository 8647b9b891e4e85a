"""VMACs over VLANs and in VRFs, beside the reference, where the kernel has them."""

from data_plane import Scenario, all_of, compare, interface, ip, master
from lab import cases
from test_vmac import one, parent_restored, wait_again

NEEDS = ["macvlan", "vrf", "8021q"]


def vlan(scene):
    scene.host.ip("link", "add", "eth0.7", "link", "eth0", "type", "vlan", "id", "7")
    scene.host.ip("link", "set", "eth0.7", "addrgenmode", "none")
    scene.host.ip("link", "set", "eth0.7", "up")
    scene.host.ip("address", "add", "10.9.0.1/24", "dev", "eth0.7")


def vrf(scene):
    interface("eth1", 7)(scene)
    scene.host.ip("link", "add", "red", "type", "vrf", "table", "77")
    scene.host.ip("link", "set", "red", "address", "02:00:00:00:00:0e", "up")


def enslaved(scene):
    vrf(scene)
    ip("link", "set", "eth1", "master", "red")(scene)


SCENARIOS = {
    "a VLAN": Scenario(one(interface="eth0.7"), [("master", master)], prepare=vlan,
                       deliberate={("stop", "settings"): parent_restored("eth0.7")}),
    "a VRF": Scenario(
        one(interface="eth1"),
        [("master", master), ("out", all_of(ip("link", "set", "eth1", "nomaster"), wait_again)),
         ("in", all_of(ip("link", "set", "eth1", "master", "red"),
                       lambda scene: scene.fifo.wait_state("MASTER", count=3)))],
        prepare=enslaved, deliberate={("stop", "settings"): parent_restored("eth1")}),
}


@cases(list(SCENARIOS))
def test_vmac_links(name):
    """The kernel holds what it holds with the reference, after each step"""
    compare(SCENARIOS[name])
