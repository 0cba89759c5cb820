"""How gunicorn serves Renderdesk; it finds this file in the folder where it is started. GUNICORN_CMD_ARGS overrules it.

A proxy that buffers requests must stand in front (docs/operations.md, "nginx"): gunicorn has no time limit for headers
and bodies that arrive slowly, and each holds a thread.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"

bind = os.environ.get("RENDERDESK_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("RENDERDESK_WEB_THREADS", "8"))
worker_connections = 200
backlog = 256
timeout = 120  # seconds without a sign of a worker: it hangs, and is replaced
graceful_timeout = 30  # what runs when the service stops; the unit waits 40 s
control_socket_disable = True  # nobody uses it, and its place may be read-only
keepalive = 5  # longer pauses only hold connections: the proxy opens new ones

# No address or header of ours comes near these.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# A worker's sign of life must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Its own lines look like all others. The access log is Renderdesk's (renderdesk.access), which knows the users.
_formatter = "ObjectFormatter" if os.environ.get("RENDERDESK_LOG_FORMAT") == "json" else "LineFormatter"
logconfig_dict = {
    "root": {"level": "WARNING", "handlers": ["error_console"]},
    "loggers": {
        "gunicorn.error": {
            "level": os.environ.get("LOG_LEVEL", "INFO"),
            "handlers": ["error_console"],
            "propagate": False,
        },
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
    "formatters": {"generic": {"()": f"config.logs.{_formatter}"}},
}


def on_starting(server: Any) -> None:
    """Make the folder where the workers count requests, so that each of them can tell the counts of all.

    The library looks for it when a worker imports it: nothing here may do that before.
    """
    os.environ[SHARED_COUNTS] = tempfile.mkdtemp(prefix="renderdesk-metrics-", dir=worker_tmp_dir)


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ[SHARED_COUNTS], ignore_errors=True)
