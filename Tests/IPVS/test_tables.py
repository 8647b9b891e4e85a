"""Configurations, and what IPVS holds because of them."""

import os
import time

from balancer import HERE, Director, configuration, expected, lines, service
from lab import Lab, cases, wait_until

NEEDS = ["ip_vs"]

NAMES = sorted(name[:-5] for name in os.listdir(os.path.join(HERE, "tables")) if name.endswith(".conf"))


@cases(NAMES)
def test_table(name):
    """IPVS holds what the configuration says, and nothing after the stop"""
    with Lab() as lab:
        director = Director(lab, configuration(name))
        director.wait_table(expected(name))
        time.sleep(1)
        assert director.table == sorted(expected(name)), director.difference(expected(name))
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_thresholds():
    """Connection thresholds are those of the configuration, also after a reload"""
    text = service().replace("10.1.0.2 80 {", "10.1.0.2 80 {\nuthreshold {}\nlthreshold {}", 1)
    with Lab() as lab:
        director = Director(lab, text.replace("{}", "100", 1).replace("{}", "80", 1))

        def thresholds():
            listing = director.ipvsadm("-Ln", "--thresholds").splitlines()
            return [line.split()[2:4] for line in listing if "10.1.0.2" in line]

        wait_until(lambda: thresholds() == [["100", "80"]], 20, 0.1, "thresholds")
        director.reload(text.replace("{}", "50", 1).replace("{}", "40", 1))
        wait_until(lambda: thresholds() == [["50", "40"]], 20, 0.1, "new thresholds")


def test_range_across_octets():
    """A range goes on beyond the end of a /24"""
    with Lab() as lab:
        director = Director(lab, "virtual_server_group G {\n10.0.2.254-10.0.3.1 80\nfd00::fffe-fd00::1:1 80\n}\n"
                            + service("group G").replace("lb_kind NAT", "lb_kind TUN"))
        addresses = ["10.0.2.254", "10.0.2.255", "10.0.3.0", "10.0.3.1",
                     "[fd00::fffe]", "[fd00::ffff]", "[fd00::1:0]", "[fd00::1:1]"]
        wanted = []
        for address in addresses:
            wanted += [line.replace("-m", "-i") + (" --tun-type ipip" if " -r " in line else "")
                       for line in lines(f"{address}:80")]
        director.wait_table(wanted)
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_foreign_entries():
    """What others have put into IPVS stays, but for what the configuration says otherwise"""
    with Lab() as lab:
        director = Director(lab)
        for words in ("-A -t 10.9.9.9:80 -s rr", "-A -t 10.0.0.1:80 -s lc",
                      "-a -t 10.0.0.1:80 -r 10.1.0.1:80 -m -w 77", "-a -t 10.0.0.1:80 -r 10.1.0.9:80 -m -w 9"):
            director.ipvsadm(*words.split())
        director.start(service())
        foreign = "-A -t 10.9.9.9:80 -s rr"
        director.wait_table(lines() + [foreign, "-a -t 10.0.0.1:80 -r 10.1.0.9:80 -m -w 9"])
        assert director.daemon.stop(20) == 0
        assert director.table == [foreign]


def test_flush():
    """lvs_flush empties IPVS at the start, lvs_flush_on_stop at the end"""
    with Lab() as lab:
        director = Director(lab)
        director.ipvsadm("-A", "-t", "10.9.9.9:80", "-s", "rr")
        director.start("global_defs {\nlvs_flush\nlvs_flush_on_stop\n}\n" + service())
        director.wait_table(lines())
        director.ipvsadm("-A", "-t", "10.9.9.9:80", "-s", "rr")
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_namespace():
    """net_namespace_ipvs: the table of another namespace is filled"""
    with Lab() as lab:
        other = Director(lab, name="other")
        director = Director(lab, f"net_namespace_ipvs {other.host.name}\n" + service())
        wait_until(lambda: other.table == sorted(lines()), 20, 0.1, "the other table")
        assert director.table == []
        assert director.daemon.stop(20) == 0
        assert other.table == []


def test_unknown_scheduler():
    """A scheduler that the kernel has not is told of; the other services are served"""
    with Lab() as lab:
        director = Director(lab, service("10.0.0.1 80", algorithm="twos") + service("10.0.0.2 80"))
        director.wait_table(lines("10.0.0.2:80"))
        wait_until(lambda: director.daemon.said("Scheduler or persistence engine not found(2)"), 5)
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_timeouts():
    """lvs_timeouts change those of the kernel, a reload and the end bring them back"""
    with Lab() as lab:
        director = Director(lab)
        def timeouts():
            return director.ipvsadm("-L", "--timeout").split(":")[1].split()
        original = timeouts()
        assert original == ["900", "120", "300"], original
        director.start("global_defs {\nlvs_timeouts tcp 1000 udp 33\n}\n" + service())
        wait_until(lambda: timeouts() == ["1000", "120", "33"], 20, 0.1, "time-outs")
        director.reload("global_defs {\nlvs_timeouts tcpfin 7\n}\n" + service())
        wait_until(lambda: timeouts() == ["900", "7", "300"], 20, 0.1, "time-outs after the reload")
        assert director.daemon.stop(20) == 0
        assert timeouts() == original
