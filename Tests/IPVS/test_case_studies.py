"""Case studies of the user guide: web servers behind one director, and behind two with VRRP.

The configurations are our own, with addresses of the laboratory.
"""

import socket
import ssl
import threading
import time

from balancer import BINARY
from lab import Daemon, Lab, wait_until
from servers import Nginx, await_port, digest

NEEDS = ["ip_vs"]

SITES = """
server {
  listen 80;
  listen 443 ssl;
  root @PAGES@;
}
"""

GLOBALS = """
global_defs {{
    router_id {name}
}}
"""

INSTANCE = """
vrrp_instance {name} {{
    state {state}
    interface {interface}
    virtual_router_id {vrid}
    priority {priority}
    advert_int 0.2
    version 3
    virtual_ipaddress {{
        {address}/24
    }}
}}
"""

SERVICE = """
virtual_server {address} {port} {{
    delay_loop 1
    warmup 0
    retry 1
    delay_before_retry 0.2
    connect_timeout 3
    lb_algo rr
    lb_kind NAT
    protocol TCP
{servers}}}
"""

HTTP = """    real_server {address} 80 {{
        weight 1
        HTTP_GET {{
            url {{
                path /test/page
                digest {page}
            }}
            url {{
                path /test/status
                digest {status}
            }}
            fast_recovery
        }}
    }}
"""

HTTPS = """    real_server {address} 443 {{
        weight 1
        SSL_GET {{
            url {{
                path /test/page
                digest {page}
            }}
        }}
    }}
"""

PAGE, STATUS = "A page that all servers have.\n", "All is well.\n"


class WebServer:
    """A host with nginx behind a director, on the inner network."""

    def __init__(self, lab, number, gateway):
        self.name, self.address = f"server{number}", f"10.1.0.{number}"
        self.host = lab.host(self.name, f"{self.address}/24")
        self.host.ip("route", "add", "default", "via", gateway)
        self.nginx = Nginx(self.host, self.name, SITES, folders=("test",))
        for name, text in (("test/page", PAGE), ("test/status", STATUS), ("name", self.name)):
            self.nginx.page(name, text)
        await_port(self.host, self.address, 443)

    def digests(self):
        """What our genhash says, over both kinds of connection the same."""
        plain = {name: digest(self.host, self.address, 80, f"/test/{name}") for name in ("page", "status")}
        assert digest(self.host, self.address, 443, "/test/page", "-S") == plain["page"]
        return plain


def services(address, servers):
    text = ""
    for port, template in ((80, HTTP), (443, HTTPS)):
        text += SERVICE.format(address=address, port=port, servers="".join(
            template.format(address=server.address, **server.digests()) for server in servers))
    return text


def table(address, plain, tls):
    lines = []
    for port, servers in ((80, plain), (443, tls)):
        lines += [f"-A -t {address}:{port} -s rr"]
        lines += [f"-a -t {address}:{port} -r {server.address}:{port} -m -w 1" for server in servers]
    return sorted(lines)


def wait_table(host, daemon, wanted):
    def there():
        return sorted(host.run("ipvsadm", "-Sn").splitlines())
    try:
        wait_until(lambda: there() == wanted, 30, 0.1)
    except TimeoutError:
        raise AssertionError(f"{there()} instead of {wanted}\n{daemon.log()[-4000:]}") from None


class Visitor:
    """Asks an address for /name again and again; `answers` are (moment, port, who or None)."""

    def __init__(self, host, address, ports=(80, 443)):
        self.host, self.address = host, address
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.answers = []
        for port in ports:
            threading.Thread(target=self._ask, args=(port,), daemon=True).start()

    def _ask(self, port):
        while True:
            started = time.monotonic()
            try:
                who = self._get(port)
            except OSError:
                who = None
            self.answers.append((started, port, who))
            time.sleep(0.1)

    def _get(self, port):
        with self.host.inside():
            connection = socket.socket()
        with connection:
            connection.settimeout(2)
            connection.connect((self.address, port))
            if port == 443:
                connection = self.context.wrap_socket(connection)
            with connection:
                connection.sendall(b"GET /name HTTP/1.0\r\n\r\n")
                data = b""
                while block := connection.recv(4096):
                    data += block
        head, _, body = data.partition(b"\r\n\r\n")
        return body.decode() if b" 200 " in head.splitlines()[0] else None

    def since(self, moment, port=None):
        return [who for asked, at, who in list(self.answers) if asked >= moment and port in (None, at)]

    def wait(self, servers, count=12, timeout=30):
        """Waits until so many requests in a row, over all ports, were answered by just these."""
        names = {server.name for server in servers}

        def served():
            last = [who for _, _, who in list(self.answers)[-count:]]
            return len(last) == count and set(last) == names
        try:
            wait_until(served, timeout, 0.1)
        except TimeoutError:
            raise AssertionError(f"{self.answers[-20:]} instead of {names}") from None


def test_web_servers_behind_one_director():
    """HTTP by two urls with digests and HTTPS by SSL_GET, behind NAT: a page changes, its server goes"""
    with Lab() as lab:
        director = lab.host("director", "192.0.2.1/24", "192.0.2.100/24")
        lab.add_interface(director, "eth1", "10.1.0.1/24")
        director.sysctl("net/ipv4/ip_forward", "1")
        client = lab.host("client", "192.0.2.50/24")
        servers = [WebServer(lab, number, "10.1.0.1") for number in (11, 12)]
        one, two = servers
        daemon = Daemon(
            director, GLOBALS.format(name="LVS") + services("192.0.2.100", servers), BINARY, ("-C",),
            name="daemon")
        wait_table(director, daemon, table("192.0.2.100", servers, servers))
        visitor = Visitor(client, "192.0.2.100")
        visitor.wait(servers)

        # IPVS drops what is under way to a server that goes; who asks after that is served.
        def served(moment):
            answers = visitor.since(moment)
            assert None not in answers, answers

        # The second url is one of HTTP_GET alone.
        one.nginx.page("test/status", "Something is wrong.\n")
        wait_table(director, daemon, table("192.0.2.100", [two], servers))
        moment = time.monotonic()
        wait_until(lambda: len(visitor.since(moment, 80)) >= 6, 20, 0.1)
        assert set(visitor.since(moment, 80)) == {two.name}, visitor.since(moment, 80)
        served(moment)
        one.nginx.page("test/page", "Another page.\n")
        wait_table(director, daemon, table("192.0.2.100", [two], [two]))
        moment = time.monotonic()
        visitor.wait([two])
        one.nginx.page("test/page", PAGE)
        one.nginx.page("test/status", STATUS)
        wait_table(director, daemon, table("192.0.2.100", servers, servers))
        visitor.wait(servers)
        served(moment)
        two.nginx.stop()
        wait_table(director, daemon, table("192.0.2.100", [one], [one]))
        visitor.wait([one])
        assert daemon.stop(20) == 0
        assert director.run("ipvsadm", "-Sn") == ""


# Name, interface, VRID, address, and whose it is.
INSTANCES = [
    ("EXTERNAL1", "eth0", 51, "192.0.2.101", "one"),
    ("INTERNAL1", "eth1", 52, "10.1.0.101", "one"),
    ("EXTERNAL2", "eth0", 53, "192.0.2.102", "two"),
    ("INTERNAL2", "eth1", 54, "10.1.0.102", "two"),
]


def routers(owner):
    text = GLOBALS.format(name=owner)
    for number in (1, 2):
        text += (f"vrrp_sync_group G{number} {{\n  group {{\n    EXTERNAL{number}\n"
                 f"    INTERNAL{number}\n  }}\n}}\n")
    for name, interface, vrid, address, whose in INSTANCES:
        text += INSTANCE.format(
            name=name, interface=interface, vrid=vrid, address=address,
            state="MASTER" if whose == owner else "BACKUP", priority=150 if whose == owner else 100)
    return text


def holds(host):
    return {name for name, interface, _, address, _ in INSTANCES if host.has(address, interface)}


def test_web_servers_behind_two_directors():
    """Two directors share four addresses in two sync groups; one dies, and its clients go on being served"""
    with Lab() as lab:
        directors = {}
        for number, name in enumerate(("one", "two"), 1):
            host = directors[name] = lab.host(name, f"192.0.2.{number}/24")
            lab.add_interface(host, "eth1", f"10.1.0.{number}/24")
            host.sysctl("net/ipv4/ip_forward", "1")
        client = lab.host("client", "192.0.2.50/24")
        # Each half answers through the inner address of its director.
        halves = {"192.0.2.101": [WebServer(lab, number, "10.1.0.101") for number in (11, 12)],
                  "192.0.2.102": [WebServer(lab, 13, "10.1.0.102")]}
        text = "".join(services(address, servers) for address, servers in halves.items())
        wanted = sorted(line for address, servers in halves.items()
                        for line in table(address, servers, servers))
        daemons = {name: Daemon(host, routers(name) + text, BINARY, name=f"daemon-{name}")
                   for name, host in directors.items()}
        for name, number in (("one", 1), ("two", 2)):
            wait_until(lambda: holds(directors[name]) == {f"EXTERNAL{number}", f"INTERNAL{number}"},
                       20, 0.1, name)
            wait_table(directors[name], daemons[name], wanted)
        visitors = {address: Visitor(client, address) for address in halves}
        for address, visitor in visitors.items():
            visitor.wait(halves[address])
        started = time.monotonic()
        for address, visitor in visitors.items():
            wait_until(lambda: len(visitor.since(started)) >= 10, 20, 0.1)
            assert None not in visitor.since(started), visitor.answers

        # Its addresses are left behind; the machine is off the network as a dead one would be.
        for interface in ("eth0", "eth1"):
            lab.cut(directors["one"], interface)
        daemons["one"].crash()
        died = time.monotonic()
        wait_until(lambda: len(holds(directors["two"])) == 4, 20, 0.1, "two has all")
        wait_table(directors["two"], daemons["two"], wanted)
        for address, visitor in visitors.items():
            visitor.wait(halves[address])
        # Whoever was at the other director has not noticed.
        assert None not in visitors["192.0.2.102"].since(died), visitors["192.0.2.102"].answers
        # Checks go on, too.
        halves["192.0.2.101"][0].nginx.stop()
        half = halves["192.0.2.101"][1:]
        wait_table(directors["two"], daemons["two"], sorted(
            table("192.0.2.101", half, half) + table("192.0.2.102", *[halves["192.0.2.102"]] * 2)))
        visitors["192.0.2.101"].wait(half)
        assert daemons["two"].stop(20) == 0
        assert directors["two"].run("ipvsadm", "-Sn") == ""
        assert holds(directors["two"]) == set()
