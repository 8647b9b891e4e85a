"""Debian's whole kernel in QEMU, by software emulation: up in 12 s, about ten times slower than natively.

/dev/kvm is never used: where it opens it may still hang. The kernel's package is unpacked beside
other caches of the user, never installed. The guest's root is the host's by 9p, read-only, under an
overlay in memory: nothing that is written inside reaches the host but what goes to its directory.
"""

import glob
import os
import platform
import re
import shutil
import subprocess
import sys

from guest import CACHE, Failure, Guest, making, write_script

EMULATOR = "/usr/bin/qemu-system-x86_64"
BUSYBOX = "/usr/bin/busybox"
PACKAGE = "linux-image-amd64"
KERNELS = os.path.join(CACHE, "linux")
# What must be there before the root can be mounted.
EARLY = ("virtio_pci", "9pnet_virtio", "9p", "overlay")

# Runs from memory: brings up the root and goes there.
INITIAL = """#!/busybox sh
/busybox mkdir -p /proc /sys /dev /host /layer /new
/busybox mount -t devtmpfs dev /dev
/busybox mount -t proc proc /proc
for module in {modules}; do /busybox insmod /$module || /busybox echo "no module $module"; done
options=trans=virtio,version=9p2000.L,msize=262144
/busybox mount -t 9p -o ro,$options,cache=loose root /host
/busybox mount -t tmpfs -o size=75% layer /layer
/busybox mkdir /layer/upper /layer/work
/busybox mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work root /new
/busybox mount -t 9p -o $options,cache=none directory /new{directory}
/busybox mount -t devtmpfs dev /new/dev
/busybox mount -t proc proc /new/proc
/busybox mount -t sysfs sysfs /new/sys
/busybox mount -t tmpfs run /new/run
/busybox mkdir -p /new/lib/modules /new/dev/shm /new/dev/pts
/busybox mount -o bind /new{kernel}/lib/modules /new/lib/modules
/busybox umount /proc
exec /busybox switch_root /new {first}
"""

FIRST = """#!/bin/sh
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
mount -t cgroup2 cgroup2 /sys/fs/cgroup
{directory}/inside
echo o > /proc/sysrq-trigger
sleep 60
"""

# The command is a service of its own, which nothing else waits for.
SYSTEMD_FIRST = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Else systemd takes itself for a container.
rm -f /.dockerenv
# Of all that the host's packages want to have started, the journal is enough.
rm -f /etc/systemd/system/*.wants/* /etc/systemd/system/*.requires/* /lib/systemd/system/timers.target.wants/*
for unit in /lib/systemd/system/sysinit.target.wants/* /lib/systemd/system/sockets.target.wants/* \\
    /lib/systemd/system/multi-user.target.wants/* /lib/systemd/system/local-fs.target.wants/*; do
  case "$unit" in *journal*) ;; *) rm -f "$unit" ;; esac
done
ln -s /dev/null /etc/systemd/system/systemd-logind.service
: > /etc/fstab
: > /etc/machine-id
cat > /etc/systemd/system/laboratory.target <<END
[Unit]
Requires=basic.target
Wants=laboratory.service
AllowIsolate=yes
END
cat > /etc/systemd/system/laboratory.service <<END
[Unit]
After=basic.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart={directory}/inside
ExecStopPost=/bin/sh -c 'sync; echo o > /proc/sysrq-trigger'
END
ln -sf laboratory.target /etc/systemd/system/default.target
exec /lib/systemd/systemd --show-status=no
"""


class Qemu(Guest):
    name = "qemu"
    patience = 4
    features = frozenset({
        "ip_vs", "macvlan", "vrf", "dummy", "8021q", "ipip", "ipvlan", "nftables", "conntrack",
        "mpls"})
    tools = {
        EMULATOR: "qemu-system-x86", BUSYBOX: "busybox-static", "/sbin/modprobe": "kmod",
        "/usr/sbin/ipvsadm": "ipvsadm", "/usr/bin/dpkg": "dpkg", "/usr/bin/apt-get": "apt",
    }
    first = FIRST

    def prepare(self):
        if not os.path.exists(KERNELS):
            print("fetching a kernel for the guest (70 MB, once)", file=sys.stderr, flush=True)
            with making(KERNELS) as place:
                _fetch(place)

    def launch(self, directory, memory):
        first = os.path.join(directory, "first")
        write_script(first, self.first.format(directory=directory))
        kernel = glob.glob(os.path.join(KERNELS, "boot", "vmlinuz-*"))[0]
        version = os.path.basename(kernel).removeprefix("vmlinuz-")
        initial = _initial(directory, version, first)
        words = [
            EMULATOR, "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio",
            "-no-reboot", "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", str(min(2, os.cpu_count() or 1)), "-m", memory,
            "-kernel", kernel, "-initrd", initial,
            "-append", "console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off"]
        for tag, path, options in (("root", "/", ",multidevs=remap,readonly=on"),
                                   ("directory", directory, "")):
            words += ["-fsdev", f"local,id={tag},path={path},security_model=none{options}",
                      "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
        return words, {}


class QemuWithSystemd(Qemu):
    """The same with systemd as its first process; the command is a service."""
    name = "systemd"
    features = Qemu.features | {"systemd"}
    tools = {**Qemu.tools, "/lib/systemd/systemd": "systemd"}
    first = SYSTEMD_FIRST


def _run(words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise Failure(f"{words[0]} failed, so there is no kernel for the guest", console=done.stdout)
    return done.stdout


def _fetch(place):
    """Unpacks Debian's kernel. The lists of packages are the system's, or, if they are of no use, own ones."""
    own = os.path.join(place, "apt")
    sandbox = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    lists = ["-o", f"Dir::State::Lists={own}/lists", "-o", f"Dir::Cache={own}/cache"]
    package = os.path.join(place, "package")
    os.makedirs(package)
    try:
        _download([*sandbox], package)
    except Failure:
        for name in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(own, name))
        _run(["apt-get", *sandbox, *lists, "update"])
        _download([*sandbox, *lists], package)
    _run(["dpkg", "-x", glob.glob(os.path.join(package, "*.deb"))[0], place])
    for unneeded in (package, own):
        shutil.rmtree(unneeded, ignore_errors=True)
    # The modules may be where /lib is a link to.
    version = os.listdir(os.path.join(place, "lib", "modules"))[0]
    _run(["/sbin/depmod", "-b", place, version])


def _download(options, directory):
    depends = _run(["apt-cache", *options, "depends", PACKAGE])
    name = re.search(r"Depends: (linux-image-\S+)", depends)
    if not name:
        raise Failure(f"there is no package {PACKAGE}")
    _run(["apt-get", *options, "download", name.group(1)], cwd=directory)


def _initial(directory, version, first):
    """The first file system, in memory: busybox, a few modules and a script."""
    place = os.path.join(directory, "initial")
    os.makedirs(place)
    shutil.copy(BUSYBOX, os.path.join(place, "busybox"))
    modules = []
    for name in EARLY:
        for line in _run(["/sbin/modprobe", "-S", version, "-d", KERNELS, "--show-depends", name]).splitlines():
            path = line.split()[1] if line.startswith("insmod ") else None
            if path and os.path.basename(path) not in modules:
                modules.append(os.path.basename(path))
                shutil.copy(path, place)
    write_script(os.path.join(place, "init"), INITIAL.format(
        modules=" ".join(modules), directory=directory, kernel=KERNELS, first=first))
    names = "\n".join([".", *sorted(os.listdir(place))]) + "\n"
    archive = os.path.join(directory, "initial.cpio")
    with open(archive, "wb") as file:
        subprocess.run([BUSYBOX, "cpio", "-o", "-H", "newc"], input=names.encode(), stdout=file,
                       stderr=subprocess.DEVNULL, cwd=place, check=True)
    return archive
