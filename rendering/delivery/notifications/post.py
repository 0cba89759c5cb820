"""One signed POST to one address: resolved once, checked, within a time limit, without redirects and proxies."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
from django.utils.translation import gettext as _

DEADLINE_SECONDS = 10.0  # from the first packet to the answer's headers, however slowly they come
PORTS = {"http": 80, "https": 443}
SIGNATURE = "X-Renderdesk-Signature"
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


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
        raise NotTaken(
            _("Messages are sent only to addresses that begin with https:// or http://. Correct the webhook.")
        )
    try:
        port = parts.port or PORTS[parts.scheme]
        addresses = resolve(parts.hostname, port, private_allowed=private_allowed)
        signed = {**headers, SIGNATURE: sign(secret, int(time.time()), payload)}
        status, place = asyncio.run(_exchange(parts, port, addresses, payload, signed, deadline))
    except TimeoutError as error:
        raise NotTaken(_("No answer within %(seconds)g s.") % {"seconds": deadline}) from error
    except httpcore.RemoteProtocolError as error:
        raise NotTaken(_("What answered is not a web server.")) from error
    except (httpcore.NetworkError, httpcore.LocalProtocolError, OSError, ValueError) as error:
        raise NotTaken(_connection_words(error)) from error
    if 300 <= status < 400:
        raise NotTaken(
            _("It redirects (status %(status)d) to %(place)r: give the webhook its final address.")
            % {"status": status, "place": place[:200]}
        )
    if not 200 <= status < 300:
        raise NotTaken(
            _("The receiver answered with status %(status)d. It must answer with 2xx.") % {"status": status}
        )
    return status


def resolve(host: str, port: int, *, private_allowed: bool) -> list[str]:
    """Return the IP addresses of *host*. Raises NotTaken when one is not of the public internet, unless allowed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    inside = [address for address in addresses if not is_public(address)]
    if inside and not private_allowed:
        raise NotTaken(
            _(
                "%(host)s is %(address)s, a private address. Messages are sent to such addresses only with "
                "RENDERDESK_WEBHOOK_PRIVATE_ADDRESSES=true."
            )
            % {"host": host, "address": inside[0]}
        )
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where IPv6 wraps one of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None
        ip = translated or ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
    return ip.is_global and not ip.is_multicast


class _Pinned(httpcore.AnyIOBackend):
    """Connects to addresses that were checked, whatever the name resolves to meanwhile."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = addresses

    async def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        """Return a stream to the first address that answers."""
        problem: Exception = OSError(_("the name has no address"))
        for address in self.addresses:
            try:
                return await super().connect_tcp(address, port, *args, **kwargs)
            except httpcore.ConnectError as error:
                problem = error
        raise problem


async def _exchange(
    parts: SplitResult,
    port: int,
    addresses: Sequence[str],
    payload: bytes,
    headers: Mapping[str, str],
    deadline: float,
) -> tuple[int, str]:
    """Return status and Location of the answer; its body is not read."""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = str(parts.hostname).encode("idna")
    url = httpcore.URL(scheme=parts.scheme.encode(), host=host, port=port, target=target.encode("ascii"))
    named = [("Host", parts.netloc.rpartition("@")[2].encode("idna").decode()), *headers.items()]
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    async with (
        asyncio.timeout(deadline),  # of all together: a limit of each packet lets bytes drip for hours
        httpcore.AsyncConnectionPool(secure, network_backend=_Pinned(addresses)) as pool,
        pool.stream("POST", url, headers=named, content=payload) as answer,
    ):
        places = [value for name, value in answer.headers if name.lower() == b"location"]
        return answer.status, b"".join(places[:1]).decode("latin-1")


def _connection_words(error: Exception) -> str:
    """Say why there is no connection, by the error that the system gave."""
    why = error.args[0] if isinstance(error, httpcore.NetworkError) else error
    why = why.__cause__ or why
    if isinstance(why, ssl.SSLError):
        return _("No secure connection: %(reason)s.") % {"reason": why.reason or why}
    return _("No connection: %(reason)s.") % {"reason": str(why) or type(why).__name__}
