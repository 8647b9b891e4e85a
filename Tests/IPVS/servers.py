"""Servers to be checked: nginx and dnsmasq, and some that are threads of the test itself."""

import contextlib
import os
import socket
import subprocess
import threading

from lab import ROOT, run, wait_until

GENHASH = os.path.join(ROOT, ".build", "release", "genhash")

NGINX = """
daemon off;
master_process off;
user root;
pid {directory}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 512; }}
http {{
  access_log off;
  default_type text/plain;
  client_body_temp_path {directory}/temporary;
  proxy_temp_path {directory}/temporary;
  fastcgi_temp_path {directory}/temporary;
  uwsgi_temp_path {directory}/temporary;
  scgi_temp_path {directory}/temporary;
  ssl_certificate {directory}/certificate.pem;
  ssl_certificate_key {directory}/key.pem;
  {sites}
}}
"""


def certificate(directory, name="lab.test"):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-subj", f"/CN={name}", "-days", "2",
        "-keyout", f"{directory}/key.pem", "-out", f"{directory}/certificate.pem")


class Nginx:
    """A web server whose pages are files of `directory`/pages."""

    def __init__(self, host, name, sites, folders=()):
        """`sites`: server blocks, with @PAGES@ for where the pages are; `folders` are for pages."""
        self.host = host
        self.directory = os.path.join(host.lab.directory, name)
        self.pages = os.path.join(self.directory, "pages")
        for folder in ("", *folders):
            os.makedirs(os.path.join(self.pages, folder), exist_ok=True)
        certificate(self.directory)
        self.configuration = os.path.join(self.directory, "nginx.conf")
        with open(self.configuration, "w") as file:
            file.write(NGINX.format(directory=self.directory, sites=sites.replace("@PAGES@", self.pages)))
        self.start()

    def start(self):
        self.process = self.host.start(
            "nginx", "-e", "stderr", "-p", self.directory, "-c", self.configuration,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def page(self, name, text):
        path = os.path.join(self.pages, name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def remove(self, name):
        os.remove(os.path.join(self.pages, name))


def await_port(host, address, port, kind=socket.SOCK_STREAM):
    def answers():
        with host.inside(), socket.socket(socket.AF_INET, kind) as probe:
            return probe.connect_ex((address, port)) == 0
    wait_until(answers, 20, 0.1, f"{address}:{port}")


def digest(host, address, port, path, *options):
    """What our genhash says of a page."""
    lines = host.run(GENHASH, "-s", address, "-p", str(port), "-u", path, *options).split()
    assert len(lines[-1]) == 32, lines
    return lines[-1]


class Listener:
    """A TCP server of this process. `serve` gets each connection in a thread, and its number."""

    def __init__(self, host, address, port, serve):
        self.host, self.address, self.port, self.serve = host, address, port, serve
        self.count = 0
        self.start()

    def start(self):
        with self.host.inside():
            self.socket = socket.create_server((self.address, self.port), backlog=64)
        threading.Thread(target=self._accept, args=(self.socket,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self._serve, args=(connection, self.count), daemon=True).start()

    def _serve(self, connection, number):
        try:
            with connection:
                connection.settimeout(30)
                self.serve(connection, number)
        except OSError:
            pass

    def stop(self):
        """From now on connections are refused."""
        # Wakes the thread that waits for one.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Responder:
    """A UDP server of this process: `answer` makes the datagrams that go back of one that came."""

    def __init__(self, host, address, port, answer):
        self.host, self.address, self.port, self.answer = host, address, port, answer
        self.count = 0
        self.start()

    def start(self):
        with self.host.inside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, self.port))
        threading.Thread(target=self._run, args=(self.socket,), daemon=True).start()

    def _run(self, responder):
        while True:
            try:
                data, peer = responder.recvfrom(65536)
            except OSError:
                if responder.fileno() < 0:
                    return
                continue
            # What a socket gives that was shut down.
            if peer is None:
                return
            self.count += 1
            for datagram in self.answer(data):
                with contextlib.suppress(OSError):
                    responder.sendto(datagram, peer)

    def stop(self):
        """From now on datagrams are answered by ICMP port unreachable."""
        # Wakes the thread, although the socket is not connected, which is told as an error.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
