"""A parts list as a document: the same for the API, for files and for the command."""

from __future__ import annotations

from typing import Any

from rendering.catalog.parts.listing import PartRow, PartsList


def document(listed: PartsList) -> dict[str, Any]:
    """Return the list as JSON values: sizes in mm, volumes in mm3, masses in g; null where something is not known."""
    return {
        "parts": [part(row) for row in listed.rows],
        "distinct": listed.distinct,
        "mass_g": _rounded(listed.mass_g),
        "earlier": [{"key": one.key, "number": one.number, "name": str(one)} for one in listed.gone],
    }


def part(row: PartRow) -> dict[str, Any]:
    kind = row.kind
    return {
        "number": row.part.number,
        "key": row.part.key,
        "name": row.title,
        "name_in_cad": kind.name,
        "part_number": row.part.article,
        "text": row.part.text,
        "count": kind.count,
        "material": kind.material,
        "finish": [finish.name for finish in row.finishes],
        "size_mm": list(kind.size_mm) or None,
        "volume_mm3": kind.volume_mm3,
        "volume_from": kind.volume_from or None,
        "mass_g": _rounded(row.mass_g),
        "total_mass_g": _rounded(row.total_g),
        "part_keys": list(kind.keys),
    }


def _rounded(mass: float | None) -> float | None:
    return None if mass is None else round(mass, 3)
