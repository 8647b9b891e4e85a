"""What the kernel holds after each step of a scenario, beside the reference.

    SCENARIOS = {
        "a route that somebody deletes": Scenario(
            instance(priority=200, lines="virtual_routes {\\n192.0.2.0/24 via 10.0.0.9\\n}"),
            [("master", master), ("deleted", ip("route", "delete", "192.0.2.0/24"))])}

    @cases(list(SCENARIOS))
    def test_routes(name):
        compare(SCENARIOS[name])

The scenario is run with ours and with the reference at once, each in namespaces of its own. After
each step it is waited until the kernel's state is the same for a while; then links, addresses,
routes, rules, kernel settings and the nftables rules of both must be equal, and what the FIFO said
since the step before. Each scenario ends with a stop of the daemon, whose label is "stop" (not when
its last step is labelled so), and what is left.

Where ours is better on purpose (a row in doc/differences.md) the part is not compared, and is judged
by itself: `deliberate={("stop", "routes"): lambda lines: not lines}`. A part's lines are texts, one
an object.
"""

import contextlib
import json
import os
import re
import subprocess
import time
from typing import Callable, NamedTuple

from lab import REFERENCE, wait_until
from scenario import Scene, both


class Scenario(NamedTuple):
    configuration: str
    # (label, what is done with the Scene), in order.
    steps: list
    global_lines: str = ""
    # Called with the Scene before the daemon starts.
    prepare: Callable = None
    arguments: tuple = ()
    # (label, part): what our lines must fulfil.
    deliberate: dict = {}
    # Parts in which the reference's faults go on: (label, part).
    incomparable: frozenset = frozenset()
    # Lines that differ on purpose, as a regular expression.
    ignored: str = r"(?!)"
    # Parts that are captured besides those that always are: "iptables", "ipset".
    extra: tuple = ()


# ---- Steps

def ip(*words):
    return lambda scene: scene.host.ip(*words, check=False)


def command(*words):
    return lambda scene: scene.host.run(*words, check=False)


def sysctl(path, value):
    return lambda scene: scene.host.sysctl(path, value)


def master(scene):
    """Waits until the instance VI is MASTER."""
    scene.fifo.wait_state("MASTER")


def backup(scene):
    scene.fifo.wait_state("BACKUP")


def reload(text, global_lines=None):
    def action(scene):
        if global_lines is not None:
            scene.global_lines = global_lines
        scene.reload(text)
    return action


def kill_and_start(scene):
    """SIGKILL of all processes, and a successor."""
    scene.daemon.crash()
    # The reference takes a killed child whom nobody has waited for yet for one that runs.
    for name in ("vrrp", "checkers", "bfd"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(scene.daemon.file(f"{name}.pid"))
    scene.daemon.start()
    wait_until(lambda: scene.daemon.log().count("Startup complete") > 1, 3, what=scene.daemon.output)


def stop(scene):
    scene.daemon.stop()


def all_of(*actions):
    def action(scene):
        for each in actions:
            each(scene)
    return action


def interface(name, number, *addresses):
    """A further interface with a known hardware address; also one that was deleted."""
    def action(scene):
        scene.lab.add_interface(scene.host, name, *(addresses or (f"10.{number}.0.1/24",)))
        known_hardware_address(scene.host, name, number)
    return action


def known_hardware_address(host, name, number):
    host.ip("link", "set", name, "address", f"02:00:00:00:00:{number:02x}")
    # What was made of the address before.
    host.ip("-6", "address", "flush", "dev", name, "scope", "link")
    host.ip("address", "add", f"fe80::{number:x}/64", "dev", name, "nodad")


# ---- What the kernel holds

SETTINGS = ("accept_local", "accept_ra", "arp_filter", "arp_ignore", "disable_ipv6", "forwarding",
            "promote_secondaries", "rp_filter")
CAPTURE = """
echo '#addresses'; ip -d -j address
echo '#routes'; ip -d -j route show table all
echo '#routes6'; ip -6 -d -j route show table all
echo '#rules'; ip -d -j rule; echo '#rules6'; ip -6 -d -j rule
echo '#nftables'; nft -j list ruleset 2>/dev/null
echo '#settings'; cd /proc/sys/net && grep -Hs '' ipv4/igmp_link_local_mcast_reports """ + " ".join(
    f"ipv[46]/conf/*/{name}" for name in SETTINGS)
EXTRA = {"iptables": "iptables-legacy-save 2>/dev/null; ip6tables-legacy-save 2>/dev/null",
         "ipset": "ipset save 2>/dev/null"}
# Differs from run to run, or counts down.
VOLATILE = {"ifindex", "link_index", "link_netnsid", "handle", "index", "packets", "bytes", "used", "users"}
FAMILIES = ("routes6", "rules6")


def state(host, extra=()):
    """What there is: the lines of each part, one an object, in no order."""
    script = CAPTURE + "".join(f"\necho '#{name}'; {EXTRA[name]}" for name in extra)
    done = subprocess.run(host.command("sh", "-c", script), capture_output=True, text=True)
    parts, name = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("#") and line[1:].isalnum():
            name = line[1:]
            parts[name] = []
        elif name:
            parts[name].append(line)
    result = {}
    for name, lines in parts.items():
        result.setdefault(name.rstrip("6"), []).extend(READERS[name](lines))
    return {name: sorted(lines) for name, lines in result.items()}


def objects(lines):
    text = "\n".join(lines).strip()
    return json.loads(text) if text else []


def text(value):
    return json.dumps(plain(value), sort_keys=True)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


LINK = ("ifname", "link", "flags", "mtu", "master", "group", "address", "promiscuity", "linkinfo",
        "inet6_addr_gen_mode")


def addresses(lines):
    result = []
    for link in objects(lines):
        if not link:
            continue
        name = link["ifname"]
        result.append("link " + text({key: link[key] for key in LINK if key in link}))
        for address in link.get("addr_info", []):
            # A kernel between two checks of an address.
            if not address.get("tentative"):
                result.append(f"{name} " + text(address))
    return result


def routes(lines):
    result = []
    for route in objects(lines):
        if "expires" in route:
            route["expires"] = "counting"
        # Of the kernel's own: those of addresses are told by the addresses.
        if route.get("protocol") == "kernel" or route.get("type") in ("multicast", "anycast"):
            continue
        result.append(text(route))
    return result


def rules(lines):
    return [text(rule) for rule in objects(lines)]


def nftables(lines):
    result = []
    for entry in objects(lines).get("nftables", []) if lines else []:
        if "metainfo" in entry:
            continue
        for kind in ("set", "map"):
            if kind in entry and "elem" in entry[kind]:
                entry[kind]["elem"] = sorted(entry[kind]["elem"], key=text)
        result.append(text(entry))
    return result


def settings(lines):
    return [line for line in lines if "/conf/lo/" not in line]


def saved(lines):
    return [re.sub(r"\[\d+:\d+\]", "", line) for line in lines if line and not line.startswith("#")]


READERS = {"addresses": addresses, "routes": routes, "routes6": routes, "rules": rules, "rules6": rules,
           "nftables": nftables, "settings": settings, "iptables": saved, "ipset": saved}

# So long nothing has changed when it is taken to be over.
CALM = 0.7


def settled(host, extra=(), timeout=8):
    """The state once it is the same for a while."""
    deadline = time.monotonic() + timeout
    last, since = state(host, extra), time.monotonic()
    while time.monotonic() < deadline:
        time.sleep(0.1)
        now = state(host, extra)
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > CALM:
            return last
    raise TimeoutError(f"the state of the kernel did not settle in {timeout} s")


# ---- Comparison

def play(lab, binary, scenario):
    """Performs the steps; what there was after each: {(label, part): lines}."""
    def prepare(scene):
        known_hardware_address(scene.host, "eth0", 1)
        if scenario.prepare:
            scenario.prepare(scene)
    scene = Scene(lab, binary, scenario.configuration, global_lines=scenario.global_lines, prepare=prepare,
                  arguments=scenario.arguments)
    wait_until(lambda: scene.daemon.said("Startup complete"), 3)
    steps = list(scenario.steps)
    if not steps or steps[-1][0] != "stop":
        steps.append(("stop", stop))
    seen, told = {}, 0
    for label, action in steps:
        action(scene)
        for part, lines in settled(scene.host, scenario.extra).items():
            seen[label, part] = lines
        lines = scene.fifo.lines
        seen[label, "fifo"] = lines[told:]
        told = len(lines)
    return seen


def compare(scenario):
    """Both must leave the same in the kernel after each step, and say the same."""
    results = {}

    def perform(lab, binary):
        name = "reference" if binary == REFERENCE else "ours"
        results[name] = play(lab, binary, scenario)
    both(perform)
    ours, theirs = results["ours"], results.get("reference")
    problems = [f"{label}: {part}: not what it should be:\n    " + "\n    ".join(ours[label, part])
                for (label, part), judge in scenario.deliberate.items() if not judge(ours[label, part])]
    def compared(lines):
        return [line for line in lines if not re.search(scenario.ignored, line)]
    for key in ours if theirs else ():
        if key in scenario.deliberate or key in scenario.incomparable:
            continue
        mine, others = compared(ours[key]), compared(theirs.get(key, []))
        if mine != others:
            problems.append(f"{key[0]}: {key[1]}:\n" + difference(mine, others))
    assert not problems, "\n".join(problems)


def difference(ours, theirs):
    """What only one of them has; if both have the same, the order of each."""
    mine = [line for line in ours if line not in theirs]
    others = [line for line in theirs if line not in ours]
    if not mine and not others:
        mine, others = ours, theirs
    return "\n".join([f"    ours      {line}" for line in mine] + [f"    reference {line}" for line in others])


