"""A client of Renderdesk's API in one file, for Python 3.9 and later without any package. Copy it and change it.

desk = Renderdesk("https://render.example.com", "rd_...")
desk.upload("bearing.step", product="B-1")
order = desk.order(["B-1"], ["still-1024-webp"])
for line in desk.wait(order["order"])["lines"]:
    desk.fetch(line["asset"], "pictures")
"""

from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Problem(Exception):
    """What the API answered in place of a result: `code` is for programs, the text for people."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(f"{document.get('detail', '')} {document.get('next_step', '')}".strip())
        self.status, self.code, self.document = status, document.get("code", ""), document


class Renderdesk:
    """One installation, by its address and a token. Every method raises Problem, or OSError without a network."""

    def __init__(self, address: str, token: str) -> None:
        self.api = f"{address.rstrip('/')}/api/v1/"
        self.token = token

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: Any
    ) -> Any:
        """Send one request and return its document; wait and send it again where the API asks for that."""
        asked = {name: value for name, value in query.items() if value is not None}
        url = urllib.parse.urljoin(self.api, path) + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        for _ in range(5):
            request = urllib.request.Request(url, data=content, method=method)  # noqa: S310
            request.add_header("Authorization", f"Bearer {self.token}")
            if content is not None:
                request.add_header("Content-Type", kind)
            for name, value in (headers or {}).items():
                request.add_header(name, value)
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                problem = Problem(error.code, _json(error.read()))
                wait = error.headers.get("Retry-After", "")
                if error.code not in (429, 503) or not wait.isdigit():
                    raise problem from None
                time.sleep(int(wait))
        raise problem

    def list(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield every item of a list, page by page, the newest first."""
        cursor = ""
        while cursor is not None:
            page = self.call("GET", path, **{"limit": 200, **query, "cursor": cursor})
            yield from page["items"]
            cursor = page["next"]

    def upload(self, path: str | Path, **options: str) -> dict[str, Any]:
        """Upload a CAD file in parts, unless its bytes are known; return what became of it.

        *options*: product, name, unit, code_page, up.
        """
        source = Path(path)
        with source.open("rb") as stream:
            digest = hashlib.sha256()
            for chunk in iter(lambda: stream.read(1 << 20), b""):
                digest.update(chunk)
        wish = {
            "file_name": source.name,
            "size": source.stat().st_size,
            "sha256": digest.hexdigest(),
            **options,
        }
        begun = self.call("POST", "uploads", wish)
        if begun["id"] is None:
            return self.call("GET", f"cad-files/{begun['cad_file']}")
        with source.open("rb") as stream:
            while begun["received"] < begun["size"]:
                stream.seek(begun["received"])
                part, offset = stream.read(begun["part"]), {"Upload-Offset": str(begun["received"])}
                begun = self.call("PATCH", f"uploads/{begun['id']}", part, headers=offset)
        return self.call("POST", f"uploads/{begun['id']}/finish")

    def order(
        self, products: list[str], output_types: list[str], *, key: str = "", **more: Any
    ) -> dict[str, Any]:
        """Place an order; *key* (one of yours, or a new one) makes sure that it is placed once."""
        wish = {"products": products, "output_types": output_types, **more}
        return self.call("POST", "orders", wish, headers={"Idempotency-Key": key or str(uuid.uuid4())})

    def events(self, order: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what happens to an order, as (event, what), until it has finished."""
        last = ""
        while True:
            request = urllib.request.Request(f"{self.api}orders/{order}/events")  # noqa: S310
            request.add_header("Authorization", f"Bearer {self.token}")
            request.add_header("Last-Event-ID", last)
            with urllib.request.urlopen(request, timeout=120) as stream:  # noqa: S310
                name = ""
                for raw in stream:
                    field, _, value = raw.decode().rstrip("\n").partition(": ")
                    if field == "id":
                        last = value
                    elif field == "event":
                        name = value
                    elif field == "data":
                        yield name, json.loads(value)
                        if name == "finished":
                            return

    def wait(self, order: int) -> dict[str, Any]:
        """Return the order when it has finished."""
        for _ in self.events(order):
            pass
        return self.call("GET", f"orders/{order}")

    def fetch(self, asset: dict[str, Any], folder: str | Path) -> Path:
        """Write the file of an asset into a folder, unless it is there; return its path. The bytes are checked."""
        target = Path(folder) / asset["file_name"]
        if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == asset["sha256"]:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        request = urllib.request.Request(f"{self.api}assets/{asset['id']}/file")  # noqa: S310
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            content = answer.read()
        if hashlib.sha256(content).hexdigest() != asset["sha256"]:
            raise OSError(f"{target.name} did not arrive whole: fetch it again.")
        target.write_bytes(content)
        return target


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = {"code": "no_answer", "detail": content[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {}
