"""A Linux of its own for what the running kernel lacks: the one interface of all kinds of guest.

A guest works on the host's files as they are, with a /run, a /proc and a network of its own, and
runs one command to its end. Which kinds there are and what their kernels have is told in guests.py.
Whatever happens, nothing of a guest is left after the time that it was given.
"""

import contextlib
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

CACHE = os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "keepalived-laboratory")

# What is run inside, whoever is its parent there.
INSIDE = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TMPDIR=/run
export KEEPALIVED_GUEST={name} KEEPALIVED_PATIENCE={patience}
mkdir -p /dev/shm /run/netns
ip link set lo up
cd {working}
: > {directory}/started
( {command} ) </dev/null >{directory}/output 2>&1
echo $? > {directory}/status
sync
"""


class Failure(Exception):
    """The guest did not come to its end; `started` tells whether it came to its command.

    The text is one sentence. What the guest said last is in `console`, if it said anything.
    """

    def __init__(self, text, started=False, console=""):
        super().__init__(text)
        self.started = started
        self.console = console


class Outcome(NamedTuple):
    """What the command left."""
    status: int
    output: str


class Guest:
    """A kind of guest. `name` is a word, `features` are what its kernel and its first process have."""

    name = ""
    # How much longer what is waited for may take inside.
    patience = 1
    features = frozenset()
    # Files that must be here, with the packages that bring them.
    tools = {}

    def missing(self):
        """Why this kind cannot be tried here, as text; empty if it can."""
        if platform.machine() != "x86_64":
            return f"there are guests for x86-64 only, this is {platform.machine()}"
        packages = sorted({package for path, package in self.tools.items() if not os.path.exists(path)})
        return f"not installed: {', '.join(packages)}" if packages else ""

    def prepare(self):
        """Makes what all guests of this kind share and what is kept; raises Failure."""

    def launch(self, directory, memory):
        """Writes what the guest needs to come to `directory`/inside; its words and environment."""
        raise NotImplementedError

    def run(self, *command, timeout=120, memory="1024M", working=None):
        """Boots, runs the command and ends; an Outcome, or Failure."""
        reason = self.missing()
        if reason:
            raise Failure(reason)
        self.prepare()
        directory = tempfile.mkdtemp(prefix="keepalived-guest-")
        # An interruption must clean up too.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: sys.exit(1))
        try:
            os.chmod(directory, 0o755)
            write_script(os.path.join(directory, "inside"), INSIDE.format(
                name=self.name, patience=self.patience, directory=directory, working=shlex.quote(working or os.getcwd()),
                command=" ".join(shlex.quote(word) for word in command)))
            words, environment = self.launch(directory, memory)
            return _perform(self.name, words, environment, directory, timeout)
        finally:
            with undisturbed():
                shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def undisturbed():
    """A second interruption must not keep the first one from cleaning up."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def write_script(path, text):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o755)


@contextlib.contextmanager
def making(path):
    """A directory to make `path` in, which takes its place as a whole when it is ready.

    Two that make it at once do not meet: one of the two results stays.
    """
    os.makedirs(CACHE, exist_ok=True)
    place = tempfile.mkdtemp(prefix="making-", dir=CACHE)
    try:
        os.chmod(place, 0o755)
        yield place
        with contextlib.suppress(OSError):
            os.rename(place, path)
        if not os.path.exists(path):
            raise Failure(f"{path} cannot be made")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _perform(name, words, environment, directory, timeout):
    console = os.path.join(directory, "console")
    with open(console, "wb") as log:
        # A session of its own, which is killed as a whole.
        process = subprocess.Popen(
            # If this process is killed itself, the guest is too.
            ["setpriv", "--pdeathsig", "KILL", *words],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env=dict(os.environ, TMPDIR=directory, **environment))
    in_time = True
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        in_time = False
    finally:
        with undisturbed():
            _end(process.pid)
            process.wait()
    output = _text(os.path.join(directory, "output"))
    status = _text(os.path.join(directory, "status")).strip()
    if status.isdigit():
        return Outcome(int(status), output)
    started = os.path.exists(os.path.join(directory, "started"))
    what = "end" if started else "start"
    how = f"did not {what} within {timeout} s" if not in_time else f"ended before its {what}"
    raise Failure(f"{name} {how}", started, f"{_text(console)[-2000:]}\n{output}")


def _text(path):
    with contextlib.suppress(OSError):
        with open(path, errors="replace") as file:
            return file.read()
    return ""


def _end(leader):
    """Ends a session: each process of a guest may be one of the host too."""
    for _ in range(20):
        members = _session(leader)
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
