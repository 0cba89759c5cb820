"""What files say of parts: the numbers and names of the parts list, and which part keys each stands for."""

from __future__ import annotations

from collections.abc import Collection

from rendering.catalog.parts.pieces import Owner, pieces_of
from rendering.catalog.recipes import Legend


def legends(owners: Collection[Owner]) -> dict[Owner, Legend]:
    """Return the legend of each CAD file by the parts list of a product; empty before the file was converted."""
    return {
        owner: tuple(
            {
                "number": one.part.number,
                "key": one.key,
                "name": one.part.text or one.kind.name,
                "part_keys": list(one.kind.keys),
            }
            for one in pieces
        )
        for owner, pieces in pieces_of(owners).items()
    }
