"""Programs rely on the API's document: it changes only together with a line of the changelog."""

from __future__ import annotations

import json

from tests.paths import PROJECT
from tests.rendering.api.schema import KEPT, current, differences, mark


def test_a_change_of_the_schema_is_agreed_and_in_the_changelog() -> None:
    document = current()
    found = differences(json.loads(KEPT.read_text(encoding="utf-8")), document)
    advice = "If that is meant, run `make api-schema` and say so in CHANGELOG.md; otherwise undo it."
    assert not found, "\n".join([f"The schema of the API changed. {advice}", *found[:40]])
    said = f"API schema `{mark(document)}`"
    assert said in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), (
        f"CHANGELOG.md lacks '{said}: ...', with what the change means for programs."
    )


def test_every_difference_is_named() -> None:
    before = {"paths": {"/a": {"get": {"summary": "A"}}, "/b": {}}}
    after = {"paths": {"/a": {"get": {"summary": "B"}}, "/c": {"post": {}}}}
    assert differences(before, after) == [
        "paths > /a > get > summary: A -> B",
        "paths > /b: gone",
        "paths > /c: added",
    ]
