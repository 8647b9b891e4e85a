"""The life of the processes: whom they heed, what they leave behind, what their end means to others."""

import contextlib
import os
import signal
import subprocess
import time

from lab import Daemon, Lab, OURS, cases, run, wait_until
from scenario import Fifo, both, globals_, instance

FAR = "bfd_instance far { neighbor_ip 10.0.0.9 }\n"
OF_KERNEL = {signal.SIGKILL, signal.SIGSTOP}
FAULTS = {signal.SIGILL, signal.SIGFPE, signal.SIGSEGV, signal.SIGBUS}
HEEDED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
# The C library's own, which the reference leaves as they are.
OF_LIBRARY = {32, 33}


def children(pid):
    return [int(line) for line in run("pgrep", "-P", str(pid), check=False).split()]


def signals(pid):
    """What the kernel knows of a process: the numbers that are ignored, caught, blocked."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {name: {number for number in range(1, 65) if int(fields[name], 16) >> (number - 1) & 1}
            for name in ("SigIgn", "SigCgt", "SigBlk")}


# ---- Signals

def test_every_signal():
    """No signal but those that ask for it or report a fault ends the parent or a child"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance() + FAR)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        processes = [daemon.pid, *children(daemon.pid)]
        assert len(processes) == 3, processes
        for number in range(1, 65):
            if number in OF_KERNEL | FAULTS | HEEDED:
                continue
            for pid in processes:
                os.kill(pid, number)
        time.sleep(0.3)
        assert [daemon.pid, *children(daemon.pid)] == processes
        assert host.has("10.0.0.100") and "died" not in daemon.log()
        assert daemon.stop() == 0


def test_dispositions():
    """Who ignores and who blocks which signal is as in the reference"""
    def scenario(lab, binary):
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance() + FAR, binary)
        wait_until(lambda: host.has("10.0.0.100"), 8)
        result = []
        for pid in (daemon.pid, *sorted(children(daemon.pid))):
            of = signals(pid)
            # What is read is blocked; the reference ignores SIGXCPU until there is a limit, and some
            # children ignore what ours read and make nothing of.
            result.append({
                "ends the process": sorted(
                    set(range(1, 65)) - of["SigIgn"] - of["SigBlk"] - of["SigCgt"] - OF_LIBRARY),
                "caught": sorted(of["SigCgt"]),
                "read": sorted(of["SigBlk"] & {1, 2, 10, 15, 17}),
            })
        daemon.stop()
        return result
    both(scenario)


def test_ignored_interrupt():
    """With --ignore-sigint nobody heeds SIGINT"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance(), arguments=("--ignore-sigint",))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        for pid in (daemon.pid, daemon.child()):
            os.kill(pid, signal.SIGINT)
            assert signal.SIGINT in signals(pid)["SigIgn"]
        time.sleep(0.3)
        assert host.has("10.0.0.100")
        assert daemon.stop() == 0


def test_signals_of_scripts():
    """Scripts of all kinds begin with default dispositions and nothing blocked"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        trace = os.path.join(lab.directory, "trace")
        path = os.path.join(lab.directory, "script")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\ngrep -E '^Sig(Blk|Ign|Cgt)' /proc/$$/status | sed \"s/^/$1 /\" >>{trace}\n")
        os.chmod(path, 0o755)
        configuration = globals_(f'startup_script "{path} startup"\nshutdown_script "{path} shutdown"') \
            + f'vrrp_script s {{\n script "{path} track"\n interval 1\n}}\n' \
            + instance(lines=f'track_script {{ s }}\n notify "{path} notify"')
        daemon = Daemon(host, configuration)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        assert daemon.stop() == 0
        with open(trace) as file:
            lines = file.read().splitlines()
        assert {line.split()[0] for line in lines} == {"startup", "track", "notify", "shutdown"}
        for line in lines:
            kind, name, mask = line.split()
            # The shell itself catches SIGINT or SIGCHLD.
            assert name == "SigCgt:" or int(mask, 16) == 0, line


# ---- What is left behind

def left(directory):
    return sorted(name for name in os.listdir(directory) if name.endswith(".pid"))


@cases(["interface", "parameter", "file"])
def test_fault_at_the_start(fault):
    """A configuration that cannot run leaves no pid file behind"""
    text = {"interface": instance(interface="eth7") + FAR, "parameter": instance(lines="priority"),
            "file": None}[fault]
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, text or "", arguments=() if text else ("-f", "/nonexistent"))
        status = daemon.process.wait(10)
        assert status == {"interface": 2, "parameter": 2, "file": 6}[fault], status
        wait_until(lambda: not run("ip", "netns", "pids", host.name).strip(), 3, what="nobody runs")
        assert left(daemon.directory) == []


def test_second_daemon_leaves_the_first_alone():
    """A daemon that finds one running takes its own files away and none of the other's"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        first = Daemon(host, instance() + FAR)
        wait_until(lambda: first.said("Startup complete"), 5)
        before = left(first.directory)
        for shared in ("vrrp.pid", "bfd.pid"):
            files = {"-p": "x", "-r": "y", "-c": "z", "-b": "w"}
            files["-r" if shared == "vrrp.pid" else "-b"] = shared
            words = [word for option, name in files.items() for word in (option, first.file(name))]
            done = subprocess.run(
                host.command(OURS, "-n", "-l", "-G", "-f", first.configuration, *words),
                capture_output=True, text=True, timeout=10)
            assert done.returncode == 0 and "daemon is already running" in done.stderr, done
            assert sorted(set("xyzw") & set(os.listdir(first.directory))) == []
            assert left(first.directory) == before
        # Nor what a subsystem that it does not run has somewhere else.
        done = Daemon(host, "", arguments=("-C", "-B", "-r", first.file("vrrp.pid")), name="second")
        wait_until(lambda: done.said("no configuration to run"), 5)
        assert done.stop() == 0
        assert left(first.directory) == before
        assert first.stop() == 0
        assert left(first.directory) == [] and left(done.directory) == []


@cases(["startup script", "respawn", "killed"])
def test_stop_at_a_bad_moment(moment):
    """A stop while children are not there yet, or not any more, leaves no pid file and no address behind"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        lines = "startup_script \"/usr/bin/sleep 60\"" if moment == "startup script" else ""
        lines += "\nchild_wait_time 1" if moment == "killed" else ""
        daemon = Daemon(host, globals_(lines) + instance() + FAR)
        if moment == "startup script":
            wait_until(lambda: daemon.said("Running startup script"), 5)
        else:
            wait_until(lambda: host.has("10.0.0.100"), 5)
        if moment == "respawn":
            for turn in range(2):
                child = wait_until(daemon.child, 5)
                os.kill(child, signal.SIGKILL)
                wait_until(lambda: daemon.log().count("died: Respawning") == turn + 1, 5)
                if turn == 0:
                    wait_until(lambda: daemon.child() not in (0, child), 5)
        if moment == "killed":
            os.kill(daemon.child(), signal.SIGSTOP)
        assert daemon.stop() == 0
        assert left(daemon.directory) == []
        assert not host.has("10.0.0.100")
        assert not run("ip", "netns", "pids", host.name).strip()


@cases([("-V", "kept"), ("-R", "not started again")])
def test_remains(case):
    """A process that died is not replaced at the stop where that is not wanted"""
    option, _ = case
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, globals_("child_wait_time 1") + instance(), arguments=(option,))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        os.kill(daemon.child(), signal.SIGKILL if option == "-R" else signal.SIGSTOP)
        if option == "-V":
            assert daemon.stop() == 0
        else:
            assert daemon.process.wait(10) == 0
        assert daemon.log().count("Starting VRRP child process") == 1
        assert host.has("10.0.0.100")


def test_directory_of_an_instance():
    """Directories that the daemon made go with it; those that were there stay"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "conf")
        with open(path, "w") as file:
            file.write("instance I\n" + instance())
        os.chmod(path, 0o644)
        # A /run of our own; the shell tells what is left in it.
        script = f"""mount -t tmpfs tmpfs /run && {{ [ $1 = made ] && mkdir /run/keepalived
            {OURS} -n -l -G -f {path} & echo $! >{lab.directory}/pid
            wait $!; find /run -mindepth 1 >{lab.directory}/left; }}"""
        for kind, expected in (("own", ""), ("made", "/run/keepalived\n")):
            shell = host.start("unshare", "-m", "sh", "-c", script, "sh", kind,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_until(lambda: host.has("10.0.0.100"), 5)
            with open(os.path.join(lab.directory, "pid")) as file:
                pid = int(file.read())
            names = os.listdir(f"/proc/{pid}/root/run/keepalived")
            assert sorted(names) == ["keepalived_I.pid", "vrrp_I.pid"], names
            os.kill(pid, signal.SIGTERM)
            shell.wait(10)
            with open(os.path.join(lab.directory, "left")) as file:
                assert file.read() == expected, kind


@cases(["stop", "fault", "second"])
def test_directory_of_a_namespace(end):
    """The directory of a network namespace goes on every way out"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "conf")
        with open(path, "w") as file:
            file.write(instance(interface="eth7" if end == "fault" else "eth0") + FAR)
        os.chmod(path, 0o644)
        command = [OURS, "-n", "-l", "-G", "-f", path, "-s", host.name]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.processes.append(process)
        directory = f"/run/keepalived/{host.name}"
        if end == "fault":
            assert process.wait(10) == 2
        else:
            wait_until(lambda: host.has("10.0.0.100"), 5)
            if end == "second":
                assert subprocess.run(command, capture_output=True, timeout=10).returncode == 0
                assert left(directory) == ["bfd.pid", "keepalived.pid", "vrrp.pid"]
            process.terminate()
            assert process.wait(10) == 0
        assert not os.path.exists(directory), os.listdir(directory)


# ---- What ends because of the stop

@cases(["parent", "all", "script first"])
def test_stop_while_a_script_runs(order):
    """A tracked script that ends because the daemon stops is no fault"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        fifo = Fifo(lab.directory)
        script = os.path.join(lab.directory, "script")
        with open(script, "w") as file:
            file.write("#!/bin/sh\nexec sleep 2\n")
        os.chmod(script, 0o755)
        daemon = Daemon(host, globals_(fifo=fifo.path)
                        + f"vrrp_script s {{\n script {script}\n interval 3\n timeout 3\n}}\n"
                        + instance(lines="track_script { s }"))
        wait_until(lambda: host.has("10.0.0.100"), 10)
        child = daemon.child()
        running = wait_until(lambda: children(child), 5)
        time.sleep(0.1)
        processes = {"parent": [daemon.pid], "all": [daemon.pid, child, *running],
                     "script first": [*running, child, daemon.pid]}[order]
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            # The service manager needs time for each one.
            time.sleep(0.01)
        assert daemon.process.wait(10) == 0
        states = [line.split()[2] for line in fifo.lines if line.startswith("INSTANCE")]
        assert states == ["BACKUP", "MASTER", "STOP"], states
        assert "failed" not in daemon.log(), daemon.log()


def test_script_that_is_terminated():
    """A tracked script that somebody terminates while the daemon runs on has failed"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        fifo = Fifo(lab.directory)
        script = os.path.join(lab.directory, "script")
        with open(script, "w") as file:
            file.write("#!/bin/sh\nexec sleep 2\n")
        os.chmod(script, 0o755)
        daemon = Daemon(host, globals_(fifo=fifo.path)
                        + f"vrrp_script s {{\n script {script}\n interval 3\n timeout 3\n}}\n"
                        + instance(lines="track_script { s }"))
        wait_until(lambda: host.has("10.0.0.100"), 10)
        os.kill(wait_until(lambda: children(daemon.child()), 5)[0], signal.SIGTERM)
        fifo.wait_state("FAULT")
        assert daemon.said("VRRP_Script(s) failed (due to signal 15)")
        assert daemon.stop() == 0


def test_stop_with_a_session():
    """A BFD session that ends with the daemon is no fault of who tracks it"""
    with Lab() as lab:
        hosts = [lab.host("one", "10.0.0.1/24"), lab.host("two", "10.0.0.2/24")]
        fifo = Fifo(lab.directory)

        def text(peer):
            return f"bfd_instance b {{\n neighbor_ip 10.0.0.{peer}\n min_rx 50\n min_tx 50\n}}\n"
        other = Daemon(hosts[1], text(1))
        daemon = Daemon(hosts[0], globals_(fifo=fifo.path) + text(2)
                        + instance(lines="track_bfd { b }"))
        wait_until(lambda: hosts[0].has("10.0.0.100"), 10)
        for pid in [*reversed(children(daemon.pid)), daemon.pid]:
            os.kill(pid, signal.SIGTERM)
        assert daemon.process.wait(10) == 0
        states = [line.split()[2] for line in fifo.lines if line.startswith("INSTANCE")]
        assert states[-2:] == ["MASTER", "STOP"], states
        assert other.stop() == 0


# ---- Reloads

def scheduling(pid):
    """The real-time priority, the policy (2: round-robin) and whether memory is locked."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status") as file:
        locked = next(line for line in file if line.startswith("VmLck:")).split()[1]
    return int(fields[37]), int(fields[38]), int(locked) > 0


def limit(pid):
    with open(f"/proc/{pid}/limits") as file:
        return next(line for line in file if "realtime timeout" in line).split()[3:5]


def test_scheduling_at_reloads():
    """Real-time priority and locked memory follow each reload, whose work is done without them"""
    # More work than a real-time process may do at once: the kernel would kill it.
    routers = "".join(instance(f"V{i}", i, addresses=f"10.0.1.{i}/32", interval=1) for i in range(1, 101))

    def text(*lines):
        return "global_defs {\n" + "\n".join(lines) + "\n}\n" + FAR + routers
    steps = [
        (("vrrp_rt_priority 20", "vrrp_rlimit_rttime 50000"), (20, 2, False), (0, 0, False)),
        (("vrrp_rt_priority 10", "bfd_rt_priority 5"), (10, 2, False), (5, 2, False)),
        (("vrrp_rt_priority 10", "vrrp_no_swap", "bfd_rt_priority 5"), (10, 2, True), (5, 2, False)),
        (("vrrp_no_swap", "bfd_no_swap"), (0, 0, True), (0, 0, True)),
        ((), (0, 0, False), (0, 0, False)),
    ]
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/16")
        daemon = Daemon(host, text())
        wait_until(lambda: len(host.addresses()) >= 102, 20)
        processes = [daemon.child(), daemon.child("bfd")]
        for lines, *expected in steps:
            count = daemon.log().count("Reload complete")
            daemon.reload(text(*lines))
            wait_until(lambda: daemon.log().count("Reload complete") > count, 20, what=f"{lines}")
            assert [daemon.child(), daemon.child("bfd")] == processes, daemon.log()
            assert [scheduling(pid) for pid in processes] == expected, lines
            if "vrrp_rlimit_rttime 50000" in lines:
                assert limit(processes[0]) == ["25000", "50000"]
            elif "vrrp_rt_priority 10" in lines:
                assert limit(processes[0]) == ["5000", "10000"]
        assert "Unable" not in daemon.log()
        # A stop is long work too.
        count = daemon.log().count("Reload complete")
        daemon.reload(text("vrrp_rt_priority 10"))
        wait_until(lambda: daemon.log().count("Reload complete") > count, 20)
        assert daemon.stop() == 0
        assert not [address for address in host.addresses() if address.startswith("10.0.1.")]


def test_refused_by_a_child():
    """A child that cannot adopt what the parent has read is named, and the next reload heals it"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance() + FAR)
        wait_until(lambda: host.has("10.0.0.100"), 5)
        child = daemon.child()
        # The child stands still; what the parent has put into their memory meanwhile goes.
        os.kill(child, signal.SIGSTOP)
        daemon.reload(instance(addresses="10.0.0.101/24") + FAR)
        wait_until(lambda: daemon.said("Reload finished in"), 5, what="the BFD process has read it")
        memory = [f"/proc/{daemon.pid}/fd/{name}" for name in os.listdir(f"/proc/{daemon.pid}/fd")
                  if "consolidated_configuration" in os.readlink(f"/proc/{daemon.pid}/fd/{name}")]
        assert len(memory) == 1
        os.truncate(memory[0], 3)
        os.kill(child, signal.SIGCONT)
        wait_until(lambda: daemon.said("Reload incomplete"), 5)
        reason = "the snapshot of the configuration cannot be read"
        for line in (f"New configuration refused: {reason} - keeping the running one",
                     f"The VRRP process has refused the new configuration: {reason}"
                     " - it runs on with the one before",
                     "Reload incomplete: the configuration from before is still run by: VRRP"):
            assert daemon.log().count(line) == 1, line
        assert not daemon.said("Reload complete")
        assert daemon.child() == child
        assert host.has("10.0.0.100") and not host.has("10.0.0.101")
        daemon.reload()
        wait_until(lambda: daemon.said("Reload complete"), 5)
        wait_until(lambda: host.has("10.0.0.101") and not host.has("10.0.0.100"), 5)
        assert daemon.log().count("Reload incomplete") == 1
        assert daemon.stop() == 0


# ---- Relative names

def test_relative_names():
    """In the background relative names mean what they meant where the daemon was started"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        os.makedirs(os.path.join(lab.directory, "etc/conf.d"))

        def write(name, text):
            path = os.path.join(lab.directory, name)
            with open(path, "w") as file:
                file.write(text)
            os.chmod(path, 0o644)
        write("etc/keepalived.conf", "include conf.d/*.conf\n")
        write("etc/conf.d/a.conf", instance())
        pids = {"-p": "p.pid", "-r": "v.pid", "-c": "c.pid", "-b": "b.pid"}
        words = [word for pair in pids.items() for word in pair]
        host.run(OURS, "-f", "etc/keepalived.conf", *words, "-G", "-D", "-glog", cwd=lab.directory,
                 env=dict(os.environ, TMPDIR=lab.directory))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        with open(os.path.join(lab.directory, "p.pid")) as file:
            pid = int(file.read())
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        with open(os.path.join(lab.directory, "v.pid")) as file:
            assert int(file.read()) in children(pid)
        write("etc/conf.d/b.conf", instance("V2", 52, addresses="10.0.0.101/24"))
        os.kill(pid, signal.SIGHUP)
        wait_until(lambda: host.has("10.0.0.101"), 5)
        assert host.has("10.0.0.100")
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 5)
        assert left(lab.directory) == []
        assert {"log", "log_vrrp"} <= set(os.listdir(lab.directory))


def test_relative_script():
    """A relative name of a script means the same at the start and at a reload"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "conf")
        # From / where the daemon goes, not from where it is started.
        script = os.path.join(lab.directory, "script")
        trace = os.path.join(lab.directory, "trace")
        with open(script, "w") as file:
            file.write(f"#!/bin/sh\necho $3 >>{trace}\n")
        os.chmod(script, 0o755)
        with open(path, "w") as file:
            file.write(globals_() + instance(lines=f"notify \".{script}\""))
        os.chmod(path, 0o644)
        words = [word for option in "prcb" for word in (f"-{option}", f"{lab.directory}/{option}")]
        host.run(OURS, "-f", path, *words, "-G", cwd=lab.directory)

        def told():
            if not os.path.exists(trace):
                return []
            with open(trace) as file:
                return file.read().split()
        wait_until(lambda: told() == ["BACKUP", "MASTER"], 5, what="the script runs")
        with open(os.path.join(lab.directory, "p")) as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGHUP)
        time.sleep(0.5)
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: told()[-1:] == ["STOP"], 5, what="the script is there after a reload")
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 5)
