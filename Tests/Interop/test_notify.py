"""Notify scripts and FIFOs: what is told, in which order, and what goes wrong with readers."""

import os
import re
import stat
import time

from lab import Daemon, Lab, OURS, cases, wait_until
from scenario import Fifo, Injector, Scene, Sniffer, both, globals_, group, instance, said

HOOKS = ("master", "backup", "fault", "stop")


def hooks(path, name, *more):
    """All scripts of an instance or group, each with arguments of its own."""
    lines = [f'notify_{state} "{path} {name} {state} \'two words\'"' for state in HOOKS + more]
    return "\n".join(lines + [f'notify "{path} {name} any"'])


def tracer(scene):
    """A script that adds its arguments as a line to a file."""
    trace = os.path.join(scene.lab.directory, "trace")
    return scene.script("tell", f"#!/bin/sh\nprintf '%s|' \"$@\" | sed 's/$/\\n/' >> {trace}\n")


def traced(scene):
    try:
        with open(os.path.join(scene.lab.directory, "trace")) as file:
            return sorted(file.read().splitlines())
    except FileNotFoundError:
        return []


def test_scripts():
    """Every script of instances and groups runs with its arguments at each transition"""
    def scenario(lab, binary):
        path = os.path.join(lab.directory, "tell")
        configuration = group("G", ["A", "B"], hooks(path, "G")) \
            + instance("A", 51, 200, lines=hooks(path, "A", "master_rx_lower_pri")) \
            + instance("B", 52, 150, lines=hooks(path, "B"), addresses="10.0.0.101/24") \
            + instance("C", 53, 150, lines=hooks(path, "C", "deleted"), addresses="10.0.0.102/24")
        scene = Scene(lab, binary, configuration, prepare=tracer)
        scene.fifo.wait('GROUP "G" MASTER 0')
        scene.fifo.wait_state("MASTER", "C")
        Injector(lab.host("other", "10.0.0.9/24")).advert(10)
        scene.fifo.wait_state("MASTER_RX_LOWER_PRI", "A")
        scene.host.ip("link", "set", "eth0", "down")
        scene.fifo.wait('GROUP "G" FAULT 0')
        scene.fifo.wait_state("FAULT", "C")
        scene.host.ip("link", "set", "eth0", "up")
        scene.fifo.wait('GROUP "G" MASTER 0', count=2)
        scene.fifo.wait_state("MASTER", "C", count=2)
        scene.reload(configuration[:configuration.index("vrrp_instance C")])
        scene.fifo.wait_state("DELETED", "C")
        time.sleep(0.3)
        assert scene.daemon.stop() == 0
        return {"trace": traced(scene),
                "fifo": [line for line in scene.fifo.lines if '"C"' not in line],
                "C": [line for line in scene.fifo.lines if '"C"' in line]}
    both(scenario)


@cases(["single", "group", "ipv6"])
def test_fifo_order(kind):
    """The lines of the FIFO, exactly and in order, through faults, recovery, election and stop"""
    def scenario(lab, binary):
        if kind == "single":
            configuration = instance(priority=200, lines="notify_priority_changes\ntrack_interface {\neth1 weight 10\n}")
            names = ["VI"]
        elif kind == "ipv6":
            configuration = instance(priority=200, addresses="fe80::100")
            names = ["VI"]
        else:
            configuration = group("G", ["B", "VI"]) + group("H", ["X"]) \
                + instance(priority=200, lines="track_interface {\neth1\n}") \
                + instance("B", 52, 100, addresses="10.0.0.101/24") \
                + instance("X", 53, 120, addresses="10.0.0.102/24", interval=0.2)
        scene = Scene(lab, binary, configuration, prepare=lambda scene: (
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24"), None)[1])
        last = 'GROUP "G" MASTER 0' if kind == "group" else None
        def settled(count):
            if last:
                scene.fifo.wait(last, count=count)
                scene.fifo.wait('GROUP "H" MASTER 0')
            scene.fifo.wait_state("MASTER", count=count)
        settled(1)
        for count, state in enumerate(("down", "up"), 1):
            scene.host.ip("link", "set", "eth1", state)
            time.sleep(0.15)
        if kind == "group":
            settled(2)
        other = Injector(lab.host("other", "10.0.0.9/24"))
        if kind != "ipv6":
            for _ in range(5):
                other.advert(254)
                time.sleep(0.05)
            settled(3 if kind == "group" else 2)
            other.advert(1)
            other.advert(0)
            scene.fifo.wait_state("MASTER_RX_LOWER_PRI")
        scene.daemon.stop()
        lines = scene.fifo.lines
        return {"X": [line for line in lines if re.search('"[XH]"', line)],
                "rest": [line for line in lines if not re.search('"[XH]"', line)]}
    both(scenario)


def test_made_fifo():
    """FIFOs that the daemon makes: mode, owner, script with the path, removal at the stop"""
    def scenario(lab, binary):
        directory = lab.directory
        def prepare(scene):
            scene.script("reader", f"#!/bin/sh\nfor path in \"$@\"; do last=$path; done\n"
                         f"echo \"$# $1 $(basename $last)\" >> {directory}/arguments\n"
                         f"while read line < $last; do echo \"$line\" >> {directory}/got-$1; done\n")
        lines = f"""notify_fifo {directory}/global
          notify_fifo_script "{directory}/reader global"
          vrrp_notify_fifo {directory}/vrrp nobody nogroup
          vrrp_notify_fifo_script "{directory}/reader vrrp" root"""
        host = lab.host("one", "10.0.0.1/24")
        scene = Scene.__new__(Scene)
        scene.lab, scene.host = lab, host
        prepare(scene)

        daemon = Daemon(host, globals_(lines) + instance(priority=200), binary, name="daemon")
        wait_until(lambda: host.has("10.0.0.100"), 5)
        modes = {name: (oct(os.stat(f"{directory}/{name}").st_mode), os.stat(f"{directory}/{name}").st_uid)
                 for name in ("global", "vrrp")}
        def got(name):
            try:
                return open(f"{directory}/got-{name}").read().splitlines()
            except FileNotFoundError:
                return []
        wait_until(lambda: len(got("global")) >= 2 and len(got("vrrp")) >= 2, 3, what="readers")
        daemon.stop()
        return {"modes": modes, "arguments": sorted(open(f"{directory}/arguments").read().splitlines()),
                "global": got("global")[:2], "vrrp": got("vrrp")[:2],
                "left": os.path.exists(f"{directory}/vrrp")}
    both(scenario)


def test_foreign_fifos():
    """A file, a link, a FIFO of somebody else, a directory that is not there: not used, no harm"""
    with Lab() as lab:
        directory = lab.directory
        open(f"{directory}/file", "w").close()
        os.mkfifo(f"{directory}/true")
        os.symlink(f"{directory}/true", f"{directory}/link")
        os.mkfifo(f"{directory}/foreign")
        os.chown(f"{directory}/foreign", 65534, 65534)
        host = lab.host("one", "10.0.0.1/24")
        for name in ("file", "link", "foreign", "none/fifo"):
            daemon = Daemon(host, globals_("", f"{directory}/{name}") + instance(priority=255), OURS,
                            name="daemon-" + name.replace("/", "-"))
            wait_until(lambda: host.has("10.0.0.100"), 5)
            text = "is not a fifo we own - not using" if "/" not in name else "Unable to create"
            assert text in daemon.log(), daemon.log()
            daemon.stop()


def test_full_fifo():
    """A FIFO that nobody reads fills up; nothing waits for it; lines go on when it is read"""
    with Lab() as lab:
        scene = Scene(lab, OURS, instance(priority=200), prepare=lambda scene: os.write(
            scene.fifo.descriptor, b"x" * 65535 + b"\n"))
        sniffer = Sniffer(scene.host)
        scene.wait_address()
        time.sleep(0.5)
        assert sniffer.longest_gap() < 0.15
        assert scene.daemon.said("is full")
        assert len(scene.fifo.lines) == 1
        scene.host.ip("link", "set", "eth0", "down")
        scene.fifo.wait_state("FAULT")
        scene.host.ip("link", "set", "eth0", "up")
        scene.fifo.wait_state("MASTER")


def test_stop_scripts():
    """A stop script that hangs ends with the daemon after a second; others have been waited for"""
    with Lab() as lab:
        directory = lab.directory
        def prepare(scene):
            scene.script("hang", f"#!/bin/sh\necho $$ > {directory}/pid\ntrap '' TERM\nsleep 60\nsleep 60\n")
            scene.script("slow", f"#!/bin/sh\nsleep 0.3\ntouch {directory}/done\n")
        scene = Scene(lab, OURS, instance(priority=200, lines=f"notify_stop {directory}/hang")
                      + instance("B", 52, addresses="10.0.0.101/24", lines=f"notify_stop {directory}/slow"),
                      prepare=prepare)
        scene.fifo.wait_state("MASTER", "B")
        begin = time.monotonic()
        assert scene.daemon.stop() == 0
        assert time.monotonic() - begin < 2.5
        assert os.path.exists(f"{directory}/done")
        pid = int(open(f"{directory}/pid").read())
        def gone():
            try:
                return open(f"/proc/{pid}/stat").read().split()[2] == "Z"
            except OSError:
                return True
        wait_until(gone, 2, what="the hanging script")


def test_removed_instances():
    """Instances removed at a reload are told as FAULT without script, or as DELETED"""
    def scenario(lab, binary):
        path = os.path.join(lab.directory, "tell")
        keep = instance("A", 51, 200)
        removed = instance("B", 52, 200, addresses="10.0.0.101/24", lines=hooks(path, "B")) \
            + instance("C", 53, 200, addresses="10.0.0.102/24", lines="notify_deleted\n" + hooks(path, "C")) \
            + instance("D", 54, 200, addresses="10.2.0.102/24", interface="eth1", lines=hooks(path, "D")) \
            + instance("E", 55, 200, addresses="10.2.0.103/24", interface="eth1",
                       lines="notify_deleted\n" + hooks(path, "E"))
        def prepare(scene):
            tracer(scene)
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24")
            scene.host.ip("link", "set", "eth1", "down")
        scene = Scene(lab, binary, keep + removed, prepare=prepare)
        sniffer = Sniffer(scene.host)
        for name in "ABC":
            scene.fifo.wait_state("MASTER", name)
        before = len(scene.fifo.lines)
        scene.reload(keep)
        scene.fifo.wait_state("DELETED", "C")
        scene.wait_address("10.0.0.101", present=False)
        scene.wait_address("10.0.0.102", present=False)
        time.sleep(0.3)
        return {"fifo": sorted(scene.fifo.lines[before:]), "trace": traced(scene),
                "zero": [len(sniffer.adverts(vrid, priority=0)) for vrid in (51, 52, 53, 54)]}
    both(scenario)


def test_states_on_reload():
    """fifo_write_vrrp_states_on_reload writes the states once more, otherwise nothing is written"""
    with Lab() as lab:
        configuration = group("G", ["A"]) + instance("A", 51, 200) \
            + instance("B", 52, 200, interface="eth1", addresses="10.2.0.100/24")
        def prepare(scene):
            lab.add_interface(scene.host, "eth1", "10.2.0.1/24")
            scene.host.ip("link", "set", "eth1", "down")
        scene = Scene(lab, OURS, configuration, prepare=prepare)
        scene.fifo.wait('GROUP "G" MASTER 0')
        before = scene.fifo.lines[:]
        scene.reload(configuration)
        wait_until(lambda: scene.daemon.said("Reload complete"), 3)
        time.sleep(0.2)
        assert scene.fifo.lines == before, scene.fifo.lines
        scene.global_lines = "fifo_write_vrrp_states_on_reload"
        scene.reload(configuration)
        wait_until(lambda: len(scene.fifo.lines) >= len(before) + 3, 3)
        time.sleep(0.1)
        assert sorted(scene.fifo.lines[len(before):]) == [
            'GROUP "G" MASTER 0', 'INSTANCE "A" MASTER 200', 'INSTANCE "B" FAULT 200']


def test_hundred_scripts():
    """A hundred slow notify scripts at once neither delay adverts nor leave zombies"""
    with Lab() as lab:
        directory = lab.directory
        configuration = "".join(
            instance(f"V{i}", i, 200, addresses=f"10.0.1.{i}/32", lines=f"notify_master {directory}/slow")
            for i in range(1, 101))
        scene = Scene(lab, OURS, configuration, prepare=lambda scene: scene.script(
            "slow", "#!/bin/sh\nsleep 0.7\n"))
        sniffer = Sniffer(scene.host)
        wait_until(lambda: len([line for line in scene.fifo.lines if " MASTER " in line]) == 100, 8)
        time.sleep(1.2)
        end = time.time()
        wait_until(lambda: sniffer.adverts(100)[-1].time > end, 2)
        gaps = sniffer.longest_gap(100, since=end - 0.5)
        assert gaps < 0.2, gaps
        children = open(f"/proc/{scene.daemon.child()}/task/{scene.daemon.child()}/children").read()
        assert not children.split(), children


def test_accounts():
    """Notify scripts run as their user and group, with a clean environment and no descriptors"""
    def scenario(lab, binary):
        directory = lab.directory
        os.mkdir(f"{directory}/open")
        os.chmod(f"{directory}/open", 0o777)
        def prepare(scene):
            scene.script("who", f"#!/bin/sh\n(echo $1; id -u; id -g; id -G; umask; pwd; ls /proc/self/fd | wc -l;"
                         f" readlink /proc/$$/fd/0; ps -o pgid= -p $$ | grep -c $$) > {directory}/open/$1.new"
                         f" && mv {directory}/open/$1.new {directory}/open/$1\n")
        scene = Scene(lab, binary, instance(lines=f"""notify_master "{directory}/who master" nobody
          notify_backup "{directory}/who backup" nobody daemon
          notify_fault "{directory}/who fault"
          """), prepare=prepare)
        scene.fifo.wait_state("MASTER")
        scene.host.ip("link", "set", "eth0", "down")
        names = ("master", "backup", "fault")
        wait_until(lambda: all(os.path.exists(f"{directory}/open/{name}") for name in names), 5)
        return {name: open(f"{directory}/open/{name}").read().replace(directory, "").splitlines() for name in names}
    both(scenario)


def test_priority_lines():
    """vrrp_notify_priority_changes for all, off for one; both FIFOs get every line"""
    def scenario(lab, binary):
        second = Fifo(lab.directory, "second")
        configuration = instance(lines="track_interface {\neth1 weight 10\n}") + instance(
            "OFF", 52, addresses="10.0.0.101/24",
            lines="notify_priority_changes off\ntrack_interface {\neth1 weight 10\n}")
        scene = Scene(lab, binary, configuration,
                      prepare=lambda scene: lab.add_interface(scene.host, "eth1", "10.2.0.1/24"),
                      global_lines=f"vrrp_notify_priority_changes on\nnotify_fifo {second.path}")
        scene.fifo.wait_state("MASTER")
        scene.fifo.wait_state("MASTER", "OFF")
        scene.host.ip("link", "set", "eth1", "down")
        scene.fifo.wait('INSTANCE "VI" MASTER_PRIORITY 100')
        scene.host.ip("link", "set", "eth1", "up")
        scene.fifo.wait('INSTANCE "VI" MASTER_PRIORITY 110')
        assert second.lines == scene.fifo.lines
        return {name: [line for line in scene.fifo.lines if name in line] for name in ("VI", "OFF")}
    both(scenario)
