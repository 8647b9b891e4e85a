"""What the tests of IPVS share: a director in a namespace of its own, and its table."""

import os

from lab import Daemon, Host, Lab, OURS, REFERENCE, run, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
# KEEPALIVED_TEST_BINARY=reference runs the same tests with Debian's keepalived, to look at it.
BINARY = {"reference": REFERENCE}.get(os.environ.get("KEEPALIVED_TEST_BINARY"), OURS)


class Director:
    """A host whose IPVS a daemon fills. Nothing of it is known to other hosts of the guest."""

    def __init__(self, lab, configuration=None, name="director", arguments=()):
        self.lab = lab
        self.host = Host(lab, name)
        lab.hosts[name] = self.host
        self.host.ip("address", "add", "127.0.0.1/8", "dev", "lo", check=False)
        self.daemon = None
        if configuration is not None:
            self.start(configuration, arguments)

    def start(self, configuration, arguments=()):
        name = f"{self.host.label}-daemon-{len(self.lab.processes)}"
        self.daemon = Daemon(
            self.host, self.text(configuration), BINARY, ("-C", *arguments), name=name)

    def text(self, configuration):
        return configuration.replace("@DIRECTORY@", self.lab.directory)

    def reload(self, configuration):
        self.daemon.reload(self.text(configuration))

    def ipvsadm(self, *words, **options):
        return self.host.run("ipvsadm", *words, **options)

    @property
    def table(self):
        """Services with their destinations, sorted: the kernel's order says nothing."""
        return sorted(self.ipvsadm("-Sn").splitlines())

    def wait_table(self, expected, timeout=40):
        expected = sorted(expected)
        try:
            wait_until(lambda: self.table == expected, timeout, 0.1)
        except TimeoutError:
            raise AssertionError(self.difference(expected)) from None

    def difference(self, expected):
        table = self.table
        missing = [line for line in expected if line not in table]
        surplus = [line for line in table if line not in expected]
        return "\n".join(["missing:", *missing, "too much:", *surplus, self.daemon.log()[-4000:]])


def expected(name):
    with open(os.path.join(HERE, "tables", f"{name}.table")) as file:
        return file.read().splitlines()


def configuration(name):
    with open(os.path.join(HERE, "tables", f"{name}.conf")) as file:
        return file.read()


def service(address="10.0.0.1 80", servers=("10.1.0.1", "10.1.0.2"), lines="", algorithm="rr"):
    text = f"virtual_server {address} {{\nlb_algo {algorithm}\nlb_kind NAT\nprotocol TCP\n{lines}\n"
    for server in servers:
        text += f"real_server {server} 80 {{\n}}\n"
    return text + "}\n"


def lines(address="10.0.0.1:80", servers=("10.1.0.1", "10.1.0.2"), algorithm="rr", weight=1):
    """What the table holds of `service`."""
    return [f"-A -t {address} -s {algorithm}"] + [
        f"-a -t {address} -r {server}:80 -m -w {weight}" for server in servers]
