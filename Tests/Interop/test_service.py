"""The shipped unit under a real systemd, as it is installed: start, reload, restart, death, stop."""

import contextlib
import os
import signal
import subprocess
import threading
import time

from lab import ROOT, run, wait_until

NEEDS = ["systemd"]
# There is one service, so one test at a time.
ALONE = True

INTERFACE = "vrrp0"
ADDRESS, SECOND, STATIC = "192.0.2.100", "192.0.2.101", "192.0.2.7"
FIFO = "/run/keepalived-test.fifo"
CONFIGURATION = """global_defs {{
  script_user root
  vrrp_notify_fifo {fifo}
}}
static_ipaddress {{
  {static}/24 dev {interface}
}}
vrrp_instance VI {{
  state BACKUP
  interface {interface}
  virtual_router_id 51
  priority 100
  version 3
  advert_int 0.2
  virtual_ipaddress {{
    {addresses}
  }}
}}
"""
# Nothing in /run that comes and goes with other things than the service.
OF_OTHERS = {"systemd", "log", "credentials", "netns", "lock", "utmp"}


def configure(*addresses):
    with open("/etc/keepalived/keepalived.conf", "w") as file:
        file.write(CONFIGURATION.format(
            fifo=FIFO, static=STATIC, interface=INTERFACE, addresses="\n    ".join(addresses)))


@contextlib.contextmanager
def installed():
    """The program, as `make install` leaves it, and a link; what is left of the service ends with it."""
    run("make", "-C", ROOT, "-o", "build", "install")
    run("ip", "link", "add", INTERFACE, "type", "dummy")
    run("ip", "address", "add", "192.0.2.1/24", "dev", INTERFACE)
    # A dummy comes without.
    run("ip", "link", "set", INTERFACE, "multicast", "on", "up")
    configure(ADDRESS)
    run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        run("systemctl", "stop", "keepalived", check=False)
        run("systemctl", "reset-failed", "keepalived", check=False)
        run("ip", "link", "delete", INTERFACE)
        with contextlib.suppress(FileNotFoundError):
            os.remove(FIFO)


def systemctl(*words):
    """Does what the manager is asked for; what the journal has of the service if it does not."""
    done = subprocess.run(["systemctl", *words, "keepalived"], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.stderr}{journal()}"


def journal():
    return run("journalctl", "--no-pager", "-o", "short-monotonic", "-u", "keepalived", check=False)


def value(name):
    return run("systemctl", "show", "--value", "-p", name, "keepalived").strip()


def main_process():
    return int(value("MainPID"))


def family(parent):
    return [parent, *map(int, run("pgrep", "-P", str(parent), check=False).split())]


def processes():
    return sorted(map(int, run("pgrep", "-x", "keepalived", check=False).split()))


def addresses():
    return [line.split()[3] for line in
            run("ip", "-4", "-o", "address", "show", "dev", INTERFACE).splitlines()]


def holds(address=ADDRESS):
    return f"{address}/32" in addresses()


def files():
    """What is in the directories that the daemon writes to; /tmp shows what others do there meanwhile."""
    names = set(os.listdir("/run")) - OF_OTHERS
    dumps = {name for name in os.listdir("/tmp") if name.startswith(("keepalived.", "keepalived_"))}
    return {f"/run/{name}" for name in names} | {f"/tmp/{name}" for name in dumps}


def await_master():
    wait_until(holds, 20, 0.05, f"{ADDRESS}\n{journal()}")


@contextlib.contextmanager
def removals():
    """The addresses that the kernel removes meanwhile."""
    lines = []
    watcher = subprocess.Popen(["ip", "-4", "-o", "monitor", "address"], stdout=subprocess.PIPE, text=True)
    threading.Thread(target=lambda: lines.extend(watcher.stdout), daemon=True).start()

    def await_mark(mark):
        """An address of its own tells that all before it has been seen, and that it listens at all."""
        def is_seen():
            run("ip", "address", "add", f"{mark}/32", "dev", "lo")
            run("ip", "address", "delete", f"{mark}/32", "dev", "lo")
            time.sleep(0.2)
            return any(mark in line for line in list(lines))
        wait_until(is_seen, 20, 0.1, "the monitor")
    await_mark("198.51.100.1")
    found = []
    try:
        yield found
        await_mark("198.51.100.2")
        found += [line.split()[4] for line in lines if line.startswith("Deleted") and INTERFACE in line]
    finally:
        watcher.kill()
        watcher.wait()


def test_start():
    """READY comes after the first state: then the start returns, and the unit is active"""
    with installed():
        os.mkfifo(FIFO)
        reader = os.open(FIFO, os.O_RDONLY | os.O_NONBLOCK)
        try:
            systemctl("start")
            told = os.read(reader, 4096).decode()
        finally:
            os.close(reader)
        assert told.startswith('INSTANCE "VI" BACKUP 100\n'), (told, journal())
        assert f"{STATIC}/24" in addresses(), addresses()
        systemctl("is-active")
        assert value("Type") == "notify" and value("NRestarts") == "0"
        with open("/run/keepalived.pid") as file:
            assert file.read() == f"{main_process()}\n"
        await_master()


def test_reload():
    """A reload brings what is new; the address is never gone, and the processes are the same"""
    with installed():
        systemctl("start")
        await_master()
        before = processes()
        with removals() as removed:
            for expected in (True, False, True):
                configure(ADDRESS, *[SECOND] * expected)
                systemctl("reload")
                wait_until(lambda: holds(SECOND) == expected, 20, 0.05, f"{SECOND}\n{journal()}")
                assert holds()
            wait_until(lambda: value("SubState") == "running", 10, 0.1, "running")
        assert removed == [f"{SECOND}/32"], removed
        assert processes() == before
        assert addresses().count(f"{ADDRESS}/32") == 1


def test_restart():
    """A restart is another process, and the address is back once"""
    with installed():
        systemctl("start")
        await_master()
        before = processes()
        with removals() as removed:
            systemctl("restart")
            await_master()
        assert not set(before) & set(processes()), (before, processes())
        assert removed.count(f"{ADDRESS}/32") == 1, removed
        assert sorted(addresses()) == sorted(
            ["192.0.2.1/24", f"{STATIC}/24", f"{ADDRESS}/32"]), addresses()


def test_death_of_the_parent():
    """The parent is killed: another one is started, nothing of the old is left, and the address stays"""
    with installed():
        systemctl("start")
        await_master()
        for turn in (1, 2):
            old = family(main_process())
            assert len(old) > 1, old
            os.kill(old[0], signal.SIGKILL)
            wait_until(lambda: value("NRestarts") == str(turn) and value("SubState") == "running",
                       30, 0.1, "another one")
            wait_until(lambda: not set(old) & set(processes()), 10, 0.1, f"end of {old}")
            await_master()
            # What the old one still did would show now.
            until = time.monotonic() + 3
            while time.monotonic() < until:
                assert sorted(addresses()) == sorted(
                    ["192.0.2.1/24", f"{STATIC}/24", f"{ADDRESS}/32"]), (addresses(), journal())
                time.sleep(0.1)
            assert processes() == sorted(family(main_process())), (processes(), journal())


def test_stop():
    """A stop leaves nothing: no addresses, no processes, no files"""
    with installed():
        before = files()
        systemctl("start")
        await_master()
        assert os.path.exists(FIFO) and len(processes()) > 1
        systemctl("stop")
        assert value("ActiveState") == "inactive" and value("Result") == "success", journal()
        assert addresses() == ["192.0.2.1/24"], addresses()
        assert processes() == []
        assert files() - before == set(), files() - before
