"""Another configuration while IPVS goes on balancing."""

from balancer import Director, lines, service
from lab import Lab

NEEDS = ["ip_vs"]


def test_services():
    """Services and servers come and go; what is in both configurations is not touched"""
    with Lab() as lab:
        director = Director(lab, service("10.0.0.1 80") + service("10.0.0.2 80"))
        director.wait_table(lines("10.0.0.1:80") + lines("10.0.0.2:80"))
        # Somebody else's destination would go if the service were made anew.
        director.ipvsadm(*"-a -t 10.0.0.2:80 -r 10.1.0.9:80 -m -w 9".split())
        director.reload(service("10.0.0.2 80", ["10.1.0.2", "10.1.0.3"], algorithm="wrr") + service("10.0.0.3 80"))
        director.wait_table(
            lines("10.0.0.2:80", ["10.1.0.2", "10.1.0.3"], "wrr") + lines("10.0.0.3:80")
            + ["-a -t 10.0.0.2:80 -r 10.1.0.9:80 -m -w 9"])
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_method_and_weight():
    """Another forwarding method and another weight change destinations in place"""
    with Lab() as lab:
        director = Director(lab, service())
        director.wait_table(lines())
        director.reload(service(lines="weight 5"))
        director.wait_table(lines(weight=5))
        director.reload(service(lines="weight 5").replace("lb_kind NAT", "lb_kind TUN type gue port 6080"))
        director.wait_table(
            [line.replace("-m -w 5", "-i -w 5 --tun-type gue --tun-port 6080 --tun-nocsum")
             for line in lines(weight=5)])


def test_group():
    """Entries of a group come and go, again and again, and nothing is left behind"""
    def text(*entries):
        return "virtual_server_group G {\n" + "\n".join(entries) + "\n}\n" + service("group G")

    def table(*addresses):
        return [line for address in addresses for line in lines(f"{address}:80")]

    with Lab() as lab:
        director = Director(lab, text("10.0.0.1 80", "10.0.0.2 80"))
        director.wait_table(table("10.0.0.1", "10.0.0.2"))
        for _ in range(2):
            director.reload(text("10.0.0.2 80", "10.0.0.3-4 80"))
            director.wait_table(table("10.0.0.2", "10.0.0.3", "10.0.0.4"))
            director.reload(text("10.0.0.1 80", "10.0.0.2 80"))
            director.wait_table(table("10.0.0.1", "10.0.0.2"))
        assert director.daemon.stop(20) == 0
        assert director.table == []


def test_owner_of_shared_service():
    """When the first of two virtual servers of a group goes the other one keeps the services"""
    first = service("group G", ["10.1.0.1"], algorithm="wlc")
    second = service("group G", ["10.1.0.2"])
    group = "virtual_server_group G {\n10.0.0.1 80\n}\n"
    with Lab() as lab:
        director = Director(lab, group + first + second)
        director.wait_table(lines(algorithm="wlc"))
        director.reload(group + second)
        director.wait_table(lines(servers=["10.1.0.2"]))
        assert director.daemon.stop(20) == 0
        assert director.table == []
