"""The CAD files that a product has had, for its page: which is current, and what each changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media_assets.ingest.changes import changes
from media_assets.models import CadFile, Product, ProductRevision

COMPARED = 3  # revisions whose changes the page shows unasked: two product trees each, and those may be large
MOST = 100


@dataclass(frozen=True)
class RevisionShown:
    """One revision; *changed*: in words, against the one before, or None where nobody has compared them."""

    row: ProductRevision
    is_current: bool
    changed: list[str] | None


def shown(product: Product, *, all_compared: bool = False) -> dict[str, Any]:
    """Return what the list of revisions shows, newest first, up to MOST."""
    rows = list(
        ProductRevision.objects.filter(product=product)
        .select_related("cad_file", "made_by")
        .defer("cad_file__tree", "cad_file__report")
        .order_by("-number")[:MOST]
    )
    compared = rows[: len(rows) if all_compared else COMPARED]
    pairs = {new.pk: old for new, old in zip(compared, rows[1:], strict=False)}
    files = CadFile.objects.in_bulk(
        {one.cad_file_id for one in [*compared, *pairs.values()]} if pairs else ()
    )
    return {
        "revisions": [
            RevisionShown(
                row,
                row.cad_file_id == product.cad_file_id,
                changes(files[pairs[row.pk].cad_file_id], files[row.cad_file_id])
                if row.pk in pairs
                else None,
            )
            for row in rows
        ],
        "more": max(0, len(rows) - 1 - len(pairs)),
    }
