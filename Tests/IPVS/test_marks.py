"""Groups of addresses that nftables marks. The guest's kernel has nftables for IPv6 only."""

from balancer import Director
from lab import Lab, wait_until

SETTINGS = "global_defs {\nnftables_ipvs\nnftables_counters\n}\n"


def group(*entries, name="G"):
    return f"virtual_server_group {name} {{\n" + "\n".join(entries) + "\n}\n"


def service(name="G", protocol="TCP", server="fd00:2::1"):
    return f"virtual_server group {name} {{\nlb_algo rr\nlb_kind NAT\nprotocol {protocol}\n" \
        f"real_server {server} 80 {{\n}}\n}}\n"


def lines(mark, server="[fd00:2::1]:80"):
    return [f"-A -f {mark} -6 -s rr", f"-a -f {mark} -6 -r {server} -m -w 1"]


def rules(director):
    return director.host.run("nft", "list", "ruleset")


def test_marked_group():
    """A group is one service by its mark; entries come and go; at the end nothing is left"""
    both = service() + service(protocol="UDP")
    with Lab() as lab:
        director = Director(lab, SETTINGS + group("fd00::1-8 80", "fd00::20 81") + both)
        director.wait_table(lines(1000) + lines(1001))
        wait_until(lambda: "udp_map" in rules(director), 10, 0.1, "the table")
        held = rules(director)
        assert "fd00::1-fd00::8 . 80 counter packets 0 bytes 0 : 0x000003e8" in held, held
        assert "fd00::20 . 81 counter packets 0 bytes 0 : 0x000003e9" in held, held
        director.reload(SETTINGS + group("fd00::20 81", "fd00::30/124 82") + service(protocol="UDP"))
        director.wait_table(lines(1001))
        wait_until(lambda: "fd00::30/124 . 82" in rules(director), 10, 0.1, "the new entry")
        held = rules(director)
        assert "0x000003e8" not in held and "fd00::1-" not in held, held
        assert director.daemon.stop(20) == 0
        assert director.table == []
        assert rules(director).strip() == "", rules(director)


def test_kept():
    """With -I the marks stay, and the next process takes the table over"""
    text = SETTINGS + group("fd00::1 80") + service()
    with Lab() as lab:
        director = Director(lab, text, arguments=("-I",))
        director.wait_table(lines(1000))
        wait_until(lambda: "fd00::1 . 80" in rules(director), 10, 0.1, "the table")
        assert director.daemon.stop(20) == 0
        assert "fd00::1 . 80" in rules(director)
        director.start(text.replace("fd00::1 ", "fd00::2 "))
        wait_until(lambda: "fd00::2 . 80" in rules(director), 10, 0.1, "the table of the next process")
        assert "fd00::1 . 80" not in rules(director)


def test_family_without_nftables():
    """What the kernel refuses is told, and keeps nothing else from working"""
    with Lab() as lab:
        director = Director(
            lab, SETTINGS + group("10.0.0.1 80", name="H") + service("H", server="10.1.0.1")
            + group("fd00::1 80") + service())
        director.wait_table(["-A -f 1000 -s rr", "-a -f 1000 -r 10.1.0.1:80 -m -w 1"] + lines(1001))
        wait_until(lambda: "fd00::1 . 80" in rules(director), 10, 0.1, "the table of IPv6")
        held = rules(director)
        assert "table ip keepalived_ipvs" in held or director.daemon.said("nftables NFT_MSG_"), held
        assert director.daemon.stop(20) == 0
        assert rules(director).strip() == "", rules(director)
