"""Servers that cannot be checked: no script to ask, no way to them, nothing to connect from."""

import os
import time

from checking import Case, Checking, SERVER, check
from lab import Lab, OURS, REFERENCE, run, wait_until
from scenario import both
from servers import Listener

NEEDS = ["ip_vs"]

SECURE = "global_defs {\nenable_script_security\n}\n"


def misc(path, lines=""):
    return check("MISC_CHECK", f"misc_path {path}\nmisc_timeout 20\n{lines}", interval=1)


def files(scene):
    """Scripts of which only the first can be run, and commands for one that is not there."""
    scene.write("good", "#!/bin/sh\nexit 0\n")
    scene.write("private", "#!/bin/sh\nexit 0\n")
    os.chmod(scene.file("private"), 0o644)
    scene.write("open", "#!/bin/sh\nexit 0\n")
    os.chmod(scene.file("open"), 0o777)
    return [scene.file("none"), scene.file("private"), scene.file("open"), "nowhere-to-be-found"]


def test_no_script():
    """Without a script that can run a server serves, but one with alpha waits for it"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)
        cases = []
        for number, path in enumerate(files(scene)):
            cases += [Case(9000 + number, misc(path)), Case(9100 + number, misc(path, "alpha"))]
        # One that can run does not stand in for it.
        cases += [Case(9200, misc(scene.file("none"), "alpha") + misc(scene.file("good"), "alpha")),
                  Case(9201, misc(scene.file("none")) + misc(scene.file("good"), "alpha")),
                  Case(9202, misc(scene.file("good"), "user nobody-here"))]
        scene.launch(cases, SECURE)
        waiting = [case.port for case in cases if 9100 <= case.port <= 9200]
        scene.weights |= {port: None for port in waiting}
        serving = [case for case in cases if case.port not in waiting]
        scene.wait("start", [case.told("UP")[1] for case in serving] + [cases[-2].told("UP")[0]])
        time.sleep(3)
        scene.wait("after more checks", [])
        return scene.stop()
    both(scenario)


def test_what_is_said():
    """-t and the log name each server that a script which cannot run leaves unchecked, or out"""
    with Lab() as lab:
        scene = Checking(lab)
        scene.write("good", "#!/bin/sh\nexit 0\n")
        unknown = misc(scene.file("good"), "user nobody-here\nalpha")
        cases = [Case(9000, misc("/none")), Case(9001, misc("/none", "alpha")), Case(9002, unknown)]
        path = scene.file("tested.conf")
        with open(path, "w") as file:
            file.write(scene.text(cases, SECURE))
        said = run(OURS, "-t", "-f", path, check=False)
        if os.path.exists(REFERENCE):
            copy = scene.file("theirs.conf")
            with open(copy, "w") as file:
                file.write(scene.text(cases[:2], SECURE))
            statuses = {name: run("sh", "-c", f"{name} -t -f {copy} >/dev/null 2>&1; echo $?")
                        for name in (OURS, REFERENCE)}
            assert statuses[OURS] == statuses[REFERENCE], statuses

        def name(port):
            return f"[{SERVER}]:tcp:{port}", f"[10.0.0.1]:tcp:{port}"
        for port, fate in ((9000, "is served unchecked"), (9001, "stays out of service"),
                           (9002, "stays out of service")):
            server, service = name(port)
            assert f"hint: real server {server} of virtual server {service} {fate}: misc script" in said, said
        scene.launch(cases, SECURE)
        scene.weights |= {9001: None, 9002: None}
        scene.wait("start", cases[0].told("UP")[1:])
        for port, fate in ((9000, "is served unchecked"), (9001, "stays out of service"),
                           (9002, "stays out of service")):
            server, service = name(port)
            wait_until(lambda: scene.daemon.said(f"Service {server} of VS {service} {fate}"), 10, 0.1)
        scene.stop()


def test_script_goes():
    """A script that goes is a failure; over reloads without it each server stays as it is"""
    with Lab() as lab:
        scene = Checking(lab)
        for name, status in (("good", 0), ("bad", 1), ("weight", 12), ("goes", 0)):
            scene.write(name, f"#!/bin/sh\nexit {status}\n")

        def cases(interval):
            """Those of a good script are checked at intervals of their own, after the first time."""
            good, bad = (f"misc_path {scene.file(name)}\nmisc_timeout 20" for name in ("good", "bad"))
            return [Case(9000, check("MISC_CHECK", good, interval=interval)),
                    Case(9001, check("MISC_CHECK", bad, interval=1)),
                    Case(9002, check("MISC_CHECK", good + "\nalpha", interval=interval)),
                    Case(9003, check("MISC_CHECK", bad + "\nalpha", interval=1)),
                    Case(9004, misc(scene.file("goes"))), Case(9005, misc(scene.file("weight"), "misc_dynamic"))]
        first = cases(600)
        scene.launch(first, "")
        scene.weights |= {9001: None, 9003: None, 9005: 10}
        scene.wait("start", [case.told("UP")[1] for case in first if case.port not in (9002, 9003)]
                   + first[1].told("DOWN") + first[2].told("UP") + first[3].told("DOWN")[:1])
        wait_until(lambda: scene.daemon.said("[127.0.1.1]:tcp:9000 VS [10.0.0.1]:tcp:9000] by"), 20, 0.1)
        os.remove(scene.file("goes"))
        scene.down("the script is gone", 9004)
        os.chmod(scene.file("weight"), 0o644)
        scene.weights[9005] = None
        scene.wait("it may not be run", first[5].told("DOWN"))
        wait_until(lambda: scene.daemon.said("(not run: Permission denied)"), 10, 0.1)
        for name in ("good", "bad", "weight"):
            os.remove(scene.file(name))
        for turn in range(2):
            scene.reload(first)
            wait_until(lambda: scene.daemon.log().count("9001 stays out of service") == turn + 1, 20, 0.1)
            time.sleep(2)
            scene.wait(f"reload {turn}", [])
        for name, status in (("good", 0), ("goes", 0), ("bad", 1), ("weight", 2)):
            scene.write(name, f"#!/bin/sh\nexit {status}\n")
        scene.reload(cases(1))
        scene.weights |= {9004: 1, 9005: 0}
        # One of weight 0 makes no quorum.
        scene.wait("they are back", first[4].told("UP") + first[5].told("UP")[:1])
        scene.write("good", "#!/bin/sh\nexit 1\n")
        scene.down("checked again", 9000, 9002)
        scene.stop()


KINDS = [("TCP_CHECK", ""), ("HTTP_GET", "url {\npath /\nstatus_code 200\n}"), ("SSL_GET", "url {\npath /\n}"),
         ("SMTP_CHECK", ""), ("DNS_CHECK", ""), ("UDP_CHECK", ""), ("PING_CHECK", "")]
WAYS = [("prohibit", "10.9.1.1", ""), ("blackhole", "10.9.2.1", ""), ("unreachable", "10.9.3.1", ""),
        ("nothing", "10.9.4.1", ""), ("bindto", SERVER, "bindto 10.77.0.1"), ("bind_if", SERVER, "bind_if none0")]


def test_no_way():
    """What a route forbids, and what there is no address or device for, fails with every kind of check"""
    with Lab() as lab:
        scene = Checking(lab)
        for kind, server, _ in WAYS[:3]:
            scene.host.ip("route", "add", kind, server.rsplit(".", 1)[0] + ".0/24")
        cases = []
        for number, (kind, lines) in enumerate(KINDS):
            for place, (_, server, more) in enumerate(WAYS):
                cases.append(Case(9000 + 10 * number + place, check(kind, f"{lines}\n{more}"), server=server))
        scene.start(cases, down=[case.port for case in cases])
        time.sleep(4)
        scene.wait("it stays so", [])
        log = scene.daemon.log()
        # Of each check once, however often it is made.
        assert log.count("Checker bind failed: Cannot assign requested address") == len(KINDS), log[-6000:]
        assert log.count("Checker can't bind to device none0: No such device") == len(KINDS), log[-6000:]
        assert "Rescheduling" not in log, log[-6000:]
        scene.stop()


def test_forbidden_for_a_while():
    """A server whose route is forbidden goes, and returns with the route"""
    with Lab() as lab:
        scene = Checking(lab)
        web = Listener(scene.host, SERVER, 80, lambda *_: None)
        scene.host.ip("address", "add", "10.9.1.1/32", "dev", "lo")
        case = Case(80, check("TCP_CHECK"), server="10.9.1.1")
        other = Listener(scene.host, "10.9.1.1", 80, lambda *_: None)
        scene.start([case, Case(81, check("TCP_CHECK", "connect_port 80"))])
        for kind in ("prohibit", "blackhole", "unreachable"):
            scene.host.ip("route", "del", "local", "10.9.1.1", "table", "local")
            scene.host.ip("route", "add", kind, "10.9.1.1", "table", "local")
            scene.down(kind, 80)
            scene.host.ip("route", "del", kind, "10.9.1.1", "table", "local")
            scene.host.ip("route", "add", "local", "10.9.1.1", "dev", "lo", "table", "local")
            scene.up("as before", 80)
        web.stop()
        other.stop()
        scene.down("refused", 80, 81)
        scene.stop()
