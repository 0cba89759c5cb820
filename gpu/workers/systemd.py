"""Tells systemd how this service is, as sd_notify(3) describes it; without systemd, nothing happens."""

from __future__ import annotations

import os
import socket


def tell(state: str) -> None:
    """Send READY=1, WATCHDOG=1 or STOPPING=1 to the socket that systemd named at the start."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)
