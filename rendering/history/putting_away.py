"""Records who archived, brought back or deleted what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from media_assets.models.archivable import Archivable
from rendering.history.entries import Verb, name_of, record


def on_put_away(
    *, verb: str, rows: Sequence[Archivable], along: Sequence[Archivable], words: str, **more: Any
) -> None:
    """Write one entry, which what went along has in its history too."""
    names = ", ".join(map(str, along)) if verb != Verb.DELETE else ""
    also = _("With it: {names}.").format(names=names) if names else ""
    record(Verb(verb), [*rows, *along], words=f"{also} {words}".strip(), name=name_of(rows), count=len(rows))
