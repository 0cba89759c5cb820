"""A real web server that hears webhooks, and answers as it is told."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ANSWERS = {
    "ok": b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
    "fails": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "redirects": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n",
    "garbage": b"\x00\xff what is this\r\n\r\n",
    "hangs up": b"",
    "speaks": b"HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\n<b>Maintenance</b> until four" + b"." * 971,
    "stops": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nThank",
}


@dataclass
class Receiver:
    """What was heard; *answer* is one of ANSWERS, "silent" or "drips"."""

    url: str = ""
    answer: str = "ok"
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening(answer: str = "ok", port: int = 0) -> Iterator[Receiver]:
    """Yield a receiver on this port of this machine, a free one without it."""
    receiver = Receiver(answer=answer)
    stop = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            headers = {}
            while line := self.rfile.readline().decode().strip():
                name, _, value = line.partition(": ")
                headers[name] = value
            payload = self.rfile.read(int(headers.get("Content-Length", 0)))
            receiver.heard.append((headers, payload))
            with suppress(OSError):
                if receiver.answer == "silent":
                    stop.wait(20)
                elif receiver.answer == "drips":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while not stop.is_set():
                        self.wfile.write(b"X: y\r\n")
                        time.sleep(0.05)
                else:
                    self.wfile.write(ANSWERS[receiver.answer])

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?a=b"
        yield receiver
        stop.set()
        server.shutdown()
