"""User-mode-linux: a whole kernel as an ordinary program. Up in two seconds; no root needed."""

import hashlib
import os
import shutil
import subprocess

from guest import CACHE, Failure, Guest, making, write_script

KERNEL = "/usr/bin/linux.uml"
MODULES = "/usr/lib/uml/modules"
WRAPPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "whole_registers.c")

# Schedulers are loaded by the kernel when they are asked for, through the script that
# /proc/sys/kernel/modprobe names; ip_vs is loaded by the program under test or so too.
FIRST = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
echo {directory}/modprobe > /proc/sys/kernel/modprobe
{directory}/inside
exec busybox poweroff -f
"""

MODPROBE = """#!/bin/sh
exec /sbin/modprobe -d {directory} "$@"
"""


class UserModeLinux(Guest):
    name = "uml"
    features = frozenset({"ip_vs", "macvlan", "vrf", "dummy", "8021q", "ipip"})
    tools = {
        KERNEL: "user-mode-linux", MODULES: "user-mode-linux", "/sbin/modprobe": "kmod",
        "/usr/bin/busybox": "busybox-static", "/usr/sbin/ipvsadm": "ipvsadm",
    }

    def missing(self):
        reason = super().missing()
        if reason or os.path.exists(wrapper()) or shutil.which("cc"):
            return reason
        return "not installed: gcc"

    def prepare(self):
        if not os.path.exists(wrapper()):
            with making(os.path.dirname(wrapper())) as place:
                made = subprocess.run(
                    ["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o",
                     os.path.join(place, os.path.basename(wrapper())), WRAPPER],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                if made.returncode != 0:
                    raise Failure(f"{os.path.basename(WRAPPER)} cannot be compiled", console=made.stdout)

    def launch(self, directory, memory):
        os.makedirs(os.path.join(directory, "lib"))
        os.symlink(MODULES, os.path.join(directory, "lib", "modules"))
        for name, text in (("first", FIRST), ("modprobe", MODPROBE)):
            write_script(os.path.join(directory, name), text.format(directory=directory))
        words = [KERNEL, "rootfstype=hostfs", "rootflags=/", "rw", f"mem={memory}",
                 f"init={directory}/first", "con=null", "con0=null,fd:1", "quiet",
                 f"uml_dir={directory}/"]
        return words, {"LD_PRELOAD": wrapper()}


def wrapper():
    """Where the compiled wrapper of ptrace is kept: another source has another name."""
    with open(WRAPPER, "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:16]
    return os.path.join(CACHE, f"registers-{version}", "whole_registers.so")
