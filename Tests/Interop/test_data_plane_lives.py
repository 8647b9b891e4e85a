"""Random lives of the kernel's state: what a seed makes of routes, rules, VMACs and filters.

LIVES_SEED=17 lives that one again, LIVES_COUNT=200 that many, from LIVES_SEED or 1 on.
"""

import copy
import os
import random
import threading

from data_plane import Scenario, all_of, compare, interface, ip, kill_and_start, reload
from lab import cases
from scenario import Injector, instance

FIRST = int(os.environ.get("LIVES_SEED", "1"))
COUNT = int(os.environ.get("LIVES_COUNT", "1" if "LIVES_SEED" in os.environ else "3"))
EVENTS = 6

# Each with what deletes it; of IPv6 with a metric, since the reference loses sight of others.
ROUTES = {
    4: ["192.0.2.0/24 via {network}.9 dev {device}", "192.0.3.0/24 dev {device} metric 5",
        "192.0.4.0/24 dev {device} table 300", "192.0.5.0/24 dev {device} scope link mtu 1400",
        "blackhole 192.0.6.0/24 metric 7", "192.0.7.0/24 dev {device} src {network}.1",
        "192.0.8.0/24 nexthop via {network}.8 dev {device} nexthop via {network}.9 dev {device} weight 3"],
    6: ["2001:db8:{six}2::/48 dev {device} metric 1024", "2001:db8:{six}3::/48 via 2001:db8:{six}::9 dev {device} metric 7",
        "unreachable 2001:db8:{six}4::/48 metric 1024", "2001:db8:{six}5::/48 dev {device} metric 1024 table 300"],
}
RULES = {
    4: ["from 10.8.1.0/24 table 300 priority {0}", "to 10.8.2.0/24 fwmark 5/0xff table 301 priority {0}",
        "iif eth0 from 10.8.3.0/24 table 302 priority {0}", "from 10.8.4.0/24 unreachable priority {0}"],
    6: ["from 2001:db8:81::/48 table 300 priority {0}", "to 2001:db8:82::/48 blackhole priority {0}"],
}


class Router:
    def __init__(self, chance, index):
        self.name, self.vrid, self.index = f"V{'IJK'[index]}", 51 + index, index
        self.interface = chance.choice(["eth0", "eth1"])
        self.family = chance.choice([4, 4, 6])
        self.priority = 200 - 10 * index
        self.vmac = chance.choice(["", "", "use_vmac", f"use_vmac v{self.vrid}"])
        self.is_accepting = chance.random() < 0.6
        self.addresses, self.routes, self.rules, self.has_changed = [0], [], [], False
        for _ in range(chance.randrange(4)):
            self.change(chance)
        self.has_changed = False

    @property
    def network(self):
        return {"eth0": "10.0.0", "eth1": "10.5.0"}[self.interface]

    @property
    def six(self):
        return {"eth0": 1, "eth1": 5}[self.interface]

    def change(self, chance):
        """Changes one thing; which."""
        what = chance.choice(["addresses", "addresses", "routes", "rules", "accept"])
        if what == "accept":
            self.is_accepting = not self.is_accepting
            self.has_changed = True
        else:
            pool = getattr(self, what)
            count = {"addresses": 4, "routes": len(ROUTES[self.family]), "rules": len(RULES[self.family])}[what]
            number = chance.randrange(1 if what == "addresses" else 0, count)
            pool.remove(number) if number in pool else pool.append(number)
        return f"{what} of {self.name}"

    def address(self, number):
        last = 100 + 10 * self.index + number
        return f"{self.network}.{last}/24" if self.family == 4 else \
            ("fe80::5:{0:x}".format(last) if number == 0 else f"2001:db8:{self.six}::{last:x}/64")

    def route(self, number):
        # Routes of two routers are never the same.
        text = ROUTES[self.family][number].format(
            network=self.network, device=self.interface, six=self.six * 16 + self.index)
        return text.replace("192.0.", f"192.{self.index}.")

    def rule(self, number):
        return RULES[self.family][number].format(1000 + 100 * self.index + number)

    @property
    def device(self):
        """Where its addresses are."""
        if not self.vmac:
            return self.interface
        return self.vmac.split()[-1] if " " in self.vmac else f"vrrp.{self.vrid}"

    def text(self):
        def block(name, lines):
            return f"{name} {{\n" + "\n".join(lines) + "\n}" if lines else ""
        lines = [self.vmac, "accept" if self.is_accepting else "no_accept",
                 block("virtual_routes", [self.route(number) for number in self.routes]),
                 block("virtual_rules", [self.rule(number) for number in self.rules])]
        return instance(self.name, self.vrid, self.priority, self.interface, 0.1, "\n".join(filter(None, lines)),
                        "\n".join(self.address(number) for number in self.addresses))


class Peer(threading.Thread):
    """Another router, of higher priority than any, for the IPv4 routers of an interface."""

    def __init__(self, scene, router):
        super().__init__(daemon=True)
        self.router, self.is_ended = router, threading.Event()
        host = scene.lab.hosts.get("other") or scene.lab.host("other", "10.0.0.9/24", "10.5.0.9/24")
        self.injector = Injector(host)
        self.start()

    def run(self):
        while not self.is_ended.wait(0.04):
            self.injector.advert(250, source=f"{self.router.network}.9", vrid=self.router.vrid,
                                 addresses=[self.router.address(n).split("/")[0] for n in self.router.addresses])


class Life:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.routers = [Router(self.chance, index) for index in range(self.chance.choice([1, 1, 2]))]
        self.first = self.text()
        self.down, self.peers = [], {}
        # The reference leaves filters behind when it is killed and when an instance accepts again.
        self.has_left_filters, incomparable = False, []
        kinds = [self.delete, self.delete, self.delete, self.link, self.reload, self.reload, self.reload, self.kill,
                 self.peer, self.peer, self.delete_link]
        self.steps = [("start", lambda scene: scene.fifo.wait_state("MASTER", self.routers[0].name))]
        while len(self.steps) < EVENTS + 1:
            step = self.chance.choice(kinds)()
            if step:
                label = f"{len(self.steps)} {step[0]}"
                self.steps.append((label, step[1]))
                if self.has_left_filters:
                    incomparable.append((label, "nftables"))
        self.incomparable = frozenset(incomparable)

    def text(self):
        return "".join(router.text() for router in self.routers)

    def router(self):
        return self.chance.choice(self.routers)

    def is_master(self, router):
        return router.interface not in self.down and router.name not in self.peers

    def delete(self):
        router = self.router()
        if not self.is_master(router):
            return None
        kind = self.chance.choice(["address", "route", "rule"])
        if kind == "address":
            address = router.address(self.chance.choice(router.addresses))
            # A primary address that goes takes others along.
            if router.family == 4 and len(router.addresses) > 1:
                return None
            return f"{address} deleted", ip("address", "delete", address, "dev", router.device)
        if kind == "route" and router.routes:
            words = router.route(self.chance.choice(router.routes)).split()
            # The reference does not see that one goes which leads over no interface, or over several.
            if "nexthop" in words or "dev" not in words:
                return None
            words = words[:words.index("mtu")] if "mtu" in words else words
            return f"{' '.join(words)} deleted", ip(f"-{router.family}", "route", "delete", *words)
        if kind == "rule" and router.rules:
            rule = router.rule(self.chance.choice(router.rules))
            return f"{rule} deleted", ip(f"-{router.family}", "rule", "delete", "priority", rule.split()[-1])
        return None

    def link(self):
        name = self.chance.choice(["eth0", "eth1"])
        # As in `delete_link`.
        if any(router.vmac and router.family == 6 and router.interface == name for router in self.routers):
            return None
        if name in self.down:
            self.down.remove(name)
            number = {"eth0": 1, "eth1": 5}[name]
            # The kernel takes IPv6 addresses off an interface that goes down.
            return f"{name} up", all_of(
                ip("link", "set", name, "up"),
                ip("address", "replace", f"fe80::{number}/64", "dev", name, "nodad"),
                ip("address", "replace", f"2001:db8:{number}::1/64", "dev", name, "nodad"))
        self.down.append(name)
        return f"{name} down", ip("link", "set", name, "down")

    def delete_link(self):
        router = self.router()
        # One of IPv6 would be in FAULT for good with the reference.
        if not router.vmac or router.family == 6 or not self.is_master(router):
            return None
        return f"{router.device} deleted", ip("link", "delete", router.device)

    def reload(self):
        if self.down:
            return None
        self.routers = copy.deepcopy(self.routers)
        what = " and ".join(self.router().change(self.chance) for _ in range(self.chance.choice([1, 1, 2, 3])))
        text, routers = self.text(), self.routers
        self.has_left_filters |= any(router.has_changed for router in routers)

        def act(scene):
            reload(text)(scene)
            # 2.2.7 takes adverts with other addresses for nothing.
            for peer in getattr(scene, "peers", {}).values():
                peer.router = next(each for each in routers if each.vrid == peer.router.vrid)
        return f"reload with other {what}", act

    def kill(self):
        self.has_left_filters = True
        return "killed and started", kill_and_start

    def peer(self):
        router = self.router()
        if router.family == 6 or router.interface == "eth1" or self.down:
            return None
        if router.name in self.peers:
            del self.peers[router.name]
            return f"{router.name} alone", lambda scene: scene.peers.pop(router.name).is_ended.set()
        self.peers[router.name] = router

        def act(scene):
            scene.peers = getattr(scene, "peers", {})
            scene.peers[router.name] = Peer(scene, router)
        return f"a better one than {router.name}", act


def prepare(scene):
    scene.host.ip("address", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad")
    interface("eth1", 5, "10.5.0.1/24", "2001:db8:5::1/64")(scene)


@cases(range(FIRST, FIRST + COUNT))
def test_life(seed):
    """A random life leaves in the kernel what it leaves with the reference, after each event"""
    life = Life(seed)
    try:
        # It does not put back what it set for VMACs, either; and 2.2.7 has less for those of IPv6.
        compare(Scenario(life.first, life.steps, prepare=prepare, incomparable=life.incomparable,
                         ignored=r"conf/eth\d/arp_(ignore|filter)|conf/v.*/arp_ignore|mld|parent_link_local",
                         deliberate={("stop", "nftables"): lambda lines: not lines}))
    except AssertionError as failure:
        events = "\n".join(label for label, _ in life.steps)
        raise AssertionError(f"LIVES_SEED={seed}\n{life.first}{events}\n{failure}") from failure
