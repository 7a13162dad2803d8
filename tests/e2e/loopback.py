"""What the end-to-end tests stand on: a web server whose answers a test sets, and a daemon of one's own.

    with FeedServer() as web, Daemon(program, config, ["-c", "{config}"]) as d:
        web.set("/a.xml", b"<rss>...</rss>", headers={"ETag": '"1"'})
        d.wait_log("listening")
        web.wait_requests("/a.xml", 2)

Standard library only. Nothing here knows an option of the daemon.
"""
import collections
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# time is time.monotonic(); headers is the message object (case-blind get); body is bytes; peer is the
# client's end of the connection.
Request = collections.namedtuple("Request", "time method path headers body peer", defaults=(None,))


def wait_until(condition, timeout=10.0, what="the condition", step=0.02):
    """Waits until condition() is true and returns its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("waited %.1f s for %s" % (timeout, what))
        time.sleep(step)


def free_port():
    """A port nobody listens on now. Better let the program take port 0 where it can."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Response:
    """An answer. `body` is bytes, text, or an iterable of bytes, which goes out in chunks.

    `delay` seconds pass before it. `drop` closes the connection instead of answering;
    `cut` closes it after that many bytes of the body. `conditional` (the default) answers 304
    by itself when the request names the ETag or Last-Modified of `headers`.
    """

    def __init__(self, body=b"", status=200, headers=None, delay=0.0, drop=False, cut=None,
                 conditional=True):
        self.body = body.encode() if isinstance(body, str) else body
        self.status, self.headers = status, dict(headers or {})
        self.delay, self.drop, self.cut, self.conditional = delay, drop, cut, conditional

    def matches(self, request):
        if not self.conditional or self.status != 200 or request.method not in ("GET", "HEAD"):
            return False
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if request.headers["If-None-Match"] is not None:
            return etag is not None and etag in request.headers["If-None-Match"]
        return modified is not None and request.headers["If-Modified-Since"] == modified


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self):
        length = int(self.headers["Content-Length"] or 0)
        request = Request(time.monotonic(), self.command, self.path, self.headers,
                          self.rfile.read(length), self.client_address)
        owner = self.server.owner
        response = owner._answer(request)
        if response.delay:
            owner._closing.wait(response.delay)
        if response.drop:
            self.close_connection = True
            return
        if response.matches(request):
            response = Response(b"", 304, response.headers)
        try:
            self.send(response)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client went away: its right

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def send(self, response):
        names = {name.lower() for name in response.headers}
        chunked = not isinstance(response.body, bytes)
        if "date" in names:  # else the server says what time it is
            self.send_response_only(response.status)
        else:
            self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif response.status != 304 and response.status != 204 and "content-length" not in names:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command == "HEAD" or response.status in (204, 304):
            return
        if chunked:
            for piece in filter(None, response.body):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        elif response.cut is not None:
            self.wfile.write(response.body[:response.cut])
            self.close_connection = True
        else:
            self.wfile.write(response.body)

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # or hundreds who connect at once wait for their SYN to be sent again


class FeedServer:
    """A web server on a free loopback port (HTTP/1.1, keep-alive, a thread per connection)."""

    def __init__(self, port=0, host="127.0.0.1"):
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._routes, self._requests = {}, []
        self._server = _Server((host, port), _Handler)
        self._server.owner = self
        self.port = self._server.server_address[1]
        self.base = "http://%s:%d" % (host, self.port)
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def set(self, path, body=b"", status=200, headers=None, **more):
        """From now on, `path` (without query) answers so.

        `body` may be a callable: called with the Request, it returns a Response or a body.
        """
        answer = body if callable(body) else Response(body, status, headers, **more)
        with self._lock:
            self._routes[path] = answer

    def remove(self, path):
        with self._lock:
            self._routes.pop(path, None)

    def url(self, path):
        return self.base + path

    def requests(self, path=None):
        """The requests so far, in order; with `path`, those for it."""
        with self._lock:
            return [r for r in self._requests if path is None or r.path.split("?")[0] == path]

    def clear(self):
        with self._lock:
            self._requests.clear()

    def wait_requests(self, path, count=1, timeout=10.0):
        """Waits until `path` was asked for `count` times; returns those requests."""
        def enough():
            found = self.requests(path)
            return found if len(found) >= count else None
        return wait_until(enough, timeout, "%d requests of %s" % (count, path))

    def _answer(self, request):
        with self._lock:
            self._requests.append(request)
            route = self._routes.get(request.path.split("?")[0])
        if route is None:
            return Response("not set by the test\n", 404, {"Content-Type": "text/plain"})
        if callable(route):
            route = route(request)
        return route if isinstance(route, Response) else Response(route)

    def close(self):
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class Daemon:
    """A program run with a configuration of its own in a directory of its own.

    In `config`, `args` and the values of `env`, {dir} and {config} stand for the directory and the
    configuration file. The directory outlives a stop, so that a test can start again on the same
    state; close() removes it unless it was given. With `notify`, the program gets a NOTIFY_SOCKET
    and `notifications` lists what it sent.
    """

    def __init__(self, program, config="", args=("-c", "{config}"), env=None, directory=None,
                 config_name="daemon.conf", notify=False):
        self._own_dir = directory is None
        self.dir = pathlib.Path(directory or tempfile.mkdtemp(prefix="e2e-")).resolve()
        self.config_path = self.dir / config_name
        self.program, self._args, self._env = str(program), list(args), dict(env or {})
        self.process, self._readers = None, []
        self.lines, self.stdout_lines, self.notifications = [], [], []
        self._socket = self._listen() if notify else None
        self.write_config(config)

    def _fill(self, text):
        return str(text).replace("{dir}", str(self.dir)).replace("{config}", str(self.config_path))

    def write_config(self, text):
        """Replaces the configuration in one step; send SIGHUP to have it read."""
        new = self.config_path.with_suffix(".new")
        new.write_text(self._fill(text), encoding="utf-8")
        new.rename(self.config_path)

    def start(self):
        assert not self.running, "already running"
        env = dict(os.environ, **{k: self._fill(v) for k, v in self._env.items()})
        env.pop("NOTIFY_SOCKET", None)
        if self._socket:
            env["NOTIFY_SOCKET"] = self._socket.getsockname()
        self.process = subprocess.Popen([self.program] + [self._fill(a) for a in self._args],
                                        cwd=self.dir, env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in ((self.process.stderr, self.lines),
                                      (self.process.stdout, self.stdout_lines))]
        for reader in self._readers:
            reader.start()
        return self

    @staticmethod
    def _read(pipe, lines):
        with pipe:
            for line in pipe:
                lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def _listen(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(str(self.dir / "notify.sock"))

        def receive():
            while data := s.recv(4096):
                self.notifications.extend(data.decode("utf-8", "replace").splitlines())
        threading.Thread(target=receive, daemon=True).start()
        return s

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return "\n".join(self.lines)

    def wait_log(self, pattern, timeout=10.0, count=1, since=0):
        """Waits until `count` lines of stderr after the first `since` match; returns the last one.

        To wait for something new, take `since=len(d.lines)` before causing it."""
        def enough():
            found = [line for line in self.lines[since:] if re.search(pattern, line)]
            return found[count - 1] if len(found) >= count else None
        return self.wait_for(enough, timeout, "log line %r" % pattern)

    def wait_for(self, condition, timeout=10.0, what="the condition"):
        """Like wait_until, but gives up at once, with the log, when the program has ended."""
        def check():
            value = condition()
            if not value and not self.running:
                for reader in self._readers:
                    reader.join(5)
                value = condition()  # its last words may have been what we wait for
                if not value:
                    raise RuntimeError("ended with status %s while waiting for %s\n%s"
                                       % (self.process and self.process.returncode, what, self.log()))
            return value
        try:
            return wait_until(check, timeout, what)
        except TimeoutError as e:
            raise TimeoutError("%s\n%s" % (e, self.log())) from None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=10.0):
        """Waits for its end and returns the exit status (-N when signal N ended it)."""
        status = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(5)
        return status

    def stop(self, timeout=10.0):
        """SIGTERM, and SIGKILL with a complaint when that is not enough. Returns the exit status."""
        if self.process is None:
            return None
        if self.running:
            self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError("SIGTERM was not enough in %.1f s\n%s" % (timeout, self.log())) from None

    def kill(self):
        """SIGKILL: a crash, for tests of recovery."""
        if self.running:
            self.signal(signal.SIGKILL)
        return self.wait()

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        try:
            self.stop()
        finally:
            if self._socket:
                self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
            if self._own_dir:
                shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.close()
