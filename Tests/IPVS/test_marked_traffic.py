"""Groups of addresses that nftables marks, with both halves in one kernel: real connections through them."""

import sys

from balancing import Balancing, REAL_SERVER
from lab import Lab, wait_until

NEEDS = ["ip_vs", "nftables"]

CONFIGURATION = """
global_defs {{
    nftables_ipvs
    nftables_counters
}}
vrrp_instance SERVICE {{
    interface eth0
    virtual_router_id 51
    priority 200
    version 3
    advert_int 0.2
    virtual_ipaddress {{
        192.0.2.100/24
        192.0.2.110/24
        192.0.2.111/24
    }}
}}
virtual_server_group G {{
    {group}
}}
virtual_server group G {{
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    warmup 0
    retry 1
    delay_before_retry 0.5
    connect_timeout 2
{servers}}}
"""

# Asks each address four times; a line for each with the names of those who answered, in order.
ASK = r"""
import socket, sys
for address in sys.argv[1:]:
    names = []
    for _ in range(4):
        try:
            with socket.create_connection((address, 80), 3) as s:
                s.settimeout(3)
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                data = b""
                while block := s.recv(4096): data += block
                names.append(data.rpartition(b"\r\n\r\n")[2].decode() or "-")
        except OSError: names.append("-")
    print(*sorted(names))
"""
BOTH = "server11 server11 server12 server12"


def configuration(*group):
    return CONFIGURATION.format(
        group="\n    ".join(group), servers="".join(REAL_SERVER.format(number=n) for n in (11, 12)))


def table(scene):
    return sorted(scene.director.run("ipvsadm", "-Sn").splitlines())


def lines(*numbers):
    return ["-A -f 1000 -s rr", *(f"-a -f 1000 -r 10.1.0.{number}:80 -m -w 1" for number in numbers)]


def marks(scene):
    """The rules, each word and what is counted apart."""
    return scene.director.run("nft", "list", "table", "ip", "keepalived_ipvs", check=False)


def answers(scene, *addresses):
    return scene.client.run(sys.executable, "-c", ASK, *addresses).splitlines()


def await_table(scene, *numbers):
    try:
        wait_until(lambda: table(scene) == sorted(lines(*numbers)), 40, 0.5)
    except TimeoutError:
        raise AssertionError("\n".join([*table(scene), marks(scene), scene.daemon.log()[-4000:]])) from None


def test_marked_traffic():
    """All addresses of a group come to its real servers by one mark; what leaves it is not marked"""
    with Lab() as lab:
        scene = Balancing(lab, text=configuration("192.0.2.100 80", "192.0.2.110-111 80"))
        await_table(scene, 11, 12)
        wait_until(lambda: scene.director.has("192.0.2.111"), 30, 0.2)
        rules = marks(scene)
        for part in ("map tcp_map", "type ipv4_addr . inet_service : mark",
                     "192.0.2.100 . 80", "192.0.2.110/31 . 80", "0x000003e8", "type filter hook input",
                     "meta mark set ip daddr . tcp dport map @tcp_map"):
            assert part in rules, (part, rules)
        assert answers(scene, "192.0.2.100", "192.0.2.110", "192.0.2.111") == [BOTH] * 3
        counted = marks(scene)
        assert counted != rules and "counter packets 0 bytes 0 : " not in counted, counted

        scene.kill(11)
        await_table(scene, 12)
        assert answers(scene, "192.0.2.111") == ["server12 " * 3 + "server12"]
        scene.start(11)
        await_table(scene, 11, 12)

        scene.daemon.reload(configuration("192.0.2.100 80"))
        wait_until(lambda: "192.0.2.110" not in marks(scene), 30, 0.2, "the range leaves the map")
        assert "192.0.2.100 . 80" in marks(scene)
        assert answers(scene, "192.0.2.100", "192.0.2.111") == [BOTH, "- - - -"]

        assert scene.daemon.stop(30) == 0
        assert table(scene) == [] and "keepalived_ipvs" not in scene.director.run("nft", "list", "ruleset")
