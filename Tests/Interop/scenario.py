"""What the scenario tests share: comparison with the reference, FIFOs, packets seen and made."""

import errno
import json
import os
import re
import socket
import struct
import threading

from lab import Daemon, Lab, OURS, REFERENCE, wait_until

# ---- Comparison


def both(scenario, *arguments):
    """Runs a scenario with ours and with the reference at once; what it returns must be equal.

    The scenario gets a lab and a binary. Where there is no reference its own assertions remain.
    """
    binaries = {"ours": OURS}
    if os.path.exists(REFERENCE):
        binaries["reference"] = REFERENCE
    results, failures = {}, {}
    with Lab("o") as ours, Lab("r") as theirs:
        def perform(who):
            try:
                results[who] = scenario(ours if who == "ours" else theirs, binaries[who], *arguments)
            except BaseException as error:
                failures[who] = error
        threads = [threading.Thread(target=perform, args=(who,)) for who in binaries]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        who = sorted(failures)[0]
        raise AssertionError(f"{' and '.join(sorted(failures))} failed") from failures[who]
    if len(results) == 2 and results["ours"] != results["reference"]:
        raise AssertionError(difference(results["ours"], results["reference"]))
    return results["ours"]


def difference(ours, theirs):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return "\n".join(
            f"{key}: {difference(ours.get(key), theirs.get(key))}"
            for key in sorted(set(ours) | set(theirs)) if ours.get(key) != theirs.get(key))
    if isinstance(ours, list) and isinstance(theirs, list):
        return "\n  ours:      " + "\n             ".join(map(str, ours)) \
            + "\n  reference: " + "\n             ".join(map(str, theirs))
    return f"ours {ours!r}, reference {theirs!r}"


# ---- Configurations

def instance(name="VI", vrid=51, priority=100, interface="eth0", interval=0.1, lines="",
             addresses="10.0.0.100/24", version=3):
    where = f"interface {interface}" if interface else ""
    return f"""vrrp_instance {name} {{
  state BACKUP
  {where}
  virtual_router_id {vrid}
  priority {priority}
  version {version}
  advert_int {interval}
  {lines}
  virtual_ipaddress {{
    {addresses}
  }}
}}
"""


def globals_(lines="", fifo=None):
    fifo = f"vrrp_notify_fifo {fifo}\n" if fifo else ""
    return f"global_defs {{\n  script_user root\n  {fifo}{lines}\n}}\n"


def group(name, members, lines=""):
    return f"vrrp_sync_group {name} {{\n  group {{\n {chr(10).join(members)}\n }}\n {lines}\n}}\n"


# ---- What a daemon says

class Fifo:
    """A notify FIFO that is there before the daemon, with all that was written to it."""

    def __init__(self, directory, name="fifo"):
        self.path = os.path.join(directory, name)
        os.mkfifo(self.path, 0o600)
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self.text = b""

    @property
    def lines(self):
        while True:
            try:
                self.text += os.read(self.descriptor, 65536)
            except BlockingIOError:
                return self.text.decode().splitlines()

    def wait(self, line, timeout=5, count=1):
        """Waits until a line has come that often."""
        wait_until(lambda: self.lines.count(line) >= count, timeout,
                   what=f"{count} of {line!r}, but there is {self.lines}")

    def wait_state(self, state, name="VI", count=1, timeout=5):
        start = f'INSTANCE "{name}" {state} '
        wait_until(lambda: sum(line.startswith(start) for line in self.lines) >= count, timeout,
                   what=f"{count} of {start!r}, but there is {self.lines}")

    def close(self):
        os.close(self.descriptor)


TRANSITIONS = re.compile(
    r"Entering|entering|Syncing|Netlink reports|reflector reports|sent 0 priority"
    r"|Changing effective|Setting effective|Delay timer")
TIMESTAMP = re.compile(r"^\w{3} \w{3} +\d+ [\d:.]+ \d{4}: ")


def said(daemon, pattern=TRANSITIONS):
    """The lines of the log that match, without their times."""
    lines = [TIMESTAMP.sub("", line) for line in daemon.log().splitlines()]
    return [line for line in lines if re.search(pattern, line)]


class Scene:
    """One router under test with its FIFO, on a LAN with a silent client."""

    def __init__(self, lab, binary, configuration, addresses=("10.0.0.1/24", "2001:db8::1/64"),
                 prepare=None, global_lines="", arguments=()):
        self.lab = lab
        self.host = lab.host("one", *addresses)
        self.fifo = Fifo(lab.directory)
        if prepare:
            prepare(self)
        self.global_lines = global_lines
        self.daemon = Daemon(self.host, self.text(configuration), binary, arguments, name="daemon")

    def text(self, configuration):
        return globals_(self.global_lines, self.fifo.path) + configuration

    def reload(self, configuration):
        """Reloads; the word for the end differs between versions, so the caller waits for effects."""
        self.daemon.reload(self.text(configuration))

    def script(self, name, body, mode=0o755):
        path = os.path.join(self.lab.directory, name)
        with open(path, "w") as file:
            file.write(body)
        os.chmod(path, mode)
        return path

    def kernel_addresses(self, *interfaces):
        """All that the kernel says of addresses, less what differs from run to run."""
        result = []
        for interface in interfaces or ("eth0",):
            text = self.host.ip("-d", "-j", "address", "show", "dev", interface, check=False)
            try:
                listing = json.loads(text)
            except ValueError:
                continue
            for link in listing:
                for entry in link.get("addr_info", []):
                    if entry.get("local", "").startswith("fe80") and entry.get("prefixlen") == 64 \
                            and entry["local"].count(":") <= 3 and len(entry["local"]) < 8:
                        continue
                    result.append((interface, json.dumps(entry, sort_keys=True)))
        return sorted(result)

    def wait_address(self, address="10.0.0.100", present=True, interface="eth0", timeout=5):
        wait_until(lambda: self.host.has(address, interface) == present, timeout,
                   what=f"{address} on {interface} {present}, {self.host.addresses(interface)}")


# ---- Packets seen

class Packet:
    """A frame that a sniffer saw, as far as it matters here."""

    def __init__(self, frame, moment, outgoing):
        self.frame, self.time, self.outgoing = frame, moment, outgoing
        self.kind = None
        kind, = struct.unpack("!H", frame[12:14])
        if kind == 0x0806:
            # Of others nobody asks here.
            self.kind = "arp" if frame[28:32] == frame[38:42] else None
            self.address = socket.inet_ntoa(frame[28:32])
        elif kind == 0x0800:
            header = (frame[14] & 15) * 4
            self.ttl, protocol = frame[22], frame[23]
            self.source = socket.inet_ntoa(frame[26:30])
            self.destination = socket.inet_ntoa(frame[30:34])
            start = 14 + header
            if protocol == 51:
                start += 24
                protocol = 112
            self.vrrp(protocol, frame[start:])
        elif kind == 0x86dd:
            self.ttl = frame[21]
            self.source = socket.inet_ntop(socket.AF_INET6, frame[22:38])
            self.destination = socket.inet_ntop(socket.AF_INET6, frame[38:54])
            if frame[20] == 58 and frame[54] == 136:
                self.kind = "na"
                self.address = socket.inet_ntop(socket.AF_INET6, frame[62:78])
            self.vrrp(frame[20], frame[54:])

    def vrrp(self, protocol, body):
        if protocol == 112 and len(body) >= 8:
            self.kind = "advert"
            self.version, self.vrid, self.priority = body[0] >> 4, body[1], body[2]
            self.interval = body[5]
            self.body = body


class Sniffer:
    """All that a host sends; times are the kernel's."""

    def __init__(self, host, interface="eth0"):
        with host.lab.lan.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        # A flood of 40,000 frames fits: what is lost here would look like a late advert.
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, 35, 1)
        with host.lab.lan.inside():
            self.socket.bind((host.ports[interface], 3))
        self.socket.setblocking(False)
        self.seen = []

    @property
    def packets(self):
        while True:
            try:
                frame, ancillary, _, address = self.socket.recvmsg(4096, 256)
            except BlockingIOError:
                return self.seen
            except OSError as error:
                # Told once when the other end of the cable went down; what came before is still read.
                if error.errno != errno.ENETDOWN:
                    raise
                continue
            moment = 0
            for level, kind, data in ancillary:
                if level == socket.SOL_SOCKET and kind == 35:
                    seconds, nanoseconds = struct.unpack("qq", data[:16])
                    moment = seconds + nanoseconds / 1e9
            # On the other end of the cable what the host sends comes in.
            if address[2] != socket.PACKET_OUTGOING:
                packet = Packet(frame, moment, False)
                if packet.kind:
                    self.seen.append(packet)

    def adverts(self, vrid=51, **fields):
        return [p for p in self.packets if p.kind == "advert" and p.vrid == vrid
                and all(getattr(p, name) == value for name, value in fields.items())]

    def announcements(self, address):
        return [p for p in self.packets if p.kind in ("arp", "na") and p.address == address]

    def longest_gap(self, vrid=51, since=0.0):
        times = [p.time for p in self.adverts(vrid) if p.time >= since]
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=99)

    def clear(self):
        self.packets.clear()

    def close(self):
        self.socket.close()


# ---- Packets made

def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def vrrp(priority, vrid=51, version=3, interval=10, addresses=("10.0.0.100",), source="10.0.0.9",
         destination="224.0.0.18", kind=1, trailer=b"", wrong_sum=0, count=None, auth=0):
    """A VRRP message over IPv4."""
    body = b"".join(socket.inet_aton(address) for address in addresses) + trailer
    count = len(addresses) if count is None else count
    first = bytes([version << 4 | kind, vrid, priority, count])
    first += struct.pack("!H", interval & 0xfff) if version == 3 else bytes([auth, interval])
    if version == 2:
        body += b"" if trailer else b"\0" * 8
    pseudo = b""
    if version == 3:
        pseudo = socket.inet_aton(source) + socket.inet_aton(destination) \
            + struct.pack("!BBH", 0, 112, 8 + len(body))
    total = checksum(pseudo + first + b"\0\0" + body) ^ wrong_sum
    return first + struct.pack("!H", total) + body


def ipv4(payload, source="10.0.0.9", destination="224.0.0.18", ttl=255, protocol=112, options=b"",
         identification=1):
    length = 20 + len(options)
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x40 | length // 4, 0xc0, length + len(payload), identification, 0, ttl,
        protocol, 0, socket.inet_aton(source), socket.inet_aton(destination)) + options
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return header + payload


class Injector:
    """Sends frames from a host, whatever is in them."""

    def __init__(self, host, interface="eth0"):
        with host.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.socket.bind((interface, 0))

    def send(self, packet, kind=0x0800, target=b"\x01\x00\x5e\x00\x00\x12"):
        self.socket.send(target + b"\x02\0\0\0\0\x09" + struct.pack("!H", kind) + packet)

    def advert(self, priority, source="10.0.0.9", **fields):
        self.send(ipv4(vrrp(priority, source=source, **fields), source=source))

    def close(self):
        self.socket.close()
