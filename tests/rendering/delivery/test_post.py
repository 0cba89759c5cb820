from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering.delivery.notifications.post import post
from rendering.delivery.notifications.reach import NotTaken, is_public
from rendering.delivery.notifications.signing import signatures
from tests.rendering.delivery.receiver import listening


def send(url: str, *, private_allowed: bool = True, deadline: float = 5) -> int:
    ports = {port} if (port := _port(url)) else {80, 443}
    payload = b'{"a": 1}'
    headers = signatures(["s"], "one", int(time.time()), payload)
    answer = post(url, payload, headers, private_allowed=private_allowed, ports=ports, deadline=deadline)
    return answer.status


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def test_a_receiver_can_check_who_sent_a_message_and_when() -> None:
    with listening() as receiver:
        assert send(receiver.url) == 204
    headers, payload = receiver.heard[0]
    parts = dict(part.split("=") for part in headers["X-Renderdesk-Signature"].split(","))
    wanted = hmac.new(b"s", parts["t"].encode() + b"." + payload, hashlib.sha256).hexdigest()
    assert parts["v1"] == wanted
    assert abs(int(parts["t"]) - time.time()) < 30


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("fails", "status 500"),
        ("redirects", "final address"),
        ("garbage", "not a web server"),
        ("hangs up", "not a web server"),
    ],
)
def test_an_answer_that_is_no_yes_says_what_it_was(answer: str, words: str) -> None:
    with listening(answer) as receiver, pytest.raises(NotTaken, match=words):
        send(receiver.url)
    assert len(receiver.heard) == 1


@pytest.mark.parametrize("answer", ["silent", "drips"])
def test_a_receiver_that_never_ends_its_answer_holds_nobody_beyond_the_limit(answer: str) -> None:
    began = time.monotonic()
    with listening(answer) as receiver, pytest.raises(NotTaken, match="No answer within"):
        send(receiver.url, deadline=0.6)
    assert time.monotonic() - began < 5


def test_a_plain_server_behind_https_is_no_secure_connection() -> None:
    with listening("garbage") as receiver, pytest.raises(NotTaken):
        send(receiver.url.replace("http:", "https:"), deadline=1)


def test_a_port_where_nobody_listens_is_no_connection() -> None:
    with pytest.raises(NotTaken, match="No connection"):
        send("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "gopher://x", "http://", "http://a:b/"]
)
def test_what_is_no_address_of_a_web_server_is_not_called(url: str) -> None:
    with pytest.raises(NotTaken):
        send(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433", "[::ffff:10.0.0.1]"]
)
def test_an_address_inside_is_not_called_unless_the_setting_allows_it(host: str) -> None:
    with pytest.raises(NotTaken):
        send(f"http://{host}:9/", private_allowed=False)


def test_a_name_that_is_inside_by_one_of_its_addresses_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, port)) for address in ("93.184.216.34", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with pytest.raises(NotTaken, match=r"10\.0\.0\.7"):
        send("http://two-faced.example/", private_allowed=False)


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may lead elsewhere as soon as it was looked at."""
    answers = iter(["127.0.0.1"])

    def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (next(answers), port))]

    with listening() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        assert send(receiver.url.replace("127.0.0.1", "hook.example")) == 204
    assert receiver.heard[0][0]["Host"].startswith("hook.example:")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        # What is special by IANA's registries, and inside by habit:
        ("168.63.129.16", False),
        ("192.88.99.1", False),
        ("192.0.0.192", False),
        ("198.18.0.1", False),
        ("203.0.113.9", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("fec0::1", False),
        ("64:ff9b:1::1", False),
        ("64:ff9b::5db8:d822", True),  # what NAT64 makes of 93.184.216.34
        ("::127.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("::ffff:93.184.216.34", True),
        ("5f00::1", False),
        ("3fff::1", False),
        ("2001::1", False),
        ("2001:20::1", False),
        ("2001:db8::1", False),
        ("2002:5db8:d822::1", False),
        ("100::1", False),
        ("4000::1", False),
        ("ff0e::1", False),
    ],
)
def test_public_addresses_are_told_from_those_inside(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@given(st.ip_addresses(v=6))
def test_no_address_beyond_what_is_given_to_networks_is_public(ip: ipaddress.IPv6Address) -> None:
    wraps = ip in ipaddress.IPv6Network("::ffff:0:0/96") or ip in ipaddress.IPv6Network("64:ff9b::/96")
    assert not is_public(str(ip)) or wraps or ip in ipaddress.IPv6Network("2000::/3")


@given(st.ip_addresses(v=4))
def test_wrapping_makes_no_address_public_that_is_not(ip: ipaddress.IPv4Address) -> None:
    for wrapped in (f"::ffff:{ip}", f"64:ff9b::{ip}"):
        assert is_public(wrapped) is is_public(str(ip))
    assert not is_public(f"::{ip}") and not is_public(f"64:ff9b:1::{ip}")


def test_a_port_that_is_not_allowed_is_not_called() -> None:
    with listening() as receiver, pytest.raises(NotTaken, match="RENDERDESK_WEBHOOK_PORTS"):
        post(receiver.url, b"", {}, private_allowed=True, ports={80, 443})
    assert not receiver.heard


def test_a_name_server_that_says_nothing_holds_nobody_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(30) and [])
    began = time.monotonic()
    with pytest.raises(NotTaken, match="No answer within"):
        send("http://slow.example/", deadline=0.3)
    answered.set()
    assert time.monotonic() - began < 5
