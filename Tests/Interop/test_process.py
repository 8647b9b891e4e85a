"""The parent process: command line, pid files, signals, watchdog, reload, scripts."""

import os
import re
import signal
import socket
import subprocess
import time

from lab import Daemon, Lab, OURS, ROOT, run, wait_until

INSTANCE = """global_defs {{ {globals} }}
{roots}
vrrp_instance VI_1 {{
  state BACKUP
  interface {interface}
  virtual_router_id 51
  priority 100
  version 3
  advert_int {interval}
  {lines}
  virtual_ipaddress {{ {addresses} }}
}}
"""


def instance(globals="enable_script_security", roots="", interface="eth0", interval=0.1, lines="",
             addresses="10.0.0.100/24"):
    return INSTANCE.format(**locals())


def test_start_and_stop():
    """A start writes pid files, becomes MASTER, and a stop leaves nothing behind"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance())
        wait_until(lambda: host.has("10.0.0.100"), 5)
        wait_until(lambda: daemon.said("Startup complete"), 2)
        assert open(daemon.file("keepalived.pid")).read() == f"{daemon.pid}\n"
        assert os.path.exists(f"/proc/{daemon.child()}")
        assert daemon.stop() == 0
        assert not host.has("10.0.0.100")
        left = [name for name in os.listdir(daemon.directory) if name.endswith(".pid")]
        assert not left, left
        for line in ("Starting Keepalived", "Starting VRRP child process, pid=", "(VI_1) Entering MASTER STATE",
                     "Stopping", "Stopped Keepalived"):
            assert daemon.said(line), line


def test_daemonise():
    """Without -n the program goes to the background and the shell goes on at once"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "conf")
        with open(path, "w") as file:
            file.write(instance())
        os.chmod(path, 0o644)
        pids = [os.path.join(lab.directory, name) for name in ("p", "v", "c", "b")]
        start = time.monotonic()
        host.run(OURS, "-f", path, "-p", pids[0], "-r", pids[1], "-c", pids[2], "-b", pids[3], "-G")
        assert time.monotonic() - start < 2
        wait_until(lambda: host.has("10.0.0.100"), 5)
        pid = int(open(pids[0]).read())
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert os.readlink(f"/proc/{pid}/fd/1") == "/dev/null"
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 5)
        assert not host.has("10.0.0.100")


def test_second_daemon():
    """A second daemon with the same pid file ends at once with status 0"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        first = Daemon(host, instance())
        wait_until(lambda: first.said("Startup complete"), 5)
        second = host.start(
            OURS, "-n", "-l", "-G", "-f", first.configuration, "-p", first.file("keepalived.pid"),
            "-r", first.file("x"), "-c", first.file("y"), "-b", first.file("z"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output, _ = second.communicate(timeout=5)
        assert second.returncode == 0
        assert "daemon is already running" in output
        assert open(first.file("keepalived.pid")).read() == f"{first.pid}\n"
        first.stop()


def test_respawn():
    """A child that is killed comes back, and the address with it"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance())
        wait_until(lambda: host.has("10.0.0.100"), 5)
        child = daemon.child()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: daemon.child() not in (0, child), 5, what="another child")
        wait_until(lambda: daemon.log().count("Entering MASTER STATE") == 2, 5)
        assert daemon.said(f"pid {child} exited due to signal 9 (Killed) - has rlimit_rttime been exceeded?")
        assert daemon.said(f"VRRP child process({child}) died: Respawning")
        assert daemon.said("Restart of VRRP process delayed 0 seconds to limit respawn rate")
        assert daemon.stop() == 0
        assert not host.has("10.0.0.100")


def test_orphaned_child():
    """A child whose parent is killed resigns and takes its addresses along"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance())
        wait_until(lambda: host.has("10.0.0.100"), 5)
        os.kill(daemon.pid, signal.SIGKILL)
        wait_until(lambda: not host.has("10.0.0.100"), 5, what="the child stops")


def test_missing_interface():
    """An interface that does not exist ends the daemon with status 2"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance(interface="eth7"))
        assert daemon.process.wait(5) == 2
        assert daemon.said("Non-existent interface specified in configuration")
        assert re.search(r"pid \d+ exited with permanent error CONFIG. Terminating", daemon.log())


def test_no_file():
    """A configuration file that does not exist ends the daemon with status 6"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        result = subprocess.run(
            host.command(OURS, "-n", "-l", "-G", "-f", "/nonexistent/keepalived.conf"),
            capture_output=True, text=True, timeout=5)
        assert result.returncode == 6, result
        assert "/nonexistent/keepalived.conf" in result.stderr


def test_reload_changes():
    """A reload adds and removes addresses while adverts go on"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        other = lab.host("two", "10.0.0.2/24")
        daemon = Daemon(host, instance())
        backup = Daemon(other, instance().replace("priority 100", "priority 50"))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        time.sleep(0.5)
        daemon.reload(instance(addresses="10.0.0.101/24\n10.0.0.102/24"))
        wait_until(lambda: host.has("10.0.0.101") and host.has("10.0.0.102"), 3)
        wait_until(lambda: not host.has("10.0.0.100"), 3)
        wait_until(lambda: daemon.said("Reload complete"), 3)
        assert daemon.log().count("Entering MASTER STATE") == 1
        assert not backup.said("Entering MASTER STATE"), "the backup took over during a reload"
        assert not other.has("10.0.0.100")


def test_reload_many():
    """Reloads in a row with 200 instances never let a backup take over"""
    def many(count, priority):
        return "".join(
            f"vrrp_instance V{i} {{ \n interface eth0\n virtual_router_id {i}\n version 3\n"
            f" priority {priority}\n advert_int 0.1\n virtual_ipaddress {{ 10.0.1.{i}/32 }}\n}}\n"
            for i in range(1, count + 1))
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/16")
        other = lab.host("two", "10.0.0.2/16")
        daemon = Daemon(host, many(200, 200))
        wait_until(lambda: len(host.addresses()) >= 202, 10)
        backup = Daemon(other, many(200, 100))
        time.sleep(1.5)
        for turn in range(5):
            count = daemon.log().count("Reload complete")
            daemon.reload(many(200 - turn, 200))
            wait_until(lambda: daemon.log().count("Reload complete") > count, 5)
            time.sleep(0.2)
        taken = re.findall(r"\(V(\d+)\) Entering MASTER STATE", backup.log())
        assert all(int(number) > 195 for number in taken), taken


def test_reload_refused():
    """A file with a fatal error leaves the running configuration untouched and says so"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance())
        wait_until(lambda: host.has("10.0.0.100"), 5)
        child = daemon.child()
        for broken in (instance(interface="eth9"), instance(lines="priority"),
                       "vrrp_instance X {\n interface eth0\n}\n"):
            count = daemon.log().count("keeping the running configuration")
            daemon.reload(broken)
            wait_until(lambda: daemon.log().count("keeping the running configuration") > count, 3)
        os.unlink(daemon.configuration)
        count = daemon.log().count("keeping the running configuration")
        daemon.reload()
        wait_until(lambda: daemon.log().count("keeping the running configuration") > count, 3)
        time.sleep(0.3)
        assert daemon.child() == child and host.has("10.0.0.100")
        assert daemon.log().count("Entering") == 2, "BACKUP and MASTER once each"
        daemon.reload(instance(addresses="10.0.0.101/24"))
        wait_until(lambda: host.has("10.0.0.101"), 3)


def test_reload_queue():
    """Several requests while a reload runs become one more"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance())
        wait_until(lambda: daemon.said("Startup complete"), 5)
        for _ in range(20):
            daemon.reload()
        wait_until(lambda: daemon.said("Reload complete"), 5)
        time.sleep(0.5)
        assert host.has("10.0.0.100")
        assert daemon.stop() == 0


def test_systemd():
    """The service manager is told READY, RELOADING and STOPPING"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "notify")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(path)
        manager.settimeout(5)
        os.environ["NOTIFY_SOCKET"] = path
        try:
            daemon = Daemon(host, instance())
        finally:
            del os.environ["NOTIFY_SOCKET"]
        assert manager.recv(256).decode() == f"READY=1\nMAINPID={daemon.pid}"
        daemon.reload()
        assert manager.recv(256).decode().startswith("RELOADING=1")
        assert manager.recv(256).decode().startswith("READY=1")
        daemon.process.send_signal(signal.SIGTERM)
        assert manager.recv(256).decode() == "STOPPING=1"
        daemon.process.wait(5)


def test_startup_script():
    """The startup script runs before the children, the shutdown script after them"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        trace = os.path.join(lab.directory, "trace")
        script = os.path.join(lab.directory, "script")
        with open(script, "w") as file:
            file.write(f"#!/bin/sh\nsleep 0.3\nip -n {host.name} -o addr | grep -c 10.0.0.100 >> {trace}\necho $1 >> {trace}\n")
        os.chmod(script, 0o755)
        daemon = Daemon(host, instance(
            globals=f'script_user root\nstartup_script "{script} up"\nshutdown_script "{script} down"'))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        daemon.stop()
        assert open(trace).read() == "0\nup\n0\ndown\n", open(trace).read()


def test_keep_addresses():
    """With -V a stop neither resigns nor removes addresses"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        daemon = Daemon(host, instance(), arguments=("-V",))
        wait_until(lambda: host.has("10.0.0.100"), 5)
        daemon.stop()
        assert host.has("10.0.0.100")


def test_namespace():
    """-s runs the daemon in a named network namespace"""
    with Lab() as lab:
        host = lab.host("one", "10.0.0.1/24")
        path = os.path.join(lab.directory, "conf")
        with open(path, "w") as file:
            file.write(instance())
        os.chmod(path, 0o644)
        process = subprocess.Popen(
            [OURS, "-n", "-l", "-G", "-f", path, "-s", host.name],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lab.processes.append(process)
        pid_file = f"/run/keepalived/{host.name}/keepalived.pid"
        wait_until(lambda: host.has("10.0.0.100"), 5)
        assert open(pid_file).read() == f"{process.pid}\n"
        process.terminate()
        assert process.wait(5) == 0
        assert not host.has("10.0.0.100")
        assert not os.path.exists(pid_file)


def test_options():
    """Answers and refusals of the command line"""
    def outcome(*words):
        result = subprocess.run([OURS, *words], capture_output=True, text=True, timeout=5)
        return result.returncode, result.stdout, result.stderr
    assert outcome("--signum", "RELOAD") == (0, "1\n", "")
    assert outcome("--signum=JSON") == (0, "36\n", "")
    assert outcome("--signum=X")[0] == 1
    status, _, error = outcome("-v")
    assert status == 0 and error.startswith("Keepalived v2.")
    assert outcome("-h")[0] == 0
    assert outcome("-Z") == (1, "", "Unknown option -Z\n")
    assert outcome("--nonsense") == (1, "", "Unknown option --nonsense\n")
    assert outcome("-f") == (1, "", "Missing parameter for option -f\n")
    assert outcome("--use-fi", "/nonexistent", "-t")[0] == 0


def test_steady_functions():
    """The list of what a daemon at work executes names what there is (`make steady-functions`)"""
    with open(os.path.join(ROOT, "Sources", "keepalived", "steady-functions.txt")) as file:
        names = set(file.read().split())
    there = {line.split()[-1] for line in run("nm", "--defined-only", OURS).splitlines()}
    assert len(names & there) > len(names) * 3 / 4, f"{len(names - there)} of {len(names)} are gone"
