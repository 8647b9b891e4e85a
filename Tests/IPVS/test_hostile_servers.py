"""Servers that answer whatever harms: each is judged in its time, and others go on being checked."""

import hashlib
import os
import resource
import socket
import struct
import time

from checking import Case, Checking, SERVER, check
from lab import Lab, wait_until
from servers import Listener, Responder

NEEDS = ["ip_vs"]

BODY = b"0123456789abcdef" * 65536 * 2
OK = b"HTTP/1.0 200 OK\r\n"


def says(*pieces):
    """Reads a request, sends this and closes."""
    def serve(connection, _):
        connection.recv(4096)
        for piece in pieces:
            connection.sendall(piece)
    return serve


def goes_on(first, again, pause):
    """Sends the same again and again until the peer has enough."""
    def serve(connection, _):
        connection.recv(4096)
        connection.sendall(first)
        while True:
            connection.sendall(again)
            time.sleep(pause)
    return serve


def resets(*pieces, reads=True):
    def serve(connection, _):
        if reads:
            connection.recv(4096)
        for piece in pieces:
            connection.sendall(piece)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return serve


def unasked(*pieces):
    """Speaks first, and then waits for the peer to go."""
    def serve(connection, _):
        for piece in pieces:
            connection.sendall(piece)
        while connection.recv(4096):
            pass
    return serve


def talks(connection, _):
    for line in (b"220 a\r\n", b"250 b\r\n", b"221 c\r\n"):
        connection.sendall(line)
        connection.recv(4096)


def silent(connection, _):
    while connection.recv(4096):
        pass


def floods(connection, _):
    connection.settimeout(10)
    while True:
        connection.sendall(b"\0" * 65536)


def get(lines="", timeout=1, kind="HTTP_GET"):
    return check(kind, f"url {{\npath /\n{lines}\n}}", timeout, 1)


def other(kind, lines="", timeout=1):
    return check(kind, lines, timeout, 1)


def digest(body):
    return f"digest {hashlib.md5(body).hexdigest()}"


ANY_DIGEST = digest(b"never")
# The begin of a record of TLS that says it is longer than what comes.
HALF_HELLO = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + b"\0" * 200
# Header of an answer without an error; the number is put in front.
ANSWER = b"\x81\x80\0\x01\0\0\0\0\0\0"

# Name, what is checked, the server, and whether it passes.
STREAMS = [
    ("endless header", get(), goes_on(OK, b"X-Field: " + b"x" * 4000 + b"\r\n", 0.02), False),
    ("header of one line", get(), goes_on(b"", b"x" * 1000, 0.02), False),
    ("no header", get(), says(b"<html>\n\nhello\n"), False),
    ("nothing", get(), says(), False),
    ("no status", get(), says(b"HTTP/1.0\r\n\r\nbody"), False),
    ("garbage", get(), says(bytes(range(256)) * 8 + b"\r\n\r\n" + bytes(range(256))), False),
    ("long number", get(), says(b"HTTP/1.0 20000000000000000000000 OK\r\n\r\n"), False),
    ("slow header", get(timeout=0.1), goes_on(b"HTTP/1.0 ", b"2", 0.02), False),
    ("stuck header", get(), unasked(b"HTTP/1.0 200 OK\r\nX"), False),
    ("endless body", get(ANY_DIGEST, 0.1), goes_on(OK + b"\r\n", b"y" * 16384, 0.05), False),
    ("huge body", get(digest(BODY), 10), says(OK + b"\r\n" + BODY), True),
    ("huge length", get(digest(b"z"), 10),
     says(OK + b"Content-Length: 99999999999999999999999999\r\n\r\nz"), True),
    ("negative length", get(digest(b"z"), 10), says(OK + b"Content-Length: -1\r\n\r\nz"), True),
    ("NUL in the header", get(digest(b"\0\0"), 10),
     says(b"HTTP/1.0 200 O\0K\r\n\0: \0\r\n\r\n\0\0"), True),
    ("costly expression", get('regex "(a+)+b"'), says(OK + b"\r\n", b"a" * 60 + b"c"), False),
    ("long match", get('regex "a+b"'), says(OK + b"\r\n", b"a" * 20000), False),
    ("reset at once", get(), resets(reads=False), False),
    ("reset in the header", get(), resets(OK + b"X-"), False),
    ("TLS without a word", get(kind="SSL_GET"), silent, False),
    ("half a hello", get(kind="SSL_GET"), unasked(HALF_HELLO), False),
    ("no TLS", get(kind="SSL_GET"), says(OK + b"\r\n"), False),
    ("reset in the hello", get(kind="SSL_GET"), resets(HALF_HELLO[:30]), False),
    ("endless greeting", other("SMTP_CHECK"), goes_on(b"220 ", b"x" * 500, 0.01), False),
    ("greeting of NUL", other("SMTP_CHECK"), unasked(b"\0" * 100 + b"\r\n"), False),
    ("slow greeting", other("SMTP_CHECK"), goes_on(b"2", b"2", 0.05), False),
    ("flood after connecting", other("TCP_CHECK", timeout=10), floods, True),
]
DATAGRAMS = [
    ("long answer", other("DNS_CHECK", timeout=10), lambda data: [data[:2] + ANSWER + b"\0" * 60000], True),
    ("short answer", other("DNS_CHECK"), lambda data: [data[:2] + b"\x81"], False),
    ("only NUL", other("DNS_CHECK"), lambda data: [b"\0" * 512, b""], False),
    ("answers to others", other("DNS_CHECK"),
     lambda data: [bytes([data[0] ^ 1, data[1]]) + ANSWER] * 100, False),
    ("the question itself", other("DNS_CHECK"), lambda data: [data], False),
    ("long datagram", other("UDP_CHECK", "require_reply 00"), lambda data: [b"\0" * 60000], False),
    ("empty datagram", other("UDP_CHECK", "require_reply", 10), lambda data: [b""], True),
]


def status(pid):
    """VmRSS and VmHWM of a process, in KiB."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return tuple(int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))


def test_hostile_servers():
    """Headers and bodies without end, garbage, silence, resets: each fails or passes, nothing grows"""
    with Lab() as lab:
        scene = Checking(lab)
        cases, servers, failing = [], [], []
        for number, (name, block, serve, passes) in enumerate(STREAMS + DATAGRAMS, 9000):
            kind = Listener if number - 9000 < len(STREAMS) else Responder
            servers.append((name, kind(scene.host, SERVER, number, serve)))
            cases.append(Case(number, block))
            if not passes:
                failing.append(number)
        honest = Listener(scene.host, SERVER, 80, says(OK + b"\r\nfine"))
        cases.append(Case(9100, other(
            "HTTP_GET", f"connect_port 80\nurl {{\npath /\n{digest(b'fine')}\n}}", 10)))
        scene.start(cases, down=failing)

        def rounds(count):
            wanted = {name: server.count + count for name, server in servers}
            wait_until(lambda: all(server.count >= wanted[name] for name, server in servers), 60, 0.1,
                       f"checks of {[(name, server.count) for name, server in servers]}")
        rounds(1)
        before = status(scene.checker)
        descriptors = len(os.listdir(f"/proc/{scene.checker}/fd"))
        for _ in range(2):
            honest.stop()
            scene.down("the honest one", 9100)
            honest.start()
            scene.up("is back", 9100)
        rounds(2)
        after = status(scene.checker)
        # A connection each, and what a check of TLS or a script may need for a moment.
        assert len(os.listdir(f"/proc/{scene.checker}/fd")) <= descriptors + len(cases)
        assert after[0] - before[0] < 4096, (before, after)
        assert after[1] < 65536, after
        scene.stop()


def test_no_descriptors():
    """Without descriptors checks wait and say so, and no server is removed"""
    with Lab() as lab:
        scene = Checking(lab)
        scene.write("true", "#!/bin/sh\nexit 0\n")
        web = Listener(scene.host, SERVER, 80, says(OK + b"\r\nfine"))
        mail = Listener(scene.host, SERVER, 25, talks)
        plain = Listener(scene.host, SERVER, 81, lambda *_: None)
        names = Responder(scene.host, SERVER, 53, lambda data: [data[:2] + ANSWER])
        echo = Responder(scene.host, SERVER, 7, lambda data: [data])
        kinds = [("TCP_CHECK", "connect_port 81"), ("HTTP_GET", "connect_port 80\nurl {\npath /\n}"),
                 ("SMTP_CHECK", "connect_port 25"), ("DNS_CHECK", "connect_port 53"),
                 ("UDP_CHECK", "connect_port 7\nrequire_reply"), ("PING_CHECK", ""),
                 ("MISC_CHECK", f"misc_path {scene.file('true')}\nmisc_timeout 20")]
        scene.start([Case(9000 + number, check(kind, lines, 10, 1))
                     for number, (kind, lines) in enumerate(kinds)])
        servers = (web, mail, plain, names, echo)

        def checked():
            wanted = [server.count + 2 for server in servers]
            wait_until(lambda: all(server.count >= least for server, least in zip(servers, wanted)), 30, 0.1,
                       f"checks {[server.count for server in servers]}, {scene.daemon.log()[-3000:]}")
        checked()
        wait_until(lambda: scene.daemon.said("Misc check for") and scene.daemon.said("succeeded"), 20, 0.1)
        _, most = resource.prlimit(scene.checker, resource.RLIMIT_NOFILE)
        resource.prlimit(scene.checker, resource.RLIMIT_NOFILE, (3, most))
        for text in ("TCP connect fail to create socket. Rescheduling.",
                     "WEB connection fail to create socket. Rescheduling.",
                     "SMTP_CHECK connection failed to create socket. Rescheduling.",
                     f"DNS_CHECK ([{SERVER}]:tcp:9003) failed to create socket. Rescheduling.",
                     "UDP connect fail to create socket. Rescheduling.",
                     "Misc script"):
            wait_until(lambda: scene.daemon.said(text), 20, 0.1, text)
        plain.stop()
        scene.wait("nobody is removed", [])
        resource.prlimit(scene.checker, resource.RLIMIT_NOFILE, (most, most))
        scene.down("checked again", 9000)
        plain.start()
        scene.up("all are well", 9000)
        checked()
        scene.stop()
