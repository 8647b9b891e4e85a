"""Random lives: a configuration and what happens to it, made from a seed, beside the reference.

LIVES_SEED=17 lives that one again, LIVES_COUNT=200 that many, from LIVES_SEED or 1 on.
"""

import copy
import os
import random
import re
import threading
import time

from lab import REFERENCE, Skip, cases, wait_until
from scenario import Injector, Scene, Sniffer, both, group, instance, ipv4, vrrp

FIRST = int(os.environ.get("LIVES_SEED", "1"))
COUNT = int(os.environ.get("LIVES_COUNT", "1" if "LIVES_SEED" in os.environ else "4"))
# What a life may last, with both programs settled after each event.
SECONDS = 12
NETWORKS = {"eth0": "10.0.0", "eth1": "10.2.0"}
INTERFACES = ("eth0", "eth1", "eth2")
OWN, HIGHER, LOWER = 5, 9, 3


# ---- Configurations

class Router:
    """An instance, with what its configuration says."""

    def __init__(self, chance, index, interval, version):
        self.name, self.vrid = "ABC"[index], 51 + index
        self.interface = chance.choice(list(NETWORKS))
        self.version, self.interval = version, interval
        self.priority = chance.randrange(80, 171, 5)
        self.addresses = [f"{self.network}.{100 + 10 * index}"]
        self.excluded = []
        for _ in range(chance.randrange(3)):
            self.change_addresses(chance)
        self.preemption = chance.choice(["", "", "", "nopreempt", "preempt_delay 1"])
        self.is_unicast = chance.random() < 0.25
        self.password = chance.choice(["", "secret"]) if version == 2 else ""
        self.interfaces = {}
        if chance.random() < 0.6:
            self.change_interfaces(chance)
        self.file_weight = chance.choice([None, None, 0, 1, 2, -1])
        self.is_telling = chance.random() < 0.7

    @property
    def network(self):
        return NETWORKS[self.interface]

    @property
    def faults(self):
        """The interfaces without which it is in fault."""
        return {self.interface} | {name for name, weight in self.interfaces.items() if not weight}

    def change_addresses(self, chance):
        number = chance.randrange(1, 5)
        offset = 10 * (self.vrid - 51) + number
        pool, address = chance.choice([
            (self.addresses, f"{self.network}.{100 + offset}"),
            # A network of its own: a primary address that goes takes no other one along.
            (self.excluded, f"10.{30 + offset}.0.1")])
        if address in pool:
            pool.remove(address)
        else:
            pool.append(address)

    def change_interfaces(self, chance):
        name = chance.choice([name for name in INTERFACES if name != self.interface])
        # Without `reverse`: the reference forgets it at a reload.
        self.interfaces = {name: chance.choice([0, 20, -30])}

    def text(self):
        def block(name, lines):
            return f"{name} {{\n" + "\n".join(lines) + "\n}" if lines else ""
        tracked = [f"{name} weight {weight}" if weight else name
                   for name, weight in self.interfaces.items()]
        lines = [
            self.preemption, "notify_priority_changes" if self.is_telling else "",
            block("virtual_ipaddress_excluded", [f"{address}/24" for address in self.excluded]),
            block("track_interface", tracked),
            block("track_file", [] if self.file_weight is None else [f"number weight {self.file_weight}"]),
            block("authentication", ["auth_type PASS", f"auth_pass {self.password}"] if self.password else []),
        ]
        if self.is_unicast:
            lines += [f"unicast_src_ip {self.network}.{OWN}", block("unicast_peer", [f"{self.network}.{HIGHER}"])]
        return instance(
            self.name, self.vrid, self.priority, self.interface, self.interval, "\n".join(filter(None, lines)),
            "\n".join(f"{address}/24" for address in self.addresses), self.version)


class Configuration:
    def __init__(self, chance):
        is_slow = chance.random() < 0.2
        # Sync groups of version 2 would take too long to settle.
        self.interval = 1 if is_slow else chance.choice([0.1, 0.2, 0.3, 0.5])
        count = chance.choice([1, 2] if is_slow else [1, 2, 2, 3])
        self.routers = [Router(chance, index, self.interval, 2 if is_slow else 3) for index in range(count)]
        self.members = []
        if count > 1 and not is_slow and chance.random() < 0.5:
            self.members = [router.name for router in self.routers[:chance.randrange(2, count + 1)]]

    def with_vrid(self, vrid):
        return next((router for router in self.routers if router.vrid == vrid), None)

    @property
    def settling(self):
        """A time in which whatever is due has happened: a group waits for the last timer."""
        delay = max(1 if "delay" in router.preemption else 0 for router in self.routers)
        return self.interval * (8 if self.members else 5) + delay + 0.4

    def text(self):
        file = "track_file number {\nfile @directory@/number\nweight 1\n}\n"
        return (file if any(r.file_weight is not None for r in self.routers) else "") \
            + (group("G", self.members) if self.members else "") \
            + "".join(router.text() for router in self.routers)


# ---- Events

class Event:
    def __init__(self, text, act, reloads=False):
        self.text, self.act, self.reloads = text, act, reloads


class Life:
    """All that is decided by the seed."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.configuration = self.first = Configuration(self.chance)
        self.down = {}
        self.vrids = [router.vrid for router in self.first.routers]
        self.events = []
        remaining = SECONDS - self.first.settling
        kinds = [self.peer, self.peer, self.peer, self.silence, self.zero, self.malformed, self.link,
                 self.link, self.remove, self.file, self.reload, self.reload]
        while remaining > 0:
            event = self.chance.choice(kinds)()
            if event:
                self.events.append(event)
                remaining -= 0.4 + self.configuration.settling / 2

    def router(self):
        return self.chance.choice(self.configuration.routers)

    def peer(self):
        router = self.router()
        priority = self.chance.choice([10, router.priority, 240, 240])
        host = self.chance.choice([HIGHER, LOWER])
        def act(scene):
            scene.peer.masters[router.vrid] = (priority, host)
        return Event(f"another router {host} with priority {priority} for {router.name}", act)

    def silence(self):
        router = self.router()
        return Event(f"silence for {router.name}", lambda scene: scene.peer.masters.pop(router.vrid, None))

    def zero(self):
        router = self.router()
        def act(scene):
            scene.peer.masters.pop(router.vrid, None)
            scene.peer.send(router.vrid, 0)
        return Event(f"priority 0 for {router.name}", act)

    def malformed(self):
        router = self.router()
        ways = {
            "version": {"version": 5 - router.version}, "TTL": {"ttl": 254}, "checksum": {"wrong_sum": 1},
            "type": {"kind": 2}, "count": {"count": 9}, "VRID": {"vrid": 99},
        }
        if router.is_unicast:
            # The TTL of unicast is free.
            ways["TTL"] = {"wrong_sum": 0x100}
        if router.version == 2:
            ways |= {"authentication": {"auth": 1, "trailer": b"wrong\0\0\0"}, "interval": {"interval": 7}}
        way = self.chance.choice(list(ways))
        def act(scene):
            for _ in range(3):
                scene.peer.send(router.vrid, 250, **ways[way])
        return Event(f"wrong {way} for {router.name}", act)

    def link(self):
        name = self.chance.choice(INTERFACES)
        how = self.down.pop(name, None)
        if how:
            return Event(f"{how} of {name} up", lambda scene: set_link(scene, how, name, "up"))
        # The reference has one bit for all interfaces of an instance.
        if any(name in router.faults and router.faults & set(self.down)
               for router in self.configuration.routers):
            return None
        how = self.down[name] = self.chance.choice(["link", "carrier"])
        return Event(f"{how} of {name} down", lambda scene: set_link(scene, how, name, "down"))

    def remove(self):
        router = self.router()
        address = self.chance.choice(router.addresses + router.excluded)
        return Event(f"{address} removed", lambda scene: scene.host.ip(
            "address", "delete", f"{address}/24", "dev", router.interface, check=False))

    def file(self):
        if not any(router.file_weight is not None for router in self.configuration.routers):
            return None
        value = self.chance.choice([0, 0, 3, 20, -20, 254, -254])
        return Event(f"{value} in the file", lambda scene: write(scene, value))

    def reload(self):
        changed = copy.deepcopy(self.configuration)
        what = "\n".join(self.change(changed) for _ in range(self.chance.randrange(1, 3)))
        self.configuration = changed
        def act(scene):
            scene.reload(changed.text().replace("@directory@", scene.lab.directory))
            scene.peer.configuration = changed
        return Event(f"reload with {what}", act, reloads=True)

    def change(self, changed):
        """Changes the configuration in one way, and says in which."""
        router = self.chance.choice(changed.routers)
        def priority():
            router.priority = self.chance.randrange(80, 171, 5)
        def addresses():
            router.change_addresses(self.chance)
        def interfaces():
            # See `link`.
            if not self.down:
                router.interfaces = {}
                if self.chance.random() < 0.7:
                    router.change_interfaces(self.chance)
        def file():
            router.file_weight = self.chance.choice([None, 0, 1, 2, -1])
        def telling():
            router.is_telling = not router.is_telling
        def preemption():
            router.preemption = self.chance.choice(["", "nopreempt", "preempt_delay 1"])
        def remove():
            if len(changed.routers) > 1 and router.name not in changed.members:
                changed.routers.remove(router)
        def add():
            index = len(changed.routers)
            if index < 3 and not changed.with_vrid(51 + index) and not self.down:
                changed.routers.append(
                    Router(self.chance, index, changed.interval, changed.routers[0].version))
        def ungroup():
            if len(changed.members) > 2:
                changed.members.pop()
            elif self.chance.random() < 0.5:
                changed.members = []
        def unicast():
            # To a MASTER group it would be another member, whom the reference lets break the group.
            if router.name not in changed.members:
                router.is_unicast = not router.is_unicast
        def interval():
            if router.version == 3:
                changed.interval = self.chance.choice([0.1, 0.2, 0.3, 0.5])
                for each in changed.routers:
                    each.interval = changed.interval
        way = self.chance.choice([priority, addresses, interfaces, file, telling, preemption, remove, add,
                                  ungroup, unicast, interval])
        way()
        return f"another {way.__name__} ({router.name})"


def set_link(scene, how, name, state):
    if how == "link":
        scene.host.ip("link", "set", name, state)
    else:
        scene.lab.lan.ip("link", "set", scene.host.ports[name], state)


def write(scene, value):
    # At once, as a whole: half a value must not be read.
    path = f"{scene.lab.directory}/number"
    with open(path, "r+" if os.path.exists(path) else "w") as file:
        file.write(f"{value}\n{' ' * 8}")


class Peer(threading.Thread):
    """Other routers: for each VRID a priority and the host, as long as there is an entry."""

    def __init__(self, scene, configuration):
        super().__init__(daemon=True)
        self.scene, self.configuration, self.masters = scene, configuration, {}
        self.injector = Injector(scene.lab.host("other", *(
            f"{network}.{host}/24" for network in NETWORKS.values() for host in (HIGHER, LOWER))))
        self.targets = {name: bytes.fromhex(scene.host.run(
            "cat", f"/sys/class/net/{name}/address").strip().replace(":", "")) for name in NETWORKS}
        self.is_ended = threading.Event()
        self.start()

    def send(self, vrid, priority, host=HIGHER, /, ttl=255, **fields):
        router = self.configuration.with_vrid(vrid)
        if not router:
            return
        source = f"{router.network}.{host}"
        destination = f"{router.network}.{OWN}" if router.is_unicast else "224.0.0.18"
        target = self.targets[router.interface] if router.is_unicast else b"\x01\x00\x5e\x00\x00\x12"
        message = {"vrid": vrid, "version": router.version, "addresses": router.addresses,
                   "interval": round(router.interval * (1 if router.version == 2 else 100))}
        if router.password:
            message |= {"auth": 1, "trailer": router.password.encode().ljust(8, b"\0")}
        message |= fields
        self.injector.send(ipv4(vrrp(priority, source=source, destination=destination, **message),
                                source, destination, ttl), target=target)

    def run(self):
        while not self.is_ended.wait(self.configuration.interval * 0.4):
            for vrid, (priority, host) in list(self.masters.items()):
                self.send(vrid, priority, host)


# ---- What is seen

class Observer:
    """What a program did since the last event."""

    def __init__(self, scene):
        self.scene = scene
        self.sniffers = [Sniffer(scene.host, name) for name in NETWORKS]
        self.count, self.last, self.told = 0, {}, {}

    def lines(self):
        # How often depends on when the adverts meet.
        return [line for line in self.scene.fifo.lines if "RX_LOWER" not in line]

    def states(self):
        states = {}
        for line in self.lines():
            found = re.match(r'INSTANCE "(\w+)" (MASTER|BACKUP|FAULT|STOP) ', line)
            if found:
                states[found[1]] = found[2]
        return states

    def settle(self, configuration):
        """Waits until nothing is to come: nothing happens, and who is BACKUP would have acted."""
        begin = since = time.monotonic()
        count = len(self.lines())
        while True:
            time.sleep(0.05)
            now = time.monotonic()
            if len(self.lines()) != count:
                since, count = now, len(self.lines())
            assert now - begin < 30, f"not quiet: {self.lines()[-20:]}"
            is_waiting = any(self.states().get(router.name, "BACKUP") == "BACKUP"
                             for router in configuration.routers)
            # A MASTER has sent what it has to say by then.
            if now - since > (configuration.settling if is_waiting else 1.2 * configuration.interval + 0.4):
                return

    def seen(self, configuration, reloads=False):
        lines = self.lines()[self.count:]
        self.count += len(lines)
        if reloads:
            # 2.2.7 writes none at a reload, or the one of another state.
            lines = [line for line in lines if "_PRIORITY" not in line]
        result = {"states": self.states()}
        lines = self.news(lines, configuration.members)
        for router in configuration.routers:
            result[router.name] = [line for line in lines if f'"{router.name}"' in line]
        # The members in any order, then their group.
        order = []
        for line in lines:
            if line.startswith("GROUP"):
                order.append([line])
            elif any(f'"{name}"' in line for name in configuration.members):
                order = order or [[]]
                order[-1].append(line)
        result["group"] = [chunk[:1] + sorted(chunk[1:]) for chunk in order]
        result["addresses"] = {name: sorted(address for address in self.scene.host.addresses(name)
                                            if not address.startswith("fe80")) for name in INTERFACES}
        result |= self.packets()
        if reloads:
            # 2.2.7 is silent when a reload puts a MASTER in fault; we say the farewell of every fault.
            for router in configuration.routers:
                if result["states"].get(router.name) == "FAULT":
                    result["zero"].pop(router.vrid, None)
        return result

    def news(self, lines, members):
        """The lines less what a member was told before.

        2.2.7 does not know after a reload that its group was at fault: it tells a member's own
        fault once more.
        """
        result = []
        for line in lines:
            subject, state = line.rsplit(" ", 1)[0].rsplit(" ", 1)
            is_known = state == "FAULT" and self.told.get(subject) == state
            if not state.endswith("_PRIORITY"):
                self.told[subject] = state
            if not (is_known and any(f'"{name}"' in subject for name in members)):
                result.append(line)
        return result

    def packets(self):
        zero, messages, times = {}, set(self.last.values()), {}
        for sniffer in self.sniffers:
            for packet in sniffer.packets:
                if packet.kind != "advert":
                    continue
                if packet.priority == 0:
                    zero[packet.vrid] = zero.get(packet.vrid, 0) + 1
                    continue
                message = (packet.vrid, packet.priority, packet.source, packet.destination, packet.ttl,
                           packet.body.hex())
                # With those of before: how many more of them went out is a matter of the moment.
                messages.add(message)
                self.last[packet.vrid] = message
                times[packet.vrid] = packet.time
            sniffer.clear()
        return {"zero": zero, "adverts": sorted(messages), "last": sorted(self.last.values())}


@cases(range(FIRST, FIRST + COUNT))
def test_life(seed):
    """A random life is that of the reference"""
    if not os.path.exists(REFERENCE):
        raise Skip("there is no reference to compare with")
    life = Life(seed)
    configuration = life.first
    def scenario(lab, binary):
        def prepare(scene):
            write(scene, 0)
            lab.add_interface(scene.host, "eth1", f"10.2.0.{OWN}/24")
            lab.add_interface(scene.host, "eth2", f"10.4.0.{OWN}/24")
            # Before the first advert: it must find the hardware address of the other host.
            scene.peer = Peer(scene, configuration)
        scene = Scene(lab, binary, configuration.text().replace("@directory@", lab.directory),
                      addresses=(f"10.0.0.{OWN}/24",), prepare=prepare)
        observer = Observer(scene)
        wait_until(lambda: scene.daemon.said("Startup complete"), 5)
        observer.settle(configuration)
        result = {"00 start": observer.seen(configuration)}
        for number, event in enumerate(life.events, 1):
            before = len(re.findall(r"Reload (complete|finished)", scene.daemon.log()))
            event.act(scene)
            if event.reloads:
                wait_until(lambda: len(re.findall(r"Reload (complete|finished)", scene.daemon.log())) > before, 5)
            observer.settle(scene.peer.configuration)
            result[f"{number:02} {event.text}"] = observer.seen(scene.peer.configuration, event.reloads)
        scene.peer.is_ended.set()
        status = scene.daemon.stop()
        result["99 stop"] = observer.seen(scene.peer.configuration) | {"status": status}
        return result
    try:
        both(scenario)
    except AssertionError as failure:
        events = "\n".join(f"{number:02} {event.text}" for number, event in enumerate(life.events, 1))
        raise AssertionError(
            f"LIVES_SEED={seed}\n{life.first.text()}{events}\n{failure}") from failure
