"""Addresses and links of the kernel, beside the reference, after each step."""

from data_plane import Scenario, compare, ip, kill_and_start, master, reload
from lab import cases
from scenario import instance

ONE = instance(priority=200, addresses="10.0.0.100/24\n10.0.0.101")
SCENARIOS = {
    "addresses": Scenario(
        ONE,
        [("master", master), ("killed", kill_and_start), ("reloaded", reload(instance(priority=200))),
         ("down", ip("link", "set", "eth0", "down")), ("up", ip("link", "set", "eth0", "up"))]),
}


@cases(list(SCENARIOS))
def test_kernel_state(name):
    """The kernel holds what it holds with the reference, after each step"""
    compare(SCENARIOS[name])
