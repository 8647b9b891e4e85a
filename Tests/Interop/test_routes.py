"""virtual_routes, static_routes, virtual_rules and static_rules: what the kernel has after each step."""

import time

from data_plane import Scenario, all_of, backup, command, compare, interface, ip, kill_and_start, master, reload
from lab import cases
from scenario import instance

def block(name, lines):
    return f"{name} {{\n{lines.strip()}\n}}\n" if lines else ""


def virtual(routes="", rules="", priority=200, **options):
    lines = block("virtual_routes", routes) + block("virtual_rules", rules)
    return instance(priority=priority, lines=lines, **options)


def static(routes="", rules="", addresses=""):
    return block("static_ipaddress", addresses) + block("static_routes", routes) + block("static_rules", rules)


def second_interface(scene):
    interface("eth1", 5, "10.5.0.1/24", "2001:db8:5::1/64")(scene)


def ours_gone(lines):
    """Nothing that carries keepalived's protocol is left."""
    return not any('"protocol": "keepalived"' in line for line in lines)


def has(*words):
    """There is a line with each of these."""
    return lambda lines: all(any(word in line for line in lines) for word in words)


def attempt(scene):
    """As long as it takes until what the kernel refused is tried again."""
    time.sleep(1.2)


def masters(count):
    def action(scene):
        scene.fifo.wait_state("MASTER", count=count)
    return action


ROUTES = {
    "a gateway, an interface": "192.0.2.0/24 via 10.0.0.9 dev eth0",
    "no interface": "192.0.2.0/24 via 10.0.0.9",
    "what selects it": """
192.0.2.0/24 dev eth0 table 300 metric 5 tos 0x10 scope link src 10.0.0.1
192.0.3.0/24 dev eth0 table 1000 metric 4294967295
192.0.4.0/24 via 10.0.0.9 dev eth0 priority 7
192.0.5.0/24 via 10.0.0.9 oif eth0 preference 8
192.0.6.0/24 dev eth0 dsfield 8
to 192.0.7.0/24 dev eth0""",
    "metrics": """
192.0.2.0/24 dev eth0 mtu lock 1400 advmss lock 1300 rtt lock 300ms rttvar lock 0.5s rto_min lock 250ms
192.0.3.0/24 dev eth0 mtu 1400 hoplimit 7 window 5000 ssthresh lock 9 cwnd lock 8 reordering lock 6
192.0.4.0/24 dev eth0 initcwnd 5 initrwnd 6 quickack 1 fastopen_no_cookie 1 features ecn
192.0.5.0/24 dev eth0 congctl reno
192.0.6.0/24 dev eth0 congctl lock reno rtt 2s
2001:db8:6::/48 dev eth0 metric 1024 mtu 1400 hoplimit 7""",
    "types": """
blackhole 192.0.2.0/24 metric 5
unreachable 192.0.3.0/24 metric 5
prohibit 192.0.4.0/24 metric 5
throw 192.0.5.0/24 table 300 metric 5
7 192.0.6.0/24 metric 5
unreachable 2001:db8:6::/48 metric 1024""",
    "several ways": """
192.0.2.0/24 nexthop via 10.0.0.8 dev eth0 nexthop via 10.0.0.9 dev eth0 weight 5
192.0.3.0/24 nexthop via 10.0.0.8 dev eth0 realms 3 nexthop via 10.0.0.9 dev eth0 weight 256 onlink
192.0.4.0/24 nexthop via 10.0.0.8 dev eth0 nexthop via 10.5.0.9 dev eth1
2001:db8:6::/48 metric 1024 nexthop via 2001:db8::8 dev eth0 nexthop via 2001:db8::9 dev eth0 weight 2
192.0.7.0/24 via 10.0.0.8 or 10.0.0.9""",
    "IPv6": """
2001:db8:6::/48 via 2001:db8::9 dev eth0 metric 1024 pref high
2001:db8:7::/48 via 2001:db8::9 dev eth0 metric 5 pref low expires 100
2001:db8:8::/48 dev eth0 metric 1024 src 2001:db8::1 table 300
::/0 via 2001:db8::9 dev eth0 metric 2000""",
    "tunnels": """
192.0.2.0/24 encap ip id 5 dst 10.9.9.9 ttl 4 tos 0x10 dev eth0
192.0.3.0/24 encap ip id 6 dst 10.9.9.9 src 10.0.0.1 flags 1 dev eth0
2001:db8:6::/48 metric 1024 encap ip6 id 5 dst 2001:db8::9 src 2001:db8::1 tc 0x10 hoplimit 4 dev eth0""",
    "default": """
default via 10.0.0.9 dev eth0
default via 10.0.0.9 dev eth0 table 300
default6 via 2001:db8::9 dev eth0 metric 1024
10.9.0.0/16 via 10.0.0.8 dev eth0""",
    "realms, propagation, link": """
192.0.2.0/24 dev eth0 realms 5/6
192.0.3.0/24 dev eth0 realms 5 ttl-propagate disabled
192.0.4.0/24 dev eth0 ttl-propagate enabled
192.0.5.0/24 via 192.168.9.9 dev eth0 onlink""",
    "over one another": """
192.0.2.0/24 via 10.0.0.9 dev eth0
192.0.3.0/24 via 192.0.2.9 dev eth0 onlink
198.51.100.0/24 dev eth0 scope link
203.0.113.0/24 via 198.51.100.9 dev eth0""",
    "refused": """
192.0.2.5/24 dev eth0
192.0.3.0/24 via 172.16.0.1
local 192.0.4.1 dev eth0 table 300
192.0.5.0/24 dev eth0""",
}

RULES = {
    "what selects": """
from 10.1.0.0/16 table 300 priority 100
to 10.2.0.0/16 lookup 1000 preference 101
not from 10.3.1.4/24 table main order 102
from 10.4.0.0/16 tos 0x10 table 300 priority 103
fwmark 5 table 300 priority 104
fwmark 0x10/0xff table 300 priority 105
iif eth0 table 300 priority 106
dev eth1 oif eth0 table 300 priority 107
ipproto 6 sport 1-2 dport 80-90 table 300 priority 108
uidrange 3-4 table 300 priority 109
tunnel-id 7 table 300 priority 110
from all table 300 priority 111""",
    "actions": """
from 10.1.0.0/16 blackhole priority 100
from 10.2.0.0/16 type unreachable priority 101
from 10.3.0.0/16 prohibit priority 102
from 10.4.0.0/16 nop priority 103
from 10.5.0.0/16 goto 200 priority 104
from 10.6.0.0/16 l3mdev priority 105
from 10.7.0.0/16 7 priority 106
from 10.8.0.0/16 table 300 realms 1/2 suppress_prefixlength 3 suppress_ifgroup 2 priority 200""",
    "IPv6": """
from 2001:db8:6::/48 table 300 priority 100
inet6 inet6 fwmark 7 table 300 priority 101
from ::/0 to 2001:db8:7::/48 unreachable priority 102
from 2001:db8:8::/48 goto 200 priority 103""",
    "without a priority": "from 10.1.0.0/16 table 300\nfrom 10.2.0.0/16 table 300",
    "not tracked": """
from 10.1.0.0/16 table 300 priority 100 no_track
from 10.2.0.0/16 table 300 priority 101 no_track protocol 4""",
}

ROUTE = "192.0.2.0/24 via 10.0.0.9 dev eth0"
ROUTE6 = "2001:db8:6::/48 via 2001:db8::9 dev eth0 metric 1024"
RULE = "from 10.1.0.0/16 table 300 priority 100"
DELETED = ip("route", "delete", "192.0.2.0/24")


def again(action, count=2):
    """What makes it begin anew: BACKUP, and MASTER once more."""
    return all_of(action, masters(count))


LOSSES = {
    "a route that somebody deletes": Scenario(
        virtual(ROUTE + "\n" + ROUTE6),
        [("master", master), ("deleted", again(DELETED)),
         ("IPv6", again(ip("-6", "route", "delete", "2001:db8:6::/48"), 3))]),
    "an untracked route that somebody deletes": Scenario(
        virtual(ROUTE + " no_track\n192.0.3.0/24 dev eth0"),
        [("master", master), ("deleted", DELETED)]),
    "a rule that somebody deletes": Scenario(
        virtual(rules=RULE + "\nfrom 10.2.0.0/16 table 300 priority 101 no_track"),
        [("master", master), ("deleted", again(ip("rule", "delete", "priority", "100"))),
         ("untracked", ip("rule", "delete", "priority", "101"))]),
    "routes in other tables": Scenario(
        virtual("192.0.2.0/24 dev eth0 table 300\n192.0.3.0/24 dev eth0 table 1000 metric 5"),
        [("master", master),
         ("deleted", again(ip("route", "delete", "192.0.2.0/24", "table", "300"))),
         ("another", again(ip("route", "delete", "192.0.3.0/24", "table", "1000"), 3))]),
    "routes of somebody else beside": Scenario(
        virtual(ROUTE),
        [("master", master),
         ("added", ip("route", "append", "192.0.2.0/24", "via", "10.0.0.8", "dev", "eth0")),
         ("deleted", ip("route", "delete", "192.0.2.0/24", "via", "10.0.0.8"))]),
}

CHANGES = {
    "virtual, at a reload": Scenario(
        virtual(ROUTE, RULE),
        [("master", master),
         ("more", reload(virtual(ROUTE + "\n192.0.3.0/24 dev eth0\n" + ROUTE6,
                                 RULE + "\nfwmark 5 table 300 priority 101"))),
         ("less", reload(virtual("192.0.3.0/24 dev eth0", "fwmark 5 table 300 priority 101"))),
         ("other values", reload(virtual("192.0.3.0/24 dev eth0 mtu 1400", "fwmark 6 table 300 priority 101"))),
         ("another way", reload(virtual("192.0.3.0/24 via 10.0.0.9 dev eth0",
                                        "fwmark 6 table 301 priority 101"))),
         ("another metric", reload(virtual("192.0.3.0/24 via 10.0.0.9 dev eth0 metric 7",
                                           "fwmark 6 table 301 priority 102"))),
         ("another type", reload(virtual("unreachable 192.0.3.0/24 metric 7", "fwmark 6 blackhole priority 102"))),
         ("none", reload(virtual()))]),
    "virtual, IPv6, at a reload": Scenario(
        virtual(ROUTE6, "from 2001:db8:6::/48 table 300 priority 100"),
        [("master", master),
         ("other values", reload(virtual(ROUTE6 + " mtu 1400", "from 2001:db8:7::/48 table 300 priority 100"))),
         ("another way", reload(virtual(ROUTE6.replace("::9", "::8"), ""))),
         ("several ways", reload(virtual(
             "2001:db8:6::/48 metric 1024 nexthop via 2001:db8::8 dev eth0 nexthop via 2001:db8::9 dev eth0"))),
         ("none", reload(virtual()))]),
    "an instance more and less": Scenario(
        virtual(ROUTE),
        [("master", master),
         ("more", all_of(
             reload(virtual(ROUTE) + virtual("192.0.3.0/24 dev eth0", RULE, name="VJ", vrid=52,
                                             addresses="10.0.0.102/24")),
             lambda scene: scene.fifo.wait_state("MASTER", name="VJ"))),
         ("less", reload(virtual(ROUTE)))]),
    "static, at a reload": Scenario(
        virtual(ROUTE6, "from 10.9.0.0/16 table 300 priority 900") + static(ROUTE, RULE, "10.5.0.9/24 dev eth0"),
        [("master", master),
         ("more", reload(virtual(ROUTE6, "from 10.9.0.0/16 table 300 priority 900")
                         + static(ROUTE + "\n192.0.3.0/24 dev eth0\n" + ROUTE6.replace("6::/", "7::/"),
                                  RULE + "\nfwmark 5 table 300 priority 101"))),
         ("less", reload(virtual(ROUTE6, "from 10.9.0.0/16 table 300 priority 900")
                         + static("192.0.3.0/24 dev eth0 mtu 1400", "fwmark 5 table 301 priority 101")))],
        # The reference leaves those behind whose family nothing tracked is of.
        deliberate={("stop", "routes"): ours_gone}),
    "static, that somebody deletes": Scenario(
        "track_group G {\ngroup { VI }\n}\n"
        + static(ROUTE + " track_group G\n" + ROUTE6 + " track_group G",
                 RULE.replace("table", "iif eth0 table") + " track_group G") + virtual(),
        [("master", master), ("deleted", DELETED),
         ("IPv6", ip("-6", "route", "delete", "2001:db8:6::/48")),
         ("rule", ip("rule", "delete", "priority", "100"))]),
    "static, an interface down and up": Scenario(
        static("192.0.2.0/24 via 10.5.0.9 dev eth1\n2001:db8:6::/48 via 2001:db8:5::9 dev eth1 metric 1024")
        + virtual(ROUTE + "\n" + ROUTE6.replace("6::/", "7::/")),
        [("master", master), ("down", ip("link", "set", "eth1", "down")),
         ("up", all_of(ip("link", "set", "eth1", "up"),
                       ip("address", "add", "2001:db8:5::1/64", "dev", "eth1", "nodad"), attempt))],
        prepare=second_interface,
        deliberate={("down", "routes"): lambda lines: not has("eth1")(lines),
                    ("up", "routes"): has("192.0.2.0/24", "2001:db8:6::/48")}),
    "virtual, an interface down and up": Scenario(
        virtual("192.0.2.0/24 via 10.5.0.9 dev eth1\n192.0.3.0/24 dev eth0", "iif eth1 table 300 priority 100"),
        [("master", master),
         ("down", all_of(ip("link", "set", "eth1", "down"), lambda scene: scene.fifo.wait_state("FAULT"))),
         ("up", all_of(ip("link", "set", "eth1", "up"), masters(2)))],
        prepare=second_interface),
    "killed": Scenario(
        virtual(ROUTE + "\n" + ROUTE6, RULE),
        [("master", master), ("killed", all_of(kill_and_start, masters(2)))]),
    "killed, with static ones": Scenario(
        static("192.0.3.0/24 dev eth0", "fwmark 5 table 300 priority 101") + virtual(ROUTE, RULE),
        [("master", master), ("killed", all_of(kill_and_start, masters(2)))]),
    "kept at the stop": Scenario(
        virtual(ROUTE, RULE), [("master", master)], arguments=("--dont-release-vrrp",)),
    "without an interface, untracked: not left behind": Scenario(
        virtual(ROUTE + " no_track\n2001:db8:6::/48 dev eth0"), [("master", master)],
        deliberate={("stop", "routes"): ours_gone}),
    "a rule that is there already": Scenario(
        virtual(rules=RULE), [("master", master)],
        prepare=command("ip", "rule", "add", "from", "10.1.0.0/16", "table", "300", "priority", "100",
                        "protocol", "static")),
    "routes that are there already": Scenario(
        virtual("192.0.2.0/24 via 10.0.0.9 dev eth0\nappend 192.0.3.0/24 via 10.0.0.9 dev eth0\n"
                "add 192.0.4.0/24 via 10.0.0.9 dev eth0"),
        [("master", master)],
        prepare=all_of(ip("route", "add", "192.0.2.0/24", "via", "10.0.0.8"),
                       ip("route", "add", "192.0.3.0/24", "via", "10.0.0.8"))),
    "a group that loses a route of one": Scenario(
        "vrrp_sync_group G {\ngroup {\nVI\nVJ\n}\n}\n" + virtual(ROUTE)
        # The one whose timer runs longer is the first, and this is it.
        + virtual("192.0.3.0/24 dev eth0", RULE, priority=190, name="VJ", vrid=52, addresses="10.0.0.102/24"),
        [("master", all_of(master, lambda scene: scene.fifo.wait_state("MASTER", name="VJ"))),
         ("deleted", again(DELETED))]),
}

SCENARIOS = (
    {f"routes: {name}": Scenario(virtual(lines), [("master", master)], prepare=second_interface)
     for name, lines in ROUTES.items()}
    | {f"rules: {name}": Scenario(virtual(rules=lines), [("master", master)], prepare=second_interface)
       for name, lines in RULES.items()}
    | LOSSES | CHANGES)


@cases(list(SCENARIOS))
def test_kernel_state(name):
    """The kernel holds the routes and rules that it holds with the reference, after each step"""
    compare(SCENARIOS[name])


def test_rule_deleted_in_backup():
    """A rule that is deleted while in BACKUP disturbs nobody"""
    # The reference sends priority 0 and begins anew.
    deleted = all_of(backup, ip("rule", "add", "from", "10.1.0.0/16", "table", "300", "priority", "100"),
                     ip("rule", "delete", "priority", "100"))
    compare(Scenario(virtual(rules=RULE, interval=5), [("deleted", deleted)],
                     deliberate={("deleted", "fifo"): lambda lines: len(lines) == 1}))
