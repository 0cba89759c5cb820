"""The API's document as it was last agreed; `python -m tests.rendering.api.schema` (make api-schema) writes it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import django

from tests.paths import PROJECT

KEPT = PROJECT / "docs" / "api" / "openapi.json"


def current() -> dict[str, Any]:
    """Return the document of now, without the version of Renderdesk."""
    from rendering.api.site import api

    document = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    del document["info"]["version"]
    return document


def mark(document: dict[str, Any]) -> str:
    """Return what the changelog calls this document."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:8]


def differences(before: Any, after: Any, place: str = "") -> list[str]:
    """Return where two documents differ, a line for each place."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted(before.keys() | after.keys())
        return [
            line
            for name in names
            for line in differences(before.get(name), after.get(name), f"{place} > {name}".strip(" >"))
        ]
    if before == after:
        return []
    return [f"{place}: {'added' if before is None else 'gone' if after is None else f'{before} -> {after}'}"]


def lines(value: Any, depth: int) -> str:
    """Return a document as JSON whose first levels have a line for each entry: a change is one line."""
    if depth == 0 or not isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    entries = [f"{json.dumps(name)}: {lines(value[name], depth - 1)}" for name in sorted(value)]
    return "{\n" + ",\n".join(entries) + "\n}"


if __name__ == "__main__":
    django.setup()
    written = current()
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(lines(written, 3) + "\n", encoding="utf-8")
    print(f"Written. Say in CHANGELOG.md what changed for programs: 'API schema `{mark(written)}`: ...'")
