"""The kernel's daemons that hand connections from one director to another."""

from balancer import BINARY, Director, service
from lab import Daemon, Lab, wait_until

NEEDS = ["ip_vs"]

ROUTER = """global_defs {{
{globals}
}}
vrrp_instance VI {{
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority {priority}
  version 3
  advert_int 0.1
  {lines}
  virtual_ipaddress {{ 10.0.0.100/24 }}
}}
"""


def router(globals="lvs_sync_daemon eth0 inst VI", priority=100, lines=""):
    return ROUTER.format(**locals())


def daemons(host):
    return host.run("ipvsadm", "-L", "--daemon").splitlines()


def one(role, interface="eth0", syncid=51, others="maxlen=1472, group=224.0.0.81, port=8848, ttl=1"):
    return f"{role} sync daemon (mcast={interface}, syncid={syncid}, {others})"


def test_instance():
    """The role follows the instance's state, and no daemon is left after the end"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, router(), BINARY)
        wait_until(lambda: daemons(host) == [one("master")], 20, 0.1, "master")
        lab.cut(host)
        host.ip("link", "set", "eth0", "down")
        wait_until(lambda: daemons(host) == [one("backup")], 20, 0.1, "backup after a fault")
        host.ip("link", "set", "eth0", "up")
        wait_until(lambda: daemons(host) == [one("master")], 20, 0.1, "master again")
        assert daemon.stop() == 0
        assert daemons(host) == []


def test_two_routers():
    """The MASTER's daemon tells, the BACKUP's listens"""
    with Lab() as lab:
        hosts = [lab.host("one", "10.0.0.1/24"), lab.host("two", "10.0.0.2/24")]
        first = Daemon(hosts[0], router(priority=200), BINARY)
        wait_until(lambda: daemons(hosts[0]) == [one("master")], 20, 0.1, "master")
        Daemon(hosts[1], router(), BINARY)
        wait_until(lambda: daemons(hosts[1]) == [one("backup")], 20, 0.1, "backup")
        assert first.stop() == 0
        wait_until(lambda: daemons(hosts[1]) == [one("master")], 20, 0.1, "the other one")


def test_reload():
    """A reload starts, changes and ends the daemon"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, router(globals=""), BINARY)
        wait_until(lambda: host.has("10.0.0.100"), 20, 0.1, "MASTER")
        assert daemons(host) == []
        daemon.reload(router())
        wait_until(lambda: daemons(host) == [one("master")], 20, 0.1, "daemon")
        daemon.reload(router(
            "lvs_sync_daemon eth0 inst VI id 7 maxlen 1000 port 8849 ttl 3 group 224.0.0.82"))
        changed = one("master", syncid=7, others="maxlen=1000, group=224.0.0.82, port=8849, ttl=3")
        wait_until(lambda: daemons(host) == [changed], 20, 0.1, "other settings")
        daemon.reload(router(globals=""))
        wait_until(lambda: daemons(host) == [], 20, 0.1, "no daemon")
        assert host.has("10.0.0.100")
        assert "Daemon has already run" not in daemon.log()


def test_deprecated_keyword():
    """lvs_sync_daemon_interface of an instance does the same"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        Daemon(host, router(globals="", lines="lvs_sync_daemon_interface eth0"), BINARY)
        wait_until(lambda: daemons(host) == [one("master")], 20, 0.1, "master")


def test_without_instance():
    """Without an instance the checker runs both, and ends both"""
    with Lab() as lab:
        director = Director(lab)
        director.host.ip("link", "add", "eth0", "type", "dummy")
        director.host.ip("address", "add", "10.9.0.1/24", "dev", "eth0")
        director.host.ip("link", "set", "eth0", "up")
        director.start("global_defs {\nlvs_sync_daemon eth0\n}\n" + service())
        both = [one("master", syncid=0), one("backup", syncid=0)]
        wait_until(lambda: daemons(director.host) == both, 20, 0.1, "both")
        director.reload(service())
        wait_until(lambda: daemons(director.host) == [], 20, 0.1, "none")
        director.reload("global_defs {\nlvs_sync_daemon eth0 id 9\n}\n" + service())
        both = [one("master", syncid=9), one("backup", syncid=9)]
        wait_until(lambda: daemons(director.host) == both, 20, 0.1, "both again")
        assert director.daemon.stop(20) == 0
        assert daemons(director.host) == []
