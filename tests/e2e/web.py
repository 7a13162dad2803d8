"""Asking a storyd of a test over HTTP: on its TCP port, or its Unix socket.

    site = Site(room)
    site.get("/api/v1/events").json()
"""
import http.client
import json
import re
import socket


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Site:
    def __init__(self, room, since=0):
        self.room = room
        line = room.daemon.wait_log(r" listening address=127\.0\.0\.1:\d+", since=since)
        self.port = int(re.search(r"address=127\.0\.0\.1:(\d+)", line)[1])
        self.socket_path = room.store / "storyd.sock"

    def connection(self, unix=False):
        if unix:
            return UnixConnection(self.socket_path)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method, path, body=None, unix=False, **headers):
        """Header names have _ for -."""
        c = self.connection(unix)
        try:
            c.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            return Answer(c.getresponse())
        finally:
            c.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def raw(self, data, timeout=10):
        """Sends bytes as they are; all that came until the server closed, or nothing more comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.sendall(data)
            out = b""
            try:
                while piece := s.recv(65536):
                    out += piece
            except socket.timeout:
                pass
            return out
