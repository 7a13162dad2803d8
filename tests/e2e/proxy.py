"""A real nginx between a test and storyd.

    with nginx("location / { proxy_pass http://127.0.0.1:%d; }" % storyd) as port:
        ...
"""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from loopback import free_port, wait_until

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")

CONFIG = """
daemon off; worker_processes 1; pid %(dir)s/nginx.pid; error_log %(dir)s/error.log; %(user)s
events { worker_connections 64; }
http {
    access_log off; client_body_temp_path %(dir)s/body; proxy_temp_path %(dir)s/proxy;
    fastcgi_temp_path %(dir)s/fastcgi; uwsgi_temp_path %(dir)s/uwsgi; scgi_temp_path %(dir)s/scgi;
    server { listen 127.0.0.1:%(port)d; %(server)s }
}
"""


@contextlib.contextmanager
def nginx(server, user="", files=None):
    """Its port. In `server`, the inside of its server block, %(dir)s is a folder of its own, with `files`."""
    with tempfile.TemporaryDirectory(prefix="e2e-nginx-") as name:
        directory, port = pathlib.Path(name), free_port()
        directory.chmod(0o755)
        for file, text in (files or {}).items():
            (directory / file).write_text(text)
        user = "user %s;" % user if user and os.geteuid() == 0 else ""
        (directory / "nginx.conf").write_text(CONFIG % {
            "dir": directory, "port": port, "user": user, "server": server % {"dir": directory}})
        process = subprocess.Popen([NGINX, "-c", directory / "nginx.conf", "-p", directory, "-e",
                                    directory / "error.log"], stderr=subprocess.DEVNULL)

        def up():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
        try:
            wait_until(up, 30, "nginx")
            yield port
        finally:
            process.terminate()
            process.wait(30)
