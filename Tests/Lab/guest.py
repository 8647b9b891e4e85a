"""A Linux of its own that has IPVS: user-mode-linux, a whole kernel as an ordinary program.

It works on the host's files as they are, with a /run, a /proc and a network of its own. What is run
inside is a child of its first process; when that ends the guest does too, and whatever happens
nothing of it is left after the time it was given.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

KERNEL = "/usr/bin/linux.uml"
MODULES = "/usr/lib/uml/modules"
TOOLS = {
    KERNEL: "user-mode-linux", MODULES: "user-mode-linux", "/sbin/modprobe": "kmod",
    "/usr/bin/busybox": "busybox-static", "/usr/sbin/ipvsadm": "ipvsadm",
}

# The first process. Schedulers are loaded by the kernel when they are asked for, through the
# script that /proc/sys/kernel/modprobe names; ip_vs is loaded by the program under test or so too.
FIRST = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TMPDIR=/run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
mkdir -p /run/netns
echo {directory}/modprobe > /proc/sys/kernel/modprobe
ip link set lo up
cd {working}
( {command} ) </dev/null >{directory}/output 2>&1
echo $? > {directory}/status
sync
exec busybox poweroff -f
"""

MODPROBE = """#!/bin/sh
exec /sbin/modprobe -d {directory} "$@"
"""


def missing():
    """What is not installed here, as text; empty if a guest can be tried."""
    return ", ".join(sorted({package for path, package in TOOLS.items() if not os.path.exists(path)}))


class Failure(Exception):
    """The guest did not come to its end."""


class Guest:
    """Runs one command to its end: `status` and `output` are what it left."""

    def __init__(self, *command, timeout=120, memory="512M", working=None):
        self.directory = tempfile.mkdtemp(prefix="keepalived-guest-")
        self.process = None
        # An interruption must clean up too.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: sys.exit(1))
        try:
            self._prepare(command, working or os.getcwd())
            self._boot(memory, timeout)
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _prepare(self, command, working):
        os.chmod(self.directory, 0o755)
        os.makedirs(os.path.join(self.directory, "lib"))
        os.symlink(MODULES, os.path.join(self.directory, "lib", "modules"))
        words = " ".join(shlex.quote(word) for word in command)
        for name, text in (("first", FIRST), ("modprobe", MODPROBE)):
            path = os.path.join(self.directory, name)
            with open(path, "w") as file:
                file.write(text.format(
                    directory=self.directory, command=words, working=shlex.quote(working)))
            os.chmod(path, 0o755)

    def _boot(self, memory, timeout):
        console = os.path.join(self.directory, "console")
        with open(console, "wb") as log:
            # A session of its own, which is killed as a whole.
            self.process = subprocess.Popen(
                [KERNEL, "rootfstype=hostfs", "rootflags=/", "rw", f"mem={memory}",
                 f"init={self.directory}/first", "con=null", "con0=null,fd:1", "quiet",
                 f"uml_dir={self.directory}/"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=dict(os.environ, TMPDIR=self.directory))
        # An interruption of the test must not leave a kernel running.
        watcher = threading.Thread(target=self._end_after, args=(timeout,), daemon=True)
        watcher.start()
        try:
            self.process.wait()
        finally:
            self._kill()
        try:
            with open(os.path.join(self.directory, "output")) as file:
                self.output = file.read()
            with open(os.path.join(self.directory, "status")) as file:
                self.status = int(file.read())
        except (OSError, ValueError):
            with open(console, errors="replace") as file:
                said = file.read()[-2000:]
            raise Failure(
                f"the guest did not end within {timeout} s or did not start:\n{said}\n"
                + getattr(self, "output", "")) from None

    def _end_after(self, timeout):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return
            time.sleep(0.1)
        self._kill()

    def _kill(self):
        """Ends the whole session: each process of the guest is one of the host too."""
        for _ in range(20):
            members = _session(self.process.pid)
            if not members:
                return
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def _session(leader):
    """The processes of a session, without those that have ended."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
                if int(fields[3]) == leader and fields[0] != "Z":
                    found.append(int(name))
    return found


def works():
    """Why no guest can run here; None if one can."""
    packages = missing()
    if packages:
        return f"not installed: {packages}"
    try:
        guest = Guest("/bin/sh", "-c", "modprobe_path=$(cat /proc/sys/kernel/modprobe); $modprobe_path ip_vs",
                      timeout=60, memory="128M")
    except Failure as failure:
        return str(failure)
    return None if guest.status == 0 else f"IPVS cannot be loaded in a guest: {guest.output.strip()}"
