"""genhash against nginx, beside Debian's."""

import contextlib
import hashlib
import os
import re
import socket
import ssl
import subprocess
import threading

from lab import Lab, OURS, REFERENCE, run, wait_until

GENHASH = os.path.join(os.path.dirname(OURS), "genhash")
ADDRESS = "127.0.0.1"

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  ssl_certificate {directory}/cert.pem;
  ssl_certificate_key {directory}/key.pem;
  keepalive_timeout 60;
  server {{
    listen 80 default_server;
    listen [::]:80 default_server;
    listen 443 ssl default_server;
    server_name _;
    root {directory}/default;
  }}
  server {{
    listen 80;
    listen 443 ssl;
    server_name named.example;
    root {directory}/named;
  }}
}}
"""


def web(lab):
    """A host with nginx on it, and what its pages hold."""
    host = lab.host("web", "10.0.0.1/24")
    pages = {
        ("default", "small"): b"hello",
        ("default", "binary"): bytes(range(256)) * 8,
        ("default", "large"): os.urandom(1 << 20),
        ("named", "small"): b"of another name",
    }
    for (root, name), content in pages.items():
        os.makedirs(os.path.join(lab.directory, root), exist_ok=True)
        with open(os.path.join(lab.directory, root, name), "wb") as file:
            file.write(content)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "2",
        "-keyout", f"{lab.directory}/key.pem", "-out", f"{lab.directory}/cert.pem")
    # The server reads as an account without rights.
    run("chmod", "-R", "a+rX", lab.directory)
    configuration = os.path.join(lab.directory, "nginx.conf")
    with open(configuration, "w") as file:
        file.write(NGINX.format(directory=lab.directory))
    host.start("/usr/sbin/nginx", "-c", configuration, "-p", lab.directory,
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: ":443" in host.run("ss", "-Htln"), 10)
    return host, pages


def fetch(host, *words, program=(GENHASH,)):
    result = subprocess.run(host.command(*program, *words), capture_output=True, text=True, timeout=30)
    return result.returncode, result.stdout, result.stderr


def test_hash():
    """The hash of a page is that of its body, over TCP and TLS, HTTP/1.0 and 1.1, IPv4 and IPv6"""
    with Lab() as lab:
        host, pages = web(lab)
        forms = [(GENHASH,), (OURS, "--genhash"), (OURS, "-T")]
        for number, ((root, name), content) in enumerate(pages.items()):
            wanted = (0, hashlib.md5(content).hexdigest() + "\n", "")
            words = ["-s", ADDRESS, "-u", f"/{name}"]
            if root == "named":
                words += ["-V", "named.example"]
            program = forms[number % len(forms)]
            for version in ("1.0", "1.0C", "1.1"):
                assert fetch(host, *words, "-p", "80", "-P", version, program=program) == wanted
                assert fetch(host, *words, "-p", "443", "-SI", "-P", version, program=program) == wanted
            if root == "default":
                assert fetch(host, *words, "-s", "::1", "-p80", program=program) == wanted


def test_same_as_reference():
    """Debian's genhash finds the same hash"""
    with Lab() as lab:
        host, pages = web(lab)
        reference = os.path.join(os.path.dirname(os.path.dirname(REFERENCE)), "bin", "genhash")
        for name in ("small", "binary", "large", "missing"):
            words = ("-s", ADDRESS, "-p", "80", "-u", f"/{name}")
            _, theirs, _ = fetch(host, *words, program=(reference,))
            _, ours, _ = fetch(host, *words)
            hashes = [re.findall(r"\b[0-9a-f]{32}\b", text) for text in (ours, theirs)]
            assert hashes[0] == hashes[1] and len(hashes[0]) == 1, (name, ours, theirs)


def test_failures():
    """A failure is said on standard output and ends with 0, a wrong command line with 1"""
    with Lab() as lab:
        host, _ = web(lab)
        page = ("-s", ADDRESS, "-u", "/small")
        assert fetch(host, *page, "-p", "81") == (0, "Connection failed\n", "")
        # Whichever it waits for first.
        status, output, _ = fetch(host, *page, "-p", "80", "-t", "0")
        assert status == 0 and output in ("Timeout connecting\n", "Timeout WEB read\n"), output
        tls = "SSL handshake/communication error connecting to\n"
        assert fetch(host, *page, "-S", "-p", "80") == (0, tls, "")
        status, output, errors = fetch(host, *page, "--port")
        assert (status, output) == (1, "")
        assert errors.startswith(f"Missing parameter for option --port\nUsage: {GENHASH} COMMAND")


def closing(host, directory, port, answer, how):
    """A TLS server for one page, which it closes with or without a goodbye (close_notify)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{directory}/cert.pem", f"{directory}/key.pem")
    with host.inside():
        listener = socket.create_server((ADDRESS, port))

    def serve():
        with listener, listener.accept()[0] as connection:
            tls = context.wrap_socket(connection, server_side=True)
            tls.settimeout(10)
            tls.recv(4096)
            tls.sendall(answer)
            if how == "goodbye":
                # Says it, and waits for that of the peer, which may just go.
                with contextlib.suppress(OSError):
                    tls.unwrap()
            tls.close()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_goodbye():
    """Over TLS a page that ends before its head is whole: with and without a goodbye, as Debian's says it"""
    with Lab() as lab:
        host, _ = web(lab)
        reference = os.path.join(os.path.dirname(os.path.dirname(REFERENCE)), "bin", "genhash")
        failed = (0, "SSL read error from\n", "")
        nothing = (0, "", "no data received from remote webserver\n")
        whole = (0, hashlib.md5(b"hello").hexdigest() + "\n", "")
        head = b"HTTP/1.0 200 OK\r\n"
        for program in (GENHASH, reference):
            for answer, wanted in ((b"", {"goodbye": failed, "none": nothing}),
                                   (head + b"X-", {"goodbye": failed, "none": nothing}),
                                   (head + b"\r\nhello", {"goodbye": whole, "none": whole}),
                                   (head + b"Content-Length: 9\r\n\r\nhello", {"goodbye": whole, "none": whole})):
                for how in ("goodbye", "none"):
                    thread = closing(host, lab.directory, 8443, answer, how)
                    words = ("-S", "-s", ADDRESS, "-p", "8443", "-u", "/", "-t", "10")
                    assert fetch(host, *words, program=(program,)) == wanted[how], (program, answer, how)
                    thread.join(20)


def test_verbose():
    """The verbose form shows head, body and hash"""
    with Lab() as lab:
        host, pages = web(lab)
        status, output, errors = fetch(host, "-v", "-s", ADDRESS, "-p", "80", "-u", "/small")
        assert (status, errors) == (0, "")
        lines = output.splitlines()
        assert lines[0] == "-" * 23 + "[    HTTP Header Buffer    ]" + "-" * 23
        assert lines[1].startswith("0000  48 54 54 50 2f 31 2e 31 - 20 32 30 30 20 4f 4b 0d   HTTP/1.1 200 OK.")
        body = "0000  68 65 6c 6c 6f          -" + " " * 27 + "hello" + " " * 11
        assert body in lines, output
        assert hashlib.md5(b"hello").hexdigest() in lines
        assert re.fullmatch(r"Global response time for \[/small\] = \d+ usecs", lines[-1])
