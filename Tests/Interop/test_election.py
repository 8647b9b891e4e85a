"""Who becomes MASTER when: preemption, owners, delays, addresses, and what is announced."""

import os
import signal
import time

from lab import Daemon, Lab, OURS, REFERENCE, cases, wait_until
from scenario import Fifo, Injector, Scene, Sniffer, both, globals_, group, instance, said


def keep_sending(scene_done, injector, priority, interval=0.08, limit=8, **fields):
    """Adverts of another router until something holds; the seconds that took."""
    begin = time.monotonic()
    while not scene_done():
        injector.advert(priority, **fields)
        time.sleep(interval)
        if time.monotonic() - begin > limit:
            raise TimeoutError(f"not within {limit} s")
    return time.monotonic() - begin


def has_line(scene, start):
    return lambda: any(line.startswith(start) for line in scene.fifo.lines)


@cases(["preempt", "nopreempt", "preempt_delay 1"])
def test_preemption(how):
    """A lower MASTER is overtaken at once, never, or after the delay; priority 0 is always heard"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        lines = "" if how == "preempt" else how
        scene = Scene(lab, binary, instance(priority=150, lines=lines))
        master = has_line(scene, 'INSTANCE "VI" MASTER 150')
        scene.fifo.wait_state("BACKUP")
        if how == "nopreempt":
            until = time.monotonic() + 1.5
            keep_sending(lambda: time.monotonic() > until, other, 50)
            assert not master(), "it preempted"
            # Nor does it yield when it is MASTER, to anything lower.
            begin = time.monotonic()
            other.advert(0)
            scene.fifo.wait_state("MASTER", timeout=1)
            took = time.monotonic() - begin
            assert took < 0.25, took
        else:
            took = keep_sending(master, other, 50)
            low, high = (0.1, 0.7) if how == "preempt" else (1.0, 1.8)
            assert low < took < high, took
        other.advert(150, source="10.0.0.200")
        scene.fifo.wait_state("BACKUP", count=2)
        scene.fifo.wait_state("MASTER", count=2)
        return {"fifo": [line for line in scene.fifo.lines if "RX_LOWER" not in line],
                "log": [line for line in said(scene.daemon) if "lower" not in line]}
    both(scenario)


def test_equal_priority():
    """Equal priorities: the higher address wins, the lower one is answered"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, instance(priority=150), addresses=("10.0.0.10/24",))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        before = len(sniffer.adverts())
        other.advert(150, source="10.0.0.9")
        scene.fifo.wait_state("MASTER_RX_LOWER_PRI")
        other.advert(150, source="10.0.0.11")
        scene.fifo.wait_state("BACKUP", count=2)
        scene.fifo.wait_state("MASTER", count=2)
        other.advert(150, source="10.0.0.10")
        time.sleep(0.1)
        return {"fifo": scene.fifo.lines, "log": said(scene.daemon),
                "zero": len(sniffer.adverts(priority=0))}
    both(scenario)


def test_owner():
    """An owner is MASTER at once without BACKUP; after a fault it waits like everybody"""
    def scenario(lab, binary):
        scene = Scene(lab, binary, instance(priority=255) + instance(
            "W", 52, 255, addresses="10.0.0.101/24").replace("state BACKUP", "state MASTER"))
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "W")
        start = scene.fifo.lines[:]
        other = Injector(lab.host("other", "10.0.0.9/24"))
        for _ in range(5):
            other.advert(254)
            time.sleep(0.02)
        scene.host.ip("link", "set", "eth0", "down")
        scene.fifo.wait_state("FAULT")
        scene.fifo.wait_state("FAULT", "W")
        scene.host.ip("link", "set", "eth0", "up")
        scene.fifo.wait_state("MASTER", count=2)
        scene.fifo.wait_state("MASTER", "W", count=2)
        return {"start": start, "fifo": scene.fifo.lines}
    both(scenario)


@cases(["ours-reference", "reference-ours", "ours-ours"])
def test_two_owners(who):
    """Two owners: one of them gives way, and one MASTER remains"""
    with Lab() as lab:
        binaries = {"ours": OURS, "reference": REFERENCE}
        hosts = [lab.host("a", "10.0.0.1/24"), lab.host("b", "10.0.0.2/24")]
        configuration = globals_() + instance(priority=255, interval=0.2).replace("state BACKUP", "state MASTER")
        # They do not meet before both are MASTER.
        lab.cut(hosts[1])
        daemons = [Daemon(host, configuration, binaries[name], name=host.label)
                   for host, name in zip(hosts, who.split("-"))]
        for daemon in daemons:
            wait_until(lambda: daemon.said("Entering MASTER STATE"), 5)
        lab.cut(hosts[1], down=False)
        holders = lambda: [host.has("10.0.0.100") for host in hosts]
        wait_until(lambda: sum(holders()) == 1, 8, what="one MASTER")
        time.sleep(1)
        assert sum(holders()) == 1, holders()
        # The reference 2.2.7 gives way whatever the addresses are, if it hears the other first.
        assert holders()[1] or who == "ours-reference", holders()
        if who == "ours-ours":
            assert any("both configured as address owner" in daemon.log() for daemon in daemons)


def test_startup_delay():
    """vrrp_startup_delay: no adverts out, none heard, BACKUP told at once, then the election"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, instance(priority=200) + instance("O", 52, 255, addresses="10.0.0.101/24"),
                      global_lines="vrrp_startup_delay 1")
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("BACKUP")
        begin = time.monotonic()
        for _ in range(6):
            other.advert(250)
            other.advert(10)
            time.sleep(0.1)
        assert not sniffer.packets, [p.kind for p in sniffer.packets]
        scene.fifo.wait_state("MASTER", "O")
        owner = time.monotonic() - begin
        scene.fifo.wait_state("MASTER")
        assert 0.85 < owner < 1.6 and 1.2 < time.monotonic() - begin < 2.1, (owner, time.monotonic() - begin)
        return {"VI": [line for line in scene.fifo.lines if "VI" in line],
                "O": [line for line in scene.fifo.lines if '"O"' in line]}
    both(scenario)


@cases(["", "lower_prio_no_advert", "higher_prio_send_advert", "garp_lower_prio_repeat 2\ngarp_lower_prio_delay 1"])
def test_other_adverts(lines):
    """What goes out in answer to lower and higher adverts, and to priority 0"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, instance(
            priority=150, interval=1, lines="garp_master_delay 1\n" + lines))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        # Between two adverts, and after the second burst.
        wait_until(lambda: len(sniffer.announcements("10.0.0.100")) == 10, 4, what="two bursts")
        wait_until(lambda: len(sniffer.adverts()) >= 2, 3)
        count = len(sniffer.adverts())
        wait_until(lambda: len(sniffer.adverts()) > count, 2)
        time.sleep(0.1)
        def answer(action):
            sniffer.clear()
            action()
            time.sleep(0.3)
            return [p.kind + (str(p.priority) if p.kind == "advert" else "") for p in sniffer.packets]
        result = {"lower": answer(lambda: other.advert(20, interval=100))}
        result["zero"] = answer(lambda: other.advert(0, interval=100))
        result["higher"] = answer(lambda: other.advert(200, interval=100))
        scene.fifo.wait_state("BACKUP", count=2)
        return result | {"fifo": scene.fifo.lines}
    both(scenario)


def test_refresh():
    """The refresh begins a delay and a period after the election, and goes on"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(lines="garp_master_delay 1\ngarp_master_repeat 2\n"
                                          "garp_master_refresh 1\ngarp_master_refresh_repeat 3"))
        sniffer = Sniffer(scene.host)
        wait_until(lambda: len(sniffer.announcements("10.0.0.100")) >= 10, 6)
        times = [p.time for p in sniffer.announcements("10.0.0.100")]
        assert [round(moment - times[0], 1) for moment in times[:10]] == [0.0] * 2 + [1.0] * 2 + [2.0] * 3 + [3.0] * 3


@cases(["garp_master_delay 1", "garp_master_delay 0\ngarp_master_repeat 1"])
def test_announcements(settings):
    """How many gratuitous messages go out and when: burst, second burst; both families"""
    def scenario(lab, binary):
        def prepare(scene):
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24")
        scene = Scene(lab, binary, instance(
            addresses="10.0.0.100/24\n10.0.0.101/24\n10.2.0.100/24 dev eth1",
            lines=settings + "\nvirtual_ipaddress_excluded {\n10.3.0.1/24\n2001:db8:3::1/64\n}")
            + instance("SIX", 61, addresses="fe80::100\n2001:db8::100/64", lines=settings), prepare=prepare)
        sniffers = [Sniffer(scene.host), Sniffer(scene.host, "eth1")]
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "SIX")
        time.sleep(1.4)
        result = {}
        for address in ("10.0.0.100", "10.0.0.101", "10.3.0.1", "2001:db8:3::1", "10.2.0.100",
                        "fe80::100", "2001:db8::100"):
            times = [p.time for s in sniffers for p in s.announcements(address)]
            result[address] = [round((moment - times[0]) * 4) / 4 for moment in times]
        first = [p.address for p in sniffers[0].packets if p.kind == "arp"]
        return result | {"order": first[:8], "frame": sniffers[0].announcements("10.0.0.100")[0].frame[:6],
                         "length": [len(sniffers[0].announcements(a)[0].frame) for a in ("10.0.0.100", "fe80::100")]}
    both(scenario)


def test_announcement_limits():
    """garp intervals and garp_group spread the messages of all instances on an interface"""
    with Lab() as lab:
        scene = Scene(
            lab, OURS, "garp_group {\ngarp_interval 0.1\ngna_interval 0.1\ninterfaces {\neth1\n}\n}\n"
            + instance(addresses="10.0.0.100/24\n10.0.0.101/24", lines="garp_master_repeat 3\ngarp_master_delay 0")
            + instance("B", 52, interface="eth1", addresses="10.2.0.100/24\n10.2.0.101/24",
                       lines="garp_master_repeat 3\ngarp_master_delay 0"),
            prepare=lambda scene: lab.add_interface(scene.host, "eth1", "10.2.0.1/24"),
            global_lines="vrrp_garp_interval 0.05\nvrrp_gna_interval 0.05")
        sniffers = [Sniffer(scene.host), Sniffer(scene.host, "eth1")]
        scene.fifo.wait_state("MASTER", "B")
        for sniffer, interval, net in zip(sniffers, (0.05, 0.1), ("10.0.0", "10.2.0")):
            wait_until(lambda: len([p for p in sniffer.packets if p.kind == "arp"]) >= 6, 3)
            packets = [p for p in sniffer.packets if p.kind == "arp"]
            # The interval runs from when a message is due: one that goes out late is nearer to the next.
            assert min(b.time - a.time for a, b in zip(packets, packets[1:])) > interval / 2
            assert packets[5].time - packets[0].time > 5 * interval - 0.02
            assert [p.address for p in packets] == [f"{net}.100", f"{net}.101"] * 3


def test_unicast():
    """Unicast: peers' TTL limits, check_unicast_src, no interface, source ARP after a fault"""
    def scenario(lab, binary):
        # The reference 2.2.7 knows neither limits of the TTL nor instances without interface.
        limits, interface = (" min_ttl 200 max_ttl 250", "") if binary == OURS else ("", "eth0")
        lines = f"unicast_src_ip 10.0.0.1\nunicast_peer {{\n10.0.0.9{limits}\n10.0.0.10\n}}\ncheck_unicast_src"
        scene = Scene(lab, binary, instance(priority=100, lines=lines)
                      + instance("NO", 52, interface=interface, addresses="10.0.0.101/24 dev eth0",
                                 lines="unicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.9\n}\nunicast_ttl 77"))
        sniffer = Sniffer(scene.host)
        host = lab.host("other", "10.0.0.9/24", "10.0.0.10/24")
        other = Injector(host)
        target = bytes.fromhex(scene.host.run("cat", "/sys/class/net/eth0/address").strip().replace(":", ""))
        from scenario import ipv4, vrrp
        def send(source, ttl, priority=200):
            other.send(ipv4(vrrp(priority, source=source, destination="10.0.0.1"), source, "10.0.0.1", ttl),
                       target=target)
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "NO")
        for source, ttl in (("10.0.0.9", 199), ("10.0.0.9", 251), ("10.0.0.77", 255)):
            if binary != OURS and source == "10.0.0.9":
                continue
            send(source, ttl)
        time.sleep(0.15)
        refused = scene.fifo.lines[:]
        send("10.0.0.9", 225)
        scene.fifo.wait_state("BACKUP", count=2)
        scene.fifo.wait_state("MASTER", count=2)
        send("10.0.0.10", 3)
        scene.fifo.wait_state("BACKUP", count=3)
        sniffer.clear()
        scene.host.ip("link", "set", "eth0", "down")
        scene.fifo.wait_state("FAULT")
        scene.host.ip("link", "set", "eth0", "up")
        scene.fifo.wait_state("MASTER", count=3)
        time.sleep(0.2)
        mine = sorted({(p.destination, p.ttl) for p in sniffer.adverts(51)})
        return {"refused": [line for line in refused if "VI" in line], "mine": mine,
                "no": sorted({(p.destination, p.ttl) for p in sniffer.adverts(52)}),
                "source": len(sniffer.announcements("10.0.0.1")) - (binary != OURS),
                "fifo": [line for line in scene.fifo.lines if "VI" in line]}
    both(scenario)


@cases(["enforce", "permissive", "receive-only", "wrong key", "no key", "two keys"])
def test_auth_hmac(mode):
    """Two of ours with auth_hmac in each mode; with a wrong key both are MASTER"""
    key, other = "0123456789abcdef" * 2, "hex:" + "5a" * 40
    first = second = f"auth_hmac {{\nkey 1 {key}\nactive_key 1\nmode enforce\n}}"
    agrees = True
    if mode == "permissive":
        first = first.replace("enforce", "permissive")
    elif mode == "receive-only":
        first = first.replace("enforce", "receive-only")
        second = first.replace("receive-only", "permissive")
    elif mode == "wrong key":
        second = first.replace("0123", "3210")
        agrees = False
    elif mode == "no key":
        second = ""
        agrees = False
    elif mode == "two keys":
        first = f"auth_hmac {{\nkey 1 {key}\nkey 2 {other}\nactive_key 2\nanti_replay monotonic\n}}"
        second = first.replace("active_key 2", "active_key 1")
    with Lab() as lab:
        hosts = [lab.host("a", "10.0.0.1/24"), lab.host("b", "10.0.0.2/24")]
        daemons = [Daemon(host, globals_() + instance(priority=priority, lines=lines), OURS, name=host.label)
                   for host, priority, lines in zip(hosts, (200, 100), (first, second))]
        wait_until(lambda: hosts[0].has("10.0.0.100"), 5)
        if not agrees:
            wait_until(lambda: hosts[1].has("10.0.0.100"), 5, what="both MASTER")
            reason = "invalid authentication HMAC" if mode == "wrong key" else "missing authentication trailer"
            assert reason in daemons[0].log()
            return
        time.sleep(1)
        assert not hosts[1].has("10.0.0.100"), daemons[1].log()
        daemons[0].stop()
        wait_until(lambda: hosts[1].has("10.0.0.100"), 5)
        again = Daemon(hosts[0], globals_() + instance(priority=200, lines=first), OURS, name="again")
        wait_until(lambda: hosts[0].has("10.0.0.100") and not hosts[1].has("10.0.0.100"), 5)


@cases(["", "nopreempt\ntimer_expired_backup"])
def test_suspended(lines):
    """A MASTER that slept goes on, or with timer_expired_backup falls back without priority 0"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(priority=200, lines=lines))
        sniffer = Sniffer(scene.host)
        scene.fifo.wait_state("MASTER")
        child = scene.daemon.child()
        os.kill(child, signal.SIGSTOP)
        time.sleep(1.2)
        os.kill(child, signal.SIGCONT)
        count = 2 if lines else 1
        scene.fifo.wait_state("MASTER", count=count)
        time.sleep(0.3)
        assert len([line for line in scene.fifo.lines if " BACKUP " in line]) == count
        assert not sniffer.adverts(priority=0)
        assert scene.daemon.said("timer expired")
        assert scene.host.has("10.0.0.100")


def opposite(lab, text):
    """A second router on the LAN with its FIFO, the reference where there is one"""
    host = lab.host("second", "10.0.0.2/24")
    directory = os.path.join(lab.directory, "opposite")
    os.mkdir(directory)
    fifo = Fifo(directory)
    binary = REFERENCE if os.path.exists(REFERENCE) else OURS
    return host, fifo, Daemon(host, globals_("", fifo.path) + text, binary, name="second")


@cases(["6 s", "6 s, adverts each 0.1 s", "again and again"])
def test_frozen_backup(how):
    """A BACKUP that stood still for longer than it waits for the MASTER hears it before it decides"""
    interval = 0.1 if "0.1" in how else 1
    with Lab() as lab:
        master, heard, daemon = opposite(lab, instance(priority=200, interval=interval))
        heard.wait_state("MASTER", timeout=8)
        backup = Scene(lab, OURS, instance(priority=100, interval=interval))
        backup.fifo.wait_state("BACKUP")
        child = backup.daemon.child()
        for pause in (5, 0.4, 2, 3.7) if "again" in how else (6,):
            os.kill(child, signal.SIGSTOP)
            time.sleep(pause)
            os.kill(child, signal.SIGCONT)
            time.sleep(0.3)
        time.sleep(2)
        assert len(backup.fifo.lines) == 1, backup.daemon.log()
        daemon.crash()
        backup.fifo.wait_state("MASTER", timeout=5)


def test_frozen_master():
    """A MASTER that was replaced while it stood still yields before it says a word"""
    with Lab() as lab:
        first = Scene(lab, OURS, instance(priority=150, lines="nopreempt"))
        first.fifo.wait_state("MASTER")
        host, heard, _ = opposite(lab, instance(priority=200, lines="nopreempt"))
        heard.wait_state("BACKUP")
        child = first.daemon.child()
        os.kill(child, signal.SIGSTOP)
        heard.wait_state("MASTER", timeout=8)
        sniffer = Sniffer(host)
        time.sleep(1.5)
        os.kill(child, signal.SIGCONT)
        first.fifo.wait_state("BACKUP", count=2)
        time.sleep(1)
        assert not sniffer.adverts(priority=150)
        assert not first.host.has("10.0.0.100")
        assert len([line for line in heard.lines if "BACKUP" in line]) == 1


@cases(["ours-reference", "reference-ours"])
def test_unicast_ipv6(who):
    """Unicast over IPv6 with global addresses: election, stop, return"""
    with Lab() as lab:
        binaries = {"ours": OURS, "reference": REFERENCE}
        hosts = [lab.host("a", "2001:db8::1/64"), lab.host("b", "2001:db8::2/64")]
        def text(number, priority):
            return globals_() + instance(
                priority=priority, addresses="2001:db8::100/64",
                lines=f"unicast_src_ip 2001:db8::{number}\nunicast_peer {{\n2001:db8::{3 - number}\n}}")
        first, second = (binaries[name] for name in who.split("-"))
        one = Daemon(hosts[0], text(1, 200), first, name="one")
        two = Daemon(hosts[1], text(2, 100), second, name="two")
        wait_until(lambda: hosts[0].has("2001:db8::100"), 5)
        time.sleep(0.6)
        assert not hosts[1].has("2001:db8::100")
        one.stop()
        wait_until(lambda: hosts[1].has("2001:db8::100"), 3)
        Daemon(hosts[0], text(1, 200), first, name="again")
        wait_until(lambda: hosts[0].has("2001:db8::100") and not hosts[1].has("2001:db8::100"), 5)


def test_stop():
    """A stop sends one priority 0 for each MASTER, none for a BACKUP; routers before groups"""
    def scenario(lab, binary):
        other = Injector(lab.host("other", "10.0.0.9/24"))
        scene = Scene(lab, binary, group("G", ["A", "B"]) + group("H", ["D"])
                      + "".join(instance(name, 51 + n, 150, addresses=f"10.0.0.{101 + n}/24")
                                for n, name in enumerate("ABCD")))
        for name in "ABCD":
            scene.fifo.wait_state("MASTER", name)
        for _ in range(3):
            other.advert(250, vrid=53, addresses=("10.0.0.103",))
        scene.fifo.wait_state("BACKUP", "C", count=2)
        sniffer = Sniffer(scene.host)
        other.advert(250, vrid=53, addresses=("10.0.0.103",))
        scene.daemon.stop()
        return {"zero": [len(sniffer.adverts(vrid, priority=0)) for vrid in range(51, 55)],
                "stop": [line for line in scene.fifo.lines if " STOP " in line],
                "left": sorted(scene.host.addresses())}
    both(scenario)
