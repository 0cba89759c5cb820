"""A product's parts list as a table: CSV, and lines for people."""

from __future__ import annotations

from django.utils.translation import gettext as _

from media_assets.models import Product
from rendering.catalog.parts.documents import part
from rendering.catalog.parts.listing import PartsList
from rendering.reports.table import Column, ColumnUnit, Table, Value


def parts_table(product: Product, listed: PartsList) -> Table:
    """Return the list; sizes in mm, volumes in mm3, masses in g."""
    columns = (
        Column("number", _("No."), ColumnUnit.COUNT),
        Column("count", _("Count"), ColumnUnit.COUNT),
        Column("name", _("Name")),
        Column("part_number", _("Part number")),
        Column("material", _("Material")),
        Column("finish", _("Finish")),
        Column("size_mm", _("Size (mm)")),
        Column("mass_g", _("Mass (g)"), ColumnUnit.COUNT),
        Column("total_mass_g", _("Total (g)"), ColumnUnit.COUNT),
        Column("volume_mm3", _("Volume (mm³)"), ColumnUnit.COUNT),
        Column("volume_from", _("Volume from")),
        Column("key", _("Key")),
    )
    rows: list[list[Value]] = []
    for row in listed.rows:
        said = part(row)
        said["finish"] = ", ".join(said["finish"])
        said["size_mm"] = " x ".join(f"{length:g}" for length in said["size_mm"] or ())
        rows.append([said[column.key] for column in columns])
    return Table(
        "parts",
        _("Parts of {product}").format(product=product),
        "",
        columns,
        rows,
        _("Available once the CAD file has been converted."),
    )
