"""A real nginx with the lines of deploy/nginx, in front of whatever listens at an address."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.installation import free_port
from tests.paths import PROJECT

AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
{user}
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  {site}
}}
"""


def site(upstream: str, media: str, port: int) -> str:
    """The lines of deploy/nginx with other addresses and folders, and without TLS."""
    text = (PROJECT / "deploy/nginx/renderdesk.conf").read_text()
    text = re.sub(r"^ *(ssl_certificate|server_name).*\n", "", text, flags=re.MULTILINE)
    for ours, theirs in {
        "listen 443 ssl": f"listen 127.0.0.1:{port}",
        "http://127.0.0.1:8000": f"http://{upstream}",
        "/var/lib/renderdesk/media/": f"{media}/",
    }.items():
        assert ours in text
        text = text.replace(ours, theirs)
    return text


@contextmanager
def in_front_of(upstream: str, media: str, folder: Path) -> Iterator[int]:
    """Yield the port of an nginx in front of host:port; skip where there is none."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("there is no nginx. On Debian: apt-get install nginx-light")
    folder.mkdir()
    port = free_port()
    user = "user root;" if Path("/").owner() == "root" else ""
    text = AROUND.format(folder=folder, user=user, site=site(upstream, media, port))
    (folder / "nginx.conf").write_text(text)
    server = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)
