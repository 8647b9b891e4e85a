"""The log where nobody reads it: a full pipe, a stopped terminal, a FIFO, a journal that sleeps."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import socket
import termios
import time

from lab import Daemon, Lab, cases, run, wait_until
from scenario import Sniffer, both, instance, said

FAR = "bfd_instance far { neighbor_ip 10.0.0.9 }\n"
# Lines at every reload, in all processes.
CONFIGURATION = instance() + FAR


class Unread:
    """Something that a program prints to and that nobody reads. `reading` reads it after all."""

    def __init__(self, reading, writing, stop=lambda: None, go_on=lambda: None):
        self.reading, self.writing = reading, writing
        self.stop, self.go_on = stop, go_on

    def fill(self):
        """Until not one octet more is taken. The flag is gone again when the daemon starts."""
        if not os.isatty(self.writing):
            flags = fcntl.fcntl(self.writing, fcntl.F_GETFL)
            fcntl.fcntl(self.writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
            for size in (4096, 1):
                with contextlib.suppress(BlockingIOError):
                    while True:
                        os.write(self.writing, b"x" * (size - 1) + b"\n")
            fcntl.fcntl(self.writing, fcntl.F_SETFL, flags)
        self.stop()

    def is_blocking(self):
        return not fcntl.fcntl(self.writing, fcntl.F_GETFL) & os.O_NONBLOCK

    def read(self):
        fcntl.fcntl(self.reading, fcntl.F_SETFL, os.O_NONBLOCK)
        text = b""
        with contextlib.suppress(BlockingIOError, OSError):
            while piece := os.read(self.reading, 65536):
                text += piece
        return text.decode()

    def close(self):
        os.close(self.reading)
        os.close(self.writing)


def pipe():
    return Unread(*os.pipe())


def journal():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return Unread(ours.detach(), theirs.detach())


def terminal():
    master, slave = pty.openpty()
    return Unread(master, slave, stop=lambda: termios.tcflow(slave, termios.TCOOFF),
                  go_on=lambda: termios.tcflow(slave, termios.TCOON))


KINDS = {"pipe": pipe, "journal": journal, "terminal": terminal}


def test_lines():
    """What other programs look for in the log is there, at the start, at a reload and at the end"""
    def scenario(lab, binary):
        host = lab.host("one", "10.0.0.1/24", "2001:db8::1/64")
        included = os.path.join(lab.directory, "included.conf")
        with open(included, "w") as file:
            file.write(instance("U", 60, lines="unicast_peer { 10.0.0.7 }", addresses="10.0.0.110/24"))
        os.chmod(included, 0o644)
        configuration = FAR + instance() + f"include {included}\n" \
            + instance("V6", 52, addresses="fe80::100/64")
        daemon = Daemon(host, configuration, binary)
        wait_until(lambda: host.has("10.0.0.100") and host.has("fe80::100"), 8)
        daemon.reload()
        wait_until(lambda: "Reload complete" in daemon.log()
                   and daemon.log().count("VRRP sockpool") == 6, 8)
        daemon.stop()
        # What is of this run: directories, descriptors, times, versions.
        found = {"parent": [], "vrrp": [], "ends": []}
        kinds = {"parent": r"^(Opening|Configuration) file|^Reloading \.\.\.", "ends": r"^Stopped - ",
                 "vrrp": r"^Registering|^VRRP sockpool|^Assigned address|\(VI\) .*MASTER STATE"}
        for kind, pattern in kinds.items():
            for line in said(daemon, pattern):
                for variable, name in ((re.escape(lab.directory) + r"/one-\d+", "DIRECTORY"),
                                       (re.escape(lab.directory), "LAB"), (r"fd\(\d+,\d+\)", "fd(N,N)"),
                                       (r"\d+\.\d{6}", "TIME")):
                    line = re.sub(variable, name, line)
                found[kind].append(line)
        assert len(found["parent"]) == 7 and len(found["ends"]) == 2, found
        return found
    both(scenario)


@cases(list(KINDS))
def test_console_that_nobody_reads(kind):
    """A console that takes nothing stops no advert, no reload, no respawn and no stop, and loses no count"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        sniffer = Sniffer(host)
        stream = KINDS[kind]()
        stream.fill()
        daemon = Daemon(host, CONFIGURATION, stream=stream.writing)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        assert stream.is_blocking(), "the stream belongs to others too"
        for turn in range(20):
            daemon.reload()
            time.sleep(0.02)
        wait_until(lambda: len(sniffer.adverts()) > 5, 5)
        child = daemon.child()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: daemon.child() not in (0, child), 5, what="another child")
        sniffer.clear()
        wait_until(lambda: len(sniffer.adverts()) > 5, 5)
        begun = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - begun < 4
        assert not host.has("10.0.0.100")
        stream.close()


@cases(list(KINDS))
def test_console_that_is_read_again(kind):
    """What a console could not take comes later, and what was too much is counted"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        stream = KINDS[kind]()
        stream.fill()
        # What a reading finds are lines of the log, many of them.
        wrong = "".join(f"nonsense{number}\n" for number in range(4000))
        daemon = Daemon(host, CONFIGURATION, stream=stream.writing)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        daemon.reload(CONFIGURATION.replace("10.0.0.100", "10.0.0.101") + wrong)
        wait_until(lambda: host.has("10.0.0.101"), 20, what="the end of the reload")
        stream.go_on()
        text = ""

        def arrived():
            nonlocal text
            text += stream.read()
            return "log messages were lost" in text and "(VI) Entering MASTER STATE" in text
        wait_until(arrived, 10, what="what was held back, and the count of the rest")
        assert "'nonsense0'" in text and "'nonsense3999'" not in text
        assert daemon.stop() == 0
        text += stream.read()
        assert "Stopped Keepalived" in text
        stream.close()


def test_file_that_nobody_reads():
    """A log file that is a FIFO holds nobody up either"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "fifo.log")
        readers = []
        for name in ("fifo.log", "fifo_vrrp.log", "fifo_bfd.log"):
            os.mkfifo(os.path.join(lab.directory, name))
            readers.append(Unread(*[os.open(os.path.join(lab.directory, name), os.O_RDWR)] * 2))
            readers[-1].fill()
        daemon = Daemon(host, CONFIGURATION, arguments=("-g", path))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        for turn in range(20):
            daemon.reload()
            time.sleep(0.02)
        assert daemon.stop() == 0
        assert not host.has("10.0.0.100")
        for reader in readers:
            os.close(reader.reading)


def test_reader_that_went():
    """A pipe whose reader has gone ends nobody"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        stream = pipe()
        daemon = Daemon(host, CONFIGURATION, stream=stream.writing)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        os.close(stream.reading)
        os.close(stream.writing)
        for turn in range(5):
            daemon.reload()
            time.sleep(0.05)
        assert daemon.process.poll() is None and host.has("10.0.0.100")
        assert daemon.stop() == 0
        assert not host.has("10.0.0.100")
