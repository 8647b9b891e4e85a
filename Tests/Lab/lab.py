"""A laboratory of network namespaces: hosts on one LAN, daemons on them, and packets to look at.

Everything that a Lab makes goes with it, also after a failure or an interruption. Names carry the
process number, so that several labs do not meet.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OURS = os.path.join(ROOT, ".build", "release", "keepalived")
REFERENCE = "/usr/sbin/keepalived"
# A guest may be slower than this machine (guest.py).
PATIENCE = int(os.environ.get("KEEPALIVED_PATIENCE", "1"))


def is_privileged():
    """Whether network namespaces can be made here."""
    return os.geteuid() == 0


def run(*command, check=True, **options):
    """Runs a command to its end and returns what it printed."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if check and result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stdout.strip()}")
    return result.stdout


def wait_until(condition, timeout, interval=0.01, what="condition"):
    """Polls until the condition gives something true, and returns that."""
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout} s")
        time.sleep(interval)


class Host:
    """A network namespace with one interface, eth0, on the LAN (more with add_interface)."""

    def __init__(self, lab, name):
        self.lab = lab
        self.label = name
        self.name = f"{lab.prefix}{name}"
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        for setting in ("all", "default"):
            self.sysctl(f"net/ipv6/conf/{setting}/accept_dad", "0")

    def command(self, *words):
        return ("ip", "netns", "exec", self.name) + words

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def ip(self, *words, **options):
        return run("ip", "-n", self.name, *words, **options)

    def sysctl(self, path, value):
        self.run("sh", "-c", f"echo {value} > /proc/sys/{path}", check=False)

    def start(self, *words, **options):
        """Starts a program that ends with the lab."""
        # A session of its own: an interruption from the terminal is the lab's business alone.
        process = subprocess.Popen(self.command(*words), start_new_session=True, **options)
        self.lab.processes.append(process)
        return process

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread opens meanwhile belong to the host."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{self.name}") as there:
            def enter(file):
                if libc.setns(file.fileno(), 0x40000000) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            enter(there)
            try:
                yield
            finally:
                enter(home)

    def addresses(self, interface="eth0"):
        """All addresses of an interface, as text."""
        text = self.ip("-j", "address", "show", "dev", interface, check=False)
        # What does not exist has none.
        listing = json.loads(text) if text.startswith("[") else []
        return [entry["local"] for link in listing for entry in link.get("addr_info", []) if "local" in entry]

    def has(self, address, interface="eth0"):
        return address in self.addresses(interface)


class Daemon:
    """A keepalived on a host."""

    def __init__(self, host, configuration, binary=OURS, arguments=(), name=None, stream=None):
        """`stream` is a descriptor for what it prints, in the place of its log file."""
        self.host = host
        self.stream = stream
        self.binary = binary
        self.directory = os.path.join(host.lab.directory, name or f"{host.label}-{id(self)}")
        os.makedirs(self.directory)
        self.configuration = os.path.join(self.directory, "keepalived.conf")
        self.write(configuration)
        self.output = os.path.join(self.directory, "log")
        self.arguments = arguments
        self.process = None
        self.start()

    def write(self, configuration):
        with open(self.configuration, "w") as file:
            file.write(configuration)
        os.chmod(self.configuration, 0o644)

    def file(self, name):
        return os.path.join(self.directory, name)

    def start(self):
        with open(self.output, "a") as log:
            self.process = self.host.start(
                self.binary, "-n", "-l", "-D", "-G", "-f", self.configuration,
                "-p", self.file("keepalived.pid"), "-r", self.file("vrrp.pid"),
                "-c", self.file("checkers.pid"), "-b", self.file("bfd.pid"), *self.arguments,
                stdin=subprocess.DEVNULL, stdout=self.stream or log, stderr=self.stream or log,
                cwd=self.directory,
                env=dict(os.environ, TMPDIR=self.directory, SWIFT_BACKTRACE="enable=no"))

    @property
    def pid(self):
        return self.process.pid

    def child(self, name="vrrp"):
        """The process number of the VRRP child, or of another one."""
        try:
            with open(self.file(f"{name}.pid")) as file:
                return int(file.read().strip() or 0)
        except (OSError, ValueError):
            return 0

    def log(self):
        with open(self.output) as file:
            return file.read()

    def said(self, text):
        return text in self.log()

    def reload(self, configuration=None):
        if configuration is not None:
            self.write(configuration)
        self.process.send_signal(signal.SIGHUP)

    def stop(self, timeout=10):
        """A clean stop; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def crash(self):
        """The end without a farewell, of parent and children."""
        # A child that outlives its parent would take its addresses away.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGSTOP)
        children = [int(line) for line in run("pgrep", "-P", str(self.pid), check=False).split()]
        for pid in children + [self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


class Lab:
    """Hosts on one LAN."""

    def __init__(self, tag=""):
        """`tag` keeps two labs of one process apart."""
        self.prefix = f"ka{os.getpid()}{tag}-"
        self.directory = tempfile.mkdtemp(prefix="keepalived-lab-")
        os.chmod(self.directory, 0o755)
        self.hosts = {}
        self.processes = []
        self.count = 0

    def __enter__(self):
        # An interruption must clean up too.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: sys.exit(1))
        self.lan = Host(self, "lan")
        self.hosts["lan"] = self.lan
        self.lan.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        self.lan.ip("link", "set", "br0", "up")
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 3
        for process in self.processes:
            try:
                process.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for host in self.hosts.values():
            for pid in run("ip", "netns", "pids", host.name, check=False).split():
                with contextlib.suppress(ProcessLookupError, ValueError):
                    os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "delete", host.name, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)

    def host(self, name, *addresses):
        """A host with these addresses on eth0; also fe80::N where N counts the hosts."""
        host = Host(self, name)
        self.hosts[name] = host
        self.count += 1
        self.add_interface(host, "eth0", *addresses, f"fe80::{self.count:x}/64")
        return host

    def add_interface(self, host, interface, *addresses, bridge="br0"):
        self.count_links = getattr(self, "count_links", 0) + 1
        port = f"p{self.count_links}"
        run("ip", "link", "add", port, "netns", self.lan.name, "type", "veth",
            "peer", "name", interface, "netns", host.name)
        self.lan.ip("link", "set", port, "master", bridge, "up")
        host.sysctl(f"net/ipv6/conf/{interface}/accept_dad", "0")
        host.sysctl(f"net/ipv6/conf/{interface}/addr_gen_mode", "1")
        host.ip("link", "set", interface, "up")
        for address in addresses:
            host.ip("address", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))
        host.ports = getattr(host, "ports", {})
        host.ports[interface] = port

    def cut(self, host, interface="eth0", down=True):
        """Takes the host's cable out, or puts it back: its own interface keeps its carrier."""
        self.lan.ip("link", "set", host.ports[interface], "nomaster" if down else "master",
                    *([] if down else ["br0"]))


class Probe:
    """Asks an address every 5 ms who has it. Each router answers with its name."""

    PORT = 7007
    ECHO = r"""
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[3])))
while True:
    data, peer = s.recvfrom(64)
    s.sendto(data + sys.argv[1].encode(), peer)
"""
    ASK = r"""
import select, socket, struct, sys, time
address, port, interval = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.setblocking(False)
target = socket.getaddrinfo(address, port, family, socket.SOCK_DGRAM)[0][4]
due = time.monotonic()
while True:
    now = time.monotonic()
    if now >= due:
        try: s.sendto(struct.pack("d", now), target)
        except OSError: pass
        due = max(due + interval, now)
    if select.select([s], [], [], max(0, due - time.monotonic()))[0]:
        try: data = s.recv(64)
        except OSError: continue
        print(time.monotonic(), data[8:].decode(), flush=True)
"""

    def __init__(self, client, address, routers, interval=0.005):
        self.answers = []
        for router in routers:
            router.start(sys.executable, "-c", self.ECHO, router.label, address, str(self.PORT))
        self.process = client.start(
            sys.executable, "-c", self.ASK, address, str(self.PORT), str(interval),
            stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            moment, name = line.split()
            self.answers.append((float(moment), name))

    @property
    def holder(self):
        """Who answered last, if that was a moment ago."""
        if not self.answers or time.monotonic() - self.answers[-1][0] > 0.5:
            return None
        return self.answers[-1][1]

    def outage(self, since):
        """The longest gap between two answers after a moment, in seconds."""
        answers = [a for a in list(self.answers) if a[0] >= since - 0.5]
        gaps = [later[0] - earlier[0] for earlier, later in zip(answers, answers[1:]) if later[0] >= since]
        return max(gaps, default=float("inf"))


class Skip(Exception):
    """Why a test cannot run here."""


def cases(values):
    """A test that is run once for each value."""
    def mark(function):
        function.cases = values
        return function
    return mark
