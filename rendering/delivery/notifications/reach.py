"""Which addresses a webhook may go to, and finding those of a name within a time limit."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread

from django.utils.translation import gettext as _

# What is ordinary global unicast: IPv4 by the registry of special addresses that Python has (`is_global`), and of IPv6
# only what has been handed out to networks. IANA: iana-ipv4-special-registry, iana-ipv6-special-registry.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
_SPECIAL_4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "168.63.129.16/32",  # public by its number; inside Azure the machine's own host
            "192.0.0.0/24",  # protocols
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # automatic tunnels
            "192.88.99.0/24",  # relays of 6to4
            "192.175.48.0/24",  # AS112
        ),
    )
)
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # of networks with IPv6 alone: the last 32 bits are of IPv4


@dataclass(frozen=True)
class Reply:
    """What a receiver answered: its status, and how the body begins."""

    status: int
    beginning: str = ""


class NotTaken(Exception):
    """The receiver did not take the message; the text says why and what to do. *answer*: what it said, if anything."""

    def __init__(self, words: str, answer: Reply | None = None) -> None:
        super().__init__(words)
        self.answer = answer


def is_public(address: str) -> bool:
    """Whether an IP address is ordinary global unicast, also where IPv6 wraps one of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip in _MAPPED or ip in _NAT64):
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not any(ip in one for one in _SPECIAL_4)
    return ip in _UNICAST and not any(ip in one for one in _SPECIAL_6)


def resolve(
    host: str, port: int, *, private_allowed: bool, ports: Collection[int], seconds: float
) -> list[str]:
    """Return the IP addresses of *host*. Raises NotTaken when one is not of the public internet, unless allowed.

    Raises TimeoutError after *seconds*.
    """
    if port not in ports:
        raise NotTaken(
            _(
                "Webhooks may not use port {port}. Give the webhook an address with port 443 or 80, or allow "
                "this one with RENDERDESK_WEBHOOK_PORTS={port}."
            ).format(port=port)
        )
    addresses = _looked_up(host, port, seconds)
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


def _looked_up(host: str, port: int, seconds: float) -> list[str]:
    """Ask the system's resolver, which knows no time limit of its own, in a thread that nobody has to wait for."""
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=look_up, name="look up a webhook", daemon=True).start()
    return found.result(timeout=seconds)
