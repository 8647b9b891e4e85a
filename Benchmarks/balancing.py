"""Measures one daemon as a director; to be run inside a guest that has IPVS.

usage: balancing.py NAME BINARY     prints what was measured as JSON
"""

import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "Tests", "Lab")]
from bench import cpu, memory  # noqa: E402
from lab import Daemon, Lab, run, wait_until  # noqa: E402

# Everything that is checked answers on loopback.
NGINX = """
daemon off; master_process off; worker_processes 1; pid {directory}/nginx.pid;
error_log {directory}/nginx.log; worker_rlimit_nofile 4096;
events {{ worker_connections 4096; }}
http {{ access_log off; server {{ listen 0.0.0.0:80 backlog=4096; location / {{ return 200 "ok"; }} }} }}
"""
CHECKS = {
    "tcp": "TCP_CHECK {\n}",
    "http": "HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\n}",
}


def configuration(services, servers, check, weight=1, delay=1):
    text = []
    for service in range(services):
        text.append(f"""virtual_server 10.{service // 250}.{service % 250}.1 80 {{
delay_loop {delay}
lb_algo rr
lb_kind NAT
protocol TCP""")
        for server in range(1, servers + 1):
            last = service == services - 1 and server == servers
            text.append(f"real_server 127.{1 + service // 250}.{service % 250}.{server} 80 {{")
            text.append(f"weight {weight if last else 1}\n{check}\n}}")
        text.append("}")
    return "\n".join(text) + "\n"


def syn_moments(path):
    """When connections began, from a capture file of loopback."""
    with open(path, "rb") as file:
        data = file.read()
    offset = 24
    while offset + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from("<IIII", data, offset)
        offset += 16 + length
        yield seconds + fraction / 1e6


def largest_burst(moments, window=0.01, loop=1.0):
    """The largest share of the connections of one delay loop that began within a window."""
    largest, start = 0, 0
    for end, moment in enumerate(moments):
        while moments[start] < moment - window:
            start += 1
        largest = max(largest, end - start + 1)
    whole = (moments[-1] - moments[0]) / loop
    return largest / (len(moments) / whole)


def checks(kind, binary):
    """2,000 real servers that are checked every second."""
    with Lab() as lab:
        host = lab.host("director", "192.0.2.1/24")
        with open(os.path.join(lab.directory, "nginx.conf"), "w") as file:
            file.write(NGINX.format(directory=lab.directory))
        host.start("nginx", "-c", file.name, "-p", lab.directory,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon = Daemon(host, configuration(20, 100, CHECKS[kind]), binary, name="daemon")
        time.sleep(10)
        before, started = cpu(daemon), time.monotonic()
        connections = open_connections(host)
        time.sleep(15)
        elapsed = time.monotonic() - started
        used, done = cpu(daemon) - before, open_connections(host) - connections
        result = {
            f"{kind} checks: CPU, %": 100 * used / elapsed,
            f"{kind} checks: processor time of one, us": 1e6 * used / max(1, done),
            f"{kind} checks: a second": done / elapsed,
            f"{kind} checks: Pss, KB": memory(daemon)[0],
            f"{kind} checks: Rss, KB": memory(daemon)[1],
        }
        if kind == "tcp":
            path = os.path.join(lab.directory, "starts.pcap")
            host.run("timeout", "5", "tcpdump", "-i", "lo", "-w", path, "-s", "64", "-B", "16384",
                     "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", check=False)
            moments = sorted(syn_moments(path))
            result["tcp checks: largest share within 10 ms, %"] = 100 * largest_burst(moments)
        return result


def open_connections(host):
    """How many connections were begun so far."""
    text = host.run("cat", "/proc/net/snmp")
    names, values = re.findall(r"^Tcp: (.*)$", text, re.M)
    return int(values.split()[names.split().index("ActiveOpens")])


class Service:
    """Asks the kernel for the destinations of one service: a program for that would cost more than
    what is measured."""

    GENERIC, CONTROL, GET_FAMILY, GET_DESTINATIONS, DUMP = 16, 16, 3, 8, 0x300

    def __init__(self, host, address, port):
        with host.inside():
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, self.GENERIC)
        self.socket.bind((0, 0))
        service = self.attribute(1, struct.pack("=H", socket.AF_INET))
        service += self.attribute(2, struct.pack("=H", socket.IPPROTO_TCP))
        service += self.attribute(3, socket.inet_aton(address) + bytes(12))
        service += self.attribute(4, struct.pack("!H", port))
        self.service = self.attribute(0x8001, service)
        self.family = None

    @staticmethod
    def attribute(kind, value):
        return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)

    @staticmethod
    def attributes(data):
        found, offset = {}, 0
        while offset + 4 <= len(data):
            length, kind = struct.unpack_from("=HH", data, offset)
            found[kind & 0x3fff] = data[offset + 4:offset + length]
            offset += (length + 3) & ~3
        return found

    def ask(self, family, command, payload, flags=0):
        """The attributes of each answer; none after an error."""
        body = struct.pack("=BBH", command, 1, 0) + payload
        self.socket.send(struct.pack("=IHHII", 16 + len(body), family, 1 | flags, 1, 0) + body)
        found = []
        while True:
            data = self.socket.recv(1 << 20)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind in (2, 3):
                    return found
                found.append(self.attributes(data[20:length]))
                data = data[(length + 3) & ~3:]
            if not flags:
                return found

    def weights(self):
        if self.family is None:
            answers = self.ask(self.CONTROL, self.GET_FAMILY, self.attribute(2, b"IPVS\0"))
            if not answers:
                return []
            self.family, = struct.unpack("=H", answers[0][1])
        answers = self.ask(self.family, self.GET_DESTINATIONS, self.service, self.DUMP)
        return [struct.unpack("=I", self.attributes(answer[2])[4])[0] for answer in answers if 2 in answer]


def table(binary):
    """500 virtual servers of 20 real servers: start, reload with one weight, stop."""
    services, servers = 500, 20
    last = f"10.{(services - 1) // 250}.{(services - 1) % 250}.1"
    # Nobody listens: none of the checks may begin while this lasts.
    check = "TCP_CHECK {\nwarmup 1000000\n}"
    with Lab() as lab:
        host = lab.host("director", "192.0.2.1/24")
        # The module is loaded before the first of the two is measured.
        host.run("ipvsadm", "-Ln")
        service = Service(host, last, 80)

        def until(weight):
            wait_until(lambda: len(weights := service.weights()) == servers and weight in weights,
                       300, 0.02, f"weight {weight}")
        text = [configuration(services, servers, check, weight, delay=600) for weight in (1, 7)]
        started = time.monotonic()
        daemon = Daemon(host, text[0], binary, name="daemon")
        until(1)
        complete = time.monotonic() - started
        time.sleep(8)
        started = time.monotonic()
        daemon.reload(text[1])
        until(7)
        reloaded = time.monotonic() - started
        time.sleep(8)
        started = time.monotonic()
        daemon.stop(timeout=300)
        stopped = time.monotonic() - started
        rest = host.run("ipvsadm", "-Ln").count("TCP ")
        if rest:
            raise RuntimeError(f"{rest} services were left")
        return {"table of 10,000: start, s": complete, "table of 10,000: reload, s": reloaded,
                "table of 10,000: stop, s": stopped}


BENCHMARKS = {
    "tcp-checks": lambda binary: checks("tcp", binary),
    "http-checks": lambda binary: checks("http", binary),
    "table": table,
}

if __name__ == "__main__":
    print(json.dumps(BENCHMARKS[sys.argv[1]](sys.argv[2])))
