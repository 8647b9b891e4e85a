"""What the tests of checkers share: many virtual servers of one check each, and what becomes of them."""

import os

from balancer import BINARY
from lab import Daemon, wait_until
from scenario import Fifo

SERVICE = "10.0.0.1"
SERVER = "127.0.1.1"


def check(kind, lines="", timeout=2, interval=0.5):
    """The block of a checker that tells its first failure."""
    pace = ["retry 0", "warmup 0", f"delay_loop {interval}", f"delay_before_retry {interval}"]
    if kind in ("BFD_CHECK", "FILE_CHECK"):
        pace = []
    elif kind != "MISC_CHECK":
        pace += [f"connect_timeout {timeout}"]
    return f"{kind} {{\n" + "\n".join(pace) + f"\n{lines}\n}}"


class Case:
    """A virtual server with one real server, both known by their port."""

    def __init__(self, port, checker, lines="", server=SERVER, weight=1):
        self.port, self.checker, self.lines = port, checker, lines
        self.server, self.weight = server, weight

    @property
    def configuration(self):
        return (f"virtual_server {SERVICE} {self.port} {{\ndelay_loop 1\nlb_algo rr\nlb_kind NAT\n"
                f"protocol TCP\n{self.lines}\nreal_server {self.server} {self.port} {{\n"
                f"weight {self.weight}\n{self.checker}\n}}\n}}\n")

    def table(self, serves=True, weight=None):
        service = f"-A -t {SERVICE}:{self.port} -s rr"
        server = f"-a -t {SERVICE}:{self.port} -r {self.server}:{self.port} -m -w "
        return [service] + ([server + str(self.weight if weight is None else weight)] if serves else [])

    def told(self, word):
        service = f"[{SERVICE}]:tcp:{self.port}"
        return [f"RS [{self.server}]:tcp:{self.port} {service} {word}", f"VS {service} {word}"]


class Checking:
    """A director with its servers on loopback; `steps` are tables and notifications to compare."""

    def __init__(self, lab, binary=BINARY):
        self.lab, self.binary = lab, binary
        self.host = lab.host("director", "192.0.2.1/24")
        self.fifo = Fifo(lab.directory)
        self.daemon = None
        self.seen = 0
        self.steps = {}
        # Port -> weight in the table; None for one that is out.
        self.weights = {}

    def file(self, name):
        return os.path.join(self.lab.directory, name)

    def write(self, name, text):
        """Puts a whole file in the place of another one."""
        with open(self.file(name + ".new"), "w") as file:
            file.write(text)
        os.chmod(self.file(name + ".new"), 0o755)
        os.rename(self.file(name + ".new"), self.file(name))

    def text(self, cases, preamble):
        return (f"global_defs {{\nscript_user root\nlvs_notify_fifo {self.fifo.path}\n}}\n{preamble}\n"
                + "".join(case.configuration for case in cases))

    def start(self, cases, preamble="", weights=(), down=()):
        """Starts the daemon: each server is up, unchecked, until the first check of those in `down`.

        `weights` are those that files make other than configured.
        """
        self.launch(cases, preamble)
        self.weights |= dict(weights) | {port: None for port in down}
        self.wait("start", [case.told("UP")[1] for case in cases]
                  + [line for port in down for line in self.cases[port].told("DOWN")])

    def launch(self, cases, preamble, arguments=("-C",)):
        self.cases = {case.port: case for case in cases}
        self.weights = {case.port: case.weight for case in cases}
        self.daemon = Daemon(
            self.host, self.text(cases, preamble), self.binary, arguments,
            name=f"daemon-{len(self.lab.processes)}")

    def reload(self, cases, preamble=""):
        self.cases = {case.port: case for case in cases}
        self.daemon.reload(self.text(cases, preamble))

    def down(self, name, *ports):
        self.change(name, down=ports)

    def up(self, name, *ports):
        self.change(name, up=ports)

    def change(self, name, down=(), up=()):
        """Waits until these went down and those came up, and nothing else has happened."""
        for port in down:
            self.weights[port] = None
        for port in up:
            self.weights[port] = self.cases[port].weight
        self.wait(name, [line for ports, word in ((down, "DOWN"), (up, "UP"))
                           for port in ports for line in self.cases[port].told(word)])

    def weight(self, name, port, weight):
        """Waits until the table has another weight, of which nobody is told."""
        self.weights[port] = weight
        self.wait(name, [])

    def wait(self, name, lines):
        """Waits until exactly these lines were told, in any order, and the table is as it must be."""
        table = sorted(
            line for port, case in self.cases.items()
            for line in case.table(self.weights[port] is not None, self.weights[port]))

        def there():
            return sorted(self.told[self.seen:]) == sorted(lines) and self.table == table
        try:
            wait_until(there, 40, 0.1)
        except TimeoutError:
            raise AssertionError(self._difference(name, lines, table)) from None
        self.seen += len(lines)
        self.steps[name] = {"table": table, "told": sorted(lines)}

    def _difference(self, name, lines, table):
        told, seen = self.told[self.seen:], self.table
        return "\n".join([
            f"{self.binary}: {name}",
            f"not told: {[line for line in lines if line not in told]}",
            f"told too much: {[line for line in told if line not in lines]}",
            f"missing: {[line for line in table if line not in seen]}",
            f"too much: {[line for line in seen if line not in table]}", self.daemon.log()[-6000:]])

    @property
    def table(self):
        return sorted(self.host.run("ipvsadm", "-Sn").splitlines())

    @property
    def told(self):
        return [line.strip("\0") for line in self.fifo.lines if line.strip("\0")]

    @property
    def checker(self):
        """The process number of the checker child."""
        with open(self.daemon.file("checkers.pid")) as file:
            return int(file.read())

    def forget(self):
        """What was told until now is not looked at."""
        self.seen = len(self.told)

    def stop(self):
        """The comparable part of all that was seen."""
        assert self.daemon.stop(20) == 0, self.daemon.log()[-3000:]
        assert self.table == [], self.table
        assert self.told[self.seen:] == [], self.told[self.seen:]
        return self.steps
