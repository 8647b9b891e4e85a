"""Groups of addresses that nftables marks, as far as IPVS goes.

The guest's kernel has nftables for neither IPv4 nor IPv6: what the tables hold is compared in
Tests/KernelTests.
"""

from balancer import Director
from lab import Lab, wait_until

NEEDS = ["ip_vs"]

SETTINGS = "global_defs {\nnftables_ipvs\n}\n"


def group(name, *entries):
    return f"virtual_server_group {name} {{\n" + "\n".join(entries) + "\n}\n"


def service(name, protocol="TCP", port=" 80"):
    return f"virtual_server group {name} {{\nlb_algo rr\nlb_kind TUN\nprotocol {protocol}\n" \
        f"real_server 10.1.0.1{port} {{\n}}\n}}\n"


def lines(mark, *families):
    return [line for family in families for line in (
        f"-A -f {mark}{family} -s rr",
        f"-a -f {mark}{family} -r 10.1.0.1:0 -i -w 1 --tun-type ipip")]


def test_marked_groups():
    """A group is one service a family, by its mark, which a reload does not change"""
    first = group("G", "10.0.0.1 80", "10.0.1.10-12 80")
    second = group("H", "fd00::1-8 80", "10.0.9.1 80")
    with Lab() as lab:
        director = Director(
            lab, SETTINGS + first + second + service("G") + service("G", "UDP") + service("H"))
        director.wait_table(lines(1000, "") + lines(1001, "") + lines(1002, "", " -6"))
        director.reload(SETTINGS + second + first + service("H") + service("G", "UDP"))
        director.wait_table(lines(1001, "") + lines(1002, "", " -6"))
        # With a mark of its own a group has a service for each address.
        director.reload(SETTINGS + group("H", "10.0.9.1-2 80", "fwmark 1002 inet") + service("H"))
        addresses = [line.replace("-f 1002", f"-t 10.0.9.{last}:80").replace(":0 ", ":80 ")
                     for last in (1, 2) for line in lines(1002, "")]
        director.wait_table(addresses + lines(1002, ""))
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_refused():
    """What the kernel refuses is told once for each family, and the services are there"""
    text = SETTINGS + group("G", "10.0.0.1 80", "fd00::1 80") + service("G")
    with Lab() as lab:
        director = Director(lab, text)
        director.wait_table(lines(1000, "", " -6"))
        for family in ("ip", "ip6"):
            wait_until(lambda: director.daemon.said(
                f"nftables NFT_MSG_NEWTABLE {family} keepalived_ipvs error: "), 10, 0.1, family)
        wait_until(lambda: "Activating BFD" in director.daemon.log(), 10)
        assert director.daemon.stop(20) == 0
        assert director.daemon.log().count("NFT_MSG_") == 2, director.daemon.log()
        assert director.table == []
