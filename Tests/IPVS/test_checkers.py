"""Each checker through the whole daemon, beside the reference: up, out of the table, back again."""

import os
import signal
import subprocess
import time

from checking import Case, Checking, SERVER, check
from lab import Lab, OURS, wait_until
from scenario import both
from servers import Listener, Nginx, Responder, await_port, certificate, digest

NEEDS = ["ip_vs"]

SITES = """
server {{
  listen {server}:80;
  listen {server}:443 ssl;
  server_name one.test;
  root @PAGES@;
  location = /name {{
    if (!-f @PAGES@/named) {{ return 503; }}
    return 200 "name=$ssl_server_name;";
  }}
  location = /moved {{
    if (-f @PAGES@/arrived) {{ return 200 "here"; }}
    return 302 /page;
  }}
}}
server {{
  listen {server}:80;
  listen {server}:443 ssl;
  server_name two.test;
  root @PAGES@/two;
}}
"""

PAGES = {"page": "the page\n" * 2000, "first": "1\n", "second": "2\n", "named": "", "two/page": "the other\n",
         "text": "state: fine; load 7\n", "errors": "no fault\n"}


def urls(*blocks):
    return "\n".join(f"url {{\npath /{path}\n{lines}\n}}" for path, lines in blocks)


def web_cases(kind, port, hashes):
    """Seven ways to look at a web server; the port that is checked is `port`."""
    def case(number, lines, *blocks):
        return Case(8000 + number, check(kind, f"connect_port {port}\n{lines}\n" + urls(*blocks)))
    return [
        case(1, "", ("page", f"digest {hashes['page']}")),
        case(2, "http_protocol 1.0C", ("text", "status_code 200")),
        case(3, "http_protocol 1.1", ("page", f"digest {hashes['page']}\nstatus_code 200 204")),
        case(4, "", ("first", "status_code 200"), ("second", f"digest {hashes['second']}")),
        case(5, "virtualhost two.test", ("page", f"digest {hashes['two']}")),
        case(6, "", ("text", 'regex "state: (fine|good); load [0-9]+\\n"')),
        case(7, "", ("errors", 'regex "(?i)error|FATAL"\nregex_no_match')),
        case(8, "", ("moved", "status_code 300-399")),
    ]


def web(lab, binary, kind, port, more=()):
    scene = Checking(lab, binary)
    nginx = Nginx(scene.host, "nginx", SITES.format(server=SERVER), folders=("two",))
    for name, text in PAGES.items():
        nginx.page(name, text)
    await_port(scene.host, SERVER, port)
    options = ("-S",) if port == 443 else ()
    hashes = {name: digest(scene.host, SERVER, port, f"/{name}", *options) for name in ("page", "second")}
    hashes["two"] = digest(scene.host, SERVER, port, "/page", "-V", "two.test", *options)
    cases = web_cases(kind, port, hashes) + list(more)
    ports = [case.port for case in cases]
    scene.start(cases)

    # Each sees what is its own, and nothing else.
    nginx.page("page", PAGES["page"] + "more\n")
    scene.down("another page", 8001, 8003)
    nginx.remove("text")
    scene.down("404", 8002, 8006)
    nginx.page("second", "3\n")
    scene.down("the second url", 8004)
    nginx.page("two/page", "")
    scene.down("the other host", 8005)
    nginx.page("errors", "a fatal fault\n")
    scene.down("matches what it must not", 8007)
    nginx.page("arrived", "")
    scene.down("another status", 8008)
    others = [port for port in ports if port > 8008]
    if others:
        nginx.remove("named")
        scene.down("names", *others)

    for name, text in PAGES.items():
        nginx.page(name, text)
    nginx.remove("arrived")
    scene.up("as before", *ports)
    nginx.stop()
    scene.down("refused", *ports)
    nginx.start()
    scene.up("accepted", *ports)
    return scene.stop()


def test_http():
    """HTTP_GET of nginx: digests of genhash, status codes, several urls, virtual hosts, expressions"""
    both(lambda lab, binary: web(lab, binary, "HTTP_GET", 80))


def test_tls():
    """SSL_GET of nginx: the same over TLS, and the name that the server is told"""
    def case(number, lines, expression, more=""):
        name = urls(("name", f'regex "{expression}"\n{more}'))
        return Case(8000 + number, check("SSL_GET", f"connect_port 443\n{lines}\n{name}"))
    names = [
        case(11, "", "name=;"),
        case(12, "enable_sni\nvirtualhost one.test", "name=one[.]test;"),
        case(13, "enable_sni\nvirtualhost two.test", "name=one[.]test;", "virtualhost one.test"),
    ]
    both(lambda lab, binary: web(lab, binary, "SSL_GET", 443, names))


def smtp(connection, banner=b"220 lab.test ESMTP\r\n", helo=b"250 lab.test\r\n"):
    """Speaks as RFC 5321 wants; what it heard."""
    file = connection.makefile("rb")
    connection.sendall(banner)
    heard = []
    for line in file:
        heard.append(line)
        if line.startswith((b"HELO ", b"EHLO ")):
            connection.sendall(helo)
        elif line == b"QUIT\r\n":
            connection.sendall(b"221 bye\r\n")
            break
        else:
            connection.sendall(b"500 what?\r\n")
    return heard


def test_smtp():
    """SMTP_CHECK: a greeting, HELO with the name, QUIT; a refusal and a reply of several lines fail"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)
        state = {"banner": b"220 lab.test ESMTP\r\n", "helo": b"250 lab.test\r\n", "heard": []}

        def honest(connection, number):
            heard = smtp(connection, state["banner"], state["helo"])
            # A connection of the refused kind ends without a word.
            if heard:
                state["heard"] = heard
        listener = Listener(scene.host, SERVER, 25, honest)
        Listener(scene.host, SERVER, 26, lambda connection, number: smtp(
            connection, helo=b"250-lab.test greets\r\n250 SIZE 1000\r\n"))
        scene.start([
            Case(8001, check("SMTP_CHECK", "connect_port 25\nhelo_name checker.test")),
            # Its reply has several lines.
            Case(8002, check("SMTP_CHECK", "connect_port 26")),
        ], down=[8002])
        state["banner"] = b"421 too busy\r\n"
        scene.down("busy", 8001)
        state["banner"] = b"220 lab.test\r\n"
        scene.up("ready", 8001)
        assert state["heard"] == [b"HELO checker.test\r\n", b"QUIT\r\n"], state
        state["helo"] = b"550 go away\r\n"
        scene.down("refused by HELO", 8001)
        state["helo"] = b"250 lab.test\r\n"
        scene.up("greeted again", 8001)
        listener.stop()
        scene.down("refused", 8001)
        listener.start()
        scene.up("accepted", 8001)
        return scene.stop()
    both(scenario)


def dnsmasq(scene, *records):
    process = scene.host.start(
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--user=root", "--pid-file", f"--listen-address={SERVER}", "--bind-interfaces",
        "--local=/lab.test/", "--log-facility=/dev/null", *records,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await_port(scene.host, SERVER, 53)
    return process


def test_dns():
    """DNS_CHECK of dnsmasq: several types, names that do not exist, no server"""
    types = {"A": "www", "AAAA": "www", "MX": "mail", "TXT": "text", "CNAME": "alias", "NS": "www",
             "SOA": "www", "RRSIG": "www", "DNSKEY": "www"}
    records = {
        "www": ["--host-record=www.lab.test,192.0.2.7,2001:db8::7"],
        "mail": ["--mx-host=mail.lab.test,www.lab.test,5"], "text": ["--txt-record=text.lab.test,words"],
        "alias": ["--cname=alias.lab.test,www.lab.test"]}

    def scenario(lab, binary):
        scene = Checking(lab, binary)
        everything = [record for group in records.values() for record in group]
        server = dnsmasq(scene, *everything)
        def case(number, kind, name):
            return Case(number, check(
                "DNS_CHECK", f"connect_port 53\ntype {kind}\nname {name}.lab.test"))
        cases = [case(8000 + number, kind, name)
                 for number, (kind, name) in enumerate(types.items())]
        ports = [case.port for case in cases]
        missing = case(8020, "A", "none")
        scene.start(cases + [missing], down=[8020])
        server.kill()
        server.wait()
        scene.down("no server", *ports)
        mail = ports[list(types).index("MX")]
        server = dnsmasq(scene, *[record for record in everything if record not in records["mail"]])
        scene.up("back", *[port for port in ports if port != mail])
        server.kill()
        server.wait()
        scene.down("no server again", *[port for port in ports if port != mail])
        dnsmasq(scene, *everything)
        scene.up("all", *ports)
        return scene.stop()
    both(scenario)


def test_datagrams():
    """UDP_CHECK of an echo: any answer, the wanted one, its length, none; ICMP unreachable"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)
        state = {"answer": lambda data: [b"\x01\x02" + data]}
        responder = Responder(scene.host, SERVER, 7, lambda data: state["answer"](data))

        def case(number, lines):
            return Case(8000 + number, check("UDP_CHECK", f"connect_port 7\n{lines}", timeout=1))
        scene.start([
            case(1, ""),
            case(2, "require_reply"),
            case(3, "payload 0a0b0c\nrequire_reply 01xx 0A 0b0c"),
            case(4, "payload 0a0b0c\nrequire_reply 01\nmin_reply_length 5\nmax_reply_length 6"),
        ])
        wait_until(lambda: responder.count >= 8, 20, 0.1)
        state["answer"] = lambda data: [b"\x01\x02\x0a\x0b\x0d"]
        scene.down("another answer", 8003)
        state["answer"] = lambda data: [b"\x01\x02\x0a\x0b\x0c\x0d\x0e"]
        scene.change("too long", down=[8004], up=[8003])
        state["answer"] = lambda data: []
        scene.down("silent", 8002, 8003)
        state["answer"] = lambda data: [b"\x01\x02" + data]
        scene.up("as before", 8002, 8003, 8004)
        responder.stop()
        scene.down("unreachable", 8001, 8002, 8003, 8004)
        responder.start()
        scene.up("back", 8001, 8002, 8003, 8004)
        return scene.stop()
    both(scenario)


def test_ping():
    """PING_CHECK: a server in another namespace loses its address; the range of groups is as before"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)
        server = lab.host("server", "192.0.2.11/24")
        ranges = "/proc/sys/net/ipv4/ping_group_range"
        before = scene.host.run("cat", ranges)
        scene.start([Case(8001, check("PING_CHECK"), server="192.0.2.11"),
                     Case(8002, check("PING_CHECK"))])
        server.ip("address", "del", "192.0.2.11/24", "dev", "eth0")
        scene.down("without its address", 8001)
        server.ip("address", "add", "192.0.2.11/24", "dev", "eth0")
        scene.up("with it", 8001)
        lab.cut(server)
        scene.down("without its cable", 8001)
        lab.cut(server, down=False)
        scene.up("with it again", 8001)
        steps = scene.stop()
        assert scene.host.run("cat", ranges) == before
        return steps
    both(scenario)


def test_scripts():
    """MISC_CHECK: exit statuses, a signal, a time-out, weights, and what a reload changes"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)
        # A word, and what is done for it.
        scene.write("check", """#!/bin/sh
read word < $1
case $word in
  kill) kill -9 $$;;
  hang) exec sleep 60;;
  *) exit $word;;
esac
""")

        def case(number, lines="", weight=10):
            command = f'misc_path "{scene.file("check")} {scene.file(str(number))}"'
            block = check("MISC_CHECK", f"{command}\nmisc_timeout 3\n{lines}", interval=1)
            return Case(number, block, weight=weight)
        cases = [case(8001), case(8002), case(8003, "misc_dynamic"), case(8004)]
        for known in cases:
            scene.write(str(known.port), "0\n")
        scene.start(cases)
        scene.write("8003", "42\n")
        scene.weight("a weight of 40", 8003, 40)
        scene.write("8003", "2\n")
        scene.weights[8003] = 0
        # Without weight there is no quorum.
        scene.wait("a weight of 0", ["VS [10.0.0.1]:tcp:8003 DOWN"])
        scene.write("8003", "255\n")
        scene.weights[8003] = 253
        scene.wait("a weight of 253", ["VS [10.0.0.1]:tcp:8003 UP"])
        scene.write("8003", "0\n")
        scene.weight("its own weight", 8003, 10)
        for number, word in ((8001, "1"), (8002, "kill"), (8003, "1"), (8004, "hang")):
            scene.write(str(number), word + "\n")
        scene.down("each in its way", 8001, 8002, 8003, 8004)
        for known in cases:
            # 2.2.7 takes the weight away at a reload behind a status of 0; 12 says 10, too.
            scene.write(str(known.port), "12\n" if known.port == 8003 else "0\n")
        scene.up("back", 8001, 8002, 8003, 8004)
        scene.write("8001", "3\n")
        scene.down("a status above 1", 8001)
        # Another check takes the place of the one that fails.
        cases[0] = case(8001, "misc_dynamic", weight=5)
        scene.reload(cases)
        scene.weights[8001] = 1
        scene.wait("dynamic after the reload", cases[0].told("UP"))
        return scene.stop()
    both(scenario)


FILES = """
track_file WEIGHT {{
  file {0}/weight
}}
track_file STATE {{
  file {0}/state
}}
"""


def test_files():
    """FILE_CHECK: weights and states of files, reverse, and a reload"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)

        def case(number, name, lines=""):
            return Case(number, check("FILE_CHECK", f"track_file {name}\n{lines}"), weight=10)
        scene.write("weight", "5\n")
        scene.write("state", "0\n")
        cases = [case(8001, "WEIGHT", "weight 2"), case(8002, "STATE", "weight 0"),
                 case(8003, "WEIGHT", "weight 1 reverse")]
        scene.start(cases, FILES.format(lab.directory), {8001: 20, 8003: 5})
        scene.write("weight", "7\n")
        scene.weights[8001] = 24
        scene.weight("heavier", 8003, 3)
        scene.write("state", "1\n")
        scene.down("not zero", 8002)
        scene.write("state", "0\n")
        scene.up("zero", 8002)
        os.remove(scene.file("weight"))
        scene.weights[8001] = 10
        scene.weight("removed", 8003, 10)
        cases[0] = case(8001, "WEIGHT", "weight 3")
        scene.reload(cases, FILES.format(lab.directory))
        scene.write("weight", "4\n")
        scene.weights[8001] = 22
        scene.weight("after the reload", 8003, 6)
        return scene.stop()
    both(scenario)


BFD = """
bfd_instance {name} {{
  source_ip 127.0.2.{source}
  neighbor_ip 127.0.2.{neighbor}
  min_rx 200
  min_tx 200
  idle_tx 1000
  multiplier 5
}}
"""


def test_bfd():
    """BFD_CHECK: two sessions over lo, which are each other's neighbors, go down and up with it"""
    def scenario(lab, binary):
        scene = Checking(lab, binary)
        preamble = (BFD.format(name="THERE", source=1, neighbor=2)
                    + BFD.format(name="BACK", source=2, neighbor=1))
        cases = [Case(8001, check("BFD_CHECK", "name THERE")),
                 Case(8002, check("BFD_CHECK", "name BACK"))]
        scene.launch(cases, preamble, arguments=())
        # Until the sessions are up the servers are down.
        wait_until(lambda: all(line in scene.told for case in cases for line in case.told("DOWN")), 20, 0.1)
        wait_until(lambda: all(scene.told.count(case.told("UP")[0]) == 1 for case in cases), 20, 0.1)
        wait_until(lambda: all(scene.told.count(case.told("UP")[1]) == 2 for case in cases), 20, 0.1)
        scene.forget()
        scene.host.ip("link", "set", "lo", "down")
        scene.down("lo is down", 8001, 8002)
        scene.host.ip("link", "set", "lo", "up")
        scene.up("lo is up", 8001, 8002)
        return scene.stop()
    both(scenario)


TRUSTING = """
server {{
  listen {server}:443 ssl;
  ssl_client_certificate {certificate};
  ssl_verify_client on;
  root @PAGES@;
}}
"""


def acquainted(lab, binary):
    """A daemon with a certificate that nginx wants to see."""
    scene = Checking(lab, binary)
    certificate(lab.directory, "checker.test")
    nginx = Nginx(scene.host, "nginx", TRUSTING.format(
        server=SERVER, certificate=scene.file("certificate.pem")))
    nginx.page("page", "for friends\n")
    await_port(scene.host, SERVER, 443)
    known = (f"SSL {{\n  certificate {scene.file('certificate.pem')}\n"
             f"  key {scene.file('key.pem')}\n}}\n")
    cases = [Case(8001, check("SSL_GET", "connect_port 443\n" + urls(("page", "status_code 200"))))]
    scene.start(cases, known)
    wait_until(lambda: scene.daemon.said("Remote Web server"), 20, 0.1)
    return scene, nginx, cases, known


def test_tls_settings():
    """The SSL block: a server wants a certificate; what cannot be loaded ends the daemon"""
    def scenario(lab, binary):
        scene, _, cases, known = acquainted(lab, binary)
        scene.reload(cases)
        scene.down("without a certificate", 8001)
        scene.reload(cases, known)
        scene.up("with a certificate", 8001)
        steps = scene.stop()
        scene.launch(cases, known.replace("key.pem", "none.pem"))
        steps["exit status"] = scene.daemon.process.wait(20)
        assert scene.table == []
        return steps
    both(scenario)


def test_tls_settings_cannot_be_loaded():
    """A reload with a key that is not there keeps the one from before (2.2.7 ends)"""
    with Lab() as lab:
        scene, nginx, cases, known = acquainted(lab, OURS)
        scene.reload(cases, known.replace("key.pem", "none.pem"))
        wait_until(lambda: scene.daemon.said("SSL_GET goes on as before the reload"), 20, 0.1)
        nginx.stop()
        scene.down("refused", 8001)
        nginx.start()
        scene.up("accepted", 8001)
        scene.stop()


def test_standstill():
    """A process that stood still while checks were under way takes no server for dead"""
    def answer_slowly(connection, _):
        connection.recv(4096)
        time.sleep(0.7)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")
    with Lab() as lab:
        scene = Checking(lab)
        server = Listener(scene.host, SERVER, 9000, answer_slowly)
        scene.write("slow", "#!/bin/sh\nsleep 0.7\n")
        cases = [Case(9000, check("HTTP_GET", "url {\npath /\nstatus_code 200\n}", interval=0.1)),
                 Case(9001, check("MISC_CHECK", f"misc_path {scene.file('slow')}\nmisc_timeout 2", interval=0.1))]
        scene.start(cases)
        with open(scene.daemon.file("checkers.pid")) as file:
            child = int(file.read())
        wait_until(lambda: server.count >= 2, 20, 0.1)
        for pause in (3, 2.5, 4):
            os.kill(child, signal.SIGSTOP)
            time.sleep(pause)
            os.kill(child, signal.SIGCONT)
            time.sleep(2)
        scene.wait("nothing has happened", [])
        server.stop()
        scene.write("slow", "#!/bin/sh\nexit 1\n")
        scene.down("they are gone", 9000, 9001)
        scene.stop()
