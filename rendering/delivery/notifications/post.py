"""One POST to one address: resolved once, checked, within a time limit, without redirects and proxies."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
from django.utils.translation import gettext as _

from rendering.delivery.notifications.reach import NotTaken, Reply, resolve

DEADLINE_SECONDS = 10.0  # from the look-up of the name to the answer's headers, however slowly they come
PORTS = {"http": 80, "https": 443}
ANSWER_BYTES = 500  # that are kept of an answer
ANSWER_SECONDS = 1.0  # after the headers: what comes later is not waited for


def post(
    url: str,
    payload: bytes,
    headers: Mapping[str, str],
    *,
    private_allowed: bool,
    ports: Collection[int],
    deadline: float = DEADLINE_SECONDS,
) -> Reply:
    """Send *payload* and return the answer (2xx). Raises NotTaken for everything else."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotTaken(
            _("Messages are sent only to addresses that begin with https:// or http://. Correct the webhook.")
        )
    try:
        port = parts.port or PORTS[parts.scheme]
        ends = time.monotonic() + deadline
        addresses = resolve(
            parts.hostname, port, private_allowed=private_allowed, ports=ports, seconds=deadline
        )
        answer, place = asyncio.run(
            _exchange(parts, port, addresses, payload, headers, ends - time.monotonic())
        )
    except TimeoutError as error:
        raise NotTaken(_("No answer within %(seconds)g s.") % {"seconds": deadline}) from error
    except httpcore.RemoteProtocolError as error:
        raise NotTaken(_("What answered is not a web server.")) from error
    except (httpcore.NetworkError, httpcore.LocalProtocolError, OSError, ValueError) as error:
        raise NotTaken(_connection_words(error)) from error
    if 300 <= answer.status < 400:
        raise NotTaken(
            _("It redirects (status %(status)d) to %(place)r: give the webhook its final address.")
            % {"status": answer.status, "place": place[:200]},
            answer,
        )
    if not 200 <= answer.status < 300:
        words = _("The receiver answered with status %(status)d. It must answer with 2xx.")
        raise NotTaken(words % {"status": answer.status}, answer)
    return answer


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
) -> tuple[Reply, str]:
    """Return the answer with the beginning of its body, and its Location."""
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
        beginning = await _beginning(answer.aiter_stream())
        return Reply(answer.status, beginning), b"".join(places[:1]).decode("latin-1")


async def _beginning(stream: AsyncIterable[bytes]) -> str:
    """Return what comes of a body within a moment. The message was answered: nothing about the rest changes that."""
    found = b""
    with suppress(TimeoutError, httpcore.RemoteProtocolError, httpcore.NetworkError):
        async with asyncio.timeout(ANSWER_SECONDS):
            async for part in stream:
                found += part
                if len(found) >= ANSWER_BYTES:
                    break
    return found[:ANSWER_BYTES].decode(errors="replace").replace("\x00", "")


def _connection_words(error: Exception) -> str:
    """Say why there is no connection, by the error that the system gave."""
    why = error.args[0] if isinstance(error, httpcore.NetworkError) else error
    why = why.__cause__ or why
    if isinstance(why, ssl.SSLError):
        return _("No secure connection: %(reason)s.") % {"reason": why.reason or why}
    return _("No connection: %(reason)s.") % {"reason": str(why) or type(why).__name__}
