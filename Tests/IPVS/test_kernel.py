"""The channel to the kernel's IPVS, without a daemon: the unit tests that need a kernel that has it."""

import os
import re

from lab import Host, Lab, ROOT, Skip

NEEDS = ["ip_vs"]

BINARY = os.path.join(ROOT, ".build", "debug", "keepalivedPackageTests.xctest")


def test_requests():
    """What the kernel holds is what was sent: services, destinations, time-outs, daemons"""
    if not os.path.exists(BINARY):
        raise Skip("the unit tests are not built (swift build --build-tests)")
    with Lab() as lab:
        host, other = Host(lab, "tests"), Host(lab, "other")
        lab.hosts.update(tests=host, other=other)
        host.ip("link", "add", "sync0", "type", "veth", "peer", "name", "sync1")
        host.ip("address", "add", "10.9.0.1/24", "dev", "sync0")
        for link in ("sync0", "sync1"):
            host.ip("link", "set", link, "up")
        output = host.run(
            "env", "SWIFT_BACKTRACE=enable=no", "KEEPALIVED_TEST_IPVS=1",
            f"KEEPALIVED_TEST_NETNS={other.name}", BINARY, "--testing-library", "swift-testing",
            "--filter", "IPVSKernelTests", check=False, timeout=100)
        assert re.search(r"Test run with \d+ tests in 1 suite passed", output), output
        # And as others see it: 500 services of 20 destinations.
        lines = host.run("ipvsadm", "-Sn").splitlines()
        assert len(lines) == 10_500, len(lines)
        assert "-A -t 10.0.0.1:80 -s rr" in lines
        assert "-a -t 10.0.1.250:80 -r 10.1.0.20:8080 -m -w 1" in lines
