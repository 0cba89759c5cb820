"""One signed POST to one address: resolved once, checked, within a time limit, without redirects and proxies."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

DEADLINE_SECONDS = 10.0  # from the first packet to the answer's first line, however slowly it comes
PORTS = {"http": 80, "https": 443}
SIGNATURE = "X-Renderdesk-Signature"


class NotTaken(Exception):
    """The receiver did not take the message; the text says why and what to do."""


def sign(secret: str, timestamp: int, payload: bytes) -> str:
    """Return "t=SECONDS,v1=HEX": the HMAC-SHA256 of "SECONDS.PAYLOAD" with the secret's UTF-8 bytes."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def post(
    url: str,
    payload: bytes,
    headers: Mapping[str, str],
    *,
    secret: str,
    private_allowed: bool,
    deadline: float = DEADLINE_SECONDS,
) -> int:
    """Send *payload* and return the status of the answer (2xx). Raises NotTaken for everything else."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotTaken("Only addresses that begin with https:// or http:// are told. Correct the webhook.")
    try:
        port = parts.port or PORTS[parts.scheme]
        addresses = resolve(parts.hostname, port, private_allowed=private_allowed)
        signed = {**headers, SIGNATURE: sign(secret, int(time.time()), payload)}
        status, place = _exchange(parts, addresses, port, payload, signed, deadline)
    except (TimeoutError, _TooLong) as error:
        raise NotTaken(f"No answer within {deadline:g} s.") from error
    except ssl.SSLError as error:
        raise NotTaken(f"No secure connection: {error.reason or error}.") from error
    except http.client.HTTPException as error:
        raise NotTaken(f"What answered is no web server ({type(error).__name__}).") from error
    except (OSError, ValueError) as error:
        raise NotTaken(f"No connection: {error}.") from error
    if 300 <= status < 400:
        raise NotTaken(
            f"It redirects (status {status}) to {place[:200]!r}: give the webhook its final address."
        )
    if not 200 <= status < 300:
        raise NotTaken(f"The receiver answered with status {status}; 2xx would have been a yes.")
    return status


def resolve(host: str, port: int, *, private_allowed: bool) -> list[str]:
    """Return the IP addresses of *host*. Raises NotTaken when one is not of the public internet, unless allowed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    inside = [address for address in addresses if not is_public(address)]
    if inside and not private_allowed:
        raise NotTaken(
            f"{host} is {inside[0]}, an address inside. Such are told only with "
            "RENDERDESK_WEBHOOK_PRIVATE_ADDRESSES=true."
        )
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where IPv6 wraps one of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        nat64 = ip in ipaddress.ip_network("64:ff9b::/96")
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if nat64 else wrapped
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


class _TooLong(Exception):
    """The watch has closed the connection."""


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were checked, whatever the name resolves to meanwhile."""

    def __init__(
        self, host: str, addresses: list[str], port: int, *, is_secure: bool, deadline: float
    ) -> None:
        super().__init__(host, port, timeout=deadline)
        self.addresses, self.is_secure = addresses, is_secure
        self.ends = time.monotonic() + deadline
        self.is_late = False
        self.raw: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the first address that answers."""
        problem: OSError = OSError("the name has no address")
        for address in self.addresses:
            try:
                left = max(0.1, self.ends - time.monotonic())
                self.raw = self.sock = socket.create_connection((address, self.port), timeout=left)
                break
            except OSError as error:
                problem = error
        else:
            raise problem
        if self.is_secure:
            secure = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.raw = self.sock = secure  # known to `cut` before the handshake, which may drip as well
            secure.do_handshake()

    def cut(self) -> None:
        """End the exchange from another thread: what blocks on the socket wakes up."""
        self.is_late = True
        if self.raw is not None:
            try:
                # Not SSLSocket.shutdown, which would forget the TLS layer that the other thread is using.
                socket.socket.shutdown(self.raw, socket.SHUT_RDWR)
            except OSError:
                return


def _exchange(
    parts: SplitResult,
    addresses: list[str],
    port: int,
    payload: bytes,
    headers: Mapping[str, str],
    deadline: float,
) -> tuple[int, str]:
    """Return status and Location of the answer; its body is not read."""
    assert parts.hostname
    connection = _Pinned(
        parts.hostname, addresses, port, is_secure=parts.scheme == "https", deadline=deadline
    )
    # A time limit of a socket is one of each packet: a receiver that drips bytes would hold us for hours.
    watch = threading.Timer(deadline, connection.cut)
    watch.daemon = True
    watch.start()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=payload, headers=dict(headers))
        answer = connection.getresponse()
        if connection.is_late:
            raise _TooLong  # cut off within its headers, which looks like their end
        return answer.status, answer.getheader("Location") or ""
    except (OSError, ValueError, http.client.HTTPException) as error:
        if connection.is_late:
            raise _TooLong from error
        raise
    finally:
        watch.cancel()
        connection.close()
