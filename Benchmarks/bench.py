"""Cost, side by side with Debian's keepalived in the same kind of namespaces: ratios, not tests.

usage: bench.py [NAME ...]     all without a name
names: steady takeover takeover4 takeover-vmac routes routes10000 addresses check bfd bfd-load bfd-detection tcp-checks http-checks table
The last three run in a guest that has IPVS, one daemon after the other.
"""

import glob
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "Lab"))
import guests  # noqa: E402
from lab import Daemon, Lab, OURS, REFERENCE, ROOT, run, wait_until  # noqa: E402

INTERVAL = 0.1


def configuration(priority, interfaces=1, instances=255, lines=""):
    """`instances` virtual routers on each interface, every 0.1 s."""
    text = ["global_defs {", "  vrrp_version 3", "}"]
    for interface in range(interfaces):
        for vrid in range(1, instances + 1):
            text.append(f"""vrrp_instance VI_{interface}_{vrid} {{
  state BACKUP
  interface eth{interface}
  virtual_router_id {vrid}
  priority {priority}
  advert_int {INTERVAL}
  {lines}
  virtual_ipaddress {{ 10.{interface}.1.{vrid}/32 }}
}}""")
    return "\n".join(text) + "\n"


def processes(daemon):
    children = run("pgrep", "-P", str(daemon.pid), check=False).split()
    return [daemon.pid] + [int(pid) for pid in children]


def cpu(daemon):
    """Seconds of processor time of all processes of a daemon."""
    ticks = 0
    for pid in processes(daemon):
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(daemon):
    """Pss and Rss of all processes, in KB."""
    pss = rss = 0
    for pid in processes(daemon):
        with open(f"/proc/{pid}/smaps_rollup") as file:
            text = file.read()
        pss += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
        rss += int(re.search(r"^Rss:\s+(\d+)", text, re.M).group(1))
    return pss, rss


def count_addresses(host):
    """Those of virtual routers, wherever they are."""
    return len(re.findall(r"inet 10\.\d+\.1\.\d+/32", host.ip("address")))


def pair(lab, binary, interfaces=1, lines=""):
    """Master and backup on a LAN for each interface."""
    hosts = []
    for number, name in enumerate(("master", "backup"), 1):
        host = lab.host(name, f"10.0.0.{number}/16")
        for interface in range(1, interfaces):
            bridge = f"br{interface}"
            if number == 1:
                lab.lan.ip("link", "add", bridge, "type", "bridge", "mcast_snooping", "0")
                lab.lan.ip("link", "set", bridge, "up")
            lab.add_interface(host, f"eth{interface}", f"10.{interface}.0.{number}/16", bridge=bridge)
        hosts.append(host)
    master = Daemon(hosts[0], configuration(200, interfaces, lines=lines), binary, (), "master")
    wait_until(lambda: count_addresses(hosts[0]) == 255 * interfaces, 90, 0.2, "master")
    backup = Daemon(hosts[1], configuration(100, interfaces, lines=lines), binary, (), "backup")
    time.sleep(3)
    return hosts, master, backup


def adverts(path):
    """(time, VRID) of the adverts in a capture file of Ethernet frames."""
    with open(path, "rb") as file:
        data = file.read()
    offset = 24
    while offset + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from("<IIII", data, offset)
        frame = data[offset + 16:offset + 16 + length]
        offset += 16 + length
        if len(frame) >= 42 and frame[12:14] == b"\x08\x00" and frame[23] == 112:
            yield seconds + fraction / 1e6, frame[35]


def lateness(host, seconds):
    """How much later than INTERVAL each advert followed the one before: sorted seconds."""
    path = os.path.join(host.lab.directory, "adverts.pcap")
    host.run("timeout", str(seconds), "tcpdump", "-i", "eth0", "-w", path, "-s", "64", "-B", "16384",
             "-Q", "out", "ip proto 112", check=False)
    last, late = {}, []
    for moment, vrid in adverts(path):
        if vrid in last:
            late.append(moment - last[vrid] - INTERVAL)
        last[vrid] = moment
    return sorted(late)


def steady(binary):
    """CPU and memory of master and backup at rest, and the lateness of the adverts."""
    with Lab() as lab:
        hosts, master, backup = pair(lab, binary)
        time.sleep(2)
        before = [cpu(master), cpu(backup)]
        start = time.monotonic()
        time.sleep(20)
        elapsed = time.monotonic() - start
        after = [cpu(master), cpu(backup)]
        late = lateness(hosts[0], 15)
        return {
            "CPU of the master, %": 100 * (after[0] - before[0]) / elapsed,
            "CPU of the backup, %": 100 * (after[1] - before[1]) / elapsed,
            "Pss of the master, KB": memory(master)[0],
            "Rss of the master, KB": memory(master)[1],
            "Pss of the backup, KB": memory(backup)[0],
            "Rss of the backup, KB": memory(backup)[1],
            "lateness of adverts, 99.9 %, ms": 1000 * late[int(len(late) * 0.999)] if late else float("nan"),
        }


def at(stamp):
    """The time of a stamp of `ip -ts monitor`."""
    whole, fraction = stamp.split(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + fraction)


def takeover(binary, interfaces=1, lines=""):
    """All instances lose their master at once: until the last address has moved."""
    with Lab() as lab:
        hosts, master, backup = pair(lab, binary, interfaces, lines)
        path = os.path.join(lab.directory, "monitor")
        with open(path, "w") as file:
            hosts[1].start("ip", "-ts", "monitor", "address", stdout=file)
        time.sleep(1)
        before = cpu(backup)
        moment = time.time()
        master.crash()
        for interface in range(interfaces):
            lab.cut(hosts[0], f"eth{interface}") if interface == 0 else lab.lan.ip(
                "link", "set", hosts[0].ports[f"eth{interface}"], "nomaster")
        deadline = time.monotonic() + 120
        wanted = 255 * interfaces
        seen = 0
        text = ""
        while seen < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
            with open(path) as file:
                text = file.read()
            seen = len(re.findall(r"inet 10\.\d+\.1\.\d+/32", text))
        stamps = re.findall(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)\]", text)
        if seen < wanted:
            return {f"take-over of {wanted} addresses, s": float("inf")}
        # What follows in its wake counts too.
        time.sleep(1)
        name = f"take-over of {wanted} addresses" + (f" ({lines})" if lines else "")
        return {f"{name}, s": at(stamps[-1]) - moment,
                "processor time of that and a second, ms": 1000 * (cpu(backup) - before)}


def many(binary, kind, count):
    """A take-over with routes or addresses, beside an instance whose adverts must go on; and the stop."""
    line = {"routes": "    10.{}.{}.0/24 via 10.0.0.9 dev eth0", "addresses": "    10.{}.{}.0/32"}[kind]
    lines = "\n".join(line.format(100 + number // 256, number % 256) for number in range(count))
    block = {"routes": "virtual_routes", "addresses": "virtual_ipaddress_excluded"}[kind]
    text = f"""vrrp_instance BESIDE {{
  state MASTER
  interface eth0
  virtual_router_id 1
  priority 250
  version 3
  advert_int {INTERVAL}
  virtual_ipaddress {{ 10.0.1.1/32 }}
}}
vrrp_instance ROUTES {{
  state BACKUP
  interface eth0
  virtual_router_id 2
  priority 200
  version 3
  advert_int 1
  virtual_ipaddress {{ 10.0.1.2/32 }}
  {block} {{
{lines}
  }}
}}
"""
    with Lab() as lab:
        host, other = lab.host("one", "10.0.0.1/24"), lab.host("two", "10.0.0.2/24")
        path = os.path.join(lab.directory, "monitor")
        with open(path, "w") as file:
            host.start("ip", "-ts", "monitor", {"routes": "route", "addresses": "address"}[kind], stdout=file)
        capture = os.path.join(lab.directory, "adverts.pcap")
        other.start("tcpdump", "-U", "-i", "eth0", "-w", capture, "-s", "64", "ip proto 112")
        daemon = Daemon(host, text, binary)

        def stamps(pattern):
            with open(path) as file:
                return re.findall(r"\[(\S+)\] " + pattern + r".*10\.1\d\d\.\d+\.0", file.read())
        wait_until(lambda: len(stamps("")) >= count, 60)
        took = at(stamps("")[-1]) - at(stamps("")[0])
        time.sleep(1)
        used = cpu(daemon)
        sent = [when for when, vrid in adverts(capture) if vrid == 1]
        pause = max(after - earlier for earlier, after in zip(sent, sent[1:]))
        start = time.monotonic()
        daemon.stop()
        wait_until(lambda: len(stamps("Deleted ")) >= count, 60)
        return {f"take-over with {count} {kind}, ms": 1000 * took,
                "processor time with the start, ms": 1000 * used,
                "longest pause of adverts beside it, ms": 1000 * pause,
                f"stop with {count} {kind}, s": time.monotonic() - start}


def check(binary):
    """`-t` on 2,000 instances: the shortest of five runs."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "keepalived.conf")
        with open(path, "w") as file:
            file.write(configuration(100, 8, 250))
        os.chmod(path, 0o644)
        links = "".join(f"ip link add eth{i} type veth peer name x{i};" for i in range(8))
        script = f"{links} for i in 1 2 3 4 5; do {sys.executable} -c \"import subprocess,time; t=time.perf_counter(); subprocess.run(['{binary}','-t','-f','{path}'],stderr=-3); print(time.perf_counter()-t)\"; done"
        times = [float(line) for line in run("unshare", "-n", "sh", "-c", script).split()]
        return {"-t on 2,000 instances, ms": 1000 * min(times)}


def endpoint(host, number):
    """The address that is a host's in a session: each session has its own pair, as BIRD wants."""
    return f"10.{host}.{number // 250}.{number % 250 + 1}"


def sessions(own, other, count, interval, multiplier=3):
    """BFD sessions of two hosts, one for each pair of addresses."""
    text = []
    for number in range(count):
        text.append(f"""bfd_instance S{number} {{
  neighbor_ip {endpoint(other, number)}
  source_ip {endpoint(own, number)}
  min_rx {interval}
  min_tx {interval}
  multiplier {multiplier}
}}""")
    return "\n".join(text) + "\n"


def bird_configuration(own, other, count, interval, multiplier=3):
    lines = [f"router id 10.{own}.0.1;", "protocol device { }", "protocol bfd {",
             f"  multihop {{ interval {interval} ms; multiplier {multiplier}; }};"]
    for number in range(count):
        lines.append(f"  neighbor {endpoint(other, number)} local {endpoint(own, number)} multihop yes;")
    return "\n".join(lines + ["}"]) + "\n"


class BirdDaemon:
    """BIRD in the place of a keepalived."""

    def __init__(self, host, text, name):
        self.host = host
        self.directory = os.path.join(host.lab.directory, name)
        os.makedirs(self.directory)
        with open(os.path.join(self.directory, "bird.conf"), "w") as file:
            file.write(text)
        self.process = host.start("/usr/sbin/bird", "-f", "-c", os.path.join(self.directory, "bird.conf"),
                                  "-s", self.control, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def control(self):
        return os.path.join(self.directory, "ctl")

    @property
    def pid(self):
        return self.process.pid

    def up(self):
        return self.host.run("birdc", "-s", self.control, "show bfd sessions", check=False).count(" Up ")

    def downs(self, count):
        return count - self.up()


class SessionDaemon(Daemon):
    """A keepalived that only has BFD sessions."""

    def up(self):
        log = self.log()
        return log.count("Entering Up state") - len(re.findall(r"Entering Down state", log))

    def downs(self, count):
        return len(re.findall(r"Entering Down state", self.log()))


def session_pair(lab, program, count, interval):
    hosts = []
    for number in (1, 2):
        host = lab.host(f"host{number}", f"10.{number}.255.1/8")
        host.run("ip", "-batch", "-", input="".join(
            f"address add {endpoint(number, session)}/32 dev eth0\n" for session in range(count)))
        # By way of one address: a thousand would overflow the table of neighbours.
        other = 3 - number
        host.run("ip", "route", "add", f"10.{other}.0.0/17", "via", f"10.{other}.255.1")
        hosts.append(host)
    daemons = []
    for number, host in enumerate(hosts, 1):
        if program == "bird":
            daemons.append(BirdDaemon(host, bird_configuration(number, 3 - number, count, interval), f"d{number}"))
        else:
            daemons.append(SessionDaemon(host, sessions(number, 3 - number, count, interval), program, (), f"d{number}"))
    wait_until(lambda: all(daemon.up() >= count for daemon in daemons), 120, 0.5, "sessions up")
    time.sleep(2)
    return hosts, daemons


def bfd(program):
    """CPU of a daemon with 100 sessions at 50 ms."""
    with Lab() as lab:
        _, daemons = session_pair(lab, program, 100, 50)
        before, start = cpu(daemons[0]), time.monotonic()
        time.sleep(20)
        return {"CPU of 100 BFD sessions at 50 ms, %":
                100 * (cpu(daemons[0]) - before) / (time.monotonic() - start)}


def bfd_load(program):
    """1,000 sessions at 100 ms for a minute, beside a busy loop on each core: false downs."""
    with Lab() as lab:
        _, daemons = session_pair(lab, program, 1000, 100)
        hogs = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
        try:
            time.sleep(60)
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        return {"false downs of 1,000 BFD sessions": float(sum(daemon.downs(1000) for daemon in daemons))}


def bfd_detection(program):
    """Fifty losses at 50 ms x 3: how late beyond the negotiated time they are noticed."""
    late = []
    with Lab() as lab:
        hosts, daemons = session_pair(lab, program, 10, 50)
        for turn in range(1, 6):
            hosts[0].run("nft", "add table inet lab; add chain inet lab in { type filter hook input priority 0; }; "
                         "add rule inet lab in udp dport 3784 drop")
            wait_until(lambda: daemons[0].downs(10) >= 10 * turn, 5, 0.05, "loss")
            hosts[0].run("nft", "delete table inet lab")
            wait_until(lambda: daemons[0].up() >= 10, 20, 0.1, "recovery")
            time.sleep(1)
        late = sorted(int(n) for n in re.findall(r"Expired after \d+ ms \((\d+) usec overdue\)", daemons[0].log()))
    return {"BFD detection beyond the negotiated time, 95 %, ms": late[int(len(late) * 0.95)] / 1000}


def in_guest(name, binary):
    """What balancing.py measures inside a guest."""
    script = os.path.join(ROOT, "Benchmarks", "balancing.py")
    measured = guests.named("uml").run(sys.executable, script, name, binary, timeout=600)
    if measured.status != 0:
        raise RuntimeError(measured.output)
    return json.loads(measured.output.splitlines()[-1])


BENCHMARKS = {
    "steady": steady,
    "takeover": takeover,
    "takeover-vmac": lambda binary: takeover(binary, lines="use_vmac"),
    "takeover4": lambda binary: takeover(binary, 4),
    "routes": lambda binary: many(binary, "routes", 2000),
    "routes10000": lambda binary: many(binary, "routes", 10000),
    "addresses": lambda binary: many(binary, "addresses", 4000),
    "check": check,
    "bfd": bfd,
    "bfd-load": bfd_load,
    "bfd-detection": bfd_detection,
    "tcp-checks": lambda binary: in_guest("tcp-checks", binary),
    "http-checks": lambda binary: in_guest("http-checks", binary),
    "table": lambda binary: in_guest("table", binary),
}


def main():
    names = sys.argv[1:] or list(BENCHMARKS)
    print(f"{'':52} {'ours':>9} {'reference':>9} {'ratio':>6} {'BIRD':>9}", flush=True)
    for name in names:
        ours = BENCHMARKS[name](OURS)
        theirs = BENCHMARKS[name](REFERENCE)
        bird = BENCHMARKS[name]("bird") if name in ("bfd", "bfd-load") else {}
        for key in ours:
            ratio = f"{ours[key] / theirs[key]:.2f}" if theirs[key] else "-"
            other = f"{bird[key]:.2f}" if key in bird else ""
            print(f"{key:52} {ours[key]:9.2f} {theirs[key]:9.2f} {ratio:>6} {other:>9}", flush=True)


if __name__ == "__main__":
    main()
