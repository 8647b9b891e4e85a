"""A case study of the user guide that needs no IPVS: two routers, four instances, two sync groups."""

from lab import Daemon, OURS, REFERENCE, wait_until
from scenario import both

# Each router is master of one pair: an address outside and one inside, which move together.
TEMPLATE = """
global_defs {{
    router_id {name}
    script_user root
}}
vrrp_sync_group G1 {{
    group {{
        EXTERNAL1
        INTERNAL1
    }}
}}
vrrp_sync_group G2 {{
    group {{
        EXTERNAL2
        INTERNAL2
    }}
}}
"""
INSTANCE = """
vrrp_instance {name} {{
    state {state}
    interface {interface}
    virtual_router_id {vrid}
    priority {priority}
    advert_int 0.2
    version 3
    virtual_ipaddress {{
        {address}
    }}
}}
"""
# Name, interface, VRID, address, and whose it is.
INSTANCES = [
    ("EXTERNAL1", "eth0", 51, "192.0.2.101/24", "one"),
    ("INTERNAL1", "eth1", 52, "10.1.0.101/24", "one"),
    ("EXTERNAL2", "eth0", 53, "192.0.2.102/24", "two"),
    ("INTERNAL2", "eth1", 54, "10.1.0.102/24", "two"),
]


def configuration(router):
    text = TEMPLATE.format(name=router)
    for name, interface, vrid, address, owner in INSTANCES:
        text += INSTANCE.format(
            name=name, interface=interface, vrid=vrid, address=address,
            state="MASTER" if owner == router else "BACKUP", priority=150 if owner == router else 100)
    return text


def addresses(host):
    return [(interface, address.partition("/")[0]) for _, interface, _, address, _ in INSTANCES
            if host.has(address.partition("/")[0], interface)]


def test_failover_with_two_sync_groups():
    """Four instances in two sync groups share the load; a lost cable moves a pair as a whole"""
    mine = {"one": [("eth0", "192.0.2.101"), ("eth1", "10.1.0.101")],
            "two": [("eth0", "192.0.2.102"), ("eth1", "10.1.0.102")]}
    everything = [mine["one"][0], mine["one"][1], mine["two"][0], mine["two"][1]]

    def scenario(lab, binary):
        hosts, daemons = {}, {}
        for number, name in enumerate(("one", "two"), 1):
            hosts[name] = lab.host(name, f"192.0.2.{number}/24")
            lab.add_interface(hosts[name], "eth1", f"10.1.0.{number}/24")
        # The other side is the reference's in one of the two runs.
        for name, program in (("one", binary), ("two", OURS if binary == REFERENCE else REFERENCE)):
            daemons[name] = Daemon(hosts[name], configuration(name), program)
        for name in hosts:
            wait_until(lambda: addresses(hosts[name]) == mine[name], 10, what=name)
        port = hosts["one"].ports["eth1"]
        lab.lan.ip("link", "set", port, "down")
        wait_until(lambda: addresses(hosts["one"]) == [], 10, what="one lets both pairs go")
        wait_until(lambda: addresses(hosts["two"]) == everything, 10, what="two has all")
        lab.lan.ip("link", "set", port, "up")
        for name in hosts:
            wait_until(lambda: addresses(hosts[name]) == mine[name], 10, what=f"{name} again")
        daemons["two"].stop()
        wait_until(lambda: addresses(hosts["one"]) == everything, 10, what="one has all")
        daemons["one"].stop()
        return addresses(hosts["one"])
    both(scenario)
